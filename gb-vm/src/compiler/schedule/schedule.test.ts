import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeSchedule, nextTime, parseSchedule } from './index.ts';
import { instantOf, wallMs } from './next-time.ts';
import type { ScheduleRule } from './rule.ts';

const saoPaulo = { nowMs: Date.parse('2026-07-15T12:00:00Z'), timeZone: 'America/Sao_Paulo' };
const cron = (text: string): ScheduleRule => ({ kind: 'cron', cron: text });

function rule(text: string): ScheduleRule {
  const parsed = parseSchedule(text, 'en', saoPaulo);
  if ('problem' in parsed) throw new Error(`${text}: ${parsed.problem}`);
  return parsed.rule;
}

describe('words', () => {
  test.each([
    ['every hour', '0 * * * *'],
    ['hourly', '0 * * * *'],
    ['every 1 hour', '0 * * * *'],
    ['every hour at :15', '15 * * * *'],
    ['every minute', '* * * * *'],
    ['every 5 minutes', '*/5 * * * *'],
    ['every 2 hours', '0 */2 * * *'],
    ['weekdays at 8am', '0 8 * * 1-5'],
    ['every monday at 9:30', '30 9 * * 1'],
    ['Mondays, Wednesdays and Fridays at 6 PM', '0 18 * * 1,3,5'],
    ['monday to friday at 9', '0 9 * * 1-5'],
    ['every weekend at 10', '0 10 * * 0,6'],
    ['on the 1st of each month at 8', '0 8 1 * *'],
    ['on the 1st and 15th at 8', '0 8 1,15 * *'],
    ['last day of the month at 23:30', '30 23 L * *'],
    ['first monday of the month at 9', '0 9 * * 1#1'],
    ['second tuesday of each month at 10', '0 10 * * 2#2'],
    ['every day at noon', '0 12 * * *'],
    ['every day at midnight', '0 0 * * *'],
    ['daily at 12am', '0 0 * * *'],
    ['daily at 12:15 pm', '15 12 * * *'],
    ['every day at 8 and 18', '0 8,18 * * *'],
    ['every 15 minutes between 9 and 17 on weekdays', '*/15 9-17 * * 1-5'],
    ['every year on december 25 at 9', '0 9 25 12 *'],
    ['every 3 months', '0 0 1 1-12/3 *'],
    ['weekly on sunday at 20:00', '0 20 * * 0'],
    ['a cada 15 minutos', '*/15 * * * *'],
    ['de hora em hora', '0 * * * *'],
    ['toda segunda às 9h', '0 9 * * 1'],
    ['Toda SEXTA-FEIRA às 17:30', '30 17 * * 5'],
    ['segundas e quartas às 8h', '0 8 * * 1,3'],
    ['de segunda a sexta às 9h', '0 9 * * 1-5'],
    ['dias úteis às 8h30', '30 8 * * 1-5'],
    ['fins de semana às 10h', '0 10 * * 0,6'],
    ['todo dia às 8h e às 18h', '0 8,18 * * *'],
    ['todo dia às 3 da tarde', '0 15 * * *'],
    ['todo dia ao meio-dia', '0 12 * * *'],
    ['todo dia 5 às 10h', '0 10 5 * *'],
    ['dia 1 e 15 de cada mês às 8h', '0 8 1,15 * *'],
    ['último dia do mês às 18h', '0 18 L * *'],
    ['primeira segunda do mês às 9h', '0 9 * * 1#1'],
    ['última sexta do mês às 17h', '0 17 * * 5#L'],
    ['segunda terça do mês às 10h', '0 10 * * 2#2'],
    ['a cada 15 minutos das 9h às 18h em dias úteis', '*/15 9-18 * * 1-5'],
    ['todo ano em 25 de dezembro às 8h', '0 8 25 12 *'],
    ['mensalmente no dia 10', '0 0 10 * *'],
    ['first day of the month at 8', '0 8 1 * *'],
    ['on the first of every month at 8am', '0 8 1 * *'],
    ['primeiro dia do mês às 8h', '0 8 1 * *'],
    ['every morning at 7', '0 7 * * *'],
    ['every afternoon at 3:30', '30 15 * * *'],
    ['every evening at 8', '0 20 * * *'],
    ['every night at 11', '0 23 * * *'],
    ['every night at 12', '0 0 * * *'],
    ['every night at 2', '0 2 * * *'],
    ['toda manhã às 7h', '0 7 * * *'],
    ['toda tarde às 3', '0 15 * * *'],
    ['toda noite às 23h', '0 23 * * *'],
    ['every half hour', '*/30 * * * *'],
    ['every half an hour', '*/30 * * * *'],
    ['a cada meia hora', '*/30 * * * *'],
    ['de 15 em 15 minutos', '*/15 * * * *'],
    ['once a day at 9', '0 9 * * *'],
    ['uma vez por semana na sexta às 9h', '0 9 * * 5'],
    ['todas as sextas às 17:30 horas', '30 17 * * 5'],
    ['@daily', '0 0 * * *'],
    ['0 9 * * 1', '0 9 * * 1'],
    ['0 0 9 ? * mon-fri', '0 9 * * MON-FRI'],
    ['30 0 9 * * *', '30 0 9 * * *'],
  ])('%s', (text, wanted) => {
    expect(rule(text)).toEqual(cron(wanted));
  });

  test('what cron cannot say counts from 1970, so that a restart does not move it', () => {
    expect(rule('every 45 minutes')).toEqual({ kind: 'minutes', every: 45 });
    expect(rule('a cada 5 horas')).toEqual({ kind: 'minutes', every: 300 });
    expect(rule('every other day at 7')).toEqual({ kind: 'days', every: 2, phase: 0, time: '07:00' });
    const fridays = rule('a cada 2 semanas na sexta às 15h');
    expect(fridays).toEqual({ kind: 'days', every: 14, phase: 1, time: '15:00' });
    expect(new Date(nextTime(fridays, saoPaulo.nowMs, 'UTC')!).getUTCDay()).toBe(5);
    expect(rule('every second friday at 15:00')).toEqual(fridays);
    expect(rule('every other friday at 3 pm')).toEqual(fridays);
    expect(rule('quinzenalmente na sexta às 15h')).toEqual(fridays);
    expect(rule('every second friday of the month at 15:00')).toEqual(cron('0 15 * * 5#2'));
  });

  test.each([
    ['tomorrow at 9', '2026-07-16T09:00:00'],
    ['amanhã às 9h', '2026-07-16T09:00:00'],
    ['depois de amanhã às 9h30', '2026-07-17T09:30:00'],
    ['hoje às 18h', '2026-07-15T18:00:00'],
    ['next monday at 10', '2026-07-20T10:00:00'],
    ['próxima quarta às 10h', '2026-07-22T10:00:00'],
    ['in 2 hours', '2026-07-15T14:00:00.000Z'],
    ['daqui a 3 dias às 9h', '2026-07-18T09:00:00'],
    ['25 de dezembro de 2026 às 9h', '2026-12-25T09:00:00'],
    ['December 31, 2026 at 9am', '2026-12-31T09:00:00'],
    ['31/12/2026 9:00', '2026-12-31T09:00:00'],
    ['2026-12-31 14:30:05', '2026-12-31T14:30:05'],
    ['2026-12-31', '2026-12-31T00:00:00'],
    ['2026-12-31T09:00:00-03:00', '2026-12-31T12:00:00.000Z'],
  ])('once: %s', (text, at) => {
    expect(rule(text)).toEqual({ kind: 'once', at });
  });

  test.each([
    '',
    'soon',
    'every morning',
    'every day at 25:00',
    'every day at 13pm',
    'every day at 9:75',
    'todo dia 45 às 9h',
    'every day at 8am and 5:30pm',
    'noon',
    'every 45 minutes on weekdays',
    'every 0 minutes',
    'every 7 hours between 9 and 17',
    'every hour between 22 and 4',
    '30/02/2026',
    '2026-13-01',
    'february 30, 2026',
    '*/10 * * * * *',
    '* * * * * *',
    '61 * * * *',
    '0 9 * * 9',
    '1 2 3 4 5 6 7',
    'every day; DROP TABLE x',
    'x'.repeat(1000),
  ])('is no schedule: %s', (text) => {
    const english = parseSchedule(text, 'en', saoPaulo);
    const portuguese = parseSchedule(text, 'pt-BR', saoPaulo);
    expect(english).toEqual({ problem: expect.any(String) });
    expect(portuguese).toEqual({ problem: expect.any(String) });
    expect(portuguese).not.toEqual(english);
  });

  test('what is counted from now needs a now, and a time zone there is', () => {
    expect(parseSchedule('tomorrow at 9', 'en')).toEqual({ problem: expect.stringContaining('the date itself') });
    expect(parseSchedule('daily', 'en', { nowMs: 0, timeZone: 'Mars/Olympus' })).toEqual({
      problem: 'There is no time zone Mars/Olympus.',
    });
    expect(parseSchedule('daily', 'en')).toEqual({ rule: cron('0 0 * * *') });
  });

  test('noise is answered at once, whatever it is made of', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.constantFrom(
              'every',
              'a',
              'cada',
              'at',
              'às',
              'monday',
              'segunda',
              'de',
              'dia',
              'first',
              'between',
              'and',
              '9h',
              '15',
              ':',
              'do',
              'mês',
              ',',
              '/',
              '*',
            ),
            fc.string({ maxLength: 6 }),
          ),
          { maxLength: 40 },
        ),
        (words) => {
          const parsed = parseSchedule(words.join(' '), 'en', saoPaulo);
          if ('rule' in parsed) nextTime(parsed.rule, saoPaulo.nowMs, saoPaulo.timeZone);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('in words again', () => {
  test.each([
    ['0 * * * *', 'every hour', 'a cada hora'],
    [
      '*/15 9-17 * * 1-5',
      'every 15 minutes between 09:00 and 17:00 weekdays',
      'a cada 15 minutos entre 09:00 e 17:00 dias úteis',
    ],
    ['30 9 * * 1', 'every Monday at 09:30', 'toda segunda-feira às 09:30'],
    ['0 9 * * 0,6', 'weekends at 09:00', 'fins de semana às 09:00'],
    ['0 8 5,20 * *', 'every month on day 5 and 20 at 08:00', 'todo mês no dia 5 e 20 às 08:00'],
    ['0 18 L * *', 'last day of the month at 18:00', 'último dia do mês às 18:00'],
    ['0 9 * * 6#L', 'last Saturday of the month at 09:00', 'último sábado do mês às 09:00'],
    ['0 9 25 12 *', 'every year on December 25 at 09:00', 'todo ano em 25 de dezembro às 09:00'],
    ['0 9 1 * 1', 'cron 0 9 1 * 1', 'cron 0 9 1 * 1'],
  ])('%s', (text, english, portuguese) => {
    expect(describeSchedule(cron(text), 'en')).toBe(english);
    expect(describeSchedule(cron(text), 'pt-BR')).toBe(portuguese);
  });

  test('a day of one year', () => {
    const once: ScheduleRule = { kind: 'once', at: '2026-12-31T09:00:00' };
    expect(describeSchedule(once, 'en')).toBe('2026-12-31 09:00');
    expect(describeSchedule(once, 'pt-BR')).toBe('31/12/2026 09:00');
  });

  test('what is said of a rule means the rule', () => {
    const weekdayField = fc.oneof(
      fc.constantFrom('*', '1-5', '0,6'),
      fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 4 }).map((days) => days.sort().join(',')),
      fc
        .tuple(fc.integer({ min: 0, max: 6 }), fc.constantFrom('1', '2', '3', '4', '5', 'L'))
        .map(([day, count]) => `${day}#${count}`),
    );
    const minute = fc.integer({ min: 0, max: 59 });
    const hours = fc
      .uniqueArray(fc.integer({ min: 0, max: 23 }), { minLength: 1, maxLength: 3 })
      .map((list) => list.sort((a, b) => a - b).join(','));
    const monthDays = fc
      .uniqueArray(fc.integer({ min: 1, max: 31 }), { minLength: 1, maxLength: 3 })
      .map((list) => list.join(','));
    const clock = fc
      .tuple(fc.integer({ min: 0, max: 23 }), minute)
      .map(([hour, at]) => `${String(hour).padStart(2, '0')}:${String(at).padStart(2, '0')}`);
    const rules: fc.Arbitrary<ScheduleRule> = fc.oneof(
      fc.tuple(minute, hours, weekdayField).map(([m, h, w]) => cron(`${m} ${h} * * ${w}`)),
      fc.tuple(minute, hours, monthDays).map(([m, h, d]) => cron(`${m} ${h} ${d} * *`)),
      fc
        .tuple(minute, hours, fc.integer({ min: 1, max: 28 }), fc.integer({ min: 1, max: 12 }))
        .map(([m, h, d, month]) => cron(`${m} ${h} ${d} ${month} *`)),
      fc
        .tuple(fc.constantFrom(2, 5, 10, 15, 30), fc.constantFrom('*', '8-17'), fc.constantFrom('*', '1-5', '1,3'))
        .map(([step, h, w]) => cron(`*/${step} ${h} * * ${w}`)),
      fc.tuple(minute, fc.constantFrom('*', '*/2', '*/6')).map(([m, h]) => cron(`${m} ${h} * * *`)),
      fc.constantFrom(7, 45, 90, 300, 2880).map((every): ScheduleRule => ({ kind: 'minutes', every })),
      fc
        .tuple(fc.integer({ min: 2, max: 6 }), clock)
        .map(([every, time]): ScheduleRule => ({ kind: 'days', every, phase: 0, time })),
      fc
        .tuple(fc.integer({ min: 2, max: 8 }), fc.integer({ min: 0, max: 6 }), clock)
        .map(([weeks, phase, time]): ScheduleRule => ({ kind: 'days', every: weeks * 7, phase, time })),
    );
    fc.assert(
      fc.property(rules, fc.constantFrom('en' as const, 'pt-BR' as const), (one, locale) => {
        const said = describeSchedule(one, locale);
        fc.pre(!said.startsWith('cron '));
        expect(parseSchedule(said, locale), said).toEqual({ rule: one });
      }),
      { numRuns: 2000 },
    );
  });
});

const zones = [
  'America/New_York',
  'America/Sao_Paulo',
  'Europe/London',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
  'Pacific/Apia',
  'UTC',
];
const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());

/** The next times of a rule. */
function times(one: ScheduleRule, after: string, timeZone: string, count: number): (string | null)[] {
  const found: (string | null)[] = [];
  let at: number | null = Date.parse(after);
  while (at !== null && found.length < count) {
    at = nextTime(one, at, timeZone);
    found.push(iso(at));
  }
  return found;
}

describe('the next time', () => {
  test('what falls into the skipped hour happens once, when it is over', () => {
    expect(times(cron('30 2 * * *'), '2026-03-07T00:00:00Z', 'America/New_York', 3)).toEqual([
      '2026-03-07T07:30:00.000Z',
      '2026-03-08T07:00:00.000Z',
      '2026-03-09T06:30:00.000Z',
    ]);
    // Midnight itself was skipped there.
    expect(times(cron('0 0 * * *'), '2018-11-03T12:00:00Z', 'America/Sao_Paulo', 2)).toEqual([
      '2018-11-04T03:00:00.000Z',
      '2018-11-05T02:00:00.000Z',
    ]);
    expect(times({ kind: 'days', every: 1, phase: 0, time: '02:30' }, '2026-03-07T12:00:00Z', 'America/New_York', 2)).toEqual([
      '2026-03-08T07:00:00.000Z',
      '2026-03-09T06:30:00.000Z',
    ]);
    expect(times({ kind: 'once', at: '2026-03-08T02:30:00' }, '2026-03-07T12:00:00Z', 'America/New_York', 2)).toEqual([
      '2026-03-08T07:00:00.000Z',
      null,
    ]);
  });

  test('what falls into the hour that comes twice happens once', () => {
    expect(times(cron('30 1 * * *'), '2026-10-31T00:00:00Z', 'America/New_York', 3)).toEqual([
      '2026-10-31T05:30:00.000Z',
      '2026-11-01T05:30:00.000Z',
      '2026-11-02T06:30:00.000Z',
    ]);
    expect(times({ kind: 'once', at: '2026-11-01T01:30:00' }, '2026-10-31T00:00:00Z', 'America/New_York', 2)).toEqual([
      '2026-11-01T05:30:00.000Z',
      null,
    ]);
    // Half an hour only, on Lord Howe Island.
    expect(times(cron('45 1 * * *'), '2026-04-03T00:00:00Z', 'Australia/Lord_Howe', 3)).toEqual([
      '2026-04-03T14:45:00.000Z',
      '2026-04-04T14:45:00.000Z',
      '2026-04-05T15:15:00.000Z',
    ]);
  });

  test('what repeats through the day goes on through both hours, and misses none', () => {
    const found = times(cron('*/30 * * * *'), '2026-11-01T04:45:00Z', 'America/New_York', 6).map((at) => at?.slice(11, 16));
    expect(found).toEqual(['05:00', '05:30', '06:00', '06:30', '07:00', '07:30']);
  });

  test('leap days come every four years, and days that do not exist never', () => {
    expect(times(cron('0 0 29 2 *'), '2026-01-01T00:00:00Z', 'UTC', 2)).toEqual([
      '2028-02-29T00:00:00.000Z',
      '2032-02-29T00:00:00.000Z',
    ]);
    expect(nextTime(cron('0 0 30 2 *'), 0, 'UTC')).toBeNull();
    expect(nextTime(cron('0 0 31 4,6 *'), 0, 'America/New_York')).toBeNull();
    expect(times(cron('0 12 L * *'), '2028-02-01T00:00:00Z', 'UTC', 2)).toEqual([
      '2028-02-29T12:00:00.000Z',
      '2028-03-31T12:00:00.000Z',
    ]);
    expect(times(cron('0 12 31 * *'), '2026-04-01T00:00:00Z', 'UTC', 2)).toEqual([
      '2026-05-31T12:00:00.000Z',
      '2026-07-31T12:00:00.000Z',
    ]);
  });

  test('a day and a weekday together mean either, as cron has it', () => {
    expect(times(cron('0 0 13 * 5'), '2026-11-01T00:00:00Z', 'UTC', 3).map((at) => at?.slice(0, 10))).toEqual([
      '2026-11-06',
      '2026-11-13',
      '2026-11-20',
    ]);
  });

  test('a zone there is none of throws', () => {
    expect(() => nextTime(cron('0 0 * * *'), 0, 'Mars/Olympus')).toThrow();
    expect(() => nextTime({ kind: 'once', at: '2026-01-01T00:00:00' }, 0, 'Mars/Olympus')).toThrow(RangeError);
  });

  // Around a change of the clocks as often as not.
  const moment = fc.oneof(
    fc.integer({ min: Date.UTC(2015, 0, 1), max: Date.UTC(2035, 0, 1) }),
    fc
      .tuple(
        fc.constantFrom(
          '2026-03-08T07:00:00Z',
          '2026-11-01T06:00:00Z',
          '2018-11-04T03:00:00Z',
          '2026-04-04T15:00:00Z',
          '2026-10-03T15:30:00Z',
          '2026-03-29T01:00:00Z',
          '2011-12-30T10:00:00Z',
        ),
        fc.integer({ min: -36 * 3_600_000, max: 36 * 3_600_000 }),
      )
      .map(([at, off]) => Date.parse(at) + off),
  );

  test('cron: later than before, the fields match, and nothing in between was left out', () => {
    const list = (min: number, max: number) => fc.uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength: 5 });
    const any = <Value>(values: fc.Arbitrary<Value>) => fc.option(values, { nil: null });
    fc.assert(
      fc.property(
        list(0, 59),
        any(list(0, 23)),
        any(list(0, 6)),
        fc.constantFrom(...zones),
        moment,
        (minutes, hours, weekdays, timeZone, after) => {
          const one = cron(`${minutes.join(',')} ${hours?.join(',') ?? '*'} * * ${weekdays?.join(',') ?? '*'}`);
          const matches = (wall: Date) =>
            minutes.includes(wall.getUTCMinutes()) &&
            (hours === null || hours.includes(wall.getUTCHours())) &&
            (weekdays === null || weekdays.includes(wall.getUTCDay()));
          const next = nextTime(one, after, timeZone)!;
          expect(next).toBeGreaterThan(after);
          expect(next % 60_000).toBe(0);
          const first = Math.floor(after / 60_000) * 60_000 + 60_000;
          let before = wallMs(first - 60_000, timeZone);
          for (let at = first; at <= next; at += 60_000) {
            const wall = wallMs(at, timeZone);
            const skipped = wall - before - 60_000;
            before = wall;
            let isDue = matches(new Date(wall));
            // When clocks went forward over a time that matches, it is due now; but not what goes by minutes only.
            for (let gone = wall - skipped; hours !== null && gone < wall; gone += 60_000) isDue ||= matches(new Date(gone));
            // When they went back, what has hours of its own was done the first time.
            const isAgain = isDue && instantOf(new Date(wall).toISOString().slice(0, 19), timeZone) < at;
            if (at === next) expect(isDue, `${JSON.stringify(one)} ${timeZone} ${iso(after)} -> ${iso(next)}`).toBe(true);
            else if (isDue && !(isAgain && hours !== null))
              throw new Error(`${JSON.stringify(one)} ${timeZone} ${iso(after)} leaves out ${iso(at)}`);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  test('all kinds: strictly later, the same from any moment before, and never twice at one time on the wall for fixed hours', () => {
    const rules: fc.Arbitrary<ScheduleRule> = fc.oneof(
      fc.integer({ min: 1, max: 5000 }).map((every): ScheduleRule => ({ kind: 'minutes', every })),
      fc
        .tuple(
          fc.integer({ min: 1, max: 30 }),
          fc.integer({ min: 0, max: 29 }),
          fc.integer({ min: 0, max: 23 }),
          fc.integer({ min: 0, max: 59 }),
        )
        .map(
          ([every, phase, hour, minute]): ScheduleRule => ({
            kind: 'days',
            every,
            phase: phase % every,
            time: `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`,
          }),
        ),
      fc
        .tuple(fc.integer({ min: 0, max: 59 }), fc.integer({ min: 0, max: 23 }))
        .map(([minute, hour]) => cron(`${minute} ${hour} * * *`)),
    );
    fc.assert(
      fc.property(
        rules,
        fc.constantFrom(...zones),
        moment,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (one, timeZone, after, part) => {
          const next = nextTime(one, after, timeZone)!;
          expect(next).toBeGreaterThan(after);
          expect(nextTime(one, Math.floor(after + (next - after) * part), timeZone)).toBe(next);
          const third = nextTime(one, next, timeZone)!;
          expect(third).toBeGreaterThan(next);
          if (one.kind !== 'minutes') expect(wallMs(third, timeZone)).not.toBe(wallMs(next, timeZone));
        },
      ),
      { numRuns: 500 },
    );
  });
});
