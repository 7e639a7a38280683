import { expect, test } from 'vitest';
import { DiagnosticBag } from '../diagnostics.ts';
import { lineNumberAt } from './lines.ts';
import { parseClassic } from './parser.ts';

test('an offset belongs to the number at the beginning of its line, or of the nearest line above', () => {
  const text = '10 A=1\n  20 B=2\nC=3\n\nD=4\r\n30 E=5';
  const at = (part: string): number => lineNumberAt(text, text.indexOf(part));
  expect([at('10'), at('A='), at('B='), at('C='), at('D='), at('E=')]).toEqual([10, 10, 20, 20, 20, 30]);
  expect(lineNumberAt('A=1\nB=2', 5)).toBe(0);
  expect(lineNumberAt('', 0)).toBe(0);
  expect(lineNumberAt('10 A', 1000)).toBe(10);
  expect(lineNumberAt('1234567 A', 8)).toBe(0);
});

test.each([
  ['classic', '10 PRINT A;B+;C', '+;', 1, ';', 'expected_expression'],
  ['classic', '10 A=LEN(LEFT$(B$))', 'LEFT$(B$)', 0, 'LEFT$(B$)', 'function_arguments'],
  ['classic', '10 A=1:GOTO 77', '77', 0, '77', 'line_absent'],
  ['classic', '10 DATA 1\n20 NEXT I', 'NEXT', 0, 'NEXT I', 'next_unopened'],
  ['minimal', '10 DATA 1, A?B\n20 END', 'A?B', 0, 'A?B', 'datum_bad'],
  ['minimal', '10 IF A=1 THEN 99\n20 END', '99', 0, '99', 'line_unknown'],
  ['minimal', '10 LET A=B+"X"\n20 END', '"X"', 0, '"X"', 'number_needed'],
] as const)('%s: the place of what is wrong in %j is exact', (profile, text, near, more, wrong, code) => {
  const file = { index: 0, name: 'start.bas', text };
  const bag = new DiagnosticBag([file], 'en');
  parseClassic(file, bag, 'en', profile);
  const start = text.indexOf(near) + more;
  expect(bag.list()).toMatchObject([{ code, offset: start, endOffset: start + wrong.length }]);
});

test('every sentence is there in Portuguese too', () => {
  const file = { index: 0, name: 'start.bas', text: '10 PRINT "A\n20 END' };
  const bag = new DiagnosticBag([file], 'pt-BR');
  parseClassic(file, bag, 'pt-BR', 'minimal');
  expect(bag.list()[0]).toMatchObject({
    message: 'Este texto não tem aspas de fechamento.',
    hint: 'Termine com " na mesma linha.',
  });
});
