import type { OutboxEntry } from 'gb-core';
import { uuidv7 } from 'gb-utils';
import { expect, test } from 'vitest';
import { decodeEntry, type Event, encodeEntry, eventBytesMax, type RawRecord } from './record.ts';

const entry = { id: '7', customerId: uuidv7(), channelId: uuidv7(), seq: 41, kind: 'message.posted' } as OutboxEntry;

function asRead(more: { headers?: Record<string, string | null>; key?: Buffer } = {}): RawRecord {
  const { key, value, headers } = encodeEntry('t', entry, { epoch: 3, event: null });
  const all = new Map([...(headers as Map<Buffer, Buffer>)].map(([name, text]) => [String(name), text]));
  for (const [name, text] of Object.entries(more.headers ?? {})) {
    if (text === null) all.delete(name);
    else all.set(name, Buffer.from(text));
  }
  return {
    key: more.key ?? key!,
    value: value!,
    headerEntries: [...all].map(([name, text]) => [Buffer.from(name), text]),
    partition: 0,
    offset: 5n,
  };
}

test('what is written is what is read, by key and headers alone', () => {
  expect(decodeEntry({ ...asRead(), value: Buffer.from('not looked at') })).toEqual({ entry, epoch: 3 });
});

test('the value says the same in JSON, with the event where that is wanted', () => {
  const event = { epoch: 3, seq: 41, text: 'olá' } as unknown as Event;
  const { key, value } = encodeEntry('t', entry, { epoch: 3, event });
  expect(String(key)).toBe(`${entry.customerId}:${entry.channelId}`);
  expect(JSON.parse(String(value))).toEqual({ v: 1, ...entry, epoch: 3, event });
  expect(JSON.parse(String(asRead().value))).toEqual({ v: 1, ...entry, epoch: 3 });
});

test('an event that is too large stays out, and the record says so', () => {
  const event = { text: 'é'.repeat(eventBytesMax / 2) } as unknown as Event;
  const { value } = encodeEntry('t', entry, { epoch: 3, event });
  expect(value!.length).toBeLessThan(1_000);
  expect(JSON.parse(String(value))).toMatchObject({ seq: 41, eventOmitted: 'size' });
});

test('fields of a newer process are passed over; another schema is not guessed at', () => {
  expect(decodeEntry(asRead({ headers: { region: 'br' } }))).toEqual({ entry, epoch: 3 });
  expect(decodeEntry(asRead({ headers: { kind: 'message.sung' } }))).toMatchObject({ entry: { kind: 'message.sung' } });
  expect(decodeEntry(asRead({ headers: { schema: '2' } }))).toMatchObject({ cause: 'version' });
});

test('what is not ours is called so and never thrown at', () => {
  const wrong: Parameters<typeof asRead>[0][] = [
    ...['schema', 'seq', 'epoch', 'kind', 'id'].map((name) => ({ headers: { [name]: null } })),
    { headers: { schema: 'one' } },
    ...['0', '-1', '1.5', 'x', '9'.repeat(30), ' 1'].map((seq) => ({ headers: { seq } })),
    { headers: { epoch: '-1' } },
    { headers: { kind: 'k'.repeat(300) } },
    { key: Buffer.alloc(0) },
    { key: Buffer.from('a:b') },
    { key: Buffer.from(`${entry.customerId}:${entry.channelId}:more`) },
    { key: Buffer.alloc(1_000_000, 'x') },
    { key: Buffer.from([0xff, 0xfe, 0x00]) },
  ];
  for (const more of wrong) expect(decodeEntry(asRead(more)), JSON.stringify(more)).toMatchObject({ cause: 'corrupt' });
  expect(decodeEntry({ ...asRead(), headerEntries: [] })).toMatchObject({ cause: 'corrupt' });
});
