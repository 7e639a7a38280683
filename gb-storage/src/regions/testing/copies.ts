import { spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert, type Logger } from 'gb-utils';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../embedded-postgres.ts';
import { migrate } from '../../migrate.ts';
import { copyRunDatabase } from '../../testing/run-database.ts';
import { makeTestDir } from '../../testing/test-dir.ts';

/** What the servers of both regions are started with. */
export const primarySettings: Readonly<Record<string, string>> = {
  max_wal_senders: '6',
  track_commit_timestamp: 'on',
  wal_keep_size: '512MB',
  wal_receiver_status_interval: '1s',
  max_connections: '60',
  shared_buffers: '16MB',
};

export function copySettings(where: string, superuser: string): Readonly<Record<string, string>> {
  const conninfo = `${where} user=postgres password=${superuser} application_name=us`;
  return { ...primarySettings, primary_conninfo: conninfo, wal_receiver_timeout: '5s', wal_retrieve_retry_interval: '200ms' };
}

/** Two data directories of one database, neither of them running: that of a primary, and that of a standby in the region us. */
export async function makeCopies(log: Logger): Promise<{ home: string; copy: string; superuser: string }> {
  const [home, copy] = [makeTestDir(), makeTestDir()];
  await copyRunDatabase(home);
  const first = await startEmbeddedPostgres({ dataDir: home, log });
  const secrets = JSON.parse(readFileSync(join(home, 'postgres-secrets.json'), 'utf8')) as { superuser: string };
  try {
    await migrate(first.owner, { log });
    // What an operator grants once, so that no superuser is needed later.
    const client = new pg.Client({ ...first.owner, user: 'postgres', password: secrets.superuser });
    await client.connect();
    await client.query('grant pg_monitor, gb_app, gb_relay to gb_owner; grant execute on function pg_promote to gb_owner');
    await client.end();
  } finally {
    await first.stop();
  }
  const rules = [
    'local replication all scram-sha-256',
    'host all all 127.0.0.0/8 scram-sha-256',
    'host all all 10.77.0.0/16 scram-sha-256',
  ];
  rules.push('host replication all 10.77.0.0/16 scram-sha-256');
  appendFileSync(join(home, 'postgres/gb_hba.conf'), rules.map((rule) => `${rule}\n`).join(''));
  for (const part of ['postgres', 'postgres-secrets.json']) {
    const { status, stderr } = spawnSync('cp', ['-Rp', join(home, part), copy], { encoding: 'utf8' });
    assert(status === 0, `a copy of the database is made: ${stderr}`);
  }
  writeFileSync(join(copy, 'postgres/standby.signal'), '');
  return { home, copy, superuser: secrets.superuser };
}
