import fs from 'node:fs';
import path from 'node:path';

export interface Skip {
  readonly what: string;
  readonly why: string;
}

export interface Summary {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly Skip[];
  /** What failed without being a test: a file that does not load, a runner that did not end. Each counts in `failed`. */
  readonly problems: readonly string[];
}

/** The part of vitest's JSON report that we count. */
interface Report {
  readonly success: boolean;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly meta?: { readonly skip?: string };
    }[];
  }[];
}

/**
 * Counts one runner's report. Doubt is a failure: no report, a file that failed outside its tests together with the tests
 * that therefore did not run, or a runner that says it failed (an error nobody caught) while every test passed.
 */
export function readReport(runner: string, file: string, exitCode: number, problem: string | undefined, root: string): Summary {
  const report = parse(file);
  if (report === undefined) return failure(problem ?? `the ${runner} tests ended with code ${exitCode} and left no report`);

  let passed = 0;
  let failed = 0;
  const skipped: Skip[] = [];
  const problems: string[] = problem === undefined ? [] : [problem];
  for (const { name, status, message, assertionResults } of report.testResults) {
    const place = path.relative(root, name);
    const isBroken = status === 'failed' && assertionResults.every((test) => test.status !== 'failed');
    let notRun = 0;
    for (const { fullName, status: outcome } of assertionResults) {
      if (outcome === 'passed') passed += 1;
      else if (outcome === 'failed') failed += 1;
      else if (isBroken) notRun += 1;
      else
        skipped.push({
          what: `${place}: ${fullName}`,
          why: outcome === 'todo' ? 'not written yet' : 'the test says so; the comment beside it gives the reason',
        });
    }
    failed += notRun;
    if (isBroken) {
      const reason = firstLine(message) || 'the file did not load';
      problems.push(`${place}: ${reason}${notRun > 0 ? ` (${notRun} tests did not run)` : ''}`);
    } else if (assertionResults.length === 0) problems.push(`${place}: no tests in it`);
  }
  if (passed + failed + skipped.length + problems.length === 0) problems.push(`the ${runner} runner found no tests`);
  if (exitCode !== 0 && failed + problems.length === 0)
    problems.push(`the ${runner} runner ended with code ${exitCode}: an error outside any test`);
  return { passed, failed: failed + problems.length, skipped, problems };
}

export function sum(summaries: readonly Summary[]): Summary {
  return {
    passed: summaries.reduce((total, one) => total + one.passed, 0),
    failed: summaries.reduce((total, one) => total + one.failed, 0),
    skipped: summaries.flatMap((one) => one.skipped),
    problems: summaries.flatMap((one) => one.problems),
  };
}

export function lastLine(total: Summary, isSkipFailure: boolean): string {
  return `${total.passed} passed, ${failures(total, isSkipFailure)} failed`;
}

export function isGood(total: Summary, isSkipFailure: boolean): boolean {
  return total.passed > 0 && failures(total, isSkipFailure) === 0;
}

function failures(total: Summary, isSkipFailure: boolean): number {
  return total.failed + (isSkipFailure ? total.skipped.length : 0);
}

function failure(problem: string): Summary {
  return { passed: 0, failed: 1, skipped: [], problems: [problem] };
}

function parse(file: string): Report | undefined {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')) as Report;
  } catch {
    return undefined; // missing or cut short: the caller says that there is no report
  }
}

function firstLine(text: string | undefined): string {
  return (text ?? '').trim().split('\n')[0] ?? '';
}
