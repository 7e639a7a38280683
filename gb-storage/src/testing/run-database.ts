import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, silentLogger } from 'gb-utils';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../embedded-postgres.ts';
import { migrate, migrationsDir, readMigrations } from '../migrate.ts';

/**
 * Fills an empty data directory with a migrated database in which nobody is yet: a copy of the one that the first asker
 * of a test run made. Does nothing outside a run (tools/test/run-directory.ts makes the place): who starts on the
 * directory then makes everything new, which tests of that very thing do themselves.
 */
export async function copyRunDatabase(dataDir: string): Promise<void> {
  const place = join(tmpdir(), 'gb-shared');
  if (!existsSync(place)) return;
  const migrations = readMigrations(migrationsDir).map(({ sha256 }) => sha256);
  const database = join(place, `database-${createHash('sha256').update(migrations.join()).digest('hex').slice(0, 16)}`);
  if (!existsSync(database)) await makeRunDatabase(place, database);
  // `cp` keeps owner and rights: under root the database belongs to another user.
  for (const part of ['postgres', 'postgres-secrets.json']) {
    const { status, stderr } = spawnSync('cp', ['-Rp', join(database, part), dataDir], { encoding: 'utf8' });
    assert(status === 0, `the database of the run is copied: ${stderr}`);
  }
}

/** Two that make it at once both succeed, and the first one is kept. */
async function makeRunDatabase(place: string, database: string): Promise<void> {
  const draft = mkdtempSync(join(place, 'draft-'));
  chmodSync(draft, 0o711);
  try {
    const postgres = await startEmbeddedPostgres({ dataDir: draft, log: silentLogger });
    try {
      await migrate(postgres.owner, { log: silentLogger });
    } finally {
      await postgres.stop();
    }
    renameSync(draft, database);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** For a database that nobody reads again: it need not be written out in order. */
export async function stopAtOnce(postgres: EmbeddedPostgres): Promise<void> {
  const { pid } = postgres;
  const stopped = postgres.stop();
  try {
    if (pid !== null) process.kill(pid, 'SIGQUIT');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // Killed by its test a moment ago.
  }
  await stopped;
}
