import type { Value } from '../heap.ts';
import { fail, type Host, type HostFunctions } from '../host.ts';
import { parseNumber, toText } from './values.ts';

/** A date is a text: `2026-12-31`, with ` 14:30:00` when it has a time. Clock times are UTC. */
export interface When {
  readonly ms: number;
  readonly hasTime: boolean;
}

const pad = (value: number, width = 2): string => String(value).padStart(width, '0');
const dayMs = 86_400_000;

export function dateText({ ms, hasTime }: When): string {
  const date = new Date(ms);
  const day = `${pad(date.getUTCFullYear(), 4)}-${pad(date.getUTCMonth() + 1)}-${pad(date.getUTCDate())}`;
  return hasTime ? `${day} ${pad(date.getUTCHours())}:${pad(date.getUTCMinutes())}:${pad(date.getUTCSeconds())}` : day;
}

const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*Z?)?$/;
const dayFirst = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?)?$/;

/** Reads ISO dates and dd/mm/yyyy, with or without a time; null when it is no real date. */
export function parseDate(text: string): When | null {
  const trimmed = text.trim().slice(0, 40);
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
  return isReal ? { ms: date.getTime(), hasTime: match[4] !== undefined } : null;
}

type Unit = 'second' | 'minute' | 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year';
const unitWords: Readonly<Record<Unit, string>> = {
  second: 's ss second seconds segundo segundos',
  minute: 'n mi min minute minutes minuto minutos',
  hour: 'h hh hour hours hora horas',
  day: 'd dd day days dia dias',
  week: 'w ww week weeks semana semanas',
  month: 'm mm month months mes mês meses',
  quarter: 'q quarter quarters trimestre trimestres',
  year: 'y yy yyyy year years ano anos',
};
const units = new Map(
  (Object.entries(unitWords) as [Unit, string][]).flatMap(([unit, words]) =>
    words.split(' ').map((word) => [word, unit] as const),
  ),
);
const unitMs: Readonly<Partial<Record<Unit, number>>> = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: dayMs,
  week: 7 * dayMs,
};
const unitMonths: Readonly<Partial<Record<Unit, number>>> = { month: 1, quarter: 3, year: 12 };

export function dateFunctions(host: Host): HostFunctions {
  const { heap } = host;
  const when = (value: Value, position: number): When => {
    if (value === null) return { ms: host.nowMs, hasTime: true };
    if (typeof value === 'number' && Math.abs(value) < 8.64e15) return { ms: value, hasTime: true };
    return parseDate(toText(heap, value)) ?? fail('invalid_date', position, toText(heap, value).slice(0, 40));
  };
  const part =
    (read: (date: Date) => number) =>
    (low?: number, high?: number, position?: number): number =>
      read(new Date(when(heap.value(low!, high!), position!).ms));
  /** The three arguments in whatever order they came: the one that names a unit is the unit. */
  const sort = (words: readonly number[], position: number): { unit: Unit; others: Value[] } => {
    const values = [0, 2, 4].map((at) => heap.value(words[at]!, words[at + 1]!));
    const at = values.findIndex((value) => typeof value === 'string' && units.has(value.trim().toLowerCase()));
    if (at < 0) fail('illegal_argument', position);
    return { unit: units.get((values[at] as string).trim().toLowerCase())!, others: values.filter((_, index) => index !== at) };
  };
  return {
    'fn:NOW': () => heap.makeText(dateText({ ms: host.nowMs, hasTime: true })),
    'fn:TODAY': () => heap.makeText(dateText({ ms: host.nowMs, hasTime: false })),
    'fn:HOUR': part((date) => date.getUTCHours()),
    'fn:MINUTE': part((date) => date.getUTCMinutes()),
    'fn:DAY': part((date) => date.getUTCDate()),
    'fn:MONTH': part((date) => date.getUTCMonth() + 1),
    'fn:YEAR': part((date) => date.getUTCFullYear()),
    'fn:WEEKDAY': part((date) => date.getUTCDay() + 1),
    'fn:DATEADD': (...words) => {
      const position = words[6]!;
      const { unit, others } = sort(words, position);
      const asCount = (value: Value): number | null =>
        typeof value === 'number' ? value : typeof value === 'string' ? parseNumber(value) : null;
      const [first, second] = others as [Value, Value];
      const isCountFirst = asCount(first) !== null && asCount(second) === null;
      const count = asCount(isCountFirst ? first : second) ?? fail('illegal_argument', position);
      const from = when(isCountFirst ? second : first, position);
      const ms = move(from.ms, unit, count);
      if (!(Math.abs(ms) < 8.64e15)) fail('illegal_argument', position);
      const isSmall = unit === 'second' || unit === 'minute' || unit === 'hour';
      return heap.makeText(dateText({ ms, hasTime: from.hasTime || isSmall }));
    },
    'fn:DATEDIFF': (...words) => {
      const position = words[6]!;
      const { unit, others } = sort(words, position);
      return difference(unit, when(others[0]!, position).ms, when(others[1]!, position).ms);
    },
  };
}

/** Months keep the day where they can: one month after January 31 is the last of February. */
function move(ms: number, unit: Unit, count: number): number {
  const fixed = unitMs[unit];
  if (fixed) return ms + Math.round(fixed * count);
  const date = new Date(ms);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + Math.trunc(count) * unitMonths[unit]!);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, last));
  return date.getTime();
}

/** Whole units from one to the other; negative when the second is earlier. */
function difference(unit: Unit, from: number, to: number): number {
  const fixed = unitMs[unit];
  if (fixed) return Math.trunc((to - from) / fixed);
  const [a, b] = [new Date(from), new Date(to)];
  let months = (b.getUTCFullYear() - a.getUTCFullYear()) * 12 + b.getUTCMonth() - a.getUTCMonth();
  const moved = move(from, 'month', months);
  if (months > 0 && moved > to) months--;
  else if (months < 0 && moved < to) months++;
  return Math.trunc(months / unitMonths[unit]!);
}
