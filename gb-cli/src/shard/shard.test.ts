import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createHttp, createRest } from 'gb-client';
import type { ChannelId, ClientId } from 'gb-protocol';
import type { ConnectionConfig } from 'gb-storage';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { uuidv7 } from 'gb-utils';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runEnvironment } from '../testing/environment.ts';
import { type SpawnedServer, spawnServer } from '../testing/server.ts';

const databases = new Map<string, TestDatabase>();
let server: SpawnedServer;
beforeAll(async () => {
  for (const name of ['main', 'east', 'west']) {
    const database = await startTestDatabase();
    databases.set(name, database);
    // One login in all roles, as of an operated database, and what an operator grants once.
    await database.asSuperuser('grant gb_app, gb_relay to gb_owner; grant set on parameter session_replication_role to gb_owner');
  }
  server = await spawnServer({
    env: { DATABASE_SHARDS: shards('main', 'east'), GB_OPEN_SIGNUP: 'true', GB_RATE_FACTOR: '1000' },
  });
}, 120_000);
afterAll(async () => {
  await server?.dispose();
  await Promise.all([...databases.values()].map((database) => database.close()));
}, 120_000);

const addressOf = (name: string) => {
  const { host, port, user, password, database }: ConnectionConfig = databases.get(name)!.postgres.owner;
  const query = new URLSearchParams({ host, port: String(port) });
  return `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@/${database}?${query}`;
};
const shards = (...names: readonly string[]) => names.map((name) => `${name}=${addressOf(name)}`).join(' ');

interface Answer {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** `gb shard ...` as a process, in English when nothing else is said. */
function gb(args: readonly string[], names: readonly string[] = ['main', 'east', 'west'], killAt?: string): Promise<Answer> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, '../main.ts'), 'shard', ...args],
    {
      env: {
        PATH: process.env['PATH'] ?? '',
        ...runEnvironment(),
        LANG: 'C',
        LC_ALL: 'C',
        ...(names.length > 0 ? { DATABASE_SHARDS: shards(...names) } : {}),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let [out, err] = ['', ''];
  child.stdout.on('data', (data: Buffer) => {
    out += data.toString();
  });
  child.stderr.on('data', (data: Buffer) => {
    err += data.toString();
    if (killAt !== undefined && err.includes(killAt)) child.kill('SIGKILL');
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })));
}

const rest = (token?: string) => createRest(createHttp({ baseUrl: server.url, fetch, token: () => token, timeoutMs: 20_000 }));

async function organization(number: number) {
  const credentials = { email: `owner${number}@example.com`, password: 'a rather long one, 17' };
  const signed = await rest().signUp({ organization: `Org ${number}`, name: 'Ana', ...credentials, locale: 'en' });
  const { channels } = await rest(signed.token!).snapshot();
  const general: ChannelId = channels.find(({ channel }) => channel.name === 'general')!.channel.id;
  return {
    token: signed.token!,
    say: (text: string) => rest(signed.token!).postMessage(general, { clientId: uuidv7() as ClientId, text }),
    texts: async () => (await rest(signed.token!).messages(general, { limit: 100 })).messages.map(({ text }) => text),
  };
}

interface Listed {
  readonly shards: readonly { name: string; state: string; buckets: number; largest: { bucket: number; entries: number }[] }[];
  readonly moves: readonly { bucket: number; isRunning: boolean }[];
}
const list = async () => JSON.parse((await gb(['list', '--json'])).out) as Listed;
const shardOf = ({ shards: all }: Listed, name: string) => all.find((one) => one.name === name)!;

/** As a long transaction does: whoever moves the bucket has to wait, and people go on. */
async function holdBucket(bucket: number): Promise<() => Promise<void>> {
  const main = databases.get('main')!;
  const holding = main.asSuperuser(`select pg_advisory_lock_shared(4762003, ${bucket}), pg_sleep(300)`);
  const ended = holding.catch(() => {}); // It is cancelled.
  return async () => {
    await main.asSuperuser(
      "select pg_cancel_backend(pid) from pg_stat_activity where query like '%pg_sleep(300)%' and pid <> pg_backend_pid()",
    );
    await ended;
  };
}

test('an operator adds a database, moves a bucket there, evens out, and empties a database, while people write', async () => {
  const all = await Promise.all([1, 2, 3, 4, 5, 6].map(organization));
  for (const [i, one] of all.entries()) await one.say(`said first ${i}`);

  // A database that is new is made ready; one that is in use is not taken.
  expect(await gb(['add', `east=${addressOf('east')}`])).toMatchObject({
    code: 0,
    out: expect.stringContaining('was known already'),
  });
  expect(await gb(['add', `north=${addressOf('east')}`], ['main', 'east'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('has to be empty'),
  });
  expect(await gb(['add', `west=${addressOf('west')}`], ['main', 'east'])).toMatchObject({
    code: 0,
    out: expect.stringContaining('west is known now'),
  });
  server = await restartWith(shards('main', 'east', 'west'));

  let isOver = false;
  const said = all.map(() => [] as string[]);
  const write = async (one: (typeof all)[number], i: number) => {
    for (let n = 0; !isOver; n++) {
      await one.say(`said ${i} ${n}`);
      said[i]!.push(`said ${i} ${n}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const writing = Promise.all(all.map(write));
  writing.catch(() => {}); // Told at the end.

  // The fullest bucket of the first database goes to the new one, cut in the middle and gone on with.
  const before = await list();
  const bucket = shardOf(before, 'main').largest[0]!.bucket;
  const release = await holdBucket(bucket);
  const cut = await gb(['move', String(bucket), '--to', 'west'], undefined, 'waits for a moment');
  expect([cut.code, cut.err]).toEqual([null, expect.stringContaining(`bucket ${bucket}: copies`)]);
  expect((await list()).moves).toMatchObject([{ bucket, isRunning: false }]);
  await release();
  expect((await gb(['list'])).out).toContain(`gb shard move ${bucket} --to west goes on`);
  const moved = await gb(['move', String(bucket), '--to', 'west']);
  expect(moved).toMatchObject({ code: 0, out: expect.stringContaining(`Bucket ${bucket} moved from main to west`) });
  expect(await gb(['move', String(bucket), '--to', 'west', '--locale', 'pt-BR'])).toMatchObject({
    code: 1,
    err: expect.stringContaining(`O bucket ${bucket} já está em west.`),
  });

  // What would be done is said, and then done.
  const plan = await gb(['rebalance', '--dry-run']);
  expect(plan.code).toBe(0);
  expect(shardOf(await list(), 'west').buckets).toBe(1);
  const drained = await gb(['drain', 'west']);
  expect(drained).toMatchObject({ code: 0, out: expect.stringContaining('west is empty') });
  expect(shardOf(await list(), 'west')).toMatchObject({ state: 'draining', buckets: 0 });
  expect(await gb(['move', String(bucket), '--to', 'west'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('being drained'),
  });
  expect((await gb(['drain', 'west', '--undo'])).code).toBe(0);

  isOver = true;
  await writing;
  for (const [i, one] of all.entries()) {
    const texts = (await one.texts()).filter((text) => text.startsWith('said'));
    const wanted = [`said first ${i}`, ...said[i]!].slice(-100);
    expect(texts.slice(-wanted.length)).toEqual(wanted.slice(-texts.length));
  }
}, 300_000);

async function restartWith(databaseShards: string): Promise<SpawnedServer> {
  await server.stop();
  return spawnServer({
    dataDir: server.dataDir,
    env: { DATABASE_SHARDS: databaseShards, GB_OPEN_SIGNUP: 'true', GB_RATE_FACTOR: '1000' },
  });
}

test('wrong use is told in a sentence, in the language asked for', async () => {
  expect(await gb([])).toMatchObject({ code: 0, out: expect.stringContaining('gb shard rebalance') });
  expect(await gb(['help', '--locale=pt-BR'])).toMatchObject({ code: 0, out: expect.stringContaining('vários bancos') });
  expect(await gb(['list'], [])).toMatchObject({ code: 2, err: expect.stringContaining('Set DATABASE_SHARDS') });
  expect(await gb(['move', '1024', '--to', 'east'])).toMatchObject({ code: 2, err: expect.stringContaining('0 to 1023') });
  expect(await gb(['move', '1'])).toMatchObject({ code: 2, err: expect.stringContaining('name of a database') });
  expect(await gb(['shrink', '--locale', 'pt-BR'])).toMatchObject({ code: 2, err: expect.stringContaining('Não há comando') });
  const wrong = await gb(['add', 'west:postgres://u:secret@h/d']);
  expect([wrong.code, wrong.err.includes('secret')]).toEqual([2, false]);
}, 120_000);
