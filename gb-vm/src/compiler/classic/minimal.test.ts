import { describe, expect, test } from 'vitest';
import { see, treeOf } from './testing/show.ts';

/** Lines 10, 20, ... with an END behind them. */
function program(...statements: readonly string[]): string {
  return [...statements, 'END'].map((text, index) => `${10 * (index + 1)} ${text}`).join('\n');
}
const tree = (...statements: readonly string[]): string => treeOf(program(...statements), 'minimal').replace(/\n?end$/, '');
const found = (...statements: readonly string[]): readonly string[] => see(program(...statements), 'minimal').found;

describe('statements of ECMA-55', () => {
  test.each([
    ['LET A=1', 'A = 1'],
    ['LET A1 = -B + 2', 'A1 = ((- B) + 2)'],
    ['LET A$="HI, ?!"', 'A$ = "HI, ?!"'],
    ['PRINT', 'print'],
    ['PRINT A;"B",TAB(5);-1', 'print A ; "B" , tab[5] ; -1'],
    ['PRINT ,,;A;', 'print , , ; A ;'],
    ['INPUT A,B$,C(1)', 'dim C() 10\ninput ? A B$ C(1)'],
    ['READ A,B$', 'read A B$'],
    ['DATA 1, ABC D ," X,Y ",-.5E3', 'data <1> <ABC D> " X,Y " <-.5E3>'],
    ['RESTORE', 'restore'],
    ['RANDOMIZE', 'randomize'],
    ['STOP', 'stop'],
    ['GOTO 0010', '10:\ngoto 10'],
    ['GO TO 10', '10:\ngoto 10'],
    ['GO  SUB 10', '10:\ngosub 10'],
    ['ON X GO TO 10,20', '10:\non X GOTO 10 20\n20:'],
    ['IF A$<>"X" THEN 10', '10:\nif (A$ <> "X")\n  goto 10'],
    ['IF A+1>=B THEN 10', '10:\nif ((A + 1) >= B)\n  goto 10'],
    ['REM ANYTHING, even "this', ''],
    ['REM', ''],
    ['LET A=RND+SIN(1)*INT(X)', 'A = (RND() + (SIN(1) * INT(X)))'],
    ['DEF FNA(X)=X+Y', 'def FNA(X) = (X + Y)'],
    ['DIM A(5),B(2,3)', 'dim A() 5\ndim B() 2 3'],
  ])('%s', (text, expected) => expect(tree(text)).toBe(expected));

  test.each([
    ['-2^2', '(- (2 ^ 2))'],
    ['2^3^2', '((2 ^ 3) ^ 2)'],
    ['-A*B+C', '((- (A * B)) + C)'],
    ['1-2-3', '((1 - 2) - 3)'],
    ['1/2/3', '((1 / 2) / 3)'],
    ['2*(-3)', '(2 * -3)'],
    ['+1', '(+ 1)'],
    ['A ( 1 , 2 )', 'A(1, 2)'],
  ])('LET X=%s', (text, expected) => expect(tree(`LET X=${text}`).replace(/^dim .*\n/, '')).toBe(`X = ${expected}`));

  test('loops are nested', () => {
    expect(tree('FOR I=1 TO 3 STEP 2', 'FOR J=I TO 1', 'NEXT J', 'NEXT I')).toBe('for I = 1 to 3 step 2\n  for J = I to 1');
  });

  test('OPTION BASE is told to the code generator', () => {
    expect(see(program('OPTION BASE 1', 'DIM A(3)'), 'minimal').script.base).toBe(1);
  });
});

describe('section 4 to 8: characters, lines, values', () => {
  test.each([
    ['PRINT"A"', 'keyword_glued'],
    ['REMARK', 'keyword_glued'],
    ['REM*** TITLE', 'keyword_glued'],
    ['LET A=1:LET B=2', 'one_statement_per_line'],
    ['A=1', 'let_missing'],
    ['LETA=1', 'keyword_glued'],
    ['LET AB=1', 'unknown_word'],
    ['LET A12=1', 'unknown_word'],
    ['LET A$="a"', 'unexpected_character'],
    ['LET a=1', 'unexpected_character'],
    ['LET A$="X', 'text_unclosed'],
    ['LET A=1E', 'expected_end_of_statement'],
    ['LET A=1 2', 'expected_end_of_statement'],
    ['LET A=1 +', 'expected_expression'],
    ['LET A=1+-2', 'sign_misplaced'],
    ['LET A=2^-1', 'sign_misplaced'],
    ['LET A=--1', 'sign_misplaced'],
    ['LET A=(1', 'expected_token'],
    ['LET A="X"', 'number_needed'],
    ['LET A=B$', 'number_needed'],
    ['LET A=1+B$', 'number_needed'],
    ['LET A$=1', 'text_needed'],
    ['LET A$=B$+"X"', 'expected_end_of_statement'],
    ['LET A$(1)="X"', 'array_not_numeric'],
    ['LET A1(1)=2', 'array_not_numeric'],
    ['LET A=B(1,2,3)', 'expected_token'],
    ['LET A=B()', 'expected_expression'],
    ['LET A=1 < 2', 'expected_end_of_statement'],
    ['LET A=NOT B', 'unknown_word'],
    ['PLEASE', 'unknown_word'],
    ['THEN 10', 'expected_statement'],
  ])('%s', (text, code) => expect(found('REM', text)).toEqual([`2: ${code}`]));

  test('a number too large is a warning', () => {
    expect(found('LET A=1E999')).toEqual(['1: number_overflow']);
  });

  test('lines have numbers in order, from 1 to 9999, and at most 72 characters', () => {
    const text = [
      'LET A=1',
      ' 20 LET A=1',
      '30LET A=1',
      '40',
      '0 LET A=1',
      '10000 LET A=1',
      '50 LET A=1',
      '50 LET A=1',
      '45 LET A=1',
      `60 REM ${'X'.repeat(66)}`,
      '70 END',
    ].join('\n');
    expect(see(text, 'minimal').found).toEqual([
      '1: line_number_missing',
      '2: line_number_indented',
      '3: line_number_glued',
      '4: line_empty',
      '5: line_number_bad',
      '6: line_number_bad',
      '8: line_duplicate',
      '9: line_order',
      '10: line_too_long',
    ]);
    expect(see(`10 REM ${'X'.repeat(65)}\n20 END`, 'minimal').found).toEqual([]);
  });

  test('END is on the last line only', () => {
    expect(see('10 LET A=1', 'minimal').found).toEqual(['1: end_missing']);
    expect(see('10 END\n20 LET A=1', 'minimal').found).toEqual(['1: end_not_last']);
    expect(see('', 'minimal').found).toEqual(['1: end_missing']);
    expect(see('10 END\n20 END', 'minimal').found).toEqual(['1: end_not_last']);
  });
});

describe('section 10: functions', () => {
  test.each([
    [['LET A=FNA(1)', 'DEF FNA(X)=X'], '1: function_too_early'],
    [['LET A=FNA(1)'], '1: function_unknown'],
    [['DEF FNA(X)=X', 'DEF FNA(Y)=Y'], '2: function_duplicate'],
    [['DEF FNA(X)=FNA(X)'], '1: function_recursive'],
    [['DEF FNA(X)=X', 'LET A=FNA'], '2: function_arguments'],
    [['DEF FNA=1', 'LET A=FNA(1)'], '2: function_arguments'],
    [['DEF FNA(X,Y)=X'], '1: expected_token'],
    [['DEF FNA(X$)=1'], '1: number_needed'],
    [['DEF FNA(X1)="A"'], '1: number_needed'],
    [['DEF FNA(X(1))=1'], '1: expected_token'],
    [['DEF FNAB=1'], '1: unknown_word'],
    [['LET A=SIN'], '1: function_arguments'],
    [['LET A=RND(1)'], '1: function_arguments'],
    [['LET A=SIN(1,2)'], '1: function_arguments'],
    [['LET A=SIN(B$)'], '1: number_needed'],
    [['LET A=TAB(1)'], '1: tab_outside_print'],
    [['LET FNA=1'], '1: expected_name'],
  ])('%j', (lines, expected) => expect(found(...lines)).toEqual([expected]));

  test('a parameter is not the variable of the same name', () => {
    expect(found('DEF FNA(B)=B+1', 'LET B(1)=FNA(2)')).toEqual([]);
  });

  test('a broken definition is reported once', () => {
    expect(found('DEF FNA(X)=X+', 'LET A=FNA(1)')).toEqual(['1: expected_expression']);
  });
});

describe('section 12: control', () => {
  test.each([
    ['IF A=1 THEN PRINT', 'line_number_expected'],
    ['IF A THEN 10', 'comparison_missing'],
    ['IF A=1 GOTO 10', 'expected_token'],
    ['IF A=B$ THEN 10', 'comparison_mixed'],
    ['IF A$>B$ THEN 10', 'comparison_of_texts'],
    ['IF A< =1 THEN 10', 'expected_expression'],
    ['IF A=<1 THEN 10', 'expected_expression'],
    ['IF A=1THEN 10', 'keyword_glued'],
    ['IF A=1 THEN10', 'keyword_glued'],
    ['IF A=1 AND B=1 THEN 10', 'unknown_word'],
    ['GOTO 99', 'line_unknown'],
    ['GOTO X', 'line_number_expected'],
    ['GOTO 10000', 'line_number_bad'],
    ['GOTO 10.5', 'line_number_bad'],
    ['GO 10', 'expected_token'],
    ['ON X GOSUB 10', 'expected_token'],
    ['ON X$ GOTO 10', 'number_needed'],
    ['ON X GOTO', 'line_number_expected'],
    ['RETURN 10', 'expected_end_of_statement'],
  ])('%s', (text, code) => expect(found('REM', text)).toEqual([`2: ${code}`]));
});

describe('section 13: loops', () => {
  test.each([
    [['FOR I=1 TO 3'], ['1: for_unclosed']],
    [['NEXT I'], ['1: next_unopened']],
    [
      ['FOR I=1 TO 3', 'FOR J=1 TO 3', 'NEXT I', 'NEXT J', 'NEXT J'],
      ['3: for_crossed', '5: next_unopened'],
    ],
    [['FOR I=1 TO 3', 'FOR I=1 TO 3', 'NEXT I', 'NEXT I'], ['2: for_same_variable']],
    [
      ['FOR A$=1 TO 3', 'NEXT A$'],
      ['1: number_needed', '2: number_needed'],
    ],
    [['FOR A(1)=1 TO 3', 'NEXT A'], ['1: expected_token']],
    [['FOR I=1', 'NEXT I'], ['1: expected_token']],
    [['NEXT'], ['1: expected_name']],
    [['FOR I=1 TO 3', 'REM', 'NEXT I', 'GOTO 20'], ['4: jump_into_for']],
    [['FOR I=1 TO 3', 'REM', 'NEXT I', 'GOSUB 30'], ['4: jump_into_for']],
    [['FOR I=1 TO 3', 'REM', 'NEXT I', 'GOTO 10'], []],
    [['FOR I=1 TO 3', 'GOTO 50', 'GOTO 20', 'NEXT I'], []],
    [
      ['GOTO 30', 'FOR I=1 TO 3', 'FOR J=1 TO 3', 'NEXT J', 'GOTO 40', 'NEXT I'],
      ['1: jump_into_for', '5: jump_into_for'],
    ],
    [['FOR I=1 TO 3', 'GOTO 40', 'NEXT I', 'FOR J=1 TO 3', 'GOTO 30', 'NEXT J'], ['5: jump_into_for']],
  ])('%j', (lines, expected) => expect(found(...lines)).toEqual(expected));
});

describe('section 14 to 18: data and arrays', () => {
  test.each([
    [['PRINT A B'], '1: expected_end_of_statement'],
    [['PRINT "A" "B"'], '1: expected_end_of_statement'],
    [['PRINT A$+B$'], '1: expected_end_of_statement'],
    [['INPUT "A";B'], '1: expected_name'],
    [['INPUT A,'], '1: expected_name'],
    [['INPUT 5'], '1: expected_name'],
    [['READ'], '1: expected_name'],
    [['RESTORE 10'], '1: expected_end_of_statement'],
    [['DATA'], '1: datum_missing'],
    [['DATA 1,,2'], '1: datum_missing'],
    [['DATA 1,'], '1: datum_missing'],
    [['DATA A?B'], '1: datum_bad'],
    [['DATA "AB'], '1: text_unclosed'],
    [['DATA A"B"'], '1: datum_bad'],
    [['DIM A(5)', 'DIM A(5)'], '2: array_duplicate'],
    [['LET A(1)=1', 'DIM A(5)'], '2: array_used_early'],
    [['DIM A(5)', 'LET A(1,1)=1'], '2: subscripts_differ'],
    [['LET A(1)=1', 'LET B=A(1,1)'], '2: subscripts_differ'],
    [['LET A(1)=1', 'LET A=1'], '2: array_and_variable'],
    [['LET A=1', 'DIM A(3)'], '2: array_and_variable'],
    [['DIM A(N)'], '1: array_bound'],
    [['DIM A(1.5)'], '1: array_bound'],
    [['DIM A$(5)'], '1: array_not_numeric'],
    [['DIM A'], '1: expected_token'],
    [['DIM A(1,2,3)'], '1: expected_token'],
    [['OPTION BASE 1', 'DIM A(0)'], '2: array_bound'],
    [['OPTION BASE 2'], '1: option_base'],
    [['OPTION BASE 1', 'OPTION BASE 1'], '2: option_duplicate'],
    [['DIM A(5)', 'OPTION BASE 1'], '2: option_too_late'],
    [['LET A(1)=1', 'OPTION BASE 0'], '2: option_too_late'],
    [['RANDOMIZE 5'], '1: expected_end_of_statement'],
  ])('%j', (lines, expected) => expect(found(...lines)).toEqual([expected]));

  test('an array is made with its size before the program starts', () => {
    expect(tree('LET B=1', 'DIM A(5)', 'LET A(B)=1', 'LET C(1,2)=1')).toBe(
      'dim A() 5\ndim C() 10 10\nB = 1\nA(B) = 1\nC(1, 2) = 1',
    );
  });
});

test('several errors of one program are all reported', () => {
  expect(found('LET A=', 'PRINT (', 'GOTO 99', 'NEXT I')).toEqual([
    '1: expected_expression',
    '2: expected_expression',
    '3: line_unknown',
    '4: next_unopened',
  ]);
});
