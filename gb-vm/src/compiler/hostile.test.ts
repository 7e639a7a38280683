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
    'FIND WHERE SEND MAIL SET SAVE AS PARAM LIKE DESCRIPTION TABLE MERGE BY GOTO GOSUB ON ERROR RESUME DATA READ TRY CATCH TYPE DEF FN CALL SELECT FROM GROUP ORDER LIMIT SWITCH DEFAULT PRINT USING TAB INPUT LINE ? ; # IF THEN ELSE END IF FOR i = 1 TO 3 NEXT WHILE WEND DO LOOP UNTIL SELECT CASE SUB f ( ) FUNCTION RETURN CALL EXIT WITH BEGIN TALK HEAR x AS INTEGER "a" "b ${x}" [ ] { } , : . + - * / AND NOT IN \n \n \n ${ \' #{ DIM'.split(
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
  ['100,000 forgotten quotes', 'TALK "a\n'.repeat(100_000)],
  ['quotes that prose follows', 'x "a\nsome words of prose\n'.repeat(1_000)],
  ['a forgotten quote before 20,000 lines of prose', `TALK "${'words of prose\n'.repeat(20_000)}`],
  ['a megabyte of texts on one line', `x = [${'"a", '.repeat(200_000)}1]`],
  ['a megabyte of remarks signs', "x = 1 '".repeat(150_000)],
  ['100,000 keywords of the host in a row', `x = ${'FIND '.repeat(100_000)}`],
  ['100,000 keywords of the host in brackets', `x = ${'FIND('.repeat(100_000)}`],
  ['10,000 keywords of the host in a list', `x = [${'OPEN a, '.repeat(10_000)}1]`],
  ['10,000 keywords of the host as statements', 'SEND MAIL a, b : '.repeat(10_000)],
  ['a keyword with 100,000 values', `SEND MAIL ${'a, '.repeat(100_000)}a`],
  ['100,000 queries', `x = ${'SELECT '.repeat(100_000)}FROM a`],
  ['a query of 10,000 columns', `x = SELECT ${'a, '.repeat(10_000)}a FROM b`],
  ['a condition of 100,000 comparisons', `x = FIND "t" WHERE ${'a = 1 AND '.repeat(100_000)}b = 2`],
  ['a condition of 100,000 brackets', `x = FIND "t" WHERE ${'('.repeat(100_000)}`],
  ['100,000 NOTs in a condition', `x = FIND "t" WHERE ${'NOT '.repeat(100_000)}a = 1`],
  ['100,000 TABLEs', 'TABLE a\n'.repeat(100_000)],
  ['a TABLE of 100,000 open brackets', `TABLE a\n${'b numeric(\n'.repeat(100_000)}END TABLE`],
  ['100,000 PARAMs', 'PARAM a AS STRING LIKE b c d\n'.repeat(100_000)],
  ['100,000 bare words', `PARAM a LIKE ${'b '.repeat(100_000)}`],
  ['100,000 DATA', `DATA ${'1,'.repeat(100_000)}`],
  ['100,000 labels', Array.from({ length: 20_000 }, (_, n) => `l${n}:\nGOTO l${n}`).join('\n')],
  ['100,000 ternaries', `x = ${'a ? '.repeat(100_000)}`],
  ['100,000 NEXTs', `NEXT ${'a, '.repeat(100_000)}`],
  ['10,000 nested TRYs', 'TRY\n'.repeat(10_000)],
  ['10,000 ON EVENTs', 'ON EVENT "x" DO\n'.repeat(10_000)],
  ['100,000 BEGINs of nothing', 'BEGIN X\n'.repeat(100_000)],
  ['50,000 wrong closers', 'DO\nWEND\n'.repeat(50_000)],
  ['50,000 closers of nothing in IFs', 'IF a THEN\nNEXT\n'.repeat(50_000)],
  ['50,000 keywords that are nearly right', 'x = GET BOT MEMROY "k"\n'.repeat(50_000)],
  ['50,000 brackets before assignments', 'x = (1\ny = 2\n'.repeat(50_000)],
  ['10,000 TYPEs', 'TYPE a\nb AS a\n'.repeat(10_000)],
  [
    'types that hold one another',
    `${Array.from(
      { length: 12 },
      (_, n) =>
        `TYPE T${n}\n${'abcdefghij'
          .split('')
          .map((f) => `${f} AS T${n - 1}`)
          .join('\n')}\nEND TYPE`,
    )
      .join('\n')
      .replaceAll('T-1', 'STRING')}\nDIM x AS T11`,
  ],
  ['lone carriage returns', "TALK 1 ' a\r".repeat(10_000)],
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
