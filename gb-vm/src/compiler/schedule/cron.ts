/**
 * The fields of cron: minute, hour, day of the month, month, day of the week, and a second in front of them where there
 * are six. Each is `*`, a number, a range `1-5`, a step `*` with `/15` or `8-18/2`, or a list of these; months and weekdays may be
 * English names of three letters; weekdays are 0 to 7, where 0 and 7 are Sunday. `L` is the last day of the month, `5L` or
 * `5#L` its last Friday, `1#2` its second Monday, `?` the same as `*`. When both days are given, either one is enough.
 */
export interface Cron {
  readonly second: number;
  /** In order, without repetition. */
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** Whether the rule holds on a day; days are counted from 1970-01-01. */
  isDue(day: number): boolean;
  /** The first day from `from` on that is due; null when none is within the longest time there can be between two. */
  nextDay(from: number): number | null;
}

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const weekdays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const dayMs = 86_400_000;
/** A fifth Friday in February comes every 28 years, and every 40 around the year 2100, which has no leap day. */
const yearsMax = 41;

/** null when these are no such fields. */
export function readCron(text: string): Cron | null {
  const fields = text.toUpperCase().split(' ');
  if (fields.length === 5) fields.unshift('0');
  if (fields.length !== 6) return null;
  const [secondText, minuteText, hourText, dayText, monthText, weekdayText] = fields.map((field) => field.replace('?', '*')) as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const second = /^\d{1,2}$/.test(secondText) && Number(secondText) < 60 ? Number(secondText) : null;
  const minutes = readField(minuteText, 0, 59);
  const hours = readField(hourText, 0, 23);
  const monthSet = readField(monthText, 1, 12, months);
  const days = readDays(dayText);
  const weekdaySet = readWeekdays(weekdayText);
  if (second === null || !minutes || !hours || !monthSet || !days || !weekdaySet) return null;
  const isEither = !dayText.startsWith('*') && !weekdayText.startsWith('*');
  const hasMonth = new Set(monthSet);

  const isDue = (day: number): boolean => {
    const date = new Date(day * dayMs);
    if (!hasMonth.has(date.getUTCMonth() + 1)) return false;
    const left = lengthOfMonth(date) - date.getUTCDate();
    const byDay = days.numbers.has(date.getUTCDate()) || (days.hasLast && left === 0);
    const weekday = date.getUTCDay();
    const count = Math.ceil(date.getUTCDate() / 7);
    const byWeekday =
      weekdaySet.numbers.has(weekday) ||
      weekdaySet.counted.some((one) => one.weekday === weekday && (one.count === 'last' ? left < 7 : one.count === count));
    return isEither ? byDay || byWeekday : byDay && byWeekday;
  };
  const nextDay = (from: number): number | null => {
    const last = from + yearsMax * 366;
    for (let day = from; day <= last; day++) {
      const date = new Date(day * dayMs);
      // A month that is not meant is passed over as a whole.
      if (!hasMonth.has(date.getUTCMonth() + 1)) day += lengthOfMonth(date) - date.getUTCDate();
      else if (isDue(day)) return day;
    }
    return null;
  };
  return { second, minutes, hours, isDue, nextDay };
}

const lengthOfMonth = (date: Date): number => new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();

function readField(text: string, min: number, max: number, names: readonly string[] = []): number[] | null {
  const found = new Set<number>();
  const numberOf = (word: string): number => {
    const named = names.indexOf(word);
    if (named >= 0) return named + min;
    return /^\d{1,2}$/.test(word) ? Number(word) : Number.NaN;
  };
  for (const part of text.split(',')) {
    const match = /^(\*|[A-Z]+|\d+)(?:-([A-Z]+|\d+))?(?:\/(\d+))?$/.exec(part);
    if (!match) return null;
    const [, first = '', last, stepText] = match;
    const step = stepText === undefined ? 1 : Number(stepText);
    const from = first === '*' ? min : numberOf(first);
    const to = first === '*' || (last === undefined && stepText !== undefined) ? max : numberOf(last ?? first);
    if (first === '*' && last !== undefined) return null;
    if (!(from >= min && to <= max && from <= to && step >= 1)) return null;
    for (let value = from; value <= to; value += step) found.add(value);
  }
  return [...found].sort((a, b) => a - b);
}

function readDays(text: string): { readonly numbers: ReadonlySet<number>; readonly hasLast: boolean } | null {
  const parts = text.split(',');
  const plain = parts.filter((part) => part !== 'L');
  const numbers = plain.length === 0 ? [] : readField(plain.join(','), 1, 31);
  return numbers && { numbers: new Set(numbers), hasLast: plain.length < parts.length };
}

interface Weekdays {
  readonly numbers: ReadonlySet<number>;
  readonly counted: readonly { readonly weekday: number; readonly count: number | 'last' }[];
}

function readWeekdays(text: string): Weekdays | null {
  const numbers = new Set<number>();
  const counted: { weekday: number; count: number | 'last' }[] = [];
  const numberOf = (word: string): number => {
    const named = weekdays.indexOf(word);
    return named >= 0 ? named : /^[0-7]$/.test(word) ? Number(word) : Number.NaN;
  };
  for (const part of text.split(',')) {
    const one = /^([A-Z]{3}|[0-7])(?:#([1-5]|L)|(L))$/.exec(part);
    if (one) {
      const weekday = numberOf(one[1]!) % 7;
      if (Number.isNaN(weekday)) return null;
      counted.push({ weekday, count: one[2] === undefined || one[2] === 'L' ? 'last' : Number(one[2]) });
      continue;
    }
    // From Friday to Monday goes over the end of the week.
    const range = /^([A-Z]{3}|[0-7])-([A-Z]{3}|[0-7])$/.exec(part);
    const [from, to] = [numberOf(range?.[1] ?? ''), numberOf(range?.[2] ?? '')];
    if (range && from > to) {
      for (let day = from; day <= to + 7; day++) numbers.add(day % 7);
      continue;
    }
    const plain = readField(
      part.replace(/[A-Z]{3}/g, (word) => String(numberOf(word))),
      0,
      7,
    );
    if (!plain) return null;
    for (const day of plain) numbers.add(day % 7);
  }
  return { numbers, counted };
}
