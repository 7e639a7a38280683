// `npm test`: the tests of every package, then the end-to-end stories in a real browser. `--quick` leaves the stories out.
//
// The last line is `N passed, N failed`, counted from the runners' own reports. What could not run here is listed above
// it as `skipped: what: why`; where CI is set a skip counts as a failure, because nobody reads a green log.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium } from './test/chromium.ts';
import { isGood, lastLine, readReport, type Summary, sum } from './test/report.ts';
import { removeDeadRuns } from './test/run-directory.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const isQuick = process.argv.includes('--quick');
const isCi = isTrue(process.env['CI']);
/** For a run that hangs; on two busy cores one that works may take half of it. */
const runMsMax = 45 * 60_000;

const summaries: Summary[] = [];
const reports = fs.mkdtempSync(path.join(os.tmpdir(), 'gb-test-'));
try {
  summaries.push(await runVitest('unit', {}));
  if (!isQuick) summaries.push(await runStories());
} finally {
  fs.rmSync(reports, { recursive: true, force: true });
}
finish(sum(summaries));

async function runStories(): Promise<Summary> {
  const browser = findChromium((text) => process.stdout.write(`${text}\n`));
  if ('missing' in browser)
    return { passed: 0, failed: 0, skipped: [{ what: 'end-to-end stories', why: browser.missing }], problems: [] };
  return runVitest('e2e', { CHROMIUM_PATH: browser.path });
}

/** Runs one project of vitest.config.ts. A runner that ends without a readable report is a failure, whatever it said. */
async function runVitest(project: 'unit' | 'e2e', env: Readonly<Record<string, string>>): Promise<Summary> {
  const report = path.join(reports, `${project}.json`);
  // One reporter for people, one for the count. vitest finds files itself; no tests at all is a failure.
  const reporters = [`--reporter=${isCi ? 'dot' : 'default'}`, '--reporter=json', `--outputFile.json=${report}`];
  const args = [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--project',
    project,
    ...reporters,
    ...(project === 'e2e' ? ['--no-file-parallelism'] : []),
  ];
  // Standard input stays closed, so that nothing waits for a key; the group is ours, so that a run that hangs ends whole.
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
  });
  const end = (signal: NodeJS.Signals) => endGroup(child.pid, signal);
  const stop = () => end('SIGTERM');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  let hasRunOut = false;
  const timer = setTimeout(() => {
    hasRunOut = true;
    end('SIGTERM');
    setTimeout(() => end('SIGKILL'), 10_000).unref();
  }, runMsMax);
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (exitCode) => resolve(exitCode ?? 1));
  });
  clearTimeout(timer);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, stop);
  end('SIGKILL'); // whatever a test left running
  removeDeadRuns(os.tmpdir()); // and lying about, where the runner was not let tidy up itself
  return readReport(
    project,
    report,
    code,
    hasRunOut ? `the ${project} tests did not end within ${runMsMax / 60_000} minutes` : undefined,
    root,
  );
}

function endGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function finish(total: Summary): void {
  for (const problem of total.problems) process.stdout.write(`failed: ${problem}\n`);
  for (const { what, why } of total.skipped) process.stdout.write(`skipped: ${what}: ${why}\n`);
  process.stdout.write(`${lastLine(total, isCi)}\n`);
  process.exitCode = isGood(total, isCi) ? 0 : 1;
}

function isTrue(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'false'].includes(value.toLowerCase());
}
