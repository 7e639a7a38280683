// vitest's global set-up: everything the tests of one run put into the temporary directory lies below one directory of the
// run, which goes with the run. What a test that is over left there, a file or a process, fails the run.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const name = /^gb-run-(\d+)-/;
/** What the tests of a run share for as long as it lasts: a database to copy (gb-storage/src/testing.ts), compiled code. */
const shared = 'gb-shared';

export default function setup(): () => Promise<void> {
  return openRun(10_000);
}

/** `goneMsMax` is for what was told to end just now: browsers and databases have children of their own. */
export function openRun(goneMsMax: number): () => Promise<void> {
  const parent = os.tmpdir();
  removeDeadRuns(parent);
  const directory = fs.mkdtempSync(path.join(parent, `gb-run-${process.pid}-`));
  fs.mkdirSync(path.join(directory, shared));
  // A PostgreSQL that root starts runs as somebody else, who has to pass.
  for (const one of [directory, path.join(directory, shared)]) fs.chmodSync(one, 0o711);
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = directory;
  // Hundreds of times a test starts our program: half of its start is to read the same sources.
  process.env['NODE_COMPILE_CACHE'] ??= path.join(directory, shared, 'compiled');
  return async () => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    const left = await leftIn(directory, goneMsMax);
    for (const { pid } of processesIn(directory)) end(pid);
    removeTree(directory);
    if (left.length > 0) throw new Error(`The tests left behind:\n${left.join('\n')}`);
  };
}

/** A run that was killed could not tidy up, and its number is not in use any more. */
export function removeDeadRuns(parent: string): void {
  for (const entry of fs.readdirSync(parent)) {
    const pid = name.exec(entry)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const directory = path.join(parent, entry);
    if (fs.statSync(directory, { throwIfNoEntry: false })?.uid !== process.getuid?.()) continue;
    for (const one of processesIn(directory)) end(one.pid);
    removeTree(directory);
  }
}

/** What is still there when everything had the time to go, in words. */
async function leftIn(directory: string, goneMsMax: number): Promise<string[]> {
  for (const endMs = performance.now() + goneMsMax; processesIn(directory).length > 0 && performance.now() < endMs; )
    await sleep(100);
  return [
    ...processesIn(directory).map(({ pid, command }) => `process ${pid}: ${command}`),
    ...fs
      .readdirSync(directory)
      .filter((entry) => entry !== shared)
      .map((entry) => `${entry}: ${describe(path.join(directory, entry))}`),
  ];
}

function describe(place: string): string {
  return fs.statSync(place).isDirectory() ? `a directory of ${fs.readdirSync(place).join(', ') || 'nothing'}` : 'a file';
}

/**
 * Who works below the directory, by command line, or by the data directory or the home in the environment. Only Linux tells; elsewhere
 * the directories alone are looked at.
 */
function processesIn(directory: string): { pid: number; command: string }[] {
  if (process.platform !== 'linux') return [];
  return fs
    .readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .flatMap((entry) => {
      const command = readOr(`/proc/${entry}/cmdline`).replaceAll('\0', ' ').trim();
      const environment = readOr(`/proc/${entry}/environ`).split('\0');
      const isHere =
        command.includes(`${directory}/`) ||
        environment.some((one) => ['GB_DATA_DIR', 'HOME'].some((name) => one.startsWith(`${name}=${directory}/`)));
      return isHere ? [{ pid: Number(entry), command: command.slice(0, 200) }] : [];
    });
}

/** Processes end while we look, and others' environments are closed to us: both mean that they are not ours. */
function readOr(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A database that is just ending still writes: what came back while we removed is removed again. */
function removeTree(directory: string): void {
  fs.rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
