import type { Locale } from 'gb-protocol';
import { useLocale } from './index.ts';

export interface Dates {
  /** "14:05" or "2:05 PM", as the language has it. */
  time(at: number): string;
  /** "today", "yesterday", "Friday, November 20". */
  day(at: number): string;
  full(at: number): string;
  /** "3 hours ago". */
  ago(at: number): string;
  /** "in 3 days". */
  until(at: number): string;
  list(names: readonly string[]): string;
  number(value: number): string;
}

const dayMs = 86_400_000;

export function createDates(locale: Locale, nowMs: () => number = Date.now): Dates {
  const time = new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' });
  const thisYear = new Intl.DateTimeFormat(locale, { weekday: 'long', month: 'long', day: 'numeric' });
  const otherYear = new Intl.DateTimeFormat(locale, { weekday: 'long', month: 'long', day: 'numeric', year: 'numeric' });
  const full = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'short' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const list = new Intl.ListFormat(locale, { type: 'conjunction' });
  const number = new Intl.NumberFormat(locale);

  const startOfDay = (at: number): number => new Date(at).setHours(0, 0, 0, 0);
  const capital = (text: string): string => text.charAt(0).toLocaleUpperCase(locale) + text.slice(1);
  const away = (ms: number): string => {
    const size = Math.abs(ms);
    if (size < 60_000) return relative.format(0, 'second');
    if (size < 3_600_000) return relative.format(Math.round(ms / 60_000), 'minute');
    if (size < dayMs) return relative.format(Math.round(ms / 3_600_000), 'hour');
    if (size < 30 * dayMs) return relative.format(Math.round(ms / dayMs), 'day');
    if (size < 365 * dayMs) return relative.format(Math.round(ms / (30 * dayMs)), 'month');
    return relative.format(Math.round(ms / (365 * dayMs)), 'year');
  };

  return {
    time: (at) => time.format(at),
    day: (at) => {
      const days = Math.round((startOfDay(at) - startOfDay(nowMs())) / dayMs);
      if (days === 0 || days === -1) return capital(relative.format(days, 'day'));
      const isThisYear = new Date(at).getFullYear() === new Date(nowMs()).getFullYear();
      return capital((isThisYear ? thisYear : otherYear).format(at));
    },
    full: (at) => full.format(at),
    ago: (at) => away(Math.min(0, at - nowMs())),
    until: (at) => away(at - nowMs()),
    list: (names) => list.format(names),
    number: (value) => number.format(value),
  };
}

/** Intl's formatters are slow to make, so each language has its own once. */
const known = new Map<Locale, Dates>();

export function useDates(): Dates {
  const locale = useLocale();
  let dates = known.get(locale);
  if (!dates) known.set(locale, (dates = createDates(locale)));
  return dates;
}
