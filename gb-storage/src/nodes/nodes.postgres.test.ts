import { spawn } from 'node:child_process';
import type { NodeFacts, NodeId } from 'gb-core';
import { nodesContract } from 'gb-core/contract';
import { type Logger, silentLogger, uuidv7 } from 'gb-utils';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startTestDatabase, type TestDatabase } from '../testing.ts';
import { createPostgresNodes, type PostgresNodes } from './nodes.postgres.ts';

const waits = { timeout: 30_000 };

nodesContract('PostgreSQL', async () => {
  const database = await startTestDatabase();
  const { app } = database.postgres;
  return {
    open: (self) => createPostgresNodes({ app, self, log: silentLogger, beatMs: 50, livingMs: 30_000 }),
    silence: (id) =>
      database.asSuperuser(`update control.nodes set beat_at = beat_at - interval '1 minute' where node_id = '${id}'`),
    close: () => database.close(),
  };
});

describe('rows in a database', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await startTestDatabase();
  });
  afterAll(() => database?.close());

  const facts = (): NodeFacts => ({ id: uuidv7() as NodeId, hostId: 'here', address: null, roles: ['api'], version: '1' });
  const opened: PostgresNodes[] = [];
  const open = (log: Logger = silentLogger, livingMs = 30_000) => {
    const nodes = createPostgresNodes({ app: database.postgres.app, self: facts(), log, beatMs: 50, livingMs });
    opened.push(nodes);
    return nodes;
  };
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((nodes) => nodes.leave()));
  });

  test('a process that is killed is dead when it was silent for some beats, and its row goes after a while', async () => {
    const one = open(silentLogger, 3_000);
    await one.join();
    const self = facts();
    const url = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
    const source = `
      const { createPostgresNodes } = await import(${url('./nodes.postgres.ts')});
      const { silentLogger } = await import(${url('../../../gb-utils/src/index.ts')});
      const [app, self] = JSON.parse(process.argv[1]);
      const nodes = createPostgresNodes({ app, self, log: silentLogger, beatMs: 50, livingMs: 3000 });
      await nodes.join();
      setInterval(() => {}, 1000);`;
    const args = ['--input-type=module', '-e', source, '--', JSON.stringify([database.postgres.app, self])];
    const child = spawn(process.execPath, args, { stdio: 'inherit' });
    try {
      await expect.poll(() => one.list().length, waits).toBe(2);
    } finally {
      child.kill('SIGKILL');
    }
    await expect.poll(() => one.list().map(({ id }) => id), waits).toEqual([one.self.id]);
    await database.asSuperuser("update control.nodes set beat_at = beat_at - interval '1 hour'");
    await expect.poll(async () => (await rows()).map(({ node_id }) => node_id), waits).toEqual([one.self.id]);
    await expect.poll(() => one.figures().rejoined, waits).toBe(1);
    await one.leave();
    expect(await rows()).toEqual([]);
  });

  test('a clock that is set back or forth makes nobody immortal, and takes the living away for a beat at most', async () => {
    const one = open();
    await one.join();
    for (const shift of ['+ interval', '- interval']) {
      const dead = uuidv7();
      await database.asSuperuser(
        `insert into control.nodes values ('${dead}', 'here', null, '{}', '1', false, now(), now());
         update control.nodes set beat_at = beat_at ${shift} '1 day'`,
      );
      await expect.poll(async () => (await rows()).length, waits).toBe(1);
      await expect.poll(() => one.list().map(({ id }) => id), waits).toEqual([one.self.id]);
    }
    await one.leave();
  });

  test('while the database is away those who were there are still believed to be; afterwards everybody is back', async () => {
    const warnings: string[] = [];
    const log: Logger = { ...silentLogger, warn: (_, text) => warnings.push(text) };
    const [one, two] = [open(log), open()];
    await Promise.all([one.join(), two.join()]);
    await expect.poll(() => one.list().length, waits).toBe(2);
    const { pid } = database.postgres;
    process.kill(pid!, 'SIGKILL');
    await expect.poll(() => one.figures().failures, waits).toBeGreaterThan(0);
    expect(one.list().length).toBe(2);
    // Started again by its own watch; rows whose last beat was not on the disk are made anew.
    await expect.poll(() => database.postgres.pid !== null && database.postgres.pid !== pid, waits).toBe(true);
    // Of others, the news that they left may have been lost as well; they are as dead as before.
    const both = [one.self.id, two.self.id];
    await expect.poll(async () => (await rows()).filter(({ node_id }) => both.includes(node_id as NodeId)).length, waits).toBe(2);
    await expect.poll(() => [...one.list()].map(({ id }) => id).sort(), waits).toEqual(both.sort());
    expect(warnings.filter((text) => text.startsWith('A heartbeat'))).toHaveLength(1);
  });

  test('a node cannot join a database that is not there, and says so', async () => {
    const nodes = createPostgresNodes({ app: { host: '/nowhere', user: 'x' }, self: facts(), log: silentLogger });
    await expect(nodes.join()).rejects.toMatchObject({ code: 'unavailable' });
    await nodes.drain();
    await nodes.leave();
  });

  async function rows(): Promise<{ node_id: string }[]> {
    const client = new pg.Client(database.postgres.owner);
    await client.connect();
    try {
      return (await client.query<{ node_id: string }>('select node_id from control.nodes')).rows;
    } finally {
      await client.end();
    }
  }
});
