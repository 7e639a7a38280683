import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { profiles } from '../compiler/profile.ts';
import { createMemoryOperations } from '../runtime/operations/index.ts';
import { runProgram } from './run-program.ts';

/** Every program of `programs/<profile>` says exactly what its `.out` holds; `.in` has a line for each question. */
const root = new URL('../../programs/', import.meta.url);

describe.each(profiles)('%s', (profile) => {
  const folder = new URL(`${profile}/`, root);
  const names = readdirSync(folder).filter((name) => name.endsWith('.bas'));
  test('there are programs', () => expect(names.length).toBeGreaterThan(0));
  test.each(names)('%s', async (name) => {
    const read = (extension: string): string => readFileSync(new URL(name.replace(/bas$/, extension), folder), 'utf8');
    const answers = existsSync(new URL(name.replace(/bas$/, 'in'), folder)) ? read('in').replace(/\n$/, '').split('\n') : [];
    const operations = createMemoryOperations({});
    expect(await runProgram(read('bas'), { profile }, answers, { operations })).toBe(read('out'));
  });
});
