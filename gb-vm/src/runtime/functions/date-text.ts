import type { Value } from '../heap.ts';
import type { Host } from '../host.ts';

/**
 * A date is a text: `2026-12-31`, with ` 14:30:00` when it has a time, on the clock of the conversation. `ms` counts
 * from 1970 on that clock, not in UTC.
 */
export interface When {
  readonly ms: number;
  readonly hasTime: boolean;
}

const pad = (value: number, width = 2): string => String(value).padStart(width, '0');
/** The furthest a date can be. */
export const msMax = 8.64e15;

export function dateText({ ms, hasTime }: When): string {
  const date = new Date(ms);
  const day = `${pad(date.getUTCFullYear(), 4)}-${pad(date.getUTCMonth() + 1)}-${pad(date.getUTCDate())}`;
  return hasTime ? `${day} ${clockText(ms)}` : day;
}

export function clockText(ms: number): string {
  const date = new Date(ms);
  return `${pad(date.getUTCHours())}:${pad(date.getUTCMinutes())}:${pad(date.getUTCSeconds())}`;
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

const clock = /^(\d{1,2})(?::(\d{2})(?::(\d{2}))?)? ?(am|pm)?$/i;

/** Milliseconds since midnight of a time of day, `14:30`, `14:30:05` or `2:30 pm`; null when it is none. */
export function parseClock(text: string): number | null {
  const match = text.length > 20 ? null : clock.exec(text.trim());
  if (!match || (match[2] === undefined && !match[4])) return null;
  let hour = Number(match[1]);
  const [minute, second] = [Number(match[2] ?? 0), Number(match[3] ?? 0)];
  if (match[4]) {
    if (hour < 1 || hour > 12) return null;
    hour = (hour % 12) + (match[4].toLowerCase() === 'pm' ? 12 : 0);
  }
  return hour > 23 || minute > 59 || second > 59 ? null : ((hour * 60 + minute) * 60 + second) * 1000;
}

/** Milliseconds of the conversation's clock. */
export function localNow(host: Host): number {
  return host.nowMs + host.utcOffsetMinutes * 60_000;
}

/** A number counts milliseconds from 1970 in UTC, as other systems give them. */
export function localWhen(host: Host, value: Value): When | null {
  const offset = host.utcOffsetMinutes;
  if (typeof value === 'number') return Math.abs(value) < msMax ? { ms: value + offset * 60_000, hasTime: true } : null;
  return typeof value === 'string' ? parseDate(value, offset) : null;
}
