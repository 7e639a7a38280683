import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { world } from 'gb-core/contract';
import { silentLogger } from 'gb-utils';
import pg from 'pg';
import { startService } from 'tools/services';
import { afterAll, expect, test } from 'vitest';
import { migrate } from '../migrate.ts';
import { choosePostgresUser } from '../postgres-user.ts';
import { openShards } from '../shards/open-sharded-store.ts';
import { makeTestDir } from '../testing/test-dir.ts';
import { guardDatabase, primaryOf } from './guard.ts';
import { promoteRegion } from './promote.ts';
import { openRegionalLogins } from './regional-logins.ts';
import { reportRegions } from './report.ts';
import { whenCopied } from './testing/regions.ts';

// The way there and back on the PostgreSQL that operators have, with the commands of docs/operations/regions.md.

const installed = '/usr/lib/postgresql';
const bin = (existsSync(installed) ? readdirSync(installed) : [])
  .map((version) => join(installed, version, 'bin'))
  .find((dir) => existsSync(join(dir, 'pg_basebackup')));
const service = await startService('postgres-1');
if (!bin) process.stderr.write(`skipped: there is no pg_basebackup in ${installed}\n`);

const dirs: string[] = [];
const children: ChildProcess[] = [];
const closers: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closers.reverse()) await close();
  for (const child of children) {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGQUIT')) await ended;
  }
  await service?.close();
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
}, 120_000);

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

/** A copy of the server at that address, made by pg_basebackup and started. Gives the address of its owner. */
async function startCopy(admin: URL, region: string): Promise<URL> {
  const root = makeTestDir();
  dirs.push(root);
  const dir = join(root, 'copy');
  mkdirSync(dir, { mode: 0o700 });
  const user = choosePostgresUser([dir, join(bin!, 'postgres')]);
  user.own(dir);
  const own = user.uid === undefined || user.gid === undefined ? {} : { uid: user.uid, gid: user.gid };
  const from = `host=${admin.hostname} port=${admin.port} user=${admin.username} password=${admin.password} application_name=${region}`;
  const backup = user.command(join(bin!, 'pg_basebackup'), ['-d', from, '-D', dir, '-R', '-X', 'stream', '-c', 'fast']);
  const { status, stderr } = spawnSync(backup.file, backup.args, { cwd: '/', encoding: 'utf8', ...own });
  expect([status, stderr]).toEqual([0, '']);
  const port = await freePort();
  const settings = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    shared_buffers: '16MB',
    max_prepared_transactions: '64',
  };
  const start = user.command(join(bin!, 'postgres'), [
    '-D',
    dir,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]);
  children.push(spawn(start.file, start.args, { cwd: '/', stdio: ['ignore', 'ignore', 'inherit'], ...own }));
  const address = new URL(admin);
  address.port = String(port);
  return address;
}

const ownerAt = (url: string, { port }: URL): { connectionString: string } => {
  const address = new URL(url);
  address.port = port;
  return { connectionString: address.href };
};

// Left out where Debian's PostgreSQL cannot be had; what was missing has been said.
test.skipIf(!bin || !service)(
  'to the other region and back home, with everything that was written',
  async () => {
    const url = service!.env['TEST_POSTGRES_1_URL']!;
    const admin = new URL(service!.env['TEST_POSTGRES_1_ADMIN_URL']!);
    await migrate({ connectionString: url }, { log: silentLogger });
    const superuser = new pg.Client({ connectionString: admin.href });
    await superuser.connect();
    await superuser.query('grant pg_monitor to general_bots; grant execute on function pg_promote to general_bots');
    await superuser.end();

    const us = await startCopy(admin, 'us');
    const sites = new Map([
      ['eu', ownerAt(url, admin)],
      ['us', ownerAt(url, us)],
    ]);
    const database = { name: 'main', sites };
    const asRole = (at: { connectionString: string }, role: string) => ({ ...at, options: `-c role=${role}` });
    const logins = new Map(
      [...sites].map(([at, owner]) => [at, { owner, app: asRole(owner, 'gb_app'), relay: asRole(owner, 'gb_relay') }]),
    );
    await whenCopied(database, 5_000);
    const { logins: followed, watch } = await openRegionalLogins({
      name: 'main',
      sites: logins,
      region: null,
      log: silentLogger,
    });
    closers.push(() => watch.close());
    const { store } = await openShards({ shards: new Map([['main', followed]]), log: silentLogger });
    closers.push(() => store.close());
    const w = await world(store);
    const channelId = await w.channel('general');
    await w.say(channelId, 'at home');

    expect(await promoteRegion({ databases: [database], region: 'us' })).toMatchObject([{ how: 'in order', term: 2 }]);
    const said = (text: string) =>
      expect
        .poll(
          () =>
            w.say(channelId, text).then(
              () => true,
              () => false,
            ),
          { timeout: 60_000 },
        )
        .toBe(true);
    await said('abroad');
    // The old primary runs, and is nobody's copy.
    expect((await reportRegions([database])).map(({ region, state }) => [region, state])).toEqual([
      ['eu', 'superseded'],
      ['us', 'primary'],
    ]);
    await expect(guardDatabase(database, 'eu')).rejects.toThrow('0 copies follow main as "eu"');

    const eu = await startCopy(us, 'eu');
    const anew = { name: 'main', sites: new Map([...sites, ['eu', ownerAt(url, eu)] as const]) };
    await expect
      .poll(
        () =>
          guardDatabase(anew, 'eu', 5_000).then(
            () => true,
            () => false,
          ),
        { timeout: 60_000 },
      )
      .toBe(true);
    expect(await promoteRegion({ databases: [anew], region: 'eu' })).toMatchObject([{ how: 'in order', term: 3 }]);
    const { region, config } = await primaryOf(anew);
    expect(region).toBe('eu');
    await store.close();
    await watch.close();
    const home = await openShards({
      shards: new Map([
        ['main', { owner: config, app: asRole(ownerAt(url, eu), 'gb_app'), relay: asRole(ownerAt(url, eu), 'gb_relay') }],
      ]),
      log: silentLogger,
    });
    closers.push(() => home.store.close());
    const { seq } = await home.store.appendMessage(w.customerId, w.message(channelId, { text: 'home again' }));
    const events = await home.store.read(w.customerId, (tx) => tx.log.read(channelId, 0, 100));
    const texts = events.flatMap((event) => (event.kind === 'message.posted' ? [event.message.text] : []));
    expect([texts, seq]).toEqual([['at home', 'abroad', 'home again'], events.length]);
  },
  300_000,
);
