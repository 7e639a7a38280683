export { backoffMs } from './backoff.ts';
export { type Clock, sleep, systemClock } from './clock.ts';
export { assert, GbError } from './errors.ts';
export { type Logger, silentLogger } from './logger.ts';
export { LruMap } from './lru.ts';
export { isNestedDeeper } from './nesting.ts';
export { type RateLimit, RateLimiter } from './rate-limit.ts';
export { parseBoolean, parseDate, parseNumber, type When } from './scalar-text.ts';
export { isUuid, uuidFromText, uuidv7 } from './uuid.ts';
