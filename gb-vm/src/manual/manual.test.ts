import { expect, test } from 'vitest';
import { keywords } from '../compiler/keywords/index.ts';
import { messages } from '../compiler/messages.ts';
import { type RuntimeErrorCode, sentence } from '../runtime/errors.ts';
import { renderManual } from './pages.ts';
import { runExample } from './run-example.ts';
import { runtimeExamples } from './runtime-examples.ts';

test('every keyword and every code has its place, and every place is linked', async () => {
  const pages = await renderManual();
  for (const { name, group } of keywords) {
    expect(pages.get(`${group}.md`), `${group} ${name}`).toContain(`\n## ${name}\n`);
    expect(pages.get('README.md')).toContain(`[${name}](${group}.md#`);
  }
  for (const code of [...Object.keys(messages), ...Object.keys(runtimeExamples)])
    expect(pages.get('errors.md')).toContain(`\n## ${code}\n`);
});

test('errors that keywords say they raise exist', () => {
  for (const { name, raises = [] } of keywords) {
    for (const code of raises) expect(code in runtimeExamples, `${name} ${code}`).toBe(true);
  }
});

const codes = Object.keys(runtimeExamples) as RuntimeErrorCode[];
const withExample = codes.filter((code) => runtimeExamples[code].example !== null);

test('what is without an example is a fault of ours, or needs a server with its people and settings', () => {
  const ours = ['internal', 'program_invalid', 'snapshot_invalid', 'worker_stuck'];
  const onServer = ['hear_timed_out', 'limit_reached', 'messages_exhausted', 'not_allowed', 'setting_missing'];
  expect(codes.filter((code) => !withExample.includes(code)).toSorted()).toEqual([...ours, ...onServer].toSorted());
});

test.each(withExample)('the example of %s gets it', async (code) => {
  const outcome = await runExample(code, 'en');
  // Minimal BASIC goes on after these (ECMA-55, sections 8.5 and 14.5), telling the console in the same words.
  const isWarning = code === 'zero_to_negative_power' || code === 'tab_out_of_range';
  if (isWarning) expect(outcome).toMatchObject({ code: null, isWarning, message: sentence(code, 'en') });
  else expect(outcome).toMatchObject({ code, isWarning });
});

test('no sentence of the page of errors has a blank left to fill in, where an example fills it', async () => {
  const page = (await renderManual()).get('errors.md')!;
  for (const entry of page.split('\n## ').slice(1)) {
    if (entry.includes('```basic')) expect(entry).not.toMatch(/\{\d\}/);
  }
});
