import { describe, expect, test } from 'vitest';
import { DiagnosticBag } from '../diagnostics.ts';
import { random } from '../testing/random.ts';
import { parseClassic } from './parser.ts';

/** Whatever is in a file: no crash, no hang, and a bounded list of complaints. */
function survives(text: string, limitMs = 3000): void {
  for (const profile of ['minimal', 'classic'] as const) {
    const file = { index: 0, name: 'start.bas', text };
    const bag = new DiagnosticBag([file], 'en');
    const start = performance.now();
    const script = parseClassic(file, bag, 'en', profile);
    expect(performance.now() - start).toBeLessThan(limitMs);
    expect(Array.isArray(script.statements)).toBe(true);
    const found = bag.list();
    expect(found.length).toBeLessThanOrEqual(100);
    for (const { offset, endOffset } of found) {
      expect(offset).toBeGreaterThanOrEqual(0);
      expect(endOffset).toBeGreaterThanOrEqual(offset);
      expect(endOffset).toBeLessThanOrEqual(text.length);
    }
  }
}

describe('noise', () => {
  test('random characters', () => {
    const next = random(1);
    for (let round = 0; round < 300; round++)
      survives(`10 ${Array.from({ length: 300 }, () => String.fromCharCode(Math.floor(next() * 256))).join('')}`);
  });

  test('random words of the language, with and without blanks', () => {
    const words =
      'IF THEN ELSE END FOR I = 1 TO 3 NEXT WHILE WEND STEP GOTO GOSUB RETURN ON ERROR RESUME PRINT USING TAB( SPC( INPUT LINE READ DATA RESTORE DIM A( B$( ) DEF FN FNA( LET MID$( LEFT$( "a" , ; : + - * / ^ \\ AND OR NOT MOD XOR < > = & &H1 . 1E 10 20 ? \' REM SWAP CLEAR RUN OPTION BASE STOP \n \n10 \n20 \n30 '.split(
        ' ',
      );
    const next = random(2);
    for (let round = 0; round < 600; round++) {
      const pieces = Array.from({ length: 50 }, () => words[Math.floor(next() * words.length)]);
      survives(`10 ${pieces.join(round % 2 ? ' ' : '')}`);
    }
  });

  test('every prefix of a good program, as while typing', () => {
    const program =
      '10 DIM A(3),B$(2,2)\n20 FORI=1TO10STEP2:IFA(I)=1THEN40ELSEPRINT"A"A(I);TAB(3)\n30 NEXT\n40 DEF FNA(X)=X^2:ON FNA(1) GOTO 10,20\n50 DATA 1,"A,B",C\n60 INPUT "X";A$,B$(1,1)\n70 END\n';
    for (let length = 0; length <= program.length; length++) survives(program.slice(0, length));
  });
});

const many = 500_000;
test.each([
  ['a line of additions', `10 A=${'1+'.repeat(many / 2)}1`],
  ['one text', `10 PRINT "${'a'.repeat(many)}"`],
  ['one name', `10 ${'A'.repeat(many)}`],
  ['one crunched word', `10 PRINT${'A'.repeat(many)}`],
  ['keywords without blanks', `10 ${'PRINTA'.repeat(many / 6)}`],
  ['THEN in every word', `10 IF ${'ATHENX( '.repeat(many / 8)}`],
  ['STEP in every word', `10 FOR I=1 TO ${'ASTEP TOB '.repeat(many / 10)}`],
  ['open parentheses', `10 A=${'('.repeat(many)}`],
  ['open elements', `10 ${'A('.repeat(many / 2)}`],
  ['statements that open elements', `10 ${'A(:'.repeat(many / 3)}`],
  ['signs', `10 A=${'-'.repeat(many)}1`],
  ['NOTs', `10 A=${'NOT '.repeat(many / 4)}1`],
  ['IFs on one line', `10 ${'IF A THEN '.repeat(many / 10)}`],
  ['IFs without blanks', `10 ${'IFATHEN'.repeat(many / 7)}`],
  ['ELSEs', `10 IF A THEN ${'ELSE '.repeat(many / 5)}`],
  ['colons', `10 ${':'.repeat(many)}`],
  ['quotes', `10 PRINT ${'"'.repeat(many)}`],
  ['lines with one quote', '10 PRINT "\n'.repeat(many / 12)],
  ['empty lines', '\n'.repeat(many)],
  ['blanks', ' '.repeat(many)],
  ['blank lines of blanks', `${' '.repeat(1000)}\n`.repeat(many / 1000)],
  ['digits', '1'.repeat(many)],
  ['commas of DATA', `10 DATA ${','.repeat(many)}`],
  ['NUL', '\0'.repeat(many)],
  ['half a surrogate pair', '10 PRINT "\ud800"\n20 \udc00'],
  ['FORs', Array.from({ length: 50_000 }, (_, n) => `${n + 1} FOR I=1 TO 2`).join('\n')],
  ['FORs of many names', Array.from({ length: 50_000 }, (_, n) => `${n + 1} FOR I${n}=1 TO 2`).join('\n')],
  ['NEXTs', `1 FOR I=1 TO 2\n${Array.from({ length: 50_000 }, (_, n) => `${n + 2} NEXT`).join('\n')}`],
  ['WHILEs', Array.from({ length: 50_000 }, (_, n) => `${n + 1} WHILE A`).join('\n')],
  ['arrays', Array.from({ length: 50_000 }, (_, n) => `${n + 1} A${n}(1)=2`).join('\n')],
  ['CLEARs', Array.from({ length: 50_000 }, (_, n) => `${n + 1} A${n}=1:CLEAR`).join('\n')],
  [
    'functions that use each other',
    Array.from({ length: 20_000 }, (_, n) => `${n + 1} DEF FNA${n}(X)=FNA${n + 1}(X)`).join('\n'),
  ],
  ['jumps to nowhere', Array.from({ length: 50_000 }, (_, n) => `${n + 1} GOTO ${n + 60_000}`).join('\n')],
  ['lines backwards', Array.from({ length: 50_000 }, (_, n) => `${60_000 - n} A=1`).join('\n')],
])('half a megabyte of %s', (_, text) => survives(text));

test('10,000 lines are read in well under 0.3 s of the processor', () => {
  const body = (n: number): string =>
    [
      `FOR I=1 TO 10:A(I)=A(I)+${n}:NEXT I`,
      `IF A(1)>${n} AND B$="Y" THEN PRINT "TOTAL";A(1);TAB(20);B$ ELSE GOTO ${n + 1}`,
      `X=SIN(A(2))*INT(RND(1)*${n})+LEN(LEFT$(B$,2))`,
      `PRINT "LINE ${n}: THE VALUE IS";X;"AND IT IS FINE"`,
    ][n % 4]!;
  const text = Array.from({ length: 10_000 }, (_, n) => `${n + 1} ${body(n)}`).join('\n');
  const file = { index: 0, name: 'start.bas', text };
  const times = Array.from({ length: 8 }, () => {
    const bag = new DiagnosticBag([file], 'en');
    const start = process.cpuUsage();
    parseClassic(file, bag, 'en', 'classic');
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  });
  expect(Math.min(...times)).toBeLessThan(300);
});
