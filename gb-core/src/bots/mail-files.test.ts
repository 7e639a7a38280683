import { expect, test } from 'vitest';
import { readDrivePath } from '../files/file-names.ts';
import { cutToJson, filesOf, mailFolder } from './mail-files.ts';

const named = (...names: (string | null)[]) =>
  filesOf(names.map((name) => ({ name, type: 'image/png', bytes: new Uint8Array(), isInline: false }))).map(({ name }) => name);

test('whatever an attachment is called, its name is a file of the folder of its mail', () => {
  const evil = [
    '../../etc/passwd',
    '..\\..\\boot.ini',
    '/etc/shadow',
    'C:\\a\\b.txt',
    '..',
    '.',
    '',
    '   ',
    'a\u0000b.txt',
    'jpg.\u202egpj.exe',
    `${'x'.repeat(5_000)}.pdf`,
    'kb/secret.md',
    `${'😀'.repeat(300)}.png`,
    'a\r\nb.txt',
    '\ud800.txt',
  ];
  const names = named(...evil);
  for (const [at, name] of names.entries()) {
    const path = `mail/2026-05-07-a/${name}`;
    expect(readDrivePath(path), evil[at]).toEqual({ folder: null, path });
    expect(name.length).toBeLessThanOrEqual(110);
    expect(name.isWellFormed()).toBe(true);
  }
  expect(names.slice(0, 5)).toEqual(['passwd', 'boot.ini', 'shadow', 'b.txt', 'file']);
  expect(named(`${'x'.repeat(300)}.pdf`)[0]).toMatch(/^x{96}\.pdf$/);
});

test('no two files of a mail have the same name', () => {
  expect(named('a.pdf', 'A.PDF', 'x/a.pdf', 'a (2).pdf', null, null, 'text.txt')).toEqual([
    'a.pdf',
    'A (2).PDF',
    'a (3).pdf',
    'a (2) (2).pdf',
    'attachment-5.png',
    'attachment-6.png',
    'text (2).txt',
  ]);
});

test('the folder of a mail begins with the day it was sent', () => {
  expect(mailFolder({ sentAt: Date.UTC(2026, 4, 7, 23) }, 'ab12', 0)).toBe('mail/2026-05-07-ab12');
  expect(mailFolder({ sentAt: null }, 'ab12', Date.UTC(2027, 0, 1))).toBe('mail/2027-01-01-ab12');
});

test('a text is cut to what fits as JSON, between signs', () => {
  expect(cutToJson('hello', 100)).toBe('hello');
  expect(JSON.stringify(cutToJson('\u0001'.repeat(1_000), 100)).length).toBeLessThanOrEqual(100);
  expect(cutToJson('😀'.repeat(100), 21).isWellFormed()).toBe(true);
  expect(cutToJson('"'.repeat(100), 42)).toBe('"'.repeat(20));
});
