import type { Task } from 'gb-core';
import type { CustomerId } from 'gb-protocol';
import { silentLogger, uuidv7 } from 'gb-utils';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startTestDatabase, type TestDatabase } from '../testing.ts';
import { createPostgresTaskQueue } from './task-queue.postgres.ts';

let database: TestDatabase;
let ana: CustomerId;
let rui: CustomerId;
const queues: ReturnType<typeof createPostgresTaskQueue>[] = [];

beforeAll(async () => {
  database = await startTestDatabase();
  const store = await database.openStore();
  const newCustomer = async () =>
    (
      await store.createCustomer({
        organizationName: 'Acme',
        userName: 'Ana',
        handle: 'ana',
        email: `${uuidv7()}@example.org`,
        passwordHash: 'hash',
        locale: 'en',
      })
    ).customerId;
  [ana, rui] = [await newCustomer(), await newCustomer()];
});
afterEach(async () => {
  await Promise.all(queues.splice(0).map((queue) => queue.close()));
});
afterAll(async () => {
  await database?.close();
});

const open = (more: { holdMs?: number } = {}) => {
  const queue = createPostgresTaskQueue({
    app: database.postgres.app,
    log: silentLogger,
    pollMs: 50,
    holdMs: 2_000,
    graceMs: 300,
    ...more,
  });
  queues.push(queue);
  return queue;
};
const handling = { concurrency: 8, attemptsMax: 50, retryMsMin: 20, retryMsMax: 100 };
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const until = async (condition: () => boolean | Promise<boolean>) => {
  for (const deadline = Date.now() + 40_000; !(await condition()); await pause(20)) {
    if (Date.now() > deadline) throw new Error('It did not happen in time');
  }
};
/** As whoever looks after the machine. */
const asOwner = async <Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> => {
  const client = new pg.Client(database.postgres.owner);
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
};

test('a database ended by SIGKILL under load loses no task', async () => {
  const both = [open(), open()];
  const calls = new Map<string, number>();
  for (const queue of both) {
    queue.handle('load', handling, async ({ key, attempt }) => {
      await pause(3);
      if (attempt === 1 && key.endsWith('7')) throw new Error('not the first time');
      calls.set(key, (calls.get(key) ?? 0) + 1);
    });
    queue.start();
  }
  const put = async (i: number) => {
    for (;;) {
      try {
        return await both[i % 2]!.put({ kind: 'load', customerId: i % 3 ? ana : rui, key: `t${i}`, payload: { i } });
      } catch (error) {
        // A connection that broke during the commit, too: the same key again is the same task.
        expect(error).toMatchObject({ retryable: true });
        await pause(20);
      }
    }
  };
  const putting = (async () => {
    for (let from = 0; from < 400; from += 10) await Promise.all(Array.from({ length: 10 }, (_, i) => put(from + i)));
  })();
  await until(() => calls.size > 50);
  process.kill(database.postgres.pid!, 'SIGKILL');
  await putting;
  await until(() => calls.size === 400);
  await Promise.all(both.map((queue) => queue.drained()));
  expect((await both[0]!.figures()).find(({ kind }) => kind === 'load')).toBeUndefined();
}, 90_000);

test('whoever took a task and says nothing more has it taken from them, and their end of it does not count', async () => {
  const gone = uuidv7();
  const queue = open();
  await queue.put({ kind: 'left', customerId: ana, key: 'one', payload: null });
  // Taken by a process that died a moment later.
  const taken = await asOwner<{ task_id: string }>(
    `select task_id from control.take_tasks('left', $1, 400, 10, 1, 5, '00000000-0000-0000-0000-000000000000', '{}', '{}')`,
    [gone],
  );
  expect(taken).toHaveLength(1);
  const seen: Task[] = [];
  queue.handle('left', handling, async (task) => void seen.push(task));
  queue.start();
  await pause(150);
  expect(seen).toEqual([]);
  await until(() => seen.length === 1);
  expect(seen[0]!.attempt).toBe(2);
  const late = await asOwner<{ put: boolean }>('select control.put_back_task($1, $2, $3, 0) as put', [
    gone,
    ana,
    taken[0]!.task_id,
  ]);
  expect(late).toEqual([{ put: false }]);
});

test('a handler that takes longer than a task is held keeps it', async () => {
  const both = [open({ holdMs: 300 }), open({ holdMs: 300 })];
  let calls = 0;
  let ended = 0;
  for (const queue of both) {
    queue.handle('long', handling, async () => {
      calls += 1;
      await pause(1_500);
      ended += 1;
    });
    queue.start();
  }
  await both[0]!.put({ kind: 'long', customerId: ana, key: 'one', payload: null });
  await until(() => ended === 1);
  await Promise.all(both.map((queue) => queue.drained()));
  expect(calls).toBe(1);
});

test('a task that somebody else has by now is told so', async () => {
  const queue = open({ holdMs: 300 });
  let isTold = false;
  queue.handle('stolen', { ...handling, attemptsMax: 1 }, async (_, signal) => {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    isTold = true;
    throw new Error('told');
  });
  queue.start();
  await queue.put({ kind: 'stolen', customerId: ana, key: 'one', payload: null });
  await until(async () => (await queue.figures(ana)).some(({ kind, running }) => kind === 'stolen' && running === 1));
  const other = uuidv7();
  await asOwner(`update control.tasks set holder = $1, wake_at = now() + interval '1 hour' where kind = 'stolen'`, [other]);
  await until(() => isTold);
  await pause(200);
  // It is not dead by our word, and still the other's.
  expect(await queue.dead({ customerId: ana, kind: 'stolen', limit: 1 })).toEqual([]);
  expect(await asOwner(`select holder from control.tasks where kind = 'stolen'`)).toEqual([{ holder: other }]);
});

test('a task whose every attempt ended its process is dead', async () => {
  const queue = open();
  await queue.put({ kind: 'killer', customerId: ana, key: 'one', payload: null });
  for (let i = 0; i < 2; i++)
    await asOwner(
      `select from control.take_tasks('killer', $1, 0, 10, 1, 5, '00000000-0000-0000-0000-000000000000', '{}', '{}')`,
      [uuidv7()],
    );
  let calls = 0;
  queue.handle('killer', { ...handling, attemptsMax: 2 }, async () => {
    calls += 1;
  });
  queue.start();
  await until(async () => (await queue.dead({ customerId: ana, kind: 'killer', limit: 1 })).length === 1);
  expect(calls).toBe(0);
  expect((await queue.dead({ customerId: ana, kind: 'killer', limit: 1 }))[0]).toMatchObject({
    attempts: 2,
    reason: 'Every attempt ended without an answer',
  });
});

test('what a dead task was is put again, and reviving the old one makes no second', async () => {
  const queue = open();
  let isMended = false;
  const calls: string[] = [];
  queue.handle('again', { ...handling, attemptsMax: 1 }, async ({ key }) => {
    calls.push(key);
    if (!isMended) throw new Error('no');
  });
  queue.start();
  await queue.put({ kind: 'again', customerId: ana, key: 'one', payload: null });
  await until(async () => (await queue.dead({ customerId: ana, kind: 'again', limit: 1 })).length === 1);
  isMended = true;
  await queue.put({ kind: 'again', customerId: ana, key: 'one', payload: null, delayMs: 60_000 });
  const [dead] = await queue.dead({ customerId: ana, kind: 'again', limit: 1 });
  expect(await queue.revive(ana, dead!.id)).toBe(true);
  expect((await queue.figures(ana)).find(({ kind }) => kind === 'again')).toMatchObject({ delayed: 1, dead: 0 });
});

test('who is in the directory without a customer sees whose and which, and never what', async () => {
  const queue = open();
  await queue.put({ kind: 'walled', customerId: ana, key: 'secret key', payload: 'secret words' });
  const client = new pg.Client(database.postgres.app);
  await client.connect();
  try {
    expect((await client.query('select from gb.queued_tasks')).rowCount).toBe(0);
    await expect(client.query('select from control.tasks')).rejects.toMatchObject({ code: '42501' });
    const { rows } = await client.query(
      `select * from control.take_tasks('walled', $1, 0, 10, 1, 5, '00000000-0000-0000-0000-000000000000', '{}', '{}')`,
      [uuidv7()],
    );
    expect(rows).toHaveLength(1);
    expect(Object.keys(rows[0])).toEqual(['customer_id', 'task_id', 'attempt']);
    await client.query("select set_config('gb.customer', $1, false)", [rui]);
    expect((await client.query("select from gb.queued_tasks where kind = 'walled'")).rowCount).toBe(0);
  } finally {
    await client.end();
  }
});
