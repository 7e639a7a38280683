import type { KeyValue } from 'gb-core';

/** Of several entries with one key the last. */
export function lastOfEach(entries: readonly KeyValue[]): readonly KeyValue[] {
  return [...new Map(entries.map((entry) => [Buffer.from(entry.key).toString('latin1'), entry])).values()];
}

/** In parts of at most so many bytes, a larger entry by itself. */
export function inRequests(entries: readonly KeyValue[], bytesMax: number): readonly (readonly KeyValue[])[] {
  const requests: KeyValue[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const entry of entries) {
    const size = entry.key.byteLength + entry.value.byteLength;
    if (bytes + size > bytesMax) {
      requests.push([]);
      bytes = 0;
    }
    requests.at(-1)!.push(entry);
    bytes += size;
  }
  return requests;
}
