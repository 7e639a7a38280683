import { randomBytes } from 'node:crypto';
import type { CustomerId } from 'gb-protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { batchBytesMax, customerKey, type KeyValueStore, keyBytesMax, valueBytesMax } from '../key-value-store.ts';
import { newId } from './world.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array | null | undefined) => (value ? new TextDecoder().decode(value) : null);

/** What every engine of the KeyValueStore promises. */
export function keyValueStoreContract(name: string, open: () => Promise<KeyValueStore>): void {
  describe(`key-value store: ${name}`, () => {
    let store: KeyValueStore;
    beforeAll(async () => {
      store = await open();
    }, 60_000);
    afterAll(() => store?.close());
    /** Keys of a customer that nobody else has. */
    const place = () => {
      const customerId = newId<CustomerId>();
      return (rest: string | Uint8Array) => customerKey(customerId, typeof rest === 'string' ? bytes(rest) : rest);
    };

    test('a value comes back as it was put, and the newer one takes its place', async () => {
      const key = place();
      expect(await store.get(key('a'))).toBeNull();
      await store.put(key('a'), bytes('Olá'));
      expect(text(await store.get(key('a')))).toBe('Olá');
      await store.put(key('a'), new Uint8Array([0, 255, 0]));
      expect([...(await store.get(key('a')))!]).toEqual([0, 255, 0]);
    });

    test('what is deleted is gone, and deleting it twice is once', async () => {
      const key = place();
      await store.putMany(['a', 'b', 'c'].map((one) => ({ key: key(one), value: bytes(one) })));
      await store.delete([key('a'), key('c'), key('never')]);
      await store.delete([key('a')]);
      expect((await store.getMany([key('a'), key('b'), key('c')])).map(text)).toEqual([null, 'b', null]);
    });

    test('many keys are answered in the order of the question, also twice, with null for what is not there', async () => {
      const key = place();
      await store.putMany(Array.from({ length: 300 }, (_, i) => ({ key: key(`k${i}`), value: bytes(`v${i}`) })));
      const asked = [...Array.from({ length: 400 }, (_, i) => i).reverse(), 7];
      const found = await store.getMany(asked.map((i) => key(`k${i}`)));
      expect(found.map(text)).toEqual(asked.map((i) => (i < 300 ? `v${i}` : null)));
      expect(await store.getMany([])).toEqual([]);
    });

    test('of several values for one key in a batch the last is stored', async () => {
      const key = place();
      await store.putMany(['1', '2', '3'].map((value) => ({ key: key('same'), value: bytes(value) })));
      expect(text(await store.get(key('same')))).toBe('3');
      await store.putMany([]);
    });

    test('a scan gives what lies between, its start included and its end not, in the order of the bytes', async () => {
      const key = place();
      const rests = [[0], [0, 0], [0, 255], [1], [127], [128], [254, 255], [255], [255, 0]].map((rest) => new Uint8Array(rest));
      await store.putMany(rests.toReversed().map((rest) => ({ key: key(rest), value: rest })));
      const scan = async (from: number[], to: number[], limit = 100) =>
        (await store.scan(key(new Uint8Array(from)), key(new Uint8Array(to)), limit)).map((entry) => [...entry.value]);
      expect(await scan([0], [255, 255])).toEqual(rests.map((rest) => [...rest]));
      expect(await scan([0, 0], [128])).toEqual([[0, 0], [0, 255], [1], [127]]);
      expect(await scan([0], [255], 3)).toEqual([[0], [0, 0], [0, 255]]);
      expect(await scan([2], [2, 1])).toEqual([]);
      expect(await scan([9], [9])).toEqual([]);
      expect(await scan([9], [8])).toEqual([]);
      expect(await scan([0], [255], 0)).toEqual([]);
      const [first] = await store.scan(key(new Uint8Array([1])), key(new Uint8Array([2])), 1);
      expect(first?.key).toEqual(key(new Uint8Array([1])));
    });

    test('a scan sees one customer and nobody else', async () => {
      const [ours, theirs] = [place(), place()];
      await store.put(ours('x'), bytes('ours'));
      await store.put(theirs('x'), bytes('theirs'));
      expect((await store.scan(ours('a'), ours('z'), 10)).map((entry) => text(entry.value))).toEqual(['ours']);
      await expect(store.scan(ours('a'), theirs('z'), 10)).rejects.toMatchObject({ code: 'malformed' });
    });

    test('a value is put only where the expected one is', async () => {
      const key = place()('cursor');
      expect(await store.compareAndPut(key, bytes('1'), bytes('2'))).toBe(false);
      expect(await store.get(key)).toBeNull();
      expect(await store.compareAndPut(key, null, bytes('1'))).toBe(true);
      expect(await store.compareAndPut(key, null, bytes('2'))).toBe(false);
      expect(await store.compareAndPut(key, bytes('0'), bytes('2'))).toBe(false);
      expect(text(await store.get(key))).toBe('1');
      expect(await store.compareAndPut(key, bytes('1'), bytes('2'))).toBe(true);
      expect(text(await store.get(key))).toBe('2');
    });

    test('of many who put upon the same expectation one wins', async () => {
      const key = place()('contended');
      for (const expected of [null, bytes('base')]) {
        if (expected) await store.put(key, expected);
        const won = await Promise.all(
          Array.from({ length: 20 }, async (_, i) => ((await store.compareAndPut(key, expected, bytes(`won ${i}`))) ? i : null)),
        );
        const winners = won.filter((one) => one !== null);
        expect(winners).toHaveLength(1);
        expect(text(await store.get(key))).toBe(`won ${winners[0]}`);
      }
    });

    test('keys and values up to the limits come back, and one byte more is refused', async () => {
      const key = place();
      const [long, large] = [key(new Uint8Array(keyBytesMax - 16).fill(7)), randomBytes(valueBytesMax)];
      await store.put(long, large);
      expect(large.equals((await store.get(long))!)).toBe(true);
      const longer = new Uint8Array([...long, 7]);
      for (const refused of [
        () => store.put(longer, bytes('x')),
        () => store.get(longer),
        () => store.put(key('x'), new Uint8Array(valueBytesMax + 1)),
        () => store.putMany([{ key: key('x'), value: new Uint8Array(valueBytesMax + 1) }]),
        () => store.compareAndPut(key('x'), null, new Uint8Array(valueBytesMax + 1)),
      ]) {
        await expect(refused()).rejects.toMatchObject({ code: 'too_large', retryable: false });
      }
      expect(await store.get(key('x'))).toBeNull();
    });

    test('batches larger than one request are stored and read as a whole', async () => {
      const key = place();
      const values = Array.from({ length: Math.ceil((batchBytesMax * 2.5) / valueBytesMax) + 1 }, () =>
        randomBytes(valueBytesMax - 7),
      );
      await store.putMany(values.map((value, i) => ({ key: key(`${i}`.padStart(4, '0')), value })));
      const found = await store.getMany(values.map((_, i) => key(`${i}`.padStart(4, '0'))));
      for (const [i, value] of values.entries()) expect(value.equals(found[i]!)).toBe(true);
      const scanned = await store.scan(key('0000'), key('9999'), 1_000);
      expect(scanned.map((entry) => entry.value.byteLength)).toEqual(values.map((value) => value.byteLength));
    });

    test('a key without a customer, and a value of nothing, are refused', async () => {
      const key = place();
      for (const none of [new Uint8Array(), new Uint8Array(16)]) {
        for (const attempt of [
          () => store.get(none),
          () => store.getMany([key('x'), none]),
          () => store.put(none, bytes('x')),
          () => store.delete([none]),
          () => store.scan(none, key('x'), 1),
          () => store.compareAndPut(none, null, bytes('x')),
        ]) {
          await expect(attempt()).rejects.toMatchObject({ code: 'malformed' });
        }
      }
      for (const attempt of [
        () => store.put(key('x'), new Uint8Array()),
        () => store.putMany([{ key: key('x'), value: new Uint8Array() }]),
        () => store.compareAndPut(key('x'), null, new Uint8Array()),
      ]) {
        await expect(attempt()).rejects.toMatchObject({ code: 'malformed' });
      }
    });

    test('it says that it is there, closes twice without harm, and then says that it is not', async () => {
      const other = await open();
      await other.ping();
      await other.close();
      await other.close();
      await expect(other.get(place()('x'))).rejects.toMatchObject({ code: 'unavailable' });
      await expect(other.put(place()('x'), bytes('x'))).rejects.toMatchObject({ code: 'unavailable' });
      await expect(other.ping()).rejects.toMatchObject({ code: 'unavailable' });
    });
  });
}
