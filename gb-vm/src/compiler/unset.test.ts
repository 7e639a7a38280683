import { expect, test } from 'vitest';
import { compile } from './compile.ts';
import type { DebugMap } from './layout.ts';

/** Variables of main that may hold null, because some path reads them before it assigns them. */
function unset(lines: readonly string[]): string {
  const { program, diagnostics } = compile([{ name: 'start.bas', text: lines.join('\n') }]);
  if (!program) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  const { slots } = (JSON.parse(program.debugMap) as DebugMap).procedures[0]!;
  return slots.flatMap(([name, type]) => (type === 'a' && name !== '' ? name : [])).join(' ');
}

test.each<readonly [fact: string, found: string, lines: readonly string[]]>([
  ['a name read below where it is assigned is set', '', ['a = 1', 'TALK a']],
  ['a name read above is not', 'a', ['TALK a', 'a = 1']],
  ['both branches assign', '', ['x = 1', 'IF x = 1 THEN', 'a = 1', 'ELSE', 'a = 2', 'END IF', 'TALK a']],
  ['one branch assigns', 'a', ['x = 1', 'IF x = 1 THEN', 'a = 1', 'END IF', 'TALK a']],
  ['a branch that ends need not assign', '', ['x = 1', 'IF x = 1 THEN', 'a = 1', 'ELSE', 'END', 'END IF', 'TALK a']],
  [
    'a case is forgotten in the next one',
    'b',
    ['x = 1', 'SELECT CASE x', 'CASE 1', 'a = 1', 'b = 1', 'CASE ELSE', 'a = 2', 'TALK b', 'END SELECT', 'TALK a'],
  ],
  ['a loop may not run', 'a', ['x = 1', 'WHILE x < 3', 'a = 1', 'x = x + 1', 'WEND', 'TALK a']],
  ['a FOR variable is set behind the loop, what it assigns is not', 'a', ['FOR i = 1 TO 3', 'a = i', 'NEXT', 'TALK i', 'TALK a']],
  [
    'a handler does not know what was tried (and e may be anything)',
    'e a',
    ['TRY', 'a = 1', 'b = 1', 'CATCH e', 'b = 2', 'END TRY', 'TALK a', 'TALK b'],
  ],
  [
    'what was assigned before the first jump is set at a label',
    'b',
    ['a = 1', 'GOTO there', 'b = 2', 'there:', 'TALK a', 'TALK b'],
  ],
  ['a label hides what stands before it', 'b', ['a = 1', 'again:', 'b = 1', 'there:', 'TALK b', 'IF a = 2 THEN GOTO there']],
  [
    'a label in a branch hides there, and in front of what follows',
    'b c',
    ['a = 1', 'IF a = 2 THEN GOTO in', 'b = 1', 'IF a = 1 THEN', 'c = 1', 'in:', 'TALK c', 'END IF', 'TALK b', 'TALK a'],
  ],
  [
    'a label in a branch leaves the other branch alone',
    '',
    ['a = 1', 'IF a = 2 THEN GOTO in', 'b = 1', 'IF a = 1 THEN', 'in:', 'TALK a', 'ELSE', 'TALK b', 'END IF'],
  ],
  [
    'what is assigned behind a label in one branch and before the other is set',
    '',
    ['a = 1', 'IF a = 2 THEN GOTO in', 'b = 1', 'IF a = 1 THEN', 'in:', 'b = 2', 'END IF', 'TALK b'],
  ],
  ['a call may read what main assigns below it', 'b', ['a = 1', 'show()', 'b = 1', 'SUB show()', 'TALK a + b', 'END SUB']],
])('%s', (_, found, lines) => {
  expect(unset(lines)).toBe(found);
});

test('many variables and many branches take no more than their number', () => {
  const variables = Array.from({ length: 8_000 }, (_, index) => `v${index} = ${index}\nIF v${index} > 1 THEN x = v${index}`);
  const text = `SUB many()\n${variables.join('\n')}\nEND SUB\nmany()`;
  const start = process.cpuUsage();
  expect(compile([{ name: 'start.bas', text }]).program).not.toBeNull();
  // Half a second on a busy machine; with a copy of a set for each of them it was seven.
  expect(process.cpuUsage(start).user / 1000).toBeLessThan(3000);
});
