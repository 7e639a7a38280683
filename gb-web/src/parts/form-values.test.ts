import type { Form } from 'gb-protocol';
import { expect, test } from 'vitest';
import { answerFacts } from './form-facts.ts';
import { entriesOf, readNumber } from './form-values.ts';

test.each([
  ['1,234.5', 1234.5, '1,234.5'],
  ['1.234,5', '1.234,5', 1234.5],
  ['2.5', 2.5, 2.5],
  ['2,5', 2.5, 2.5],
  ['1.234', 1.234, 1234],
  ['1,234', 1234, 1.234],
  ['−3', -3, -3],
  [' 7 ', 7, 7],
  ['.5', 0.5, 0.5],
  ['', null, null],
  ['forty', 'forty', 'forty'],
  ['1e3', '1e3', '1e3'],
  ['0x10', '0x10', '0x10'],
  ['1 2', '1 2', '1 2'],
])('a number as people write it: %s', (text, english, portuguese) => {
  expect(readNumber(text, 'en')).toBe(english);
  expect(readNumber(text, 'pt-BR')).toBe(typeof portuguese === 'string' && english === portuguese ? text.trim() : portuguese);
});

const form: Form = {
  name: 'f',
  fields: [
    { name: 'day', label: 'Day', type: 'date' },
    { name: 'sum', label: 'Sum', type: 'number' },
    { name: 'yes', label: 'Yes?', type: 'boolean', initial: 'sim' },
    { name: 'file', label: 'File', type: 'file', initial: 'ignored' },
    { name: 'note', label: 'Note', type: 'text', initial: 'as before' },
  ],
};

test('fields begin with what the bot proposes', () => {
  expect(entriesOf(form)).toEqual({ day: '', sum: '', yes: true, file: null, note: 'as before' });
});

test('answers are written as the language writes them, without those that were left out', () => {
  const values = { day: '2026-12-01', sum: 1234.5, yes: false, file: 'id', note: ' ' };
  const files = [{ id: 'id' as never, name: 'a.png', type: 'image/png', size: 1 }];
  expect(answerFacts(form, values, files, 'en').map(({ value }) => value)).toEqual([
    'December 1, 2026',
    '1,234.5',
    'No',
    'a.png',
  ]);
  expect(answerFacts(form, values, files, 'pt-BR').map(({ value }) => value)).toEqual([
    '1 de dezembro de 2026',
    '1.234,5',
    'Não',
    'a.png',
  ]);
});
