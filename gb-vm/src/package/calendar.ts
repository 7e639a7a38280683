import type { Calendar } from 'gb-core';
import { describeSchedule, nextTime, parseSchedule } from '../compiler/schedule/index.ts';

/** The calendar of the platform: times as SET SCHEDULE writes them, in both languages, in any time zone. */
export function createCalendar(): Calendar {
  return {
    parse: (text, { locale, nowMs, timeZone }) => {
      const parsed = parseSchedule(text, locale, { nowMs, timeZone });
      return 'rule' in parsed ? parsed.rule : null;
    },
    next: nextTime,
    describe: describeSchedule,
  };
}
