import { mod, type ScheduleNow, wallMs } from './next-time.ts';
import type { ScheduleRule } from './rule.ts';

export type ReadWords = { readonly rule: ScheduleRule } | { readonly en: string; readonly pt: string };

/** What a phrase says, part by part, in whatever order its parts come. */
interface Said {
  every: { count: number; unit: Unit } | null;
  /** Whole hours in which something repeats, both included. */
  hours: { from: number; to: number } | null;
  times: { hour: number; minute: number }[];
  /** `every night`: its times are told by the hours of that part. */
  part: 'morning' | 'afternoon' | 'evening' | 'night' | null;
  /** `:15` of every hour. */
  minute: number | null;
  weekdays: Set<number>;
  /** As cron has them: `1#1` the first Monday, `5#L` the last Friday. */
  countedWeekdays: string[];
  monthDays: (number | 'L')[];
  month: number | null;
  year: number | null;
  /** Days from today, or the time from now. */
  inDays: number | null;
  inMs: number | null;
  nextWeekday: number | null;
}

/**
 * Words of English and Portuguese, without accents and capital letters, taken out of the phrase one after the other:
 * first what could be mistaken for something else. A phrase of which anything is left was not understood.
 */
export function readWords(text: string, now: ScheduleNow | null): ReadWords {
  const phrase = new Phrase(text);
  const said: Said = {
    every: null,
    hours: null,
    times: [],
    part: null,
    minute: null,
    weekdays: new Set(),
    countedWeekdays: [],
    monthDays: [],
    month: null,
    year: null,
    inDays: null,
    inMs: null,
    nextWeekday: null,
  };
  readFromNow(phrase, said);
  readCount(phrase, said);
  readHours(phrase, said);
  readPart(phrase, said);
  readTimes(phrase, said);
  readCounted(phrase, said);
  readEvery(phrase, said);
  readWeekdays(phrase, said);
  readDays(phrase, said);
  const left = phrase.left();
  if (left !== '')
    return {
      en: `"${left}" was not understood; write it like "every monday at 9:30", or as five fields of cron.`,
      pt: `"${left}" não foi entendido; escreva como "toda segunda às 9h30" ou em cinco campos de cron.`,
    };
  return ruleOf(said, now);
}

const numbers: Readonly<Record<string, number>> = Object.fromEntries(
  [
    ['a', 'an', 'one', 'um', 'uma', '1'],
    ['two', 'dois', 'duas', 'other', '2'],
    ['three', 'tres', '3'],
    ['four', 'quatro', '4'],
    ['five', 'cinco', '5'],
    ['six', 'seis', '6'],
    ['seven', 'sete', '7'],
    ['eight', 'oito', '8'],
    ['nine', 'nove', '9'],
    ['ten', 'dez', '10'],
    ['', 'onze', 'eleven'],
    ['twelve', 'doze'],
  ].flatMap((words, index) => words.filter(Boolean).map((word) => [word, index + 1])),
);
const number = `(\\d{1,4}|${Object.keys(numbers)
  .filter((word) => !/\d/.test(word))
  .join('|')})`;
const numberOf = (word: string): number => numbers[word] ?? Number(word);

const units = {
  minute: 'minutes?|minutos?|mins?',
  hour: 'hours?|horas?|hrs?|h',
  day: 'days?|dias?',
  week: 'weeks?|semanas?',
  month: 'months?|mes|meses',
  year: 'years?|anos?',
} as const;
type Unit = keyof typeof units;
const unitNames = Object.keys(units) as Unit[];
const unit = `(${Object.values(units).join('|')})`;
const unitOf = (word: string): Unit => unitNames.find((name) => new RegExp(`^(?:${units[name]})$`).test(word))!;

const weekdays = [
  'sun(?:day)?s?|domingos?|dom',
  'mon(?:day)?s?|segundas?(?:[- ]feiras?)?|seg',
  'tue(?:s|sday)?s?|tercas?(?:[- ]feiras?)?|ter',
  'wed(?:nesday)?s?|quartas?(?:[- ]feiras?)?|qua',
  'thu(?:rs?|rsday)?s?|quintas?(?:[- ]feiras?)?|qui',
  'fri(?:day)?s?|sextas?(?:[- ]feiras?)?|sex',
  'sat(?:urday)?s?|sabados?|sab',
];
const weekday = `(${weekdays.join('|')})`;
const weekdayOf = (word: string): number => weekdays.findIndex((names) => new RegExp(`^(?:${names})$`).test(word));

const months = [
  'jan(?:uary|eiro)?',
  'feb(?:ruary)?|fev(?:ereiro)?',
  'mar(?:ch|co)?',
  'apr(?:il)?|abr(?:il)?',
  'may|mai(?:o)?',
  'june?|jun(?:ho)?',
  'july?|jul(?:ho)?',
  'aug(?:ust)?|ago(?:sto)?',
  'sept?(?:ember)?|set(?:embro)?',
  'oct(?:ober)?|out(?:ubro)?',
  'nov(?:ember|embro)?',
  'dec(?:ember)?|dez(?:embro)?',
];
const month = `(${months.join('|')})`;
const monthOf = (word: string): number => months.findIndex((names) => new RegExp(`^(?:${names})$`).test(word)) + 1;

const ordinals = [
  'first|1st|primeir[ao]',
  'second|2nd|segund[ao]',
  'third|3rd|terceir[ao]',
  'fourth|4th|quart[ao]',
  'fifth|5th|quint[ao]',
];
const ordinalOf = (word: string): number => ordinals.findIndex((names) => new RegExp(`^(?:${names})$`).test(word)) + 1;

const hourOfDay = '(\\d{1,2})';
const half = '(?: ?([ap])\\.?m\\.?| ?(?:da|de|in the) (manha|madrugada|tarde|noite|morning|afternoon|evening))';

class Phrase {
  #text: string;

  constructor(text: string) {
    this.#text = ` ${text
      .normalize('NFD')
      .replace(/\p{M}/gu, '')
      .toLowerCase()
      .replace(/[,;]/g, ' , ')
      .replace(/\s+/g, ' ')
      .trim()
      .replace(/\.$/, '')} `;
  }

  /** Takes a match of whole words away; its groups, or null. */
  take(pattern: string): (string | undefined)[] | null {
    const match = new RegExp(`(?<= )(?:${pattern})(?= )`).exec(this.#text);
    if (!match) return null;
    this.#text = `${this.#text.slice(0, match.index)}|${this.#text.slice(match.index + match[0].length)}`.replace(
      / ?\| ?/,
      ' | ',
    );
    return match.slice(1);
  }

  /** What nobody took, without words that only join. */
  left(): string {
    return this.#text
      .split(' ')
      .filter((word) => word !== '' && !joining.has(word))
      .join(' ');
  }
}

const joining = new Set(
  '| , on at the of in each every and e em no na nos nas do da de dos das o a os as ao cada todo toda todos todas day dia dias from to'.split(
    ' ',
  ),
);

function readFromNow(phrase: Phrase, said: Said): void {
  // Not the second half of "de 15 em 15 minutos".
  const later = phrase.take(`(?<! de [^ ]+ )(?:in|em|daqui a|dentro de) ${number} ${unit}`);
  if (later) {
    const name = unitOf(later[1]!);
    const count = numberOf(later[0]!);
    if (name === 'minute' || name === 'hour') said.inMs = count * (name === 'hour' ? 3_600_000 : 60_000);
    else if (name === 'day' || name === 'week') said.inDays = count * (name === 'week' ? 7 : 1);
    else said.inMs = Number.NaN;
  }
  if (phrase.take('depois de amanha|(?:the )?day after tomorrow')) said.inDays = 2;
  else if (phrase.take('tomorrow|amanha')) said.inDays = 1;
  else if (phrase.take('today|hoje|tonight')) said.inDays = 0;
  const next = phrase.take(`(?:next|proxim[ao]|na proxima|no proximo) ${weekday}`);
  if (next) said.nextWeekday = weekdayOf(next[0]!);
}

/** `between 9 and 17`, `das 9h às 18h`: only together with what repeats within the day. */
function readHours(phrase: Phrase, said: Said): void {
  const time = `${hourOfDay}(?::00| ?h(?:oras|rs|s)?|h00)?${half}?`;
  const range =
    phrase.take(`between ${time} and ${time}|entre (?:as )?${time} e (?:as )?${time}`) ??
    phrase.take(`from ${time} (?:to|until|till) ${time}|das ${time} (?:as|ate as) ${time}`);
  if (!range) return;
  const [from, fromHalf, fromPart, to, toHalf, toPart] = range[0] === undefined ? range.slice(6) : range;
  said.hours = { from: hour24(from!, fromHalf, fromPart), to: hour24(to!, toHalf, toPart) };
}

/** `every night at 11`: every day, and 11 is 23:00. Before the times, for "noite às 11" is none. */
function readPart(phrase: Phrase, said: Said): void {
  const parts = [
    ['mornings?|manhas?', 'morning'],
    ['afternoons?|tardes?', 'afternoon'],
    ['evenings?', 'evening'],
    ['nights?|noites?', 'night'],
  ] as const;
  const found = parts.find(([names]) => phrase.take(`(?:every|each|cada|toda|todas as) (?:${names})`));
  if (!found) return;
  said.part = found[1];
  said.every ??= { count: 1, unit: 'day' };
}

function readTimes(phrase: Phrase, said: Said): void {
  const quarter = phrase.take(
    '(?:at |aos |no )?(?:minute |minuto |:)(\\d{1,2})|at (\\d{1,2}) (?:minutes )?past(?: the hour)?|aos (\\d{1,2}) minutos',
  );
  if (quarter) said.minute = Number(quarter.find((group) => group !== undefined));
  const at = '(?:at|as|a|,|and|e|and at|e as)';
  for (;;) {
    const named = phrase.take(`(?:${at} )?(?:(noon|midday|meio[- ]dia)|midnight|meia[- ]noite)`);
    if (named) {
      said.times.push({ hour: named[0] === undefined ? 0 : 12, minute: 0 });
      continue;
    }
    const clock =
      phrase.take(`(?:${at} )?${hourOfDay}(?:[:h](\\d\\d)(?:hs?|min|m| horas| hrs)?)${half}?`) ??
      phrase.take(`(?:${at} )?${hourOfDay}()${half}`) ??
      phrase.take(`(?:${at} )?${hourOfDay}()(?: ?(?:h|hs|horas|hrs|o'clock)(?: em ponto)?)${half}?`);
    if (!clock) break;
    said.times.push(timeOf(clock));
  }
  const bare = phrase.take(`(?:at|as|a) ${hourOfDay}(?: (?:and|e)(?: at| as)? ${hourOfDay})?`);
  for (const hour of bare ?? []) if (hour !== undefined) said.times.push({ hour: Number(hour), minute: 0 });
  if (said.part !== null) said.times = said.times.map(({ hour, minute }) => ({ hour: hourOfPart(hour, said.part!), minute }));
}

/** 12 and the small hours of a night are after midnight. Twenty-four hours stay what they are. */
function hourOfPart(hour: number, part: NonNullable<Said['part']>): number {
  if (part === 'morning' || hour > 12) return hour;
  if (part === 'night') return hour === 12 ? 0 : hour < 6 ? hour : hour + 12;
  return (hour % 12) + 12;
}

function timeOf([hour, minute, letter, part]: readonly (string | undefined)[]): { hour: number; minute: number } {
  return { hour: hour24(hour!, letter, part), minute: Number(minute || 0) };
}

/** NaN for 13pm. */
function hour24(text: string, letter: string | undefined, part: string | undefined): number {
  const hour = Number(text);
  const isLate = letter === 'p' || ['tarde', 'noite', 'afternoon', 'evening'].includes(part ?? '');
  if (letter === undefined && part === undefined) return hour;
  if (hour > 12 || hour === 0) return letter === undefined ? hour : Number.NaN;
  return (hour % 12) + (isLate ? 12 : 0);
}

/** `every 15 minutes`: before the times, for "5 horas" is one of them elsewhere. */
function readCount(phrase: Phrase, said: Said): void {
  if (phrase.take('(?:every|each|todo|cada|a cada) (?:quarter|trimestre)|quarterly|trimestralmente')) {
    said.every = { count: 3, unit: 'month' };
    return;
  }
  if (phrase.take('(?:every|each) 2nd day|dia sim ,? ?dia nao')) {
    said.every = { count: 2, unit: 'day' };
    return;
  }
  if (phrase.take('(?:every|each|a cada|cada) (?:half(?: an)? hour|meia hora)|de meia em meia hora')) {
    said.every = { count: 30, unit: 'minute' };
    return;
  }
  if (phrase.take('(?:every |each )fortnight|fortnightly|quinzenalmente|a cada quinzena')) {
    said.every = { count: 2, unit: 'week' };
    return;
  }
  const once = phrase.take(`(?:once (?:a|an|every|each|per)|uma vez (?:por|ao|a cada)) ${unit}`);
  if (once) {
    said.every = { count: 1, unit: unitOf(once[0]!) };
    return;
  }
  const counted = phrase.take(
    `(?:every|each|a cada|cada|de) ${number} (?:em (?:\\d+|${Object.keys(numbers)
      .filter((word) => !/\d/.test(word))
      .join('|')}) )?${unit}`,
  );
  if (counted) {
    said.every = { count: numberOf(counted[0]!), unit: unitOf(counted[1]!) };
    return;
  }
}

function readEvery(phrase: Phrase, said: Said): void {
  const once: readonly (readonly [pattern: string, unit: Unit])[] = [
    ['(?:every|each|a cada|cada|todo|por) minut[eo]|minutely', 'minute'],
    ['(?:every|each|a cada|cada|toda|por) h(?:our|ora)|hourly|de hora em hora|todas as horas', 'hour'],
    ['yearly|annually|anualmente|(?:every|each|todo|cada) (?:year|ano)|todos os anos', 'year'],
    ['monthly|mensalmente|(?:every|each|todo|cada) (?:month|mes)|todos os meses', 'month'],
    ['weekly|semanalmente|(?:every|each|toda|cada) (?:week|semana)|todas as semanas', 'week'],
    ['daily|everyday|diariamente|(?:every|each|todo|cada) (?:single )?(?:day|dia)(?! \\d)|todos os dias|all days', 'day'],
  ];
  if (said.every !== null) return;
  // Every other week: which Friday of a month was taken before.
  const alternate = phrase.take(`(?:every|each) (?:other|second|2nd) ${weekday}`);
  if (alternate) {
    said.every = { count: 2, unit: 'week' };
    said.weekdays.add(weekdayOf(alternate[0]!));
    return;
  }
  const found = once.find(([pattern]) => phrase.take(pattern));
  if (found) said.every = { count: 1, unit: found[1] };
}

const ofMonth = '(?:of (?:each|every|the) month|of month|d[eo] (?:cada |todo )?mes|do mes)';

/** `first monday of the month`, `último dia do mês`: here a day is not every one of its name. */
function readCounted(phrase: Phrase, said: Said): void {
  for (;;) {
    const counted = phrase.take(`(?:(last|ultim[ao])|(${ordinals.join('|')})) ${weekday} ${ofMonth}`);
    if (!counted) break;
    const day = weekdayOf(counted[2]!);
    said.countedWeekdays.push(counted[0] === undefined ? `${day}#${ordinalOf(counted[1]!)}` : `${day}#L`);
  }
  if (phrase.take(`(?:the |o |no )?(?:last day|ultimo dia) ${ofMonth}`)) said.monthDays.push('L');
  if (phrase.take(`(?:on )?(?:the |o |no )?(?:first(?: day)?|primeiro dia) ${ofMonth}`)) said.monthDays.push(1);
}

function readWeekdays(phrase: Phrase, said: Said): void {
  if (
    phrase.take(
      '(?:every |each |on |all )?(?:week ?days?|business days?|working days?|work ?days?)|(?:em |nos |todos os |todo )?dias? ut(?:eis|il)',
    )
  )
    for (const day of [1, 2, 3, 4, 5]) said.weekdays.add(day);
  if (
    phrase.take(
      '(?:every |each |on |on the |all )?weekends?|(?:em |nos |no |todo |todos os )?(?:fim|fins|finais|final) de semana',
    )
  )
    for (const day of [0, 6]) said.weekdays.add(day);
  const range = phrase.take(`${weekday} ?(?:to|through|thru|until|ate|a|-) ?${weekday}`);
  if (range) {
    const [from, to] = [weekdayOf(range[0]!), weekdayOf(range[1]!)];
    for (let day = from; ; day = (day + 1) % 7) {
      said.weekdays.add(day);
      if (day === to) break;
    }
  }
  for (let one = phrase.take(weekday); one; one = phrase.take(weekday)) said.weekdays.add(weekdayOf(one[0]!));
}

function readDays(phrase: Phrase, said: Said): void {
  const named =
    phrase.take(`${month} (\\d{1,2})(?:st|nd|rd|th)?(?: ,)?(?: (\\d{4}))?`) ??
    phrase.take(`(?:the )?(\\d{1,2})(?:st|nd|rd|th|o|º)?(?: of| de)? ${month}(?: ,)?(?: de)?(?: (\\d{4}))?`);
  if (named) {
    const isMonthFirst = /^\D/.test(named[0]!);
    said.month = monthOf(named[isMonthFirst ? 0 : 1]!);
    said.monthDays.push(Number(named[isMonthFirst ? 1 : 0]));
    said.year = named[2] === undefined ? null : Number(named[2]);
    return;
  }
  const whole = phrase.take(ofMonth);
  for (;;) {
    const day =
      phrase.take('(?:and |e )?(?:the )?(\\d{1,2})(?:st|nd|rd|th)') ??
      phrase.take('(?:todo |cada |no |nos |every |each |on )?(?:day|dia|dias|days) (\\d{1,2})(?:o|º)?') ??
      phrase.take('(?:and|e|,|\\|) (?:dia |day )?(\\d{1,2})');
    if (!day) break;
    said.monthDays.push(Number(day[0]));
  }
  if (whole && said.every === null) said.every = { count: 1, unit: 'month' };
}

function ruleOf(said: Said, now: ScheduleNow | null): ReadWords {
  const wrong = (en: string, pt: string): ReadWords => ({ en, pt });
  const { times, every } = said;
  for (const { hour, minute } of [
    ...times,
    ...(said.hours
      ? [
          { hour: said.hours.from, minute: 0 },
          { hour: said.hours.to, minute: 0 },
        ]
      : []),
  ])
    if (!(hour >= 0 && hour <= 23 && minute <= 59)) return wrong('There is no such time of day.', 'Não existe esta hora do dia.');
  if (said.minute !== null && said.minute > 59) return wrong('An hour has minutes 0 to 59.', 'Uma hora tem minutos de 0 a 59.');
  if (said.monthDays.some((day) => day !== 'L' && (day < 1 || day > 31)))
    return wrong('A month has days 1 to 31.', 'Um mês tem dias de 1 a 31.');
  if (every !== null && !(every.count >= 1 && every.count <= 1000))
    return wrong(
      'Repeat every 1 to 1000 minutes, hours, days or weeks.',
      'Repita a cada 1 a 1000 minutos, horas, dias ou semanas.',
    );
  if (said.inMs !== null || said.inDays !== null || said.nextWeekday !== null || said.year !== null) return onceOf(said, now);
  if (every !== null && (every.unit === 'minute' || every.unit === 'hour')) return withinDay(said, every.count, every.unit);
  if (said.hours !== null)
    return wrong(
      'Hours "between" need something that repeats, like "every 15 minutes between 9 and 17".',
      'Horas "entre" precisam de algo que se repita, como "a cada 15 minutos das 9h às 17h".',
    );
  if (said.part !== null && times.length === 0)
    return wrong('Say at what time too: "every morning at 9".', 'Diga também a que horas: "toda manhã às 9h".');
  const isMonthly = said.monthDays.length > 0 || said.countedWeekdays.length > 0;
  if (every === null && !isMonthly && said.weekdays.size === 0) {
    if (times.length === 0) return wrong('It does not say when.', 'Não diz quando.');
    return wrong(
      'It says a time, but not on which days: "every day at 9", for one.',
      'Diz a hora, mas não em que dias: "todo dia às 9h", por exemplo.',
    );
  }
  if (said.month !== null && every?.unit !== 'year' && every !== null)
    return wrong('A day of one month comes once a year.', 'Um dia de um só mês vem uma vez por ano.');
  const minutes = new Set(times.map(({ minute }) => minute));
  if (minutes.size > 1)
    return wrong(
      'Several times need the same minutes; write a SET SCHEDULE for each.',
      'Várias horas precisam dos mesmos minutos; escreva um SET SCHEDULE para cada uma.',
    );
  const minute = times[0]?.minute ?? 0;
  const hours = [...new Set(times.map(({ hour }) => hour))].sort((a, b) => a - b).join(',') || '0';
  if (every !== null && every.count > 1 && every.unit !== 'month')
    return daysOf(said, every.count, every.unit, `${hours}:${minute}`);
  const days = said.monthDays.join(',');
  const weekdaysOnly = [...[...said.weekdays].sort((a, b) => a - b).map(String), ...said.countedWeekdays].join(',');
  let dayField = days || '*';
  let monthField = said.month === null ? '*' : String(said.month);
  let weekdayField = weekdaysOnly === '1,2,3,4,5' ? '1-5' : weekdaysOnly || '*';
  if (every?.unit === 'week' && weekdaysOnly === '' && days === '') weekdayField = '1';
  if (every?.unit === 'month' && days === '' && weekdaysOnly === '') dayField = '1';
  if (every?.unit === 'month' && every.count > 1) {
    if (12 % every.count !== 0 || said.month !== null)
      return wrong('Months repeat every 2, 3, 4, 6 or 12.', 'Meses se repetem a cada 2, 3, 4, 6 ou 12.');
    monthField = every.count === 12 ? '1' : `1-12/${every.count}`;
  }
  if (every?.unit === 'year') {
    if (every.count > 1) return wrong('Years repeat every year.', 'Anos se repetem todo ano.');
    if (said.month === null) [dayField, monthField] = [days || '1', '1'];
  }
  return { rule: { kind: 'cron', cron: `${minute} ${hours} ${dayField} ${monthField} ${weekdayField}` } };
}

/** `every 15 minutes`, also only between some hours or on some days. */
function withinDay(said: Said, count: number, name: 'minute' | 'hour'): ReadWords {
  const isDaily =
    said.hours === null && said.weekdays.size === 0 && said.monthDays.length === 0 && said.countedWeekdays.length === 0;
  if (said.times.length > 1 || (said.times.length === 1 && (name === 'minute' || count === 1)))
    return {
      en: 'What repeats within the day has no time of day; say "between 9 and 17" for its hours.',
      pt: 'O que se repete dentro do dia não tem hora; diga "das 9h às 17h" para as horas.',
    };
  const first = said.times[0];
  const minute = said.minute ?? first?.minute ?? 0;
  const base = name === 'hour' ? 24 : 60;
  if (base % count !== 0 || (first !== undefined && !isDaily)) {
    if (isDaily && first === undefined && said.minute === null)
      return { rule: { kind: 'minutes', every: count * (name === 'hour' ? 60 : 1) } };
    return {
      en: 'Together with hours or days, minutes repeat every 1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30 or 60, and hours every 1, 2, 3, 4, 6, 8 or 12.',
      pt: 'Junto com horas ou dias, minutos se repetem a cada 1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30 ou 60, e horas a cada 1, 2, 3, 4, 6, 8 ou 12.',
    };
  }
  const { from, to } = said.hours ?? { from: 0, to: 23 };
  if (from > to)
    return {
      en: 'The hours go over midnight; write two schedules.',
      pt: 'As horas passam da meia-noite; escreva dois agendamentos.',
    };
  const step = (size: number) => (size === 1 ? '' : `/${size}`);
  const range = said.hours === null ? '*' : `${from}-${to}`;
  const minutes = name === 'hour' ? String(minute) : count === 60 ? String(minute) : `*${step(count)}`;
  const phase = first ? mod(first.hour, count) : 0;
  const hours = name === 'hour' ? (phase === 0 || count === 1 ? `${range}${step(count)}` : `${phase}-23${step(count)}`) : range;
  const weekdaysOnly = [...[...said.weekdays].sort((a, b) => a - b).map(String), ...said.countedWeekdays].join(',');
  const weekdayField = weekdaysOnly === '1,2,3,4,5' ? '1-5' : weekdaysOnly || '*';
  return {
    rule: { kind: 'cron', cron: `${minutes} ${hours} ${said.monthDays.join(',') || '*'} ${said.month ?? '*'} ${weekdayField}` },
  };
}

/** `every 2 days`, `every 2 weeks on friday`: counted from 1970, so that no restart moves them. */
function daysOf(said: Said, count: number, name: Unit, clock: string): ReadWords {
  const [hours = '0', minute = '0'] = clock.split(':');
  const isPlain = said.monthDays.length === 0 && said.countedWeekdays.length === 0 && said.month === null;
  if (!isPlain || hours.includes(',') || said.weekdays.size > (name === 'week' ? 1 : 0) || (name !== 'week' && name !== 'day'))
    return {
      en: 'Every so many days or weeks there can be one time and, of weeks, one day: "every 2 weeks on friday at 15:00".',
      pt: 'A cada tantos dias ou semanas pode haver uma hora e, das semanas, um dia: "a cada 2 semanas na sexta às 15h".',
    };
  const time = `${hours.padStart(2, '0')}:${minute.padStart(2, '0')}`;
  if (name === 'day') return { rule: { kind: 'days', every: count, phase: 0, time } };
  // 1970-01-01, day 0, was a Thursday.
  const [day = 1] = said.weekdays;
  return { rule: { kind: 'days', every: count * 7, phase: mod(day - 4, 7), time } };
}

function onceOf(said: Said, now: ScheduleNow | null): ReadWords {
  const { times } = said;
  const isMixed = said.every !== null || said.weekdays.size > 0 || said.countedWeekdays.length > 0 || said.hours !== null;
  if (isMixed || times.length > 1 || Number.isNaN(said.inMs) || (said.inMs !== null && times.length > 0))
    return {
      en: 'A single time is said like "tomorrow at 9:00", "in 2 hours" or "2026-12-31 09:00".',
      pt: 'Uma só vez se diz como "amanhã às 9h", "em 2 horas" ou "31/12/2026 09:00".',
    };
  const { hour, minute } = times[0] ?? { hour: 0, minute: 0 };
  const two = (value: number) => String(value).padStart(2, '0');
  const clock = `${two(hour)}:${two(minute)}:00`;
  if (said.year !== null) {
    const day = `${said.year}-${two(said.month!)}-${two(Number(said.monthDays[0]))}`;
    const isReal = new Date(`${day}T00:00:00Z`).toJSON()?.slice(0, 10) === day;
    return isReal
      ? { rule: { kind: 'once', at: `${day}T${clock}` } }
      : { en: `There is no such day: ${day}.`, pt: `Não existe este dia: ${day}.` };
  }
  if (now === null)
    return {
      en: 'Say the date itself, like "2026-12-31 09:00".',
      pt: 'Diga a própria data, como "31/12/2026 09:00".',
    };
  if (said.inMs !== null) return { rule: { kind: 'once', at: new Date(now.nowMs + said.inMs).toISOString() } };
  const wall = wallMs(now.nowMs, now.timeZone);
  const today = Math.floor(wall / 86_400_000);
  const days = said.nextWeekday === null ? said.inDays! : mod(said.nextWeekday - mod(today + 4, 7) - 1, 7) + 1;
  const isSameClock = said.inDays !== null && said.inDays > 0 && times.length === 0 && said.nextWeekday === null;
  const day = new Date((today + days) * 86_400_000).toISOString().slice(0, 10);
  // "in 3 days" without a time is at this time of day; "tomorrow" begins with its day.
  return {
    rule: {
      kind: 'once',
      at: isSameClock && said.inDays! > 2 ? `${day}T${new Date(wall).toISOString().slice(11, 19)}` : `${day}T${clock}`,
    },
  };
}
