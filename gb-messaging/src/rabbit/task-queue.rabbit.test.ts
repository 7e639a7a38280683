import { connect as connectBroker } from 'amqplib';
import type { DeadTasks, TaskHandling, TaskQueue } from 'gb-core';
import { taskQueueContract } from 'gb-core/contract';
import type { CustomerId } from 'gb-protocol';
import { openDeadTasks, startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { GbError, silentLogger, uuidv7 } from 'gb-utils';
import { startService } from 'tools/services';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { KindQueues } from './queues.ts';
import { createRabbitTaskQueue, type RabbitTaskQueue } from './task-queue.rabbit.ts';
import { type Door, openDoor } from './testing/door.ts';

const broker = await startService('rabbitmq');
const url = broker?.env['RABBIT_URL'] ?? '';
const prefix = 'test.tasks';
let database: TestDatabase;
let dead: DeadTasks & { close(): Promise<void> };

const openQueue = (more: { url?: string; confirmMsMax?: number } = {}): RabbitTaskQueue =>
  createRabbitTaskQueue({ url, prefix, dead, log: silentLogger, graceMs: 300, ...more });

const startData = async () => {
  database ??= await startTestDatabase();
  dead ??= openDeadTasks({ app: database.postgres.app, log: silentLogger });
};
const newCustomer = async (): Promise<CustomerId> => {
  const store = await database.openStore();
  const { customerId } = await store.createCustomer({
    organizationName: 'Acme',
    userName: 'Ana',
    handle: 'ana',
    email: `${uuidv7()}@example.org`,
    passwordHash: 'hash',
    locale: 'en',
  });
  await store.close();
  return customerId;
};

afterAll(async () => {
  await dead?.close();
  await database?.close();
  await broker?.close();
}, 60_000);

// Left out where RabbitMQ cannot be had; `startService` has said why, and where CI is set that is a failure.
describe.skipIf(broker === null)('rabbitmq', () => {
  taskQueueContract('rabbitmq', async () => {
    await startData();
    return { open: () => openQueue(), newCustomer, close: async () => {} };
  });

  describe('when the broker fails', () => {
    let ana: CustomerId;
    let rui: CustomerId;
    const queues: TaskQueue[] = [];
    const doors: Door[] = [];
    beforeAll(async () => {
      await startData();
      [ana, rui] = [await newCustomer(), await newCustomer()];
    }, 240_000);
    afterEach(async () => {
      await Promise.all(queues.splice(0).map((queue) => queue.close()));
      await Promise.all(doors.splice(0).map((door) => door.close()));
    });
    const open = (more: { url?: string; confirmMsMax?: number } = {}) => {
      const queue = openQueue(more);
      queues.push(queue);
      return queue;
    };
    const openWithDoor = async (more: { confirmMsMax?: number } = {}) => {
      const { port } = new URL(url);
      const door = await openDoor(Number(port));
      doors.push(door);
      const through = new URL(url);
      through.port = String(door.port);
      return { door, queue: open({ ...more, url: through.href }) };
    };
    const handling = (more: Partial<TaskHandling> = {}): TaskHandling => ({
      concurrency: 8,
      attemptsMax: 50,
      retryMsMin: 20,
      retryMsMax: 100,
      ...more,
    });
    const newKind = () => `f-${uuidv7().slice(-12)}`;

    /** RabbitMQ 3.10 keeps the names of new quorum queues in memory for three seconds, and one that is killed forgets them. */
    const settled = async (all: readonly RabbitTaskQueue[]) => {
      await until(() => all.every((queue) => queue.brokerFigures().connects.take > 0));
      await pause(10_000);
    };
    /** Puts until it is there, as a caller does: the same key again after any doubt. */
    const putSurely = async (queue: TaskQueue, kind: string, key: string, customerId: CustomerId) => {
      for (;;) {
        try {
          return await queue.put({ kind, customerId, key, payload: { key } });
        } catch (error) {
          expect(error).toMatchObject({ retryable: true });
          await pause(50);
        }
      }
    };

    test.each([
      ['ended by SIGKILL', () => broker!.kill()],
      ['stopped', () => broker!.stop()],
    ])(
      '%s in the middle of work it loses no task, and no key is handled twice at a time',
      async (_, end) => {
        const kind = newKind();
        const count = 600;
        const calls = new Map<string, number>();
        let twice = 0;
        const both = [open(), open()];
        for (const queue of both) {
          const running = new Set<string>();
          queue.handle(kind, handling(), async ({ key, attempt }) => {
            if (running.has(key)) twice += 1;
            running.add(key);
            await pause(15);
            running.delete(key);
            if (attempt === 1 && key.endsWith('7')) throw new GbError('unavailable', 'Not the first time', { retryable: true });
            calls.set(key, (calls.get(key) ?? 0) + 1);
          });
          queue.start();
        }
        await settled(both);
        const keys = Array.from({ length: count }, (_, i) => `t${i}`);
        const putting = (async () => {
          for (let from = 0; from < count; from += 20) {
            await Promise.all(keys.slice(from, from + 20).map((key, i) => putSurely(both[i % 2]!, kind, key, i % 3 ? ana : rui)));
          }
        })();
        await until(() => calls.size > 50);
        await end();
        await pause(300);
        await broker!.restart();
        await putting;
        await until(() => calls.size === count);
        await Promise.all(both.map((queue) => queue.drained()));
        expect(twice).toBe(0);
        expect([...calls.keys()].sort()).toEqual([...keys].sort());
        expect(await dead.list({ customerId: ana, kind, limit: 10 })).toEqual([]);
      },
      240_000,
    );

    test('what waits for its time or its next attempt outlives the broker', async () => {
      const kind = newKind();
      const queue = open();
      const seen: string[] = [];
      let isMended = false;
      queue.handle(kind, handling({ retryMsMin: 12_000, retryMsMax: 12_000 }), async ({ key, attempt }) => {
        if (key === 'again' && !isMended) throw new Error('not yet');
        seen.push(`${key} ${attempt}`);
      });
      queue.start();
      await settled([queue]);
      await queue.put({ kind, customerId: ana, key: 'later', payload: null, delayMs: 12_000 });
      await putSurely(queue, kind, 'again', ana);
      await until(async () => (await queue.figures()).find((one) => one.kind === kind)?.delayed === 2);
      await broker!.kill();
      isMended = true;
      await broker!.restart();
      await until(() => seen.length === 2);
      expect(seen.sort()).toEqual(['again 2', 'later 1']);
    }, 240_000);

    test('a connection that is cut while a task runs does not run it twice, and its end is not forgotten', async () => {
      const kind = newKind();
      const { door, queue } = await openWithDoor();
      const calls: string[] = [];
      queue.handle(kind, handling({ concurrency: 2 }), async ({ key }) => {
        calls.push(key);
        await pause(key === 'long' ? 1_500 : 5);
      });
      queue.start();
      await putSurely(queue, kind, 'long', ana);
      // Tasks come while the last of its queues are still being set up; a connection that is cut then was never one.
      await until(() => calls.includes('long') && queue.brokerFigures().connects.take === 1);
      door.cut();
      await until(() => queue.brokerFigures().connects.take >= 2);
      await putSurely(queue, kind, 'other', ana);
      await until(() => calls.includes('other'));
      await pause(1_500);
      await queue.drained();
      expect(calls).toEqual(['long', 'other']);
      const later = open();
      const again: string[] = [];
      later.handle(kind, handling(), async ({ key }) => void again.push(key));
      await queue.close();
      later.start();
      await until(() => later.brokerFigures().connects.take === 1);
      await later.drained();
      expect(again).toEqual([]);
    }, 240_000);

    test('connections that are cut again and again lose nothing', async () => {
      const kind = newKind();
      const { door, queue } = await openWithDoor();
      const calls = new Set<string>();
      queue.handle(kind, handling(), async ({ key }) => {
        await pause(3);
        calls.add(key);
      });
      queue.start();
      const putting = (async () => {
        for (let i = 0; i < 300; i += 10)
          await Promise.all(Array.from({ length: 10 }, (_, j) => putSurely(queue, kind, `t${i + j}`, j % 2 ? ana : rui)));
      })();
      // At all moments of setting up: some questions about queues are never answered then.
      for (let i = 1; i <= 10; i++) {
        await pause(40 * i);
        door.cut();
      }
      await putting;
      await until(() => calls.size === 300);
      expect(queue.brokerFigures().connects.put).toBeGreaterThan(1);
    }, 240_000);

    test('a broker that hangs is said to be away, in time, and is used again when it goes on', async () => {
      const kind = newKind();
      const queue = open({ confirmMsMax: 500 });
      await putSurely(queue, kind, 'before', ana);
      broker!.hold();
      try {
        await expect(queue.put({ kind, customerId: ana, key: 'while', payload: null })).rejects.toMatchObject({
          code: 'unavailable',
          retryable: true,
        });
      } finally {
        broker!.release();
      }
      await putSurely(queue, kind, 'after', ana);
    }, 240_000);

    test('a queue that is deleted under two processes costs no task that was put from then on', async () => {
      const kind = newKind();
      const both = [open(), open()];
      const seen = new Set<string>();
      for (const queue of both) {
        queue.handle(kind, handling(), async ({ key }) => void seen.add(key));
        queue.start();
      }
      await settled(both);
      const { name } = new KindQueues(prefix, kind).entry;
      let count = 0;
      let isOver = false;
      const puts: Promise<void>[] = [];
      const putting = (async () => {
        for (; !isOver; await pause(3)) {
          puts.push(putSurely(both[count % 2]!, kind, `t${count}`, ana));
          count += 1;
        }
      })();
      await until(() => seen.size > 50);
      await withChannel(async (channel) => void (await channel.deleteQueue(name)));
      const before = count;
      await until(() => seen.has(`t${before + 200}`));
      isOver = true;
      await putting;
      await Promise.all(puts);
      await until(() => seen.size === count);
    }, 240_000);

    test('nothing more is taken than is bounded while the broker is away', async () => {
      const queue = openQueue({ url: 'amqp://127.0.0.1:1/', confirmMsMax: 2_000 });
      const refused = { overloaded: 0, unavailable: 0 };
      const puts = Array.from({ length: 5_100 }, (_, i) =>
        queue.put({ kind: 'away', customerId: ana, key: `t${i}`, payload: null }).catch((error: GbError) => {
          refused[error.code as 'overloaded'] += 1;
        }),
      );
      await Promise.all(puts);
      expect(refused).toEqual({ overloaded: 100, unavailable: 5_000 });
      await queue.close();
    }, 30_000);

    test('messages of others and of other versions, and damaged ones, are parked and counted; the rest goes on', async () => {
      const kind = newKind();
      const queue = open();
      const seen: string[] = [];
      queue.handle(kind, handling(), async ({ key }) => void seen.push(key));
      queue.start();
      await putSurely(queue, kind, 'one', ana);
      await until(() => seen.length === 1);
      const { name } = new KindQueues(prefix, kind).entry;
      const good = {
        version: 1,
        customer: ana,
        key: 'k',
        priority: 'normal',
        failures: 0,
        lost: 0,
        'not-before': 0,
        leave: 0,
      };
      const bad: [Buffer, object][] = [
        [Buffer.from('hello'), {}],
        [Buffer.from('null'), { messageId: uuidv7(), type: kind, headers: { ...good, version: 2 } }],
        [Buffer.from('{"cut'), { messageId: uuidv7(), type: kind, headers: good }],
        [Buffer.from([0xff, 0xfe]), { messageId: uuidv7(), type: kind, headers: good }],
        [Buffer.from('null'), { messageId: 'x', type: kind, headers: good }],
        [Buffer.from('null'), { messageId: uuidv7(), type: 'other', headers: good }],
        [Buffer.from('null'), { messageId: uuidv7(), type: kind, headers: { ...good, customer: 'x' } }],
        [Buffer.from('null'), { messageId: uuidv7(), type: kind, headers: { ...good, failures: 'many' } }],
        [Buffer.alloc(100_000, '1'), { messageId: uuidv7(), type: kind, headers: good }],
      ];
      await withChannel(async (channel) => {
        for (const [content, options] of bad) channel.sendToQueue(name, content, options);
        await channel.waitForConfirms();
      });
      await putSurely(queue, kind, 'two', ana);
      await until(() => seen.includes('two') && queue.brokerFigures().parked === bad.length);
      await queue.drained();
      const reasons: string[] = [];
      await withChannel(async (channel) => {
        for (let got = await channel.get(`${prefix}.parked`); got; got = await channel.get(`${prefix}.parked`)) {
          reasons.push(String(got.properties.headers?.['reason']));
          channel.ack(got);
        }
      });
      expect(reasons.length).toBe(bad.length);
      expect(seen).toEqual(['one', 'two']);
    }, 240_000);

    test('a task that ends its process each time is dead one day', async () => {
      const kind = newKind();
      const queue = open();
      queue.handle(kind, handling({ attemptsMax: 2 }), async () => {
        throw new Error('it is not to be called');
      });
      await withChannel(async (channel) => {
        const { entry } = new KindQueues(prefix, kind);
        await channel.assertQueue(entry.name, entry.options);
        channel.sendToQueue(entry.name, Buffer.from('1'), {
          messageId: uuidv7(),
          type: kind,
          persistent: true,
          headers: {
            version: 1,
            customer: ana,
            key: 'killer',
            priority: 'normal',
            failures: 0,
            lost: 0,
            'not-before': 0,
            leave: 0,
          },
        });
        await channel.waitForConfirms();
        // What a process that dies does: the broker takes back what it had.
        for (let i = 0; i < 8; i++) {
          const got = await channel.get(entry.name);
          if (got === false) throw new Error('it is gone');
          channel.nack(got, false, true);
          await pause(30);
        }
      });
      queue.start();
      await until(async () => (await queue.dead({ customerId: ana, kind, limit: 1 })).length === 1);
      expect((await queue.dead({ customerId: ana, kind, limit: 1 }))[0]).toMatchObject({
        key: 'killer',
        attempts: 8,
        reason: 'Every attempt ended without an answer',
      });
    }, 240_000);

    test('a dead task waits for the database when that is away', async () => {
      const kind = newKind();
      let isAway = true;
      let tries = 0;
      const buried: string[] = [];
      const queue = createRabbitTaskQueue({
        url,
        prefix,
        log: silentLogger,
        graceMs: 300,
        dead: {
          ...dead,
          bury: async (task) => {
            tries += 1;
            if (isAway) throw new GbError('unavailable', 'The database is away', { retryable: true });
            await dead.bury(task);
            buried.push(task.key);
          },
        },
      });
      queues.push(queue);
      queue.handle(kind, handling(), async () => {
        throw new GbError('forbidden', 'Never');
      });
      queue.start();
      await putSurely(queue, kind, 'one', ana);
      await until(() => tries > 0);
      expect(await queue.dead({ customerId: ana, kind, limit: 1 })).toEqual([]);
      isAway = false;
      await until(() => buried.length === 1);
      expect(await queue.dead({ customerId: ana, kind, limit: 1 })).toHaveLength(1);
    }, 240_000);
  });
});

test('no name of a queue tells anything of a customer', () => {
  const { entry, asides, waits } = new KindQueues('gb.tasks.1', 'webhook');
  for (const { name } of [entry, ...asides, ...waits]) expect(name).toMatch(/^gb\.tasks\.1\.webhook(\.(aside|wait)\.\d+)?$/);
});

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

async function until(condition: () => boolean | Promise<boolean>, msMax = 90_000): Promise<void> {
  for (const deadline = Date.now() + msMax; ; await pause(20)) {
    // While the broker is away it cannot be asked.
    if (await Promise.resolve(condition()).catch(() => false)) return;
    if (Date.now() > deadline) throw new Error('It did not happen in time');
  }
}

type Channel = Awaited<ReturnType<Awaited<ReturnType<typeof connectBroker>>['createConfirmChannel']>>;

async function withChannel(work: (channel: Channel) => Promise<void>): Promise<void> {
  const connection = await connectBroker(url);
  connection.on('error', () => {}); // What is asked of it fails too, and says so.
  try {
    const channel = await connection.createConfirmChannel();
    channel.on('error', () => {});
    await work(channel);
  } finally {
    await connection.close();
  }
}
