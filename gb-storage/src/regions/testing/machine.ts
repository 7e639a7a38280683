import { world } from 'gb-core/contract';
import { silentLogger } from 'gb-utils';
import type { PoolConfig } from 'pg';
import { startEmbeddedPostgres } from '../../embedded-postgres.ts';
import { openShards, type ShardLogins } from '../../shards/open-sharded-store.ts';
import { type Promoted, promoteRegion } from '../promote.ts';
import { openRegionalLogins } from '../regional-logins.ts';
import { committedAt, openedAt } from './commit-times.ts';
import { copySettings, primarySettings } from './copies.ts';
import { Link } from './link.ts';
import { whenCopied } from './regions.ts';
import { type Accepted, type Place, Writer } from './writer.ts';

// One region in a process of its own, which a test starts in a network of its own: its database, and people who write.

export interface RegionOrders {
  readonly region: 'eu' | 'us';
  readonly dataDir: string;
  readonly superuser: string;
  /** Of this machine and of the other, in the network between them. */
  readonly here: string;
  readonly there: string;
  readonly delayMs: number;
  readonly leaseMs: number;
}

export interface Order {
  readonly order: keyof Answers;
  /** Where to write; nowhere yet when null. */
  readonly place?: Place | null;
}

export interface Answers {
  readonly guard: true;
  readonly write: Place;
  readonly count: { readonly accepted: number; readonly refused: number };
  readonly promote: { readonly openedMs: number; readonly promoted: readonly Promoted[] };
  readonly stop: true;
  /** Once everybody has stopped. */
  readonly read: {
    readonly accepted: readonly Accepted[];
    readonly texts: readonly (readonly [number, string])[];
    readonly home: string | null;
    /** In the database of this region. */
    readonly committed: readonly (readonly [number, number])[];
  };
  readonly close: true;
}

const port = 5477;
const orders = JSON.parse(process.argv[2]!) as RegionOrders;
const { region, dataDir, superuser, here, there, delayMs, leaseMs } = orders;
const other = region === 'eu' ? 'us' : 'eu';
const log = silentLogger;
// The wire between the networks has no length: what crosses it waits here.
const sea = await Link.open({ host: there, port }, delayMs);
const copied = region === 'us' ? copySettings(`host=127.0.0.1 port=${sea.port}`, superuser) : primarySettings;
const server = await startEmbeddedPostgres({
  dataDir,
  log,
  port,
  settings: { ...copied, listen_addresses: `127.0.0.1,${here}` },
});

const far = (config: PoolConfig): PoolConfig => ({ ...config, host: '127.0.0.1', port: sea.port });
const own: ShardLogins = { owner: server.owner, app: server.app, relay: server.relay };
const their: ShardLogins = { owner: far(server.owner), app: far(server.app), relay: far(server.relay) };
const sites = new Map([
  [region, own],
  [other, their],
]);
const database = { name: 'main', sites: new Map([...sites].map(([name, { owner }]) => [name, owner])) };

let opened: { shards: Awaited<ReturnType<typeof openShards>>; regional: Awaited<ReturnType<typeof openRegionalLogins>> } | null =
  null;
let place: Place | null = null;
let writer: Writer | null = null;

async function open() {
  const regional = await openRegionalLogins({ name: 'main', sites, region, log });
  opened = { regional, shards: await openShards({ shards: new Map([['main', regional.logins]]), log }) };
  return opened.shards.store;
}

const answer: { readonly [Name in keyof Answers]: (order: Order) => Promise<Answers[Name]> } = {
  async guard() {
    await whenCopied(database, leaseMs);
    return true;
  },
  async write(order) {
    const store = await open();
    place = order.place ?? null;
    if (!place) {
      const w = await world(store);
      place = { customerId: w.customerId, owner: w.owner, channelId: await w.channel('general') };
    }
    writer = new Writer(store, place, region);
    return place;
  },
  async count() {
    return { accepted: writer!.accepted.length, refused: writer!.refused.length };
  },
  async promote() {
    const promoted = await promoteRegion({ databases: [database], region });
    return { promoted, openedMs: await openedAt(server.owner) };
  },
  async stop() {
    await writer!.stop();
    return true;
  },
  async read() {
    const texts: [number, string][] = [];
    for (let after = 0; ; ) {
      const events = await opened!.shards.store.read(place!.customerId, (tx) => tx.log.read(place!.channelId, after, 200));
      if (events.length === 0) break;
      after = events.at(-1)!.seq;
      for (const event of events) if (event.kind === 'message.posted') texts.push([event.seq, event.message.text]);
    }
    return {
      accepted: writer!.accepted,
      texts,
      home: opened!.regional.watch.region,
      committed: [...(await committedAt(server.owner, place!))],
    };
  },
  async close() {
    await writer?.stop();
    await opened?.shards.store.close();
    await opened?.regional.watch.close();
    await server.stop();
    await sea.close();
    return true;
  },
};

process.on('message', (order: Order) => {
  answer[order.order](order).then(
    (value) => process.send!({ value }, () => order.order === 'close' && process.exit(0)),
    (error: unknown) => process.send!({ error: error instanceof Error ? error.stack : String(error) }),
  );
});
process.on('disconnect', () => process.exit(1));
process.send!({ value: 'ready' });
