import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockDataDir } from './data-dir-lock.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gb-lock-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const file = () => join(dir, 'server.lock');

test('a locked directory stays locked until it is released', () => {
  const lock = lockDataDir(dir);
  expect(() => lockDataDir(dir)).toThrow(`in use by process ${process.pid}`);
  lock.release();
  lock.release();
  lockDataDir(dir).release();
  expect(readdirSync(dir)).toEqual([]);
});

test('the lock of a process that is gone is taken over', () => {
  const { pid } = spawnSync('true');
  writeFileSync(file(), `${pid}\nsome boot 1\n`);
  const lock = lockDataDir(dir);
  expect(readFileSync(file(), 'utf8').startsWith(`${process.pid}\n`)).toBe(true);
  lock.release();
});

test('the lock of a living process holds; its pid given to another process does not', () => {
  const child = spawn('sleep', ['60']);
  try {
    const lock = lockDataDir(dir);
    const [, startOfAnother] = readFileSync(file(), 'utf8').split('\n');
    lock.release();
    writeFileSync(file(), `${child.pid}\n${startOfAnother}\n`);
    lockDataDir(dir).release();
    writeFileSync(file(), `${child.pid}\n\n`);
    expect(() => lockDataDir(dir)).toThrow(`in use by process ${child.pid}`);
  } finally {
    child.kill('SIGKILL');
  }
});

test('releasing does not remove a lock somebody else has taken meanwhile', () => {
  const lock = lockDataDir(dir);
  writeFileSync(file(), '1\nother\n');
  lock.release();
  expect(existsSync(file())).toBe(true);
});

test('of many that find a stale lock at once, one gets it', async () => {
  writeFileSync(file(), '999999999\nold\n');
  const code = `import { lockDataDir } from ${JSON.stringify(new URL('./data-dir-lock.ts', import.meta.url).href)};
    process.stdin.once('data', () => {
      try { lockDataDir(${JSON.stringify(dir)}); process.stdout.write('mine'); } catch { process.stdout.write('taken'); }
    });
    process.stdout.write('ready ');`;
  const children = Array.from({ length: 6 }, () => {
    const child = spawn(process.execPath, [
      '--disable-warning=ExperimentalWarning',
      '--input-type=module-typescript',
      '-e',
      code,
    ]);
    let text = '';
    // The next word it says.
    const word = () =>
      new Promise<string>((resolve, reject) => {
        child.stdout.once('data', (data) => resolve((text = String(data))));
        child.once('close', (exitCode) => reject(new Error(`It ended with ${exitCode} after "${text}".`)));
      });
    return { child, word };
  });
  try {
    // All are there before the first one tries, and stay until the last one has.
    await Promise.all(children.map(({ word }) => word()));
    const answers = children.map(({ word }) => word());
    for (const { child } of children) child.stdin.write('go');
    expect((await Promise.all(answers)).sort()).toEqual(['mine', 'taken', 'taken', 'taken', 'taken', 'taken']);
  } finally {
    for (const { child } of children) child.kill('SIGKILL');
  }
}, 60_000);
