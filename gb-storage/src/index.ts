export { type CatalogDefect, catalogDefects } from './catalog-check.ts';
export { ColdMover, type ColdMoverOptions, type ColdPolicy } from './cold/cold-mover.ts';
export { type Databases, type DatabasesOptions, openDatabases } from './databases.ts';
export {
  type ConnectionConfig,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from './embedded-postgres.ts';
export { openPostgresKeyValueStore, type PostgresKeyValueStoreOptions } from './key-value/key-value-store.postgres.ts';
export { migrate, migrationsDir } from './migrate.ts';
export { createDirectoryObjectStore, type DirectoryObjectStoreOptions } from './object-store.directory.ts';
export { openPostgresStore, type PostgresStoreOptions } from './postgres-store.ts';
export { openShardedStore, type ShardedStoreOptions, type ShardLogins } from './shards/open-sharded-store.ts';
export { createPostgresTaskQueue, openDeadTasks, type PostgresTaskQueueOptions } from './tasks/task-queue.postgres.ts';
export { openTikvKeyValueStore, type TikvOptions } from './tikv/key-value-store.tikv.ts';
