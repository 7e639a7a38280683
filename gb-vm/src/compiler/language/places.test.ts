import { expect, test } from 'vitest';
import { compile } from '../compile.ts';
import { Analysis } from './analysis.ts';
import { diagnostics } from './diagnose.ts';
import { folding } from './folding.ts';
import { outline } from './outline.ts';
import { definition, highlights, references } from './places.ts';
import { renamable, rename } from './rename.ts';
import { semanticTokens } from './semantic-tokens.ts';
import { analysisOf, marked } from './testing/marked.ts';

/** Each place as `file:line:column`. */
function placed(analysis: Analysis, stretches: readonly { file: string; from: number }[]): string[] {
  return stretches.map(({ file, from }) => {
    const { line, column } = analysis.script(file)!.lines.place(from);
    return `${file}:${line}:${column}`;
  });
}

function defined(source: string, others: Readonly<Record<string, string>> = {}): string[] {
  const { analysis, file, offset } = marked(source, others);
  return placed(analysis, definition(analysis, file, offset));
}

function referred(source: string, others: Readonly<Record<string, string>> = {}): string[] {
  const { analysis, file, offset } = marked(source, others);
  return placed(analysis, references(analysis, file, offset));
}

/** The scripts after a rename, or why it is refused. */
function renamed(
  source: string,
  newName: string,
  others: Readonly<Record<string, string>> = {},
): Record<string, string> | string {
  const { analysis, file, offset } = marked(source, others);
  const done = rename(analysis, file, offset, newName);
  if ('problem' in done) return done.problem;
  return Object.fromEntries(
    analysis.scripts.map(({ name, text }) => {
      const edits = done.edits.filter((edit) => edit.file === name).toSorted((a, b) => b.from - a.from);
      return [name, edits.reduce((changed, edit) => changed.slice(0, edit.from) + edit.text + changed.slice(edit.to), text)];
    }),
  );
}

test('a definition is the SUB, the label, the declaration, or the first line that gives a value', () => {
  expect(defined('gre|et 1\nSUB greet(who)\nEND SUB')).toEqual(['start.bas:2:5']);
  expect(defined('GOTO ag|ain\nagain:')).toEqual(['start.bas:2:1']);
  expect(defined('total = 1\ntotal = 2\nTALK to|tal')).toEqual(['start.bas:1:1']);
  expect(defined('total = 1\nDIM total(3)\nTALK to|tal(1)')).toEqual(['start.bas:2:5']);
  expect(defined('PARAM size AS STRING\nTALK si|ze')).toEqual(['start.bas:1:7']);
  expect(defined('x = FIND "ord|ers"\nTABLE orders\n  id integer\nEND TABLE')).toEqual(['start.bas:2:1']);
  expect(defined('INCLUDE "li|b.bas"', { 'lib.bas': '' })).toEqual(['lib.bas:1:1']);
  expect(defined('CALL bo|ok', { 'book.bas': '' })).toEqual(['book.bas:1:1']);
  expect(defined('TALK user|name')).toEqual([]);
});

test('references follow meaning, not spelling', () => {
  const script = 'i = 1\nSUB a(x)\n  FOR i = 1 TO 2\n    TALK I|\n  NEXT i\nEND SUB\nTALK "${i}" + i.i';
  expect(referred(script)).toEqual(['start.bas:3:7', 'start.bas:4:10']);
  expect(referred('i| = 1\nTALK "${i}" + o.i\nx = {i: I}\nSUB a()\n  i = 2\nEND SUB')).toEqual([
    'start.bas:1:1',
    'start.bas:2:9',
    'start.bas:3:9',
    'start.bas:5:3',
  ]);
  expect(referred('FUNCTION dou|ble(x)\n  double = x * 2\nEND FUNCTION\nTALK double(2)')).toEqual([
    'start.bas:1:10',
    'start.bas:2:3',
    'start.bas:4:6',
  ]);
});

test('references reach included scripts, and from there every program that includes them', () => {
  const shared = { 'lib.bas': 'tax = 1\n', 'other.bas': 'INCLUDE "lib.bas"\nTALK tax', 'alone.bas': 'tax = 2' };
  expect(referred('INCLUDE "lib.bas"\nTALK t|ax', shared).toSorted()).toEqual(['lib.bas:1:1', 'start.bas:2:6']);
  const analysis = analysisOf({ 'start.bas': 'INCLUDE "lib.bas"\nTALK tax', ...shared });
  expect(placed(analysis, references(analysis, 'lib.bas', 1)).toSorted()).toEqual([
    'lib.bas:1:1',
    'other.bas:2:6',
    'start.bas:2:6',
  ]);
});

test('a name is found on lines that are not understood', () => {
  expect(referred('total = 1\nTALK total + \nTALK to|tal')).toEqual(['start.bas:1:1', 'start.bas:2:6', 'start.bas:3:6']);
});

test('highlights tell writing from reading', () => {
  const { analysis, file, offset } = marked('x| = 1\nTALK x');
  expect(highlights(analysis, file, offset).map(({ isWrite }) => isWrite)).toEqual([true, false]);
});

test('a rename changes every place in any case, and the program stays the same', () => {
  const before = 'Total = 1\nTALK TOTAL + total\nSUB show()\n  TALK "${total}"\nEND SUB\n';
  const done = renamed(before.replace('TOTAL', 'TO|TAL'), 'priceAll');
  expect(done).toEqual({ 'start.bas': before.replace(/total/gi, 'priceAll') });
  const bytes = (text: string) => compile([{ name: 'start.bas', text }]).program?.wasm;
  expect(bytes((done as Record<string, string>)['start.bas']!)).toEqual(bytes(before));
  expect(renamed('INCLUDE "lib.bas"\nsayP|rice 1', 'tell', { 'lib.bas': 'SUB sayPrice(x)\nEND SUB' })).toEqual({
    'start.bas': 'INCLUDE "lib.bas"\ntell 1',
    'lib.bas': 'SUB tell(x)\nEND SUB',
  });
  expect(renamed('ag|ain:\nGOTO AGAIN', 'once')).toEqual({ 'start.bas': 'once:\nGOTO once' });
});

test('only the case of a name may change, too', () => {
  expect(renamed('to|tal = 1\nTALK total', 'Total')).toEqual({ 'start.bas': 'Total = 1\nTALK Total' });
});

test('a rename is refused when the program would mean something else', () => {
  expect(renamed('x| = 1', 'TALK')).toContain('is a word of the language');
  expect(renamed('x| = 1', 'len')).toContain('is a word of the language');
  expect(renamed('x| = 1', '1a')).toContain('cannot be a name');
  expect(renamed('x| = 1', 'a b')).toContain('cannot be a name');
  expect(renamed('x$| = "a"', 'y')).toContain('end in the same way');
  expect(renamed('x| = 1\ny = 2', 'Y')).toBe('"Y" is already used in this program, in start.bas, line 2. Choose another name.');
  expect(renamed('x| = 1\nSUB a(y)\n  TALK x + y\nEND SUB', 'y')).toContain('already used');
  expect(renamed('x| = 1\nSUB y()\nEND SUB', 'y')).toContain('already used');
  expect(renamed('TALK user|name', 'person')).toContain('Only variables');
  expect(renamed('TA|LK 1', 'say')).toContain('Only variables');
  expect(renamed('x| = 1\nTALK x +\n', 'y')).toContain('not understood');
  expect(renamed('SUB a(x|)\nEND SUB\nSUB b(y)\nEND SUB', 'y')).toMatchObject({
    'start.bas': 'SUB a(y)\nEND SUB\nSUB b(y)\nEND SUB',
  });
});

test('a rename that names a column says so', () => {
  const { analysis, file, offset } = marked('email| = "a"\nSAVE "leads", email');
  expect(rename(analysis, file, offset, 'mail')).toMatchObject({ note: expect.stringContaining('column') });
});

test('what can be renamed is known before', () => {
  const { analysis, file, offset } = marked('total = 1\nTALK "${TO|TAL}"');
  expect(renamable(analysis, file, offset)).toEqual({ from: 18, to: 23, name: 'TOTAL' });
});

test('the outline has procedures, labels and declarations in the order of the text', () => {
  const text =
    'DESCRIPTION "Books"\nPARAM day AS DATE\nTABLE orders\n  id integer\nEND TABLE\nagain:\nSUB one(a, b)\n  inner:\n  GOTO inner\nEND SUB\nFUNCTION two()\nEND FUNCTION';
  const entries = outline(analysisOf({ 'start.bas': text }), 'start.bas');
  expect(entries.map(({ name, kind, detail, children }) => [name, kind, detail, children.length])).toEqual([
    ['DESCRIPTION', 'declaration', 'Books', 0],
    ['day', 'declaration', 'PARAM', 0],
    ['orders', 'table', 'TABLE', 0],
    ['again', 'label', '', 0],
    ['one', 'sub', '(a, b)', 1],
    ['two', 'function', '()', 0],
  ]);
  for (const { from, to, nameFrom, nameTo } of entries) expect(from <= nameFrom && nameTo <= to).toBe(true);
  expect(text.slice(entries[2]!.from, entries[2]!.to)).toMatch(/END TABLE$/);
});

test('blocks, their parts, texts and remarks fold', () => {
  const text =
    "' a\n' b\nIF x THEN\n  TALK 1\nELSE\n  TALK 2\n  TALK 3\nEND IF\nBEGIN TALK\n  hi\nEND TALK\nFOR i = 1 TO 2\n  TALK i";
  const folds = folding(analysisOf({ 'start.bas': text }), 'start.bas').map(({ fromLine, toLine, kind }) => [
    fromLine,
    toLine,
    kind,
  ]);
  expect(folds.toSorted((a, b) => Number(a[0]) - Number(b[0]))).toEqual([
    [1, 2, 'remarks'],
    [3, 4, 'block'],
    [5, 7, 'block'],
    [9, 10, 'block'],
    [12, 13, 'block'],
  ]);
});

test('colours know what a name is', () => {
  const tokens = semanticTokens(analysisOf({ 'start.bas': 'SUB greet(who)\n  TALK who.name\nEND SUB' }), 'start.bas');
  expect(tokens.map((token) => token.class).filter((one) => one !== 'keyword' && one !== 'operator')).toEqual([
    'function',
    'parameter',
    'parameter',
    'property',
  ]);
});

test('every script that no other includes is checked, and what is shared is told once', () => {
  const analysis = analysisOf({
    'start.bas': 'INCLUDE "lib.bas"',
    'other.bas': 'INCLUDE "lib.bas"',
    'tool.bas': 'WEND',
    'lib.bas': 'NEXT',
  });
  expect(
    diagnostics(analysis)
      .map(({ file, code }) => `${file} ${code}`)
      .toSorted(),
  ).toEqual(['lib.bas unopened_block', 'tool.bas unopened_block']);
});

test('scripts that include each other still make a program', () => {
  const analysis = analysisOf({ 'a.bas': 'INCLUDE "b.bas"', 'b.bas': 'INCLUDE "a.bas"\nx = 1' });
  expect(analysis.programs).toHaveLength(1);
  expect(diagnostics(analysis)[0]?.code).toBe('include_cycle');
});

test('after an edit, only what changed is read again', () => {
  const files = [
    { name: 'a.bas', text: 'TALK 1' },
    { name: 'b.bas', text: 'TALK 2' },
  ];
  const before = new Analysis(files, 'en');
  const after = new Analysis([files[0]!, { name: 'b.bas', text: 'TALK 3' }], 'en', before);
  expect(after.scripts[0]).toBe(before.scripts[0]);
  expect(after.programs[0]).toBe(before.programs[0]);
  expect(after.scripts[1]).not.toBe(before.scripts[1]);
  // A new procedure elsewhere may change how a script is read.
  expect(new Analysis([files[0]!, { name: 'b.bas', text: 'SUB x()\nEND SUB' }], 'en', before).scripts[0]).not.toBe(
    before.scripts[0],
  );
});

test('a call of a script by its name leads to the script, unless the program has something called so', () => {
  const price = { 'tools/price.bas': 'PARAM item AS STRING\nDESCRIPTION "What it costs"' };
  expect(defined('TALK pri|ce("tea")', price)).toEqual(['tools/price.bas:1:1']);
  expect(defined('pri|ce "tea"', price)).toEqual(['tools/price.bas:1:1']);
  expect(defined('TALK pri|ce(1)\nFUNCTION price(x)\nEND FUNCTION', price)).toEqual(['start.bas:2:10']);
  expect(defined('DIM price(3)\nTALK pri|ce(1)', price)).toEqual(['start.bas:1:5']);
});

test('a name is a script in one program and a FUNCTION in another that includes the same lines', () => {
  const analysis = analysisOf({
    'shared.bas': 'x = price(1)',
    'price.bas': 'RETURN 1',
    'a.bas': 'INCLUDE "shared.bas"',
    'b.bas': 'INCLUDE "shared.bas"\nFUNCTION price(n)\n  RETURN n\nEND FUNCTION',
  });
  const offset = 'x = pri'.length;
  expect(placed(analysis, definition(analysis, 'shared.bas', offset))).toEqual(['b.bas:2:10']);
  expect(diagnostics(analysis)).toEqual([]);
});
