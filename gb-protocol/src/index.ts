export { compactEvent, expandEvent, type WireEvent } from './compact.ts';
export type * from './entities.ts';
export { closeCodes, type ErrorBody, type ErrorCode, errorCodes, mayReconnect } from './errors.ts';
export type * from './events.ts';
export type * from './frames.ts';
export type * from './ids.ts';
export { limits, protocolVersion } from './limits.ts';
export type * from './rest.ts';
