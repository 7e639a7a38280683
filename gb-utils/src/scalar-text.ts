/**
 * What a text also is: a number, a date, a yes or no. The language, its tables in memory and its tables in the database
 * read the same here, so that a filter means the same everywhere.
 */

/**
 * A date is a text: `2026-12-31`, with ` 14:30:00` when it has a time, on the clock of the conversation. `ms` counts
 * from 1970 on that clock, not in UTC.
 */
export interface When {
  readonly ms: number;
  readonly hasTime: boolean;
}

const numeric = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/;

/** The number a text is, or null when it is none. */
export function parseNumber(text: string): number | null {
  return text.length < 400 && numeric.test(text) ? Number(text) : null;
}

const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]{1,2}(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)? ?(Z|[+-]\d{2}:?\d{2})?)?$/i;
const dayFirst = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:,?[ T](\d{1,2}):(\d{2})(?::(\d{2}))?)?$/;

/**
 * Reads ISO dates and dd/mm/yyyy, with or without a time; null when it is no real date. A time that names its zone is
 * moved to the clock of the conversation.
 */
export function parseDate(text: string, utcOffsetMinutes = 0): When | null {
  if (text.length > 60) return null;
  const trimmed = text.trim();
  const isoMatch = iso.exec(trimmed);
  const match = isoMatch ?? dayFirst.exec(trimmed);
  if (!match) return null;
  const [year, month, day] = (isoMatch ? [match[1], match[2], match[3]] : [match[3], match[2], match[1]]).map(Number) as [
    number,
    number,
    number,
  ];
  const [hour, minute, second] = [match[4], match[5], match[6]].map((part) => Number(part ?? 0)) as [number, number, number];
  if (hour > 23 || minute > 59 || second > 59) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const isReal = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (!isReal) return null;
  const zone = isoMatch?.[7];
  const moved = zone ? utcOffsetMinutes - zoneMinutes(zone) : 0;
  return { ms: date.getTime() + moved * 60_000, hasTime: match[4] !== undefined };
}

function zoneMinutes(zone: string): number {
  if (zone.toUpperCase() === 'Z') return 0;
  const digits = zone.slice(1).replace(':', '');
  return (zone[0] === '-' ? -1 : 1) * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2)));
}

/** A word for yes or no, in English or Portuguese; null when it is none. Nothing is no. */
export function parseBoolean(text: string): boolean | null {
  const word = text.trim().slice(0, 12).toLowerCase();
  if (['true', '1', 'yes', 'sim', 'verdadeiro', 'on'].includes(word)) return true;
  return ['false', '0', 'no', 'não', 'nao', 'falso', 'off', ''].includes(word) ? false : null;
}
