import { sleep, uuidv7 } from 'gb-utils';
import { afterEach, describe, expect, test } from 'vitest';
import type { RateLimits, RateRule } from '../rate-limits.ts';

/** What every engine of RateLimits promises. It counts in real time, so the limits here are slow and the waits short. */
export function rateLimitsContract(name: string, open: () => RateLimits | Promise<RateLimits>): void {
  describe(`rate limits: ${name}`, () => {
    const opened: RateLimits[] = [];
    const limits = async () => {
      const one = await open();
      opened.push(one);
      return one;
    };
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((one) => one.close()));
    });
    /** One a minute after the burst: slower than any machine the tests run on. */
    const slow = (burst: number): RateRule => ({ name: `slow-${burst}`, burst, perSecond: 1 / 60 });

    test('a burst passes, then the wait is told', async () => {
      const one = await limits();
      const key = uuidv7();
      for (let n = 0; n < 3; n++) expect(await one.take(slow(3), key)).toBe(0);
      const waitMs = await one.take(slow(3), key);
      expect(waitMs).toBeGreaterThan(30_000);
      expect(waitMs).toBeLessThanOrEqual(60_000);
      expect(Number.isInteger(waitMs)).toBe(true);
    });

    test('a refusal costs nothing, and after the wait it may happen', async () => {
      const one = await limits();
      const key = uuidv7();
      const rule: RateRule = { name: 'quick', burst: 1, perSecond: 5 };
      expect(await one.take(rule, key)).toBe(0);
      let waitMs = 0;
      for (let n = 0; n < 20; n++) waitMs = Math.max(waitMs, await one.take(rule, key));
      expect(waitMs).toBeGreaterThan(0);
      expect(waitMs).toBeLessThanOrEqual(200);
      await sleep(waitMs + 5);
      expect(await one.take(rule, key)).toBe(0);
    });

    test('keys and rules do not touch each other, whatever is in them', async () => {
      const one = await limits();
      const keys = [uuidv7(), 'a:b', 'a b\r\nDEL x', '{tag}', 'ç🙂'.repeat(1_000), ''].map((key) => `${key}${uuidv7()}`);
      for (const key of keys) expect(await one.take(slow(1), key)).toBe(0);
      for (const key of keys) expect(await one.take(slow(1), key)).toBeGreaterThan(0);
      expect(await one.take({ ...slow(1), name: 'another' }, keys[0]!)).toBe(0);
    });

    test('what costs more counts for more, and what costs more than the burst never passes', async () => {
      const one = await limits();
      const key = uuidv7();
      expect(await one.take(slow(10), key, 7.5)).toBe(0);
      expect(await one.take(slow(10), key, 7.5)).toBeGreaterThan(0);
      expect(await one.take(slow(10), key, 2)).toBe(0);
      expect(await one.take(slow(10), uuidv7(), 11)).toBeGreaterThan(0);
    });

    test('of many that ask at once the burst passes, and no more', async () => {
      const one = await limits();
      const key = uuidv7();
      const waits = await Promise.all(Array.from({ length: 200 }, () => one.take(slow(20), key)));
      expect(waits.filter((waitMs) => waitMs === 0)).toHaveLength(20);
    });

    test('what is reset begins anew', async () => {
      const one = await limits();
      const key = uuidv7();
      expect(await one.take(slow(1), key)).toBe(0);
      await one.reset(slow(1), key);
      expect(await one.take(slow(1), key)).toBe(0);
      expect(await one.take(slow(1), key)).toBeGreaterThan(0);
    });

    test('who asks after the end is counted still', async () => {
      const one = await limits();
      await one.close();
      await one.close();
      const key = uuidv7();
      expect(await one.take(slow(1), key)).toBe(0);
      expect(await one.take(slow(1), key)).toBeGreaterThan(0);
    });
  });
}
