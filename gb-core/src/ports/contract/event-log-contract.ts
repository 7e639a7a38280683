import type { ChannelId, Seq } from 'gb-protocol';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { EventLog } from '../event-log.ts';
import type { OutboxEntry, Store } from '../store.ts';
import { type World, world } from './world.ts';

export interface EventLogUnderTest {
  readonly store: Store;
  /** A log fed by `store`, with short pauses, that looks for entries unasked only once a minute. `attemptsMax` is 4. */
  openLog(): EventLog;
  /** The log of another process on the same data, with short pauses throughout. */
  openLogElsewhere(): Promise<EventLog>;
  /** After each test, when its logs are closed and the outbox is empty: logs opened from now on know nothing of before. */
  forget?(): Promise<void>;
  close(): Promise<void>;
}

/** Time enough for a real server to be put in place, the first time on a machine. */
const openMsMax = 600_000;

/** What every engine of the EventLog promises. `open` gives null where the engine cannot be had, having said why. */
export function eventLogContract(name: string, open: () => Promise<EventLogUnderTest | null>): void {
  describe(`event log: ${name}`, () => {
    let opened: EventLogUnderTest;
    let isHere = false;
    const logs: EventLog[] = [];
    beforeAll(async () => {
      const got = await open();
      if (got === null) return;
      opened = got;
      isHere = true;
    }, openMsMax);
    beforeEach((context) => {
      if (!isHere) context.skip('the engine cannot be had here');
    });
    afterEach(async () => {
      if (!isHere) return;
      await Promise.all(logs.splice(0).map((log) => log.close()));
      const left = await opened.store.outbox.take(100_000);
      await opened.store.outbox.done(left.map((entry) => entry.id));
      await opened.forget?.();
    });
    afterAll(async () => {
      await opened?.close();
    }, 60_000);
    const track = (log: EventLog) => {
      logs.push(log);
      return log;
    };
    const seqsOf = (entries: readonly OutboxEntry[], channelId: ChannelId): Seq[] =>
      entries.filter((entry) => entry.channelId === channelId).map((entry) => entry.seq);
    const first = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
    const until = async (condition: () => boolean) => {
      for (const deadline = Date.now() + 30_000; !condition(); await new Promise((resolve) => setTimeout(resolve, 5))) {
        if (Date.now() > deadline) throw new Error('It did not happen within half a minute');
      }
    };
    const start = async (): Promise<World> => world(opened.store);

    test('every group gets every entry, each channel in its order, also those from before the start', async () => {
      const w = await start();
      const [one, two] = [await w.channel('one'), await w.channel('two')];
      await Promise.all(Array.from({ length: 40 }, (_, i) => w.say(i % 2 ? one : two, `before ${i}`)));
      const log = track(opened.openLog());
      const seen: OutboxEntry[][] = [[], []];
      log.consume('bots', async (entry) => void seen[0]!.push(entry));
      log.consume('live', async (entry) => {
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
        seen[1]!.push(entry);
      });
      log.start();
      await Promise.all(Array.from({ length: 40 }, (_, i) => w.say(i % 2 ? one : two, `after ${i}`)));
      await log.drained();
      for (const entries of seen) for (const id of [one, two]) expect(seqsOf(entries, id)).toEqual(first(40));
      expect(seen[0]![0]).toMatchObject({ customerId: w.customerId, kind: 'message.posted' });
      expect(await opened.store.outbox.take(10)).toEqual([]);
    });

    test('a commit is handed out at once, without waiting for the next look', async () => {
      const w = await start();
      const general = await w.channel('general');
      const log = track(opened.openLog());
      const heard: Seq[] = [];
      log.consume('live', async (entry) => void heard.push(entry.seq));
      log.start();
      await log.drained();
      await new Promise((resolve) => setTimeout(resolve, 50));
      await w.say(general, 'now');
      await until(() => heard.length > 0); // The next look is later than this waits.
    });

    test('a failing handler gets the entry again, before any later one of its channel', async () => {
      const w = await start();
      const general = await w.channel('general');
      const log = track(opened.openLog());
      const attempts: Seq[] = [];
      log.consume('bots', async (entry) => {
        attempts.push(entry.seq);
        if (entry.seq === 2 && attempts.filter((seq) => seq === 2).length < 3) throw new Error('not yet');
      });
      log.start();
      for (let i = 0; i < 4; i++) await w.say(general, `m${i}`);
      await log.drained();
      expect(attempts).toEqual([1, 2, 2, 2, 3, 4]);
    });

    test('a channel that waits does not hold up another', async () => {
      const w = await start();
      const [stuck, free] = [await w.channel('stuck'), await w.channel('free')];
      const log = track(opened.openLog());
      const seen: Seq[] = [];
      let release = () => {};
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      log.consume('bots', async (entry) => {
        if (entry.channelId === stuck) await released;
        else seen.push(entry.seq);
      });
      log.start();
      await w.say(stuck, 'wait');
      for (let i = 0; i < 20; i++) await w.say(free, `m${i}`);
      await until(() => seen.length === 20);
      release();
      await log.drained();
    });

    test('after its attempts an entry is parked, for its group only, and the channel goes on', async () => {
      const w = await start();
      const general = await w.channel('general');
      const log = track(opened.openLog());
      const bad: Seq[] = [];
      const good: Seq[] = [];
      log.consume('bad', async (entry) => {
        bad.push(entry.seq);
        if (entry.seq === 1) throw new Error('poison');
      });
      log.consume('good', async (entry) => void good.push(entry.seq));
      log.start();
      await w.say(general, 'one');
      await w.say(general, 'two');
      await log.drained();
      expect(bad).toEqual([1, 1, 1, 1, 2]);
      expect(good).toEqual([1, 2]);
      expect(await opened.store.outbox.take(10)).toEqual([]);
    });

    test('an entry that was not finished is handed out again by the next log', async () => {
      const w = await start();
      const general = await w.channel('general');
      const log = opened.openLog();
      const seen: Seq[] = [];
      log.consume('bots', async (entry) => {
        seen.push(entry.seq);
        if (entry.seq === 2) throw new Error('dies here');
      });
      log.start();
      for (let i = 0; i < 3; i++) await w.say(general, `m${i}`);
      await until(() => seen.includes(2));
      await log.close();
      const next = track(opened.openLog());
      const again: Seq[] = [];
      next.consume('bots', async (entry) => void again.push(entry.seq));
      next.start();
      await next.drained();
      expect(again).toEqual([2, 3]);
    });

    test('closing waits for the handlers that run, and lets none begin', async () => {
      const w = await start();
      const general = await w.channel('general');
      const log = opened.openLog();
      const finished: Seq[] = [];
      let isRunning = false;
      log.consume('bots', async (entry) => {
        isRunning = true;
        await new Promise((resolve) => setTimeout(resolve, 50));
        finished.push(entry.seq);
      });
      log.start();
      await w.say(general, 'one');
      await w.say(general, 'two');
      await until(() => isRunning);
      await log.close();
      await log.close();
      expect(finished).toEqual([1]);
      const next = track(opened.openLog());
      next.consume('bots', async (entry) => void finished.push(entry.seq));
      next.start();
      await next.drained();
      expect(finished).toEqual([1, 2]);
    });

    test('drained waits for what was committed before it, not for what comes later', async () => {
      const w = await start();
      const general = await w.channel('general');
      const log = track(opened.openLog());
      const seen: Seq[] = [];
      log.consume('bots', async (entry) => {
        await new Promise((resolve) => setTimeout(resolve, 10));
        seen.push(entry.seq);
      });
      log.start();
      let isOver = false;
      const talking = (async () => {
        while (!isOver) await w.say(general, 'more');
      })();
      for (let i = 0; i < 5; i++) await w.say(general, `m${i}`);
      const { seq } = (await opened.store.read(w.customerId, (tx) => tx.log.position(general)))!;
      const timer = setTimeout(() => {
        isOver = true;
      }, 20_000);
      await log.drained();
      expect(isOver).toBe(false);
      expect(seen).toEqual(expect.arrayContaining(first(seq)));
      clearTimeout(timer);
      isOver = true;
      await talking;
    }, 60_000);

    test('two logs on the same data share the work: a channel is never in two hands, and loses nothing to the change', async () => {
      const w = await start();
      const channels: ChannelId[] = [];
      for (let i = 0; i < 8; i++) channels.push(await w.channel(`c${i}`));
      const seen = new Map<ChannelId, Seq[]>(channels.map((id) => [id, []]));
      const inHand = new Set<ChannelId>();
      const mistakes: string[] = [];
      const handler = async ({ channelId, seq }: OutboxEntry) => {
        const seqs = seen.get(channelId);
        if (!seqs) return; // Of the workspace's own log.
        if (inHand.has(channelId)) mistakes.push(`${seq} began while another entry of its channel was being handled`);
        if (seq > Math.max(0, ...seqs) + 1) mistakes.push(`${seq} came after ${seqs.at(-1)}`);
        inHand.add(channelId);
        await new Promise((resolve) => setTimeout(resolve, 5));
        seqs.push(seq);
        inHand.delete(channelId);
      };
      const here = track(opened.openLog());
      const there = track(await opened.openLogElsewhere());
      here.consume('bots', handler);
      there.consume('bots', handler);
      here.start();
      for (let i = 0; i < 60; i++) {
        await Promise.all(channels.map((id) => w.say(id, `m${i}`)));
        if (i === 20) there.start();
        if (i === 40) await there.close();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await here.drained();
      expect(mistakes).toEqual([]);
      for (const id of channels) expect([...new Set(seen.get(id))].sort((a, b) => a - b)).toEqual(first(60));
    }, 90_000);
  });
}
