/** Bots as packages: reading a `.gbai`, what its scripts say about themselves, and schedules in words. Runs anywhere. */
export {
  describeSchedule,
  isTimeZone,
  nextTime,
  type ParsedSchedule,
  parseSchedule,
  type ScheduleNow,
} from '../compiler/schedule/index.ts';
export { createCalendar } from './calendar.ts';
export { decodeText } from './decode.ts';
export { buildManifest, entryScripts } from './manifest.ts';
export { type PackageEntry, readPackage } from './read-package.ts';
export { readZip, zipPackage } from './zip.ts';
