import type { Calendar } from 'gb-core';
import { describeSchedule, nextTime, parseSchedule } from '../package/index.ts';

export function createCalendar(): Calendar {
  return {
    parse(text, { locale, nowMs, timeZone }) {
      const parsed = parseSchedule(text, locale, { nowMs, timeZone });
      return 'rule' in parsed ? parsed.rule : null;
    },
    next: nextTime,
    describe: describeSchedule,
  };
}
