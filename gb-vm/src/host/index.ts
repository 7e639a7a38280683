/** What programs may ask of their host: see `HostOperations` in gb-core. */
export { createCalendar } from './calendar.ts';
export type { Args, InTurnOperation, OperationSet, OutsideOperation } from './operation.ts';
export { createHostOperations, type HostOptions } from './operations.ts';
export { createPreviewHost } from './preview-host.ts';
