/** What programs may ask of their host: see `HostOperations` in gb-core. */
export { createCalendar } from './calendar.ts';
export { createHostOperations, type HostOptions } from './operations.ts';
