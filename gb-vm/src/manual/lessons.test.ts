import { expect, test } from 'vitest';
import { begin } from './begin.ts';
import { comecar } from './comecar.ts';
import { type Example, example, type Lesson, runLesson } from './lessons.ts';
import { renderManual } from './pages.ts';

const pages = await renderManual();
const examples = [begin, comecar].flatMap(({ locale, parts }) =>
  parts.filter((part): part is Example => typeof part !== 'string').map((one) => ({ title: one.program[0], locale, one })),
);

test.each(examples)('$locale: what is told of $title happens', async ({ one, locale }) => {
  expect(await runLesson(one, locale)).toEqual(one.told);
  expect(one.program.length).toBeLessThanOrEqual(12);
});

test('what an example does not tell is seen', async () => {
  const run = (told: string[], ...program: string[]) => runLesson(example(program, told), 'en');
  expect(await run([], 'TALK nobody')).toContain('maybe_misspelled in line 1');
  expect(await run([], 'IF 1 THEN')).toEqual(['missing_end_if in line 1']);
  expect(await run([], 'THROW "no tea"')).toEqual(['no tea (start.bas, line 1, THROW)']);
  expect(await run([], 'HEAR a')).toEqual(['waits for an answer']);
  expect(await run(['> tea', '> milk'], 'HEAR a')).toEqual(['> tea', 'does not wait for milk']);
});

test('both lessons have the same parts in the same order, and stay short', () => {
  const shape = ({ parts }: Lesson) =>
    parts.map((part) => (typeof part === 'string' ? part.slice(0, 2) === '##' : part.program.length));
  expect(shape(comecar)).toEqual(shape(begin));
  for (const name of ['begin.md', 'comecar.md']) expect(pages.get(name)!.split('\n').length).toBeLessThanOrEqual(251);
});

test('the links of the lessons and of the index lead to pages and headings that are there', () => {
  for (const name of ['begin.md', 'comecar.md', 'README.md']) {
    for (const [, page, heading] of pages.get(name)!.matchAll(/\]\(([^)#]+)(?:#([^)]+))?\)/g)) {
      expect(pages.has(page!), `${name}: ${page}`).toBe(true);
      const headings = [...pages.get(page!)!.matchAll(/^## (.+)$/gm)].map(([, text]) => text!.toLowerCase().replaceAll(' ', '-'));
      if (heading !== undefined) expect(headings, `${name}: ${page}#${heading}`).toContain(heading);
    }
  }
});
