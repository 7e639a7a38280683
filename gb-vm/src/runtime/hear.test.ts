import { describe, expect, test } from 'vitest';
import { typeNames } from '../compiler/keywords/index.ts';
import { askAgain, readAnswer, readChoice } from './hear.ts';

/** Type, what a person wrote, and what the program receives; null means asked again. */
const english: readonly (readonly [string, string, string | number | boolean | null])[] = [
  ['TEXT', ' hi ', 'hi'],
  ['STRING', 'x', 'x'],
  ['INTEGER', '12', 12],
  ['INTEGER', '-3', -3],
  ['INTEGER', '1,234', 1234],
  ['INTEGER', '2.5', null],
  ['INTEGER', 'ten', null],
  ['INTEGER', '', null],
  ['NUMBER', '2.5', 2.5],
  ['NUMBER', '2,5', 2.5],
  ['FLOAT', '1,234.5', 1234.5],
  ['NUMBER', '1.2.3', null],
  ['NUMBER', '1e5', null],
  ['MONEY', '$ 1,234.50', 1234.5],
  ['MONEY', 'R$ 10', 10],
  ['MONEY', '9.999', 10],
  ['MONEY', 'lots', null],
  ['BOOLEAN', 'Yes!', true],
  ['BOOLEAN', 'não', false],
  ['BOOLEAN', 'SIM', true],
  ['BOOLEAN', 'n', false],
  ['BOOLEAN', 'maybe', null],
  ['EMAIL', ' Ana@Example.com', 'ana@example.com'],
  ['EMAIL', 'ana@', null],
  ['EMAIL', 'a b@c.d', null],
  ['DATE', '2026-12-31', '2026-12-31'],
  ['DATE', '31/12/2026', '2026-12-31'],
  ['DATE', '1/2/2026', '2026-02-01'],
  ['DATE', '31/02/2026', null],
  ['DATE', 'tomorrow', null],
  ['HOUR', '14:30', '14:30'],
  ['HOUR', '9', '09:00'],
  ['HOUR', '9h15', '09:15'],
  ['HOUR', '2:05 pm', '14:05'],
  ['HOUR', '12 am', '00:00'],
  ['HOUR', '25:00', null],
  ['HOUR', '13 pm', null],
  ['PHONE', '(11) 98765-4321', '11987654321'],
  ['MOBILE', '+55 11 98765-4321', '+5511987654321'],
  ['PHONE', '123', null],
  ['PHONE', 'call me', null],
  ['NAME', 'ana  maria', 'Ana maria'],
  ['NAME', "D'Ávila Júnior", "D'Ávila Júnior"],
  ['NAME', '4na', null],
  ['NAME', '', null],
  ['URL', 'example.com/x', 'https://example.com/x'],
  ['URL', 'http://a.bc', 'http://a.bc'],
  ['URL', 'nowhere', null],
  ['URL', 'ftp://a.bc', null],
  ['UUID', '0190A6C0-0000-7000-8000-000000000001', '0190a6c0-0000-7000-8000-000000000001'],
  ['UUID', 'x', null],
  ['ZIPCODE', '01310100', '01310-100'],
  ['ZIPCODE', '90210', '90210'],
  ['ZIPCODE', 'sw1a 1aa', 'SW1A 1AA'],
  ['ZIPCODE', 'here', null],
  ['CPF', '529.982.247-25', '529.982.247-25'],
  ['CPF', '52998224725', '529.982.247-25'],
  ['CPF', '52998224724', null],
  ['CPF', '111.111.111-11', null],
  ['CNPJ', '11222333000181', '11.222.333/0001-81'],
  ['CNPJ', '11.222.333/0001-82', null],
  ['COLOR', '#3366FF', '#3366ff'],
  ['COLOR', 'abc', '#aabbcc'],
  ['COLOR', 'Azul', '#0000ff'],
  ['COLOR', 'shiny', null],
  ['TIME', '9h15', '09:15'],
  ['TIME', 'noon', null],
  ['DATETIME', '2026-12-31 14:30', '2026-12-31 14:30:00'],
  ['DATETIME', '31/12/2026 às 9h', '2026-12-31 09:00:00'],
  ['DATETIME', '2026-12-31', null],
  ['CREDITCARD', '4111 1111 1111 1111', '4111111111111111'],
  ['CREDITCARD', '4111 1111 1111 1112', null],
  ['PASSWORD', 'a b!', 'a b!'],
  ['PASSWORD', ' ', null],
  ['LOGIN', 'ana', 'ana'],
  ['LOGIN', 'ana maria', null],
  ['QRCODE', 'https://a.bc', 'https://a.bc'],
  ['FILE', 'a.tar.gz', 'a.tar.gz'],
  ['FILE', 'later', null],
  ['DOCUMENT', 'My report.PDF', 'My report.PDF'],
  ['DOCUMENT', 'a.png', null],
  ['IMAGE', 'https://a.bc/x.png?w=1', 'https://a.bc/x.png?w=1'],
  ['IMAGE', 'a.pdf', null],
  ['AUDIO', 'a.ogg', 'a.ogg'],
  ['AUDIO', 'a.mp4', null],
  ['VIDEO', 'a.mp4', 'a.mp4'],
  ['VIDEO', 'a', null],
  ['LANGUAGE', 'Português', 'pt'],
  ['LANGUAGE', 'EN', 'en'],
  ['LANGUAGE', 'klingon', null],
];

test.each(english)('%s takes %j as %j', (type, answer, wanted) => {
  expect(readAnswer(type, answer, 'en')).toBe(wanted);
});

test('every type is tried, and asks again in both languages', () => {
  const tried = new Set(english.map(([type]) => type));
  for (const type of typeNames) {
    expect(tried).toContain(type);
    expect(askAgain(type, 'en')).not.toBe(askAgain(type, 'pt-BR'));
  }
});

describe('numbers in Portuguese', () => {
  test.each([
    ['MONEY', 'R$ 1.234,50', 1234.5],
    ['NUMBER', '2,5', 2.5],
    ['NUMBER', '1.000', 1000],
    ['INTEGER', '1.234.567', 1234567],
    ['NUMBER', '2.5', 2.5],
  ] as const)('%s takes %s', (type, answer, wanted) => {
    expect(readAnswer(type, answer, 'pt-BR')).toBe(wanted);
  });
});

describe('choices', () => {
  test('are matched without case and accents, by number, and otherwise only when the menu is open', () => {
    expect(readChoice(['São Paulo', 'Rio'], 'sao paulo ', false)).toBe('São Paulo');
    expect(readChoice(['São Paulo', 'Rio'], '2', false)).toBe('Rio');
    expect(readChoice(['10', '2'], '2', false)).toBe('2');
    expect(readChoice(['A'], '7', false)).toBeNull();
    expect(readChoice(['A'], 'other', true)).toBe('other');
    expect(readChoice(['A'], ' ', true)).toBeNull();
  });
});
