import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { keywords } from 'gb-vm/compiler';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keywordCases, notShown } from './testing/keyword-cases/index.ts';
import { type KeywordWorld, openKeywordWorld } from './testing/keyword-world.ts';

// What the language promises is really done: every keyword of the host in a small script of its kind, with the engines
// of the product and real servers around it.

let database: TestDatabase;
let k: KeywordWorld;
beforeAll(async () => {
  database = await startTestDatabase();
  k = await openKeywordWorld(database);
});
afterAll(async () => {
  await k?.close();
  await database?.close();
});

if (notShown.length > 0) process.stderr.write(`No Chromium here (CHROMIUM_PATH): ${notShown.join(', ')} are not tried.\n`);

/** Done by the host while a program runs. */
const promised = keywords.filter(({ kind, mayRun }) => kind === 'operation' || mayRun).map(({ name }) => name);

test('every keyword of the host is shown', () => {
  const shown = new Set([...Object.values(keywordCases).flatMap((cases) => cases.flatMap(({ shows }) => shows)), ...notShown]);
  expect(promised.filter((name) => !shown.has(name))).toEqual([]);
  expect([...shown].filter((name) => !promised.includes(name))).toEqual([]);
});

describe.each(Object.entries(keywordCases))('%s', (_, cases) => {
  test.each(cases.map((one) => [one.shows.join(', '), one] as const))('%s', async (_, one) => {
    const { stage, said } = await k.play(one);
    if (one.says) expect(said).toEqual(one.says.map((text) => (typeof text === 'string' ? text : expect.stringMatching(text))));
    await one.check?.(stage);
    // A case that only looks as if it used its keyword shows nothing.
    const names = new Set(k.asked.map(({ name }) => name));
    expect(one.shows.filter((name) => !names.has(name))).toEqual([]);
  });
});
