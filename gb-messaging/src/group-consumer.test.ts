import type { OutboxEntry } from 'gb-core';
import { GbError, silentLogger } from 'gb-utils';
import { expect, test } from 'vitest';
import { GroupConsumer } from './group-consumer.ts';

const entry = (customerId: string, channelId: string, seq: number) =>
  ({ id: `${channelId}/${seq}`, customerId, channelId, seq, kind: 'message.posted' }) as OutboxEntry;

test('a customer with much to do delays only themselves', async () => {
  const started: string[] = [];
  const release: (() => void)[] = [];
  const consumer = new GroupConsumer({
    group: 'g',
    handler: (one) => {
      started.push(one.customerId);
      return one.customerId === 'busy' ? new Promise((resolve) => release.push(resolve)) : Promise.resolve();
    },
    park: async () => {},
    log: silentLogger,
    attemptsMax: 3,
    retryMsMin: 1,
    retryMsMax: 2,
    channelsMax: 8,
    random: () => 0.5,
    signal: new AbortController().signal,
  });
  const busy = Array.from({ length: 100 }, (_, n) => consumer.handle(entry('busy', `b${n}`, 1)));
  expect(started).toHaveLength(4);
  expect(await Promise.all(Array.from({ length: 20 }, (_, n) => consumer.handle(entry('calm', `c${n}`, 1))))).toEqual(
    Array(20).fill(true),
  );
  expect(started.filter((customer) => customer === 'busy')).toHaveLength(4);
  while (release.length > 0) {
    release.shift()!();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await Promise.all(busy)).toEqual(Array(100).fill(true));
});

test('an engine that is away uses up no attempts; one that stays away does', async () => {
  const parked: string[] = [];
  let failures = 0;
  const consumer = (awayMsMax: number, untilFailures: number) =>
    new GroupConsumer({
      group: 'g',
      handler: async () => {
        if (failures++ < untilFailures) throw new GbError('unavailable', 'The database is away', { retryable: true });
      },
      park: async (_, __, reason) => void parked.push(reason),
      log: silentLogger,
      attemptsMax: 3,
      awayMsMax,
      retryMsMin: 1,
      retryMsMax: 2,
      channelsMax: 8,
      random: () => 0.5,
      signal: new AbortController().signal,
    });
  expect(await consumer(60_000, 20).handle(entry('a', 'c', 1))).toBe(true);
  expect([failures, parked]).toEqual([21, []]);
  expect(await consumer(0, 1_000).handle(entry('a', 'c', 2))).toBe(true);
  expect([failures, parked]).toEqual([24, ['GbError: The database is away']]);
});
