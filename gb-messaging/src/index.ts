export { createInProcessCache } from './cache.in-process.ts';
export { createInProcessEventBus } from './event-bus.in-process.ts';
export { createOutboxEventLog, type OutboxEventLogOptions } from './event-log.outbox.ts';
export { type KafkaConnection, readKafkaConnection } from './kafka/connection.ts';
export {
  createKafkaEventLog,
  type KafkaEventLog,
  type KafkaEventLogOptions,
  type KafkaFigures,
} from './kafka/event-log.kafka.ts';
export { type AffinityFigures, answerAppends, ChannelAffinity, type ChannelAffinityOptions } from './nodes/channel-affinity.ts';
export {
  createNodeEventBus,
  type NodeBusFigures,
  type NodeEventBus,
  type NodeEventBusOptions,
} from './nodes/event-bus.nodes.ts';
export { Links, type LinksFigures, type LinksOptions, type Peer } from './nodes/links.ts';
export { rendezvous } from './nodes/rendezvous.ts';
export { openSocketPlace, type SocketPlace, socketPlaces } from './nodes/socket-place.ts';
export {
  createRabbitTaskQueue,
  type RabbitTaskFigures,
  type RabbitTaskQueue,
  type RabbitTaskQueueOptions,
} from './rabbit/task-queue.rabbit.ts';
export { createInProcessRateLimits } from './rate-limits.in-process.ts';
export { createRedisCache, type RedisCache, type RedisCacheFigures, type RedisCacheOptions } from './redis/cache.redis.ts';
export {
  createRedisEventBus,
  type NearNodes,
  type RedisBusFigures,
  type RedisEventBus,
  type RedisEventBusOptions,
} from './redis/event-bus.redis.ts';
export {
  createRedisRateLimits,
  type RedisRateLimits,
  type RedisRateLimitsFigures,
  type RedisRateLimitsOptions,
} from './redis/rate-limits.redis.ts';
