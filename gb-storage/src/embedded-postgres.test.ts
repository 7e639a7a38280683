import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { silentLogger } from 'gb-utils';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isAlive } from './data-dir-lock.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts';
import { findPostgresBinaries } from './postgres-binaries.ts';
import { choosePostgresUser } from './postgres-user.ts';
import { copyRunDatabase, makeTestDir } from './testing.ts';

const log = silentLogger;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const dirs: string[] = [];
const started: EmbeddedPostgres[] = [];

function makeDir(): string {
  const dir = makeTestDir();
  dirs.push(dir);
  return dir;
}

/** Where a database was made before: for the tests of what comes after. */
async function makeFilledDir(): Promise<string> {
  const dir = makeDir();
  await copyRunDatabase(dir);
  return dir;
}

async function start(dataDir: string, settings: Record<string, string> = {}): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ dataDir, log, settings });
  started.push(postgres);
  return postgres;
}

async function ask(postgres: EmbeddedPostgres, sql: string): Promise<unknown> {
  const client = new pg.Client(postgres.owner);
  client.on('error', () => {});
  await client.connect();
  try {
    // Several statements give several results: the last one counts.
    const results = [await client.query(sql)].flat();
    return Object.values(results.at(-1)?.rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((postgres) => postgres.stop()));
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
}, 60_000);

describe('an embedded PostgreSQL', () => {
  let dataDir: string;
  let postgres: EmbeddedPostgres;
  beforeAll(async () => {
    dataDir = makeTestDir();
    postgres = await startEmbeddedPostgres({ dataDir, log });
  }, 60_000);
  afterAll(async () => {
    await postgres?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }, 60_000);

  test('does not trade durability for speed', async () => {
    for (const name of ['fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums'])
      expect(await ask(postgres, `show ${name}`), name).toBe('on');
  });

  test('listens on a private socket only, and only with a password', async () => {
    expect(await ask(postgres, 'show listen_addresses')).toBe('');
    expect(statSync(postgres.owner.host).mode & 0o777).toBe(0o700);
    expect(statSync(join(dataDir, 'postgres-secrets.json')).mode & 0o777).toBe(0o600);
    expect(statSync(join(dataDir, 'postgres.log')).mode & 0o777).toBe(0o600);
    await expect(new pg.Client({ ...postgres.owner, password: 'guess' }).connect()).rejects.toMatchObject({ code: '28P01' });
    await expect(new pg.Client({ ...postgres.owner, user: 'postgres', password: '' }).connect()).rejects.toThrow();
  });

  test('its roles are as weak as they should be', async () => {
    const role = (config: EmbeddedPostgres['app']) =>
      ask(
        { ...postgres, owner: config } as EmbeddedPostgres,
        "select rolname || ' ' || rolsuper || ' ' || rolcreaterole from pg_roles where rolname = current_user",
      );
    expect(await role(postgres.owner)).toBe('gb_owner false false');
    expect(await role(postgres.app)).toBe('gb_app false false');
    expect(await role(postgres.relay)).toBe('gb_relay false false');
  });

  test('its log says nothing of passwords', async () => {
    await expect(ask(postgres, 'select nonsense')).rejects.toThrow();
    const text = readFileSync(join(dataDir, 'postgres.log'), 'utf8');
    expect(text).toContain('nonsense');
    for (const { password } of [postgres.owner, postgres.app, postgres.relay]) expect(text).not.toContain(password);
  });
});

describe('starting and stopping PostgreSQL', () => {
  test('makes a database, and finds its data again', async () => {
    const dataDir = makeDir();
    const first = await start(dataDir);
    await ask(first, 'create table t (n int); insert into t values (42)');
    await first.stop();
    await first.stop();
    expect(first.pid).toBeNull();
    const startedAt = performance.now();
    const second = await start(dataDir);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    expect(await ask(second, 'select n from t')).toBe(42);
  });

  test('a directory too deep for a socket gets one elsewhere, which goes with the server', async () => {
    const dataDir = join(makeDir(), 'd'.repeat(60), 'e'.repeat(60));
    const postgres = await start(dataDir);
    const { host } = postgres.owner;
    expect(host.startsWith(dataDir)).toBe(false);
    expect(statSync(host).mode & 0o777).toBe(0o700);
    expect(await ask(postgres, 'select 1')).toBe(1);
    await postgres.stop();
    expect(existsSync(host)).toBe(false);
  });

  test('works below a directory that only its owner may enter, with one small right more than nobody has', async () => {
    const closed = makeDir();
    chmodSync(closed, 0o700);
    const postgres = await start(join(closed, 'data'));
    expect(await ask(postgres, 'select 1')).toBe(1);
    if (process.platform !== 'linux') return;
    const capabilities = /CapEff:\s*(\w+)/.exec(readFileSync(`/proc/${postgres.pid}/status`, 'utf8'))?.[1];
    expect(Number.parseInt(capabilities ?? '', 16)).toBe(process.getuid?.() === 0 ? 1 << 2 : 0);
  });

  test('a first start that was cut short begins again', async () => {
    const dataDir = makeDir();
    mkdirSync(join(dataDir, 'postgres.new'));
    writeFileSync(join(dataDir, 'postgres.new', 'PG_VERSION'), '18\n');
    expect(await ask(await start(dataDir), 'select 1')).toBe(1);
    expect(readdirSync(dataDir)).not.toContain('postgres.new');
  });

  test('a second server on the directory is told who has it', async () => {
    const dataDir = await makeFilledDir();
    await start(dataDir);
    await expect(start(dataDir)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(`in use by process ${process.pid}`),
    });
  });

  test('a log that grew large is put aside', async () => {
    const dataDir = await makeFilledDir();
    writeFileSync(join(dataDir, 'postgres.log'), 'x'.repeat(9 * 1024 * 1024));
    await start(dataDir);
    expect(statSync(join(dataDir, 'postgres.log')).size).toBeLessThan(10_000);
    expect(statSync(join(dataDir, 'postgres.log.1')).size).toBeGreaterThan(9_000_000);
  });

  test('a server that cannot start says why, and lets go of the directory', async () => {
    const dataDir = await makeFilledDir();
    await expect(start(dataDir, { shared_buffers: 'much' })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('shared_buffers'),
    });
    expect(await ask(await start(dataDir), 'select 1')).toBe(1);
  });

  test('lost passwords are a clear failure, not a new database', async () => {
    const dataDir = await makeFilledDir();
    await (await start(dataDir)).stop();
    rmSync(join(dataDir, 'postgres-secrets.json'));
    await expect(start(dataDir)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('postgres-secrets.json is missing'),
    });
  });

  test('comes back when its postmaster is killed, again and again', async () => {
    const dataDir = await makeFilledDir();
    const postgres = await start(dataDir);
    await ask(postgres, 'create table t (n int)');
    let ended = 0;
    postgres.onExit(({ signal }) => {
      expect(signal).toBe('SIGKILL');
      ended += 1;
    });
    for (let round = 1; round <= 3; round++) {
      await ask(postgres, `insert into t values (${round})`);
      const { pid } = postgres;
      process.kill(pid!, 'SIGKILL');
      for (const deadline = Date.now() + 20_000; ended < round || postgres.pid === null; await sleep(10))
        expect(Date.now()).toBeLessThan(deadline);
      expect(postgres.pid).not.toBe(pid);
      expect(await ask(postgres, 'select count(*)::int from t')).toBe(round);
    }
    expect(ended).toBe(3);
  }, 60_000);

  test('stopping while it is being started again ends in order', async () => {
    const postgres = await start(await makeFilledDir());
    const { pid } = postgres;
    process.kill(pid!, 'SIGKILL');
    while (postgres.pid !== null) await sleep(1);
    await postgres.stop();
    expect(postgres.pid).toBeNull();
    expect(isAlive(pid!)).toBe(false);
  }, 60_000);

  /** A process of its own that starts the server and tells the postmaster's pid. */
  async function startElsewhere(dataDir: string, after = ''): Promise<{ kill(): Promise<void>; pid: number }> {
    const code = `
      import { startEmbeddedPostgres } from ${JSON.stringify(new URL('./embedded-postgres.ts', import.meta.url).href)};
      import { silentLogger } from ${JSON.stringify(import.meta.resolve('gb-utils'))};
      const postgres = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, log: silentLogger });
      process.stdout.write(postgres.pid + '\\n');
      ${after}
      setInterval(() => {}, 1000);`;
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', '--input-type=module-typescript', '-e', code],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let errors = '';
    child.stderr.on('data', (data) => {
      errors += data;
    });
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const pid = await new Promise<number>((resolve, reject) => {
      child.stdout.once('data', (data) => resolve(Number(String(data).trim())));
      child.once('exit', (exitCode) => reject(new Error(`exit ${exitCode}: ${errors}`)));
    });
    return {
      pid,
      kill: async () => {
        child.kill('SIGKILL');
        await exited;
      },
    };
  }

  test('a program that was killed does not keep its directory', async () => {
    const dataDir = await makeFilledDir();
    const elsewhere = await startElsewhere(dataDir);
    await expect(start(dataDir)).rejects.toMatchObject({ code: 'unavailable' });
    await elsewhere.kill();
    const postgres = await start(dataDir);
    expect(isAlive(elsewhere.pid)).toBe(false);
    expect(await ask(postgres, 'select 1')).toBe(1);
  }, 60_000);

  test('a PostgreSQL that outlived its program is stopped by the next start', async () => {
    const dataDir = await makeFilledDir();
    const first = await start(dataDir);
    await ask(first, 'create table t (n int); insert into t values (42)');
    await first.stop();
    const cluster = join(dataDir, 'postgres');
    const { postgres: binary } = findPostgresBinaries();
    const { uid, gid, command } = choosePostgresUser([cluster, binary]);
    const { file, args } = command(binary, [
      '-D',
      cluster,
      '-c',
      'listen_addresses=',
      '-c',
      `unix_socket_directories=${join(dataDir, 'pg-socket')}`,
    ]);
    const survivor = spawn(file, args, {
      cwd: '/',
      stdio: 'ignore',
      ...(uid === undefined || gid === undefined ? {} : { uid, gid }),
    });
    const ended = new Promise((resolve) => survivor.once('exit', resolve));
    try {
      while (!existsSync(join(cluster, 'postmaster.pid'))) await sleep(5);
      const postgres = await start(dataDir);
      expect(await ended).toBe(0); // In order: it wrote everything out.
      expect(await ask(postgres, 'select n from t')).toBe(42);
    } finally {
      survivor.kill('SIGKILL');
    }
  }, 60_000);

  test('a program that exits without stopping leaves nothing behind', async () => {
    const dataDir = await makeFilledDir();
    const { pid } = await startElsewhere(dataDir, 'setTimeout(() => process.exit(0), 50);');
    for (const deadline = Date.now() + 10_000; isAlive(pid); await sleep(20)) expect(Date.now()).toBeLessThan(deadline);
  }, 60_000);

  test('a pid file that names somebody else’s process does not keep it from starting', async () => {
    const dataDir = await makeFilledDir();
    await (await start(dataDir)).stop();
    const stranger = spawn('sleep', ['60']);
    try {
      writeFileSync(
        join(dataDir, 'postgres', 'postmaster.pid'),
        `${stranger.pid}\n${join(dataDir, 'postgres')}\n1\n5432\n\n\n\nready\n`,
      );
      expect(await ask(await start(dataDir), 'select 1')).toBe(1);
      expect(isAlive(stranger.pid!)).toBe(true);
    } finally {
      stranger.kill('SIGKILL');
    }
  }, 60_000);
});
