export { createInProcessEventBus } from './event-bus.in-process.ts';
export { createOutboxEventLog, type OutboxEventLogOptions } from './event-log.outbox.ts';
