import type { OutsideCall, PlainValue } from 'gb-core';
import type { OperationSet } from '../operation.ts';
import { decodeText, formatOf } from './formats.ts';
import { documentLimits } from './limits.ts';
import { channelOperations } from './operations/channels.ts';
import { type DocumentOptions, fetchFile, owner } from './operations/context.ts';
import { driveOperations } from './operations/files.ts';
import { paperOperations } from './operations/papers.ts';
import { pictureOperations, plain } from './operations/pictures.ts';
import { sharingOperations } from './operations/sharing.ts';
import { tooMuch, unreadable } from './refusals.ts';
import { pathOf, textOfValue } from './values.ts';

/** Files of the drive, and what is made of them: charts and pictures, PDFs and other documents, packed files, sites. */
export function documentOperations(options: DocumentOptions): OperationSet {
  return {
    outside: {
      ...pictureOperations(options),
      ...paperOperations(options),
      ...driveOperations(options),
      ...sharingOperations(options),
      ...channelOperations,
    },
  };
}

/**
 * GET of a place on the drive: with a cell or a range of a sheet its value, of a sheet its rows, of JSON its data, of any
 * other document its text, and of what has no text the file itself.
 */
export async function readPlace(
  options: Pick<DocumentOptions, 'workshop'>,
  place: PlainValue,
  address: string | null,
  call: OutsideCall,
): Promise<PlainValue> {
  const { name, bytes, type, value } = await fetchFile(call, place);
  const format = formatOf(name, type);
  const isSheet = format === 'xlsx' || format === 'csv' || format === 'tsv';
  const named = `${name.replace(/\.\w+$/, '')}.${format}`;
  if (address !== null) return options.workshop.run('readCell', { name: named, bytes, address }, owner(call));
  if (isSheet) return (await options.workshop.run('readSheets', { name: named, bytes }, owner(call))).sheets[0]?.rows ?? [];
  if (format === 'json') return parsed(decodeText(bytes, name), name);
  if (!['txt', 'md', 'html', 'pdf', 'docx'].includes(format)) return plain(value);
  const text = await options.workshop.run('text', { name, bytes, type }, owner(call));
  if (text.length > documentLimits.textMax / 2)
    throw tooMuch(`${name} is too long to be read as one text`, `${name} é longo demais para ser lido como um texto`);
  return text;
}

function parsed(text: string, name: string): PlainValue {
  try {
    return JSON.parse(text) as PlainValue;
  } catch (error) {
    throw unreadable(name, error);
  }
}

/** SET "stock.xlsx", "A1", value: writes one cell; the sheet is made where there is none. Writing it again changes nothing. */
export async function writePlace(
  options: Pick<DocumentOptions, 'workshop'>,
  place: string,
  address: string,
  value: PlainValue,
  call: OutsideCall,
): Promise<PlainValue> {
  const path = pathOf(place);
  const former = await call.drive.read(path);
  const bytes = await options.workshop.run(
    'writeCell',
    { name: path, bytes: former?.bytes ?? null, address: textOfValue(address), value },
    owner(call),
  );
  await call.drive.write(path, bytes);
  return null;
}
