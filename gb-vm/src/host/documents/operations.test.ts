import type { FileValue, OutsideCall, PlainValue } from 'gb-core';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { createMemoryDrive, type MemoryDrive } from '../testing/memory-drive.ts';
import { type OutsideCallOptions, outsideCall } from '../testing/outside-call.ts';
import { chartPicture } from './operations/pictures.ts';
import { documentOperations, readPlace, writePlace } from './operations.ts';
import { pictureSize } from './pictures/size.ts';
import { readSheets } from './sheets/sheets.ts';
import { docx, paragraph, tableRow } from './testing/office.ts';
import { textOf } from './text-of.ts';
import { createDocumentWorkshop } from './workshop.ts';

const workshop = createDocumentWorkshop();
afterAll(() => workshop.close());

let drive: MemoryDrive;
let shared: { name: string; seconds: number }[];
beforeEach(() => {
  drive = createMemoryDrive();
  shared = [];
});

const operations = documentOperations({
  workshop,
  shareLink: async (file, seconds) => {
    shared.push({ name: file.name, seconds });
    return `https://bots.example/shared/${file.file}`;
  },
}).outside!;

function call(options: OutsideCallOptions = {}): OutsideCall {
  return outsideCall({ drive, ...options });
}

async function run(name: string, args: Readonly<Record<string, PlainValue>>, options?: OutsideCallOptions): Promise<PlainValue> {
  return operations[name]!(args, call(options));
}

async function file(
  name: string,
  args: Readonly<Record<string, PlainValue>>,
  options?: OutsideCallOptions,
): Promise<FileValue & { path?: string }> {
  return (await run(name, args, options)) as unknown as FileValue & { path?: string };
}

test('every row of the table of the language about files and pictures is done', () => {
  expect(Object.keys(operations).sort()).toEqual([
    'AS IMAGE',
    'AS PDF',
    'BLUR',
    'CHART',
    'CLOSE FILE',
    'COMPRESS',
    'CONVERT',
    'COPY',
    'CREATE FOLDER',
    'CREATE SITE',
    'DELETE FILE',
    'EXTRACT',
    'GENERATE PDF',
    'GENERATE SECURE LINK',
    'LIST',
    'MERGE IMAGE',
    'MERGE PDF',
    'MOVE',
    'OPEN FILE',
    'PRINT FILE',
    'QR CODE',
    'READ FILE',
    'READ LINE',
    'READ VALUE',
    'SAVE AS',
    'SCAN BARCODE',
    'SHARE FOLDER',
    'SHARPEN',
    'UPLOAD',
    'WRITE',
    'WRITE FILE',
  ]);
});

test('CHART gives a picture with its size, which can be sent and saved', async () => {
  const chart = await file(
    'CHART',
    { kind: 'pie', data: [10, 20, 30], legends: ['tea', 'coffee', 'water'] },
    { locale: 'pt-BR' },
  );
  expect(chart).toMatchObject({
    name: 'chart.png',
    type: 'image/png',
    width: 1920,
    height: 1080,
    size: drive.bytes(chart).length,
  });
  expect(pictureSize(drive.bytes(chart))).toEqual({ format: 'png', width: 1920, height: 1080 });
  expect(await run('SAVE AS', { value: chart as unknown as PlainValue, file: 'charts/tea.png' })).toBe('charts/tea.png');
  expect(drive.bytes('charts/tea.png')).toEqual(drive.bytes(chart));
  const titled = (await chartPicture(
    { workshop },
    { kind: 'pie', data: [1, 2], title: 'Sales' },
    call(),
  )) as unknown as FileValue;
  expect(drive.bytes(titled)).not.toEqual(drive.bytes((await file('CHART', { kind: 'pie', data: [1, 2] })) as FileValue));
  await expect(run('CHART', { kind: 'cake', data: [1] })).rejects.toThrow('there is no chart "cake"');
});

test('CHART "bar", rows, TRUE turns the table around', async () => {
  const data = [
    ['tea', 1, 2],
    ['coffee', 3, 4],
  ];
  const plain = await file('CHART', { kind: 'bar', data });
  const turned = await file('CHART', { kind: 'bar', data, legends: true });
  expect(drive.bytes(turned)).not.toEqual(drive.bytes(plain));
  expect(drive.bytes(turned)).toEqual(drive.bytes(await file('CHART', { kind: 'bar', data, isTransposed: true })));
});

test('QR CODE makes a picture that SCAN BARCODE reads', async () => {
  const code = await file('QR CODE', { text: 'https://example.com/table/7' });
  expect(await run('SCAN BARCODE', { file: code as unknown as PlainValue })).toBe('https://example.com/table/7');
  const chart = await file('CHART', { kind: 'bar', data: [1, 2] });
  await expect(run('SCAN BARCODE', { file: chart as unknown as PlainValue })).rejects.toThrow('no code to be read in chart.png');
});

test('AS IMAGE and AS PDF show values, and files for what they are', async () => {
  drive.put('rows.csv', 'name,total\nAna,3\n');
  drive.put('notes.md', '# Notes\n\nAll is well.');
  const rows = [{ name: 'Ana', total: 3 }];
  const picture = await file('AS IMAGE', { value: rows });
  expect(picture).toMatchObject({ name: 'table.png', type: 'image/png' });
  expect(drive.bytes(await file('AS IMAGE', { value: 'rows.csv' }))).toEqual(drive.bytes(picture));
  expect(await file('AS IMAGE', { value: picture as unknown as PlainValue })).toMatchObject({ file: picture.file });
  expect(await textOf(drive.bytes(await file('AS PDF', { value: rows })), 'x.pdf')).toContain('Ana 3');
  expect(await textOf(drive.bytes(await file('AS PDF', { value: 'notes.md' })), 'x.pdf')).toContain('Notes\nAll is well.');
  expect(await textOf(drive.bytes(await file('AS PDF', { value: '**Just** words' })), 'x.pdf')).toContain('Just words');
});

test('GENERATE PDF fills a Word template, in all forms of the keyword', async () => {
  drive.put(
    'contract.docx',
    docx(`${paragraph('Contract of {name}', 'Heading1')}<w:tbl>${tableRow('{#items}{what}', '{price}{/items}')}</w:tbl>`),
  );
  const data = {
    name: 'Ana',
    items: [
      { what: 'tea', price: 10.5 },
      { what: 'cup', price: 3 },
    ],
  };
  const made = await file('GENERATE PDF', { template: 'contract.docx', data, target: 'out/ana.pdf' }, { locale: 'pt-BR' });
  expect(made).toMatchObject({ name: 'ana.pdf', path: 'out/ana.pdf', type: 'application/pdf' });
  const text = await textOf(drive.bytes('out/ana.pdf'), 'ana.pdf');
  for (const part of ['Contract of Ana', 'tea 10,50', 'cup 3', 'Página 1 de 1']) expect(text).toContain(part);
  expect(
    await textOf(drive.bytes(await file('GENERATE PDF', { template: 'contract.docx', values: [data, 'second.pdf'] })), 'x.pdf'),
  ).toContain('Contract of Ana');
  expect(drive.paths()).toContain('second.pdf');
  await file('GENERATE PDF', { template: 'contract.docx', data, target: 'ana.docx' });
  expect(await textOf(drive.bytes('ana.docx'), 'ana.docx')).toContain('Contract of Ana');
  await expect(run('GENERATE PDF', { template: 'none.docx', data })).rejects.toThrow('there is no file none.docx');
});

test('GENERATE PDF of a page shows pictures of the drive, and what data says is no markup', async () => {
  const chart = await file('CHART', { kind: 'bar', data: [1, 2] });
  drive.put('img/logo.png', drive.bytes(chart));
  drive.put(
    'page.html',
    '<h1>{title}</h1><p><img src="img/logo.png" alt="logo"></p><img src="https://example.com/x.png" alt="from the web"><p>{text}</p>',
  );
  const made = await file('GENERATE PDF', { template: 'page.html', data: { title: 'A & B', text: '<script>x</script>' } });
  const bytes = drive.bytes(made);
  expect(bytes.length).toBeGreaterThan(20_000);
  const text = await textOf(bytes, 'x.pdf');
  expect(text).toContain('A & B');
  expect(text).toContain('<script>x</script>');
  expect(text).toContain('from the web');
  expect(text).not.toContain('logo');
});

test('MERGE PDF joins pages and pictures in their order', async () => {
  for (const name of ['one', 'two']) drive.put(`${name}.pdf`, drive.bytes(await file('AS PDF', { value: `page ${name}` })));
  drive.put('photo.png', drive.bytes(await file('QR CODE', { text: 'x' })));
  expect(await file('MERGE PDF', { target: 'all.pdf', files: ['one.pdf', 'photo.png', 'two.pdf'] })).toMatchObject({
    path: 'all.pdf',
  });
  const text = await textOf(drive.bytes('all.pdf'), 'all.pdf');
  expect(text.indexOf('page one')).toBeLessThan(text.indexOf('page two'));
  expect(text.split('\n\n').length).toBeGreaterThanOrEqual(3);
  drive.put('noise.pdf', 'not a pdf');
  await expect(run('MERGE PDF', { target: 'x.pdf', files: ['one.pdf', 'noise.pdf'] })).rejects.toThrow(
    'noise.pdf cannot be read',
  );
});

test('CONVERT knows the ways between documents, sheets and pictures', async () => {
  drive.put('letter.docx', docx(`${paragraph('Dear Ana', 'Heading1')}${paragraph('see you')}`));
  drive.put('rows.csv', 'name;since\nAna;2026-05-31\n');
  drive.put('rows.json', '[{"name":"Ana","total":3}]');
  drive.put('code.png', drive.bytes(await file('QR CODE', { text: 'x' })));
  const converted = async (source: string, format: string): Promise<string> => {
    const made = await file('CONVERT', { file: source, format });
    expect(made.name).toBe(`${source.replace(/\.\w+$/, '')}.${format.toLowerCase().replace('.', '')}`);
    return format === 'pdf' ? textOf(drive.bytes(made), made.name) : drive.text(made);
  };
  expect(await converted('letter.docx', 'txt')).toBe('Dear Ana\n\nsee you\n');
  expect(await converted('letter.docx', '.MD')).toBe('# Dear Ana\n\nsee you\n');
  expect(await converted('letter.docx', 'html')).toContain('<h1>Dear Ana</h1>');
  expect(await converted('letter.docx', 'pdf')).toContain('Dear Ana\nsee you');
  expect(await converted('rows.csv', 'pdf')).toContain('Ana 2026-05-31');
  expect(JSON.parse(await converted('rows.csv', 'json'))).toEqual([{ name: 'Ana', since: '2026-05-31' }]);
  expect(await converted('rows.json', 'csv')).toBe('name,total\r\nAna,3\r\n');
  const sheet = await file('CONVERT', { file: 'rows.csv', format: 'xlsx' });
  expect(readSheets(drive.bytes(sheet), 'r.xlsx').sheets[0]?.rows).toEqual([{ name: 'Ana', since: '2026-05-31' }]);
  expect(await file('CONVERT', { file: 'code.png', format: 'jpeg' })).toMatchObject({ name: 'code.jpg', type: 'image/jpeg' });
  expect((await file('CONVERT', { file: 'code.png', format: 'pdf' })).type).toBe('application/pdf');
  await expect(run('CONVERT', { file: 'letter.docx', format: 'exe' })).rejects.toThrow('docx cannot be converted to exe');
  await expect(run('CONVERT', { file: 'letter.docx', format: 'csv' })).rejects.toThrow('docx cannot be converted to csv');
});

test('COMPRESS packs files and folders, EXTRACT puts them back', async () => {
  drive.put('a.txt', 'one');
  drive.put('docs/b.txt', 'two');
  drive.put('docs/in/c.txt', 'três');
  expect(await file('COMPRESS', { target: 'all', files: ['a.txt', 'docs'] })).toMatchObject({
    path: 'all.zip',
    type: 'application/zip',
  });
  const extracted = (await run('EXTRACT', { file: 'all.zip' })) as readonly { path: string }[];
  expect(extracted.map(({ path }) => path)).toEqual(['all/a.txt', 'all/docs/b.txt', 'all/docs/in/c.txt']);
  expect(drive.text('all/docs/in/c.txt')).toBe('três');
  await run('EXTRACT', { file: (await file('COMPRESS', { files: 'a.txt' })) as unknown as PlainValue, folder: 'there/' });
  expect(drive.text('there/a.txt')).toBe('one');
  drive.put('noise.zip', 'PK noise');
  await expect(run('EXTRACT', { file: 'noise.zip' })).rejects.toThrow('noise.zip cannot be read');
});

test('files are written, read, listed, copied, moved and deleted', async () => {
  expect(await run('WRITE', { file: './notes/a.txt', value: 'olá' })).toBe('notes/a.txt');
  expect(await run('READ FILE', { file: 'notes/a.txt' })).toBe('olá');
  expect(await run('COPY', { file: 'notes/a.txt', target: 'copies/' })).toBe('copies/a.txt');
  expect(await run('MOVE', { file: 'notes/a.txt', target: 'b.txt' })).toBe('b.txt');
  // The same again, as after a crash between moving and remembering it.
  expect(await run('MOVE', { file: 'notes/a.txt', target: 'b.txt' })).toBe('b.txt');
  await expect(run('MOVE', { file: 'notes/a.txt', target: 'c.txt' })).rejects.toThrow('there is no file');
  const listed = (await run('LIST', { folder: '/' })) as readonly { name: string; path: string; size: number }[];
  expect(listed.map(({ path, size }) => [path, size])).toEqual([
    ['b.txt', 4],
    ['copies/a.txt', 4],
  ]);
  expect(await run('READ FILE', { file: listed[0] as unknown as PlainValue })).toBe('olá');
  expect(await run('DELETE FILE', { file: 'b.txt' })).toBe(true);
  expect(await run('DELETE FILE', { file: 'b.txt' })).toBe(false);
  expect(await run('CREATE FOLDER', { folder: 'invoices/2026/' })).toBe('invoices/2026');
  expect(await run('LIST', { folder: 'invoices' })).toEqual([]);
});

test('values are written as what the name of the file says', async () => {
  const rows = [{ name: 'Ana', total: 3 }];
  await run('WRITE', { file: 'r.xlsx', value: rows });
  expect(readSheets(drive.bytes('r.xlsx'), 'r.xlsx').sheets[0]?.rows).toEqual(rows);
  await run('WRITE', { file: 'r.csv', value: rows });
  expect(drive.text('r.csv')).toBe('name,total\r\nAna,3\r\n');
  await run('SAVE AS', { file: 'r.json', value: rows });
  expect(JSON.parse(drive.text('r.json'))).toEqual(rows);
  await run('SAVE AS', { file: 'r.pdf', value: '# Title' });
  expect(await textOf(drive.bytes('r.pdf'), 'r.pdf')).toContain('Title');
  await run('WRITE', { file: 'n.txt', value: 12.5 });
  expect(drive.text('n.txt')).toBe('12.5');
  await expect(run('WRITE', { file: 'x.docx', value: 'text' })).rejects.toThrow('is written from rows');
});

test('UPLOAD puts what somebody sent on the drive and says where', async () => {
  const sent = await drive.make('photo.jpg', new Uint8Array([1, 2, 3]), 'image/jpeg');
  expect(await run('UPLOAD', { file: sent as unknown as PlainValue, folder: 'photos' })).toBe('photos/photo.jpg');
  expect(await run('UPLOAD', { file: sent as unknown as PlainValue })).toBe('photo.jpg');
  expect(await run('UPLOAD', { file: 'photo.jpg' })).toBe('photo.jpg');
});

test('paths that lead out, files that are not there and values that are no file are refused', async () => {
  for (const path of ['../x.txt', 'a/../../b', 'a\u0000b.txt'])
    await expect(run('WRITE', { file: path, value: 'x' })).rejects.toThrow('is not a path');
  for (const path of ['', 12, null, { name: 'x' }, []])
    await expect(run('READ FILE', { file: path })).rejects.toThrow('a file is named by its path');
  await expect(run('READ FILE', { file: 'none.txt' })).rejects.toThrow('there is no file none.txt');
  await expect(run('READ FILE', { file: { file: 'ffff', name: 'other.txt', type: 'text/plain', size: 3 } })).rejects.toThrow(
    'there is no file other.txt',
  );
});

test('links live as long as they are said to, in either language', async () => {
  drive.put('menu.pdf', 'x');
  for (const [count, unit] of [
    [7, 'DAYS'],
    [1, 'hora'],
    [2, 'meses'],
    [30, 'minutes'],
  ] as const)
    await run('GENERATE SECURE LINK', { file: 'menu.pdf', count, unit });
  expect(await run('GENERATE SECURE LINK', { file: 'menu.pdf' })).toMatch(/^https:/);
  expect(shared.map(({ seconds }) => seconds)).toEqual([604_800, 3_600, 5_184_000, 1_800, 604_800]);
  for (const [count, unit] of [
    [0, 'days'],
    [-1, 'days'],
    ['x', 'days'],
    [3, 'moons'],
  ] as const)
    await expect(run('GENERATE SECURE LINK', { file: 'menu.pdf', count, unit })).rejects.toThrow('7 DAYS');
  await expect(run('GENERATE SECURE LINK', { file: 'menu.pdf', count: 2, unit: 'years' })).rejects.toMatchObject({
    code: 'limit_reached',
  });
});

test('SHARE FOLDER gives a link to all that is in it', async () => {
  drive.put('invoices/a.txt', 'x');
  drive.put('invoices/b.txt', 'y');
  expect(await run('SHARE FOLDER', { folder: 'invoices', to: 'ana@example.com' })).toMatch(/^https:/);
  expect(shared).toEqual([{ name: 'invoices.zip', seconds: 604_800 }]);
  await expect(run('SHARE FOLDER', { folder: 'nothing' })).rejects.toThrow('there is no file nothing');
});

test('CREATE SITE fills a template folder, with what lies beside the page', async () => {
  drive.put('templates/shop/index.html', '<style>b{color:red}</style><h1>{title} of {bot-name}</h1><p>{text}</p>');
  drive.put('templates/shop/css/site.css', 'body{}');
  const site = await file(
    'CREATE SITE',
    { name: 'Promoção de Verão!', template: 'shop', prompt: '<b>10% off</b>' },
    { settings: { 'bot-name': 'Tea & Co', 'llm-key': 'secret' } },
  );
  expect(site.path).toBe('sites/promocao-de-verao/index.html');
  expect(drive.text(site.path!)).toBe(
    '<style>b{color:red}</style><h1>Promoção de Verão! of Tea &amp; Co</h1><p>&lt;b&gt;10% off&lt;/b&gt;</p>',
  );
  expect(drive.text('sites/promocao-de-verao/css/site.css')).toBe('body{}');
  expect(drive.text((await file('CREATE SITE', { name: 'plain' })).path!)).toContain('<h1>plain</h1>');
  await expect(run('CREATE SITE', { name: 'x', template: 'none' })).rejects.toThrow('there is no file none');
  await expect(run('CREATE SITE', { name: '***' })).rejects.toThrow('letters and digits');
});

test('GET and SET reach cells, sheets, data and texts of the drive', async () => {
  await writePlace({ workshop }, 'stock.xlsx', 'B2', 7, call());
  await writePlace({ workshop }, 'stock.xlsx', 'B2', 8, call());
  expect(await readPlace({ workshop }, 'stock.xlsx', 'B2', call())).toBe(8);
  drive.put('rows.csv', 'a,b\n1,2\n');
  expect(await readPlace({ workshop }, 'rows.csv', null, call())).toEqual([{ a: 1, b: 2 }]);
  expect(await readPlace({ workshop }, 'rows.csv', 'A1:B2', call())).toEqual([
    ['a', 'b'],
    [1, 2],
  ]);
  drive.put('x.json', '{"a":[1]}');
  expect(await readPlace({ workshop }, 'x.json', null, call())).toEqual({ a: [1] });
  drive.put('bad.json', '{"a":');
  await expect(readPlace({ workshop }, 'bad.json', null, call())).rejects.toThrow('bad.json cannot be read');
  drive.put('page.md', '# Hi');
  expect(await readPlace({ workshop }, 'page.md', null, call())).toBe('# Hi');
  drive.put('film.mp4', new Uint8Array([1]));
  expect(await readPlace({ workshop }, 'film.mp4', null, call())).toMatchObject({ name: 'film.mp4', size: 1 });
});

test('an operation that is stopped stops its work', async () => {
  const stop = new AbortController();
  stop.abort(new Error('the turn is over'));
  await expect(run('CHART', { kind: 'bar', data: [1] }, { signal: stop.signal })).rejects.toThrow('the turn is over');
});
