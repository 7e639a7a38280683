import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { GlobalFonts } from '@napi-rs/canvas';

/** The letters of everything we draw: Roboto, which comes along with pdfmake, so that every machine draws the same. */
export const fontFamily = 'GB Sans';

const folder = path.join(path.dirname(createRequire(import.meta.url).resolve('pdfmake/package.json')), 'fonts', 'Roboto');

export const fontFiles = {
  normal: path.join(folder, 'Roboto-Regular.ttf'),
  bold: path.join(folder, 'Roboto-Medium.ttf'),
  italics: path.join(folder, 'Roboto-Italic.ttf'),
  bolditalics: path.join(folder, 'Roboto-MediumItalic.ttf'),
} as const;

let areFontsReady = false;

/** Registers the letters, once in a process. */
export function useFonts(): void {
  if (areFontsReady) return;
  for (const file of Object.values(fontFiles)) GlobalFonts.register(fs.readFileSync(file), fontFamily);
  areFontsReady = true;
}

const pictographs = /(?:\p{Extended_Pictographic}|[\u{1f1e6}-\u{1f1ff}\u{1f3fb}-\u{1f3ff}]|\u200d|\ufe0f|\u20e3)+/gu;

/** Without what these letters have no shape for and what would break a line: an empty box says less than nothing. */
export function drawable(text: string): string {
  return text
    .replace(pictographs, (found) => (/^[©®™\d#*]+$/.test(found) ? found : ''))
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f\u200b\u2028\u2029\ufeff]/g, '');
}
