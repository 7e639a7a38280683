import { zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { encodeText } from './formats.ts';
import { documentLimits } from './limits.ts';
import { claiming } from './testing/office.ts';
import { pack, repack, unpack, unpackOffice } from './zip.ts';

test('what is packed is unpacked, and the same files give the same bytes', () => {
  const files = new Map([
    ['a/b.txt', encodeText('olá')],
    ['c.png', new Uint8Array([1, 2, 3])],
    ['d/__proto__', encodeText('x')],
  ]);
  expect([...unpack(pack(files), 'x.zip')]).toEqual([...files]);
  expect(pack(files)).toEqual(pack(files));
  expect([...unpack(repack(files), 'x.zip')]).toEqual([...files]);
});

test.each(['../evil.txt', 'a/../../evil.txt', '/etc/passwd', '\\\\server\\x', 'C:\\x.txt', 'a\u0000b', `${'d/'.repeat(30)}x`])(
  'a path like %j is refused',
  (path) => {
    expect(() => unpack(zipSync({ [path]: encodeText('x') }), 'x.zip')).toThrow('outside of the folder');
  },
);

test('a bomb is refused by the sizes it states, before it is unpacked', () => {
  const bomb = claiming(zipSync({ a: new Uint8Array(1_000), b: new Uint8Array(10) }), documentLimits.unpackedBytesMax);
  expect(() => unpack(bomb, 'bomb.zip')).toThrow('there is too much in bomb.zip');
});

test('a bomb that lies about its sizes gives no more than it stated', () => {
  const honest = zipSync({ a: new Uint8Array(1_000_000) }, { level: 6 });
  expect(unpack(claiming(honest, 10), 'x.zip').get('a')).toHaveLength(10);
});

test('too many files are refused', () => {
  const many = Object.fromEntries(
    Array.from({ length: documentLimits.packedFilesMax + 1 }, (_, at) => [`f${at}`, new Uint8Array()]),
  );
  expect(() => unpack(zipSync(many), 'many.zip')).toThrow('there is too much');
});

test('noise, a cut file and documents with entities are refused', () => {
  const whole = zipSync({ 'a.xml': encodeText('<a/>') });
  expect(() => unpack(encodeText('not a zip at all'), 'x.zip')).toThrow('x.zip cannot be read');
  expect(() => unpack(whole.subarray(0, whole.length - 30), 'x.zip')).toThrow('x.zip cannot be read');
  expect(() =>
    unpackOffice(zipSync({ 'a.xml': encodeText('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a/>') }), 'x.docx'),
  ).toThrow('x.docx cannot be read');
});
