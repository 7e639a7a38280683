export { type ConditionCase, conditionCases, conditionColumns, conditionRows, orderCases } from './condition-cases.ts';
export { eventBusContract } from './event-bus-contract.ts';
export { type EventLogUnderTest, eventLogContract } from './event-log-contract.ts';
export { objectStoreContract } from './object-store-contract.ts';
export { type StoreUnderTest, storeContract } from './store-contract.ts';
