import type { ChannelId, LogEvent, LogPage, Seq, UserId } from 'gb-protocol';
import { expect, onTestFinished, test } from 'vitest';
import { ChannelLog, type LogSource } from './channel-log.ts';
import { ApiError } from './http.ts';
import { defaultTuning } from './options.ts';
import { pause, until } from './testing/harness.ts';

const channelId = 'c' as ChannelId;

function entry(seq: Seq, epoch = 1): LogEvent {
  return { kind: 'message.deleted', target: 1, channelId, epoch, seq, actorId: 'u' as UserId, at: 0 };
}

function entries(from: Seq, to: Seq): LogEvent[] {
  return Array.from({ length: to - from + 1 }, (_, i) => entry(from + i));
}

function follow(source: Partial<LogSource>, tuning = {}) {
  const applied: Seq[] = [];
  const log = new ChannelLog(
    { channelId, epoch: 1, seq: 0 },
    {
      fetch: () => Promise.reject(new ApiError('internal', 'not expected')),
      apply: (events) => void applied.push(...events.map((event) => event.seq)),
      restart: () => Promise.reject(new ApiError('internal', 'not expected')),
      restarted() {},
      lost() {},
      isLive: () => true,
      warn() {},
      ...source,
    },
    { ...defaultTuning, gapMs: 5, backoffMaxMs: 20, ...tuning },
    Math.random,
  );
  onTestFinished(() => log.close());
  return { log, applied };
}

function page(events: readonly LogEvent[], head: Seq): LogPage<LogEvent> {
  return { kind: 'events', epoch: 1, head, events, hasMore: false };
}

test('a page with a hole moves the cursor up to the hole, and the rest is asked for again', async () => {
  const asked: Seq[] = [];
  const { log, applied } = follow({
    fetch: async (_epoch, after) => {
      asked.push(after);
      return after === 0 ? page([entry(1), entry(2), entry(4)], 4) : page(entries(after + 1, 4), 4);
    },
  });
  log.catchUp(1, 4);
  await until(() => applied.length === 4, 'all four');
  expect(applied).toEqual([1, 2, 3, 4]);
  expect(asked).toEqual([0, 2]);
});

test('a log that does not reach the head it promised is asked again, slower, and not for ever in one turn', async () => {
  let asked = 0;
  const { log, applied } = follow({ fetch: async () => (++asked < 4 ? page([], 0) : page([entry(1)], 1)) });
  log.catchUp(1, 1);
  await until(() => applied.length === 1, 'the entry', 8_000);
  expect(asked).toBe(4);
});

test('the reorder buffer is bounded; what does not fit is read from the log', async () => {
  let asked = 0;
  const { log, applied } = follow(
    {
      fetch: async (_epoch, after) => {
        asked += 1;
        return page(entries(after + 1, Math.min(after + 200, 500)), 500);
      },
    },
    { reorderBufferMax: 10 },
  );
  for (let seq = 2; seq <= 500; seq++) log.offer(entry(seq));
  await until(() => applied.length === 500, 'all');
  expect(applied).toEqual(entries(1, 500).map((event) => event.seq));
  expect(asked).toBe(3);
});

test('doubles take no place in the buffer', async () => {
  const { log, applied } = follow({}, { reorderBufferMax: 2, gapMs: 1_000 });
  for (let seq = 1; seq <= 50; seq++) log.offer(entry(seq));
  for (let i = 0; i < 3; i++) for (let seq = 1; seq <= 50; seq++) log.offer(entry(seq));
  log.offer(entry(53));
  log.offer(entry(52));
  log.offer(entry(51));
  expect(applied).toEqual(entries(1, 53).map((event) => event.seq));
});

test('during a restart nothing is applied; afterwards only what is beyond the new position', async () => {
  let answer: (position: { epoch: number; seq: Seq }) => void = () => {};
  const { log, applied } = follow({ restart: () => new Promise((resolve) => (answer = resolve)) });
  log.offer(entry(1));
  log.offer(entry(5, 2));
  for (const seq of [2, 3]) log.offer(entry(seq, 1));
  for (const seq of [4, 6, 7]) log.offer(entry(seq, 2));
  await pause(10);
  expect(applied).toEqual([1]);

  answer({ epoch: 2, seq: 5 });
  await until(() => applied.length === 3, 'the rest');
  expect(applied).toEqual([1, 6, 7]);
  expect([log.epoch, log.cursor]).toEqual([2, 7]);
});

test('a state older than what was seen is not taken, unless our place was refused', async () => {
  let restarts = 0;
  const { log } = follow({
    fetch: async () => ({ kind: 'restart', epoch: 3, head: 9 }),
    restart: async () => (++restarts < 3 ? { epoch: 1, seq: 0 } : { epoch: 3, seq: 9 }),
  });
  log.noteHead(3, 9);
  await until(() => log.epoch === 3, 'the new epoch');
  expect(restarts).toBe(3);

  const refused = follow({
    fetch: () => Promise.reject(new ApiError('invalid_cursor', 'beyond the head')),
    restart: async () => ({ epoch: 1, seq: 2 }),
  });
  for (let seq = 1; seq <= 5; seq++) refused.log.offer(entry(seq));
  refused.log.catchUp(1, 8);
  await until(() => refused.log.cursor === 2, 'back to what the server has');
});

test('a log that is not ours is let go of', async () => {
  const lost: string[] = [];
  const { log } = follow({
    fetch: () => Promise.reject(new ApiError('not_found', 'gone')),
    lost: (error) => void lost.push(error.code),
  });
  log.catchUp(1, 3);
  await until(() => lost.length === 1, 'lost');
  log.offer(entry(1));
  expect(log.cursor).toBe(0);
});
