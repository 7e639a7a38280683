import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { GbError, type Logger, sleep } from 'gb-utils';
import { commandLine, isAlive, lockDataDir } from './data-dir-lock.ts';
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.ts';
import { choosePostgresUser, type PostgresUser } from './postgres-user.ts';

/** How to reach the server as one of its roles; what the `pg` driver takes. */
export interface ConnectionConfig {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

export interface EmbeddedPostgres {
  /** Owns the tables: for migrations only. */
  readonly owner: ConnectionConfig;
  /** What the server works as: behind the wall between customers. */
  readonly app: ConnectionConfig;
  /** Hands out the outbox, and sees nothing else. */
  readonly relay: ConnectionConfig;
  /** Of the postmaster; null while it is being started again. */
  readonly pid: number | null;
  /** Told when PostgreSQL ended without having been asked to. It is started again; connections have to be made anew. */
  onExit(listener: (facts: { code: number | null; signal: string | null }) => void): () => void;
  /** Lets running statements go, writes everything out and waits for the end. Twice does no harm. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  readonly dataDir: string;
  readonly log: Logger;
  /** Only part of the socket's name: nothing listens on the network. */
  readonly port?: number;
  /** More settings, for tests and odd machines. They win over ours. */
  readonly settings?: Readonly<Record<string, string>>;
}

const database = 'general_bots';
const logBytesMax = 8 * 1024 * 1024;
/** The longest socket path the operating systems take (macOS has 104 with the final zero). */
const socketPathBytesMax = 103;
const readyMsMax = 10 * 60_000; // Recovery after a crash replays the log first; it may take minutes on a slow disk.
const steadyMs = 30_000;

/**
 * Small memory, and a write path that lives from fast commits. fsync, full_page_writes and synchronous_commit stay on:
 * acknowledged means durable.
 */
const defaultSettings: Readonly<Record<string, string>> = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  password_encryption: 'scram-sha-256',
  // A process takes thirty or so: the store, the relay, tasks, old texts, each with connections of their own.
  max_connections: '60',
  superuser_reserved_connections: '3',
  shared_buffers: '128MB',
  work_mem: '4MB',
  maintenance_work_mem: '64MB',
  max_parallel_workers_per_gather: '0',
  jit: 'off',
  io_method: 'sync',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  wal_buffers: '16MB',
  wal_compression: 'pglz',
  min_wal_size: '80MB',
  max_wal_size: '1GB',
  checkpoint_timeout: '15min',
  // The outbox and the heads change all the time: sweep them often.
  autovacuum_naptime: '15s',
  max_wal_senders: '0',
  wal_level: 'replica',
  log_line_prefix: '%m [%p] ',
  log_checkpoints: 'off',
  log_min_messages: 'warning',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/**
 * Starts the PostgreSQL that came as a package, on a data directory of its own. It listens only on a Unix socket in a
 * private directory, with passwords made at the first start. If it dies it is started again; if we die without saying
 * goodbye, the next start on this directory stops what we left behind.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir);
  const isRoot = process.getuid?.() === 0;
  mkdirSync(dataDir, { recursive: true, mode: isRoot ? 0o711 : 0o700 });
  const lock = lockDataDir(dataDir);
  try {
    const server = new Server(dataDir, options);
    await server.start(() => lock.release());
    return server;
  } catch (error) {
    lock.release();
    throw error;
  }
}

interface Secrets {
  readonly superuser: string;
  readonly owner: string;
  readonly app: string;
  readonly relay: string;
}

class Server implements EmbeddedPostgres {
  readonly owner: ConnectionConfig;
  readonly app: ConnectionConfig;
  readonly relay: ConnectionConfig;
  readonly #dataDir: string;
  readonly #cluster: string;
  readonly #socketDir: string;
  readonly #isSocketDirTemporary: boolean;
  readonly #binaries: PostgresBinaries;
  readonly #user: PostgresUser;
  readonly #settings: Readonly<Record<string, string>>;
  readonly #secrets: Secrets;
  readonly #log: Logger;
  readonly #exitListeners = new Set<(facts: { code: number | null; signal: string | null }) => void>();
  #child: ChildProcess | null = null;
  #isStopping = false;
  #stopped: Promise<void> | null = null;
  #onStopped: () => void = () => {};
  readonly #wake = new AbortController();
  #supervising: Promise<void> = Promise.resolve();

  constructor(dataDir: string, options: EmbeddedPostgresOptions) {
    const port = options.port ?? 5432;
    this.#dataDir = dataDir;
    this.#cluster = join(dataDir, 'postgres');
    this.#log = options.log;
    this.#binaries = findPostgresBinaries();
    this.#user = choosePostgresUser([this.#cluster, this.#binaries.postgres]);
    const secrets = readSecrets(dataDir, existsSync(join(this.#cluster, 'PG_VERSION')));
    [this.#socketDir, this.#isSocketDirTemporary] = chooseSocketDir(dataDir, port);
    this.#user.own(this.#socketDir);
    this.#settings = {
      ...defaultSettings,
      port: String(port),
      unix_socket_directories: this.#socketDir,
      hba_file: join(this.#cluster, 'gb_hba.conf'),
      ...options.settings,
    };
    const config = (user: string, password: string): ConnectionConfig => ({
      host: this.#socketDir,
      port,
      database,
      user,
      password,
    });
    this.owner = config('gb_owner', secrets.owner);
    this.app = config('gb_app', secrets.app);
    this.relay = config('gb_relay', secrets.relay);
    this.#secrets = secrets;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  onExit(listener: (facts: { code: number | null; signal: string | null }) => void): () => void {
    this.#exitListeners.add(listener);
    return () => this.#exitListeners.delete(listener);
  }

  async start(onStopped: () => void): Promise<void> {
    try {
      if (!existsSync(join(this.#cluster, 'PG_VERSION'))) this.#initialize(this.#secrets);
      await stopSurvivor(this.#cluster, this.#log);
      rotateLog(join(this.#dataDir, 'postgres.log'));
      await this.#spawn();
    } catch (error) {
      this.#removeSocketDir();
      throw error;
    }
    this.#onStopped = onStopped;
    process.on('exit', this.#onProcessExit);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#isStopping = true;
    this.#wake.abort();
    await this.#supervising;
    const child = this.#child;
    if (child && child.exitCode === null && child.signalCode === null) {
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.kill('SIGINT'); // "Fast": disconnects clients, rolls back, writes a checkpoint.
      await Promise.race([ended, sleep(60_000)]);
      if (child.exitCode === null && child.signalCode === null) {
        this.#log.warn(
          { pid: child.pid },
          'PostgreSQL does not end; it is told to stop at once and will recover at the next start',
        );
        child.kill('SIGQUIT');
        await ended;
      }
    }
    this.#child = null;
    process.off('exit', this.#onProcessExit);
    this.#removeSocketDir();
    this.#onStopped();
  }

  /** The process ends without `stop`: at least do not leave PostgreSQL behind. */
  readonly #onProcessExit = (): void => {
    this.#child?.kill('SIGINT');
    this.#removeSocketDir();
    this.#onStopped();
  };

  #removeSocketDir(): void {
    if (this.#isSocketDirTemporary) rmSync(this.#socketDir, { recursive: true, force: true });
  }

  /** Resolves when connections are accepted. */
  async #spawn(): Promise<void> {
    const logFile = join(this.#dataDir, 'postgres.log');
    const logFd = openSync(logFile, 'a', 0o600);
    const logStart = statSync(logFile).size;
    const stale = readPidFile(this.#cluster);
    const args = ['-D', this.#cluster, ...Object.entries(this.#settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
    const { file, args: finalArgs } = this.#user.command(this.#binaries.postgres, args);
    const child = spawn(file, finalArgs, {
      cwd: '/',
      env: environment(),
      stdio: ['ignore', logFd, logFd],
      // A process group of its own: Ctrl-C in the terminal is for us, who then stop PostgreSQL last.
      detached: true,
      ...this.#identity(),
    });
    closeSync(logFd);
    let failure: Error | null = null;
    child.on('error', (error) => {
      failure = error;
    });
    const deadline = performance.now() + readyMsMax;
    while (!isReady(this.#cluster, child.pid, stale)) {
      if (failure || child.exitCode !== null || child.signalCode !== null) {
        throw new GbError('unavailable', `PostgreSQL did not start: ${lastLines(logFile, logStart) || 'no reason was given'}`, {
          retryable: true,
          ...(failure ? { cause: failure } : {}),
        });
      }
      if (performance.now() > deadline) {
        child.kill('SIGQUIT');
        throw new GbError('unavailable', `PostgreSQL was not ready after ${readyMsMax / 1000} seconds; see ${logFile}`, {
          retryable: true,
        });
      }
      await sleep(10);
    }
    this.#child = child;
    const since = performance.now();
    child.once('exit', (code, signal) => {
      this.#child = null;
      if (this.#isStopping) return;
      this.#log.error({ code, signal }, 'PostgreSQL ended; starting it again');
      for (const listener of this.#exitListeners) listener({ code, signal });
      this.#supervising = this.#restart(performance.now() - since > steadyMs ? 0 : 1);
    });
    // Between the last look and the listener it may have ended already.
    if (child.exitCode !== null || child.signalCode !== null) child.emit('exit', child.exitCode, child.signalCode);
  }

  async #restart(attempt: number): Promise<void> {
    for (; !this.#isStopping; attempt++) {
      // Its children need a moment to notice that the postmaster is gone and to let go of the shared memory.
      await sleep(Math.min(5_000, 50 * 2 ** Math.min(attempt, 10)), this.#wake.signal);
      if (this.#isStopping) return;
      try {
        await stopSurvivor(this.#cluster, this.#log);
        await this.#spawn();
        this.#log.info({ pid: this.pid, attempt }, 'PostgreSQL is back');
        return;
      } catch (error) {
        this.#log.warn({ err: error, attempt }, 'PostgreSQL did not come back yet');
      }
    }
  }

  /** A half-made cluster never has the final name, so a first start that was cut short simply begins again. */
  #initialize(secrets: Secrets): void {
    const draft = `${this.#cluster}.new`;
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft, { mode: 0o700 });
    this.#user.own(draft);
    this.#run(this.#binaries.initdb, [
      ...['-D', draft, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-instructions', '--data-checksums'],
      // PostgreSQL's own rules for letters: they do not change when the operating system's library does.
      ...['--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
    ]);
    // Passwords are hex, so they need no quoting. The single-user server listens to nobody.
    this.#run(
      this.#binaries.postgres,
      [
        '--single',
        '-j',
        '-D',
        draft,
        '-c',
        'password_encryption=scram-sha-256',
        '-c',
        'log_checkpoints=off',
        '-c',
        'exit_on_error=on',
        'postgres',
      ],
      [
        `alter role postgres password '${secrets.superuser}'`,
        `create role gb_owner login password '${secrets.owner}'`,
        `create role gb_app login password '${secrets.app}'`,
        `create role gb_relay login password '${secrets.relay}'`,
        `create database ${database} owner gb_owner`,
        `revoke connect, temporary on database ${database} from public`,
        `grant connect on database ${database} to gb_app, gb_relay`,
      ]
        .map((statement) => `${statement};\n\n`)
        .join(''),
    );
    const hba = join(draft, 'gb_hba.conf');
    writeFileSync(hba, '# Passwords on the private socket; nobody anywhere else.\nlocal all all scram-sha-256\n', {
      mode: 0o600,
    });
    this.#user.own(hba);
    rmSync(this.#cluster, { recursive: true, force: true });
    renameSync(draft, this.#cluster);
    syncDirectory(this.#dataDir);
  }

  #run(program: string, args: readonly string[], input = ''): void {
    const { file, args: finalArgs } = this.#user.command(program, args);
    const result = spawnSync(file, finalArgs, { cwd: '/', env: environment(), encoding: 'utf8', input, ...this.#identity() });
    if (result.status !== 0) {
      throw new GbError(
        'unavailable',
        `The database could not be made: ${(result.stderr || result.error?.message || '').trim().slice(-2_000)}`,
      );
    }
  }

  #identity(): { uid?: number; gid?: number } {
    return this.#user.uid === undefined || this.#user.gid === undefined ? {} : { uid: this.#user.uid, gid: this.#user.gid };
  }
}

/** Nothing of our environment concerns PostgreSQL, and PG... variables would change what its programs do. */
function environment(): NodeJS.ProcessEnv {
  return { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin' };
}

function readSecrets(dataDir: string, mustExist: boolean): Secrets {
  const file = join(dataDir, 'postgres-secrets.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Secrets;
  if (mustExist) throw new GbError('unavailable', `${file} is missing: without it nobody can log in to the database beside it.`);
  const word = () => randomBytes(24).toString('hex');
  const secrets: Secrets = { superuser: word(), owner: word(), app: word(), relay: word() };
  const draft = `${file}.new`;
  rmSync(draft, { force: true });
  const fd = openSync(draft, 'wx', 0o600);
  writeFileSync(fd, JSON.stringify(secrets, null, 2));
  fsyncSync(fd);
  closeSync(fd);
  renameSync(draft, file);
  syncDirectory(dataDir);
  return secrets;
}

function chooseSocketDir(dataDir: string, port: number): [path: string, isTemporary: boolean] {
  const beside = join(dataDir, 'pg-socket');
  if (Buffer.byteLength(join(beside, `.s.PGSQL.${port}`)) > socketPathBytesMax)
    return [mkdtempSync(join(tmpdir(), 'gb-pg-')), true];
  mkdirSync(beside, { recursive: true, mode: 0o700 });
  chmodSync(beside, 0o700);
  return [beside, false];
}

/**
 * A PostgreSQL on our data directory that we did not start: our process was killed and it was not. We hold the lock of
 * the directory, so it serves nobody; it is stopped in order. A pid that belongs to somebody else by now would keep
 * PostgreSQL from starting: that file is removed.
 */
async function stopSurvivor(cluster: string, log: Logger): Promise<void> {
  const file = join(cluster, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  // A file that outlived its process is left to PostgreSQL: it finds the old shared memory by it.
  if (!isAlive(pid)) return;
  if (!commandLine(pid)?.includes(`-D ${cluster} `)) {
    rmSync(file, { force: true });
    return;
  }
  log.warn({ pid }, 'A PostgreSQL of an earlier run is still there; stopping it');
  for (const [signal, waitMs] of [
    ['SIGINT', 20_000],
    ['SIGQUIT', 10_000],
  ] as const) {
    process.kill(pid, signal);
    for (const deadline = performance.now() + waitMs; performance.now() < deadline; await sleep(20)) if (!isAlive(pid)) return;
  }
  throw new GbError('unavailable', `The PostgreSQL of an earlier run (process ${pid}) does not end.`, { retryable: true });
}

/**
 * The postmaster writes its state into the eighth line of its pid file. In a container the new one may have the pid of
 * the old one, whose file is still there: that one does not count.
 */
function isReady(cluster: string, pid: number | undefined, stale: string | null): boolean {
  const file = readPidFile(cluster);
  if (file === null || file === stale) return false;
  const lines = file.split('\n');
  // One that follows another says so when it may be read.
  return Number(lines[0]) === pid && ['ready', 'standby'].includes(lines[7]?.trim() ?? '');
}

function readPidFile(cluster: string): string | null {
  try {
    return readFileSync(join(cluster, 'postmaster.pid'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function rotateLog(file: string): void {
  if (existsSync(file) && statSync(file).size > logBytesMax) renameSync(file, `${file}.1`);
}

function lastLines(file: string, from: number): string {
  return readFileSync(file).subarray(from).toString('utf8').trim().split('\n').slice(-3).join(' ').slice(-1_000);
}

function syncDirectory(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
