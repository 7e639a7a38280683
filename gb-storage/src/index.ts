export { type CatalogDefect, catalogDefects } from './catalog-check.ts';
export { ColdMover, type ColdMoverOptions, type ColdPolicy } from './cold/cold-mover.ts';
export { type Databases, type DatabasesOptions, openDatabases } from './databases.ts';
export { ownerOfRunning } from './embedded-owner.ts';
export {
  type ConnectionConfig,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from './embedded-postgres.ts';
export { openPostgresKeyValueStore, type PostgresKeyValueStoreOptions } from './key-value/key-value-store.postgres.ts';
export { migrate, migrationsDir } from './migrate.ts';
export { createPostgresNodes, type PostgresNodes, type PostgresNodesOptions } from './nodes/nodes.postgres.ts';
export { createDirectoryObjectStore, type DirectoryObjectStoreOptions } from './object-store.directory.ts';
export { openPostgresStore, type PostgresStoreOptions } from './postgres-store.ts';
export {
  type CustomerQuotas,
  type FoundCustomer,
  QuotaAdmin,
  type QuotaChanges,
  storeQuotaDefaults,
} from './quotas/quota-admin.ts';
export { guardDatabase, leaseMsDefault, leaveAlone, primaryOf } from './regions/guard.ts';
export { type Promoted, promoteRegion, type RegionalDatabase } from './regions/promote.ts';
export { openRegionalLogins, type RegionalLogins } from './regions/regional-logins.ts';
export { reportRegions, type SiteReport } from './regions/report.ts';
export type { ReplicaFigures } from './replicas/replicas.ts';
export { bucketOf } from './shards/bucket.ts';
export {
  abortMove,
  type MoveOptions,
  type MoveProgress,
  type MoveReport,
  type MoveStep,
  moveBucket,
} from './shards/move/move-bucket.ts';
export {
  type MoveFacts,
  markShard,
  overlook as overlookShards,
  registerShard,
  type ShardFacts,
  type ShardOverview,
} from './shards/move/overview.ts';
export { type BucketSize, type PlannedMove, planDrain, planRebalance } from './shards/move/plan.ts';
export { MoveRefused } from './shards/move/refused.ts';
export { openShardedStore, openShards, type ShardedStoreOptions, type ShardLogins } from './shards/open-sharded-store.ts';
export { partsMax } from './shards/split/make-parts.ts';
export { type SplitCustomerOptions, splitCustomer } from './shards/split/split-customer.ts';
export { SplitRefused } from './shards/split/split-refused.ts';
export { createPostgresTaskQueue, openDeadTasks, type PostgresTaskQueueOptions } from './tasks/task-queue.postgres.ts';
