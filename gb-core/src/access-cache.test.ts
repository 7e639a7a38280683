import type { ChannelId, CustomerId, UserId } from 'gb-protocol';
import { expect, test } from 'vitest';
import { AccessCache } from './access-cache.ts';
import type { ChannelAccess, EventBus, Published, Store } from './ports/index.ts';

const customer = 'acme' as CustomerId;
const ana = 'ana' as UserId;
const id = (name: string) => name as ChannelId;

/** A store that answers when told to, and counts how often it was asked. */
function scene() {
  const waiting: (() => void)[] = [];
  const asked: string[][] = [];
  const state = { isMember: true };
  let tell: (published: Published) => void = () => {};
  const accessMany = async (ids: readonly ChannelId[]) => {
    asked.push([...ids]);
    return new Map(
      ids
        .filter((one) => one !== id('none'))
        .map((one) => [one, { channel: { id: one }, isMember: state.isMember } as ChannelAccess]),
    );
  };
  const store = {
    read: async (_customer: CustomerId, work: (tx: unknown) => Promise<unknown>) => {
      const answer = work({ channels: { accessMany } });
      await new Promise<void>((resolve) => waiting.push(resolve));
      return answer;
    },
  } as unknown as Store;
  let miss: () => void = () => {};
  const bus = {
    onEvent: (listener: (published: Published) => void) => (tell = listener),
    onGap: (listener: () => void) => (miss = listener),
  } as unknown as EventBus;
  const clock = { at: 1_000, nowMs: () => clock.at };
  const cache = new AccessCache({ store, bus, clock, ageMsMax: 5_000 });
  const answer = () => {
    for (const go of waiting.splice(0)) go();
  };
  const left = (channelId: ChannelId) =>
    tell({ customerId: customer, event: { kind: 'member.left', channelId, userId: ana } as never });
  return { cache, asked, answer, state, left, clock, miss: () => miss() };
}

test('a burst into a channel nobody knew yet asks the store once', async () => {
  const { cache, asked, answer } = scene();
  const burst = Array.from({ length: 50 }, () => cache.channel(customer, id('general'), ana));
  answer();
  expect((await Promise.all(burst)).every((access) => access?.isMember)).toBe(true);
  expect(asked).toEqual([['general']]);
  await cache.channel(customer, id('general'), ana);
  expect(asked).toHaveLength(1);
});

test('many channels are one question, and what is not there is null', async () => {
  const { cache, asked, answer } = scene();
  const many = cache.channels(customer, [id('a'), id('b'), id('none')], ana);
  answer();
  expect([...(await many)].map(([channelId, access]) => [channelId, access?.isMember ?? null])).toEqual([
    ['a', true],
    ['b', true],
    ['none', null],
  ]);
  expect(asked).toEqual([['a', 'b', 'none']]);
});

test('a change that comes while the store is asked makes the answer stale at once', async () => {
  const { cache, asked, answer, state, left } = scene();
  const before = cache.channel(customer, id('general'), ana);
  state.isMember = false;
  left(id('general'));
  const after = cache.channel(customer, id('general'), ana);
  answer();
  expect((await before)?.isMember).toBe(true);
  expect((await after)?.isMember).toBe(false);
  expect(asked).toHaveLength(2);
});

test('an answer is trusted for a few seconds only, also when the clock goes back', async () => {
  const { cache, asked, answer, clock } = scene();
  const look = async () => {
    const access = cache.channel(customer, id('general'), ana);
    answer();
    await access;
  };
  await look();
  clock.at += 4_000;
  await look();
  expect(asked).toHaveLength(1);
  clock.at += 2_000;
  await look();
  expect(asked).toHaveLength(2);
  clock.at -= 60_000;
  await look();
  expect(asked).toHaveLength(3);
});

test('when the bus missed something nothing known counts, nor what is being asked', async () => {
  const { cache, asked, answer, state, miss } = scene();
  const look = async (name: string) => {
    const access = cache.channel(customer, id(name), ana);
    answer();
    return (await access)?.isMember;
  };
  expect(await look('general')).toBe(true);
  const underWay = cache.channel(customer, id('random'), ana);
  state.isMember = false;
  miss();
  answer();
  expect((await underWay)?.isMember).toBe(true);
  expect(await look('general')).toBe(false);
  expect(await look('random')).toBe(false);
  expect(asked).toHaveLength(4);
});
