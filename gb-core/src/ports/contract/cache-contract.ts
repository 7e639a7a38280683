import type { CustomerId } from 'gb-protocol';
import { sleep, uuidv7 } from 'gb-utils';
import { afterEach, describe, expect, test } from 'vitest';
import { type Cache, type CacheKey, cacheValueBytesMax } from '../cache.ts';

/** What every engine of the Cache promises, while it is there. */
export function cacheContract(name: string, open: () => Cache | Promise<Cache>): void {
  describe(`cache: ${name}`, () => {
    const opened: Cache[] = [];
    const cache = async () => {
      const one = await open();
      opened.push(one);
      return one;
    };
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((one) => one.close()));
    });
    const key = (text = uuidv7()): CacheKey => ({ customerId: uuidv7() as CustomerId, name: `test:${text}` });
    const bytes = (text: string) => new TextEncoder().encode(text);
    const hourMs = 3_600_000;

    test('gives back what was put, byte for byte, and nothing for what was not', async () => {
      const one = await cache();
      const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      const known = key();
      expect(await one.get(known)).toBeNull();
      await one.set(known, all, hourMs);
      expect(await one.get(known)).toEqual(all);
      await one.set(known, bytes('newer'), hourMs);
      expect(await one.get(known)).toEqual(bytes('newer'));
      await one.set(known, new Uint8Array(), hourMs);
      expect(await one.get(known)).toEqual(new Uint8Array());
    });

    test('what is given or kept is not changed by who has it', async () => {
      const one = await cache();
      const known = key();
      const value = bytes('as it was');
      await one.set(known, value, hourMs);
      value.fill(0);
      const got = await one.get(known);
      expect(got).toEqual(bytes('as it was'));
      got?.fill(0);
      expect(await one.get(known)).toEqual(bytes('as it was'));
    });

    test('customers and names do not touch each other, whatever is in them', async () => {
      const one = await cache();
      const names = ['a', 'a:b', 'a\r\nDEL x', '{tag}', 'ç🙂'.repeat(1_000), ''];
      const keys = names.flatMap((text) => [key(text), key(text)]);
      for (const [i, own] of keys.entries()) await one.set(own, bytes(String(i)), hourMs);
      for (const [i, own] of keys.entries()) expect(await one.get(own)).toEqual(bytes(String(i)));
      await one.delete(keys[0]!);
      expect(await one.get(keys[0]!)).toBeNull();
      expect(await one.get(keys[1]!)).toEqual(bytes('1'));
    });

    test('it is over after its time', async () => {
      const one = await cache();
      const [brief, long] = [key(), key()];
      await one.set(brief, bytes('brief'), 20);
      await one.set(long, bytes('long'), hourMs);
      await sleep(40);
      expect(await one.get(brief)).toBeNull();
      expect(await one.get(long)).toEqual(bytes('long'));
      await one.set(long, bytes('never'), 0);
      expect(await one.get(long)).toBeNull();
    });

    test('what is too large is not kept, and what it would have replaced neither', async () => {
      const one = await cache();
      const known = key();
      await one.set(known, new Uint8Array(cacheValueBytesMax).fill(1), hourMs);
      expect((await one.get(known))?.length).toBe(cacheValueBytesMax);
      await one.set(known, new Uint8Array(cacheValueBytesMax + 1), hourMs);
      expect(await one.get(known)).toBeNull();
    });

    test('a closed one has forgotten everything', async () => {
      const one = await cache();
      const known = key();
      await one.set(known, bytes('x'), hourMs);
      await one.close();
      expect(await one.get(known)).toBeNull();
      await one.set(known, bytes('y'), hourMs);
      await one.delete(known);
    });
  });
}
