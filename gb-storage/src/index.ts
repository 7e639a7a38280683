export { type CatalogDefect, catalogDefects } from './catalog-check.ts';
export {
  type ConnectionConfig,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from './embedded-postgres.ts';
export { migrate, migrationsDir } from './migrate.ts';
export { createDirectoryObjectStore, type DirectoryObjectStoreOptions } from './object-store.directory.ts';
export { openPostgresStore, type PostgresStoreOptions } from './postgres-store.ts';
