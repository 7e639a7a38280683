import { type World, world } from 'gb-core/contract';
import type { ChannelId, CustomerId, LogEvent, Message, Seq, UserId } from 'gb-protocol';
import { GbError, silentLogger, sleep } from 'gb-utils';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ShardMap } from '../shard-map.ts';
import type { ShardedStore } from '../sharded-store.ts';
import type { TestShards } from '../testing.ts';
import { type SplitCustomerOptions, splitCustomer } from './split-customer.ts';
import { startSplittableShards } from './testing/index.ts';

let shards: TestShards;
let opened: { store: ShardedStore; map: ShardMap };
/** Another process, which hears of nothing but what it is refused. */
let other: { store: ShardedStore; map: ShardMap };
let isOver = false;
let relaying: Promise<void>;
const handedOut: { channelId: ChannelId; seq: Seq; customerId: CustomerId }[] = [];
beforeAll(async () => {
  shards = await startSplittableShards();
  [opened, other] = [await shards.openStore(), await shards.openStore()];
  relaying = (async () => {
    while (!isOver) {
      const entries = await opened.store.outbox.take(200);
      handedOut.push(...entries);
      await opened.store.outbox.done(entries.map(({ id }) => id));
      if (entries.length === 0) await sleep(5);
    }
  })();
}, 60_000);
afterAll(async () => {
  isOver = true;
  await relaying;
  await shards?.close();
}, 60_000);

function options(more: Partial<SplitCustomerOptions> = {}): SplitCustomerOptions {
  const logins = <T>(of: (postgres: { owner: pg.PoolConfig; relay: pg.PoolConfig }) => T) =>
    new Map([...shards.databases].map(([name, { postgres }]) => [name, of(postgres)]));
  return {
    ...opened,
    owners: logins(({ owner }) => owner),
    relays: logins(({ relay }) => relay),
    log: silentLogger,
    restMs: 0,
    ...more,
  };
}

/** All a channel's log says, as somebody who starts from the beginning reads it. */
async function readAll(w: World, channelId: ChannelId, store = opened.store): Promise<LogEvent[]> {
  const events: LogEvent[] = [];
  for (;;) {
    const page = await store.read(w.customerId, (tx) => tx.log.read(channelId, events.length, 500));
    if (page.length === 0) return events;
    events.push(...page);
  }
}

/** Rows of a channel that lie in its customer's own name, in all databases. */
async function rowsAtHome({ customerId }: World, channelId: ChannelId): Promise<number> {
  let count = 0;
  for (const { postgres } of shards.databases.values()) {
    const client = new pg.Client(postgres.owner);
    await client.connect();
    await client.query("select set_config('gb.customer', $1, false)", [customerId]);
    for (const table of ['messages', 'log_entries', 'message_versions', 'reactions', 'mentions']) {
      const { rows } = await client.query(`select count(*)::int as n from gb.${table} where channel_id = $1`, [channelId]);
      count += rows[0].n;
    }
    await client.end();
  }
  return count;
}

test('what people see of a channel is the same before and after its log went to a part', async () => {
  const w = await world(opened.store);
  const bea = (await w.person('Bea')).id;
  const channelId = await w.channel('general', [w.owner, bea]);
  const edited = await w.say(channelId, 'frist', { mentions: [bea] });
  const deleted = await w.say(channelId, 'never mind', { mentions: [bea] });
  const root = await w.say(channelId, 'what about it?', { suggestions: ['yes', 'no'] });
  await w.say(channelId, 'an answer', { threadSeq: root, authorId: bea, mentions: [w.owner], mentionsChannel: true });
  await opened.store.transaction(w.customerId, async (tx) => {
    await tx.messages.edit(channelId, edited, { text: 'first', mentions: [bea], mentionsChannel: false });
    await tx.messages.delete(channelId, deleted);
    await tx.messages.addReaction(channelId, root, bea, '👍');
    await tx.channels.markRead(channelId, bea, edited);
    await tx.log.append([
      {
        channelId,
        actorId: w.owner,
        body: { kind: 'message.edited', target: edited, text: 'first', mentions: [bea], mentionsChannel: false },
      },
      { channelId, actorId: w.owner, body: { kind: 'message.deleted', target: deleted } },
      { channelId, actorId: bea, body: { kind: 'reaction.added', target: root, emoji: '👍' } },
    ]);
  });
  const look = () =>
    opened.store.read(w.customerId, async (tx) => ({
      page: await tx.messages.page(channelId, { limit: 50 }),
      thread: await tx.messages.page(channelId, { threadSeq: root, limit: 50 }),
      versions: await tx.messages.versions(channelId, edited),
      states: [await tx.channels.statesOf(w.owner), await tx.channels.statesOf(bea)],
      log: await tx.log.read(channelId, 0, 100),
      position: await tx.log.position(channelId),
      figures: await tx.figures.count('people', 0, Date.now() + 1_000, 86_400_000),
    }));
  const before = await look();
  const found = await splitCustomer(w.customerId, 3, options());
  expect(found).toMatchObject({ moved: 1, cold: 0, entries: 7 });
  expect(await look()).toEqual(before);
  expect(await rowsAtHome(w, channelId)).toBe(0);
  // And goes on: numbers, duplicates, marks, new members.
  const again = w.message(channelId, { text: 'next' });
  const first = await opened.store.appendMessage(w.customerId, again);
  expect(first).toMatchObject({ seq: 8, isDuplicate: false });
  expect(await other.store.appendMessage(w.customerId, again)).toMatchObject({ seq: 8, isDuplicate: true });
  const marked = await opened.store.transaction(w.customerId, (tx) => tx.channels.markRead(channelId, bea, 8));
  expect(marked).toMatchObject({ membership: { readSeq: 8 }, mentions: 0 });
  expect(await splitCustomer(w.customerId, 3, options())).toMatchObject({ moved: 0 });
  await expect(splitCustomer(w.customerId, 2, options())).rejects.toThrow('3 parts');
}, 60_000);

test('logs go to parts while everybody writes, and nothing is lost, doubled or out of order', async () => {
  const w = await world(opened.store);
  const bea = (await w.person('Bea')).id;
  const channels: ChannelId[] = [];
  for (let n = 0; n < 6; n++) channels.push(await w.channel(`channel ${n}`, [w.owner, bea]));
  for (const channelId of channels) await Promise.all(Array.from({ length: 300 }, (_, i) => w.say(channelId, `early ${i}`)));
  const said = new Map<string, { channelId: ChannelId; seq: Seq; text: string }>();
  const wanted = new Map<string, { text?: string; reactions: Set<UserId> }>();
  let isWritten = false;
  const post = async (by: ShardedStore, name: string) => {
    for (let n = 0; !isWritten; n++) {
      const channelId = channels[n % channels.length]!;
      const message = w.message(channelId, { text: `${name} ${n}`, mentions: n % 7 === 0 ? [bea] : [] });
      for (;;) {
        try {
          const { seq } = await by.appendMessage(w.customerId, message);
          said.set(message.clientId, { channelId, seq, text: message.text });
          break;
        } catch (error) {
          if (!(error instanceof GbError) || !error.retryable) throw error;
        }
      }
    }
  };
  const change = async (by: ShardedStore, name: string, residue: number) => {
    for (let n = 0; !isWritten; n++) {
      const channelId = channels[n % channels.length]!;
      // Each of the two has messages of its own to change, old ones among them.
      const target = 1 + ((n * 2 + residue) % 300);
      const key = `${channelId} ${target}`;
      const text = `${name} changed it ${n}`;
      await by.transaction(w.customerId, async (tx) => {
        await tx.messages.edit(channelId, target, { text, mentions: [], mentionsChannel: false });
        await tx.messages.addReaction(channelId, target, bea, '👍');
        await tx.log.append([
          { channelId, actorId: w.owner, body: { kind: 'message.edited', target, text, mentions: [], mentionsChannel: false } },
          { channelId, actorId: bea, body: { kind: 'reaction.added', target, emoji: '👍' } },
        ]);
      });
      wanted.set(key, { text, reactions: new Set([bea]) });
    }
  };
  const writers = [
    ...[post(opened.store, 'here'), post(other.store, 'there'), post(other.store, 'also there')],
    ...[change(opened.store, 'one', 0), change(other.store, 'another', 1)],
  ];
  let found: Awaited<ReturnType<typeof splitCustomer>>;
  try {
    const before = said.size;
    await expect.poll(() => said.size, { timeout: 30_000 }).toBeGreaterThan(before + 100);
    // The last ones are deleted only after transactions that began before are over.
    found = await splitCustomer(w.customerId, 2, options({ restMs: 3_000 }));
    const after = said.size;
    await expect.poll(() => said.size, { timeout: 30_000 }).toBeGreaterThan(after + 100);
  } finally {
    isWritten = true;
    await Promise.all(writers);
  }
  expect(found).toMatchObject({ moved: 6, cold: 0 });
  const logs = new Map<ChannelId, LogEvent[]>();
  for (const channelId of channels) {
    const events = await readAll(w, channelId);
    logs.set(channelId, events);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
    expect(await rowsAtHome(w, channelId)).toBe(0);
    const messages = events.flatMap((event): Message[] => (event.kind === 'message.posted' ? [event.message] : []));
    expect(new Set(messages.map(({ clientId }) => clientId)).size).toBe(messages.length);
    for (const message of messages) {
      const change = wanted.get(`${channelId} ${message.seq}`);
      if (!change) continue;
      expect(message.text).toBe(change.text);
      expect(message.reactions).toEqual([{ emoji: '👍', userIds: [bea] }]);
    }
  }
  for (const [clientId, { channelId, seq, text }] of said) {
    const event = logs.get(channelId)![seq - 1]!;
    expect(event).toMatchObject({ kind: 'message.posted', seq, message: { clientId } });
    if (!wanted.has(`${channelId} ${seq}`)) expect(event).toMatchObject({ message: { text } });
  }
  // The relay saw every entry, and the first time in order.
  await expect.poll(async () => (await opened.store.outbox.take(10)).length, { timeout: 30_000 }).toBe(0);
  for (const channelId of channels) {
    const heads = handedOut.filter((entry) => entry.channelId === channelId);
    for (const { customerId } of heads) expect(customerId).toBe(w.customerId);
    let highest = 0;
    for (const { seq } of heads) {
      expect(seq).toBeLessThanOrEqual(highest + 1);
      highest = Math.max(highest, seq);
    }
    expect(highest).toBe(logs.get(channelId)!.length);
  }
}, 180_000);

test('a split that is cut off anywhere goes on where it was', async () => {
  const w = await world(opened.store);
  const channels = [await w.channel('one'), await w.channel('two'), await w.channel('three')];
  for (const channelId of channels) await Promise.all(Array.from({ length: 50 }, (_, i) => w.say(channelId, `early ${i}`)));
  const cut = splitCustomer(
    w.customerId,
    2,
    options({
      onProgress: ({ moved }) => {
        if (moved === 2) throw new RangeError('cut off');
      },
    }),
  );
  await expect(cut).rejects.toThrow('cut off');
  for (const channelId of channels) expect(await w.say(channelId, 'meanwhile')).toBe(51);
  expect(await splitCustomer(w.customerId, 2, options())).toMatchObject({ moved: 1 });
  for (const channelId of channels) {
    expect((await readAll(w, channelId)).map(({ seq }) => seq)).toEqual(Array.from({ length: 51 }, (_, i) => i + 1));
    expect(await rowsAtHome(w, channelId)).toBe(0);
  }
}, 60_000);

test('without a relay nothing leaves before it was handed out', async () => {
  const own = await startSplittableShards();
  try {
    const by = await own.openStore();
    const w = await world(by.store);
    const channelId = await w.channel('general');
    await w.say(channelId, 'hello');
    const login = <T>(of: (postgres: { owner: pg.PoolConfig; relay: pg.PoolConfig }) => T) =>
      new Map([...own.databases].map(([name, { postgres }]) => [name, of(postgres)]));
    const split = splitCustomer(w.customerId, 2, {
      ...by,
      owners: login(({ owner }) => owner),
      relays: login(({ relay }) => relay),
      log: silentLogger,
      restMs: 0,
      relayMsMax: 1_000,
    });
    await expect(split).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('relay') });
    expect(await w.say(channelId, 'still here')).toBe(2);
    expect((await by.store.outbox.take(10)).map(({ seq }) => seq)).toEqual([1, 2]);
  } finally {
    await own.close();
  }
}, 60_000);

test('a database that cannot prepare transactions is refused in words, before anything is done', async () => {
  const { startTestShards } = await import('../testing.ts');
  const own = await startTestShards();
  try {
    const by = await own.openStore();
    const w = await world(by.store);
    const owners = new Map([...own.databases].map(([name, { postgres }]) => [name, postgres.owner]));
    const split = splitCustomer(w.customerId, 2, { ...by, owners, relays: owners, log: silentLogger });
    await expect(split).rejects.toThrow('max_prepared_transactions');
    await by.map.refresh();
    expect(by.map.partsOf(w.customerId)).toEqual([]);
    await w.channel('general');
  } finally {
    await own.close();
  }
}, 60_000);
