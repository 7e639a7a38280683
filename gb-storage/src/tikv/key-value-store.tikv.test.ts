import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerCredentials } from '@grpc/grpc-js';
import { customerKey, type KeyValueStore } from 'gb-core';
import { keyValueStoreContract } from 'gb-core/contract';
import type { CustomerId } from 'gb-protocol';
import { silentLogger, uuidv7 } from 'gb-utils';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openTikvKeyValueStore, type TikvOptions } from './key-value-store.tikv.ts';
import type { RegionErrorKind } from './messages.ts';
import { FakeCluster, type FakeClusterOptions, type Fault, type TikvCall } from './testing/fake-cluster.ts';
import type { TlsOptions } from './wire.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function start(options: FakeClusterOptions & { client?: Partial<TikvOptions> } = {}) {
  const cluster = await FakeCluster.start(options);
  cleanUps.push(() => cluster.stop());
  const open = async () => {
    const store = await openTikvKeyValueStore({ pd: cluster.pd, log: silentLogger, ...options.client });
    cleanUps.push(() => store.close());
    return store;
  };
  return { cluster, open, store: await open() };
}

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array | null | undefined) => (value ? new TextDecoder().decode(value) : null);
const customer = uuidv7() as CustomerId;
const key = (rest: string) => customerKey(customer, bytes(rest));

/** The first request of a kind meets this, the others do not. */
function once(cluster: FakeCluster, call: TikvCall, fault: Fault): void {
  let isLeft = true;
  cluster.onRequest = (name) => {
    if (name !== call || !isLeft) return null;
    isLeft = false;
    return fault;
  };
}

describe('a cluster that splits by itself', () => {
  let cluster: FakeCluster;
  beforeAll(async () => {
    cluster = await FakeCluster.start({ regionKeysMax: 10 });
  });
  afterAll(() => cluster?.stop());
  keyValueStoreContract('tikv', () => openTikvKeyValueStore({ pd: cluster.pd, log: silentLogger }));
});

describe('what a region may answer', () => {
  /** Whether a compare-and-swap that met it may be said again: it was certainly not done. */
  const again: readonly [RegionErrorKind, content: object, isCertain: boolean][] = [
    ['not_leader', { leader: null }, true],
    ['region_not_found', {}, false],
    ['key_not_in_region', {}, true],
    ['epoch_not_match', { current_regions: [] }, true],
    ['server_is_busy', { reason: 'busy', backoff_ms: '20' }, true],
    ['stale_command', {}, false],
    ['store_not_match', {}, true],
    ['max_timestamp_not_synced', {}, true],
    ['read_index_not_ready', {}, true],
    ['proposal_in_merging_mode', {}, true],
    ['data_is_not_ready', {}, true],
    ['region_not_initialized', {}, true],
    ['RecoveryInProgress', {}, true],
    ['is_witness', {}, true],
    ['mismatch_peer_id', {}, true],
    ['bucket_version_not_match', {}, true],
    ['undetermined_result', {}, false],
  ];

  test.each(again)('%s: everything that may be said twice is, and succeeds', async (kind, content) => {
    const { cluster, store } = await start();
    const fault: Fault = { refuse: { [kind]: content } };
    once(cluster, 'RawPut', fault);
    await store.put(key('a'), bytes('1'));
    once(cluster, 'RawBatchPut', fault);
    await store.putMany(['b', 'c', 'd'].map((one) => ({ key: key(one), value: bytes(one) })));
    once(cluster, 'RawGet', fault);
    expect(text(await store.get(key('a')))).toBe('1');
    once(cluster, 'RawBatchGet', fault);
    expect((await store.getMany([key('d'), key('b'), key('x')])).map(text)).toEqual(['d', 'b', null]);
    once(cluster, 'RawBatchDelete', fault);
    await store.delete([key('b')]);
    once(cluster, 'RawScan', fault);
    expect((await store.scan(key('a'), key('z'), 10)).map((entry) => text(entry.value))).toEqual(['1', 'c', 'd']);
  });

  test.each(again)(
    '%s: a compare-and-swap is said again only where it was certainly not done',
    async (kind, content, isCertain) => {
      const { cluster, store } = await start();
      once(cluster, 'RawCompareAndSwap', { refuse: { [kind]: content } });
      const putting = store.compareAndPut(key('a'), null, bytes('1'));
      if (isCertain) expect(await putting).toBe(true);
      else await expect(putting).rejects.toMatchObject({ code: 'unavailable', retryable: true });
      expect(cluster.swapped).toEqual(isCertain ? ['1'] : []);
    },
  );

  test('a kind that is not known here says nothing: what may be is said again, a swap is not', async () => {
    const { cluster, store } = await start();
    once(cluster, 'RawPut', { doAndSay: {} });
    await store.put(key('a'), bytes('1'));
    once(cluster, 'RawCompareAndSwap', { doAndSay: {} });
    await expect(store.compareAndPut(key('a'), bytes('1'), bytes('2'))).rejects.toMatchObject({ code: 'unavailable' });
    expect(text(await store.get(key('a')))).toBe('2');
  });

  test.each(['disk_full', 'FlashbackInProgress', 'FlashbackNotPrepared'] as const)(
    '%s fails at once, and nothing is there',
    async (kind) => {
      const { cluster, store } = await start();
      cluster.onRequest = (call) => (call === 'RawPut' ? { refuse: { [kind]: {} } } : null);
      await expect(store.put(key('a'), bytes('1'))).rejects.toMatchObject({ code: 'unavailable', retryable: true });
      expect(cluster.calls.filter((call) => call === 'RawPut')).toHaveLength(1);
      expect(await store.get(key('a'))).toBeNull();
    },
  );

  test('a batch that is too large for the log of a region goes in halves, a value that is too large by itself is refused', async () => {
    const { cluster, store } = await start({ entryBytesMax: 100_000 });
    const entries = Array.from({ length: 40 }, (_, i) => ({ key: key(`${i}`), value: randomBytes(9_000) }));
    await store.putMany(entries);
    const found = await store.getMany(entries.map((entry) => entry.key));
    for (const [i, entry] of entries.entries()) expect(entry.value.equals(found[i]!)).toBe(true);
    await expect(store.put(key('large'), randomBytes(100_001))).rejects.toMatchObject({ code: 'too_large', retryable: false });
    expect(cluster.data.size).toBe(40);
  });

  test('what a store says in words is a failure, and not known to be undone', async () => {
    const { cluster, store } = await start();
    once(cluster, 'RawPut', { error: 'engine is on fire', isDone: true });
    await expect(store.put(key('a'), bytes('1'))).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    expect(text(await store.get(key('a')))).toBe('1');
  });

  test('a store that is busy for ever ends in a failure within the time of the operation', async () => {
    const { cluster, store } = await start({ client: { operationMsMax: 300 } });
    cluster.onRequest = (call) => (call === 'RawPut' ? { refuse: { server_is_busy: { reason: '', backoff_ms: '10' } } } : null);
    await expect(store.put(key('a'), bytes('1'))).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    cluster.onRequest = () => null;
    await store.put(key('a'), bytes('2'));
  });
});

describe('a cluster that changes', () => {
  test('a leader that moved is found by the hint of the one before, without asking the driver', async () => {
    const { cluster, store } = await start();
    await store.put(key('a'), bytes('1'));
    const region = cluster.regionOf(key('a'));
    for (const storeId of ['2', '3', '1', '3']) {
      cluster.moveLeader(region, storeId);
      await store.get(key('a'));
    }
    const asked = cluster.pdCalls;
    cluster.moveLeader(region, '2');
    expect(text(await store.get(key('a')))).toBe('1');
    expect(cluster.pdCalls).toBe(asked);
  });

  test('a split is learned from the refusal, and a batch over it goes to both', async () => {
    const { cluster, store } = await start();
    await store.put(key('a'), bytes('1'));
    const asked = cluster.pdCalls;
    for (const at of ['b', 'd', 'f']) cluster.split(key(at));
    cluster.moveLeader(cluster.regionOf(key('d')), '3');
    const entries = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((one) => ({ key: key(one), value: bytes(one) }));
    await store.putMany(entries);
    expect((await store.getMany(entries.map((entry) => entry.key))).map(text)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
    expect((await store.scan(key('a'), key('g'), 100)).map((entry) => text(entry.value))).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    // Only for the addresses of stores it had not met.
    expect(cluster.pdCalls - asked).toBeLessThanOrEqual(2);
  });

  test('merged regions and replaced peers are learned', async () => {
    const { cluster, store } = await start();
    for (const at of ['b', 'c', 'd']) cluster.split(key(at));
    const entries = ['a', 'b', 'c', 'd'].map((one) => ({ key: key(one), value: bytes(one) }));
    await store.putMany(entries);
    cluster.merge(cluster.regionOf(key('a')));
    cluster.merge(cluster.regionOf(key('a')));
    cluster.replacePeers(cluster.regionOf(key('d')));
    expect((await store.scan(key('a'), key('z'), 100)).map((entry) => text(entry.value))).toEqual(['a', 'b', 'c', 'd']);
    await store.putMany(entries);
  });

  test('a store that is killed is left for the peers that lead then, and one that comes back elsewhere is found', async () => {
    const { cluster, store } = await start();
    await store.put(key('a'), bytes('1'));
    cluster.stopStore('1');
    cluster.moveLeadersFrom('1');
    expect(text(await store.get(key('a')))).toBe('1');
    await cluster.startStore('1');
    cluster.moveLeader(cluster.regionOf(key('a')), '1');
    await store.put(key('a'), bytes('2'));
    expect(text(await store.get(key('a')))).toBe('2');
  });

  test('while no peer of a region leads, its operations fail in time, and others go on', async () => {
    const { cluster, store } = await start({ client: { operationMsMax: 400 } });
    cluster.split(key('m'));
    cluster.moveLeader(cluster.regionOf(key('z')), '3');
    await store.putMany(['a', 'z'].map((one) => ({ key: key(one), value: bytes(one) })));
    cluster.stopStore('3');
    await expect(store.get(key('z'))).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    expect(text(await store.get(key('a')))).toBe('a');
    cluster.moveLeadersFrom('3');
    expect(text(await store.get(key('z')))).toBe('z');
  });

  test('the placement driver may lose its leader, and all members one was told of', async () => {
    const { cluster, store } = await start();
    cluster.stopMember(0);
    cluster.split(key('m'));
    cluster.moveLeader(cluster.regionOf(key('z')), '2');
    await store.put(key('z'), bytes('1'));
    const knowsOne = await openTikvKeyValueStore({ pd: [cluster.members[1]!.address], log: silentLogger });
    cleanUps.push(() => knowsOne.close());
    cluster.stopMember(1);
    cluster.moveLeader(cluster.regionOf(key('z')), '3');
    expect(text(await knowsOne.get(key('z')))).toBe('1');
    expect(text(await store.get(key('z')))).toBe('1');
  });

  test('a member that only follows is not believed', async () => {
    const { cluster, store } = await start();
    for (const member of [1, 2, 0]) {
      cluster.leadBy(member);
      cluster.split(key(`m${member}`));
      cluster.regionOf(key(`m${member}`)).leader = '2';
      await store.put(key(`m${member}`), bytes('1'));
    }
  });

  test('a driver of another cluster is refused, also when no other is left', async () => {
    const { cluster } = await start({ members: 1 });
    const other = await FakeCluster.start({ members: 1, stores: 1 });
    cleanUps.push(() => other.stop());
    Object.assign(other, { clusterId: '99' });
    const store = await openTikvKeyValueStore({ pd: [...cluster.pd, ...other.pd], log: silentLogger });
    cleanUps.push(() => store.close());
    cluster.stopMember(0);
    cluster.stopStore('1');
    await expect(store.put(key('a'), bytes('1'))).rejects.toThrow('belongs to another cluster');
    expect(other.data.size).toBe(0);
  });

  test('closing ends what is under way', async () => {
    const { cluster, store } = await start();
    cluster.onRequest = () => ({ refuse: { server_is_busy: { reason: '', backoff_ms: '5000' } } });
    const waiting = store.put(key('a'), bytes('1'));
    await store.close();
    await expect(waiting).rejects.toMatchObject({ code: 'unavailable' });
  });
});

/** Numbers that look random and are the same for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe('whatever goes wrong between any two calls', () => {
  const faults: readonly ((random: () => number) => Fault)[] = [
    () => ({ lose: 'before' }),
    () => ({ lose: 'after' }),
    () => ({ refuse: { undetermined_result: {} } }),
    () => ({ doAndSay: { undetermined_result: {} } }),
    () => ({ doAndSay: { stale_command: {} } }),
    () => ({ doAndSay: { region_not_found: {} } }),
    (random) => ({ say: { undetermined_result: {} }, sayAndDoIn: random() * 30 }),
    () => ({ refuse: { server_is_busy: { reason: '', backoff_ms: '2' } } }),
    () => ({ refuse: { not_leader: { leader: null } } }),
    () => ({ refuse: { epoch_not_match: { current_regions: [] } } }),
    () => ({ refuse: { store_not_match: {} } }),
    () => ({ error: 'the engine failed', isDone: true }),
    () => ({ error: 'the engine failed', isDone: false }),
    () => ({ refuse: { disk_full: {} } }),
    (random) => ({ delayMs: random() * 20 }),
  ];

  test.each([1, 2, 3, 4])(
    'seed %i: what was acknowledged is there, once, and a failure leaves all or nothing',
    async (seed) => {
      const random = randomFrom(seed);
      const { cluster, store } = await start({ regionKeysMax: 40, client: { random, operationMsMax: 20_000, callMsMax: 1_000 } });
      const pick = <T>(items: readonly T[]) => items[Math.floor(random() * items.length)]!;
      cluster.onRequest = () => (random() < 0.2 ? pick(faults)(random) : null);
      let isOver = false;
      const upheaval = (async () => {
        while (!isOver) {
          await new Promise((resolve) => setTimeout(resolve, 10 + random() * 30));
          const region = pick(cluster.regions);
          const kind = random();
          if (kind < 0.3) cluster.split(key(`w${Math.floor(random() * 40)}:${Math.floor(random() * 30)}`));
          else if (kind < 0.5) cluster.merge(region);
          else if (kind < 0.75) cluster.moveLeader(region, pick(['1', '2', '3'].filter((id) => cluster.stores.get(id)!.server)));
          else if (kind < 0.85) cluster.replacePeers(region);
          else {
            const id = pick(['1', '2', '3']);
            cluster.stopStore(id);
            cluster.moveLeadersFrom(id);
            await cluster.startStore(id);
          }
        }
      })();

      const acknowledged = new Map<string, string>();
      const refused = new Map<string, string>();
      const swaps: { value: string; said: boolean | 'unknown' }[] = [];
      const unlessUnavailable = (error: unknown) => {
        expect(error).toMatchObject({ code: 'unavailable', retryable: true });
        return 'unknown' as const;
      };
      const writer = async (who: number) => {
        for (let i = 0; i < 12; i++) {
          const names = Array.from({ length: random() < 0.5 ? 1 : 5 }, (_, n) => `w${who}:${i}:${n}`);
          const outcome = await (names.length === 1
            ? store.put(key(names[0]!), bytes(`${names[0]}!`))
            : store.putMany(names.map((one) => ({ key: key(one), value: bytes(`${one}!`) })))
          ).then(() => 'stored', unlessUnavailable);
          for (const one of names) (outcome === 'stored' ? acknowledged : refused).set(one, `${one}!`);
        }
      };
      const swapper = async (who: number) => {
        for (let i = 0; i < 8; i++) {
          const value = `${who}:${i}`;
          const expected = await store.get(key('counter')).catch(unlessUnavailable);
          if (expected === 'unknown') continue;
          swaps.push({ value, said: await store.compareAndPut(key('counter'), expected, bytes(value)).catch(unlessUnavailable) });
        }
      };
      await Promise.all([...Array.from({ length: 10 }, (_, i) => writer(i)), ...Array.from({ length: 4 }, (_, i) => swapper(i))]);
      isOver = true;
      await upheaval;
      // What a store promised to do later, it has done.
      await new Promise((resolve) => setTimeout(resolve, 60));
      cluster.onRequest = () => null;

      expect(acknowledged.size).toBeGreaterThan(50);
      const names = [...acknowledged.keys()];
      expect((await store.getMany(names.map(key))).map(text)).toEqual([...acknowledged.values()]);
      for (const [one, value] of refused) expect([null, value]).toContain(text(await store.get(key(one))));
      const scanned = await store.scan(key('w'), key('x'), 100_000);
      const seen = new Map(scanned.map((entry) => [Buffer.from(entry.key.subarray(16)).toString(), text(entry.value)]));
      expect(seen.size).toBe(scanned.length);
      for (const [one, value] of acknowledged) expect(seen.get(one)).toBe(value);
      for (const { value, said } of swaps) {
        const times = cluster.swapped.filter((one) => one === value).length;
        if (said === true) expect(times).toBe(1);
        else if (said === false) expect(times).toBe(0);
        else expect(times).toBeLessThanOrEqual(1);
      }
      expect(swaps.some((swap) => swap.said === true)).toBe(true);
    },
    60_000,
  );
});

describe('over TLS', () => {
  /** A certificate for 127.0.0.1 that nobody signed but itself. */
  function makeCertificate(name: string): { cert: Buffer; key: Buffer } {
    const dir = mkdtempSync(join(tmpdir(), 'gb-tls-'));
    cleanUps.push(() => rmSync(dir, { recursive: true, force: true }));
    const [cert, secret] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'],
        ...['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', secret, '-out', cert],
      ],
      { stdio: 'ignore' },
    );
    return { cert: readFileSync(cert), key: readFileSync(secret) };
  }

  test('both sides know each other by their certificates; a stranger gets nothing', async () => {
    const [server, client, stranger] = [makeCertificate('server'), makeCertificate('client'), makeCertificate('stranger')];
    const credentials = ServerCredentials.createSsl(client.cert, [{ private_key: server.key, cert_chain: server.cert }], true);
    const cluster = await FakeCluster.start({ credentials });
    cleanUps.push(() => cluster.stop());
    const open = (tls: TlsOptions | undefined) =>
      openTikvKeyValueStore({ pd: cluster.pd, log: silentLogger, operationMsMax: 500, ...(tls ? { tls } : {}) });
    const store = await open({ ca: server.cert, cert: client.cert, key: client.key });
    cleanUps.push(() => store.close());
    await store.put(key('a'), bytes('1'));
    expect(text(await store.get(key('a')))).toBe('1');
    for (const tls of [
      undefined,
      { ca: server.cert },
      { ca: server.cert, cert: stranger.cert, key: stranger.key },
      { ca: stranger.cert, cert: client.cert, key: client.key },
    ]) {
      await expect(open(tls)).rejects.toMatchObject({ code: 'unavailable' });
    }
  });
});

test('many who begin at once ask the driver once for the regions', async () => {
  const { cluster, open } = await start();
  const store: KeyValueStore = await open();
  for (let i = 0; i < 20; i++) cluster.split(key(`k${i}`));
  const asked = cluster.pdCalls;
  await Promise.all(Array.from({ length: 200 }, (_, i) => store.get(key(`k${i % 20}`))));
  expect(cluster.pdCalls - asked).toBeLessThan(10);
});
