import type { OutsideCall, PlainValue } from 'gb-core';
import { OperationFailed, type OutsideOperation } from '../../operation.ts';
import { encodeText, formatOf, typeOfFormat } from '../formats.ts';
import { documentLimits } from '../limits.ts';
import { noSuchFile, tooMuch } from '../refusals.ts';
import { isFile, pathOf, placeOf, tableOf, textOfValue } from '../values.ts';
import { type DocumentOptions, fetchFile, owner } from './context.ts';

/** Characters of a file that a program reads as one text. */
const readMax = 1_000_000;

/** Files of the drive, by their paths. What is written gives its path back, so that it can be passed on. */
export function driveOperations({ workshop }: DocumentOptions): Readonly<Record<string, OutsideOperation>> {
  const write: OutsideOperation = async ({ file, value }, call) => {
    const path = pathOf(file);
    if (isFile(value)) {
      const found = await fetchFile(call, value);
      await call.drive.write(path, found.bytes, found.type);
      return path;
    }
    await call.drive.write(path, await bytesOf(path, value ?? null, workshop, call), typeOfFormat(formatOf(path)));
    return path;
  };
  return {
    LIST: async ({ folder }, call) => {
      const files = await call.drive.list(folder === undefined ? '' : folderOf(folder));
      if (files.length > 10_000) throw tooMuch('there are more than 10000 files there', 'há mais de 10000 arquivos ali');
      return files.map(({ path, value, changedAt }) => ({ ...value, path, changed: new Date(changedAt).toISOString() }));
    },
    'READ FILE': async ({ file }, call) => {
      const { name, bytes, type } = await fetchFile(call, file);
      const text = await workshop.run('text', { name, bytes, type }, owner(call));
      if (text.length > readMax)
        throw tooMuch(`${name} is longer than ${readMax} characters`, `${name} tem mais de ${readMax} caracteres`);
      return text;
    },
    WRITE: write,
    'SAVE AS': write,
    UPLOAD: async ({ file, folder, values }, call) => {
      const found = await fetchFile(call, file);
      const root = textOfValue(folder ?? (Array.isArray(values) ? (values[0] as PlainValue) : undefined)).trim();
      const place = placeOf(file);
      if (root === '' && typeof place === 'string') return place;
      const path = root === '' ? found.name : `${pathOf(root)}/${found.name}`;
      await call.drive.write(path, found.bytes, found.type);
      return path;
    },
    COPY: async ({ file, target }, call) => {
      const to = targetOf(file, target);
      const from = placeOf(file);
      if (typeof from === 'string') await call.drive.copy(pathOf(from), to);
      else {
        const found = await fetchFile(call, file);
        await call.drive.write(to, found.bytes, found.type);
      }
      return to;
    },
    MOVE: async ({ file, target }, call) => {
      const from = pathOf(file);
      const to = targetOf(file, target);
      if (from === to) return to;
      // Done again after a crash, the file is there already: gone from one place and at the other is what was asked for.
      const isDone = (await call.drive.read(from)) === null && (await call.drive.read(to)) !== null;
      if (!isDone) await call.drive.move(from, to);
      return to;
    },
    'DELETE FILE': async ({ file }, call) => call.drive.delete(pathOf(file)),
    // Folders are there as long as something is in them; this says whether the name can be one.
    'CREATE FOLDER': async ({ folder }, call) => {
      const path = pathOf(folder);
      await call.drive.list(path);
      return path;
    },
  };
}

/** A folder as somebody writes it; the root is an empty text. */
function folderOf(folder: PlainValue): string {
  const text = textOfValue(folder).trim();
  return /^[./\\]*$/.test(text) ? '' : pathOf(text);
}

/** A target that ends in a slash is a folder: the file keeps its name in it. */
function targetOf(file: PlainValue | undefined, target: PlainValue | undefined): string {
  const path = pathOf(target);
  if (typeof target === 'string' && !/[/\\]\s*$/.test(target)) return path;
  const place = placeOf(file);
  const name = typeof place === 'string' ? place.replace(/^.*[/\\]/, '') : place.name;
  if (name === '') throw noSuchFile(textOfValue(file));
  return path === '' ? name : `${path}/${name}`;
}

/** What a value is in a file of that name: rows in a sheet, data as JSON, anything else as text. */
async function bytesOf(
  path: string,
  value: PlainValue,
  workshop: DocumentOptions['workshop'],
  call: OutsideCall,
): Promise<Uint8Array> {
  const format = formatOf(path);
  const table = typeof value === 'object' ? tableOf(value) : null;
  if (table && (format === 'xlsx' || format === 'csv'))
    return workshop.run('writeSheet', { sheets: [{ name: 'Sheet1', ...table }], format }, owner(call));
  if (format === 'pdf') return workshop.run('valuePdf', { value, locale: call.locale }, owner(call));
  if (format === 'xlsx' || format === 'docx')
    throw new OperationFailed({ en: `${path} is written from rows`, pt: `${path} se grava a partir de linhas` });
  const text = typeof value === 'object' && value !== null ? JSON.stringify(value, null, 2) : textOfValue(value);
  const bytes = encodeText(text);
  if (bytes.length > documentLimits.bytesMax) throw tooMuch('the file is too large', 'o arquivo é grande demais');
  return bytes;
}
