import type { Value } from '../heap.ts';

export const dayMs = 86_400_000;

export type Unit = 'millisecond' | 'second' | 'minute' | 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year';
const unitWords: Readonly<Record<Unit, string>> = {
  millisecond: 'ms millisecond milliseconds milissegundo milissegundos',
  second: 's ss sec secs second seconds segundo segundos',
  minute: 'n nn mi min mins minute minutes minuto minutos',
  hour: 'h hh hour hours hora horas',
  day: 'd dd dy day days dayofyear dia dias',
  week: 'w ww wk week weeks weekday semana semanas',
  month: 'm mm mon month months mes mês meses',
  quarter: 'q qq quarter quarters trimestre trimestres',
  year: 'y yy yyyy yr year years ano anos',
};
const units = new Map(
  (Object.entries(unitWords) as [Unit, string][]).flatMap(([unit, words]) =>
    words.split(' ').map((word) => [word, unit] as const),
  ),
);
export const unitMs: Readonly<Partial<Record<Unit, number>>> = {
  millisecond: 1,
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: dayMs,
  week: 7 * dayMs,
};
const unitMonths: Readonly<Partial<Record<Unit, number>>> = { month: 1, quarter: 3, year: 12 };

export function unitOf(value: Value): Unit | null {
  return typeof value === 'string' && value.length < 20 ? (units.get(value.trim().toLowerCase()) ?? null) : null;
}

/** `Date.UTC` takes the years 0 to 99 for the last century's. */
export function utc(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month, day);
}

export const startOfDay = (ms: number): number => Math.floor(ms / dayMs) * dayMs;

/** Months keep the day where they can: one month after January 31 is the last of February. */
export function move(ms: number, unit: Unit, count: number): number {
  const fixed = unitMs[unit];
  if (fixed) return ms + Math.round(fixed * count);
  const date = new Date(ms);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + Math.trunc(count) * unitMonths[unit]!);
  const last = new Date(utc(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, last));
  return date.getTime();
}

/** Whole units from one to the other; negative when the second is earlier. */
export function difference(unit: Unit, from: number, to: number): number {
  const fixed = unitMs[unit];
  if (fixed) return Math.trunc((to - from) / fixed);
  const [a, b] = [new Date(from), new Date(to)];
  let months = (b.getUTCFullYear() - a.getUTCFullYear()) * 12 + b.getUTCMonth() - a.getUTCMonth();
  const moved = move(from, 'month', months);
  if (months > 0 && moved > to) months--;
  else if (months < 0 && moved < to) months++;
  return Math.trunc(months / unitMonths[unit]!);
}

export function partOf(date: Date, unit: Unit, word: string): number {
  switch (unit) {
    case 'millisecond':
      return date.getUTCMilliseconds();
    case 'second':
      return date.getUTCSeconds();
    case 'minute':
      return date.getUTCMinutes();
    case 'hour':
      return date.getUTCHours();
    case 'day':
      return word === 'dy' || word === 'dayofyear'
        ? Math.floor((date.getTime() - utc(date.getUTCFullYear(), 0, 1)) / dayMs) + 1
        : date.getUTCDate();
    case 'week':
      return word === 'w' || word === 'weekday' ? date.getUTCDay() + 1 : weekOfYear(date);
    case 'month':
      return date.getUTCMonth() + 1;
    case 'quarter':
      return Math.floor(date.getUTCMonth() / 3) + 1;
    case 'year':
      return date.getUTCFullYear();
  }
}

/** The week of ISO 8601: it begins on Monday and belongs to the year its Thursday is in. */
export function weekOfYear(date: Date): number {
  const thursday = startOfDay(date.getTime()) + (3 - ((date.getUTCDay() + 6) % 7)) * dayMs;
  const year = new Date(thursday).getUTCFullYear();
  return Math.floor((thursday - utc(year, 0, 1)) / (7 * dayMs)) + 1;
}
