import { parseDate, type When } from 'gb-utils';
import type { Value } from '../heap.ts';
import type { Host } from '../host.ts';

export { parseDate, type When };

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
