import { cacheContract } from 'gb-core/contract';
import type { CustomerId } from 'gb-protocol';
import { silentLogger, uuidv7 } from 'gb-utils';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createRedisCache, type RedisCache } from './cache.redis.ts';
import { redisProgram, TestRedis, Wire } from './testing/servers.ts';

const program = await redisProgram();
let server: TestRedis;
const opened: RedisCache[] = [];
beforeAll(async () => {
  if (program) server = await TestRedis.start(program);
});
afterEach(async () => {
  server?.thaw();
  await Promise.all(opened.splice(0).map((one) => one.close()));
});
afterAll(() => server?.close());

/** Waits for answers for as long as a busy machine may need; `answerMsMax` is for tests of those that come too late. */
async function open({ url = server.url, answerMsMax = 10_000 } = {}): Promise<RedisCache> {
  const one = createRedisCache({ url, log: silentLogger, answerMsMax });
  opened.push(one);
  expect(await one.connected(10_000)).toBe(true);
  return one;
}

const key = () => ({ customerId: uuidv7() as CustomerId, name: `test:${uuidv7()}` });
const value = new Uint8Array([1, 2, 3]);

// Skipped where Redis cannot be had; `redisProgram` has said why.
describe.skipIf(program === null)('with a server', () => {
  cacheContract('Redis', () => open());

  test('what one process puts another has, and its name is not to be read from the key', async () => {
    const [a, b] = [await open(), await open()];
    const known = { ...key(), name: 'vector:how much does it cost' };
    await a.set(known, value, 60_000);
    expect(await b.get(known)).toEqual(value);
    expect(await b.get(key())).toBeNull();
    expect(b.figures()).toEqual({ hits: 1, misses: 1, failures: 0 });
    const redis = new Redis(server.url);
    try {
      const keys = await redis.keys(`gb:cache:${known.customerId}:*`);
      expect(keys).toHaveLength(1);
      expect(keys[0]).not.toContain('cost');
    } finally {
      redis.disconnect();
    }
  });

  test('a server that hangs, or is away, is one that has forgotten, and is used again when it is back', async () => {
    const wire = await Wire.to(server.port);
    try {
      const cache = await open({ url: wire.url, answerMsMax: 50 });
      const known = key();
      server.freeze();
      await cache.set(known, value, 60_000);
      expect(await cache.get(known)).toBeNull();
      server.thaw();
      wire.cut();
      await cache.delete(known);
      expect(await cache.get(known)).toBeNull();
      expect(cache.figures()).toMatchObject({ hits: 0, failures: 4 });
      wire.mend();
      const other = key();
      await expect
        .poll(async () => {
          await cache.set(other, value, 60_000);
          return cache.get(other);
        })
        .toEqual(value);
    } finally {
      await wire.close();
    }
  });
});
