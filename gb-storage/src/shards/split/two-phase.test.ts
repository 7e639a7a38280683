import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Store } from 'gb-core';
import { type World, world } from 'gb-core/contract';
import type { ChannelId } from 'gb-protocol';
import { sleep, uuidv7 } from 'gb-utils';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bucketOf } from '../bucket.ts';
import type { ShardMap } from '../shard-map.ts';
import type { ShardedStore, ShardedStoreOptions } from '../sharded-store.ts';
import type { TestShards } from '../testing.ts';
import { partOf } from './part.ts';
import type { DyingProcess } from './testing/dying-process.ts';
import { makeTestParts, startSplittableShards } from './testing/index.ts';
import type { CommitStep } from './two-phase.ts';

let shards: TestShards;
let opened: { store: ShardedStore; map: ShardMap };
beforeAll(async () => {
  shards = await startSplittableShards();
  opened = await shards.openStore();
}, 60_000);
afterAll(async () => {
  await shards?.close();
}, 60_000);

interface SplitWorld extends World {
  /** One whose log is in a part in this database. */
  channelIn(name: string): Promise<ChannelId>;
}

/** A customer at home in `one`, with a part in each of the two. */
async function splitWorld(own = shards, by = opened): Promise<SplitWorld> {
  for (;;) {
    const w = await world(by.store);
    if (by.map.place(w.customerId).shard !== 'one') continue;
    const parts = await makeTestParts(own, by, w.customerId, 2);
    let made = 0;
    return {
      ...w,
      async channelIn(name) {
        for (;;) {
          const channelId = await w.channel(`channel ${made++}`);
          if (by.map.place(partOf(parts, channelId)).shard === name) return channelId;
        }
      },
    };
  }
}

/** Everything a change over all databases is to leave behind, or nothing of it. */
async function change(store: Store, w: World, channels: readonly ChannelId[], name: string): Promise<void> {
  await store.transaction(w.customerId, async (tx) => {
    await tx.users.update(w.owner, { name });
    await tx.log.append(
      channels.map((channelId) => ({ channelId, actorId: w.owner, body: { kind: 'member.joined', userId: w.owner } })),
    );
  });
}

async function seen(w: World, channels: readonly ChannelId[], store: Store = opened.store) {
  return store.read(w.customerId, async (tx) => ({
    name: (await tx.users.get(w.owner))?.name,
    heads: (await tx.log.positions(channels)).map(({ seq }) => seq),
  }));
}

async function listPrepared(own = shards): Promise<readonly string[]> {
  const names: string[] = [];
  for (const { postgres } of own.databases.values()) {
    const client = new pg.Client(postgres.app);
    await client.connect();
    names.push(...(await client.query('select gid from pg_prepared_xacts')).rows.map(({ gid }) => gid as string));
    await client.end();
  }
  return names;
}

const inTime = { timeout: 60_000 };

test('a transaction over home and parts is one: all of it is there, or nothing', async () => {
  const w = await splitWorld();
  const channels = [await w.channelIn('one'), await w.channelIn('two')];
  await change(opened.store, w, channels, 'Ann');
  expect(await seen(w, channels)).toEqual({ name: 'Ann', heads: [1, 1] });
  const refused = opened.store.transaction(w.customerId, async (tx) => {
    await tx.users.update(w.owner, { name: 'Other' });
    await tx.log.append(
      channels.map((channelId) => ({ channelId, actorId: w.owner, body: { kind: 'message.deleted', target: 1 } })),
    );
    throw new RangeError('on purpose');
  });
  await expect(refused).rejects.toThrow('on purpose');
  expect(await seen(w, channels)).toEqual({ name: 'Ann', heads: [1, 1] });
  expect(await listPrepared()).toEqual([]);
});

test.for<[CommitStep, boolean]>([
  ['prepared', false],
  ['deciding', false],
  ['decided', true],
  ['resolved-one', true],
  ['resolved', true],
])(
  'a process that is killed when it has %s leaves all of it or nothing, and no locks',
  { timeout: 120_000 },
  async ([step, isCommitted]) => {
    const w = await splitWorld();
    const channels = [await w.channelIn('one'), await w.channelIn('two')];
    const program = fileURLToPath(new URL('testing/dying-process.ts', import.meta.url));
    const logins = [...shards.databases].map(
      ([
        name,
        {
          postgres: { app, relay },
        },
      ]) => [name, { app, relay }] as const,
    );
    const task: DyingProcess = { step, logins, customerId: w.customerId, owner: w.owner, channels };
    const child = spawn(process.execPath, [program, JSON.stringify(task)], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const signal = await new Promise<string | null>((resolve) => child.once('exit', (_, how) => resolve(how)));
    expect(signal, said).toBe('SIGKILL');
    await expect.poll(() => listPrepared(), inTime).toEqual([]);
    const name = isCommitted ? `changed before ${step}` : 'Ana';
    const head = isCommitted ? 1 : 0;
    expect(await seen(w, channels)).toEqual({ name, heads: [head, head] });
    for (const channelId of channels) expect(await w.say(channelId, 'go on')).toBe(head + 1);
  },
);

test('a process that was asleep and taken for dead commits nothing of what was given up, and does it again', async () => {
  const w = await splitWorld();
  const channels = [await w.channelIn('one'), await w.channelIn('two')];
  let naps = 0;
  const { store } = await shards.openStore({
    onCommitStep: async (step) => {
      // Until the other process has looked.
      if (step === 'prepared' && naps++ === 0)
        for (let n = 0; n < 600 && (await listPrepared()).length > 0; n++) await sleep(100);
    },
  });
  await change(store, w, channels, 'Ann');
  expect(naps).toBe(2);
  expect(await seen(w, channels)).toEqual({ name: 'Ann', heads: [1, 1] });
}, 120_000);

test('several processes that end the same transaction at once agree', async () => {
  const w = await splitWorld();
  const channels = [await w.channelIn('one'), await w.channelIn('two')];
  const others = await Promise.all([shards.openStore(), shards.openStore(), shards.openStore()]);
  const { store } = await shards.openStore({
    onCommitStep: async (step) => {
      if (step !== 'decided') return;
      // Everybody at once, and we with them.
      for (const one of others) one.store.recovery.resolveOld(0).catch(() => {}); // Whoever comes second may find it busy.
    },
  });
  for (let round = 1; round <= 10; round++) {
    await change(store, w, channels, `round ${round}`);
    await expect.poll(() => seen(w, channels), inTime).toEqual({ name: `round ${round}`, heads: [round, round] });
  }
  await expect.poll(() => listPrepared(), inTime).toEqual([]);
}, 120_000);

test('between the commit at home and that in a part nobody is told that something is not there', async () => {
  const w = await splitWorld();
  const isDecided = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const { store } = await shards.openStore({
    onCommitStep: async (step) => {
      if (step !== 'decided') return;
      isDecided.resolve();
      await goOn.promise;
    },
  });
  const channelId = uuidv7() as ChannelId;
  const making = store.transaction(w.customerId, async (tx) => {
    await tx.channels.insert({ id: channelId, kind: 'public', name: 'new', topic: '', directKey: null, createdBy: w.owner });
    await tx.channels.addMember(channelId, w.owner);
  });
  await isDecided.promise;
  // By another process, to which home says that there is such a channel.
  expect(await opened.store.read(w.customerId, (tx) => tx.channels.get(channelId))).toMatchObject({ id: channelId });
  const early = [
    w.say(channelId, 'first'),
    opened.store.read(w.customerId, async (tx) => ((await tx.log.position(channelId)) ? 'there' : 'not there')),
    opened.store.read(w.customerId, async (tx) => ((await tx.log.positions([channelId])).length > 0 ? 'there' : 'not there')),
    opened.store.read(w.customerId, async (tx) => (await tx.channels.statesOf(w.owner)).map(({ channel }) => channel.id)),
    opened.store.transaction(w.customerId, async (tx) => (await tx.log.append([], [w.message(channelId)])).messages.length),
  ];
  // So long that all of them have looked.
  for (let n = 0; n < 50; n++) await opened.store.read(w.customerId, (tx) => tx.users.get(w.owner));
  goOn.resolve();
  await making;
  expect(await Promise.all(early)).toEqual([expect.any(Number), 'there', 'there', [channelId], 1]);
}, 60_000);

test('decisions leave when they are old and nothing waits for them', async () => {
  const w = await splitWorld();
  const channels = [await w.channelIn('one'), await w.channelIn('two')];
  await change(opened.store, w, channels, 'Ann');
  const count = async () => {
    const home = await opened.store.databases.begin(w.customerId, { isReadOnly: true, isRepeated: false, nowMs: Date.now() });
    const row = await home.sql.row<{ n: number }>('select count(*) as n from split_decisions where customer_id = $1', [
      w.customerId,
    ]);
    await home.rollback();
    return row!.n;
  };
  const before = await count();
  expect(before).toBeGreaterThan(0);
  await opened.store.recovery.sweep();
  expect(await count()).toBe(before);
  await opened.store.recovery.sweep('0 seconds');
  expect(await count()).toBe(0);
});

/** Databases of their own, which the test may kill; `step` is where the next commit stops for a moment to see it happen. */
async function mortals(onCommitStep?: NonNullable<ShardedStoreOptions['onCommitStep']>) {
  const own = await startSplittableShards();
  const by = await own.openStore(onCommitStep ? { onCommitStep } : {});
  const kill = async (name: string) => {
    const { postgres } = own.databases.get(name)!;
    const ended = new Promise<void>((resolve) => postgres.onExit(() => resolve()));
    process.kill(postgres.pid!, 'SIGKILL');
    await ended;
  };
  return { own, by, kill };
}

test.for<[string, CommitStep]>([
  ['one', 'prepared'],
  ['one', 'deciding'],
  ['one', 'decided'],
  ['two', 'prepared'],
  ['two', 'deciding'],
  ['two', 'decided'],
])(
  'the database %s that is killed when the commit is %s leaves all of it or nothing',
  { timeout: 180_000 },
  async ([name, at]) => {
    let isArmed = false;
    const { own, by, kill } = await mortals(async (step) => {
      if (!isArmed || step !== at) return;
      isArmed = false;
      await kill(name);
    });
    try {
      const w = await splitWorld(own, by);
      const channels = [await w.channelIn('one'), await w.channelIn('two')];
      isArmed = true;
      const outcome = await change(by.store, w, channels, 'Ann').then(
        () => 'committed',
        (error: unknown) => error,
      );
      expect(isArmed).toBe(false);
      await expect.poll(() => listPrepared(own).catch(() => ['a database is away']), inTime).toEqual([]);
      const found = await seen(w, channels, by.store);
      const isThere = found.name === 'Ann';
      expect(found.heads).toEqual(isThere ? [1, 1] : [0, 0]);
      // Whoever was told that it is done finds it done; whoever was told of a failure may try again.
      if (outcome === 'committed') expect(isThere).toBe(true);
      else expect(outcome).toMatchObject({ retryable: true });
      if (at === 'decided') expect(isThere).toBe(true);
      for (const channelId of channels) expect(await w.say(channelId, 'go on')).toBe(isThere ? 2 : 1);
    } finally {
      await own.close();
    }
  },
);

test('with the database of a part away the other channels go on', async () => {
  const { own, by } = await mortals();
  try {
    const w = await splitWorld(own, by);
    const [near, far] = [await w.channelIn('one'), await w.channelIn('two')];
    await w.say(far, 'before');
    await w.say(far, 'unread');
    await by.store.transaction(w.customerId, (tx) => tx.channels.markRead(far, w.owner, 1));
    await own.databases.get('two')!.postgres.stop();
    expect(await w.say(near, 'hello')).toBe(1);
    // Whoever starts anew has the one as it is, and the other as it was when they read it; its log goes on from there.
    const states = await by.store.read(w.customerId, (tx) => tx.channels.statesOf(w.owner));
    const stateOf = (channelId: ChannelId) => states.find(({ channel }) => channel.id === channelId);
    expect(stateOf(near)).toMatchObject({ head: 1, count: 1 });
    expect(stateOf(far)).toMatchObject({ epoch: 1, head: 1, count: 1, mentions: 0, membership: { readSeq: 1, readCount: 1 } });
    const followed = await by.store.read(w.customerId, (tx) => tx.log.positions([near, far], { skipsAway: true }));
    expect(followed).toEqual([{ channelId: near, epoch: 1, seq: 1 }]);
    const both = by.store.read(w.customerId, (tx) => tx.log.positions([near, far]));
    await expect(both).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    await change(by.store, w, [near], 'Ann');
    expect(await seen(w, [near], by.store)).toEqual({ name: 'Ann', heads: [2] });
    await expect(change(by.store, w, [near, far], 'Other')).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    await expect(by.store.read(w.customerId, (tx) => tx.log.position(far))).rejects.toMatchObject({ code: 'unavailable' });
    expect(await seen(w, [near], by.store)).toEqual({ name: 'Ann', heads: [2] });
    expect((await by.store.outbox.take(100)).filter(({ channelId }) => channelId === near)).toHaveLength(2);
  } finally {
    await own.close();
  }
}, 120_000);

test('what waits for a decision at a home that is away keeps its own channel waiting and nobody else', async () => {
  const { own, by } = await mortals();
  const die = Promise.withResolvers<never>();
  const coordinator = await own.openStore({ onCommitStep: (step) => (step === 'prepared' ? die.promise : undefined) });
  try {
    const w = await splitWorld(own, by);
    const [stuck, free] = [await w.channelIn('two'), await w.channelIn('two')];
    let other = await world(by.store);
    while (by.map.place(other.customerId).shard !== 'two') other = await world(by.store);
    const elsewhere = await other.channel('general');
    await w.say(free, 'one');
    await w.say(stuck, 'one');
    const given = change(coordinator.store, w, [stuck], 'Ann').catch((error: unknown) => error);
    await expect.poll(() => listPrepared(own), inTime).toHaveLength(1);
    await own.databases.get('one')!.postgres.stop();
    const waiting = w.say(stuck, 'two').catch((error: unknown) => error);
    // By the writer it shares with the channel that waits, and by that of everybody else.
    const [freeSeq, otherSeq] = await Promise.all([w.say(free, 'two'), other.say(elsewhere, 'hello')]);
    expect([freeSeq, otherSeq]).toEqual([2, 1]);
    expect(await waiting).toMatchObject({ retryable: true });
    die.reject(new Error('never mind'));
    await given;
  } finally {
    await own.close();
  }
}, 180_000);

test('a part lies in the bucket its id names, and is nobody to those who list customers', async () => {
  const w = await splitWorld();
  const parts = opened.map.partsOf(w.customerId);
  expect(parts.map((part) => opened.map.place(part).shard).sort()).toEqual(['one', 'two']);
  for (const part of parts) expect(opened.map.customerOf(part)).toBe(w.customerId);
  expect(new Set(parts.map(bucketOf)).size).toBe(2);
  const listed = await opened.store.listCustomers();
  expect(listed).toContain(w.customerId);
  expect(listed.filter((customerId) => parts.includes(customerId))).toEqual([]);
});
