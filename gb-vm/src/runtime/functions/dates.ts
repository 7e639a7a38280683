import type { Value } from '../heap.ts';
import { fail, type Host, type HostFunctions } from '../host.ts';
import { Arguments, describe, describeDate } from './arguments.ts';
import { dayMs, difference, move, partOf, startOfDay, type Unit, unitMs, unitOf, utc, weekOfYear } from './calendar.ts';
import { clockText, dateText, localNow, localWhen, msMax, parseClock, type When } from './date-text.ts';
import { monthNames, weekdayNames } from './names-of-days.ts';
import { withOtherNames } from './other-names.ts';
import { parseNumber, toText } from './values.ts';

export { dateText, parseDate } from './date-text.ts';

/** Dates and times: parts of them, moving them, the time between them, their names. */
export function dateFunctions(host: Host): HostFunctions {
  const { heap } = host;
  const args = new Arguments(host);
  const refuse = (value: Value, position: number): never => fail('invalid_date', position, describeDate(value));
  /** Nothing is now; a time of day alone is one of today. */
  const when = (value: Value, position: number): When => {
    if (value === null) return { ms: localNow(host), hasTime: true };
    const found = localWhen(host, value);
    if (found) return found;
    const time = typeof value === 'string' ? parseClock(value) : null;
    if (time === null) return refuse(value, position);
    return { ms: startOfDay(localNow(host)) + time, hasTime: true };
  };
  const made = (ms: number, hasTime: boolean, position: number): number =>
    Math.abs(ms) < msMax && new Date(ms).getUTCFullYear() >= 0
      ? heap.makeText(dateText({ ms, hasTime }))
      : fail('illegal_argument', position);
  const part =
    (read: (date: Date) => number) =>
    (low?: number, high?: number, position?: number): number =>
      read(new Date(when(heap.value(low!, high!), position!).ms));
  const isSmall = (unit: Unit): boolean => unitMs[unit] !== undefined && unit !== 'day' && unit !== 'week';
  const add = (value: Value, unit: Unit, count: number, position: number): number => {
    const from = when(value, position);
    return made(move(from.ms, unit, count), from.hasTime || isSmall(unit), position);
  };
  const adding = (unit: Unit) => (low?: number, high?: number, count?: number, position?: number) =>
    add(heap.value(low!, high!), unit, count!, position!);
  const between = (unit: Unit) => (al?: number, ah?: number, bl?: number, bh?: number, position?: number) =>
    difference(unit, when(heap.value(al!, ah!), position!).ms, when(heap.value(bl!, bh!), position!).ms);
  /** The three arguments in whatever order they came: the one that names a unit is the unit. */
  const sort = (words: readonly number[], position: number): { unit: Unit; others: [Value, Value] } => {
    const values = [0, 2, 4].map((at) => heap.value(words[at]!, words[at + 1]!));
    const at = values.findIndex((value) => unitOf(value) !== null);
    if (at < 0) {
      const unknown = values.find((value) => typeof value === 'string' && parseNumber(value) === null && !localWhen(host, value));
      return fail('type_mismatch', position, describe(unknown ?? null), 'a unit of time');
    }
    const others = values.filter((_, index) => index !== at) as [Value, Value];
    return { unit: unitOf(values[at]!)!, others };
  };
  const count = (value: Value): number | null =>
    typeof value === 'number' ? value : typeof value === 'string' ? parseNumber(value) : null;
  const name = (names: readonly string[], index: number, isShort: boolean, position: number): number => {
    const found = names[args.whole(index, 1, names.length, position) - 1]!;
    return heap.makeText(isShort ? found.slice(0, 3) : found);
  };
  const classic = (): boolean => host.profile === 'classic';

  return withOtherNames({
    'fn:NOW': () => heap.makeText(dateText({ ms: localNow(host), hasTime: true })),
    'fn:TODAY': () => heap.makeText(dateText({ ms: localNow(host), hasTime: false })),
    'fn:TOMORROW': () => heap.makeText(dateText({ ms: localNow(host) + dayMs, hasTime: false })),
    'fn:YESTERDAY': () => heap.makeText(dateText({ ms: localNow(host) - dayMs, hasTime: false })),
    'fn:DATE': (low, high, position) => {
      const { ms } = when(heap.value(low!, high!), position!);
      const text = dateText({ ms, hasTime: false });
      return heap.makeText(classic() ? `${text.slice(5)}-${text.slice(0, 4)}` : text);
    },
    'fn:TIME': (low, high, position) => heap.makeText(clockText(when(heap.value(low!, high!), position!).ms)),
    'fn:TIMESTAMP': (low, high, position) => when(heap.value(low!, high!), position!).ms - host.utcOffsetMinutes * 60_000,
    'fn:HOUR': part((date) => date.getUTCHours()),
    'fn:MINUTE': part((date) => date.getUTCMinutes()),
    'fn:SECOND': part((date) => date.getUTCSeconds()),
    'fn:DAY': part((date) => date.getUTCDate()),
    'fn:MONTH': part((date) => date.getUTCMonth() + 1),
    'fn:YEAR': part((date) => date.getUTCFullYear()),
    'fn:QUARTER': part((date) => Math.floor(date.getUTCMonth() / 3) + 1),
    'fn:WEEK': part(weekOfYear),
    'fn:WEEKDAY': part((date) => date.getUTCDay() + 1),
    'fn:DATEPART': (al, ah, bl, bh, position) => {
      const [a, b] = [heap.value(al!, ah!), heap.value(bl!, bh!)];
      const isFirst = unitOf(a) !== null;
      const word = (isFirst ? a : b) as string;
      const unit = unitOf(word) ?? fail('type_mismatch', position!, describe(isFirst ? a : b), 'a unit of time');
      const { ms } = when(isFirst ? b : a, position!);
      return partOf(new Date(ms), unit, word.trim().toLowerCase());
    },
    'fn:DATEADD': (...words) => {
      const position = words[6]!;
      const { unit, others } = sort(words, position);
      const [first, second] = others;
      const isCountFirst = count(first) !== null && count(second) === null;
      const moved = count(isCountFirst ? first : second) ?? fail('type_mismatch', position, describe(second), 'a number');
      return add(isCountFirst ? second : first, unit, moved, position);
    },
    'fn:DATEDIFF': (...words) => {
      const position = words[6]!;
      const { unit, others } = sort(words, position);
      return difference(unit, when(others[0], position).ms, when(others[1], position).ms);
    },
    'fn:ADD DAYS': adding('day'),
    'fn:ADD HOURS': adding('hour'),
    'fn:ADD MINUTES': adding('minute'),
    'fn:ADD MONTHS': adding('month'),
    'fn:ADD YEARS': adding('year'),
    'fn:DAYS BETWEEN': between('day'),
    'fn:HOURS BETWEEN': between('hour'),
    'fn:MINUTES BETWEEN': between('minute'),
    'fn:SECONDS BETWEEN': between('second'),
    'fn:AGE': (low, high, position) => difference('year', when(heap.value(low!, high!), position!).ms, localNow(host)),
    'fn:DATESERIAL': (year, month, day, position) => {
      return made(utc(Math.trunc(year!), Math.trunc(month!) - 1, Math.trunc(day!)), false, position!);
    },
    'fn:TIMESERIAL': (hour, minute, second, position) => {
      const seconds = Math.trunc(hour!) * 3600 + Math.trunc(minute!) * 60 + Math.trunc(second!);
      if (!(Math.abs(seconds) < 1e12)) fail('illegal_argument', position!);
      return heap.makeText(clockText(seconds * 1000));
    },
    'fn:DATEVALUE': (low, high, position) =>
      heap.makeText(dateText({ ms: when(heap.value(low!, high!), position!).ms, hasTime: false })),
    'fn:TIMEVALUE': (low, high, position) => heap.makeText(clockText(when(heap.value(low!, high!), position!).ms)),
    'fn:EOMONTH': (low, high, months, position) => {
      const date = new Date(move(when(heap.value(low!, high!), position!).ms, 'month', months!));
      return made(utc(date.getUTCFullYear(), date.getUTCMonth() + 1, 0), false, position!);
    },
    'fn:WEEKDAYNAME': (low, high, isShort, position) => {
      const value = heap.value(low!, high!);
      const day = count(value) ?? new Date(when(value, position!).ms).getUTCDay() + 1;
      return name(weekdayNames[host.locale], day, isShort! !== 0, position!);
    },
    'fn:MONTHNAME': (low, high, isShort, position) => {
      const value = heap.value(low!, high!);
      const month = count(value) ?? new Date(when(value, position!).ms).getUTCMonth() + 1;
      return name(monthNames[host.locale], month, isShort! !== 0, position!);
    },
    'fn:ISDATE': (low, high) => {
      const value = heap.value(low!, high!);
      return Number(typeof value === 'string' && (localWhen(host, toText(heap, value)) ?? parseClock(value)) !== null);
    },
  });
}
