import { findPerson, type PlainValue, type TurnScope } from 'gb-core';
import type { Me } from 'gb-protocol';
import { uuidFromText } from 'gb-utils';
import { instantOf, wallMs } from '../../compiler/schedule/index.ts';
import type { Args, InTurnOperation } from '../operation.ts';
import { idFor } from './attendance.ts';
import { sendToPerson } from './messages.ts';
import { detailsArg, isObject, listOf, namesOf, numberArg, textArg, timeArg, timeZoneOf, wordOf, wrong } from './values.ts';

const minuteMs = 60_000;
const minutesDefault = 60;
const dayMinutes = 24 * 60;
const peopleMax = 20;
const day = { en: 'the day', pt: 'o dia' };
const start = { en: 'the start', pt: 'o início' };

/**
 * Appointments. A time of a calendar belongs to one of them: the database keeps two from meeting, in steps of five
 * minutes. BOOK writes into the bot's own calendar, or the one that is named; BOOK MEETING into those of its people. Free
 * times lie between `opening-hours` of config.csv, `09:00-18:00` when nothing is said, on the clock of `time-zone`.
 */
export const appointmentOperations: Readonly<Record<string, InTurnOperation>> = {
  async BOOK(args, scope) {
    const values = listOf(args['values']);
    const [when, ...rest] = values;
    const title = textArg(args['title'], { en: 'the title', pt: 'o título' }, 300);
    const startsAt = timeArg(when, start, scope);
    const minutes = minutesOf(rest.find((one) => typeof one === 'number' || /^\d+$/.test(wordOf(one))));
    const calendar = rest.find((one) => typeof one === 'string' && !/^\d+$/.test(one));
    await book(scope, title, startsAt, minutes, [await calendarOf(scope, calendar)], detailsArg(rest.find(isObject) ?? null));
    return { title, start: wordOf(when), minutes };
  },

  async 'BOOK MEETING'(args, scope) {
    const meeting = args['meeting'];
    const about = isObject(meeting) ? meeting : { title: meeting ?? null, start: listOf(args['values'])[0] ?? null };
    const title = textArg(about['title'], { en: 'the title', pt: 'o título' }, 300);
    const startsAt = timeArg(about['start'], start, scope);
    const end = wordOf(about['end']).trim();
    const minutes = end === '' ? minutesOf(about['minutes'] ?? about['duration']) : minutesUntil(startsAt, end, scope);
    const people = await peopleOf(scope, args, about);
    const calendars = people.map(({ id }) => `user:${id}`);
    await book(scope, title, startsAt, minutes, calendars, detailsArg(about['details'] ?? null));
    for (const { id, locale, kind } of people) {
      if (kind !== 'person') continue;
      const when = wordOf(about['start']);
      const text =
        locale === 'pt-BR' ? `Reunião: **${title}**, ${when}, ${minutes} min` : `Meeting: **${title}**, ${when}, ${minutes} min`;
      await sendToPerson(scope, id, { text });
    }
    return { title, start: wordOf(about['start']), minutes, people: people.map(({ name }) => name) };
  },

  async 'CHECK AVAILABILITY'(args, scope) {
    const values = listOf(args['values']);
    const minutes = minutesOf(values.find((one) => typeof one === 'number' || /^\d+$/.test(wordOf(one))));
    const named = values.find((one) => typeof one === 'string' && !/^\d+$/.test(one));
    const calendar = await calendarOf(scope, named);
    const zone = timeZoneOf(scope);
    const date = new Date(wallMs(timeArg(args['day'], day, scope), zone)).toISOString().slice(0, 10);
    const [opens, closes] = openingHours(scope);
    const at = (minute: number): number => instantOf(`${date}T${clock(minute)}:00`, zone);
    const taken = await scope.tx.appointments.taken(calendar, at(opens), at(Math.min(closes, dayMinutes - 1)));
    const free: string[] = [];
    for (let minute = opens; minute + minutes <= closes; minute += minutes) {
      const [from, to] = [at(minute), at(minute) + minutes * minuteMs];
      if (from >= scope.nowMs && !taken.some((one) => one.startsAt < to && from < one.endsAt)) free.push(clock(minute));
    }
    return free;
  },
};

async function book(
  scope: TurnScope,
  title: string,
  startsAt: number,
  minutes: number,
  calendars: readonly string[],
  details: PlainValue,
): Promise<void> {
  const id = await idFor(scope, 'appointment');
  const personId = scope.userId === scope.botUserId ? null : scope.userId;
  const endsAt = startsAt + minutes * minuteMs;
  if (!(await scope.tx.appointments.book({ id, botId: scope.botId, title, calendars, personId, startsAt, endsAt, details })))
    throw wrong('this time is taken', 'este horário está ocupado');
}

/** A bot has a calendar of its own; a name is another one of it, `@ana` that of a person. */
async function calendarOf(scope: TurnScope, value: PlainValue | undefined): Promise<string> {
  const name = wordOf(value).trim().toLowerCase();
  if (name.startsWith('@') || name.includes('@')) return `user:${(await findPerson(scope.tx, name)).id}`;
  return name === '' ? `bot:${scope.botId}` : `bot:${scope.botId}:${await uuidFromText(`calendar:${name}`)}`;
}

async function peopleOf(scope: TurnScope, args: Args, about: { readonly [name: string]: PlainValue }): Promise<readonly Me[]> {
  const names = [
    ...namesOf(about['people'] ?? about['attendees']),
    ...listOf(args['values'])
      .slice(isObject(args['meeting']) ? 0 : 1)
      .flatMap(namesOf),
  ];
  if (names.length > peopleMax)
    throw wrong(`a meeting has ${peopleMax} people at most`, `uma reunião tem no máximo ${peopleMax} pessoas`);
  const people: Me[] = [];
  for (const name of names) people.push(await findPerson(scope.tx, name));
  if (people.length > 0) return [...new Map(people.map((one) => [one.id, one])).values()];
  const own = await scope.tx.users.get(scope.userId);
  if (!own) throw wrong('nobody takes part', 'ninguém participa');
  return [own];
}

function minutesOf(value: PlainValue | undefined): number {
  const what = { en: 'the length in minutes', pt: 'a duração em minutos' };
  return value === undefined || value === null ? minutesDefault : Math.ceil(numberArg(value, what, 1, dayMinutes));
}

function minutesUntil(startsAt: number, end: string, scope: TurnScope): number {
  const minutes = Math.ceil((timeArg(end, { en: 'the end', pt: 'o fim' }, scope) - startsAt) / minuteMs);
  if (minutes < 1 || minutes > dayMinutes) throw wrong('it ends before it begins', 'termina antes de começar');
  return minutes;
}

function openingHours({ settings }: TurnScope): readonly [opens: number, closes: number] {
  const [, h1, m1, h2, m2] =
    /^\s*(\d{1,2})(?::(\d{2}))?\s*-\s*(\d{1,2})(?::(\d{2}))?\s*$/.exec(settings['opening-hours'] ?? '9-18') ?? [];
  const [opens, closes] = [Number(h1) * 60 + Number(m1 ?? 0), Number(h2) * 60 + Number(m2 ?? 0)];
  if (!(opens < closes && closes <= dayMinutes))
    throw wrong(
      'opening-hours in config.csv is written like 09:00-18:00',
      'opening-hours no config.csv se escreve como 09:00-18:00',
    );
  return [opens, closes];
}

const clock = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
