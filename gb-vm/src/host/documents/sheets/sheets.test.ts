import { expect, test } from 'vitest';
import { OperationFailed } from '../../operation.ts';
import { encodeText } from '../formats.ts';
import { foreignXlsx, packed } from '../testing/office.ts';
import { unpack } from '../zip.ts';
import { readCell, readSheets, type Sheet, writeCell, writeSheet } from './sheets.ts';

const stock: Sheet = {
  name: 'Stock',
  columns: ['name', 'since', 'count', 'open'],
  rows: [
    { name: '=cmd()', since: '2026-05-31', count: 3, open: true },
    { name: 'café & <b>"x"</b>', since: '2026-05-31 08:30', count: -1.5, open: false },
    { name: '007', since: '', count: '', open: '' },
  ],
};

test('what is written as xlsx is read as it was: dates as text, a formula-like text as text', () => {
  expect(readSheets(writeSheet([stock], 'xlsx'), 'stock.xlsx')).toEqual({ sheets: [stock] });
});

test('several sheets keep their names, made different where Excel would not take them', () => {
  const one = { columns: ['a'], rows: [{ a: 1 }] };
  const written = writeSheet(
    [
      { name: 'a/b:c', ...one },
      { name: 'A b c', ...one },
      { name: 'x'.repeat(40), ...one },
    ],
    'xlsx',
  );
  expect(readSheets(written, 'x.xlsx').sheets.map(({ name }) => name)).toEqual(['a b c', 'A b c 2', 'x'.repeat(31)]);
});

test('csv is read with semicolons, in windows-1252 and in UTF-16', () => {
  const latin = new Uint8Array([
    ...'nome;preço\r\ncaf'.split('').map((sign) => sign.charCodeAt(0)),
    0xe9,
    ...encodeText(';3\r\n'),
  ]);
  expect(readSheets(latin, 'p.csv').sheets[0]).toEqual({
    name: 'p',
    columns: ['nome', 'preço'],
    rows: [{ nome: 'café', preço: 3 }],
  });
  const wide = new Uint8Array([
    0xff,
    0xfe,
    ...new Uint8Array(Uint16Array.from([...'a\tb\n1\tã'].map((sign) => sign.charCodeAt(0))).buffer),
  ]);
  expect(readSheets(wide, 'p.csv').sheets[0]?.rows).toEqual([{ a: 1, b: 'ã' }]);
});

test('a workbook of another program is read: prefixes, shared texts, dates by their style, empty rows left out', () => {
  const { sheets } = readSheets(foreignXlsx(), 'foreign.xlsx');
  expect(sheets).toEqual([
    {
      name: 'Stock',
      columns: ['name', 'when & where', 'total'],
      rows: [
        { name: 'café', 'when & where': '2026-05-31', total: 2 },
        { name: true, 'when & where': '2026-05-31 12:00', total: '#DIV/0!' },
      ],
    },
    { name: 'My notes', columns: [], rows: [] },
  ]);
});

test('a cell and a range are read by their names', () => {
  const bytes = foreignXlsx();
  expect(readCell(bytes, 'f.xlsx', 'a2')).toBe('café');
  expect(readCell(bytes, 'f.xlsx', '$B$5')).toBe('2026-05-31 12:00');
  expect(readCell(bytes, 'f.xlsx', 'Stock!A1:B2')).toEqual([
    ['name', 'when & where'],
    ['café', '2026-05-31'],
  ]);
  expect(readCell(bytes, 'f.xlsx', "'My notes'!A1")).toBeNull();
  expect(readCell(bytes, 'f.xlsx', 'Z99')).toBeNull();
  expect(readCell(encodeText('a,b\n1,2\n'), 'f.csv', 'B2')).toBe(2);
});

test('a cell is written into a foreign workbook, wherever it lies, and all the rest stays', () => {
  let bytes = foreignXlsx();
  for (const [cell, value] of [
    ['A2', 'tea'],
    ['B3', 7],
    ['D2', 'beside'],
    ['A9', true],
    ["'My notes'!C3", 'first'],
  ] as const)
    bytes = writeCell(bytes, 'f.xlsx', cell, value);
  expect(readCell(bytes, 'f.xlsx', 'A1:D9')).toEqual([
    ['name', 'when & where', 'total', null],
    ['tea', '2026-05-31', 2, 'beside'],
    [null, 7, null, null],
    [null, null, null, null],
    [true, '2026-05-31 12:00', '#DIV/0!', null],
    [null, null, null, null],
    [null, null, null, null],
    [null, null, null, null],
    [true, null, null, null],
  ]);
  expect(readCell(bytes, 'f.xlsx', "'My notes'!C3")).toBe('first');
  const sheet = new TextDecoder().decode(unpack(bytes, 'f.xlsx').get('xl/worksheets/one.xml'));
  expect(sheet).toContain('<x:row r="2" ht="20">');
  expect(sheet).toContain('<x:pageMargins left="1"/>');
});

test('a date keeps the look of the cell it is written over, and a formula that is written over leaves no trace', () => {
  const parts = unpack(writeCell(foreignXlsx(), 'f.xlsx', 'C2', 5), 'f.xlsx');
  expect([...parts.keys()]).not.toContain('xl/calcChain.xml');
  expect(new TextDecoder().decode(parts.get('[Content_Types].xml'))).not.toContain('calcChain');
  expect(new TextDecoder().decode(parts.get('xl/worksheets/one.xml'))).toContain('<x:c r="C2" s="3"><x:v>5</x:v></x:c>');
  expect(new TextDecoder().decode(parts.get('xl/workbook.xml'))).toContain('fullCalcOnLoad="1"');
});

test('writing the same cell twice gives the same bytes, so an operation may be done again', () => {
  const once = writeCell(null, 'new.xlsx', 'B2', 'x');
  expect(writeCell(once, 'new.xlsx', 'B2', 'x')).toEqual(once);
  expect(readCell(once, 'new.xlsx', 'A1:B2')).toEqual([
    [null, null],
    [null, 'x'],
  ]);
});

test('a cell of a csv is written, and rows and columns grow towards it', () => {
  const bytes = writeCell(encodeText('a,b\n1,2\n'), 't.csv', 'C3', 'x,y');
  expect(new TextDecoder().decode(bytes)).toBe('a,b,column3\r\n1,2,\r\n,,"x,y"\r\n');
});

test.each(['A0', 'ZZZZ1', 'XFE1', '1A', 'A1:', 'A1048577', '', "'a'b!A1"])('%s is no cell', (address) => {
  expect(() => readCell(foreignXlsx(), 'f.xlsx', address)).toThrow(OperationFailed);
});

test('a sheet that is not there is said', () => {
  expect(() => readCell(foreignXlsx(), 'f.xlsx', 'Nowhere!A1')).toThrow('there is no file f.xlsx Nowhere');
  expect(() => writeCell(foreignXlsx(), 'f.xlsx', 'Nowhere!A1', 1)).toThrow('there is no sheet Nowhere');
});

test('an xlsx with a document type, with parts missing, with broken XML or with noise is refused', () => {
  const workbook = '<workbook xmlns:r="r"><sheets><sheet name="a" r:id="1"/></sheets></workbook>';
  const rels = '<Relationships><Relationship Id="1" Target="s.xml"/></Relationships>';
  const entity = '<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx">]><worksheet/>';
  for (const parts of [
    { 'xl/workbook.xml': workbook },
    { 'xl/workbook.xml': workbook, 'xl/_rels/workbook.xml.rels': rels, 'xl/s.xml': entity },
    { 'xl/workbook.xml': workbook, 'xl/_rels/workbook.xml.rels': rels, 'xl/s.xml': '<worksheet><sheetData><row></sheetData>' },
    { other: 'x' },
  ])
    expect(() => readSheets(packed(parts), 'bad.xlsx')).toThrow('bad.xlsx cannot be read');
  expect(() => readSheets(encodeText('PK\x03\x04 noise'), 'bad.xlsx')).toThrow('bad.xlsx cannot be read');
});

test('rows and columns beyond the bounds are refused, however few cells say so', () => {
  const main = (cell: string) =>
    packed({
      'xl/workbook.xml': '<workbook xmlns:r="r"><sheets><sheet name="a" r:id="1"/></sheets></workbook>',
      'xl/_rels/workbook.xml.rels': '<Relationships><Relationship Id="1" Target="s.xml"/></Relationships>',
      'xl/s.xml': `<worksheet><sheetData><row r="1048576">${cell}</row></sheetData></worksheet>`,
    });
  expect(() => readSheets(main('<c r="XFD1048576"><v>1</v></c>'), 'wide.xlsx')).toThrow('wide.xlsx is too large');
  expect(readSheets(main('<c r="A1048576"><v>1</v></c>'), 'far.xlsx').sheets[0]?.columns).toEqual(['1']);
  expect(() => readSheets(encodeText(`a\n${'1\n'.repeat(100_001)}`), 'long.csv')).toThrow('long.csv is too large');
});
