import { type World, world } from 'gb-core/contract';
import type { ChannelId, Seq } from 'gb-protocol';
import { silentLogger } from 'gb-utils';
import type { PoolConfig } from 'pg';
import { afterEach, expect, test, vi } from 'vitest';
import { createPostgresStore } from '../postgres-store.ts';
import type { Shard } from '../shards/sharded-store.ts';
import { stopAtOnce } from '../testing/run-database.ts';
import { guardDatabase, leaveAlone } from './guard.ts';
import { type PromoteStep, promoteRegion } from './promote.ts';
import { withClient } from './standing.ts';
import { committedAt, openedAt } from './testing/commit-times.ts';
import { type Region, startTestRegions, type TestProcess, type TestRegions } from './testing/regions.ts';
import { Writer } from './testing/writer.ts';

// Leases and the writer's patience are seconds each, and the machine may be busy.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 60_000 });

let regions: TestRegions | undefined;
afterEach(async () => {
  await Writer.stopAll();
  await regions?.close();
  regions = undefined;
});

/** A customer of this database, with a channel. */
async function customerIn({ store, watches }: TestProcess, name: string): Promise<{ w: World; channelId: ChannelId }> {
  expect([...watches.keys()]).toContain(name);
  for (;;) {
    const w = await world(store);
    const found = await store.at(w.customerId, async (shard) => shard);
    if (found === name) return { w, channelId: await w.channel('general') };
  }
}

async function textsOf(store: Pick<Shard, 'read'>, w: World, channelId: ChannelId): Promise<ReadonlyMap<Seq, string>> {
  const texts = new Map<Seq, string>();
  for (let after = 0; ; ) {
    const events = await store.read(w.customerId, (tx) => tx.log.read(channelId, after, 200));
    if (events.length === 0) return texts;
    for (const event of events) {
      expect(event.seq).toBe(after + 1);
      after = event.seq;
      if (event.kind === 'message.posted') texts.set(event.seq, event.message.text);
    }
  }
}

const ownerOf = (name: string, region: Region): PoolConfig => regions!.servers.get(name)![region].owner;
const sql = (name: string, region: Region, text: string, values: unknown[] = []) =>
  withClient(ownerOf(name, region), async (client) => (await client.query(text, values)).rows);
const refused = (why: string) =>
  expect.objectContaining({ cause: expect.objectContaining({ message: expect.stringContaining(why) }) });
const until = (what: () => boolean | Promise<boolean>) => expect.poll(what, { timeout: 60_000, interval: 50 }).toBe(true);

const promoteTo = (region: Region, more: Partial<Parameters<typeof promoteRegion>[0]> = {}) =>
  promoteRegion({ databases: regions!.databases(region), region, ...more });

test('a database is written while its copy answers, refuses when it does not, and goes on when it does again', async () => {
  regions = await startTestRegions({ names: ['main'], leaseMs: 3_000 });
  const eu = await regions.openProcess('eu');
  const { w, channelId } = await customerIn(eu, 'main');
  const writer = new Writer(eu.store, { ...w, channelId }, 'a');
  await until(() => writer.accepted.length > 20);
  regions.cut();
  await until(() => writer.refused.length > 0);
  // Who is cut off still reads.
  const seen = await textsOf(eu.store, w, channelId);
  for (const { seq, text } of writer.accepted) expect(seen.get(seq)).toBe(text);
  const count = writer.accepted.length;
  regions.heal();
  await until(() => writer.accepted.length > count + 20);
  await writer.stop();
  const texts = await textsOf(eu.store, w, channelId);
  for (const { seq, text } of writer.accepted) expect(texts.get(seq)).toBe(text);
});

test('cut, promoted and healed: what was replicated is there, and never do two accept', async () => {
  regions = await startTestRegions({ leaseMs: 3_000 });
  const eu = await regions.openProcess('eu');
  const us = await regions.openProcess('us');
  const customers = [await customerIn(eu, 'main'), await customerIn(eu, 'east')];
  const hammers = customers.flatMap(({ w, channelId }, i) => {
    const name = ['main', 'east'][i]!;
    const { app, relay } = regions!.servers.get(name)!.eu;
    // One that will never hear of anything: the old database, the old epoch.
    const fence = { epochOf: () => 1 };
    const deaf = createPostgresStore({ app, relay, log: silentLogger, fence });
    const writers = [
      new Writer(eu.store, { ...w, channelId }, `eu ${name}`),
      new Writer(us.store, { ...w, channelId }, `us ${name}`),
      new Writer(deaf, { ...w, channelId }, `deaf ${name}`),
    ];
    return [{ name, w, channelId, deaf, writers }];
  });
  const all = () => hammers.flatMap(({ writers }) => writers);
  await until(() => all().every(({ accepted }) => accepted.length > 20));

  // Everything that was acknowledged until now has to survive.
  const before = hammers.map(({ writers }) => writers.flatMap(({ accepted }) => accepted));
  for (const { name } of hammers) {
    const [{ lsn }] = (await sql(name, 'eu', 'select pg_current_wal_flush_lsn()::text as lsn')) as [{ lsn: string }];
    await until(async () => (await sql(name, 'us', 'select pg_last_wal_receive_lsn() >= $1 as is', [lsn]))[0]!.is as boolean);
  }
  regions.cut();
  const said: string[] = [];
  const promoted = await promoteTo('us', { say: (line) => said.push(line) });
  expect(promoted.map(({ how, term }) => [how, term])).toEqual([
    ['forced', 2],
    ['forced', 2],
  ]);
  expect(said.join('\n')).toContain('what was acknowledged later is lost');
  // The far side goes on alone, before the regions see each other again.
  for (const { writers } of hammers) {
    const count = writers[1]!.accepted.length;
    await until(() => writers[1]!.accepted.length > count + 20);
  }
  regions.heal();
  for (const { writers } of hammers) {
    const count = writers[0]!.accepted.length;
    await until(() => writers[0]!.accepted.length > count + 20);
  }
  await Promise.all(all().map((writer) => writer.stop()));

  for (const [i, { name, w, channelId, deaf, writers }] of hammers.entries()) {
    const openedMs = await openedAt(ownerOf(name, 'us'));
    const committed = await committedAt(ownerOf(name, 'eu'), { ...w, channelId });
    for (const { accepted } of writers)
      for (const { epoch, seq, text } of accepted) if (epoch === 1) expect(committed.get(seq), text).toBeLessThan(openedMs);
    expect(writers[2]!.accepted.every(({ epoch }) => epoch === 1)).toBe(true);
    expect(writers[2]!.refused.length).toBeGreaterThan(0);
    const texts = await textsOf(eu.store, w, channelId);
    for (const { seq, text } of before[i]!) expect(texts.get(seq)).toBe(text);
    for (const { accepted } of writers)
      for (const { epoch, seq, text } of accepted) if (epoch > 1) expect(texts.get(seq)).toBe(text);
    expect(new Set(texts.values()).size).toBe(texts.size);
    expect([...eu.watches.values()].map(({ region }) => region)).toEqual(['us', 'us']);
    await deaf.close();
  }
});

test('a promotion in order loses nothing, and clients go on where they were', async () => {
  regions = await startTestRegions({ leaseMs: 3_000 });
  const eu = await regions.openProcess('eu');
  const customers = [await customerIn(eu, 'main'), await customerIn(eu, 'east')];
  const writers = customers.map(({ w, channelId }, i) => new Writer(eu.store, { ...w, channelId }, `${i}`));
  await until(() => writers.every(({ accepted }) => accepted.length > 20));
  const promoted = await promoteTo('us');
  expect(promoted.map(({ how, channels, unsettled }) => [how, channels, unsettled])).toEqual([
    ['in order', 0, []],
    ['in order', 0, []],
  ]);
  const counts = writers.map(({ accepted }) => accepted.length);
  await until(() => writers.every(({ accepted }, i) => accepted.length > counts[i]! + 20));
  await Promise.all(writers.map((writer) => writer.stop()));
  for (const [i, { w, channelId }] of customers.entries()) {
    const texts = await textsOf(eu.store, w, channelId);
    for (const { epoch, seq, text } of writers[i]!.accepted) expect([epoch, texts.get(seq)]).toEqual([1, text]);
  }
  expect((await promoteTo('us')).map(({ how, term }) => [how, term])).toEqual([
    ['there', 2],
    ['there', 2],
  ]);
});

test('a copy that somebody promoted by hand refuses everybody until it is opened', async () => {
  regions = await startTestRegions({ names: ['main'], leaseMs: 2_000 });
  const eu = await regions.openProcess('eu');
  const { w, channelId } = await customerIn(eu, 'main');
  await w.say(channelId, 'before');
  const { app, relay } = regions.servers.get('main')!.us;
  const there = createPostgresStore({ app, relay, log: silentLogger, fence: { epochOf: () => 1 } });
  await sql('main', 'us', 'select pg_promote()');
  const say = () => there.appendMessage(w.customerId, w.message(channelId));
  await expect(say()).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  await expect(sql('main', 'us', 'update control.bucket_map set epoch = 9')).rejects.toThrow(
    refused('was promoted and not opened'),
  );
  // The old one loses its lease by this, and an operator opens the new one.
  await until(() =>
    eu.store.appendMessage(w.customerId, w.message(channelId)).then(
      () => false,
      () => true,
    ),
  );
  const [opened] = await promoteTo('us');
  expect(opened).toMatchObject({ how: 'forced', term: 2 });
  await expect(say()).rejects.toThrow('not in this database');
  await until(() =>
    w.say(channelId, 'after').then(
      () => true,
      () => false,
    ),
  );
  await there.close();
});

test.each([
  { way: 'in order', steps: ['close', 'promote', 'open', 'map'] },
  { way: 'forced', steps: ['promote', 'wait', 'open', 'map'] },
] as const)(
  'a promotion $way that is cut short at one step after the other is finished by the same call',
  async ({ way, steps }) => {
    regions = await startTestRegions({ leaseMs: 2_000 });
    const eu = await regions.openProcess('eu');
    const { w, channelId } = await customerIn(eu, 'east');
    const writer = new Writer(eu.store, { ...w, channelId }, 'a');
    await until(() => writer.accepted.length > 5);
    if (way === 'forced') regions.cut();
    for (const name of ['main', 'east']) {
      for (const cutAt of steps) {
        const cut = (step: PromoteStep) => {
          if (step === cutAt) throw new RangeError('cut short');
        };
        await expect(promoteTo('us', { only: [name], onStep: cut })).rejects.toThrow('cut short');
      }
      expect(await promoteTo('us', { only: [name] })).toMatchObject([{ how: 'there', term: 2, unsettled: [] }]);
    }
    if (way === 'forced') regions.heal();
    const count = writer.accepted.length;
    await until(() => writer.accepted.length > count + 5);
    await writer.stop();
    const texts = await textsOf(eu.store, w, channelId);
    const newest = writer.accepted.at(-1)!.epoch;
    for (const { epoch, seq, text } of writer.accepted) if (epoch === newest) expect(texts.get(seq)).toBe(text);
    expect(new Set(texts.values()).size).toBe(texts.size);
  },
);

test('a clock that goes back ends the lease, and one that has ended stays so', async () => {
  regions = await startTestRegions({ names: ['main'], leaseMs: 600_000 });
  const left = () => sql('main', 'eu', 'select control.lease_left()');
  await left();
  // As after a jump of an hour: everything noted is of the future.
  const back =
    "update control.region set asked_at = asked_at + '1 h', seen_at = seen_at + '1 h', held_from = held_from + '1 h', held_until = held_until + '1 h'";
  await sql('main', 'eu', 'select control.renew_lease()');
  await sql('main', 'eu', back);
  await expect(left()).rejects.toThrow(refused('has not acknowledged'));
  await sql('main', 'eu', 'select control.renew_lease()');
  expect(await sql('main', 'eu', "select held_until = '-infinity' as is_void from control.region")).toEqual([{ is_void: true }]);
  // The copy says something again, and all is well.
  await sql('main', 'eu', "update control.region set seen_at = '-infinity'");
  await until(async () => {
    await sql('main', 'eu', "update control.region set seen_at = '-infinity'");
    await sql('main', 'eu', 'select control.renew_lease()');
    return left().then(
      () => true,
      () => false,
    );
  });
  // It ended while nobody looked; the clock goes back behind its end after somebody did.
  await sql(
    'main',
    'eu',
    "update control.region set seen_at = '-infinity', asked_at = null, held_until = clock_timestamp() - interval '1 s'",
  );
  await sql('main', 'eu', 'select control.renew_lease()');
  expect(await sql('main', 'eu', "select held_until = '-infinity' as is_over from control.region")).toEqual([{ is_over: true }]);
});

test('a commit whose answer comes after the lease is over is not acknowledged', async () => {
  regions = await startTestRegions({ names: ['main'], leaseMs: 2_000 });
  const eu = await regions.openProcess('eu');
  const { w } = await customerIn(eu, 'main');
  regions.cut();
  const slow = eu.store.transaction(w.customerId, async (tx) => {
    await tx.users.update(w.owner, { name: 'Ann' });
    await until(() =>
      sql('main', 'eu', 'select control.lease_left()').then(
        () => false,
        () => true,
      ),
    );
  });
  await expect(slow).rejects.toMatchObject({ code: 'internal', retryable: true });
});

test('without a lease a promotion asks for a fence, and a database is left alone only when its copy knows', async () => {
  regions = await startTestRegions({ names: ['main'], leaseMs: 2_000 });
  const eu = await regions.openProcess('eu');
  const { w, channelId } = await customerIn(eu, 'main');
  const [database] = regions.databases('eu');
  regions.cut();
  await expect(leaveAlone(database!, false)).rejects.toMatchObject({ code: 'conflict' });
  await until(() =>
    w.say(channelId, 'x').then(
      () => false,
      () => true,
    ),
  );
  await leaveAlone(database!, true);
  expect(await w.say(channelId, 'alone')).toBeGreaterThan(0);
  regions.heal();
  await until(() =>
    guardDatabase(database!, 'us', 2_000).then(
      () => true,
      () => false,
    ),
  );
  await leaveAlone(database!, false);
  await until(async () => (await sql('main', 'us', 'select standby is null as is from control.region'))[0]!.is as boolean);
  regions.cut();
  await expect(promoteTo('us')).rejects.toThrow('--fence-confirmed');
  await stopAtOnce(regions.servers.get('main')!.eu);
  expect(await promoteTo('us', { isFenceConfirmed: true })).toMatchObject([{ how: 'forced' }]);
});

test('a map whose copy missed that buckets moved learns it from the databases that have them', async () => {
  regions = await startTestRegions({ leaseMs: 2_000 });
  await regions.openProcess('eu');
  const mapped = 'select shard, epoch::int from control.bucket_map where bucket = any ($1) order by bucket';
  const inside = 'select state, epoch::int from control.buckets where bucket = any ($1) order by bucket';
  const [first, second, third] = (await sql('main', 'eu', 'select bucket from control.buckets order by bucket limit 3')).map(
    ({ bucket }) => bucket as number,
  );
  const three = [[first, second, third]];
  const arrived = "insert into control.buckets (bucket, epoch, state) values ($1, 3, 'open')";
  // The first two have moved to the other database; the map's copy has not heard of it, and of the first not even its source.
  for (const bucket of [first, second]) await sql('east', 'eu', arrived, [bucket]);
  await sql('main', 'eu', "update control.buckets set state = 'closed', epoch = 2 where bucket = $1", [second]);
  // The third was on its way.
  await sql('main', 'eu', "update control.buckets set state = 'closed', epoch = 2 where bucket = $1", [third]);
  const [main, east] = await promoteTo('us');
  expect([main!.unsettled, east!.unsettled]).toEqual([[third], []]);
  expect(await sql('main', 'us', mapped, three)).toEqual([
    { shard: 'east', epoch: 4 },
    { shard: 'east', epoch: 4 },
    { shard: 'main', epoch: 1 },
  ]);
  expect(await sql('main', 'us', inside, three)).toEqual([
    { state: 'closed', epoch: 3 },
    { state: 'closed', epoch: 2 },
    { state: 'closed', epoch: 2 },
  ]);
  // Which every process can live with that goes by the map.
  const { store } = await regions.openProcess('us');
  await world(store);
});
