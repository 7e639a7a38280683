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

    test('several limits count together or not at all', async () => {
      const one = await limits();
      const [narrow, wide] = [uuidv7(), uuidv7()];
      const both = [
        { rule: slow(2), key: narrow },
        { rule: slow(5), key: wide },
      ];
      expect(await one.takeAll(both)).toBe(0);
      expect(await one.takeAll(both)).toBe(0);
      // Refused by the first, however often: the second has counted two.
      for (let n = 0; n < 20; n++) expect(await one.takeAll(both)).toBeGreaterThan(0);
      for (let n = 0; n < 3; n++) expect(await one.take(slow(5), wide)).toBe(0);
      expect(await one.take(slow(5), wide)).toBeGreaterThan(0);
      // Refused by the second: the first lets another pass.
      const fresh = uuidv7();
      expect(await one.takeAll([both[1]!, { rule: slow(1), key: fresh }])).toBeGreaterThan(0);
      expect(await one.take(slow(1), fresh)).toBe(0);
      expect(await one.takeAll([])).toBe(0);
    });

    test('of several waits the longest is told', async () => {
      const one = await limits();
      const [quick, late]: readonly RateRule[] = [
        { name: 'minute', burst: 1, perSecond: 1 / 60 },
        { name: 'hour', burst: 1, perSecond: 1 / 3600 },
      ];
      const key = uuidv7();
      const asks = [quick!, late!].map((rule) => ({ rule, key }));
      expect(await one.takeAll(asks)).toBe(0);
      expect(await one.takeAll(asks)).toBeGreaterThan(60_000);
      expect(await one.takeAll([...asks].reverse())).toBeGreaterThan(60_000);
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
