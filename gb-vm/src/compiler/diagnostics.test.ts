import { describe, expect, test } from 'vitest';
import { classicMessages } from './classic/messages.ts';
import { compile } from './index.ts';
import { functionKeywords } from './keywords/index.ts';
import { type Message, messages } from './messages.ts';

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
  ['UCASE "a"', ['1:1-1:10 statement_has_no_effect']],
  ['price = 1,5', ['1:9-1:12 decimal_comma']],
  ['SEND MIAL "a", "b"', ['1:1-1:10 unknown_procedure']],
  ['x = GET BOT MEMROY "k"', ['1:5-1:19 unknown_procedure']],
  ['SET SCHEDULE\nTALK "a"', ['1:13-2:1 wrong_form']],
  ['ON INSERT\nTALK "a"', ['1:10-2:1 wrong_form']],
  ['SET x', ['1:6-1:6 wrong_form']],
  ["x = 'a\nTALK 1", ['1:5-1:7 unterminated_string']],
  ['x = (1 + 2\ny = 3 ~ 4\nz = [1', ['1:5-1:6 unclosed_bracket', '2:7-2:8 unexpected_character', '3:5-3:6 unclosed_bracket']],
  ['y = 1 +\nz = 2', ['1:8-2:1 expected_expression']],
  ['x = 1\nx.send()', ['2:1-2:7 unknown_procedure']],
  ['DO\nTALK 1\nWEND\nTALK 2', ['3:1-3:5 block_mismatch']],
  ['SELECT CASE 1\nCASE 1\nTALK 1\nNEXT', ['4:1-4:5 block_mismatch']],
  ['IF a THEN\nNEXT\nTALK 1\nEND IF', ['2:1-2:5 unopened_block']],
  ['BEGIN TLAK\nIt is "text\nEND TALK\nTALK 1', ['1:1-1:11 unknown_procedure']],
  ['BEGIN SYSTEM PROPMT\nYou sell "tea\nEND SYSTEM PROMPT', ['1:1-1:20 unknown_procedure']],
  ['TALK .x', ['1:6-1:7 dot_outside_with']],
  ['username = "a"\nTALK usernmae', ['2:6-2:14 maybe_misspelled']],
  ['TALK Hello', ['1:6-1:11 maybe_misspelled']],
  ['HEAR c AS red, green', ['1:11-1:14 maybe_misspelled', '1:16-1:21 maybe_misspelled']],
  ['x = 1\nIF x = 1 OR 2 OR 3 THEN\nEND IF', ['2:13-2:14 value_beside_condition', '2:18-2:19 value_beside_condition']],
  ['x = "a"\nWHILE "b" OR x = "c"\nWEND', ['2:7-2:10 value_beside_condition']],
  ['x = 3\nIF 5 < x < 20 THEN\nEND IF', ['2:4-2:14 comparison_of_comparison']],
  ['x = 3\nIF x = 4 = 5 THEN\nEND IF', ['2:4-2:13 comparison_of_comparison']],
  ['x = 3\nSELECT CASE x\nCASE 1 OR 2, 3\nEND SELECT', ['3:6-3:12 case_joined']],
  ['x = 3\nSELECT CASE x\nCASE 1-5\nEND SELECT', ['3:6-3:9 case_minus']],
  ['n = 5\nx = FIND "t", n = 5\nUPDATE "t", n = 7', ['2:15-2:20 comparison_given', '3:13-3:18 comparison_given']],
  ['SUB a()\nEND SUB\nx = a()\nTALK a', ['3:5-3:8 sub_has_no_value', '4:6-4:7 sub_has_no_value']],
  ['FUNCTION f(a, b)\nRETURN a + b\nEND FUNCTION\nTALK f(1)\nTALK f()', ['4:6-4:10 values_missing', '5:6-5:9 values_missing']],
  ['SUB a(x)\nTALK x\nEND SUB\na\nCALL a', ['4:1-4:2 values_missing', '5:6-5:7 values_missing']],
  ['TALK "a"; "b"', ['1:11-1:14 talk_one_value']],
  ['x = 1\nTALK "sum: " x', ['2:14-2:15 talk_one_value']],
  ['x = 1\nTALK x, x', ['2:7-2:8 talk_one_value']],
  ['SELECT CASE x\nCASE 1\nTALK 1\nELSE\nTALK 2\nEND SELECT', ['4:1-4:5 else_in_select']],
  ['x = 3\nIF x BETWEEN 5 AND 20 THEN\nTALK 1\nEND IF', ['2:6-2:13 wrong_form']],
  ['x = 3\nIF x BETWEEN 5 AND 20 THEN TALK 1\nTALK 2', ['2:6-2:13 wrong_form']],
  ['name = ‘Ana’', ['1:8-1:9 foreign_quotes']],
  ['name = «Ana»', ['1:8-1:9 foreign_quotes']],
  ['new = 1', ['1:1-1:4 name_is_keyword']],
  ['CATCH e', ['1:1-1:6 unopened_block']],
  ['HEAR u AS EMAIL ADDRESS', ['1:17-1:24 expected_end_of_statement']],
  ['HEAR age INTEGER', ['1:10-1:17 expected_token']],
  ['HEAR age AS INT', ['1:13-1:16 unknown_type']],
  ['FOR EAHC x IN [1]\nNEXT', ['1:5-1:9 unknown_procedure']],
  ['IFF x = 1 THEN', ['1:1-1:4 unknown_procedure']],
  ['SELCT CASE x', ['1:1-1:6 unknown_procedure']],
  ['SE x = 1 ENTAO', ['1:1-1:3 unknown_procedure']],
  ['x = [1]\nx.add(2)', ['2:1-2:6 unknown_procedure']],
  ['SAVE "t", "x", b = 1', ['1:21-1:21 wrong_form']],
  ['SWITCH x\nCASE 1\nTALK 1', ['1:1-1:7 missing_end_switch']],
  ['TRY\nx = 1', ['1:1-1:4 missing_end_try']],
  ['TYPE Point\nx AS NUMBER', ['1:1-1:5 missing_end_type']],
  ['TYPE Point\nx NUMBER\nEND TYPE\nDIM p AS Point', ['2:3-2:9 expected_token']],
  ['ON EVENT "x" DO\nTALK 1', ['1:1-1:3 missing_end_on']],
  ['BEGIN MAIL "a@b.c"\nhello', ['1:1-1:19 missing_end_mail']],
  ['BEGIN SYSTEM PROMPT\nhello', ['1:1-1:20 missing_end_prompt']],
  ['TABLE orders\nid integer', ['1:1-1:13 missing_end_table']],
  ['END MAIL', ['1:1-1:4 unopened_block']],
  ['END TABLE', ['1:1-1:4 unopened_block']],
  ['WHILE 1\nEND TRY\nWEND', ['2:1-2:4 unopened_block']],
  ['TRY\nx = 1\nFINALLY\ny = 1\nCATCH\nz = 1\nEND TRY', ['5:1-5:6 catch_out_of_order']],
  ['TALK Good morning', ['1:6-1:18 talk_unquoted']],
  ['TALK Upload to the drive is done.', ['1:6-1:34 talk_unquoted']],
  ['MERGE "p" WITH items', ['1:21-1:21 wrong_form']],
  ['SEND MAIL', ['1:10-1:10 wrong_form']],
  ['SEND MAIL "a", "b", "c" TO "d"\nTALK 1', ['1:25-1:27 wrong_form']],
  ['x = GET BOT MEMORY', ['1:5-1:8 unknown_procedure']],
  ['FIND', ['1:5-1:5 wrong_form']],
  ['WEBHOOK "order" + kind', ['1:9-1:23 declaration_not_plain']],
  ['PARAM a AS STRING LIKE "x" SOMETIMES', ['1:28-1:37 wrong_form']],
  ['PARAM a DEFAULT 1 + b', ['1:17-1:22 declaration_not_plain']],
  ['PARAM size AS STRNG', ['1:15-1:20 unknown_param_type']],
  ['GOTO within\nTRY\n  within:\n  TALK "a"\nCATCH e\n  TALK "b"\nEND TRY', ['1:6-1:12 jump_into_try']],
  ['GOTO "start"', ['1:6-1:13 expected_label']],
  ['ON x GOTO', ['1:10-1:10 expected_label']],
  ['ON x TALK 1', ['1:6-1:10 expected_token']],
  ['x = FIND "t" WHERE 5 > a', ['1:20-1:21 expected_column']],
  ['x = FIND "t" WHERE a', ['1:21-1:21 expected_token']],
  [
    'x = FIND "t" WHERE (a=1 OR a=2 OR a=3) AND (b=1 OR b=2 OR b=3) AND (c=1 OR c=2 OR c=3) AND (d=1 OR d=2 OR d=3)',
    ['1:110-1:111 condition_too_complex'],
  ],
  ['CONST limit = 3\nlimit = 4', ['2:1-2:6 constant_assigned']],
  ['CONST limit = 3\nCONST limit = 4', ['2:7-2:12 constant_assigned']],
  ['PARAM location AS STRING\nTALK location\nlocations = [1]\nTALK locations', []],
  ['DIM x AS Custmer', ['1:10-1:17 unknown_dim_type']],
  [
    `TYPE A\n${'abcdefghijklmnopqrstuvwxyz'.replaceAll(/./g, '$& AS NUMBER\n')}END TYPE\nTYPE B\n${'abcdefghijklmnopqrstuvwxyz'.replaceAll(/./g, '$& AS A\n')}END TYPE\nTYPE C\na AS B\nb AS B\nEND TYPE\nDIM x AS C`,
    ['61:1-61:11 record_too_large'],
  ],
  ['GOTO nowhere', ['1:6-1:13 unknown_label']],
  ['a:\nTALK 1\na:\nGOTO a', ['3:1-3:2 duplicate_label']],
  ['CONTINUE FOR', ['1:1-1:13 continue_outside']],
  ['BREAK', ['1:1-1:6 exit_outside']],
  [`TALK ${'('.repeat(500)}1${')'.repeat(500)}`, ['1:206-1:207 nesting_too_deep']],
  [`${'IF a THEN\n'.repeat(300)}`, ['201:1-201:3 nesting_too_deep']],
  ['TABLE "my orders"\n  id integer key\nEND TABLE', ['1:1-1:18 bad_table_name']],
  [`TABLE t\n${'  a text\n'.repeat(101)}END TABLE`, ['1:1-1:8 too_many_columns']],
  ['TALK 1\nTABLE t\nEND TABLE', ['2:1-2:8 table_empty']],
  [`TABLE t\n  ${'x'.repeat(64)} text\nEND TABLE`, ['2:3-2:72 bad_column_name']],
  ['TABLE t\r\n  a text\r\n  A integer\r\nEND TABLE', ['3:3-3:12 column_twice']],
  ['TABLE t\n  id integr key\n  b constructor\nEND TABLE', ['2:3-2:16 unknown_column_type', '3:3-3:16 unknown_column_type']],
  ['TABLE t\n  a string(0)\n  b decimal(2,5)\nEND TABLE', ['2:3-2:14 bad_column_size', '3:3-3:17 bad_column_size']],
  ['TABLE t\n  a json[]\nEND TABLE', ['2:3-2:11 list_of_lists']],
  [
    'TABLE t\n  a text[][]\n  b text; DROP TABLE users\nEND TABLE',
    ['2:3-2:13 column_not_understood', '3:3-3:27 column_not_understood'],
  ],
  ['TABLE t\n  a text\n  + b\nEND TABLE', ['3:3-3:6 not_a_column']],
  [
    'TABLE t\n  a date DEFAULT soon\n  b text DEFAULT constructor\n  c uuid DEFAULT now()\nEND TABLE',
    ['2:3-2:22 bad_column_default', '4:3-4:23 bad_column_default'],
  ],
  ['TABLE t\n  a text\n  UNIQUE (a, b)\nEND TABLE', ['3:3-3:16 unknown_column']],
  ['TABLE t\n  a text\n  b text\n  FOREIGN KEY (a, b) REFERENCES u (a)\nEND TABLE', ['4:3-4:38 bad_reference']],
  [
    'TABLE t\n  a integer\n  b integer key GENERATED ALWAYS AS (a) STORED\n  c integer[] AS (a)\nEND TABLE',
    ['3:3-3:47 computed_not_alone', '4:3-4:21 computed_not_alone'],
  ],
  ['TABLE t\n  a integer AS (b)\n  b integer AS (1)\nEND TABLE', ['2:3-2:19 computed_of_computed']],
  [
    'TABLE t\n  a boolean\n  b integer AS (a + 1)\n  c text AS (d)\n  d date\nEND TABLE',
    ['3:3-3:23 computed_type', '4:3-4:16 computed_type'],
  ],
  [
    'TABLE t\n  a integer\n  b integer AS (pg_sleep(9))\n  c integer AS (a; drop)\n  d integer AS ((select 1))\nEND TABLE',
    ['3:3-3:29 computed_not_understood', '4:3-4:25 computed_not_understood', '5:3-5:28 unknown_column'],
  ],
  [`TABLE t\n  a integer AS (${'('.repeat(400)}1${')'.repeat(400)})\nEND TABLE`, ['2:3-2:819 computed_not_understood']],
  // A few lines must not make gigabytes in the database that all share.
  [
    `TABLE t\n  a text\n  s string(20)\n  b text AS (REPLACE(a, s, a))\n  c integer AS (LEN(REPLACE(REPLACE(s, 'a', '${'b'.repeat(400)}'), 'b', '${'c'.repeat(520)}')))\n  d text AS (REPLACE(REPLACE(a, '-', ''), '.', LEFT(s, 5)))\nEND TABLE`,
    ['4:3-4:31 computed_too_long', '5:3-5:980 computed_too_long'],
  ],
  ['TABLE t\n  a integer CHECK (a > 0)\nEND TABLE', ['2:3-2:26 column_rule_ignored']],
  ['TABLE t READ BY "boss"\n  a integer\nEND TABLE', ['1:1-1:23 unknown_role']],
  [
    'TALK 1\nSET SCHEDULE "now and then"\nSET SCHEDULE "0 99 * * *"\nSET SCHEDULE every monday at 9',
    ['2:1-2:28 bad_schedule', '3:1-3:26 bad_schedule'],
  ],
  ['SET SCHEDULE "report", "0 7 * * 1-5"\nSET SCHEDULE "tomorrow at 9"\nSET SCHEDULE "dias úteis às 8h30"', []],
  ['WEBHOOK "!!"', ['1:1-1:13 bad_webhook']],
  ['ON INSERT OF ""', ['1:1-1:16 bad_trigger']],
  ['ON EMAIL "help"', ['1:1-1:16 bad_mail_trigger']],
  ['ON CHANGE "x" EVENTS "created, constructor"', ['1:1-1:44 unknown_folder_event']],
];

test.each(cases)('%j', (source, wanted) => {
  expect(at(source)).toEqual(wanted);
});

/** Programs that mean what they say, though they look like those that do not. */
const meant: readonly string[] = [
  'TALK username\nTALK NOW\nTALK from',
  'PARAM city AS STRING\nTALK city',
  'SET CONTEXT "greeting"\nTALK greeting',
  'a = 1\nb = 2\nIF a = 1 OR b = 2 AND NOT a = b THEN\nEND IF',
  'a = 1\nb = 2\nIF a = b = TRUE OR (a < b) = (b < a) OR (a = b) = 0 THEN\nEND IF',
  'a = 3\nSELECT CASE TRUE\nCASE a = 1 OR a = 2\nTALK 1\nEND SELECT',
  'a = 3\nSELECT CASE a\nCASE 1, 2\nCASE 5 - 1\nCASE -1\nCASE 3 TO 4\nEND SELECT',
  'SUB hi(name, more)\nIF more THEN\nTALK more\nEND IF\nTALK name\nEND SUB\nhi "Ana"',
  'SUB hi(name)\nIF name = NULL THEN name = "you"\nTALK name\nEND SUB\nhi',
  'FUNCTION a()\nRETURN 1\nEND FUNCTION\nSUB b()\nEND SUB\nx = a()\nb\nCALL b()\na()',
  'HEAR c AS "red", "green"\nTALK c',
];
test.each(meant)('nothing is said about %j', (source) => {
  expect(at(source)).toEqual([]);
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
  test('a call that gives too much shows the form of what it calls', () => {
    const source = 'SUB greet(who, how)\nEND SUB\ngreet(1, 2, 3)';
    expect(first(source, 'en')).toMatchObject({
      message: 'Too many values: greet takes at most 2, not 3.',
      hint: 'Write greet(who, how).',
    });
    expect(first('x = LEFT("a")', 'pt-BR')).toMatchObject({
      message: 'Valores de menos: LEFT precisa de pelo menos 2, não 1.',
      hint: `Escreva ${functionKeywords.get('LEFT')!.syntax}.`,
    });
  });
  test('a word of another language leads to ours, and no word to itself', () => {
    const hints = (source: string): string[] =>
      compile([{ name: 'start.bas', text: source }]).diagnostics.map((one) => one.hint?.replace('Did you mean ', '') ?? '');
    const words: readonly (readonly [string, string])[] = [
      ['DIGA "oi"', 'TALK?'],
      ['SENÃO', 'ELSE?'],
      ['FIM SE', 'END IF?'],
      ['FIM', 'END?'],
      ['ENQUANTO x < 3', 'WHILE?'],
      ['PARA i = 1 ATÉ 3', 'FOR?'],
      ['RAISE "x"', 'THROW?'],
      ['VAR x = 1', 'LET?'],
      ['ELIF x = 1 THEN', 'ELSEIF?'],
      ['MsgBox("x")', 'TALK?'],
      ['REPEAT\nx = 1', 'DO?'],
      ['HEAR x AS telefone', 'PHONE?'],
      ['x = [1]\nx.add(2)', 'push?'],
      ['x = [1]\nx.psuh(2)', 'push?'],
    ];
    for (const [source, hint] of words) expect(hints(source), source).toEqual([hint]);
  });
  test('what a program calls its own is no foreign word', () => {
    expect(at('SUB diga(t)\nTALK t\nEND SUB\ndiga "oi"\npara = 1\nTALK para')).toEqual([]);
  });
  test('signs stand in quotes', () => {
    expect(first('x = (1, 2)', 'en')).toMatchObject({ message: '")" is missing here, before ",".', hint: 'Write ")" there.' });
  });
  test('the hint of a doubtful condition is the condition that was meant', () => {
    expect(first('x = 1\nIF x = 1 OR 2 THEN\nEND IF', 'en')).toMatchObject({ hint: 'Write x = 1 OR x = 2.' });
    expect(first('x = 1\nIF 2 OR x = 1 THEN\nEND IF', 'pt-BR')).toMatchObject({ hint: 'Escreva x = 2 OR x = 1.' });
    expect(first('x = 1\nIF 5 < x <= 20 THEN\nEND IF', 'en')).toMatchObject({ hint: 'Write 5 < x AND x <= 20.' });
    expect(first('x = 1\nSELECT CASE x\nCASE 1 OR 2 OR "a"\nEND SELECT', 'en')).toMatchObject({ hint: 'Write CASE 1, 2, "a".' });
    expect(first('TALK Hello', 'en')).toMatchObject({ hint: 'Did you forget the quotes?' });
  });
  test('a program of doubts is told of some of them', () => {
    expect(at('TALK Hello\n'.repeat(1000))).toHaveLength(30);
  });
  test('without anything like it, a name is to be looked at', () => {
    expect(first('GOTO nowhere', 'en')).toMatchObject({ hint: 'Check how it is written.' });
    expect(first('GOTO nowhere', 'pt-BR')).toMatchObject({ hint: 'Confira como está escrito.' });
  });
  test('Portuguese draws its articles together', () => {
    expect(first('x = ', 'pt-BR')).toMatchObject({ message: 'Falta um valor aqui, antes do fim da linha.' });
  });
  test('every message says what to do', () => {
    const without = Object.entries(messages).filter(([, { en }]) => en.length < 2);
    expect(without.map(([code]) => code)).toEqual([]);
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
  expect(compile([{ name: 'start.bas', text: `s16399()\n${many}` }]).diagnostics[0]?.code).toBe('too_many_procedures');
  const parameters = Array.from({ length: 1001 }, (_, n) => `p${n}`).join(', ');
  expect(compile([{ name: 'start.bas', text: `SUB f(${parameters})\nEND SUB\nf(1)` }]).diagnostics[0]?.code).toBe(
    'procedure_too_large',
  );
  const tooLarge = ['program_too_large', 'procedure_too_large', 'too_many_procedures'];
  for (const code of Object.keys(messages)) {
    if (code in classicMessages || ['no_entry', 'internal', ...tooLarge].includes(code)) continue;
    expect(seen).toContain(code);
  }
});

test('the example of every message gets it, and nothing else', () => {
  const without: string[] = [];
  for (const [code, { example, profile }] of Object.entries<Message>(messages)) {
    if (example === undefined) {
      without.push(code);
      continue;
    }
    const { diagnostics } = compile([{ name: 'start.bas', text: example }], profile ? { profile } : {});
    expect(
      diagnostics.map((one) => one.code),
      code,
    ).toEqual([code]);
  }
  // These take more than fits on a page, or are no fault of a script.
  expect(without.toSorted()).toEqual([
    'bad_column_name',
    'internal',
    'nesting_too_deep',
    'no_entry',
    'procedure_too_large',
    'program_too_large',
    'record_too_large',
    'too_many_columns',
    'too_many_procedures',
    'too_many_variables',
  ]);
});

test('a program with errors gives no bytes; with warnings it does', () => {
  expect(compile([{ name: 'a.bas', text: 'x = ' }]).program).toBeNull();
  const warned = compile([{ name: 'a.bas', text: 'username = 1\nTALK usernmae' }]);
  expect(warned.program).not.toBeNull();
  expect(warned.diagnostics[0]?.severity).toBe('warning');
});
