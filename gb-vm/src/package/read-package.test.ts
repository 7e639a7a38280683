import { limits } from 'gb-protocol';
import { expect, test } from 'vitest';
import { type PackageEntry, readPackage, readZip, zipPackage } from './index.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const entries = (files: Readonly<Record<string, string | Uint8Array>>): PackageEntry[] =>
  Object.entries(files).map(([path, content]) =>
    typeof content === 'string' ? { path, text: content } : { path, bytes: content },
  );

function read(files: Readonly<Record<string, string | Uint8Array>>, locale: 'en' | 'pt-BR' = 'en') {
  const { scripts, settings, files: found, problems } = readPackage(entries(files), locale);
  return {
    scripts: scripts.map(({ name, text }) => `${name}: ${text}`),
    settings,
    files: found.map(({ folder, path }) => `${folder}:${path}`),
    problems: problems.map(({ severity, code, file }) => `${severity} ${code} ${file}`),
  };
}

test('every kind of folder is found by its ending, wherever it lies and whatever it is called', () => {
  expect(
    read({
      'shop.gbai/shop.gbdialog/start.bas': 'TALK 1',
      'shop.gbai/shop.gbdialog/tools/order.bas': 'TALK 2',
      'shop.gbai/other.gbot/config.csv': 'Bot Name,Shop',
      'shop.gbai/inner.gbai/deep.GBKB/faq/prices.md': '# Prices',
      'shop.gbai/.gbdata/orders.csv': 'id\n1',
      'shop.gbai/x.gbdrive/forms/example.bas': 'not a script',
      'shop.gbai/x.gbtheme/css/a.css': 'a {}',
      'loose.bas': 'TALK 3',
      'README.md': 'nothing',
    }),
  ).toEqual({
    scripts: ['loose.bas: TALK 3', 'start.bas: TALK 1', 'order.bas: TALK 2'],
    settings: { 'bot-name': 'Shop' },
    files: ['data:orders.csv', 'kb:faq/prices.md', 'drive:forms/example.bas', 'theme:css/a.css'],
    problems: [],
  });
});

test('old endings are scripts in a dialog folder only', () => {
  expect(read({ 'a.gbdialog/start.vbs': 'TALK 1', 'a.gbdialog/two.basic': 'TALK 2', 'three.vb': 'no' }).scripts).toEqual([
    'start.bas: TALK 1',
    'two.bas: TALK 2',
  ]);
});

test('UTF-8 with and without its mark, UTF-16, Windows-1252, line ends and Ctrl-Z give the same text', () => {
  const text = 'TALK "Olá"\nTALK 2';
  const wide = new Uint8Array(new Uint16Array([...text].map((sign) => sign.charCodeAt(0))).buffer);
  const { scripts } = readPackage(
    entries({
      'a.bas': text,
      'b.bas': `\uFEFF${text.replace('\n', '\r\n')}\u001a`,
      'c.bas': new TextEncoder().encode(`\uFEFF${text}`),
      'd.bas': Uint8Array.from([...text].map((sign) => sign.charCodeAt(0))),
      'e.bas': Uint8Array.from([0xff, 0xfe, ...wide]),
    }),
    'en',
  );
  expect(scripts.map((script) => script.text)).toEqual(Array(5).fill(text));
});

test('what systems and editors leave behind is never seen', () => {
  expect(
    read({
      'start.bas': 'TALK 1',
      '.git/config': 'x',
      '.hidden.bas': 'x',
      '__MACOSX/start.bas': 'x',
      'a.gbdata/~$orders.xlsx': 'x',
      'a.gbdata/Thumbs.db': 'x',
      'a.gbkb/.DS_Store': 'x',
      'node_modules/x/start.bas': 'x',
    }),
  ).toEqual({ scripts: ['start.bas: TALK 1'], settings: {}, files: [], problems: [] });
});

test('two scripts of one name are refused, and so are two files that differ only by case', () => {
  expect(read({ 'a/tool.bas': 'TALK 1', 'b/TOOL.BAS': 'TALK 2' }).problems).toEqual(['error two_scripts b/TOOL.BAS']);
  expect(read({ 'start.bas': '', 'a.gbkb/X.md': '1', 'b.gbkb/x.md': '2' }).problems).toEqual(['error two_files b.gbkb/x.md']);
});

test('paths that lead out of the package, or could not be files, are refused', () => {
  const bad = [
    '../start.bas',
    'a/../../b.bas',
    '/etc/passwd',
    'C:\\a.bas',
    'a\u0000.bas',
    'a\nb.bas',
    `${'x'.repeat(300)}.bas`,
    '',
    '\ud800.bas',
  ];
  for (const path of bad) {
    const { scripts, problems } = readPackage(
      [
        { path: 'start.bas', text: '' },
        { path, text: 'TALK 1' },
      ],
      'en',
    );
    expect(
      problems.map(({ code }) => code),
      JSON.stringify(path),
    ).toEqual(['bad_path']);
    expect(scripts).toHaveLength(1);
    expect(problems[0]!.file).toMatch(/^[^\p{Cc}]*$/u);
  }
  expect(read({ 'a.gbkb\\faq\\x.md': '1', './start.bas': '' }).files).toEqual(['kb:faq/x.md']);
});

test('what is no text, too large or badly named is told, in the author’s language', () => {
  expect(read({ 'start.bas': bytes(0, 1, 2) }).problems).toEqual(['error script_not_text start.bas']);
  expect(read({ 'start.bas': 'x'.repeat(limits.scriptBytesMax + 1) }).problems).toEqual(['error file_too_large start.bas']);
  expect(read({ '-start.bas': 'x' }).problems).toEqual(['error bad_script_name -start.bas']);
  expect(read({}).problems).toEqual(['error no_scripts ']);
  expect(readPackage([], 'pt-BR').problems[0]!.message).toBe('Não há nenhum arquivo .bas.');
  expect(read({ 'start.bas': '', 'a.gbot/config.xlsx': 'x', 'a.gbui/x.html': 'x', 'a.gbui/y.html': 'y' }).problems).toEqual([
    'warning config_not_read a.gbot/config.xlsx',
    'warning folder_not_read a.gbui',
  ]);
});

test('a package has bounds: scripts, files, bytes', () => {
  const many = (count: number, name: (index: number) => string) =>
    read(Object.fromEntries(Array.from({ length: count }, (_, index) => [name(index), 'x'])));
  expect(many(limits.scriptsPerBotMax, (index) => `s${index}.bas`).problems).toEqual([]);
  expect(many(limits.scriptsPerBotMax + 1, (index) => `s${index}.bas`).problems).toEqual(['error too_many_scripts ']);
  expect(many(limits.packageFilesMax + 1, (index) => `a.gbkb/${index}`).problems).toEqual(['error too_many_files ']);
  const part = new Uint8Array(limits.packageBytesMax / 5);
  const parts = Array.from({ length: 6 }, (_, index) => ({ path: `a.gbdata/${index}`, bytes: part }));
  const { files, problems } = readPackage([{ path: 'start.bas', text: '' }, ...parts], 'en');
  expect(files).toHaveLength(5);
  expect(problems.map(({ code }) => code)).toEqual(['package_too_large']);
});

test('a zip file gives the same package, and the same files the same zip file', () => {
  const files = { 'a.gbai/start.bas': 'TALK "é"', 'a.gbai/a.gbkb/x.bin': bytes(0, 255, 1), 'a.gbai/a.gbot/config.csv': 'a,1' };
  const zip = zipPackage(entries(files));
  expect(zip).toEqual(zipPackage(entries(files)));
  const plain = readPackage(entries(files), 'en');
  const unpacked = readZip(zip, 'en');
  expect(unpacked).toEqual({ ...plain, files: plain.files.map((file) => ({ ...file, bytes: Uint8Array.from(file.bytes) })) });
});

test('a zip file that is none, damaged, or larger than it looks is refused', () => {
  const codes = (zip: Uint8Array) => readZip(zip, 'en').problems.map(({ code }) => code);
  expect(codes(bytes())).toEqual(['zip_damaged']);
  expect(codes(bytes(1, 2, 3, 4))).toEqual(['zip_damaged']);
  const zip = zipPackage(entries({ 'start.bas': 'TALK 1\n'.repeat(500) }));
  const cut = zip.slice();
  cut.fill(0xff, 40, 50);
  expect(codes(cut)).toEqual(['zip_damaged']);
  const bomb = zipPackage([
    { path: 'start.bas', text: 'TALK 1' },
    { path: 'a.gbdata/zeros', bytes: new Uint8Array(limits.fileBytesMax + 1) },
  ]);
  expect(bomb.length).toBeLessThan(100_000);
  expect(codes(bomb)).toEqual(['package_too_large']);
  // The directory of this one says 7 bytes where there are more: no more than 7 are taken.
  const liar = zipPackage(entries({ 'start.bas': 'TALK 12345678' }));
  new DataView(liar.buffer, liar.byteOffset).setUint32(directoryOf(liar) + 24, 7, true);
  expect(readZip(liar, 'en').scripts[0]?.text.length ?? 0).toBeLessThanOrEqual(7);
});

/** Where the central directory of a zip file with one entry begins. */
function directoryOf(zip: Uint8Array): number {
  const view = new DataView(zip.buffer, zip.byteOffset);
  for (let at = 0; at < zip.length - 4; at++) if (view.getUint32(at, true) === 0x02014b50) return at;
  throw new Error('There is no directory.');
}
