import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { objectKey } from 'gb-core';
import { objectStoreContract } from 'gb-core/contract';
import type { CustomerId, FileId } from 'gb-protocol';
import { silentLogger, uuidv7 } from 'gb-utils';
import { afterAll, expect, test } from 'vitest';
import { createDirectoryObjectStore } from './object-store.directory.ts';

const dirs: string[] = [];
async function newDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'gb-objects-'));
  dirs.push(dir);
  return dir;
}
afterAll(() => Promise.all(dirs.map((dir) => rm(dir, { recursive: true, force: true }))));

const open = (dir: string) => createDirectoryObjectStore({ dir, log: silentLogger });
const key = () => objectKey(uuidv7() as CustomerId, uuidv7() as FileId);

objectStoreContract('directory', async () => open(await newDir()));

test('what a later process opens is what was put before', async () => {
  const dir = await newDir();
  const one = key();
  await (await open(dir)).put(one, new TextEncoder().encode('kept'));
  expect(await (await open(dir)).stat(one)).toEqual({ size: 4 });
});

test('a failed put leaves no bytes on the disk', async () => {
  const dir = await newDir();
  const store = await open(dir);
  async function* failing() {
    yield new Uint8Array(100_000);
    throw new Error('the sender left');
  }
  await expect(store.put(key(), failing())).rejects.toThrow('the sender left');
  expect(await readdir(join(dir, 'partial'))).toEqual([]);
});

test('what a process that died left half written is gone a day later, and a fresh one is left alone', async () => {
  const dir = await newDir();
  await open(dir);
  const [old, fresh] = [join(dir, 'partial', 'old'), join(dir, 'partial', 'fresh')];
  for (const path of [old, fresh]) await writeFile(path, 'half');
  const twoDaysAgo = new Date(Date.now() - 2 * 86_400_000);
  await utimes(old, twoDaysAgo, twoDaysAgo);
  await open(dir);
  expect(await readdir(join(dir, 'partial'))).toEqual(['fresh']);
});

test('a folder that somebody removed is made again', async () => {
  const dir = await newDir();
  const store = await open(dir);
  const one = key();
  await store.put(one, new Uint8Array(1));
  await rm(join(dir, one.split('/')[0]!), { recursive: true });
  // The first may meet the gap, and says that trying again helps.
  await store.put(one, new Uint8Array(2)).catch((error: unknown) => expect(error).toMatchObject({ retryable: true }));
  await store.put(one, new Uint8Array(3));
  expect(await store.stat(one)).toEqual({ size: 3 });
});

test('a full disk is a refusal that may be retried, and leaves nothing behind', async () => {
  const dir = await newDir();
  const store = await open(dir);
  // What a write to a full disk meets, made real by a limit on this child's files.
  const child = spawn(
    'bash',
    [
      '-c',
      `ulimit -f 64; exec "$0" --input-type=module -e '
        const { createDirectoryObjectStore } = await import(process.argv[1]);
        process.on("SIGXFSZ", () => {});
        const store = await createDirectoryObjectStore({ dir: process.argv[2], log: console });
        try {
          await store.put(process.argv[3], new Uint8Array(1_000_000));
          console.log("stored");
        } catch (error) {
          console.log(JSON.stringify({ code: error.code, retryable: error.retryable }));
        }' "$@"`,
      process.execPath,
      join(import.meta.dirname, 'object-store.directory.ts'),
      dir,
      key(),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  await once(child, 'close');
  expect(JSON.parse(said)).toEqual({ code: 'unavailable', retryable: true });
  expect(await readdir(join(dir, 'partial'))).toEqual([]);
  await store.close();
});
