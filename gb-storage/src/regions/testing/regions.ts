import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { GbError, type Logger, silentLogger } from 'gb-utils';
import type { PoolConfig } from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../embedded-postgres.ts';
import { type OpenedShards, openShards, type ShardLogins } from '../../shards/open-sharded-store.ts';
import { stopAtOnce } from '../../testing/run-database.ts';
import { guardDatabase } from '../guard.ts';
import type { RegionalDatabase } from '../promote.ts';
import { openRegionalLogins } from '../regional-logins.ts';
import type { SiteWatch } from '../site-watch.ts';
import { copySettings, makeCopies, primarySettings } from './copies.ts';
import { Link } from './link.ts';

export const regions = ['eu', 'us'] as const;
export type Region = (typeof regions)[number];

export interface TestProcess extends OpenedShards {
  readonly watches: ReadonlyMap<string, SiteWatch>;
  close(): Promise<void>;
}

export interface TestRegions {
  /** By database, then by region; those of eu are the primaries at first. */
  readonly servers: ReadonlyMap<string, Readonly<Record<Region, EmbeddedPostgres>>>;
  /** The databases as an operator in that region reaches them. */
  databases(from: Region): readonly RegionalDatabase[];
  logins(from: Region): ReadonlyMap<string, ReadonlyMap<Region, ShardLogins>>;
  /** A store as a process in that region has it, which follows the databases. */
  openProcess(from: Region): Promise<TestProcess>;
  /** Nothing passes between the regions any more, and nobody is told. */
  cut(): void;
  heal(): void;
  close(): Promise<void>;
}

export interface TestRegionsOptions {
  readonly names?: readonly string[];
  readonly leaseMs?: number;
  /** One way. */
  readonly delayMs?: number;
  readonly log?: Logger;
}

/** Two regions of real databases: in eu the primaries, in us a streaming standby of each, and a sea between them that can be cut. */
export async function startTestRegions({
  names = ['main', 'east'],
  leaseMs = 3_000,
  delayMs = 20,
  log = silentLogger,
}: TestRegionsOptions = {}): Promise<TestRegions> {
  const servers = new Map<string, Record<Region, EmbeddedPostgres>>();
  const links = new Map<string, Link>();
  const processes = new Set<TestProcess>();
  const dirs: string[] = [];
  const close = async () => {
    await Promise.all([...processes].map((one) => one.close()));
    await Promise.all([...servers.values()].flatMap((pair) => regions.map((region) => stopAtOnce(pair[region]))));
    await Promise.all([...links.values()].map((link) => link.close()));
    for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
  };
  const socketOf = ({ owner }: EmbeddedPostgres) => ({ path: join(owner.host, `.s.PGSQL.${owner.port}`) });
  const logins = (from: Region) =>
    new Map(
      [...servers].map(([name, pair]) => {
        const sites = regions.map((region) => {
          const { owner, app, relay } = pair[region];
          const reach = (config: PoolConfig): PoolConfig =>
            region === from ? config : { ...config, host: '127.0.0.1', port: links.get(`${name}@${region}`)!.port };
          return [region, { owner: reach(owner), app: reach(app), relay: reach(relay) }] as const;
        });
        return [name, new Map(sites)] as const;
      }),
    );
  const databases = (from: Region) =>
    [...logins(from)].map(([name, sites]) => ({
      name,
      sites: new Map<string, PoolConfig>([...sites].map(([region, { owner }]) => [region, owner])),
    }));
  try {
    for (const name of names) {
      const { home, copy, superuser } = await makeCopies(log);
      dirs.push(home, copy);
      const eu = await startEmbeddedPostgres({ dataDir: home, log, settings: primarySettings });
      links.set(`${name}@eu`, await Link.open(socketOf(eu), delayMs));
      const settings = copySettings(`host=127.0.0.1 port=${links.get(`${name}@eu`)!.port}`, superuser);
      const us = await startEmbeddedPostgres({ dataDir: copy, log, settings });
      servers.set(name, { eu, us });
      links.set(`${name}@us`, await Link.open(socketOf(us), delayMs));
    }
    for (const database of databases('eu')) await whenCopied(database, leaseMs);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    servers,
    databases,
    logins,
    async openProcess(from) {
      const opened = await Promise.all(
        [...logins(from)].map(
          async ([name, sites]) => [name, await openRegionalLogins({ name, sites, region: from, log })] as const,
        ),
      );
      const shards = await openShards({ shards: new Map(opened.map(([name, one]) => [name, one.logins])), log });
      const watches = new Map(opened.map(([name, { watch }]) => [name, watch]));
      const process: TestProcess = {
        ...shards,
        watches,
        async close() {
          processes.delete(process);
          await shards.store.close();
          await Promise.all([...watches.values()].map((watch) => watch.close()));
        },
      };
      processes.add(process);
      return process;
    },
    cut() {
      for (const link of links.values()) link.cut();
    },
    heal() {
      for (const link of links.values()) link.heal();
    },
    close,
  };
}

/** The copy needs a moment to find the primary. */
export async function whenCopied(database: RegionalDatabase, leaseMs: number): Promise<void> {
  for (const untilMs = performance.now() + 60_000; ; ) {
    try {
      return await guardDatabase(database, 'us', leaseMs);
    } catch (error) {
      if (!(error instanceof GbError) || error.code !== 'conflict' || performance.now() > untilMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
