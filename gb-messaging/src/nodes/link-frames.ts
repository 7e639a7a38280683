/**
 * What travels over a link: a header of nine bytes - length of the body, kind, number of a question - and the body, which
 * the link does not look into.
 */
export interface Frame {
  readonly kind: FrameKind;
  /** Of a question and its answer; 0 elsewhere. */
  readonly id: number;
  readonly body: Buffer;
}

export const frameKinds = {
  /** The three of the beginning; see link-proof.ts. */
  hello: 1,
  challenge: 2,
  proof: 3,
  /** From now on everything is told here. The body says whether anything was told before. */
  live: 4,
  told: 5,
  /** Something was not told, because the receiver did not read. */
  lost: 6,
  /** Nothing new should be asked of the sender, which is ending. */
  retiring: 7,
  /** Nothing more will be told, and nothing was left out. */
  farewell: 8,
  ask: 9,
  answer: 10,
  refusal: 11,
} as const;

export type FrameKind = (typeof frameKinds)[keyof typeof frameKinds];

const kinds: ReadonlySet<number> = new Set(Object.values(frameKinds));
const headerBytes = 9;
export const bodyBytesMax = 16 * 1024 * 1024;

export function writeFrame(kind: FrameKind, body: string | Uint8Array = '', id = 0): Buffer {
  const bytes = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
  const frame = Buffer.allocUnsafe(headerBytes + bytes);
  frame.writeUInt32LE(bytes, 0);
  frame[4] = kind;
  frame.writeUInt32LE(id, 5);
  if (typeof body === 'string') frame.write(body, headerBytes);
  else frame.set(body, headerBytes);
  return frame;
}

/**
 * Cuts a stream into frames: what came goes in by `push`, and out by `next` until it gives null. What cannot be one of
 * ours breaks it for good: there is no way back into step.
 */
export class FrameReader {
  /** Of a body. Small until the other side has proven itself. */
  bytesMax: number;
  isBroken = false;
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** Bytes without which there is no use in looking. */
  #needed = headerBytes;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  next(): Frame | null {
    // Put together only when a whole frame is there: a large one comes in hundreds of chunks.
    if (this.isBroken || this.#bytes < this.#needed) return null;
    const all = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    this.#chunks = [all];
    const length = all.readUInt32LE(0);
    const kind = all[4]!;
    this.isBroken = length > this.bytesMax || !kinds.has(kind);
    this.#needed = headerBytes + length;
    if (this.isBroken || all.length < this.#needed) return null;
    const rest = all.subarray(this.#needed);
    const body = all.subarray(headerBytes, this.#needed);
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#bytes = rest.length;
    this.#needed = headerBytes;
    return { kind: kind as FrameKind, id: all.readUInt32LE(5), body };
  }
}
