import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { uuidv7 } from 'gb-utils';
import type { ClientConfig } from 'pg';
import pg from 'pg';

/** A PostgreSQL of others, where the extension pgvector can be had. */
export interface Pgvector {
  /** An empty database of its own, removed by `close`. */
  createDatabase(options: { readonly hasExtension: boolean }): Promise<PgvectorDatabase>;
  close(): Promise<void>;
}

export interface PgvectorDatabase {
  /** Owns the database and may make roles, and is no superuser: it cannot create the extension. */
  readonly owner: ClientConfig;
  readonly superuser: ClientConfig;
}

const tool = fileURLToPath(new URL('../../../tools/test-services.ts', import.meta.url));

/** It is started here or found by the environment. Null where it cannot be had, with the reason on standard error. */
export async function startPgvector(): Promise<Pgvector | null> {
  const { TEST_PGVECTOR_URL: url, TEST_PGVECTOR_ADMIN_URL: adminUrl } = process.env;
  if (url && adminUrl) return open(url, adminUrl, async () => {});
  const scratch = mkdtempSync(path.join(tmpdir(), 'gb-pgvector-'));
  chmodSync(scratch, 0o711);
  const stop = async (): Promise<void> => {
    await services(scratch, '--down', 'pgvector');
    rmSync(scratch, { recursive: true, force: true });
  };
  const { out, err } = await services(scratch, 'pgvector');
  const found = Object.fromEntries([...out.matchAll(/^export (\w+)='(.*)'$/gm)].map((match) => [match[1], match[2]!]));
  const { TEST_PGVECTOR_URL: ours, TEST_PGVECTOR_ADMIN_URL: oursAdmin } = found;
  if (ours && oursAdmin) return open(ours, oursAdmin, stop);
  process.stderr.write(`skipped: pgvector: ${err.trim()}\n`);
  await stop();
  return null;
}

function open(url: string, adminUrl: string, stop: () => Promise<void>): Pgvector {
  const names: string[] = [];
  return {
    async createDatabase({ hasExtension }) {
      const name = `gb_test_${uuidv7().replaceAll('-', '')}`;
      await run(adminUrl, `create database ${name} owner "${decodeURIComponent(new URL(url).username)}" template template0`);
      names.push(name);
      const at = (address: string): ClientConfig => ({
        connectionString: Object.assign(new URL(address), { pathname: name }).href,
      });
      const [owner, superuser] = [at(url), at(adminUrl)];
      if (hasExtension) await run(superuser, 'create extension vector');
      return { owner, superuser };
    },
    async close() {
      try {
        for (const name of names.splice(0)) await run(adminUrl, `drop database ${name} with (force)`);
      } finally {
        await stop();
      }
    },
  };
}

async function run(config: string | ClientConfig, statement: string): Promise<void> {
  const client = new pg.Client(config);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function services(scratch: string, ...args: readonly string[]): Promise<{ out: string; err: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', tool, '--dir', scratch, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (data) => (out += data));
    child.stderr.on('data', (data) => (err += data));
    child.once('error', reject);
    child.once('close', () => resolve({ out, err }));
  });
}
