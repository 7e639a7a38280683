import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert, silentLogger } from 'gb-utils';
import pg from 'pg';
import { type ConnectionConfig, type EmbeddedPostgres, startEmbeddedPostgres } from '../embedded-postgres.ts';
import { stopAtOnce } from '../testing/run-database.ts';
import { makeTestDir, startTestDatabase, type TestDatabase } from '../testing.ts';

export interface TestStandby {
  readonly postgres: EmbeddedPostgres;
  readonly app: ConnectionConfig;
  asSuperuser(text: string): Promise<pg.QueryResult>;
  close(): Promise<void>;
}

export interface TestReplication {
  readonly primary: TestDatabase;
  /** Another standby, from a base backup of now. */
  addStandby(): Promise<TestStandby>;
  close(): Promise<void>;
}

/** A database that lets standbys follow it. */
export async function startTestReplication(): Promise<TestReplication> {
  const ownDir = makeTestDir();
  const access = join(ownDir, 'hba.conf');
  writeFileSync(access, 'local all all scram-sha-256\nlocal replication all scram-sha-256\n', { mode: 0o644 });
  // A standby refuses to follow a primary that may have more connections than itself.
  const settings = { max_wal_senders: '4', max_connections: '100', hba_file: access };
  const standbys: TestStandby[] = [];
  let primary: TestDatabase;
  try {
    primary = await startTestDatabase({ settings });
  } catch (error) {
    rmSync(ownDir, { recursive: true, force: true });
    throw error;
  }
  return {
    primary,
    async addStandby() {
      const standby = await startStandby(primary, settings);
      standbys.push(standby);
      return standby;
    },
    async close() {
      await Promise.all(standbys.map((standby) => standby.close()));
      await primary.close();
      rmSync(ownDir, { recursive: true, force: true });
    },
  };
}

async function startStandby(primary: TestDatabase, settings: Readonly<Record<string, string>>): Promise<TestStandby> {
  const dataDir = makeTestDir();
  const secretsFile = 'postgres-secrets.json';
  const { superuser } = JSON.parse(readFileSync(join(primary.dataDir, secretsFile), 'utf8')) as { superuser: string };
  const { owner } = primary.postgres;
  const as = (config: ConnectionConfig) => ({ ...config, user: 'postgres', password: superuser });
  const client = new pg.Client(as(owner));
  await client.connect();
  try {
    // A base backup by hand: the packages have no pg_basebackup.
    await client.query("select pg_backup_start('standby', fast => true)");
    const cluster = join(dataDir, 'postgres');
    // Files that leave while they are copied are in the log.
    const copy = spawnSync('cp', ['-Rp', join(primary.dataDir, 'postgres'), dataDir], { encoding: 'utf8' });
    assert(copy.error === undefined, 'cp is there');
    const own = spawnSync('cp', ['-p', join(primary.dataDir, secretsFile), dataDir], { encoding: 'utf8' });
    assert(own.status === 0, own.stderr);
    rmSync(join(cluster, 'postmaster.pid'), { force: true });
    const { rows } = await client.query<{ labelfile: string }>('select labelfile from pg_backup_stop()');
    const write = (name: string, text: string) => {
      const file = join(cluster, name);
      writeFileSync(file, text, { mode: 0o600 });
      spawnSync('chown', [`--reference=${join(cluster, 'PG_VERSION')}`, file]);
    };
    write('backup_label', rows[0]!.labelfile);
    write('standby.signal', '');
    const conninfo = `host=${owner.host} port=${owner.port} user=postgres password=${superuser}`;
    const postgres = await startEmbeddedPostgres({
      dataDir,
      log: silentLogger,
      settings: { ...settings, primary_conninfo: conninfo, hot_standby: 'on' },
    });
    return {
      postgres,
      app: postgres.app,
      async asSuperuser(text) {
        const own = new pg.Client(as(postgres.owner));
        await own.connect();
        try {
          return await own.query(text);
        } finally {
          await own.end();
        }
      },
      async close() {
        await stopAtOnce(postgres);
        rmSync(dataDir, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(dataDir, { recursive: true, force: true });
    throw error;
  } finally {
    await client.end();
  }
}
