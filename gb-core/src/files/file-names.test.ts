import { limits } from 'gb-protocol';
import { expect, test } from 'vitest';
import { cleanFileName, readDrivePath } from './file-names.ts';
import { lookAt } from './file-type.ts';

test.each([
  ['a.txt', 'a.txt'],
  ['../../a.txt', 'a.txt'],
  ['C:\\x\\a.txt', 'a.txt'],
  ['dir/', 'file'],
  ['...', 'file'],
  ['', 'file'],
  ['.env', '.env'],
  ['a\u0000b\u202ec.txt', 'abc.txt'],
  ['\ud800.txt', '\uFFFD.txt'],
  ['☂ São.txt', '☂ São.txt'],
])('the name %j is kept as %j', (given, kept) => {
  expect(cleanFileName(given)).toBe(kept);
});

test('a long name keeps its ending and its whole characters', () => {
  const name = cleanFileName(`${'😀'.repeat(300)}.pdf`);
  expect(name.length).toBeLessThanOrEqual(limits.fileNameMax);
  expect(name).toMatch(/^(😀)+\.pdf$/u);
});

test('paths name a folder or none', () => {
  expect(readDrivePath('a/b.txt')).toEqual({ folder: null, path: 'a/b.txt' });
  expect(readDrivePath('Data/x.csv')).toEqual({ folder: 'data', path: 'x.csv' });
  expect(readDrivePath('./drive//a\\b')).toEqual({ folder: 'drive', path: 'a/b' });
  for (const bad of ['..', 'a/../b', '. .', 'a/ /b', 'a\u0007', 'x'.repeat(limits.filePathMax + 1)])
    expect([bad, readDrivePath(bad)]).toEqual([bad, bad === '. .' ? { folder: null, path: '. .' } : null]);
});

const ascii = (text: string) => new TextEncoder().encode(text);

test('a name never makes a picture of what is none', async () => {
  expect(await lookAt(ascii('<html>'), 'a.png', 'image/png')).toEqual({
    type: 'application/octet-stream',
    width: null,
    height: null,
  });
  expect(await lookAt(ascii('<svg/>'), 'a.svg', undefined)).toMatchObject({ type: 'image/svg+xml', width: null });
  expect(await lookAt(ascii('a,b'), 'a.csv', 'text/html')).toMatchObject({ type: 'text/csv' });
  expect(await lookAt(ascii('a'), 'a', 'text/plain; charset=latin1')).toMatchObject({ type: 'text/plain' });
  expect(await lookAt(new Uint8Array(), 'a', undefined)).toMatchObject({ type: 'application/octet-stream' });
});

test('a damaged picture is a file without a size', async () => {
  const cut = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0]);
  expect(await lookAt(cut, 'a.png', undefined)).toEqual({ type: 'image/png', width: null, height: null });
  const jpeg = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 1, 0xff, 0xc0, 0, 17, 8, 0, 3, 0, 5, 3]);
  expect(await lookAt(jpeg, 'a.jpg', undefined)).toMatchObject({ type: 'image/jpeg' });
});
