export { type ConditionCase, conditionCases, conditionColumns, conditionRows, orderCases } from './condition-cases.ts';
export { eventBusContract } from './event-bus-contract.ts';
export { type EventLogUnderTest, eventLogContract } from './event-log-contract.ts';
export { keyValueStoreContract } from './key-value-store-contract.ts';
export { objectStoreContract } from './object-store-contract.ts';
export { rateLimitsContract } from './rate-limits-contract.ts';
export { type StoreUnderTest, storeContract } from './store-contract.ts';
export { type TaskQueueUnderTest, taskQueueContract } from './task-queue-contract.ts';
export { type World, world } from './world.ts';
