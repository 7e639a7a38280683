import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { world } from 'gb-core/contract';
import type { ConnectionConfig } from 'gb-storage';
import { openShards } from 'gb-storage';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { silentLogger } from 'gb-utils';
import { test } from 'vitest';
import { runEnvironment } from '../testing/environment.ts';

function addressOf({ host, port, user, password, database }: ConnectionConfig): string {
  const query = new URLSearchParams({ host, port: String(port) });
  return `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@/${database}?${query}`;
}
test('debug', async () => {
  const settings = { max_prepared_transactions: '32', max_connections: '100' };
  const databases: TestDatabase[] = [await startTestDatabase({ settings }), await startTestDatabase({ settings })];
  for (const database of databases) await database.asSuperuser('grant gb_app, gb_relay to gb_owner');
  const shards = databases.map(({ postgres }, i) => `${['main', 'east'][i]}=${addressOf(postgres.owner)}`).join(' ');
  const logins = new Map(databases.map(({ postgres }, i) => {
    const connectionString = addressOf(postgres.owner);
    const as = (role: string) => ({ connectionString, options: `-c role=${role}` });
    return [['main', 'east'][i]!, { owner: { connectionString }, app: as('gb_app'), relay: as('gb_relay') }] as const;
  }));
  const { store } = await openShards({ shards: logins, log: silentLogger });
  const w = await world(store);
  const channels = [];
  for (let n = 0; n < 8; n++) channels.push(await w.channel(`c${n}`));
  const state: Record<number, string> = {};
  let isOver = false;
  channels.forEach(async (c, i) => {
    for (let n = 0; !isOver; n++) {
      state[i] = `sending ${n} since ${Date.now() % 100000}`;
      try { await w.say(c, `n ${n}`); } catch (e) { state[i] = String(e); return; }
      await new Promise((r) => setTimeout(r, 5));
    }
  });
  (async () => { while (!isOver) { const e = await store.outbox.take(200); await store.outbox.done(e.map((x) => x.id)); await new Promise((r) => setTimeout(r, 10)); } })().catch(console.error);
  await new Promise((r) => setTimeout(r, 1000));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, '../main.ts'), 'shard', 'split', w.customerId, '--parts', '2', '--rest', '5'], {
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...runEnvironment(), DATABASE_SHARDS: shards }, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stderr.on('data', (d) => { process.stderr.write(d); if (/^[1-4] of/m.test(d.toString())) child.kill('SIGKILL'); });
  await new Promise((r) => child.once('exit', r));
  for (let k = 0; k < 5; k++) { await new Promise((r) => setTimeout(r, 2000)); process.stderr.write(`${Date.now() % 100000} ${JSON.stringify(state)}\n`); }
  const g = globalThis as { dbg?: unknown[] };
  process.stderr.write(JSON.stringify(g.dbg ?? [])+ '\n');
  isOver = true;
  await new Promise((r) => setTimeout(r, 500));
  await store.close();
  for (const d of databases) await d.close();
}, 120_000);
