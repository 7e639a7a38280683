import { type NetConnectOpts, Socket } from 'node:net';
import { type Logger, sleep } from 'gb-utils';
import type { PoolConfig } from 'pg';
import pg from 'pg';
import { connectionConfig } from '../connection.ts';
import { sqlState } from '../database-errors.ts';
import { type Standing, standingOf } from './standing.ts';

/** One place of a database that has copies in several regions. */
export interface Site {
  readonly region: string;
  /** As its owner; all sites of a database have the same log-ins. */
  readonly owner: PoolConfig;
}

const lookMsMax = 2_000;
const lookMsMin = 100;
const firstLeaseMsMax = 5_000;
const away = 'A site of a database does not answer';
/** A site that does not answer within this time is away, for this look. */
const answerMsMax = 3_000;

/**
 * Knows at which of its sites a database may be written now, and keeps the lease that it may be written under. Of several
 * that are no standby the one of the highest term counts, and never one of a lower term than was seen before. When it is
 * another one than before, all connections to that one are cut, so that whoever had them makes new ones.
 */
export class SiteWatch {
  readonly #name: string;
  readonly #probes: readonly Probe[];
  readonly #log: Logger;
  readonly #sockets = new Map<Socket, Probe>();
  readonly #ending = new AbortController();
  readonly #sleepers = new Set<AbortController>();
  #current: Probe | null = null;
  #system: string | null = null;
  #term = -1;
  #looking: Promise<void> | null = null;
  #watching: Promise<unknown> = Promise.resolve();

  constructor({ name, sites, log }: { name: string; sites: readonly Site[]; log: Logger }) {
    this.#name = name;
    this.#log = log;
    this.#probes = sites.map((site) => new Probe(site, name, log));
  }

  /** Begins to look. Resolves after the first time; where nobody has kept the lease before us, when it holds, if it will. */
  async start(): Promise<void> {
    await this.look();
    this.#watching = Promise.all(this.#probes.map((probe) => this.#watch(probe)));
    for (const untilMs = performance.now() + firstLeaseMsMax; performance.now() < untilMs; await sleep(lookMsMin))
      if (!this.#current || (await this.#current.mayBeWritten())) return;
  }

  /** The region in which it may be written, as far as is known. */
  get region(): string | null {
    return this.#current?.site.region ?? null;
  }

  /** Asks all sites now; calls at the same time ask once. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  /** For the `stream` of a connection: goes to where the database may be written, whatever address it is told. */
  socket(): Socket {
    const socket = new Socket();
    const connect = socket.connect.bind(socket) as (to: NetConnectOpts) => Socket;
    const follow = () => {
      this.#find().then(
        (probe) => {
          if (socket.destroyed) return;
          this.#sockets.set(socket, probe);
          connect(probe.address);
        },
        (error: Error) => socket.destroy(error),
      );
      return socket;
    };
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#wake(); // Perhaps it is elsewhere now.
    });
    return Object.assign(socket, { connect: follow });
  }

  async close(): Promise<void> {
    this.#ending.abort();
    this.#wake();
    await this.#watching;
    await this.#looking;
    for (const probe of this.#probes) probe.close();
    for (const socket of this.#sockets.keys()) socket.destroy();
  }

  async #find(): Promise<Probe> {
    if (!this.#current) await this.look();
    if (this.#current) return this.#current;
    throw Object.assign(new Error(`No site of the database ${this.#name} may be written`), { code: 'ECONNREFUSED' });
  }

  /** Each site by itself: one that does not answer keeps nobody from renewing the lease of the other. */
  async #watch(probe: Probe): Promise<void> {
    while (!this.#ending.signal.aborted) {
      await sleep(lookMsMin, this.#ending.signal);
      const sleeper = new AbortController();
      this.#sleepers.add(sleeper);
      // A lease is renewed at least six times in its time.
      const pauseMs = probe.leaseMs === null ? lookMsMax : Math.min(lookMsMax, probe.leaseMs / 8);
      if (!this.#ending.signal.aborted) await sleep(Math.max(0, pauseMs - lookMsMin), sleeper.signal);
      this.#sleepers.delete(sleeper);
      if (this.#ending.signal.aborted) return;
      await probe.ask();
      this.#choose();
    }
  }

  #wake(): void {
    for (const sleeper of this.#sleepers) sleeper.abort();
  }

  async #look(): Promise<void> {
    await Promise.all(this.#probes.map((probe) => probe.ask()));
    this.#choose();
  }

  /** By what the sites said last. Where none can be written, connections go where they went, and fail there. */
  #choose(): void {
    let best: { probe: Probe; said: Standing } | null = null;
    for (const probe of this.#probes) {
      const { said } = probe;
      if (!said) continue;
      this.#system ??= said.system;
      if (said.system !== this.#system) {
        probe.blame('This address leads to another database, not to a copy');
        continue;
      }
      if (said.isStandby && this.#current === probe) this.#move(null);
      if (said.isStandby || !said.isOpened || said.term < this.#term) continue;
      if (!best || said.term > best.said.term || (said.term === best.said.term && probe === this.#current))
        best = { probe, said };
    }
    if (!best) return;
    this.#term = best.said.term;
    if (best.probe !== this.#current) this.#move(best.probe);
  }

  #move(to: Probe | null): void {
    const from = this.#current;
    this.#current = to;
    if (from && to)
      this.#log.warn({ database: this.#name, region: to.site.region, term: this.#term }, 'A database is in another region now');
    const gone = Object.assign(new Error('The database is in another region now'), { code: 'ECONNRESET' });
    for (const [socket, probe] of this.#sockets) if (probe !== to) socket.destroy(gone);
  }
}

/** Asks one site again and again over one connection, and renews its lease on the way. */
class Probe {
  readonly site: Site;
  readonly address: NetConnectOpts;
  /** What it said last; null when it did not answer. */
  said: Standing | null = null;
  readonly #facts: { readonly database: string; readonly region: string };
  readonly #log: Logger;
  #client: pg.Client | null = null;
  #asking: Promise<void> | null = null;
  #blamed: string | null = null;

  constructor(site: Site, database: string, log: Logger) {
    this.site = site;
    this.#facts = { database, region: site.region };
    this.#log = log;
    const { host, port } = new pg.Client(site.owner);
    this.address = host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port };
  }

  /** How long the lease lasts that it needs; null without one. */
  get leaseMs(): number | null {
    return this.said && this.said.standby !== null ? this.said.leaseMs : null;
  }

  /** Resolves when `said` is of now; calls at the same time ask once. */
  ask(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  /** Whether it holds its lease, as far as it answers. */
  async mayBeWritten(): Promise<boolean> {
    if (this.leaseMs === null) return true;
    try {
      await (await this.#connect()).query('select control.lease_left()');
      return true;
    } catch (error) {
      return sqlState(error) !== 'GB005';
    }
  }

  /** Once, until it changes. */
  blame(what: string, error?: unknown): void {
    if (this.#blamed !== what) this.#log.warn({ ...this.#facts, err: error }, what);
    this.#blamed = what;
  }

  async #ask(): Promise<void> {
    try {
      const client = await this.#connect();
      const said = await standingOf(client);
      if (said.standby !== null && !said.isStandby) await client.query('select control.renew_lease()');
      this.said = said;
      if (this.#blamed === away) this.#blamed = null;
    } catch (error) {
      // Away, on its way up or down, or it does not let us in: in each case nobody is to be sent there.
      this.blame(away, error);
      this.said = null;
      this.close();
    }
  }

  async #connect(): Promise<pg.Client> {
    if (this.#client) return this.#client;
    const config = { ...connectionConfig(this.site.owner), connectionTimeoutMillis: answerMsMax, query_timeout: answerMsMax };
    const client = new pg.Client(config);
    client.on('error', () => this.close());
    this.#client = client;
    await client.connect();
    return client;
  }

  close(): void {
    const client = this.#client;
    this.#client = null;
    client?.end().catch(() => {}); // It is of no use any more, whatever it says.
  }
}

/** The same log-in, at whichever site the database may be written now. */
export function follow<Config extends PoolConfig>(config: Config, watch: SiteWatch): Config {
  return { ...config, stream: () => watch.socket() };
}
