export { createRedisCache, type RedisCache, type RedisCacheFigures, type RedisCacheOptions } from './cache.redis.ts';
export {
  createRedisEventBus,
  type NearNodes,
  type RedisBusFigures,
  type RedisEventBus,
  type RedisEventBusOptions,
} from './event-bus.redis.ts';
export {
  createRedisRateLimits,
  type RedisRateLimits,
  type RedisRateLimitsFigures,
  type RedisRateLimitsOptions,
} from './rate-limits.redis.ts';
