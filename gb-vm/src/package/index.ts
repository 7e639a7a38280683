/** Bots as packages: reading a `.gbai`, what its scripts say about themselves, and schedules in words. Runs anywhere. */
export { decodeText } from './decode.ts';
export { buildManifest, entryScripts } from './manifest.ts';
export { type PackageEntry, readPackage } from './read-package.ts';
export { createCalendar } from './schedule/calendar.ts';
export { describeSchedule } from './schedule/describe.ts';
export { isTimeZone, nextTime, type ScheduleNow } from './schedule/next-time.ts';
export { type ParsedSchedule, parseSchedule } from './schedule/parse.ts';
export { readZip, zipPackage } from './zip.ts';
