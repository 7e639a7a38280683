// Apart from testing.ts, which these begin with.

export { type Region, startTestRegions, type TestRegions } from '../regions/testing/regions.ts';
export { startTestReplication, type TestReplication, type TestStandby } from '../replicas/testing.ts';
export { type MoveWorld, startMoveWorld } from '../shards/move/testing/world.ts';
export * from '../testing.ts';
