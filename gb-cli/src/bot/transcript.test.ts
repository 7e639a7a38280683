import { expect, test } from 'vitest';
import { allFit, difference, fits, parseTranscript, spokenLines, TranscriptError } from './transcript.ts';

const expected = (text: string) => parseTranscript(text).steps[0]!.expected;
const isAnswer = (text: string, said: string) => allFit(expected(text), spokenLines(said));

test('a conversation is read step by step', () => {
  const { steps, settings } = parseTranscript(
    "' a remark\n@ locale pt-BR\nHi\n\n> Ana \nNice,\nAna\n@ wait 2 days\n@ wait 1 hour\n>\n! division_by_zero\n",
  );
  expect(settings.get('locale')).toBe('pt-BR');
  expect(steps.map(({ said, line, waitMs, error }) => [said, line, waitMs, error])).toEqual([
    [null, 1, 0, null],
    ['Ana', 5, 0, null],
    ['', 10, 176_400_000, 'division_by_zero'],
  ]);
  expect(steps[1]!.expected.map(({ text }) => text)).toEqual(['Nice,', 'Ana']);
});

test('what cannot be understood names its line', () => {
  for (const [text, line] of [
    ['Hi\n@ colour blue', 2],
    ['@ wait a while', 1],
    ['@', 1],
    ['Hi\n@ people ana,,rui', 2],
    ['@ param size', 1],
  ] as const) {
    let problem: unknown;
    try {
      parseTranscript(text);
    } catch (error) {
      problem = error;
    }
    expect(problem).toBeInstanceOf(TranscriptError);
    expect((problem as TranscriptError).line).toBe(line);
  }
});

test('what people say, press and attach, and what is asked of the host', () => {
  const { steps, people, params } = parseTranscript(
    '@ people ana, Rui\n@ param size 3\nana: hi: there\n= GET "a->b" -> {"x": 1}\n= 3 is a line\n@ attach a.png\nRUI: [Yes]\n> \\[No]\n+ 2 weeks\n+ a line\n@ 2026-12-31 09:00\n',
  );
  expect(people).toEqual(['ana', 'Rui']);
  expect([...params]).toEqual([['size', '3']]);
  expect(steps.map(({ person, said, isButton, isTime, files }) => [person, said, isButton, isTime, files])).toEqual([
    [null, null, false, false, []],
    ['ana', 'hi: there', false, false, []],
    ['Rui', 'Yes', true, false, ['a.png']],
    [null, '[No]', false, false, []],
    [null, null, false, true, []],
    [null, null, false, true, []],
  ]);
  expect(steps[1]!.operations).toEqual([{ line: 4, asked: 'GET "a->b"', given: '{"x": 1}' }]);
  expect(steps[1]!.expected.map(({ text }) => text)).toEqual(['= 3 is a line']);
  expect(steps[4]).toMatchObject({ waitMs: 14 * 86_400_000, clockMs: null });
  expect(steps[4]!.expected.map(({ text }) => text)).toEqual(['+ a line']);
  expect(steps[5]).toMatchObject({ clockMs: Date.UTC(2026, 11, 31, 9) });
});

test('a star is any text, and a line that is the same fits whatever its stars', () => {
  expect(isAnswer('Hello *, it is *.', 'Hello Ana, it is Monday.')).toBe(true);
  expect(isAnswer('Hello*', 'Hello')).toBe(true);
  expect(isAnswer('Hello *x', 'Hello Ana')).toBe(false);
  expect(isAnswer('**bold** & *soft*', '**bold** & *soft*')).toBe(true);
  expect(isAnswer('\\a * b', 'a 1 b')).toBe(false);
  expect(isAnswer('\\a * b', 'a * b')).toBe(true);
  expect(isAnswer("\\' > @", "' > @")).toBe(true);
  expect(isAnswer('a*a', 'a')).toBe(false);
  expect(isAnswer('a*b*b', 'a-b')).toBe(false);
});

test('three dots are any lines, none included', () => {
  expect(isAnswer('a\n...\nd', 'a\nb\nc\nd')).toBe(true);
  expect(isAnswer('a\n...\nd', 'a\nd')).toBe(true);
  expect(isAnswer('...\nd\n...', 'a\nd\nd\ne')).toBe(true);
  expect(isAnswer('a\n...\nd', 'a\nd\ne')).toBe(false);
  expect(isAnswer('...', '')).toBe(true);
  expect(isAnswer('', 'a')).toBe(false);
});

test('the difference shows what did not come and what came instead', () => {
  expect(difference(expected('one\ntwo *\nthree'), ['one', 'too', 'three', 'four'])).toBe(
    '    one\n  - two *\n  + too\n    three\n  + four\n',
  );
});

test('in the difference three dots take what they may', () => {
  expect(difference(expected('one\n...\nfour'), ['uno', 'two', 'three', 'four'])).toBe(
    '  - one\n    uno\n    two\n    three\n    four\n',
  );
  expect(difference(expected('...\nfive'), ['one', 'four'])).toBe('    one\n    four\n  - five\n');
});

test('a line of many stars takes no longer than its length', () => {
  const begun = performance.now();
  const line = expected(`${'a*'.repeat(2000)}b`)[0]!;
  expect(fits(line, 'a'.repeat(100_000))).toBe(false);
  expect(performance.now() - begun).toBeLessThan(5_000);
});
