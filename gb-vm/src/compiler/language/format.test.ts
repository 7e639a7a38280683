import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compile } from '../compile.ts';
import { keywords } from '../keywords/index.ts';
import { format, formatEdits } from './format.ts';
import { analysisOf } from './testing/marked.ts';

const formatted = (text: string): string => format(analysisOf({ 'start.bas': text }), 'start.bas');

test('blocks are indented, words in capitals, one blank around operators', () => {
  expect(
    formatted(`if age>=18 and  name<>"x"then
talk "hi ${'${'} name+1 }"+ name
  else if x=-1 then
  for  each item in cart
  select case item.kind
  case 1,2 to 3
  talk   -x
  case else
  x=y*2-z^2 : i++
  end select
  next
end if\u0020\u0020
sub greet( who , how )
hear  x as "a","b",*
do
loop until x="stop"    ' keep   me
end sub
x = len( y )
if a=1 then b=2 else c=3
`),
  ).toBe(`IF age >= 18 AND name <> "x" THEN
  TALK "hi ${'${'} name+1 }" + name
ELSE IF x = -1 THEN
  FOR EACH item IN cart
    SELECT CASE item.kind
    CASE 1, 2 TO 3
      TALK -x
    CASE ELSE
      x = y * 2 - z ^ 2 : i++
    END SELECT
  NEXT
END IF
SUB greet(who, how)
  HEAR x AS "a", "b", *
  DO
  LOOP UNTIL x = "stop"    ' keep   me
END SUB
x = LEN(y)
IF a = 1 THEN b = 2 ELSE c = 3
`);
});

test('texts, blocks of text, tables and remarks stay as they are', () => {
  const text = `' a   remark
BEGIN TALK
   keep   this
      and this
END TALK
TABLE orders
   id   integer  key
END TABLE
DATA  1,  two
x = "a  b" + 'c  d'
DESCRIPTION what   it does
`;
  expect(formatted(text)).toBe(text);
});

test('names that are spelled like words of the language keep their case', () => {
  const text = `email = "a"
default = 1
o = {step: 1, end: 2}
SAVE "t", email, default
x = o.step + o.end
WITH order
  to = 1
END WITH
rows = FIND "t" WHERE default = 1
`;
  expect(formatted(text)).toBe(text);
});

test('objects and calls over several lines are indented by their brackets', () => {
  expect(formatted('x = {\na: [\n1,\n2\n],\nb: f(\n3)\n}\ntalk "a" +\n"b"\n')).toBe(
    'x = {\n  a: [\n    1,\n    2\n  ],\n  b: f(\n    3)\n}\nTALK "a" +\n  "b"\n',
  );
});

test('NEXT j, i stands with the first of its loops', () => {
  expect(formatted('for i=1 to 2\nfor j=1 to 2\ntalk i\nnext j,i\ntalk 1')).toBe(
    'FOR i = 1 TO 2\n  FOR j = 1 TO 2\n    TALK i\nNEXT j, i\nTALK 1',
  );
});

test('where the text of the script is a value it is not touched', () => {
  for (const text of ['ASSERT a=b', 'CALL my-script', 'INCLUDE my-lib.bas']) expect(formatted(text)).toBe(text);
});

test('a half-written script is laid out around what is not understood', () => {
  expect(formatted('if x then\ntalk  )a   b\ntalk   1')).toBe('IF x THEN\n  talk  )a   b\n  TALK 1');
});

test('line ends and blank lines stay, blanks on them go', () => {
  expect(formatted('talk 1\r\n\t \r\n\r\ntalk 2  \r\n')).toBe('TALK 1\r\n\r\n\r\nTALK 2\r\n');
});

test('edits are whole lines, and only those that change', () => {
  expect(formatEdits(analysisOf({ 'start.bas': 'TALK 1\ntalk   2\nTALK 3' }), 'start.bas')).toEqual([
    { line: 1, text: 'TALK 2' },
  ]);
});

const wasmOf = (text: string): Uint8Array | undefined => compile([{ name: 'start.bas', text }]).program?.wasm;

test('every program of ours and every example of the manual means the same after it, and a second time changes nothing', () => {
  const folder = join(import.meta.dirname, '../../../programs/bot');
  const programs = readdirSync(folder)
    .filter((name) => name.endsWith('.bas'))
    .map((name) => readFileSync(join(folder, name), 'utf8'));
  const texts = [...programs, ...keywords.map(({ example }) => example)];
  expect(programs.length).toBeGreaterThan(10);
  for (const text of texts) {
    const once = formatted(text);
    expect(formatted(once)).toBe(once);
    const crammed = once.replace(/^ +/gm, '');
    for (const [before, after] of [
      [text, once],
      [crammed, formatted(crammed)],
    ] as const)
      expect(wasmOf(after)).toEqual(wasmOf(before));
  }
});
