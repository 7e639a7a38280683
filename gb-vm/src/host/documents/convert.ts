import type { PlainValue } from 'gb-core';
import { OperationFailed } from '../operation.ts';
import { titleOfHtml } from './blocks/from-html.ts';
import { readMarkdown } from './blocks/from-markdown.ts';
import { readTable } from './blocks/from-table.ts';
import { type Block, plainOf } from './blocks/model.ts';
import { readableFormats, readBlocks, withinText } from './blocks/read.ts';
import { escapeHtml, writeHtml } from './blocks/to-html.ts';
import { writePdf } from './blocks/to-pdf.ts';
import { escapeMarkdown, writeMarkdown, writeText } from './blocks/to-text.ts';
import { decodeText, encodeText, formatOf } from './formats.ts';
import type { DocumentInput, TemplateInput } from './jobs.ts';
import { reading } from './refusals.ts';
import { readSheets, type Sheet, writeSheet } from './sheets/sheets.ts';
import { fillDocx } from './templates/fill-docx.ts';
import { fillText } from './templates/fill-text.ts';
import { textOf } from './text-of.ts';
import { tableOf, textOfValue } from './values.ts';

/** A document in another format. Pictures of their own kind are `convertPicture`'s. */
export async function convertDocument(input: DocumentInput): Promise<Uint8Array> {
  const { bytes, name, type, format, locale, pictures } = input;
  const from = formatOf(name, type);
  if (from === format) return bytes;
  const isPicture = ['png', 'jpg', 'webp', 'gif', 'svg'].includes(from);
  if (isPicture && format === 'pdf')
    return writePdf({ blocks: [{ kind: 'picture', source: name, alt: '' }], title: name, locale, pictures: { [name]: bytes } });
  if (from === 'pdf' && (format === 'txt' || format === 'md' || format === 'html')) {
    const text = await textOf(bytes, name, 'application/pdf');
    return format === 'html'
      ? encodeText(writeHtml(await readBlocks(encodeText(text), 'text.txt', '', locale), name, locale))
      : encodeText(text);
  }
  if (format === 'csv' || format === 'xlsx' || format === 'json') {
    const sheets = await sheetsOf(input, from);
    if (sheets && format === 'json')
      return encodeText(
        JSON.stringify(
          sheets.length === 1 ? sheets[0]!.rows : Object.fromEntries(sheets.map((sheet) => [sheet.name, sheet.rows])),
          null,
          2,
        ),
      );
    if (sheets && format !== 'json') return writeSheet(sheets, format);
  }
  if (!readableFormats.includes(from)) throw noWay(from, format);
  if (format === 'pdf' || format === 'html' || format === 'md' || format === 'txt') {
    const blocks = await readBlocks(bytes, name, type, locale);
    const title = from === 'html' ? titleOfHtml(decodeText(bytes, name)) : '';
    return written(blocks, format, title || titleOf(blocks, name), locale, pictures);
  }
  throw noWay(from, format);
}

async function sheetsOf({ bytes, name, type }: DocumentInput, from: string): Promise<readonly Sheet[] | null> {
  if (from === 'csv' || from === 'tsv' || from === 'xlsx')
    return readSheets(bytes, formatOf(name, type) === formatOf(name) ? name : `${name}.${from}`).sheets;
  if (from !== 'json') return null;
  const value = await reading(name, () => JSON.parse(withinText(decodeText(bytes, name), name)) as PlainValue);
  const table = tableOf(value);
  if (!table) throw new OperationFailed({ en: `${name} is not a list of rows`, pt: `${name} não é uma lista de linhas` });
  return [{ name: 'Sheet1', ...table }];
}

function noWay(from: string, to: string): OperationFailed {
  const short = to.slice(0, 10);
  return new OperationFailed({
    en: `${from || 'this file'} cannot be converted to ${short}`,
    pt: `${from || 'este arquivo'} não pode ser convertido em ${short}`,
  });
}

function titleOf(blocks: readonly Block[], name: string): string {
  const heading = blocks.find((block) => block.kind === 'heading');
  return heading?.kind === 'heading' ? plainOf(heading.runs).slice(0, 200) : name.replace(/^.*[/\\]/, '').replace(/\.\w+$/, '');
}

async function written(
  blocks: readonly Block[],
  format: 'pdf' | 'html' | 'md' | 'txt',
  title: string,
  locale: string,
  pictures: Readonly<Record<string, Uint8Array>>,
): Promise<Uint8Array> {
  if (format === 'pdf') return writePdf({ blocks, title, locale, pictures });
  return encodeText(
    format === 'html' ? writeHtml(blocks, title, locale) : format === 'md' ? writeMarkdown(blocks) : writeText(blocks),
  );
}

/** A template with its tags filled, as a PDF or in any format it can be converted to; what is filled in is always text and never marks. */
export async function fillTemplate(input: TemplateInput): Promise<Uint8Array> {
  const { bytes, name, type, data, locale } = input;
  const from = formatOf(name, type);
  if (from === 'docx') return convertDocument({ ...input, bytes: fillDocx(bytes, name, data, locale) });
  if (from !== 'html' && from !== 'md' && from !== 'txt')
    throw new OperationFailed({
      en: `${name} is no template: docx, html, md and txt are`,
      pt: `${name} não é modelo: docx, html, md e txt são`,
    });
  const guard = from === 'html' ? escapeHtml : from === 'md' ? escapeMarkdown : (text: string) => text;
  const filled = fillText(withinText(decodeText(bytes, name), name), data, locale, guard);
  return convertDocument({ ...input, bytes: encodeText(filled) });
}

/** `value AS PDF`: a table as a table, a text as the Markdown that it is. */
export async function valueToPdf({
  value,
  locale,
}: {
  readonly value: PlainValue;
  readonly locale: string;
}): Promise<Uint8Array> {
  const table = tableOf(value);
  const blocks =
    table && table.columns.length > 0
      ? [readTable(table.columns, table.rows, locale)]
      : readMarkdown(withinText(textOfValue(value), 'text'));
  return writePdf({ blocks, title: titleOf(blocks, locale.startsWith('pt') ? 'Documento' : 'Document'), locale, pictures: {} });
}
