import { expect, test } from 'vitest';
import { snapshotHeadBytes, WaitingPlaces } from './waiting-for.ts';

function head(hearing: number, { magic = 0x31534247, abi = 2 } = {}): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(snapshotHeadBytes));
  bytes.setUint32(0, magic, true);
  bytes.setUint16(4, abi, true);
  bytes.setUint32(28, hearing, true);
  return new Uint8Array(bytes.buffer);
}

const map = {
  abi: 2,
  files: ['start.bas', 'parts.bas'],
  positions: [
    [0, 1, 1, 'TALK'],
    [1, 7, 3, 'HEAR'],
  ],
  hears: [{ type: 'NUMBER', position: 1 }, { type: 'TEXT', position: 99 }, null, 'x', { position: 1 }],
};

test('the question a snapshot waits at is told by kind and place', () => {
  expect(new WaitingPlaces(JSON.stringify(map)).of(head(1))).toEqual({ kind: 'NUMBER', file: 'parts.bas', line: 7 });
});

test('what is not as expected is not known', () => {
  const places = new WaitingPlaces(JSON.stringify(map));
  for (const hearing of [0, 2, 3, 4, 5, 6, 0xffffffff]) expect([hearing, places.of(head(hearing))]).toEqual([hearing, null]);
  expect(places.of(head(1, { abi: 3 }))).toBeNull();
  expect(places.of(head(1, { magic: 1 }))).toBeNull();
  expect(places.of(new Uint8Array(31))).toBeNull();
  for (const text of ['', 'null', '[]', '7', '{', '{"abi":2}', '{"abi":2,"hears":{},"positions":1,"files":null}'])
    expect([text, new WaitingPlaces(text).of(head(1))]).toEqual([text, null]);
});
