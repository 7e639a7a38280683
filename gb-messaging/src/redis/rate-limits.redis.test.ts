import type { RateRule } from 'gb-core';
import { rateLimitsContract } from 'gb-core/contract';
import { silentLogger, sleep, systemClock, uuidv7 } from 'gb-utils';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createRedisRateLimits, type RedisRateLimits } from './rate-limits.redis.ts';
import { redisProgram, TestRedis, Wire } from './testing/servers.ts';

const program = await redisProgram();
let server: TestRedis;
const opened: RedisRateLimits[] = [];
beforeAll(async () => {
  if (program) server = await TestRedis.start(program);
});
afterEach(async () => {
  server?.thaw();
  await Promise.all(opened.splice(0).map((one) => one.close()));
});
afterAll(() => server?.close());

/** Waits for answers for as long as a busy machine may need; `answerMsMax` is for tests of those that come too late. */
async function open({ url = server.url, answerMsMax = 10_000 } = {}): Promise<RedisRateLimits> {
  const one = createRedisRateLimits({ url, clock: systemClock, log: silentLogger, answerMsMax });
  opened.push(one);
  expect(await one.connected(10_000)).toBe(true);
  return one;
}

const rule: RateRule = { name: 'slow', burst: 20, perSecond: 1 / 60 };

// Skipped where Redis cannot be had; `redisProgram` has said why.
describe.skipIf(program === null)('with a server', () => {
  rateLimitsContract('Redis', () => open());

  test('two processes share a limit', async () => {
    const [a, b] = [await open(), await open()];
    const key = uuidv7();
    const waits = await Promise.all(Array.from({ length: 100 }, (_, i) => (i % 2 ? a : b).take(rule, key)));
    expect(waits.filter((waitMs) => waitMs === 0)).toHaveLength(20);
    expect(a.figures()).toEqual({ isConnected: true, shared: 50, alone: 0 });
  });

  test('a key goes when it says nothing any more, and says nothing of whom it is for', async () => {
    const one = await open();
    await one.take({ name: 'brief', burst: 10, perSecond: 20 }, 'ana@example.org');
    const redis = new Redis(server.url);
    try {
      const [key] = await redis.keys('gb:rate:brief:*');
      expect(key).toBeDefined();
      expect(key).not.toContain('ana');
      await expect.poll(() => redis.exists(key!)).toBe(0);
      // A number nobody of us wrote is as good as none.
      const other = uuidv7();
      await one.take(rule, other);
      for (const name of await redis.keys('gb:rate:slow:*')) await redis.set(name, 'garbage');
      expect(await one.take(rule, other)).toBe(0);
    } finally {
      redis.disconnect();
    }
  });

  test('a server that forgot the script is told again', async () => {
    const one = await open();
    const key = uuidv7();
    await one.take(rule, key);
    const redis = new Redis(server.url);
    await redis.script('FLUSH');
    redis.disconnect();
    const waits = await Promise.all(Array.from({ length: 30 }, () => one.take(rule, key)));
    expect(waits.filter((waitMs) => waitMs === 0)).toHaveLength(19);
    expect(one.figures().alone).toBe(0);
  });

  test('a server that stands still: everybody is answered, counted here, and by the server when it is back', async () => {
    const one = await open({ answerMsMax: 50 });
    const key = uuidv7();
    server.freeze();
    const waits = await Promise.all(Array.from({ length: 50 }, () => one.take(rule, key)));
    expect(waits.filter((waitMs) => waitMs === 0)).toHaveLength(20);
    expect(one.figures()).toMatchObject({ isConnected: false, alone: 50 });
    expect(await one.take(rule, key)).toBeGreaterThan(0);
    server.thaw();
    await expect.poll(() => one.figures().isConnected).toBe(true);
    await one.take(rule, key);
    expect(one.figures().shared).toBe(1);
  });

  test('a slow server is waited for once: what is asked after that is not even sent', async () => {
    const wire = await Wire.to(server.port);
    try {
      const one = await open({ url: wire.url, answerMsMax: 200 });
      wire.delayMs = 2_000;
      expect(await one.take(rule, uuidv7())).toBe(0);
      expect(one.figures()).toEqual({ isConnected: false, shared: 0, alone: 1 });
      const key = uuidv7();
      for (let n = 0; n < 20; n++) expect(await one.take(rule, key)).toBe(0);
      expect(await one.take(rule, key)).toBeGreaterThan(0);
      expect(one.figures()).toMatchObject({ shared: 0, alone: 22 });
      // Quick again: it counts for all, and has not heard of what was counted here.
      wire.delayMs = 0;
      await expect.poll(() => one.figures().isConnected, { timeout: 20_000 }).toBe(true);
      expect(await one.take(rule, key)).toBe(0);
    } finally {
      await wire.close();
    }
  });

  test('those who wait for a server that gets slow are told in the order in which they asked', async () => {
    const wire = await Wire.to(server.port);
    try {
      const one = await open({ url: wire.url, answerMsMax: 300 });
      wire.delayMs = 5_000;
      const order: number[] = [];
      const asked = Array.from({ length: 30 }, async (_, n) => {
        await sleep(n * 5);
        await one.take(rule, uuidv7());
        order.push(n);
      });
      await Promise.all(asked);
      expect(order).toEqual([...order].sort((a, b) => a - b));
      expect(one.figures().shared).toBe(0);
    } finally {
      await wire.close();
    }
  });

  test('a server that is killed and comes back', async () => {
    const one = await open();
    const key = uuidv7();
    await one.take(rule, key);
    await server.kill();
    const waits = await Promise.all(Array.from({ length: 50 }, () => one.take(rule, key)));
    expect(waits.filter((waitMs) => waitMs === 0)).toHaveLength(20);
    await server.start();
    await expect.poll(() => one.figures().isConnected).toBe(true);
    expect(await one.take(rule, key)).toBe(0);
    expect(one.figures().shared).toBe(2);
  });
});
