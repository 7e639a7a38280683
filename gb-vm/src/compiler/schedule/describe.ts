import type { Locale } from '../diagnostics.ts';
import type { ScheduleRule } from './rule.ts';

/**
 * A rule in words: "every Monday at 09:30", "todo dia às 08:00". What `parseSchedule` makes of these words is the same
 * rule again. Fields of cron that nobody would say aloud stay as they are.
 */
export function describeSchedule(rule: ScheduleRule, locale: Locale): string {
  const words = locale === 'pt-BR' ? portuguese : english;
  switch (rule.kind) {
    case 'minutes':
      return rule.every % 60 === 0 ? words.everyHours(rule.every / 60) : words.everyMinutes(rule.every);
    case 'days': {
      const weekday = (rule.phase + 4) % 7;
      const days =
        rule.every % 7 === 0 && rule.every > 7 ? words.everyWeeks(rule.every / 7, weekday) : words.everyDays(rule.every);
      return `${days} ${words.at([rule.time])}`;
    }
    case 'once': {
      const [date = '', time = ''] = rule.at.replace(/(?:\.000)?Z$/, ' UTC').split('T');
      return `${words.date(date)} ${time.replace(/^(\d\d:\d\d):00/, '$1')}`;
    }
    case 'cron':
      return describeCron(rule.cron, words) ?? `cron ${rule.cron}`;
  }
}

interface Words {
  readonly weekdays: readonly string[];
  readonly months: readonly string[];
  readonly ordinals: readonly string[];
  readonly and: string;
  readonly everyDay: string;
  readonly workdays: string;
  readonly weekends: string;
  readonly lastDay: string;
  everyMinutes(count: number): string;
  everyHours(count: number): string;
  everyDays(count: number): string;
  everyWeeks(count: number, weekday: number): string;
  minutePast(minute: number): string;
  between(from: number, to: number): string;
  everyWeekday(names: string): string;
  countedWeekday(ordinal: string, name: string): string;
  monthDays(days: readonly string[]): string;
  yearDay(day: string, month: string): string;
  at(times: readonly string[]): string;
  date(iso: string): string;
}

const english: Words = {
  weekdays: ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'],
  months: [
    'January',
    'February',
    'March',
    'April',
    'May',
    'June',
    'July',
    'August',
    'September',
    'October',
    'November',
    'December',
  ],
  ordinals: ['first', 'second', 'third', 'fourth', 'fifth', 'last'],
  and: 'and',
  everyDay: 'every day',
  workdays: 'weekdays',
  weekends: 'weekends',
  lastDay: 'last day of the month',
  everyMinutes: (count) => (count === 1 ? 'every minute' : `every ${count} minutes`),
  everyHours: (count) => (count === 1 ? 'every hour' : `every ${count} hours`),
  everyDays: (count) => (count === 1 ? 'every day' : `every ${count} days`),
  everyWeeks: (count, weekday) => `every ${count} weeks on ${english.weekdays[weekday]}`,
  minutePast: (minute) => `at minute ${minute}`,
  between: (from, to) => `between ${clock(from, 0)} and ${clock(to, 0)}`,
  everyWeekday: (names) => `every ${names}`,
  countedWeekday: (ordinal, name) => `${ordinal} ${name} of the month`,
  monthDays: (days) => `every month on day ${listed(days, 'and')}`,
  yearDay: (day, month) => `every year on ${month} ${day}`,
  at: (times) => `at ${listed(times, 'and')}`,
  date: (iso) => iso,
};

const feminine = (weekday: string): boolean => weekday.endsWith('feira');

const portuguese: Words = {
  weekdays: ['domingo', 'segunda-feira', 'terça-feira', 'quarta-feira', 'quinta-feira', 'sexta-feira', 'sábado'],
  months: [
    'janeiro',
    'fevereiro',
    'março',
    'abril',
    'maio',
    'junho',
    'julho',
    'agosto',
    'setembro',
    'outubro',
    'novembro',
    'dezembro',
  ],
  ordinals: ['primeira', 'segunda', 'terceira', 'quarta', 'quinta', 'última'],
  and: 'e',
  everyDay: 'todo dia',
  workdays: 'dias úteis',
  weekends: 'fins de semana',
  lastDay: 'último dia do mês',
  everyMinutes: (count) => (count === 1 ? 'a cada minuto' : `a cada ${count} minutos`),
  everyHours: (count) => (count === 1 ? 'a cada hora' : `a cada ${count} horas`),
  everyDays: (count) => (count === 1 ? 'todo dia' : `a cada ${count} dias`),
  everyWeeks: (count, weekday) =>
    `a cada ${count} semanas ${feminine(portuguese.weekdays[weekday]!) ? 'na' : 'no'} ${portuguese.weekdays[weekday]}`,
  minutePast: (minute) => `no minuto ${minute}`,
  between: (from, to) => `entre ${clock(from, 0)} e ${clock(to, 0)}`,
  everyWeekday: (names) => `${feminine(names.split(/,| e /)[0]!) ? 'toda' : 'todo'} ${names}`,
  countedWeekday: (ordinal, name) => `${feminine(name) ? ordinal : ordinal.replace(/a$/, 'o')} ${name} do mês`,
  monthDays: (days) => `todo mês no dia ${listed(days, 'e')}`,
  yearDay: (day, month) => `todo ano em ${day} de ${month}`,
  at: (times) => `às ${listed(times, 'e')}`,
  date: (iso) => iso.split('-').toReversed().join('/'),
};

function describeCron(cron: string, words: Words): string | null {
  const fields = cron.split(' ');
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields;
  if (fields.length !== 5 || (day !== '*' && weekday !== '*')) return null;
  const days = daysOf(day, month, weekday, words);
  if (days === null) return null;
  const isEveryDay = days === words.everyDay;
  const within = (text: string): string => {
    const range = /^(\d+)-(\d+)(?:\/\d+)?$/.exec(hour);
    return [text, range ? words.between(Number(range[1]), Number(range[2])) : '', isEveryDay ? '' : days]
      .filter(Boolean)
      .join(' ');
  };
  const minutes = /^\*(?:\/(\d+))?$/.exec(minute);
  if (minutes) return /^(?:\*|\d+-\d+)$/.test(hour) ? within(words.everyMinutes(Number(minutes[1] ?? 1))) : null;
  if (!/^\d+$/.test(minute)) return null;
  const hours = /^(?:\*|\d+-\d+)(?:\/(\d+))?$/.exec(hour);
  if (hours) {
    const past = minute === '0' ? '' : ` ${words.minutePast(Number(minute))}`;
    return within(`${words.everyHours(Number(hours[1] ?? 1))}${past}`);
  }
  if (!/^\d+(?:,\d+)*$/.test(hour)) return null;
  return `${days} ${words.at(hour.split(',').map((one) => clock(Number(one), Number(minute))))}`;
}

function daysOf(day: string, month: string, weekday: string, words: Words): string | null {
  if (month !== '*') {
    const name = /^\d+$/.test(month) ? words.months[Number(month) - 1] : undefined;
    return name !== undefined && weekday === '*' && /^\d+$/.test(day) ? words.yearDay(day, name) : null;
  }
  if (day === 'L') return words.lastDay;
  if (day !== '*') return /^\d+(?:,\d+)*$/.test(day) ? words.monthDays(day.split(',')) : null;
  if (weekday === '*') return words.everyDay;
  if (weekday === '1-5') return words.workdays;
  if (weekday === '0,6') return words.weekends;
  const counted = /^([0-6])#([1-5L])$/.exec(weekday);
  if (counted)
    return words.countedWeekday(
      words.ordinals[counted[2] === 'L' ? 5 : Number(counted[2]) - 1]!,
      words.weekdays[Number(counted[1])]!,
    );
  if (!/^[0-6](?:,[0-6])*$/.test(weekday)) return null;
  return words.everyWeekday(
    listed(
      weekday.split(',').map((one) => words.weekdays[Number(one)]!),
      words.and,
    ),
  );
}

function listed(items: readonly string[], and: string): string {
  return items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} ${and} ${items.at(-1)}`;
}

const clock = (hour: number, minute: number): string => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
