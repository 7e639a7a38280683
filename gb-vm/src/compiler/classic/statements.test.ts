import { describe, expect, test } from 'vitest';
import { see, statement, treeOf } from './testing/show.ts';

const found = (text: string): readonly string[] => see(text, 'classic').found;

describe('lines', () => {
  test('are sorted by number, and the last one of a number stays', () => {
    expect(treeOf('20 B=2\n10 A=1\n20 C=3')).toBe('A = 1\nC = 3');
  });

  test('without a number go on where the line before ended', () => {
    expect(treeOf('20 B=2\n   C=3\n10 A=1\n\n   D=4')).toBe('A = 1\nD = 4\nB = 2\nC = 3');
  });

  test('become labels only when something goes there', () => {
    expect(treeOf('10 A=1\n0020 B=2\n30 GOTO 20')).toBe('A = 1\n20:\nB = 2\ngoto 20');
  });

  test('may be named', () => {
    expect(treeOf('again: A=1\ngoto AGAIN')).toBe('AGAIN:\nA = 1\ngoto AGAIN');
  });

  test('that are not there stop the program when it goes there', () => {
    expect(see('10 GOTO 99\n20 GOSUB 99', 'classic')).toMatchObject({
      found: ['1: line_absent'],
      tree: 'goto 99\ngosub 99\nend\n99:\nthrow 8',
    });
  });

  test('end in any way, and a file may begin with a mark', () => {
    expect(treeOf('\ufeff10 A=1\r\n20 B=2\r\n\x1a')).toBe('A = 1\nB = 2');
  });

  test('have numbers up to 65529', () => {
    expect(found('65529 A=1\n65530 B=1')).toEqual(['2: line_number_bad']);
  });
});

describe('IF', () => {
  test('holds the rest of its line, and ELSE belongs to the nearest', () => {
    expect(treeOf('10 IF A THEN B=1:C=2:IF D THEN 10 ELSE E=1:ELSE F=1')).toBe(
      '10:\nif A\n  B = 1\n  C = 2\n  if D\n    goto 10\n  else\n    E = 1\nelse\n  F = 1',
    );
  });

  test('may jump without THEN', () => {
    expect(treeOf('10 IF A GOTO 10\n20 IF A GOSUB 10: B=1')).toBe('10:\nif A\n  goto 10\nif A\n  gosub 10\n  B = 1');
  });

  test('statements behind the jump stay unreachable', () => {
    expect(statement('IF A THEN 10:B=1')).toBe('10:\nif A\n  goto 10\n  B = 1');
  });
});

describe('input and output', () => {
  test.each([
    ['PRINT', 'print'],
    ['PRINT ,;A,', 'print , ; A ,'],
    ['PRINT "A"SPC(3)"B"TAB(9)1', 'print "A" spaces[3] "B" tab[9] 1'],
    ['PRINT USING "#.#";A,B;', 'print using "#.#" A , B ;'],
    ['LPRINT A', 'print A'],
    ['PRINT @ 64, A', 'print A'],
    ['INPUT "A";A,B$(1)', 'input "A" ? A B$(1)'],
    ['INPUT "A",A', 'input "A" A'],
    ['INPUT "A"A', 'input "A" ? A'],
    ['INPUT LINE A$', 'line input A$'],
    ['LINE INPUT "A";A$', 'line input "A" A$'],
    ['LINPUT A$', 'line input A$'],
    ['GET A$', 'line input A$\nA$ = LEFT(A$, 1)'],
    ['A$=INPUT$(3)', 'line input A$\nA$ = LEFT(A$, 3)'],
    ['DATA 1, "A,B:C" ,hello there ,,-3:A=1', 'data <1> "A,B:C" <hello there> <> <-3>\nA = 1'],
    ['DATA', 'data <>'],
    ['READ A(1),B$:RESTORE', 'read A(1) B$\nrestore'],
    ['RESTORE 10', '10:\nrestore 10'],
    ['RANDOMIZE:RANDOMIZE TIMER', 'randomize\nrandomize TIMER()'],
  ])('%s', (text, tree) => expect(statement(text).replace(/^dim .*\n/, '')).toBe(tree));
});

describe('expressions', () => {
  test.each([
    ['-2^2', '(- (2 ^ 2))'],
    ['2^3^2', '((2 ^ 3) ^ 2)'],
    ['2^-1', '(2 ^ -1)'],
    ['-A^-B*C', '((- (A ^ (- B))) * C)'],
    ['1+2*3\\4 MOD 5', '(1 + (((2 * 3) \\ 4) MOD 5))'],
    ['NOT A=B AND C OR D', '(((BITNOT (A = B)) BITAND C) BITOR D)'],
    ['A XOR B EQV C IMP D', '(((A BITXOR B) BITEQV C) BITIMP D)'],
    ['A=B=C', '((A = B) = C)'],
    ['RND+RND(1)', '(RND() + RND(1))'],
    ['INSTR(2,A$,"x")+INSTR(A$,B$)', '(INSTR(2, A$, "x") + INSTR(A$, B$))'],
    ['POS(A$,B$,3)', 'INSTR(3, A$, B$)'],
    ['POS(0)+PEEK(1)+FRE("")', '((POS(0) + PEEK(1)) + FRE(""))'],
    ['LEN(MID$(A$+B$,2))', 'LEN(MID((A$ + B$), 2))'],
    ['VAL(STR$(1))+ASC(CHR$(65))', '(VAL(STR(1)) + ASC(CHR(65)))'],
  ])('%s', (text, tree) => expect(statement(`X=${text}`)).toBe(`X = ${tree}`));

  test.each([
    ['A$=1', 'text_needed'],
    ['A="X"', 'number_needed'],
    ['A=1+"X"', 'number_needed'],
    ['A$="X"+1', 'text_needed'],
    ['A=B$*2', 'number_needed'],
    ['IF A=B$ THEN 10', 'comparison_mixed'],
    ['IF A$ THEN 10', 'number_needed'],
    ['A=NOT B$', 'number_needed'],
    ['A=LEN(1)', 'text_needed'],
    ['A=SIN("X")', 'number_needed'],
    ['A=SIN', 'parenthesis_needed'],
    ['A=SIN(1,2)', 'function_arguments'],
    ['A$=LEFT$(B$)', 'function_arguments'],
    ['A=INSTR(1,B$)', 'text_needed'],
    ['A=TAB(3)', 'tab_outside_print'],
    ['A=(1', 'expected_token'],
    ['A=1+', 'expected_expression'],
    ['A=', 'expected_expression'],
    ['A', 'expected_token'],
    ['A=1 B=2', 'expected_end_of_statement'],
    ['IF A B=1', 'missing_then'],
    ['IF A THEN', 'expected_statement'],
    ['GOTO', 'line_number_expected'],
    ['GOTO 1.5', 'line_number_expected'],
    ['ON X 10', 'expected_token'],
    ['FOR A$=1 TO 2', 'number_needed'],
    ['FOR I=1', 'expected_token'],
    ['LINE INPUT A', 'text_needed'],
    ['A=&HXYZ', 'bad_number'],
    ['A=1~2', 'unexpected_character'],
    ['DIM A(-1)', 'array_bound'],
    ['DIM A(1,1,1,1,1,1,1,1,1)', 'subscripts_too_many'],
    ['A(1)=2:A(1,2)=3', 'subscripts_differ'],
    ['DEF A(X)=1', 'expected_token'],
    ['DEF FNA(X,X)=1', 'duplicate_parameter'],
    ['A=FNB(1)', 'function_unknown'],
    ['DEF FNA(X)=X:A=FNA(1,2)', 'function_arguments'],
    ['DEF FNA(X)=X:A=FNA("X")', 'number_needed'],
    ['DEF FNA(X)=FNA(X)', 'function_recursive'],
    ['DEF FNA$(X)=1', 'text_needed'],
    ['OPTION BASE 2', 'option_base'],
    ['OPEN "X" FOR INPUT AS #1', 'files_absent'],
    ['PRINT #1,A', 'files_absent'],
    ['INPUT#1,A', 'files_absent'],
    ['RUN "X"', 'files_absent'],
    ['A$=INPUT$(1,#1)', 'files_absent'],
    ['A$=INPUT$(1)+"X"', 'expected_end_of_statement'],
    ['CIRCLE (1,2),3', 'graphics_absent'],
    ['LINE (1,2)-(3,4)', 'graphics_absent'],
    ['CALL X', 'machine_absent'],
    ['SWAP A,B$', 'number_needed'],
    ['MID$(A,1)="x"', 'text_needed'],
    ['ELSE A=1', 'expected_statement'],
    ['NEXT', 'next_unopened'],
    ['NEXT I', 'next_unopened'],
    ['WEND', 'wend_unopened'],
    ['WHILE 1', 'while_unclosed'],
  ])('%s is refused', (text, code) => {
    expect(found(`10 REM\n20 ${text}`).filter((one) => !one.includes('line_absent'))).toEqual([`2: ${code}`]);
  });

  test('an error costs its line, and no more', () => {
    expect(see('10 A=1:B=:C=3\n20 D=4\n30 E=*', 'classic')).toMatchObject({
      tree: 'A = 1\nerror\nD = 4\nerror',
      found: ['1: expected_expression', '3: expected_expression'],
    });
  });
});

describe('names', () => {
  test('with different suffixes are different, except for !', () => {
    expect(statement('A=1:A!=2:A%=3:A#=4:A$="5"')).toBe('A = 1\nA = 2\nA% = 3\nA# = 4\nA$ = "5"');
  });

  test('take the suffix DEFINT and its like gave their letter', () => {
    expect(statement('DEFINT I-K,Z:DEFSTR S:I=1:S="A":A=2:I!=3:S(1)="B"')).toBe(
      'dim S$() 10\nI% = 1\nS$ = "A"\nA = 2\nI = 3\nS$(1) = "B"',
    );
  });
});

describe('functions of the program', () => {
  test('have parameters of any kind, and are known before their line', () => {
    expect(treeOf('10 A$=FNB$("X",1)\n20 DEF FN B$(P$,N)=LEFT$(P$+Q$,N)\n30 DEF FNC=3\n40 A=FNC')).toBe(
      'def FNB$(P$, N) = LEFT((P$ + Q$), N)\ndef FNC() = 3\nA$ = FNB$("X", 1)\nA = FNC()',
    );
  });

  test('must not need themselves', () => {
    const text = '10 DEF FNA(X)=FNB(X)\n20 DEF FNB(X)=FNA(X)\n30 DEF FNC(X)=X';
    expect(found(text)).toEqual(['1: function_recursive', '2: function_recursive']);
  });

  test('are not reported as unknown when their DEF is broken', () => {
    expect(found('10 DEF FNA(X)=X+\n20 A=FNA(1)')).toEqual(['1: expected_expression']);
  });
});

describe('arrays', () => {
  test('without DIM end at 10, and are made at the start', () => {
    expect(treeOf('10 A=1\n20 B(A)=2\n30 C$(1,2)="X"')).toBe('dim B() 10\ndim C$() 10 10\nA = 1\nB(A) = 2\nC$(1, 2) = "X"');
  });

  test('with one constant DIM are made at the start, and not again', () => {
    expect(treeOf('10 A=1\n20 DIM B(20)\n30 B(1)=1')).toBe('dim B() 20\nA = 1\nB(1) = 1');
  });

  test('with a DIM that computes have the implied size until it ran', () => {
    expect(treeOf('10 N=5\n20 DIM B(N)')).toBe('dim B() 10\nN = 5\ndim B() N');
  });

  test('with several DIMs keep them all', () => {
    expect(treeOf('10 IF A THEN DIM B(5)\n20 DIM B(6)')).toBe('dim B() 10\nif A\n  dim B() 5\ndim B() 6');
  });

  test('may be erased and made anew', () => {
    expect(treeOf('10 DIM B(5)\n20 ERASE B\n30 DIM B(6)')).toBe('dim B() 10\ndim B() 5\ndim B() 10\ndim B() 6');
    expect(treeOf('10 DIM B(5)\n20 ERASE B\n30 GOTO 10')).toBe('dim B() 5\n10:\ndim B() 5\ndim B() 10\ngoto 10');
  });

  test('begin at 1 after OPTION BASE 1', () => {
    expect(see('10 OPTION BASE 1\n20 A(1)=1', 'classic').script.base).toBe(1);
    expect(see('10 A(1)=1', 'classic').script.base).toBe(0);
  });
});

describe('the rest', () => {
  test('SWAP goes by way of a variable nobody can name', () => {
    expect(statement('SWAP A$,B$(1)')).toBe('dim B$() 10\nSWAP VALUE$ = A$\nA$ = B$(1)\nB$(1) = SWAP VALUE$');
  });

  test('MID$ on the left writes over a stretch', () => {
    expect(statement('MID$(A$,2,1)="x"')).toBe(
      'A$ = LEFT(((LEFT(A$, (2 - 1)) + LEFT("x", 1)) + MID(A$, (2 + LEN(LEFT("x", 1))))), LEN(A$))',
    );
    expect(statement('MID$(A$,2)=B$')).toBe('A$ = LEFT(((LEFT(A$, (2 - 1)) + B$) + MID(A$, (2 + LEN(B$)))), LEN(A$))');
  });

  test('no node is in the tree twice', () => {
    const { script } = see(
      '10 SWAP A(I),B(J)\n20 MID$(A$,I,J)=B$\n30 GET C$\n40 CLEAR\n50 FOR I=1 TO 2\n60 IF A THEN NEXT',
      'classic',
    );
    const seen = new Set<object>();
    const walk = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      if ('kind' in value) {
        expect(seen.has(value)).toBe(false);
        seen.add(value);
      }
      for (const inner of Object.values(value)) walk(inner);
    };
    walk(script);
    expect(seen.size).toBeGreaterThan(50);
  });

  test('CLEAR and RUN forget all variables', () => {
    expect(treeOf('10 A=1:B$="X":C(1)=2\n20 CLEAR 500\n30 RUN\n40 RUN 20')).toBe(
      [
        'dim C() 10',
        'START OF PROGRAM:',
        'A = 1',
        'B$ = "X"',
        'C(1) = 2',
        '20:',
        'gosub CLEAR VARIABLES',
        'gosub CLEAR VARIABLES',
        'goto START OF PROGRAM',
        'gosub CLEAR VARIABLES',
        'goto 20',
        'end',
        'CLEAR VARIABLES:',
        'A = 0',
        'B$ = ""',
        'dim C() 10',
        'restore',
        'return',
      ].join('\n'),
    );
  });

  test('errors are handled and made', () => {
    expect(
      treeOf('10 ON ERROR GOTO 10\n20 ON ERROR GOTO 0\n30 RESUME\n40 RESUME 0\n50 RESUME NEXT\n60 RESUME 10\n70 ERROR 5'),
    ).toBe('10:\non error goto 10\non error off\nresume same\nresume same\nresume next\nresume label 10\nthrow 5');
    expect(statement('A=ERR+ERL')).toBe('A = (ERR() + ERL())');
  });

  test('what only a screen, speaker or port would notice is passed over', () => {
    expect(statement('CLS:POKE 1,2:OUT 1,2:WIDTH 80:SCREEN 0:LOCATE 1,1:BEEP:SOUND 1,2:DEF SEG=1:TIME$="10:00":A=1')).toBe(
      'A = 1',
    );
    expect(statement('IF A THEN BEEP ELSE B=1')).toBe('if A\nelse\n  B = 1');
  });
});
