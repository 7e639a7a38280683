import type { ReadOptions, Store } from 'gb-core';
import { storeContract, world } from 'gb-core/contract';
import { silentLogger } from 'gb-utils';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createPostgresStore } from '../postgres-store.ts';
import { Breaker } from './breaker.ts';
import { startTestReplication, type TestReplication, type TestStandby } from './testing.ts';

const ofSomeSize: ReadOptions = { mayUseReplica: true };

/** All readings go to the replica where it is there, also those that would not. */
storeContract('a primary and its replica', async () => {
  const replication = await startTestReplication();
  const { app } = await replication.addStandby();
  const { primary } = replication;
  const open = (clock?: { nowMs(): number }): Store => {
    const { relay } = primary.postgres;
    const store = createPostgresStore({
      app: primary.postgres.app,
      relay,
      log: silentLogger,
      replicas: [app],
      ...(clock ? { clock } : {}),
    });
    const read = store.read.bind(store);
    store.read = (customerId, work) => read(customerId, work, ofSomeSize);
    return store;
  };
  const stores = [open()];
  return {
    store: stores[0]!,
    openAnother: async (options) => {
      const another = open(options?.clock);
      stores.push(another);
      return another;
    },
    close: async () => {
      await Promise.all(stores.map((store) => store.close()));
      await replication.close();
    },
  };
});

let replication: TestReplication;
let standby: TestStandby;
type ReplicatedStore = ReturnType<typeof createPostgresStore>;
const stores: ReplicatedStore[] = [];
beforeAll(async () => {
  replication = await startTestReplication();
  standby = await replication.addStandby();
}, 60_000);
afterAll(async () => {
  await Promise.all(stores.map((store) => store.close()));
  await replication?.close();
}, 60_000);

function open(...replicas: readonly TestStandby[]): ReplicatedStore {
  const { app, relay } = replication.primary.postgres;
  const store = createPostgresStore({ app, relay, log: silentLogger, replicas: replicas.map((one) => one.app) });
  stores.push(store);
  return store;
}

let store: ReplicatedStore;
beforeEach(() => {
  store = open(standby);
});
const figures = () => store.replicaFigures()[0]!;

/** The head that a reading of some size sees. */
async function headSeen(w: Awaited<ReturnType<typeof world>>, channelId: Parameters<typeof w.say>[0], from: Store = store) {
  return (await from.read(w.customerId, (tx) => tx.log.position(channelId), ofSomeSize))?.seq;
}

test('a replica that is far enough answers, and only readings that allow it go there', async () => {
  const w = await world(store);
  const channelId = await w.channel('general');
  await w.say(channelId, 'hello');
  await expect
    .poll(async () => ((await headSeen(w, channelId)) === 1 ? figures().answered : 0), { timeout: 30_000 })
    .toBeGreaterThan(0);
  const { answered } = figures();
  await store.read(w.customerId, (tx) => tx.log.position(channelId));
  expect(figures().answered).toBe(answered);
});

test('a reading sees what another process has stored before it, at every moment', async () => {
  const w = await world(store);
  const channelId = await w.channel('general');
  const other = open();
  for (let seq = 1; seq <= 300; seq++) {
    await other.appendMessage(w.customerId, w.message(channelId, { text: `number ${seq}` }));
    expect(await headSeen(w, channelId)).toBe(seq);
  }
  const { answered, behind, failed, unfit } = figures();
  expect(answered + behind + failed).toBeGreaterThan(0);
  expect(unfit).toBe(0);
});

test('what a reading throws is thrown, wherever it ran', async () => {
  const w = await world(store);
  const thrown = store.read(w.customerId, () => Promise.reject(new RangeError('on purpose')), ofSomeSize);
  await expect(thrown).rejects.toThrow('on purpose');
  await expect(store.read(w.customerId, (tx) => tx.users.update(w.owner, { name: 'x' }), ofSomeSize)).rejects.toThrow();
  expect(figures().failed).toBe(0);
});

test('a replica that lags is left aside, and comes back when it has caught up', async () => {
  const w = await world(store);
  const channelId = await w.channel('general');
  await standby.asSuperuser('select pg_wal_replay_pause()');
  try {
    await expect
      .poll(async () => (await standby.asSuperuser('select pg_get_wal_replay_pause_state() as s')).rows[0].s, { timeout: 30_000 })
      .toBe('paused');
    for (let seq = 1; seq <= 20; seq++) {
      await w.say(channelId, 'more');
      expect(await headSeen(w, channelId)).toBe(seq);
    }
    expect(figures()).toMatchObject({ answered: 0, unfit: 0 });
    expect(figures().behind).toBeGreaterThan(0);
    expect(figures().lagBytes).toBeGreaterThan(0);
  } finally {
    await standby.asSuperuser('select pg_wal_replay_resume()');
  }
  await expect
    .poll(async () => ((await headSeen(w, channelId)) === 20 ? figures().answered : 0), { timeout: 30_000 })
    .toBeGreaterThan(0);
});

test('a replica that is killed in the middle of readings is answered for by the primary, and comes back', async () => {
  const w = await world(store);
  const channelId = await w.channel('general');
  let isOver = false;
  let said = 0;
  const reading = async () => {
    while (!isOver) {
      const before = said;
      expect(await headSeen(w, channelId)).toBeGreaterThanOrEqual(before);
    }
  };
  const readers = [reading(), reading(), reading()];
  const writing = (async () => {
    while (!isOver) said = await w.say(channelId, 'more');
  })();
  try {
    await expect.poll(() => figures().answered, { timeout: 30_000 }).toBeGreaterThan(20);
    const back = Promise.withResolvers<void>();
    standby.postgres.onExit(() => back.resolve());
    process.kill(standby.postgres.pid!, 'SIGKILL');
    await back.promise;
    await expect.poll(() => figures().failed, { timeout: 30_000 }).toBeGreaterThan(0);
    const { answered } = figures();
    await expect.poll(() => figures().answered, { timeout: 60_000 }).toBeGreaterThan(answered + 20);
  } finally {
    isOver = true;
    await Promise.all([...readers, writing]);
  }
}, 120_000);

test('a replica that hangs is answered for by the primary, and rests', async () => {
  const own = await replication.addStandby();
  const hung = open(own);
  const w = await world(hung);
  const channelId = await w.channel('general');
  // Stops every process of it: connections stay, and nothing answers.
  const { rows } = await own.asSuperuser(
    "select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()",
  );
  const pids = [own.postgres.pid!, ...rows.map(({ pid }) => pid as number)];
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  try {
    for (let seq = 1; seq <= 8; seq++) {
      await w.say(channelId, 'more');
      expect(await headSeen(w, channelId, hung)).toBe(seq);
    }
    const [own] = hung.replicaFigures();
    expect(own).toMatchObject({ answered: 0, isResting: true });
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  }
  await expect
    .poll(async () => ((await headSeen(w, channelId, hung)) === 8 ? hung.replicaFigures()[0]!.answered : 0), { timeout: 60_000 })
    .toBeGreaterThan(0);
}, 120_000);

test('a replica that was promoted has a history of its own, and is not asked any more', async () => {
  const own = await replication.addStandby();
  const promoted = open(own, standby);
  const w = await world(promoted);
  const channelId = await w.channel('general');
  await w.say(channelId, 'hello');
  await expect
    .poll(async () => ((await headSeen(w, channelId, promoted)) === 1 ? promoted.replicaFigures()[0]!.answered : 0), {
      timeout: 30_000,
    })
    .toBeGreaterThan(0);
  await own.asSuperuser('select pg_promote()');
  // It runs ahead of the primary, in numbers.
  await own.asSuperuser('update gb.channel_heads set head = 1000');
  const { answered } = promoted.replicaFigures()[0]!;
  for (let seq = 2; seq <= 30; seq++) {
    await w.say(channelId, 'more');
    expect(await headSeen(w, channelId, promoted)).toBe(seq);
  }
  expect(promoted.replicaFigures()[0]).toMatchObject({ answered });
  expect(promoted.replicaFigures()[0]!.unfit).toBeGreaterThan(0);
  await expect
    .poll(async () => ((await headSeen(w, channelId, promoted)) === 30 ? promoted.replicaFigures()[1]!.answered : 0), {
      timeout: 30_000,
    })
    .toBeGreaterThan(0);
}, 120_000);

test('another database in the place of a replica is not asked', async () => {
  const stranger = await startTestReplication();
  try {
    const { app, relay } = replication.primary.postgres;
    const mistaken = createPostgresStore({ app, relay, log: silentLogger, replicas: [stranger.primary.postgres.app] });
    stores.push(mistaken);
    const w = await world(mistaken);
    expect((await mistaken.read(w.customerId, (tx) => tx.users.get(w.owner), ofSomeSize))?.id).toBe(w.owner);
    expect(mistaken.replicaFigures()[0]).toMatchObject({ answered: 0, unfit: 1 });
  } finally {
    await stranger.close();
  }
}, 60_000);

test('the primary that is away is not covered up: its readers are told to come back', async () => {
  const own = await startTestReplication();
  try {
    const { app } = await own.addStandby();
    const alone = createPostgresStore({
      app: own.primary.postgres.app,
      relay: own.primary.postgres.relay,
      log: silentLogger,
      replicas: [app],
    });
    stores.push(alone);
    const w = await world(alone);
    await own.primary.postgres.stop();
    const read = alone.read(w.customerId, (tx) => tx.users.get(w.owner), ofSomeSize);
    await expect(read).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  } finally {
    await own.close();
  }
}, 60_000);

test('what failed three times rests, is tried once, and rests for longer', () => {
  let nowMs = 0;
  const breaker = new Breaker(() => nowMs);
  for (let nth = 0; nth < 3; nth++) {
    expect(breaker.mayTry()).toBe(true);
    breaker.failed();
  }
  expect([breaker.isOpen, breaker.mayTry()]).toEqual([true, false]);
  nowMs = 60_000;
  expect([breaker.mayTry(), breaker.mayTry()]).toEqual([true, false]);
  breaker.left();
  expect(breaker.mayTry()).toBe(true);
  breaker.failed();
  expect(breaker.mayTry()).toBe(false);
  nowMs = 120_000;
  expect(breaker.mayTry()).toBe(true);
  breaker.succeeded();
  expect([breaker.isOpen, breaker.mayTry(), breaker.mayTry()]).toEqual([false, true, true]);
});
