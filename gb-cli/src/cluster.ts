import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { migrate, type ShardLogins, startEmbeddedPostgres } from 'gb-storage';
import { backoffMs, GbError, type Logger, sleep } from 'gb-utils';
import type { Config } from './config.ts';

/** Connections to the embedded database that one process may have. */
const connectionsPerProcess = 40;
/** What a process may take beyond the time for its clients to go over, until it is killed. */
const stopMsMax = 30_000;
const readyMsMax = 5 * 60_000;
/** One that lived this long may be started again at once when it dies. */
const steadyMs = 30_000;
const restartMsMax = 10_000;

/** How often a process is asked whether it still does anything, and how long one may be silent that is not killed. */
const askMs = 5_000;
const silenceMsMax = 60_000;

export const processesMax = 64;

/** From the supervisor. The first has what a process cannot know by its settings. */
export type Order =
  | {
      readonly order: 'start';
      readonly startedDatabase: ShardLogins | null;
      readonly webDir: string;
      readonly botWorkers: number;
    }
  | { readonly order: 'ping' }
  /** `isAll`: there will be nobody to go over to. */
  | { readonly order: 'stop'; readonly isAll: boolean };

/** From a process. */
export type Report =
  | { readonly report: 'hello' }
  | { readonly report: 'ready'; readonly port: number }
  | { readonly report: 'pong' }
  | { readonly report: 'failed'; readonly message: string };

/**
 * Several processes of the product behind one port, all alike. This one runs none of it: it starts the embedded database
 * where there is no other, brings the schema up to date, starts the processes, and starts again what dies.
 *
 * The port is held here and connections are handed out in turn (node:cluster). With a socket for each process on the same
 * port (SO_REUSEPORT) the system would deal them out by a hash, unevenly where there are few, and connections that wait at a
 * process that dies would be lost; here they wait for the next one. A connection lives for hours, so that handing it over
 * costs nothing that matters.
 */
export class Supervisor {
  readonly #config: Config;
  readonly #log: Logger;
  readonly #count: number;
  /** By place: ready, and not replaced. */
  readonly #children = new Map<number, Child>();
  readonly #starting = new Set<Child>();
  readonly #closing = new AbortController();
  #start: Extract<Order, { order: 'start' }> | null = null;
  #database: Awaited<ReturnType<typeof startEmbeddedPostgres>> | null = null;
  #rolling: Promise<void> | null = null;
  #watch: NodeJS.Timeout | null = null;
  #askedMs = 0;
  #stopped: Promise<void> | null = null;

  constructor(config: Config, count: number, log: Logger) {
    this.#config = config;
    this.#count = count;
    this.#log = log;
  }

  /** Resolves with the port when all processes are ready; fails, with nothing left behind, when the first one cannot start. */
  async start(webDir: string): Promise<number> {
    const { databaseUrl, databaseShards, dataDir, botWorkers, rootDir } = this.#config;
    let startedDatabase: ShardLogins | null = null;
    if (databaseUrl === null && databaseShards.size === 0) {
      const settings = { max_connections: String(connectionsPerProcess * this.#count + 10) };
      this.#database = await startEmbeddedPostgres({ dataDir, log: this.#log, settings });
      const { owner, app, relay } = this.#database;
      startedDatabase = { owner, app, relay };
    }
    try {
      for (const owner of this.#owners()) await migrate(owner, { log: this.#log });
      this.#start = {
        order: 'start',
        startedDatabase,
        webDir,
        botWorkers: botWorkers ?? Math.max(1, Math.floor(availableParallelism() / this.#count)),
      };
      cluster.schedulingPolicy = cluster.SCHED_RR;
      cluster.setupPrimary({
        exec: join(rootDir, 'gb-cli/src/main.ts'),
        args: ['serve'],
        execArgv: ['--disable-warning=ExperimentalWarning'],
      });
      // The first one finds out whether it can be done at all.
      const { port } = await this.#spawn(0);
      await Promise.all(Array.from({ length: this.#count - 1 }, (_, n) => this.#keep(n + 1)));
      this.#watch = setInterval(() => this.#askAll(), askMs);
      return port;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** One after the other: the successor is ready before its predecessor is told to go. */
  roll(): Promise<void> {
    this.#rolling ??= (async () => {
      try {
        this.#log.info({}, 'All processes are replaced, one after the other');
        for (let place = 0; place < this.#count && !this.#closing.signal.aborted; place++) {
          const { earlier } = await this.#spawn(place);
          if (earlier) await this.#stopChild(earlier, false);
        }
        this.#log.info({}, 'All processes were replaced');
      } catch (error) {
        // The others stay as they are: a release that does not start takes nothing down.
        this.#log.error({ err: error }, 'The processes could not all be replaced');
      } finally {
        this.#rolling = null;
      }
    })();
    return this.#rolling;
  }

  /** All processes, then the database. Twice does no harm. */
  stop(): Promise<void> {
    this.#stopped ??= (async () => {
      this.#closing.abort();
      if (this.#watch) clearInterval(this.#watch);
      const all = new Set([...this.#children.values(), ...this.#starting]);
      await Promise.all([...all].map((child) => this.#stopChild(child, true)));
      await this.#database?.stop();
    })();
    return this.#stopped;
  }

  #owners(): ShardLogins['owner'][] {
    const { databaseUrl, databaseShards } = this.#config;
    if (this.#database) return [this.#database.owner];
    // One that is away is brought up to date by the processes, when it answers.
    if (databaseUrl === null) return [...databaseShards.values()].slice(0, 1).map((connectionString) => ({ connectionString }));
    return [{ connectionString: databaseUrl }];
  }

  /** Until it is there, or all of it stops. */
  async #keep(place: number): Promise<void> {
    for (let failures = 0; !this.#closing.signal.aborted && !this.#children.has(place); failures++) {
      try {
        const { earlier } = await this.#spawn(place);
        if (earlier) await this.#stopChild(earlier, false);
        return;
      } catch (error) {
        if (this.#closing.signal.aborted) return;
        this.#log.error({ err: error, place }, 'A process does not start; trying again');
        await sleep(100 + backoffMs(failures, { baseMs: 200, maxMs: restartMsMax }), this.#closing.signal);
      }
    }
  }

  /** Resolves when it is ready and has the place; `earlier` had it, if anybody, and is to be stopped. */
  async #spawn(place: number): Promise<{ port: number; earlier: Child | undefined }> {
    const worker = cluster.fork();
    const nowMs = performance.now();
    const exited = once(worker, 'exit').then(() => {});
    const child: Child = { worker, startedMs: nowMs, heardMs: nowMs, isStopping: false, exited };
    worker.on('message', () => {
      child.heardMs = performance.now();
    });
    this.#starting.add(child);
    try {
      const port = await this.#ready(child);
      if (this.#closing.signal.aborted) throw new GbError('unavailable', 'The cluster is being stopped');
      const earlier = this.#children.get(place);
      this.#children.set(place, child);
      void child.exited.then(() => this.#onExit(place, child));
      return { port, earlier };
    } catch (error) {
      worker.process.kill('SIGKILL');
      throw error;
    } finally {
      this.#starting.delete(child);
    }
  }

  async #ready({ worker, exited }: Child): Promise<number> {
    const timer = new AbortController();
    const reported = new Promise<number>((resolve, reject) => {
      worker.on('message', (report: Report) => {
        if (report.report === 'hello') worker.send(this.#start!);
        else if (report.report === 'ready') resolve(report.port);
        else if (report.report === 'failed') reject(new GbError('unavailable', report.message));
      });
      worker.on('error', reject);
      void exited.then(() => reject(new GbError('unavailable', 'A process ended before it was ready')));
      void sleep(readyMsMax, timer.signal).then(() => reject(new GbError('unavailable', 'A process was not ready in time')));
    });
    return reported.finally(() => timer.abort());
  }

  /** One that stands still holds its connections and answers none: without it they come back to another. */
  #askAll(): void {
    const nowMs = performance.now();
    // We may have stood still ourselves: then nobody had a chance to answer.
    const wasAway = nowMs - this.#askedMs > askMs * 2;
    this.#askedMs = nowMs;
    for (const child of this.#children.values()) {
      if (wasAway) child.heardMs = nowMs;
      if (nowMs - child.heardMs > silenceMsMax) {
        this.#log.error({ pid: child.worker.process.pid }, 'A process has not answered for a minute; it is killed');
        child.worker.process.kill('SIGKILL');
      } else if (child.worker.isConnected()) child.worker.send({ order: 'ping' } satisfies Order, undefined, () => {});
    }
  }

  #onExit(place: number, child: Child): void {
    if (this.#children.get(place) !== child) return; // Its successor is there.
    this.#children.delete(place);
    if (child.isStopping || this.#closing.signal.aborted) return;
    const { exitCode, signalCode } = child.worker.process;
    this.#log.error({ place, code: exitCode, signal: signalCode }, 'A process ended; starting it again');
    const livedMs = performance.now() - child.startedMs;
    const restMs = livedMs > steadyMs ? 0 : backoffMs(1, { baseMs: 500, maxMs: restartMsMax });
    void sleep(restMs, this.#closing.signal).then(() => this.#keep(place));
  }

  async #stopChild(child: Child, isAll: boolean): Promise<void> {
    const { worker, exited } = child;
    child.isStopping = true;
    if (worker.isConnected()) {
      const order: Order = { order: 'stop', isAll };
      // Its channel may have just closed: then it is ending anyway.
      worker.send(order, undefined, () => {});
    } else worker.process.kill('SIGTERM');
    const late = new AbortController();
    const waitMs = stopMsMax + (isAll ? 0 : this.#config.drainMs);
    void sleep(waitMs, late.signal).then(() => {
      if (late.signal.aborted) return;
      this.#log.warn({ pid: worker.process.pid }, 'A process does not end; it is killed');
      worker.process.kill('SIGKILL');
    });
    await exited;
    late.abort();
  }
}

interface Child {
  readonly worker: Worker;
  readonly startedMs: number;
  readonly exited: Promise<void>;
  /** When it last said anything, by the monotonic clock. */
  heardMs: number;
  isStopping: boolean;
}
