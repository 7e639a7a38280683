// The engines that other servers stand behind are apart (gb-messaging/kafka, /rabbit, /redis): their clients take a second
// and 100 MB to load, and only who has such a server needs them.

export { createInProcessCache } from './cache.in-process.ts';
export { createInProcessEventBus } from './event-bus.in-process.ts';
export { createOutboxEventLog, type OutboxEventLogOptions } from './event-log.outbox.ts';
export { type KafkaConnection, readKafkaConnection } from './kafka/connection.ts';
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
export { createInProcessRateLimits } from './rate-limits.in-process.ts';
