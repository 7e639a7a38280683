import { describe, expect, test } from 'vitest';
import { compile } from './index.ts';
import { messages } from './messages.ts';

const at = (source: string, locale: 'en' | 'pt-BR' = 'en') =>
  compile([{ name: 'start.bas', text: source }], { locale }).diagnostics.map(
    (one) => `${one.line}:${one.column}-${one.endLine}:${one.endColumn} ${one.code}`,
  );

/** Source, and every diagnostic it gives: where, and which. Nothing else may be reported: no echoes. */
const cases: readonly (readonly [string, readonly string[]])[] = [
  ['TALK "a', ['1:6-1:8 unterminated_string']],
  ['TALK "a ${x"', ['1:9-1:11 unterminated_interpolation']],
  ['x = 12abc', ['1:5-1:10 bad_number']],
  ['TALK 1 ~ 2', ['1:8-1:9 unexpected_character']],
  ['x = 1\n) y\nTALK "ok"', ['2:1-2:2 expected_statement']],
  ['x = ', ['1:5-1:5 expected_expression']],
  ['x = 1 +\n', ['2:1-2:1 expected_expression']],
  ['x = (1 + 2\nTALK "a"', ['1:5-1:6 unclosed_bracket']],
  ['TALK JOIN([1, 2], "a"\n', ['1:10-1:11 unclosed_bracket']],
  ['FOR i 1 TO 3\nNEXT', ['1:7-1:8 expected_token']],
  ['FOR 5 = 1 TO 3\nNEXT', ['1:5-1:6 expected_name']],
  ['x = 1 2', ['1:7-1:8 expected_end_of_statement']],
  ['IF x = 1\nTALK "a"\nEND IF', ['1:9-2:1 missing_then']],
  ['IF x = 1 THEN\nTALK "a"', ['1:1-1:3 missing_end_if']],
  ['FOR i = 1 TO 2\nTALK i', ['1:1-1:4 missing_next']],
  ['FOR EACH i IN x\nTALK i', ['1:1-1:4 missing_next']],
  ['WHILE x\nTALK 1', ['1:1-1:6 missing_wend']],
  ['DO\nTALK 1', ['1:1-1:3 missing_loop']],
  ['SELECT CASE x\nCASE 1\nTALK 1', ['1:1-1:7 missing_end_select']],
  ['SUB a()\nTALK 1', ['1:1-1:4 missing_end_sub']],
  ['FUNCTION a()\nTALK 1', ['1:1-1:9 missing_end_function']],
  ['WITH a\nb = 1', ['1:1-1:5 missing_end_with']],
  ['BEGIN TALK\nhello', ['1:1-1:11 missing_end_talk']],
  ['FOR i = 1 TO 2\nIF i THEN\nTALK i\nNEXT\nTALK "x"', ['4:1-4:5 block_mismatch']],
  ['IF a THEN\nFOR i = 1 TO 2\nEND IF', ['3:1-3:4 block_mismatch']],
  ['TALK 1\nNEXT\nTALK 2', ['2:1-2:5 unopened_block']],
  ['END IF', ['1:1-1:4 unopened_block']],
  ['ELSE', ['1:1-1:5 unopened_block']],
  ['END TALK', ['1:1-1:4 unopened_block']],
  ['FOR i = 1 TO 2\nTALK i\nNEXT j', ['3:6-3:7 next_name_mismatch']],
  ['IF a THEN\nELSE\nELSE\nEND IF', ['3:1-3:5 else_after_else']],
  ['CASE 1', ['1:1-1:5 case_outside_select']],
  ['SELECT CASE x\nTALK 1\nCASE 1\nEND SELECT', ['2:1-2:7 statement_before_case']],
  ['IF a THEN\nSUB b()\nEND SUB\nEND IF', ['1:1-1:3 missing_end_if', '4:1-4:4 unopened_block']],
  ['IF a THEN\nINCLUDE "x"\nEND IF', ['2:1-2:8 include_in_block']],
  ['INCLUDE "menu.bas"', ['1:1-1:19 unknown_include']],
  ['INCLUDE "start.bas"', ['1:1-1:20 include_cycle']],
  ['TLAK "hi"', ['1:1-1:5 unknown_procedure']],
  ['x = LEFTT("a", 1)', ['1:5-1:10 unknown_procedure']],
  ['x = FINDD "a"', ['1:5-1:10 unknown_procedure']],
  ['HEAR x AS INTEGR', ['1:11-1:17 unknown_type']],
  ['SUB a()\nEND SUB\nSUB a()\nEND SUB', ['3:5-3:6 duplicate_procedure']],
  ['SUB a(x, x)\nEND SUB', ['1:10-1:11 duplicate_parameter']],
  ['x = LEFT("a", 1, 2)', ['1:5-1:20 too_many_arguments']],
  ['x = LEFT("a")', ['1:5-1:14 too_few_arguments']],
  ['SUB a(x)\nEND SUB\na(1, 2)', ['3:1-3:8 too_many_arguments']],
  [`${Array.from({ length: 5000 }, (_, n) => `v${n} = 1`).join('\n')}`, ['1:1-1:1 too_many_variables']],
  ['EXIT FOR', ['1:1-1:9 exit_outside']],
  ['FOR i = 1 TO 2\nEXIT WHILE\nNEXT', ['2:1-2:11 exit_outside']],
  ['SUB a()\nRETURN 1\nEND SUB', ['2:1-2:9 return_value_in_sub']],
  ['LEFT("a", 1) = 2', ['1:1-1:13 not_assignable']],
  ['a() = 2', ['1:1-1:4 not_assignable']],
  ['x = 1\nx', ['2:1-2:2 statement_has_no_effect']],
  ['x[1]', ['1:1-1:5 statement_has_no_effect']],
  ['TALK .x', ['1:6-1:7 dot_outside_with']],
  ['username = "a"\nTALK usernmae', ['2:6-2:14 maybe_misspelled']],
  [`TALK ${'('.repeat(500)}1${')'.repeat(500)}`, ['1:206-1:207 nesting_too_deep']],
  [`${'IF a THEN\n'.repeat(300)}`, ['201:1-201:3 nesting_too_deep']],
];

test.each(cases)('%j', (source, wanted) => {
  expect(at(source)).toEqual(wanted);
});

describe('several in one file', () => {
  test('each is reported once, and the rest of the file is still understood', () => {
    expect(at('TALK "a\nx = (1\nFOR i = 1 TO 3\n  IF i > THEN\n    TALK i\n  END IF\nNEXT\nTLAK "x"\nTALK UCASE(1, 2)')).toEqual([
      '1:6-1:8 unterminated_string',
      '2:5-2:6 unclosed_bracket',
      '4:10-4:14 expected_expression',
      '8:1-8:5 unknown_procedure',
      '9:6-9:17 too_many_arguments',
    ]);
  });
  test('an error in the head of a block does not hide its end', () => {
    expect(
      at(
        'WHILE (1\nTALK 1\nWEND\nFOR i = TO 3\nTALK i\nNEXT\nIF THEN\nELSE IF = 2 THEN\nEND IF\nSELECT CASE\nCASE >\nEND SELECT',
      ),
    ).toEqual([
      '1:7-1:8 unclosed_bracket',
      '4:9-4:11 expected_expression',
      '7:4-7:8 expected_expression',
      '8:9-8:10 expected_expression',
      '10:12-11:1 expected_expression',
      '11:7-12:1 expected_expression',
    ]);
  });
});

describe('sentences', () => {
  const first = (source: string, locale: 'en' | 'pt-BR') =>
    compile([{ name: 'start.bas', text: source }], { locale }).diagnostics[0]!;
  test('a block that does not fit names its opener', () => {
    const source = 'FOR i = 1 TO 2\nIF i THEN\nNEXT';
    expect(first(source, 'en')).toMatchObject({
      message: 'NEXT does not close the IF of line 2.',
      hint: 'Did you forget END IF before this line?',
    });
    expect(first(source, 'pt-BR')).toMatchObject({
      message: 'NEXT não fecha o IF da linha 2.',
      hint: 'Faltou END IF antes desta linha?',
    });
  });
  test('a slip of the pen is recognised', () => {
    expect(first('TLAK "hi"', 'en')).toMatchObject({
      message: 'There is no keyword, SUB or FUNCTION named TLAK.',
      hint: 'Did you mean TALK?',
    });
    expect(first('HEAR x AS INTEGR', 'pt-BR')).toMatchObject({ hint: 'Você quis dizer INTEGER?' });
    expect(first('SUB greet()\nEND SUB\ngret()', 'en')).toMatchObject({ hint: 'Did you mean greet?' });
    expect(
      compile([
        { name: 'start.bas', text: 'INCLUDE "mnu.bas"' },
        { name: 'menu.bas', text: '' },
      ]).diagnostics[0],
    ).toMatchObject({ hint: 'Did you mean menu.bas?' });
  });
  test('every message exists in two languages with the same blanks to fill', () => {
    for (const entry of Object.values(messages)) {
      const blanks = (text = '') => [...text.matchAll(/\{\d\}/g)].map(String).sort();
      expect(entry.pt.length).toBe(entry.en.length);
      for (const [index, text] of entry.en.entries()) expect(blanks(entry.pt[index])).toEqual(blanks(text));
    }
  });
});

test('every code is provoked above or here', () => {
  const seen = new Set(cases.flatMap(([, wanted]) => wanted.map((one) => one.split(' ')[1])));
  expect(compile([]).diagnostics[0]?.code).toBe('no_entry');
  expect(compile([{ name: 'start.bas', text: ' '.repeat(2_000_001) }]).diagnostics[0]?.code).toBe('program_too_large');
  const many = Array.from({ length: 16_400 }, (_, n) => `SUB s${n}()\nEND SUB`).join('\n');
  expect(compile([{ name: 'start.bas', text: `s16399()\n${many}` }]).diagnostics[0]?.code).toBe('internal');
  for (const code of Object.keys(messages)) {
    if (!['no_entry', 'program_too_large', 'internal'].includes(code)) expect(seen).toContain(code);
  }
});

test('a program with errors gives no bytes; with warnings it does', () => {
  expect(compile([{ name: 'a.bas', text: 'x = ' }]).program).toBeNull();
  const warned = compile([{ name: 'a.bas', text: 'username = 1\nTALK usernmae' }]);
  expect(warned.program).not.toBeNull();
  expect(warned.diagnostics[0]?.severity).toBe('warning');
});
