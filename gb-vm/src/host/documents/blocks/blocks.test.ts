import { expect, test } from 'vitest';
import { encodeText } from '../formats.ts';
import { docx, paragraph, tableRow } from '../testing/office.ts';
import { textOf } from '../text-of.ts';
import { readHtml } from './from-html.ts';
import { readMarkdown } from './from-markdown.ts';
import { readTable } from './from-table.ts';
import { readBlocks } from './read.ts';
import { writeHtml } from './to-html.ts';
import { writePdf } from './to-pdf.ts';
import { escapeMarkdown, writeMarkdown, writeText } from './to-text.ts';

const text = `# Report *now*

First **bold** and \`code\`, [a link](https://example.com/a) and ~~gone~~.

- one
- two
  1. first
  2. second

> quoted

| Name | Total |
| --- | --- |
| Ana | 3 |

\`\`\`
x = 1
\`\`\`

---

![a chart](chart.png)
`;

test('Markdown read and written again says the same', () => {
  const blocks = readMarkdown(text);
  expect(readMarkdown(writeMarkdown(blocks))).toEqual(blocks);
  expect(writeText(blocks)).toBe(
    'Report now\n\nFirst bold and code, a link and gone.\n\n- one\n- two\n  1. first\n  2. second\n\nquoted\n\nName\tTotal\nAna\t3\n\nx = 1\n\na chart\n',
  );
});

test('Markdown through HTML says the same', () => {
  const blocks = readMarkdown(text).filter((block) => block.kind !== 'picture');
  expect(writeText(readHtml(writeHtml(blocks, 'x', 'en')))).toBe(writeText(blocks));
});

test('a page is read as a reader sees it: no scripts, no styles, blanks as a browser has them', () => {
  const html =
    '<title>T</title><style>p{}</style><script>alert(1)</script><div>One <b>two</b>\n three<br>four</div>five<p>six &amp; seven</p><form><select><option>no</option></select></form>';
  expect(writeText(readHtml(html))).toBe('One two three\nfour\n\nfive\n\nsix & seven\n');
});

test('links that run something and pictures from anywhere do not come through', () => {
  const page = writeHtml(
    readHtml(
      '<a href="javascript:alert(1)">x</a><a href="https://e.com/?a=1&b=2">y</a><img src="file:///etc/passwd" alt="p"><img src="x.svg" onerror="a()">',
    ),
    '<t>',
    'en',
  );
  expect(page).not.toMatch(/javascript|onerror|passwd/);
  expect(page).toContain('<a href="https://e.com/?a=1&amp;b=2">y</a>');
  expect(page).toContain('<title>&lt;t&gt;</title>');
});

test('any text that is escaped is read as it stands', () => {
  for (const raw of [
    '*a* _b_ `c`',
    '# no heading',
    '1. no list',
    '- no item',
    '| a | b |',
    '<b>x</b>',
    '[a](b)',
    '~~x~~',
    '> q',
    'a\\b',
  ])
    expect(writeText(readMarkdown(escapeMarkdown(raw)))).toBe(`${raw}\n`);
});

test('numbers of a column are written alike, as where the reader lives', () => {
  const table = readTable(
    ['year', 'total', 'ok'],
    [
      { year: 2026, total: 1234.5, ok: true },
      { year: 1999, total: 3, ok: false },
    ],
    'pt-BR',
  );
  expect(writeText([table])).toBe('year\ttotal\tok\n2026\t1.234,50\tsim\n1999\t3,00\tnão\n');
});

test('a Word document is read with its headings, lists and tables', async () => {
  const bytes = docx(
    `${paragraph('Contract', 'Heading1')}${paragraph('Between Ana &amp; Bruno.')}<w:tbl>${tableRow('Item', 'Price')}${tableRow('Tea', '10')}</w:tbl>`,
  );
  expect(writeMarkdown(await readBlocks(bytes, 'c.docx', '', 'en'))).toBe(
    '# Contract\n\nBetween Ana & Bruno.\n\n|  |  |\n| --- | --- |\n| Item | Price |\n| Tea | 10 |\n',
  );
  expect(await textOf(bytes, 'c.docx')).toBe('Contract\n\nBetween Ana & Bruno.\n\nItem\tPrice\nTea\t10\n');
});

test('a PDF says what its blocks said, and has pages', async () => {
  const bytes = await writePdf({
    blocks: [...readMarkdown(text), ...readMarkdown('Ação, coração e pão. '.repeat(400))],
    title: 'Report',
    locale: 'pt-BR',
    pictures: {},
  });
  const said = await textOf(bytes, 'r.pdf');
  for (const part of [
    'Report now',
    'First bold and code, a link and gone.',
    'quoted',
    'Ana 3',
    'x = 1',
    'a chart',
    'Ação, coração e pão.',
    'Página 2 de',
  ])
    expect(said).toContain(part);
});

test('what is nested without end is read and written without falling over', () => {
  const html = `${'<ul><li>'.repeat(2_000)}deep`;
  expect(writeText(readHtml(html)).length).toBeLessThan(20_000);
  const quotes = readMarkdown(`${'> '.repeat(300)}deep`);
  expect(writeText(quotes)).toBe('deep\n');
});

test('text is read in the ways people save it, and what is no text is refused', async () => {
  expect(await textOf(new Uint8Array([0xef, 0xbb, 0xbf, ...encodeText('ã')]), 'a.txt')).toBe('ã');
  expect(await textOf(new Uint8Array([0xe3]), 'a.txt')).toBe('ã');
  await expect(textOf(new Uint8Array([1, 0, 2]), 'a.txt')).rejects.toThrow('a.txt cannot be read');
  await expect(textOf(encodeText('x'), 'a.exe')).rejects.toThrow('has no text');
  await expect(textOf(encodeText('%PDF-1.4 noise'), 'a.pdf')).rejects.toThrow('a.pdf cannot be read');
  await expect(textOf(encodeText('PK noise'), 'a.docx')).rejects.toThrow('a.docx cannot be read');
});
