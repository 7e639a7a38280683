import { isUuid, parseBoolean, parseDate, parseNumber } from 'gb-utils';
import type { ManifestColumn } from './ports/bot-manifest.ts';
import type { PlainValue } from './ports/bot-runtime.ts';
import { TableRefused } from './ports/tables.ts';

/** Of a column without a size, in characters. */
const textMax = 200_000;

/** A value as the column takes it, for a parameter; refused with the column and the value. */
export function toColumn(column: ManifestColumn, value: PlainValue): string | number | boolean | null {
  const refuse = (en: string, pt: string): TableRefused => {
    const shown = (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 40);
    return new TableRefused({
      en: `${column.name} takes ${en}, not "${shown}"`,
      pt: `${column.name} recebe ${pt}, e não "${shown}"`,
    });
  };
  if (value === null || (value === '' && column.type !== 'text' && column.type !== 'json')) return null;
  const text = typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value);
  if (column.type === 'json') return storable(JSON.stringify(column.items ? listFor(column, column.items, value) : value));
  if (text.includes('\0')) throw refuse('no zero characters', 'textos sem o caractere zero');
  const number = typeof value === 'number' ? value : typeof value === 'boolean' ? Number(value) : parseNumber(text);
  switch (column.type) {
    case 'text': {
      const most = column.size ?? textMax;
      // Characters as the database counts them.
      if (text.length > most && [...text].length > most)
        throw refuse(`a text of at most ${most} characters`, `um texto de no máximo ${most} caracteres`);
      return text;
    }
    case 'integer':
    case 'bigint':
      if (number === null || !Number.isSafeInteger(number)) throw refuse('a whole number', 'um número inteiro');
      return number;
    case 'number':
      if (number === null || !Number.isFinite(number)) throw refuse('a number', 'um número');
      return number;
    case 'decimal': {
      const [size, scale] = [column.size ?? 18, column.scale ?? 0];
      if (number === null || !Number.isFinite(number)) throw refuse('a number', 'um número');
      if (Math.abs(number) >= 10 ** (size - scale))
        throw refuse(`a number of at most ${size - scale} digits`, `um número de no máximo ${size - scale} dígitos`);
      // As text: a number read from a text may have more digits than JavaScript keeps.
      return typeof value === 'string' ? text.trim() : String(number);
    }
    case 'boolean': {
      const found = typeof value === 'string' ? parseBoolean(value) : typeof value === 'object' ? null : Boolean(value);
      if (found === null) throw refuse('true or false', 'verdadeiro ou falso');
      return found;
    }
    case 'date':
    case 'timestamp': {
      const date = typeof value === 'string' ? parseDate(value) : null;
      const written = date && new Date(date.ms).toISOString();
      if (!written || !/^\d{4}-/.test(written) || written.startsWith('0000'))
        throw refuse('a date like 2026-12-31', 'uma data como 31/12/2026');
      return column.type === 'date' ? written.slice(0, 10) : written.slice(0, 19).replace('T', ' ');
    }
    case 'time': {
      const time = timeOf(text);
      if (time === null) throw refuse('a time like 14:30', 'uma hora como 14:30');
      return time;
    }
    case 'uuid':
      if (!isUuid(text.trim().toLowerCase())) throw refuse('an id (uuid)', 'um identificador (uuid)');
      return text.trim().toLowerCase();
  }
}

/** Each of a list as a column of its type would hold it; one value alone is a list of one. */
function listFor(column: ManifestColumn, type: ManifestColumn['type'], value: PlainValue): readonly PlainValue[] {
  const { items: _, ...rest } = column;
  return (Array.isArray(value) ? (value as readonly PlainValue[]) : [value]).map((item) => {
    const cell = toColumn({ ...rest, type }, item);
    if (type === 'decimal' && cell !== null) return Number(Number(cell).toFixed(column.scale ?? 0));
    return type === 'time' && typeof cell === 'string' ? cell.replace(/:00$/, '') : cell;
  });
}

/** 14:30 or 14:30:05 with all its digits; null when it is no time of day. */
export function timeOf(text: string): string | null {
  const time = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text.trim());
  if (!time || Number(time[1]) > 23 || Number(time[2]) > 59 || Number(time[3] ?? 0) > 59) return null;
  return `${time[1]!.padStart(2, '0')}:${time[2]}:${time[3] ?? '00'}`;
}

/**
 * JSON as PostgreSQL can take it apart: a zero character and half a character are no text to it. The first goes, the
 * second becomes the sign for what cannot be read. A backslash that is itself written with one is not the start of either.
 */
export function storable(json: string): string {
  return json.replace(/\\(u[0-9a-f]{4}|.)/gi, (written: string, sign: string) => {
    if (/^u0000$/i.test(sign)) return '';
    return /^ud[89a-f]/i.test(sign) ? '\\ufffd' : written;
  });
}
