/**
 * How far a group is in one partition. Entries end in any order, because channels are handled side by side; committed is
 * only what has nothing unfinished before it, so that whoever takes over begins at the first unfinished one.
 */
export class PartitionProgress {
  /** In order of offset, since they are added so. */
  readonly #unfinished = new Set<bigint>();
  #next: bigint;
  #committed: bigint;

  constructor(first: bigint) {
    this.#next = first;
    this.#committed = first;
  }

  /** Where to read on. */
  get next(): bigint {
    return this.#next;
  }

  /** Offsets read beyond the first unfinished one. */
  get ahead(): number {
    return Number(this.#next - this.commitable);
  }

  get unfinished(): number {
    return this.#unfinished.size;
  }

  /** Everything before this offset is finished. */
  get commitable(): bigint {
    for (const first of this.#unfinished) return first;
    return this.#next;
  }

  get isCommitDue(): boolean {
    return this.commitable > this.#committed;
  }

  begin(offset: bigint): void {
    this.#unfinished.add(offset);
  }

  finish(offset: bigint): void {
    this.#unfinished.delete(offset);
  }

  /** Everything before this offset has been read. */
  reach(next: bigint): void {
    if (next > this.#next) this.#next = next;
  }

  /** The broker no longer has, or never had, what would come next: reading goes on elsewhere. */
  jump(next: bigint): void {
    this.#next = next;
    this.#committed = -1n;
  }

  committed(offset: bigint): void {
    this.#committed = offset;
  }
}
