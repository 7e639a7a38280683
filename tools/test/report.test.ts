import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { isGood, lastLine, readReport, sum } from './report.ts';

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'gb-report-'));
afterAll(() => fs.rmSync(dir, { recursive: true }));

type File = { name?: string; status?: string; message?: string; tests?: Record<string, string> };

function read(files: readonly File[] | string, exitCode = 0, problem?: string) {
  const file = path.join(dir, 'report.json');
  const results = (files: readonly File[]) =>
    files.map(({ name = '/r/a.test.ts', status = 'passed', message = '', tests = {} }) => ({
      name,
      status,
      message,
      assertionResults: Object.entries(tests).map(([fullName, outcome]) => ({ fullName, status: outcome })),
    }));
  fs.writeFileSync(file, typeof files === 'string' ? files : JSON.stringify({ success: true, testResults: results(files) }));
  return readReport('unit', file, exitCode, problem, '/r');
}

test('passed and failed tests are counted', () => {
  const summary = read([{ tests: { a: 'passed', b: 'passed' } }, { status: 'failed', tests: { c: 'failed', d: 'passed' } }], 1);
  expect(lastLine(summary, false)).toBe('3 passed, 1 failed');
  expect(isGood(summary, false)).toBe(false);
});

test('a file that does not load is a failure though no test of it failed', () => {
  const summary = read([{ tests: { a: 'passed' } }, { status: 'failed', message: 'Cannot find module x\n at y' }], 1);
  expect(lastLine(summary, false)).toBe('1 passed, 1 failed');
  expect(summary.problems).toEqual(['a.test.ts: Cannot find module x']);
});

test('tests that did not run because their file failed before them are failures, not skips', () => {
  const summary = read([{ status: 'failed', message: 'no server', tests: { a: 'skipped', b: 'skipped' } }], 1);
  expect(summary).toMatchObject({ passed: 0, failed: 3, skipped: [], problems: ['a.test.ts: no server (2 tests did not run)'] });
});

test('a runner that fails while every test passes is a failure', () => {
  expect(lastLine(read([{ tests: { a: 'passed' } }], 1), false)).toBe('1 passed, 1 failed');
});

test('no report, half a report and no tests are failures', () => {
  expect(readReport('unit', path.join(dir, 'none.json'), 0, undefined, '/r').failed).toBe(1);
  expect(read('{"testResults": [').failed).toBe(1);
  expect(read([]).failed).toBe(1);
  expect(read([{ tests: {} }]).failed).toBe(1);
});

test('a run that was cut off is a failure even when what was reported passed', () => {
  expect(read([{ tests: { a: 'passed' } }], 0, 'did not end').failed).toBe(1);
});

test('skips are listed, and fail where nobody reads the list', () => {
  const summary = read([{ tests: { a: 'passed', b: 'skipped', c: 'todo', d: 'pending' } }]);
  expect(summary.skipped).toHaveLength(3);
  expect(lastLine(summary, false)).toBe('1 passed, 0 failed');
  expect(isGood(summary, false)).toBe(true);
  expect(lastLine(summary, true)).toBe('1 passed, 3 failed');
  expect(isGood(summary, true)).toBe(false);
});

test('nothing passed is not good, even if nothing failed', () => {
  expect(isGood(sum([]), false)).toBe(false);
});
