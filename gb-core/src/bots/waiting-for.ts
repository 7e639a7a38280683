import type { BotConversation } from 'gb-protocol';

/** As much of a snapshot as `waitingFor` reads. */
export const snapshotHeadBytes = 32;

const magic = 0x31534247;

/**
 * What question a conversation waits at: the snapshot says which HEAR of the program it is, the debug map what kind of
 * answer that takes and where it stands. Both belong to the runtime; this reads one number of the one and one entry of
 * the other, and gives null for anything it does not expect, as from a runtime of another time.
 */
export class WaitingPlaces {
  readonly #abi: unknown;
  readonly #hears: readonly unknown[];
  readonly #positions: readonly unknown[];
  readonly #files: readonly unknown[];

  /** Parses the debug map, which may be large: once for all conversations of a program. */
  constructor(debugMap: string) {
    const map = objectOf(parsed(debugMap));
    this.#abi = map['abi'];
    this.#hears = listOf(map['hears']);
    this.#positions = listOf(map['positions']);
    this.#files = listOf(map['files']);
  }

  of(snapshotHead: Uint8Array): BotConversation['waitsFor'] {
    if (snapshotHead.length < snapshotHeadBytes) return null;
    const head = new DataView(snapshotHead.buffer, snapshotHead.byteOffset, snapshotHead.byteLength);
    if (head.getUint32(0, true) !== magic || head.getUint16(4, true) !== this.#abi) return null;
    const hear = objectOf(this.#hears[head.getUint32(28, true) - 1]);
    const [file, line] = listOf(this.#positions[Number(hear['position'])]);
    const name = this.#files[Number(file)];
    if (typeof hear['type'] !== 'string' || typeof name !== 'string' || typeof line !== 'number') return null;
    return { kind: hear['type'], file: name, line };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // Nothing is known of such a program; the list of its conversations is right without it.
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
