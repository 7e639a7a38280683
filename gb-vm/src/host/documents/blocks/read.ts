import mammoth from 'mammoth';
import { decodeText, formatOf } from '../formats.ts';
import { documentLimits } from '../limits.ts';
import { reading, tooMuch } from '../refusals.ts';
import { readSheets } from '../sheets/sheets.ts';
import { repack, unpackOffice } from '../zip.ts';
import { readHtml } from './from-html.ts';
import { readMarkdown } from './from-markdown.ts';
import { readTable, readText } from './from-table.ts';
import type { Block } from './model.ts';

export const readableFormats: readonly string[] = ['docx', 'md', 'html', 'txt', 'csv', 'tsv', 'xlsx', 'json'];

/** The blocks of a document of any format that has some. */
export function readBlocks(bytes: Uint8Array, name: string, type: string, locale: string): Promise<Block[]> {
  return reading(name, async () => {
    const format = formatOf(name, type);
    if (format === 'docx') return readHtml(await docxToHtml(bytes, name));
    if (format === 'csv' || format === 'tsv' || format === 'xlsx') {
      const { sheets } = readSheets(bytes, format === 'xlsx' ? `${name}.xlsx` : `${name}.csv`);
      return sheets.flatMap((sheet): Block[] => [
        ...(sheets.length > 1 ? [{ kind: 'heading' as const, level: 2, runs: [{ text: sheet.name }] }] : []),
        readTable(sheet.columns, sheet.rows, locale),
      ]);
    }
    const text = withinText(decodeText(bytes, name), name);
    if (format === 'md') return readMarkdown(text);
    if (format === 'html') return readHtml(text);
    if (format === 'json') return [{ kind: 'code', text: JSON.stringify(JSON.parse(text), null, 2) }];
    return readText(text);
  });
}

/** Headings, lists, tables and pictures of a Word document; how it looks beyond that is not carried over. */
async function docxToHtml(bytes: Uint8Array, name: string): Promise<string> {
  const safe = Buffer.from(repack(unpackOffice(bytes, name)));
  const { value } = await mammoth.convertToHtml({ buffer: safe });
  return value;
}

export function withinText(text: string, name: string): string {
  if (text.length > documentLimits.textMax)
    throw tooMuch(
      `${name} is longer than ${documentLimits.textMax} characters`,
      `${name} tem mais de ${documentLimits.textMax} caracteres`,
    );
  return text;
}
