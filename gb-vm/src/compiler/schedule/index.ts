/** Schedules as SET SCHEDULE writes them, in cron, as dates and in words of two languages. */
export { describeSchedule } from './describe.ts';
export { instantOf, isTimeZone, nextTime, type ScheduleNow, wallMs } from './next-time.ts';
export { type ParsedSchedule, parseSchedule } from './parse.ts';
export type { ScheduleRule } from './rule.ts';
