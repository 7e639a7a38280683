import type { CustomerId } from 'gb-protocol';
import { GbError } from 'gb-utils';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type NewTask, type Task, type TaskHandling, type TaskQueue, taskBytesMax } from '../task-queue.ts';

export interface TaskQueueUnderTest {
  /** The queue of one more process on the same data. It looks every 50 ms and gives handlers 300 ms to end when it closes. */
  open(): TaskQueue | Promise<TaskQueue>;
  newCustomer(): Promise<CustomerId>;
  close(): Promise<void>;
}

/** What every engine of the TaskQueue promises. */
export function taskQueueContract(name: string, start: () => Promise<TaskQueueUnderTest>): void {
  describe(`task queue: ${name}`, () => {
    let engine: TaskQueueUnderTest;
    let ana: CustomerId;
    let rui: CustomerId;
    const queues: TaskQueue[] = [];
    beforeAll(async () => {
      engine = await start();
      [ana, rui] = [await engine.newCustomer(), await engine.newCustomer()];
    }, 120_000);
    afterEach(async () => {
      await Promise.all(queues.splice(0).map((queue) => queue.close()));
    });
    afterAll(async () => {
      await engine?.close();
    }, 60_000);

    const open = async (): Promise<TaskQueue> => {
      const queue = await engine.open();
      queues.push(queue);
      return queue;
    };
    let kinds = 0;
    /** Each test has a kind of its own, so that it meets nobody else's tasks. */
    const newKind = () => `k${++kinds}-${Date.now().toString(36)}`;
    const handling = (more: Partial<TaskHandling> = {}): TaskHandling => ({
      concurrency: 4,
      attemptsMax: 3,
      retryMsMin: 20,
      retryMsMax: 60,
      ...more,
    });
    const taskOf = (kind: string, key: string, more: Partial<NewTask> = {}): NewTask => ({
      kind,
      customerId: ana,
      key,
      payload: null,
      ...more,
    });
    const until = async (condition: () => boolean | Promise<boolean>, what = 'it') => {
      for (const deadline = Date.now() + 45_000; !(await condition()); await pause(10)) {
        if (Date.now() > deadline) throw new Error(`${what} did not happen in time`);
      }
    };
    const gate = () => {
      let release = () => {};
      const opened = new Promise<void>((resolve) => {
        release = resolve;
      });
      return { opened, release };
    };

    test('what was put before anybody handled it is handled, as it was put', async () => {
      const kind = newKind();
      const payload = { text: 'olá "\u0000" \ud83d\ude00', list: [1, null, true, { deep: 'x' }] };
      await (await open()).put(taskOf(kind, 'one', { payload, priority: 'high' }));
      const seen: Task[] = [];
      const queue = await open();
      queue.handle(kind, handling(), async (task) => void seen.push(task));
      queue.start();
      await until(() => seen.length > 0);
      await queue.drained();
      expect(seen).toEqual([{ kind, customerId: ana, key: 'one', payload, priority: 'high', attempt: 1 }]);
    });

    test('what is put while it runs is handled, also by another process', async () => {
      const kind = newKind();
      const queue = await open();
      const seen: string[] = [];
      queue.handle(kind, handling(), async ({ key }) => void seen.push(key));
      queue.start();
      await queue.put(taskOf(kind, 'here'));
      await (await open()).put(taskOf(kind, 'there'));
      await until(() => seen.length === 2);
      expect(seen.sort()).toEqual(['here', 'there']);
    });

    test('the same key is the same task; of another kind or customer it is another', async () => {
      const [kind, other] = [newKind(), newKind()];
      const queue = await open();
      const seen: string[] = [];
      for (const one of [kind, other])
        queue.handle(one, handling(), async (task) => {
          await pause(30);
          seen.push(`${task.kind} ${task.customerId} ${task.key}`);
        });
      await Promise.all([
        queue.put(taskOf(kind, 'same')),
        queue.put(taskOf(kind, 'same')),
        queue.put(taskOf(kind, 'same', { customerId: rui })),
        queue.put(taskOf(other, 'same')),
      ]);
      queue.start();
      await until(() => seen.length >= 3);
      await queue.drained();
      await pause(100);
      expect(seen.sort()).toEqual([`${kind} ${ana} same`, `${kind} ${rui} same`, `${other} ${ana} same`].sort());
    });

    test('what failed is tried again, and counted', async () => {
      const kind = newKind();
      const queue = await open();
      const attempts: number[] = [];
      queue.handle(kind, handling(), async ({ attempt }) => {
        attempts.push(attempt);
        if (attempt < 3) throw new Error('not yet');
      });
      queue.start();
      await queue.put(taskOf(kind, 'one'));
      await until(() => attempts.length === 3);
      await queue.drained();
      expect(attempts).toEqual([1, 2, 3]);
      expect(await queue.dead({ customerId: ana, kind, limit: 10 })).toEqual([]);
    });

    test('after its attempts it is dead, with its reason, for its customer only; revived it begins anew', async () => {
      const kind = newKind();
      const queue = await open();
      const attempts: number[] = [];
      let isMended = false;
      queue.handle(kind, handling(), async ({ attempt, payload, priority }) => {
        expect([payload, priority]).toEqual([{ keep: 'me' }, 'low']);
        attempts.push(attempt);
        if (!isMended) throw new GbError('unavailable', 'The other side does not answer', { retryable: true });
      });
      queue.start();
      await queue.put(taskOf(kind, 'poison', { payload: { keep: 'me' }, priority: 'low' }));
      await until(async () => (await queue.dead({ customerId: ana, kind, limit: 10 })).length === 1, 'the death');
      expect(attempts).toEqual([1, 2, 3]);
      const [dead] = await queue.dead({ customerId: ana, limit: 10 });
      expect(dead).toMatchObject({ kind, customerId: ana, key: 'poison', attempts: 3, reason: 'The other side does not answer' });
      expect(Math.abs(Date.now() - dead!.diedAt)).toBeLessThan(60_000);
      expect(await queue.dead({ customerId: rui, limit: 10 })).toEqual([]);
      expect((await queue.figures(ana)).find((one) => one.kind === kind)?.dead).toBe(1);
      expect((await queue.figures(rui)).find((one) => one.kind === kind)?.dead ?? 0).toBe(0);
      expect(await queue.revive(rui, dead!.id)).toBe(false);
      expect(await queue.revive(ana, 'nothing')).toBe(false);
      isMended = true;
      expect(await queue.revive(ana, dead!.id)).toBe(true);
      await until(() => attempts.length === 4);
      await queue.drained();
      expect(attempts).toEqual([1, 2, 3, 1]);
      expect(await queue.dead({ customerId: ana, kind, limit: 10 })).toEqual([]);
      expect(await queue.revive(ana, dead!.id)).toBe(false);
    });

    test('a failure that will not go away ends it at once', async () => {
      const kind = newKind();
      const queue = await open();
      let calls = 0;
      queue.handle(kind, handling(), async () => {
        calls += 1;
        throw new GbError('forbidden', 'They do not want it');
      });
      queue.start();
      await queue.put(taskOf(kind, 'unwanted'));
      await until(async () => (await queue.dead({ customerId: ana, kind, limit: 10 })).length === 1);
      expect(calls).toBe(1);
    });

    test('a delay is kept, and holds nobody else up', async () => {
      const kind = newKind();
      const queue = await open();
      const at = new Map<string, number>();
      queue.handle(kind, handling(), async ({ key }) => void at.set(key, Date.now()));
      queue.start();
      const putAt = Date.now();
      await queue.put(taskOf(kind, 'later', { delayMs: 3_000 }));
      await queue.put(taskOf(kind, 'now'));
      await until(() => at.has('now'));
      await queue.drained();
      expect(at.has('later')).toBe(false);
      expect((await queue.figures()).find((one) => one.kind === kind)?.delayed).toBe(1);
      await until(() => at.has('later'));
      expect(at.get('later')! - putAt).toBeGreaterThanOrEqual(3_000);
    });

    test('what is urgent to a customer comes before what else they have', async () => {
      const kind = newKind();
      const queue = await open();
      const { opened, release } = gate();
      const seen: string[] = [];
      queue.handle(kind, handling({ concurrency: 1 }), async ({ key }) => {
        seen.push(key);
        if (key === 'first') await opened;
      });
      queue.start();
      await queue.put(taskOf(kind, 'first'));
      await until(() => seen.length === 1);
      for (const priority of ['low', 'normal', 'high'] as const) await queue.put(taskOf(kind, priority, { priority }));
      await pause(200);
      release();
      await until(() => seen.length === 4);
      expect(seen).toEqual(['first', 'high', 'normal', 'low']);
    });

    test('one with very much to do, all of it urgent, does not delay another', async () => {
      const kind = newKind();
      const queue = await open();
      let [busy, busyBefore] = [0, -1];
      queue.handle(kind, handling(), async ({ customerId }) => {
        await pause(10);
        if (customerId === ana) busy += 1;
        else busyBefore = busy;
      });
      await inGroups(1_500, 100, (i) => queue.put(taskOf(kind, `many ${i}`, { priority: 'high' })));
      queue.start();
      await until(() => busy > 20);
      const busyAtPut = busy;
      await queue.put(taskOf(kind, 'single', { customerId: rui, priority: 'low' }));
      await until(() => busyBefore >= 0);
      // In turn it would have waited for all fifteen hundred.
      expect(busyBefore - busyAtPut).toBeLessThan(400);
    }, 60_000);

    test('no more at a time than the handling says', async () => {
      const kind = newKind();
      const queue = await open();
      let [now, most, done] = [0, 0, 0];
      queue.handle(kind, handling({ concurrency: 3 }), async () => {
        now += 1;
        most = Math.max(most, now);
        await pause(5);
        now -= 1;
        done += 1;
      });
      queue.start();
      await Promise.all(
        Array.from({ length: 30 }, (_, i) => queue.put(taskOf(kind, `t${i}`, { customerId: i % 2 ? ana : rui }))),
      );
      await until(() => done === 30);
      expect(most).toBeGreaterThan(1);
      expect(most).toBeLessThanOrEqual(3);
    });

    test('two processes share the work, and neither does what the other does', async () => {
      const kind = newKind();
      const seen: string[][] = [[], []];
      const both = await Promise.all(
        seen.map(async (list) => {
          const queue = await open();
          queue.handle(kind, handling(), async ({ key }) => {
            await pause(3);
            list.push(key);
          });
          queue.start();
          return queue;
        }),
      );
      await inGroups(200, 50, (i) => both[i % 2]!.put(taskOf(kind, `t${i}`)));
      await until(() => seen.flat().length >= 200);
      await Promise.all(both.map((queue) => queue.drained()));
      expect(new Set(seen.flat()).size).toBe(200);
      expect(seen.flat().length).toBe(200);
      for (const list of seen) expect(list.length).toBeGreaterThan(0);
    }, 60_000);

    test('what a closing process does not finish is handled by another, as a further attempt', async () => {
      const kind = newKind();
      const closing = await open();
      let isTold = false;
      let isRunning = false;
      closing.handle(kind, handling(), async (_, signal) => {
        isRunning = true;
        signal.addEventListener('abort', () => {
          isTold = true;
        });
        await new Promise(() => {}); // It never ends.
      });
      closing.start();
      await closing.put(taskOf(kind, 'stuck'));
      await until(() => isRunning);
      await closing.close();
      await closing.close();
      expect(isTold).toBe(true);
      const seen: number[] = [];
      const next = await open();
      next.handle(kind, handling(), async ({ attempt }) => void seen.push(attempt));
      next.start();
      await until(() => seen.length === 1);
      expect(seen).toEqual([2]);
    });

    test('closing lets a handler finish that can, and what it finished is done', async () => {
      const kind = newKind();
      const closing = await open();
      let isRunning = false;
      let isFinished = false;
      closing.handle(kind, handling(), async () => {
        isRunning = true;
        await pause(100);
        isFinished = true;
      });
      closing.start();
      await closing.put(taskOf(kind, 'short'));
      await until(() => isRunning);
      await closing.close();
      expect(isFinished).toBe(true);
      await expect(closing.put(taskOf(kind, 'late'))).rejects.toMatchObject({ retryable: true });
      const again: string[] = [];
      const next = await open();
      next.handle(kind, handling(), async ({ key }) => void again.push(key));
      next.start();
      await next.put(taskOf(kind, 'other'));
      await until(() => again.length > 0);
      await next.drained();
      expect(again).toEqual(['other']);
    });

    test('what no queue takes is refused, and said', async () => {
      const queue = await open();
      const kind = newKind();
      await expect(queue.put(taskOf(kind, 'big', { payload: 'x'.repeat(taskBytesMax) }))).rejects.toMatchObject({
        code: 'too_large',
      });
      await expect(queue.put(taskOf(kind, 'edge', { payload: 'x'.repeat(taskBytesMax - 2) }))).resolves.toBeUndefined();
      await expect(queue.put(taskOf(kind, ''))).rejects.toMatchObject({ code: 'malformed' });
      await expect(queue.put(taskOf(kind, 'k'.repeat(201)))).rejects.toMatchObject({ code: 'malformed' });
      await expect(queue.put(taskOf('No Kind', 'key'))).rejects.toMatchObject({ code: 'malformed' });
      await expect(queue.put(taskOf(kind, 'key', { delayMs: -1 }))).rejects.toMatchObject({ code: 'malformed' });
    });

    test('figures count what waits', async () => {
      const kind = newKind();
      const queue = await open();
      for (const key of ['a', 'b', 'c']) await queue.put(taskOf(kind, key));
      await queue.put(taskOf(kind, 'later', { delayMs: 60_000 }));
      let figures: unknown;
      await until(async () => {
        figures = (await queue.figures()).find((one) => one.kind === kind);
        return (figures as { ready: number | null } | undefined)?.ready === 3;
      });
      expect(figures).toEqual({ kind, ready: 3, delayed: 1, running: 0, dead: 0 });
    });
  });
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

async function inGroups(count: number, size: number, work: (i: number) => Promise<void>): Promise<void> {
  for (let from = 0; from < count; from += size)
    await Promise.all(Array.from({ length: Math.min(size, count - from) }, (_, i) => work(from + i)));
}
