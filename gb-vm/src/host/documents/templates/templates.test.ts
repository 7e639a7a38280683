import { expect, test } from 'vitest';
import { claiming, docx, packed, paragraph, tableRow } from '../testing/office.ts';
import { textOf } from '../text-of.ts';
import { fillDocx } from './fill-docx.ts';
import { fillText } from './fill-text.ts';

const data = {
  name: 'Ana',
  customer: { city: 'Recife' },
  items: [
    { what: 'tea', price: 1234.5 },
    { what: 'cup', price: 3 },
  ],
  none: [],
  isPaid: true,
};
const fill = (template: string, locale = 'en'): string => fillText(template, data, locale, (text) => text);

test('names, names in names, loops and what stands when there is none are filled', () => {
  expect(fill('Dear {name} of {{ customer.CITY }}: {#items}{what} {price}; {/items}{^none}nothing{/none}{#none}x{/none}')).toBe(
    'Dear Ana of Recife: tea 1,234.50; cup 3; nothing',
  );
  expect(fill('{#items}{name} {what},{/items}{#isPaid}paid {isPaid}{/isPaid}', 'pt-BR')).toBe('Ana tea,Ana cup,paid sim');
});

test('names that nobody knows are empty, and braces of styles stay', () => {
  expect(fill('{nobody}|p { color: red }|{a:b}|{}|{constructor}{__proto__.x}{items.length}')).toBe('|p { color: red }|{a:b}|{}|');
});

test('tags that do not close are said', () => {
  expect(() => fill('{#items}x')).toThrow('{#items} in the template is not closed');
  expect(() => fill('x{/items}')).toThrow('{/items} in the template closes nothing');
  expect(() => fill('{#items}{#none}{/items}{/none}')).toThrow('closes nothing');
});

test('loops in loops cannot grow without end', () => {
  const rows = Array.from({ length: 500 }, () => 'x');
  expect(() => fillText('{#a}{#a}{#a}{/a}{/a}{/a}', { a: rows }, 'en', (text) => text)).toThrow('repeats too much');
  expect(() => fillText('{#a}{#a}{text}{/a}{/a}', { a: rows, text: 'x'.repeat(1_000) }, 'en', (text) => text)).toThrow(
    'too long',
  );
});

test('a Word template is filled, rows of tables and all, and stays a Word document', async () => {
  const template = docx(
    `${paragraph('Dear {name} of {customer.city}')}<w:tbl>${tableRow('{#items}{what}', '{price}{/items}')}</w:tbl>${paragraph('{nobody}End')}`,
  );
  const filled = fillDocx(template, 't.docx', data, 'pt-BR');
  expect(await textOf(filled, 't.docx')).toBe('Dear Ana of Recife\n\ntea\t1.234,50\ncup\t3\n\nEnd\n');
});

test('what is filled into a Word document is text, whatever it looks like', async () => {
  const filled = fillDocx(docx(paragraph('{name}')), 't.docx', { name: '<w:p>&{items}' }, 'en');
  expect(await textOf(filled, 't.docx')).toBe('<w:p>&{items}\n');
});

test('a Word template that is wrong, broken or made to hurt is refused', () => {
  expect(() => fillDocx(docx(paragraph('{#items}x')), 't.docx', data, 'en')).toThrow(/the tag "items"/);
  expect(() => fillDocx(packed({ 'word/document.xml': '<w:document>' }), 't.docx', data, 'en')).toThrow('t.docx cannot be read');
  expect(() => fillDocx(claiming(docx(''), 200_000_000), 't.docx', data, 'en')).toThrow('too much');
});
