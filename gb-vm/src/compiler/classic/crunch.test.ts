import { describe, expect, test } from 'vitest';
import { see, statement, treeOf } from './testing/show.ts';

describe('a statement begins with a keyword', () => {
  test.each([
    ['PRINTA;B', 'print A ; B'],
    ['PRINT"A"A;B', 'print "A" A ; B'],
    ['?"HI"', 'print "HI"'],
    ['PRINTTAB(10);A', 'print tab[10] ; A'],
    ['PRINTLEFT$(A$,2)', 'print LEFT(A$, 2)'],
    ['PRINTTOTAL', 'print TOTAL'],
    ['PRINTUSING"##";A', 'print using "##" A'],
    ['LETA=5', 'A = 5'],
    ['LETAB=5', 'AB = 5'],
    ['LETA$="X"', 'A$ = "X"'],
    ['LETTER=5', 'LETTER = 5'],
    ['FORCE=1', 'FORCE = 1'],
    ['PRINTER=1', 'PRINTER = 1'],
    ['TOTAL=TOTAL+1', 'TOTAL = (TOTAL + 1)'],
    ['ONE=1', 'ONE = 1'],
    ['IFFY=1', 'IFFY = 1'],
    ['DATA1=5', 'DATA1 = 5'],
    ['REMAIN=5', 'REMAIN = 5'],
    ['REMARKABLE PROGRAM', ''],
    ['REMARK = NOTHING', ''],
    ['REM-----: PRINT 1', ''],
    ["A=1 ' PRINT", 'A = 1'],
    ['READA$,B', 'read A$ B'],
    ['DATA5,6', 'data <5> <6>'],
    ['INPUTA', 'input ? A'],
    ['INPUT"N";A$', 'input "N" ? A$'],
    ['LINEINPUTA$', 'line input A$'],
    ['DEFFNA(X)=X*2', 'def FNA(X) = (X * 2)'],
  ])('%s', (text, tree) => expect(statement(text)).toBe(tree));

  test('a value given to an element is not a declaration', () => {
    expect(treeOf('10 DIMENSION(3)=1')).toBe('dim DIMENSION() 10\nDIMENSION(3) = 1');
    expect(treeOf('10 DIMA(3),B$(2)')).toBe('dim A() 3\ndim B$() 2');
  });

  test('words that came later are names where a value is given to them', () => {
    expect(statement('COLOR=3:KEY=COLOR+1')).toBe('COLOR = 3\nKEY = (COLOR + 1)');
    expect(statement('COLOR 3,1:KEY OFF:CLS')).toBe('');
    expect(statement('POS=3:A=POS')).toBe('POS = 3\nA = POS');
    expect(statement('TIMER=3:A=TIMER')).toBe('TIMER = 3\nA = TIMER');
    expect(statement('A=TIMER')).toBe('A = TIMER()');
  });
});

describe('IF', () => {
  test.each([
    ['IFA=1THEN10', 'if (A = 1)\n  goto 10'],
    ['IFATHEN10', 'if A\n  goto 10'],
    ['IFA=BGOTO10', 'if (A = B)\n  goto 10'],
    ['IF A=1GOTO10', 'if (A = 1)\n  goto 10'],
    ['IFAANDBTHEN10', 'if (A BITAND B)\n  goto 10'],
    ['IFNOTATHEN10', 'if (BITNOT A)\n  goto 10'],
    ['IF A$="Y"ORA$="N"THEN10', 'if ((A$ = "Y") BITOR (A$ = "N"))\n  goto 10'],
    ['IFA=1ANDB=2THENPRINTA', 'if ((A = 1) BITAND (B = 2))\n  print A'],
    ['IF A1ANDB2 THEN 10', 'if (A1 BITAND B2)\n  goto 10'],
    ['IF A=1 THENB=2', 'if (A = 1)\n  B = 2'],
    ['IF A=XTHENB=2', 'if (A = X)\n  B = 2'],
    ['IFATHEN10ELSE10', 'if A\n  goto 10\nelse\n  goto 10'],
    ['IF A THEN PRINTBELSEPRINTC', 'if A\n  print B\nelse\n  print C'],
    ['IF SCORE>5 THEN 10', 'if (SCORE > 5)\n  goto 10'],
    ['IF LENGTHEN THEN 10', 'if LENGTHEN\n  goto 10'],
    ['IF STRENGTHEN=5 THEN 10', 'if (STRENGTHEN = 5)\n  goto 10'],
    ['IF HAND=LAND THEN 10', 'if (HAND = LAND)\n  goto 10'],
    ['IFINT(X)=XTHEN10', 'if (INT(X) = X)\n  goto 10'],
  ])('%s', (text, tree) => expect(statement(text).replace(/^10:\n/, '')).toBe(tree));
});

describe('FOR and ON', () => {
  test.each([
    ['FORI=1TO10STEP2:NEXTI', 'for I = 1 to 10 step 2'],
    ['FORI=ATOB:NEXT', 'for I = A to B'],
    ['FORI=ATOBSTEPS:NEXT', 'for I = A to B step S'],
    ['FOR I=A TO NSTEP2:NEXT', 'for I = A to N step 2'],
    ['FOR I = TOTAL TO 10:NEXT', 'for I = TOTAL to 10'],
    ['FOR I=1 TO TOTAL:NEXT', 'for I = 1 to TOTAL'],
    ['FOR I=1 TO FOOTSTEP:NEXT', 'for I = 1 to FOOTSTEP'],
    ['FOR J=STOOL TO STEPS STEP STEPPING:NEXT', 'for J = STOOL to STEPS step STEPPING'],
    ['GO=1:FOR I=GO TO 3:NEXT', 'GO = 1\nfor I = GO to 3'],
  ])('%s', (text, tree) => expect(statement(text)).toBe(tree));

  test('ON, GOTO and GOSUB without blanks', () => {
    expect(statement('ONXGOTO10,10')).toBe('10:\non X GOTO 10 10');
    expect(statement('ON XGOSUB10')).toBe('10:\non X GOSUB 10');
    expect(statement('GOTO10')).toBe('10:\ngoto 10');
    expect(statement('GO TO 10:GO SUB10')).toBe('10:\ngoto 10\ngosub 10');
    expect(statement('GOTO X OF 10,10')).toBe('10:\non X GOTO 10 10');
    expect(statement('ONERRORGOTO10')).toBe('10:\non error goto 10');
  });
});

describe('values', () => {
  test.each([
    ['A=&HFF+&O17+&HFFFF', 'A = ((255 + 15) + -1)'],
    ['A=1E3+.5+5.+1D2+3#+2%+1!', 'A = ((((((1000 + 0.5) + 5) + 100) + 3) + 2) + 1)'],
    ['A=B**2', 'A = (B ^ 2)'],
    ['A=B↑2', 'A = (B ^ 2)'],
    ['A=B=<C', 'A = (B <= C)'],
    ['A=B=>C', 'A = (B >= C)'],
    ['A=B><C', 'A = (B <> C)'],
    ['A=B < > C', 'A = (B <> C)'],
    ['A=B[1]', 'A = B(1)'],
    ['A$="OPEN', 'A$ = "OPEN"'],
    ['print a;A%;a$', 'print A ; A% ; A$'],
    ['a.b=1', 'A.B = 1'],
  ])('%s', (text, tree) => expect(statement(text).replace(/^dim .*\n/, '')).toBe(tree));

  test('a number too large counts as infinity', () => {
    expect(see('10 A=1E999', 'classic')).toMatchObject({ tree: 'A = 1.7976931348623157e+308', found: ['1: number_overflow'] });
  });
});
