export type * from './bot-runtime.ts';
export type * from './event-bus.ts';
export type * from './event-log.ts';
export type * from './host-operations.ts';
export type * from './password-hasher.ts';
export type * from './store.ts';
