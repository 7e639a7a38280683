import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { zstdCompress, zstdDecompressSync } from 'node:zlib';
import type { MessageParts, Seq } from 'gb-protocol';
import { GbError } from 'gb-utils';

/** What of a message lies in cold history. */
export interface ColdBody {
  readonly seq: Seq;
  readonly text: string;
  readonly suggestions: readonly string[] | null;
  readonly parts: MessageParts | null;
}

/*
 * A segment: four bytes that name the form, the SHA-256 of what follows before it was compressed, and that, as JSON with
 * zstd. It never changes; whoever reads it compares the hash first, so that a text is right or not there.
 */
const form = Buffer.from('GBC1');
const headBytes = form.byteLength + 32;
/** Messages of a segment, and bytes of them before compression: it fits a value even where nothing can be compressed. */
export const segmentMessagesMax = 500;
export const segmentBytesMax = 700_000;
/** Bytes that a segment may unfold to. */
const unfoldedBytesMax = 16 * 1_048_576;

const compress = promisify(zstdCompress);

export async function encodeSegment(bodies: readonly ColdBody[]): Promise<Uint8Array> {
  const plain = Buffer.from(
    JSON.stringify(bodies.map(({ seq, text, suggestions, parts }) => ({ seq, text, suggestions, parts }))),
  );
  return new Uint8Array(Buffer.concat([form, hashOf(plain), await compress(plain)]));
}

export async function decodeSegment(value: Uint8Array): Promise<ReadonlyMap<Seq, ColdBody>> {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (bytes.byteLength <= headBytes || !bytes.subarray(0, form.byteLength).equals(form)) throw damaged('its form is not known');
  let plain: Buffer;
  try {
    // In this thread: 0.3 ms for a usual segment, and another thread costs three times as much with its coming and going.
    plain = zstdDecompressSync(bytes.subarray(headBytes), { maxOutputLength: unfoldedBytesMax });
  } catch (cause) {
    throw damaged('it cannot be unfolded', cause);
  }
  if (!hashOf(plain).equals(bytes.subarray(form.byteLength, headBytes))) throw damaged('its checksum is another');
  // The hash says that it is what `encodeSegment` wrote.
  const bodies = JSON.parse(plain.toString()) as ColdBody[];
  return new Map(bodies.map((body) => [body.seq, body]));
}

/** About what it takes before compression. */
export function bytesOf(body: ColdBody): number {
  return Buffer.byteLength(JSON.stringify(body));
}

export function damaged(why: string, cause?: unknown): GbError {
  return new GbError('internal', `A piece of old history cannot be read: ${why}`, cause === undefined ? {} : { cause });
}

function hashOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
