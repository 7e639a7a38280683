import type { Attachment } from 'gb-protocol';
import { expect, test } from 'vitest';
import { en } from '../i18n/en.ts';
import { createTranslate } from '../i18n/index.ts';
import { fileSize } from './file-size.ts';
import { spokenText } from './message-text.ts';
import { attachmentsHeight, pictureBox, shownAs } from './picture-box.ts';

const file = (more: Partial<Attachment>): Attachment => ({ id: 'x' as never, name: 'a', type: 'image/png', size: 1, ...more });

test('sizes are what people read', () => {
  expect([0, 1, 999, 1_000, 312_400, 1_440_000, 26_214_400, 5e12].map((bytes) => fileSize(bytes, 'en'))).toEqual([
    '0 bytes',
    '1 byte',
    '999 bytes',
    '1 kB',
    '312 kB',
    '1.4 MB',
    '26 MB',
    '5 TB',
  ]);
  expect(fileSize(1_440_000, 'pt-BR')).toBe('1,4 MB');
});

test('a picture never grows, keeps its shape, and is large enough to be hit', () => {
  expect(pictureBox({ width: 1200, height: 800 })).toEqual({ width: 400, height: 267 });
  expect(pictureBox({ width: 300, height: 900 })).toEqual({ width: 100, height: 300 });
  expect(pictureBox({ width: 100, height: 80 })).toEqual({ width: 100, height: 80 });
  expect(pictureBox({ width: 8_000, height: 1 })).toEqual({ width: 400, height: 48 });
});

test('only what a browser shows safely is shown, and a picture only with its size', () => {
  expect(shownAs(file({ width: 1, height: 1 }))).toBe('picture');
  expect(shownAs(file({}))).toBe('file');
  expect(shownAs(file({ type: 'image/svg+xml', width: 1, height: 1 }))).toBe('file');
  expect(shownAs(file({ type: 'video/mp4' }))).toBe('video');
  expect(shownAs(file({ type: 'audio/mpeg' }))).toBe('audio');
  expect(shownAs(file({ type: 'text/html' }))).toBe('file');
  expect(attachmentsHeight(undefined)).toBe(0);
  expect(attachmentsHeight([file({ width: 100, height: 80 }), file({ type: 'text/csv' })])).toBe(80 + 8 + 56 + 8);
});

test('a message without words is read out by what is in it', () => {
  const t = createTranslate('en', en);
  expect(spokenText({ text: '', attachments: [file({ name: 'a\u202e.png' }), file({ name: 'b.pdf' })] }, t)).toBe(
    '2 files: a.png, b.pdf',
  );
  expect(spokenText({ text: 'See', card: { title: 'Order', text: '**late**' } }, t)).toBe('See Order. late');
  expect(spokenText({ text: '', form: { name: 'f', title: 'Enrolment', fields: [] } }, t)).toBe('Form: Enrolment');
});
