import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyRunDatabase } from 'gb-storage/testing';
import { runEnvironment } from './environment.ts';

/** The real program in a process of its own, for tests and benchmarks. */
export interface SpawnedServer {
  readonly url: string;
  readonly pid: number;
  readonly dataDir: string;
  /** What it wrote to standard error so far: its log. */
  log(): string;
  /** SIGTERM, and the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL: nothing is cleaned up. */
  kill(): Promise<void>;
  /** Starts again on the same data and the same port. */
  restart(): Promise<SpawnedServer>;
  /** Stops it if it runs and removes its data. */
  dispose(): Promise<void>;
}

export interface SpawnOptions {
  /** What is there already is kept. Without one, the server finds an empty database, or makes it where there is none to copy. */
  readonly dataDir?: string;
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** After `serve`. */
  readonly args?: readonly string[];
}

export async function spawnServer(options: SpawnOptions = {}): Promise<SpawnedServer> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'gb-server-'));
  const remove = () => rmSync(dataDir, { recursive: true, force: true });
  if (options.dataDir === undefined && options.env?.['DATABASE_URL'] === undefined && !options.env?.['DATABASE_SHARDS'])
    await copyRunDatabase(dataDir);
  const main = join(import.meta.dirname, '../main.ts');
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, 'serve', ...(options.args ?? [])], {
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      ...runEnvironment(),
      GB_DATA_DIR: dataDir,
      PORT: String(options.port ?? 0),
      GB_LOG_LEVEL: 'warn',
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (data) => (log += data));
  const url = await ready(child, () => log).catch((error) => {
    if (options.dataDir === undefined) remove();
    throw error;
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  const stop = async () => {
    if (isRunning()) child.kill('SIGTERM');
    return exited;
  };
  return {
    url,
    pid: child.pid!,
    dataDir,
    log: () => log,
    stop,
    async kill() {
      if (isRunning()) child.kill('SIGKILL');
      await exited;
    },
    restart: () => spawnServer({ ...options, dataDir, port: Number(new URL(url).port) }),
    async dispose() {
      await stop();
      remove();
    },
  };
}

function ready(child: ChildProcess, log: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    let out = '';
    child.stdout!.on('data', (data) => {
      out += data;
      const match = /ready at (http\S+)/.exec(out);
      if (match) resolve(match[1]!);
    });
    child.once('exit', (code) => reject(new Error(`The server ended with ${code} before it was ready.\n${out}${log()}`)));
  });
}
