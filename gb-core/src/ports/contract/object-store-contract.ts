import { createHash, randomBytes } from 'node:crypto';
import { text as readText } from 'node:stream/consumers';
import type { CustomerId, FileId } from 'gb-protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ObjectKey, type ObjectStore, objectKey } from '../object-store.ts';
import { newId } from './world.ts';

/** What every engine of the ObjectStore promises. */
export function objectStoreContract(name: string, open: () => Promise<ObjectStore>): void {
  describe(`object store: ${name}`, () => {
    let store: ObjectStore;
    beforeAll(async () => {
      store = await open();
    });
    afterAll(() => store?.close());
    const newKey = () => objectKey(newId<CustomerId>(), newId<FileId>());
    const read = async (key: ObjectKey, range?: { start: number; end: number }) => {
      const stream = await store.get(key, range);
      return stream && readText(stream);
    };
    const bytes = (text: string) => new TextEncoder().encode(text);
    async function* pieces(...texts: string[]) {
      for (const text of texts) yield bytes(text);
    }

    test('an object comes back as it was put, in one piece or many', async () => {
      const [whole, parts] = [newKey(), newKey()];
      expect(await store.put(whole, bytes('Olá'))).toEqual({ size: 4 });
      expect(await store.put(parts, pieces('a', '', 'bc'))).toEqual({ size: 3 });
      expect(await read(whole)).toBe('Olá');
      expect(await read(parts)).toBe('abc');
      expect(await store.stat(whole)).toEqual({ size: 4 });
    });

    test('megabytes come back unchanged', async () => {
      const key = newKey();
      const chunk = randomBytes(1_000_003);
      async function* many() {
        for (let i = 0; i < 10; i++) yield chunk;
      }
      expect(await store.put(key, many())).toEqual({ size: 10_000_030 });
      const hash = createHash('sha256');
      for await (const part of (await store.get(key))!) hash.update(part as Uint8Array);
      const wanted = createHash('sha256');
      for (let i = 0; i < 10; i++) wanted.update(chunk);
      expect(hash.digest('hex')).toBe(wanted.digest('hex'));
    });

    test('an empty object is an object', async () => {
      const key = newKey();
      expect(await store.put(key, new Uint8Array())).toEqual({ size: 0 });
      expect(await store.stat(key)).toEqual({ size: 0 });
      expect(await read(key)).toBe('');
    });

    test('a range is the bytes between, both ends included, cut at the end of the object', async () => {
      const key = newKey();
      await store.put(key, bytes('0123456789'));
      expect(await read(key, { start: 0, end: 0 })).toBe('0');
      expect(await read(key, { start: 3, end: 5 })).toBe('345');
      expect(await read(key, { start: 8, end: 99 })).toBe('89');
      expect(await read(key, { start: 10, end: 20 })).toBe('');
    });

    test('what is not there is null, and deleting it twice is once', async () => {
      const key = newKey();
      expect(await store.get(key)).toBeNull();
      expect(await store.stat(key)).toBeNull();
      await store.delete(key);
      await store.put(key, bytes('x'));
      await store.delete(key);
      await store.delete(key);
      expect(await store.get(key)).toBeNull();
    });

    test('a put that fails in the middle leaves nothing, and what was there before', async () => {
      const [fresh, old] = [newKey(), newKey()];
      await store.put(old, bytes('old'));
      async function* failing() {
        yield bytes('half');
        throw new RangeError('the sender left');
      }
      await expect(store.put(fresh, failing())).rejects.toThrow('the sender left');
      await expect(store.put(old, failing())).rejects.toThrow('the sender left');
      expect(await store.get(fresh)).toBeNull();
      expect(await read(old)).toBe('old');
    });

    test('while an object is being put nobody sees it', async () => {
      const key = newKey();
      let go = () => {};
      const waiting = new Promise<void>((resolve) => {
        go = resolve;
      });
      async function* slow() {
        yield bytes('first ');
        await waiting;
        yield bytes('last');
      }
      const putting = store.put(key, slow());
      expect(await store.get(key)).toBeNull();
      expect(await store.stat(key)).toBeNull();
      go();
      await putting;
      expect(await read(key)).toBe('first last');
    });

    test('who reads an object reads it to its end, though it is replaced or deleted meanwhile', async () => {
      const [replaced, deleted] = [newKey(), newKey()];
      for (const key of [replaced, deleted]) await store.put(key, bytes('before'));
      const streams = [await store.get(replaced), await store.get(deleted)];
      await store.put(replaced, bytes('after'));
      await store.delete(deleted);
      expect(await Promise.all(streams.map((stream) => readText(stream!)))).toEqual(['before', 'before']);
      expect(await read(replaced)).toBe('after');
    });

    test('of many who put the same key at once, one wins as a whole', async () => {
      const key = newKey();
      const texts = Array.from({ length: 20 }, (_, i) => String(i % 10).repeat(5_000));
      await Promise.all(texts.map((text) => store.put(key, bytes(text))));
      expect(texts).toContain(await read(key));
    });

    test('a reader that stops early does no harm', async () => {
      const key = newKey();
      await store.put(key, randomBytes(5_000_000));
      for await (const part of (await store.get(key))!) {
        expect((part as Uint8Array).byteLength).toBeGreaterThan(0);
        break;
      }
      (await store.get(key))!.destroy();
      expect(await store.stat(key)).toEqual({ size: 5_000_000 });
    });

    test('the same file id of two customers is two objects', async () => {
      const fileId = newId<FileId>();
      const [ours, theirs] = [objectKey(newId<CustomerId>(), fileId), objectKey(newId<CustomerId>(), fileId)];
      await store.put(ours, bytes('ours'));
      expect(await store.get(theirs)).toBeNull();
      await store.put(theirs, bytes('theirs'));
      await store.delete(theirs);
      expect(await read(ours)).toBe('ours');
    });

    test('a key that is none is refused, whatever it tries', async () => {
      const id = newId<FileId>();
      for (const key of [
        '',
        id,
        `${id}/`,
        `/${id}`,
        `../${id}`,
        `${id}/../../x`,
        `${id}/${id}/${id}`,
        `${id}\0/${id}`,
        `${id}/${id.toUpperCase()}A`,
      ]) {
        for (const attempt of [
          () => store.put(key as ObjectKey, bytes('x')),
          () => store.get(key as ObjectKey),
          () => store.stat(key as ObjectKey),
          () => store.delete(key as ObjectKey),
        ]) {
          await expect(attempt(), key).rejects.toMatchObject({ code: 'malformed' });
        }
      }
    });
  });
}
