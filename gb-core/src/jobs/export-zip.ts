import { crc32, deflateRaw, constants as zlib } from 'node:zlib';
import type { ExportEntryRow } from '../ports/index.ts';

/**
 * A zip file made of pieces. Each piece is compressed by itself and ends at the boundary of a byte, without the mark that
 * ends a deflate stream; so pieces that were made at different times, by different processes, stand one behind the other
 * and are one stream, which `lastPiece` ends. Sizes and checksums of all entries are known before the file begins, so it
 * is written from front to end, with nothing to go back to and nothing kept in memory.
 */

/** An empty block that says that it is the last one. */
const lastPiece = Buffer.from([0x03, 0x00]);

/** Fields of 32 bits, and a count of 16: a file beyond is no zip file without extensions. */
export const zipEntryBytesMax = 0xffff_ffff;
export const zipEntriesMax = 65_535;

/** UTF-8 names. */
const flags = 0x0800;
const deflated = 8;
const versionNeeded = 20;
const localHeaderBytes = 30;
const centralHeaderBytes = 46;
const endBytes = 22;

export function packPiece(text: string): Promise<Buffer> {
  return new Promise((resolve, reject) =>
    deflateRaw(Buffer.from(text), { finishFlush: zlib.Z_SYNC_FLUSH }, (error, packed) =>
      error ? reject(error) : resolve(packed),
    ),
  );
}

/** An entry with one more piece behind those it has. */
export function withPiece(entry: ExportEntryRow, text: string, packed: Uint8Array, part: number): ExportEntryRow {
  const bytes = Buffer.from(text);
  return {
    ...entry,
    crc: crc32(bytes, entry.crc),
    size: entry.size + bytes.byteLength,
    packed: entry.packed + packed.byteLength,
    parts: [...entry.parts, part],
  };
}

/** What an entry takes in the file: its header, its pieces and its line in the list at the end. */
export function zippedBytes({ name, packed }: ExportEntryRow): number {
  return localHeaderBytes + centralHeaderBytes + 2 * Buffer.byteLength(name) + packed + lastPiece.byteLength;
}

export const zipEndBytes = endBytes;

/** The bytes of the whole file. `entries` is gone through twice. */
export async function* zipOf(
  entries: () => AsyncIterable<ExportEntryRow>,
  piece: (part: number) => AsyncIterable<Uint8Array>,
  date: Date,
): AsyncGenerator<Uint8Array> {
  const when = dosTime(date);
  let offset = 0;
  for await (const entry of entries()) {
    const header = localHeader(entry, when);
    yield header;
    for (const part of entry.parts) yield* piece(part);
    yield lastPiece;
    offset += header.byteLength + entry.packed + lastPiece.byteLength;
  }
  const listAt = offset;
  let at = 0;
  let count = 0;
  let listBytes = 0;
  for await (const entry of entries()) {
    const line = centralHeader(entry, when, at);
    yield line;
    at += localHeaderBytes + Buffer.byteLength(entry.name) + entry.packed + lastPiece.byteLength;
    listBytes += line.byteLength;
    count += 1;
  }
  const end = Buffer.alloc(endBytes);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(listBytes, 12);
  end.writeUInt32LE(listAt, 16);
  yield end;
}

function localHeader({ name, crc, size, packed }: ExportEntryRow, [date, time]: DosTime): Buffer {
  const nameBytes = Buffer.from(name);
  const header = Buffer.alloc(localHeaderBytes);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(versionNeeded, 4);
  header.writeUInt16LE(flags, 6);
  header.writeUInt16LE(deflated, 8);
  header.writeUInt16LE(time, 10);
  header.writeUInt16LE(date, 12);
  header.writeUInt32LE(crc, 14);
  header.writeUInt32LE(packed + lastPiece.byteLength, 18);
  header.writeUInt32LE(size, 22);
  header.writeUInt16LE(nameBytes.byteLength, 26);
  return Buffer.concat([header, nameBytes]);
}

function centralHeader({ name, crc, size, packed }: ExportEntryRow, [date, time]: DosTime, offset: number): Buffer {
  const nameBytes = Buffer.from(name);
  const header = Buffer.alloc(centralHeaderBytes);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(versionNeeded, 4);
  header.writeUInt16LE(versionNeeded, 6);
  header.writeUInt16LE(flags, 8);
  header.writeUInt16LE(deflated, 10);
  header.writeUInt16LE(time, 12);
  header.writeUInt16LE(date, 14);
  header.writeUInt32LE(crc, 16);
  header.writeUInt32LE(packed + lastPiece.byteLength, 20);
  header.writeUInt32LE(size, 24);
  header.writeUInt16LE(nameBytes.byteLength, 28);
  header.writeUInt32LE(offset, 42);
  return Buffer.concat([header, nameBytes]);
}

type DosTime = readonly [date: number, time: number];

/** In UTC: the format says nothing of zones. */
function dosTime(date: Date): DosTime {
  const year = Math.min(Math.max(date.getUTCFullYear(), 1980), 2107);
  return [
    ((year - 1980) << 9) | ((date.getUTCMonth() + 1) << 5) | date.getUTCDate(),
    (date.getUTCHours() << 11) | (date.getUTCMinutes() << 5) | (date.getUTCSeconds() >> 1),
  ];
}
