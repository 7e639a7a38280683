import type { RateRule } from 'gb-core';
import { rateLimitsContract } from 'gb-core/contract';
import { silentLogger, systemClock, uuidv7 } from 'gb-utils';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createRedisRateLimits, type RedisRateLimits } from './rate-limits.redis.ts';
import { redisProgram, TestRedis } from './testing/servers.ts';

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

async function open(): Promise<RedisRateLimits> {
  const one = createRedisRateLimits({ url: server.url, clock: systemClock, log: silentLogger });
  opened.push(one);
  expect(await one.connected(10_000)).toBe(true);
  return one;
}

const rule: RateRule = { name: 'slow', burst: 20, perSecond: 1 / 60 };

// Skipped where Redis cannot be had; `redisProgram` has said why.
describe.skipIf(program === null)('with a server', () => {
  rateLimitsContract('Redis', open);

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
    const one = await open();
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
