import { expect, test } from 'vitest';
import { compile, tokenizeLine } from './index.ts';
import { random } from './testing/random.ts';

/** Whatever is in a file: no crash, no hang, and a bounded list of complaints. */
function survives(text: string): void {
  const start = performance.now();
  const { diagnostics } = compile([{ name: 'start.bas', text }]);
  expect(diagnostics.length).toBeLessThanOrEqual(100);
  expect(performance.now() - start).toBeLessThan(5000);
}

test('random bytes', () => {
  const next = random(1);
  for (let round = 0; round < 300; round++)
    survives(Array.from({ length: 300 }, () => String.fromCharCode(Math.floor(next() * 256))).join(''));
});

test('random words of the language in random order', () => {
  const words =
    'IF THEN ELSE END IF FOR i = 1 TO 3 NEXT WHILE WEND DO LOOP UNTIL SELECT CASE SUB f ( ) FUNCTION RETURN CALL EXIT WITH BEGIN TALK HEAR x AS INTEGER "a" "b ${x}" [ ] { } , : . + - * / AND NOT IN \n \n \n ${ \' #{ DIM'.split(
      ' ',
    );
  const next = random(2);
  for (let round = 0; round < 1000; round++)
    survives(Array.from({ length: 60 }, () => words[Math.floor(next() * words.length)]).join(' '));
});

test('every prefix of a good program, as while typing', () => {
  const program =
    'SUB a(x)\n  TALK "hi ${x}"\nEND SUB\nFOR i = 1 TO 3\n  IF i > 1 THEN\n    a(i)\n  ELSE\n    o = {k: [1, 2]}\n  END IF\nNEXT\nBEGIN TALK\nx ${i}\nEND TALK\nHEAR y AS "a", "b"\n';
  for (let length = 0; length <= program.length; length++) survives(program.slice(0, length));
});

test.each([
  ['NUL characters', '\0'.repeat(10_000)],
  ['a line of a megabyte', `x = ${'1+'.repeat(500_000)}1`],
  ['a text of a megabyte', `TALK "${'a'.repeat(1_000_000)}"`],
  ['a name of a megabyte', 'a'.repeat(1_000_000)],
  ['an open text of a megabyte', `TALK "${'${'.repeat(100_000)}`],
  ['5,000 nested IFs', 'IF a THEN\n'.repeat(5000)],
  ['5,000 nested IFs on one line', 'IF a THEN '.repeat(5000)],
  ['5,000 nested FORs with their ends', `${'FOR i = 1 TO 2\n'.repeat(5000)}${'NEXT\n'.repeat(5000)}`],
  ['100,000 brackets', `x = ${'['.repeat(100_000)}`],
  ['100,000 calls', `x = ${'LEN('.repeat(100_000)}`],
  ['100,000 signs', `x = ${'-'.repeat(100_000)}1`],
  ['100,000 NOTs', `x = ${'NOT '.repeat(100_000)}1`],
  ['100,000 properties', `x = a${'.b'.repeat(100_000)}`],
  ['100,000 elements', `x = a${'[0]'.repeat(100_000)}`],
  ['10,000 ELSE IFs', `IF a THEN\n${'ELSE IF b THEN\n'.repeat(10_000)}END IF`],
  ['100,000 colons', ':'.repeat(100_000)],
  ['100,000 empty lines', '\n'.repeat(100_000)],
  ['100,000 BEGIN TALKs', 'BEGIN TALK\n'.repeat(100_000)],
  [
    '10,000 SUBs that call each other',
    Array.from({ length: 2000 }, (_, n) => `SUB s${n}()\ns${(n + 1) % 2000}()\nEND SUB\n`).join(''),
  ],
  ['half a surrogate pair', 'TALK "\ud800"\n\udc00'],
  ['nested interpolations', `TALK ${'"${'.repeat(2000)}1${'}"'.repeat(2000)}`],
])('%s', (_, text) => survives(text));

test('the highlighter survives the same', () => {
  const next = random(3);
  for (let round = 0; round < 500; round++) {
    const line = Array.from({ length: 80 }, () => String.fromCharCode(32 + Math.floor(next() * 95))).join('');
    const { tokens } = tokenizeLine(line);
    for (const [index, token] of tokens.entries()) {
      expect(token.end).toBeGreaterThan(token.start);
      expect(token.start).toBeGreaterThanOrEqual(tokens[index - 1]?.end ?? 0);
    }
  }
});
