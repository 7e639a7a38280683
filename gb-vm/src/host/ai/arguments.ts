import type { FileValue, OutsideCall, PlainValue } from 'gb-core';
import { type Args, OperationFailed } from '../operation.ts';

/** A value as text, rows and lists as JSON. */
export function textOf(value: PlainValue | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Several values, or the parts of one text between commas, or one. */
export function textsOf(value: PlainValue | undefined): readonly string[] {
  if (value === undefined || value === null) return [];
  const parts = Array.isArray(value) ? value.flatMap(textsOf) : textOf(value).split(/[,;]/);
  return parts.map((part) => part.trim()).filter(Boolean);
}

export function boundedText(args: Args, name: string, charsMax: number): string {
  const text = textOf(args[name]);
  if (text.length > charsMax)
    throw new OperationFailed(
      { en: `${name} is longer than ${charsMax} characters`, pt: `${name} tem mais de ${charsMax} caracteres` },
      'limit_reached',
    );
  return text;
}

/** Reads a file that a program names by its path or was given. */
export async function readFile(
  value: PlainValue | undefined,
  call: OutsideCall,
): Promise<{ value: FileValue; bytes: Uint8Array }> {
  const place = isFileValue(value) ? value : textOf(value);
  const found = place === '' ? null : await call.drive.read(place);
  if (!found) {
    const name = typeof place === 'string' ? place : place.name;
    throw new OperationFailed({ en: `there is no file ${name}`, pt: `não há um arquivo ${name}` });
  }
  return found;
}

export function isFileValue(value: unknown): value is FileValue {
  if (typeof value !== 'object' || value === null) return false;
  const { file, name } = value as Partial<FileValue>;
  return typeof file === 'string' && typeof name === 'string';
}

/** A file as the program is given it. */
export const filePlain = (file: FileValue): PlainValue => ({ ...file });
