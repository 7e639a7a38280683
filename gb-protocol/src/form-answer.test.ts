import { expect, test } from 'vitest';
import type { Form, FormField } from './entities.ts';
import { type FormValue, formProblems, sayAnswers } from './form-answer.ts';

const field = (more: Partial<FormField> = {}): FormField => ({ name: 'x', label: 'The X', type: 'text', ...more });
const form = (...fields: FormField[]): Form => ({ name: 'f', fields });
const problem = (more: Partial<FormField>, value: FormValue) => formProblems(form(field(more)), { x: value }).get('x') ?? null;

test.each<[FormField['type'], FormValue[], FormValue[]]>([
  ['text', ['a', ' ç 你 '], ['two\nlines', '\ud800', 'a\0b', 5, true]],
  ['longText', ['two\nlines'], [5]],
  ['number', [0, -1.5], ['1', true, Number.NaN, Number.POSITIVE_INFINITY]],
  ['date', ['2026-02-28', '2024-02-29'], ['2026-02-30', '2026-2-3', '28/02/2026', 20260228, '2026-02-28T10:00']],
  ['time', ['00:00', '23:59'], ['24:00', '9:30', '12:60', '12:30:00']],
  [
    'email',
    ['ana@example.org', 'a.b+c@mail.example.com.br'],
    ['ana', 'ana@local', 'a b@example.org', '@example.org', `${'a'.repeat(65)}@example.org`],
  ],
  ['phone', ['+55 (11) 98765-4321', '911'], ['call me', '12', '+']],
  ['url', ['https://example.org/a?b=c'], ['example.org', 'javascript:alert(1)', 'ftp://example.org', 'https://']],
  ['boolean', [true, false], ['true', 0]],
  ['choice', ['Red'], ['red', 'Blue', 1]],
  ['file', ['01890a5d-ac96-774b-bcce-b302099a8057'], ['photo.png', '../x']],
])('an answer to a field of type %s', (type, good, bad) => {
  const more = { type, choices: ['Red', 'Green'] };
  for (const value of good) expect([value, problem(more, value)]).toEqual([value, null]);
  for (const value of bad) expect([value, problem(more, value)]).toEqual([value, type]);
});

test('what is left out is no problem unless it is required; spaces are nothing', () => {
  for (const empty of [null, '', '  ']) {
    expect(problem({}, empty)).toBeNull();
    expect(problem({ isRequired: true }, empty)).toBe('required');
  }
  expect(formProblems(form(field({ isRequired: true })), {}).get('x')).toBe('required');
  // A box that is not ticked is an answer.
  expect(problem({ type: 'boolean', isRequired: true }, false)).toBeNull();
});

test('fields the form does not have are refused, also those every object has', () => {
  const values = JSON.parse('{"x":"a","y":"b","__proto__":"c","constructor":"d"}');
  expect([...formProblems(form(field()), values)]).toEqual([
    ['y', 'unknown'],
    ['__proto__', 'unknown'],
    ['constructor', 'unknown'],
  ]);
  expect(formProblems(form(field({ name: 'toString', isRequired: true })), {}).get('toString')).toBe('required');
});

test('an answer has an end', () => {
  expect(problem({ type: 'longText' }, 'a'.repeat(4_000))).toBeNull();
  expect(problem({ type: 'longText' }, 'a'.repeat(4_001))).toBe('too_long');
});

test('answers in words are a line each, in the order of the form, without what was left out', () => {
  const asked = form(
    field({ name: 'age', label: 'Idade', type: 'number' }),
    field({ name: 'note', label: 'Nota' }),
    field({ name: 'ok', label: 'De acordo', type: 'boolean' }),
    field({ name: 'photo', label: 'Foto', type: 'file' }),
  );
  const values = { photo: 'id-1', ok: false, note: ' ', age: 0 };
  const names = (id: string) => (id === 'id-1' ? 'eu.png' : undefined);
  expect(sayAnswers(asked, values, 'pt-BR', names)).toBe('Idade: 0\nDe acordo: Não\nFoto: eu.png');
  expect(sayAnswers(asked, { ok: true }, 'en', names)).toBe('De acordo: Yes');
});
