import { expect, test } from 'vitest';
import { keywords } from '../keywords/index.ts';
import { documentationOf, toMarkdown } from './documentation.ts';
import { hover } from './hover.ts';
import { signature } from './signature.ts';
import { marked } from './testing/marked.ts';

function texts(source: string, locale: 'en' | 'pt-BR' = 'en'): string[] | null {
  const { analysis, file, offset } = marked(source, {}, locale);
  return hover(analysis, file, offset)?.documentation.parts.map(({ text }) => text) ?? null;
}

test('a keyword of several words is explained from any of them, in the language of the author', () => {
  const { analysis, file, offset } = marked('SEND M|AIL "a", "b", "c"');
  expect(hover(analysis, file, offset)).toMatchObject({ from: 0, to: 9 });
  expect(texts('SEND M|AIL "a", "b", "c"')?.[1]).toMatch(/^Sends a mail/);
  expect(texts('|SEND MAIL "a", "b", "c"', 'pt-BR')?.[1]).toMatch(/^Envia um e-mail/);
  expect(texts('END I|F')?.[0]).toContain('END');
});

test('a keyword with several forms shows one on each line', () => {
  expect(texts('rows = FI|ND "t"')?.[0]?.split('\n')[1]).toBe('FIND table WITH filters...');
});

test('a variable shows where it first gets a value', () => {
  expect(texts('HEAR age AS INTEGER\nTALK a|ge')).toEqual([
    'age: variable',
    'First given a value in start.bas, line 1:',
    'HEAR age AS INTEGER',
  ]);
  expect(texts('HEAR age\nTALK "You are ${ag|e}"')?.[0]).toBe('age: variable');
  expect(texts('TALK user|name')?.[1]).toMatch(/comes from the platform/);
  expect(texts('CONST ta|x = 1')?.[0]).toBe('tax: constant');
  expect(texts('SUB greet(who)\n  TALK wh|o\nEND SUB', 'pt-BR')?.[0]).toBe('who: parâmetro de greet');
});

test('a name that is spelled like a function is what the script made of it', () => {
  expect(texts('date = 1\nTALK da|te')?.[0]).toBe('date: variable');
});

test('a procedure shows its parameters and the remarks above it', () => {
  expect(texts("' Says hello.\n' Kindly.\nSUB greet(who AS STRING, how)\nEND SUB\ngre|et 1, 2")).toEqual([
    'SUB greet(who AS STRING, how)',
    'Says hello.\nKindly.',
    'Declared in start.bas, line 3.',
  ]);
});

test('a table shows its columns', () => {
  expect(texts('TABLE orders\n  id integer key\nEND TABLE\nx = FIND "ord|ers"')?.[1]).toBe('id integer');
});

test('remarks, texts, numbers and properties have no meaning of their own', () => {
  for (const source of ["' TA|LK", '"TA|LK"', 'x = 1|2', 'o.da|te = 1', '|', 'BEGIN TALK\nTA|LK\nEND TALK'])
    expect(texts(source)).toBeNull();
});

test('Markdown says a word as it is, whatever signs it has', () => {
  const markdown = toMarkdown({
    parts: [
      { kind: 'text', text: '_a_ *b* <c>' },
      { kind: 'code', text: 'x = "```"' },
    ],
    example: null,
  });
  expect(markdown).toBe('\\_a\\_ \\*b\\* \\<c\\>\n\n````basic\nx = "```"\n````');
});

test('every keyword has its documentation in both languages', () => {
  for (const keyword of keywords)
    for (const locale of ['en', 'pt-BR'] as const) {
      const { parts } = documentationOf(keyword, locale);
      for (const { text } of parts) expect(text.trim(), keyword.name).not.toBe('');
      expect(parts.length).toBeGreaterThanOrEqual(3);
    }
});

function active(source: string): string | null {
  const { analysis, file, offset } = marked(source);
  const found = signature(analysis, file, offset);
  if (!found) return null;
  const [from, to] = found.active === null ? [0, 0] : found.parameters[found.active]!;
  return `${found.label} > ${found.label.slice(from, to)}`;
}

test('the value the caret is in is found by commas and by words', () => {
  expect(active('x = MID("a,b", |)')).toBe('MID(text, start [, count]) > start');
  expect(active('x = LEFT(MID("a", 1), |')).toBe('LEFT(text, count) > count');
  expect(active('x = LEFT([1, 2], |')).toBe('LEFT(text, count) > count');
  expect(active('greet(1, |)\nSUB greet(a, b)\nEND SUB')).toBe('greet(a, b) > b');
  expect(active('SEND MAIL "a", |')).toMatch(/^SEND MAIL .* > subject$/);
  expect(active('SEND MAIL "a", "b", "c" USING |')).toMatch(/ > account$/);
  expect(active('x = FIND "t" WHERE |')).toMatch(/ > where$/);
  expect(active('TALK "a ${LEFT(x, |)}"')).toBe('LEFT(text, count) > count');
  expect(active('x = MIN(1, 2, 3, |')).toMatch(/^MIN\(.* > b$/);
  expect(active('x = 1 + |')).toBeNull();
});

test('a script that is called by its name shows its PARAMs and what it does', () => {
  const price = { 'price.bas': 'PARAM item AS STRING\nPARAM count AS INTEGER\nDESCRIPTION "What it costs"' };
  const at = marked('total = pr|ice("tea", 2)', price);
  expect(hover(at.analysis, at.file, at.offset)?.documentation.parts.map(({ text }) => text)).toEqual([
    'price(item, count)',
    'price.bas: script',
    'What it costs',
  ]);
  const inside = marked('total = price("tea", |', price);
  expect(signature(inside.analysis, inside.file, inside.offset)).toMatchObject({ label: 'price(item, count)', active: 1 });
});
