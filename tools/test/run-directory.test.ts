import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { openRun, removeDeadRuns } from './run-directory.ts';

let outer: string;
let before: string | undefined;
beforeEach(() => {
  outer = fs.mkdtempSync(path.join(os.tmpdir(), 'gb-runs-'));
  before = process.env['TMPDIR'];
  process.env['TMPDIR'] = outer;
});
afterEach(() => {
  if (before === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = before;
  fs.rmSync(outer, { recursive: true, force: true });
});

/** Something that goes on below a directory, as a server does that nobody stopped. */
async function startBelow(directory: string, env: Readonly<Record<string, string>> = {}): Promise<number> {
  const wait = 'process.stdout.write("here"); process.stdin.on("data", () => {})';
  const named = Object.keys(env).length === 0 ? [path.join(directory, 'data')] : [];
  const child = spawn(process.execPath, ['-e', wait, ...named], { env });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child.pid!;
}

test('what tests put into the temporary directory goes with the run, and what they shared', async () => {
  const close = openRun(500);
  const inside = os.tmpdir();
  expect(path.dirname(inside)).toBe(outer);
  expect(fs.readdirSync(inside)).toEqual(['gb-shared']);
  fs.rmSync(fs.mkdtempSync(path.join(inside, 'tidy-')), { recursive: true });
  await close();
  expect(os.tmpdir()).toBe(outer);
  expect(fs.readdirSync(outer)).toEqual([]);
});

test('what a test left behind fails the run by its name, and goes too', async () => {
  const close = openRun(500);
  const left = fs.mkdtempSync(path.join(os.tmpdir(), 'gb-left-'));
  fs.writeFileSync(path.join(left, 'a.txt'), '');
  await expect(close()).rejects.toThrow(`${path.basename(left)}: a directory of a.txt`);
  expect(fs.readdirSync(outer)).toEqual([]);
});

// Only Linux tells, in /proc, who works where.
test.runIf(process.platform === 'linux')(
  'a process that works below it fails the run, by command line and by environment, and is ended',
  { timeout: 60_000 },
  async () => {
    const close = openRun(500);
    const below = path.join(os.tmpdir(), 'data');
    const pids = [
      await startBelow(os.tmpdir()),
      await startBelow(os.tmpdir(), { GB_DATA_DIR: below }),
      await startBelow(os.tmpdir(), { HOME: below }),
    ];
    const error = await close().then(
      () => '',
      (one: Error) => one.message,
    );
    for (const pid of pids) {
      expect(error).toContain(`process ${pid}: `);
      await expect
        .poll(() => spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout)
        .toMatch(/^(Z.*\n)?$/);
    }
    expect(fs.readdirSync(outer)).toEqual([]);
  },
);

test('the next run removes what a killed one left, and nothing of one that lives or of anybody else', () => {
  const { pid } = spawnSync('true');
  for (const name of [`gb-run-${pid}-dead`, `gb-run-${process.pid}-live`, 'gb-run-', `other-${pid}-x`])
    fs.mkdirSync(path.join(outer, name, 'inside'), { recursive: true });
  removeDeadRuns(outer);
  expect(fs.readdirSync(outer).sort()).toEqual(['gb-run-', `gb-run-${process.pid}-live`, `other-${pid}-x`].sort());
});
