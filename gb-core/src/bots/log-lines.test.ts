import type { ConversationId } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';
import { expect, test } from 'vitest';
import type { ProgramError } from '../ports/index.ts';
import { failureLine, needsFiles, publishedLine } from './log-lines.ts';

const conversationId = uuidv7() as ConversationId;
const value = 'the answer somebody gave, which is long';
const error = (code: string, message: string, more: Partial<ProgramError> = {}): ProgramError => ({
  code,
  message,
  file: 'start.bas',
  line: 3,
  column: 5,
  ...more,
});
const line = (of: ProgramError, text = '') =>
  failureLine(of, { version: 2, files: [{ name: 'start.bas', text }], conversationId });

test('the place is told once, and who called stays', () => {
  expect(
    line(error('division_by_zero', 'A number was divided by zero. (start.bas, line 3, LET; called from line 9, line 1)')),
  ).toEqual({
    level: 'error',
    code: 'division_by_zero',
    message: 'A number was divided by zero. (called from line 9, line 1)',
    file: 'start.bas',
    line: 3,
    column: 5,
    version: 2,
    conversationId,
    userId: null,
  });
  expect(line(error('overflow', 'Grande demais. (início.bas, linha 3)', { file: 'início.bas' })).message).toBe('Grande demais.');
  expect(line(error('worker_stuck', 'This stopped. (exit)', { file: '', line: 0 }))).toMatchObject({
    message: 'This stopped. (exit)',
    file: null,
    line: null,
    column: null,
  });
});

test('a value is quoted no further than thirty characters, whatever sentence it is in', () => {
  const quoted = `${value.slice(0, 30)}…`;
  const place = ' (start.bas, line 3, THROW)';
  expect(line(error('thrown', value + place)).message).toBe(quoted);
  expect(line(error('thrown', `${value} (start.bas, line 1)${place}`)).message).toBe(quoted);
  const failed = (words: string) => line(error('operation_failed', `FIND failed: ${words}${place}`)).message;
  expect(failed(`the filter cannot be understood: ${value}`)).toBe(`FIND failed: the filter cannot be understood: ${quoted}`);
  expect(failed(`"${value}" is no column of "orders"`)).toBe(`FIND failed: "${quoted}" is no column of "orders"`);
  expect(failed(`"a: b" is no column`)).toBe('FIND failed: "a: b" is no column');
  for (const open of [`"${value}`, `a" b "c" d ${value}`]) expect(failed(open)).toBe(`FIND failed: ${open.slice(0, 30)}…`);
  expect(failed('word '.repeat(40))).toBe(`FIND failed: ${'word '.repeat(6)}…`);
  expect(line(error('internal', `O programa parou por um motivo nosso: ${value}.`)).message).toBe(
    `O programa parou por um motivo nosso: ${quoted}`,
  );
  expect(line(error('invalid_date', `${value} is not a date.`)).message).toBe(quoted);
  expect(line(error('invalid_date', `tomorrow is not a date.${place}`)).message).toBe('tomorrow is not a date.');
});

test('what a program throws word for word stays whole', () => {
  const own = 'The order could not be found, so nothing was sent.';
  const thrown = error('thrown', `${own} (start.bas, line 3, THROW)`);
  expect(needsFiles(thrown)).toBe(true);
  expect(needsFiles(error('thrown', 'Short. (start.bas, line 3, THROW)'))).toBe(false);
  expect(needsFiles(error('overflow', own))).toBe(false);
  expect(line(thrown, `IF x THEN THROW "${own}"`).message).toBe(own);
  expect(line(thrown, 'THROW x').message).toBe('The order could not be found, …');
});

test('any text becomes one that can be stored', () => {
  const cases = ['\0', 'a\nb\u0085c', '\ud83d', `${'a'.repeat(29)}😀 and more`, `${'x'.repeat(5_000)}😀`];
  for (const text of cases) {
    for (const code of ['thrown', 'overflow', text]) {
      const { message, code: stored, file } = line(error(code, text, { file: text }));
      for (const one of [message, stored, file!]) {
        expect(one.isWellFormed()).toBe(true);
        expect(one).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      }
      expect([message.length <= 400, stored.length <= 80, file!.length <= 200]).toEqual([true, true, true]);
    }
  }
  expect(line(error('thrown', `${'a'.repeat(29)}😀 and more`)).message).toBe(`${'a'.repeat(29)}…`);
});

test('a version says who made it what people talk to', () => {
  const ana = { id: uuidv7() as never, name: 'Ana' };
  expect(publishedLine('published', 3, ana)).toMatchObject({
    level: 'info',
    message: 'Version 3 was published by Ana.',
    userId: ana.id,
  });
  expect(publishedLine('rolled_back', 1, ana).message).toBe('Version 1 was made the current one again by Ana.');
  expect(publishedLine('published', 1, null)).toMatchObject({ message: 'Version 1 came with the server.', userId: null });
});
