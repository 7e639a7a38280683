import { type handleUnaryCall, Metadata, Server, ServerCredentials, type ServiceError, status } from '@grpc/grpc-js';
import { assert } from 'gb-utils';
import type { Answer, PdCalls, Peer, RegionContext, RegionError, RegionMeta, TikvCalls } from '../messages.ts';
import { pdService, tikvService } from '../wire.ts';

/*
 * Placement drivers and stores as a client sees them, over real gRPC on real ports: regions with epochs, leaders and peers,
 * requests refused for the reasons a TiKV refuses them, and anything that can go wrong on command, before a request is done
 * or after. It is no proof that a TiKV behaves so; it is the proof of what we do when it does.
 */

export type TikvCall = keyof TikvCalls;

/** What becomes of one request. */
export type Fault =
  /** Refused, and not done. */
  | { readonly refuse: Partial<RegionError> }
  /** Done, and the answer says something else. */
  | { readonly doAndSay: Partial<RegionError> }
  /** Answered with an error, and done so many milliseconds later all the same. */
  | { readonly sayAndDoIn: number; readonly say: Partial<RegionError> }
  | { readonly error: string; readonly isDone: boolean }
  /** The connection breaks: before the request is done, or after. */
  | { readonly lose: 'before' | 'after' }
  | { readonly delayMs: number };

interface FakeRegion {
  id: number;
  start: Buffer;
  end: Buffer;
  version: number;
  confVer: number;
  peers: Peer[];
  leader: string;
}

interface FakeStore {
  readonly id: string;
  address: string;
  server: Server | null;
  state: 'Up' | 'Offline' | 'Tombstone';
}

interface FakeMember {
  readonly name: string;
  address: string;
  server: Server | null;
}

export interface FakeClusterOptions {
  readonly stores?: number;
  readonly members?: number;
  /** A region that holds more keys than this splits by itself. */
  readonly regionKeysMax?: number;
  /** Bytes of one write. A TiKV takes 8 MiB. */
  readonly entryBytesMax?: number;
  readonly credentials?: ServerCredentials;
}

export class FakeCluster {
  readonly clusterId = '7123456789012345678';
  readonly data = new Map<string, Buffer>();
  readonly stores = new Map<string, FakeStore>();
  readonly members: FakeMember[] = [];
  regions: FakeRegion[] = [];
  /** Asked at every request of a store. */
  onRequest: (call: TikvCall, storeId: string) => Fault | null = () => null;
  /** Values that a compare-and-swap has put, in order. */
  readonly swapped: string[] = [];
  readonly calls: TikvCall[] = [];
  pdCalls = 0;
  #leadingMember = 0;
  #nextId = 1_000;
  readonly #options: Required<Omit<FakeClusterOptions, 'credentials'>>;
  readonly #credentials: ServerCredentials;

  private constructor(options: FakeClusterOptions) {
    this.#options = {
      stores: options.stores ?? 3,
      members: options.members ?? 3,
      regionKeysMax: options.regionKeysMax ?? Number.POSITIVE_INFINITY,
      entryBytesMax: options.entryBytesMax ?? 8 * 1_048_576,
    };
    this.#credentials = options.credentials ?? ServerCredentials.createInsecure();
  }

  static async start(options: FakeClusterOptions = {}): Promise<FakeCluster> {
    const cluster = new FakeCluster(options);
    for (let i = 1; i <= cluster.#options.stores; i++) {
      cluster.stores.set(`${i}`, { id: `${i}`, address: '', server: null, state: 'Up' });
      await cluster.startStore(`${i}`);
    }
    for (let i = 0; i < cluster.#options.members; i++) {
      cluster.members.push({ name: `pd${i}`, address: '', server: null });
      await cluster.startMember(i);
    }
    const peers = [...cluster.stores.keys()].map((id) => cluster.#peer(id));
    cluster.regions = [
      { id: 2, start: Buffer.alloc(0), end: Buffer.alloc(0), version: 1, confVer: 1, peers, leader: peers[0]!.store_id },
    ];
    return cluster;
  }

  get pd(): string[] {
    return this.members.map((member) => member.address);
  }

  stop(): void {
    for (const one of [...this.stores.values(), ...this.members]) one.server?.forceShutdown();
  }

  /** Under another port than before. */
  async startStore(id: string): Promise<void> {
    const store = this.stores.get(id)!;
    const server = new Server({ 'grpc.max_send_message_length': 10 * 1_048_576, 'grpc.max_receive_message_length': -1 });
    server.addService(tikvService, this.#storeCalls(store));
    store.address = await this.#listen(server);
    store.server = server;
  }

  stopStore(id: string): void {
    const store = this.stores.get(id)!;
    store.server?.forceShutdown();
    store.server = null;
  }

  /** Leaders of a store that is gone move to another one of their peers. */
  moveLeadersFrom(id: string): void {
    for (const region of this.regions) {
      const other = region.peers.find((peer) => peer.store_id !== id && this.stores.get(peer.store_id)!.server);
      if (region.leader === id && other) region.leader = other.store_id;
    }
  }

  async startMember(index: number): Promise<void> {
    const member = this.members[index]!;
    const server = new Server();
    server.addService(pdService, this.#memberCalls(index));
    member.address = await this.#listen(server);
    member.server = server;
  }

  stopMember(index: number): void {
    const member = this.members[index]!;
    member.server?.forceShutdown();
    member.server = null;
    if (this.#leadingMember === index) this.leadBy(this.members.findIndex((one) => one.server));
  }

  leadBy(index: number): void {
    this.#leadingMember = index;
  }

  regionOf(key: Uint8Array): FakeRegion {
    const region = this.regions.find((one) => isIn(one, key));
    assert(region, 'every key is in a region');
    return region;
  }

  /** The key becomes the first of a new region. */
  split(key: Uint8Array): void {
    const region = this.regionOf(key);
    const at = Buffer.from(key);
    if (region.start.equals(at)) return;
    const right: FakeRegion = {
      ...region,
      id: this.#nextId++,
      start: at,
      version: region.version + 1,
      peers: region.peers.map((peer) => this.#peer(peer.store_id)),
    };
    region.end = at;
    region.version++;
    this.regions.push(right);
  }

  /** The region takes the one after it into itself. */
  merge(region: FakeRegion): void {
    const next = this.regions.find((one) => one !== region && one.start.equals(region.end) && region.end.length > 0);
    if (!next) return;
    region.end = next.end;
    region.version = Math.max(region.version, next.version) + 1;
    this.regions = this.regions.filter((one) => one !== next);
  }

  moveLeader(region: FakeRegion, storeId: string): void {
    region.leader = storeId;
  }

  /** Its replicas get other ids, as when they were taken away and brought again. */
  replacePeers(region: FakeRegion): void {
    region.peers = region.peers.map((peer) => this.#peer(peer.store_id));
    region.confVer += region.peers.length;
  }

  meta(region: FakeRegion): RegionMeta {
    return {
      id: `${region.id}`,
      start_key: region.start,
      end_key: region.end,
      region_epoch: { conf_ver: `${region.confVer}`, version: `${region.version}` },
      peers: region.peers,
    };
  }

  #peer(storeId: string): Peer {
    return { id: `${this.#nextId++}`, store_id: storeId, role: 'Voter', is_witness: false };
  }

  #listen(server: Server): Promise<string> {
    return new Promise((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', this.#credentials, (error, port) => (error ? reject(error) : resolve(`127.0.0.1:${port}`)));
    });
  }

  #storeCalls(store: FakeStore): { [call in TikvCall]: handleUnaryCall<object, Answer> } {
    const data = this.data;
    const put = ({ key, value }: { key: Uint8Array; value: Uint8Array }) => {
      data.set(name(key), Buffer.from(value));
      const region = this.regionOf(key);
      const keys = [...data.keys()].filter((one) => isIn(region, Buffer.from(one, 'latin1'))).sort();
      if (keys.length > this.#options.regionKeysMax) this.split(Buffer.from(keys[keys.length >> 1]!, 'latin1'));
    };
    const atomic = (question: { for_cas: boolean }) => assert(question.for_cas, 'a write takes the latch of compare-and-swap');
    return {
      RawGet: this.#serve(
        store,
        'RawGet',
        ({ key }) => [key],
        ({ key }) => {
          const value = data.get(name(key));
          return { value: value ?? Buffer.alloc(0), not_found: !value };
        },
      ),
      RawBatchGet: this.#serve(
        store,
        'RawBatchGet',
        ({ keys }) => keys,
        ({ keys }) => ({
          pairs: keys.flatMap((key) => (data.has(name(key)) ? [{ key, value: data.get(name(key))! }] : [])),
        }),
      ),
      RawPut: this.#serve(
        store,
        'RawPut',
        ({ key }) => [key],
        (question) => {
          atomic(question);
          put(question);
          return {};
        },
      ),
      RawBatchPut: this.#serve(
        store,
        'RawBatchPut',
        ({ pairs }) => pairs.map((pair) => pair.key),
        (question) => {
          atomic(question);
          question.pairs.forEach(put);
          return {};
        },
      ),
      RawDelete: this.#serve(
        store,
        'RawDelete',
        ({ key }) => [key],
        ({ key }) => {
          data.delete(name(key));
          return {};
        },
      ),
      RawBatchDelete: this.#serve(
        store,
        'RawBatchDelete',
        ({ keys }) => keys,
        (question) => {
          atomic(question);
          for (const key of question.keys) data.delete(name(key));
          return {};
        },
      ),
      RawScan: this.#serve(
        store,
        'RawScan',
        ({ start_key }) => [start_key],
        ({ start_key, end_key, limit }) => {
          const region = this.regionOf(start_key);
          const keys = [...data.keys()]
            .map((key) => Buffer.from(key, 'latin1'))
            .filter((key) => isIn(region, key) && Buffer.compare(key, start_key) >= 0 && Buffer.compare(key, end_key) < 0)
            .sort(Buffer.compare);
          return { kvs: keys.slice(0, limit).map((key) => ({ key, value: data.get(name(key))! })) };
        },
      ),
      RawCompareAndSwap: this.#serve(
        store,
        'RawCompareAndSwap',
        ({ key }) => [key],
        (question) => {
          const present = data.get(name(question.key));
          const succeed = question.previous_not_exist ? !present : present?.equals(question.previous_value) === true;
          if (succeed) {
            put(question);
            this.swapped.push(Buffer.from(question.value).toString());
          }
          return { succeed, previous_not_exist: !present, previous_value: present ?? Buffer.alloc(0) };
        },
      ),
    };
  }

  #serve<Call extends TikvCall>(
    store: FakeStore,
    call: Call,
    keysOf: (question: TikvCalls[Call][0]) => readonly Uint8Array[],
    work: (question: TikvCalls[Call][0]) => Omit<TikvCalls[Call][1], 'region_error' | 'error'>,
  ): handleUnaryCall<object, Answer> {
    return async ({ request }, done) => {
      const question = request as TikvCalls[Call][0];
      this.calls.push(call);
      const fault = this.onRequest(call, store.id);
      if (fault && 'refuse' in fault) return done(null, refusal(fault.refuse));
      if (fault && 'lose' in fault && fault.lose === 'before') return done(lost);
      if (fault && 'error' in fault && !fault.isDone) return done(null, { error: fault.error });
      if (fault && 'delayMs' in fault) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
      const refused = this.#refuse(store, question.context, keysOf(question), sizeOf(question));
      if (refused) return done(null, refusal(refused));
      if (fault && 'sayAndDoIn' in fault) {
        setTimeout(() => work(question), fault.sayAndDoIn);
        return done(null, refusal(fault.say));
      }
      const answer = work(question);
      if (fault && 'lose' in fault) return done(lost);
      if (fault && 'error' in fault) return done(null, { error: fault.error });
      if (fault && 'doAndSay' in fault) return done(null, refusal(fault.doAndSay));
      done(null, answer as Answer);
    };
  }

  /** What a store checks before it does anything. */
  #refuse(store: FakeStore, context: RegionContext, keys: readonly Uint8Array[], size: number): Partial<RegionError> | null {
    if (context.peer.store_id !== store.id) return { store_not_match: {} };
    const region = this.regions.find((one) => `${one.id}` === context.region_id);
    const peer = region?.peers.find((one) => one.store_id === store.id);
    if (!region || !peer) return { region_not_found: {} };
    if (peer.id !== context.peer.id) return { mismatch_peer_id: {} };
    if (region.leader !== store.id)
      return { not_leader: { leader: region.peers.find((one) => one.store_id === region.leader) ?? null } };
    const epoch = context.region_epoch;
    if (epoch?.version !== `${region.version}` || epoch.conf_ver !== `${region.confVer}`) {
      const near = this.regions.filter((one) => keys.some((key) => isIn(one, key)) || one === region);
      return { epoch_not_match: { current_regions: near.map((one) => this.meta(one)) } };
    }
    if (keys.some((key) => !isIn(region, key))) return { key_not_in_region: {} };
    if (size > this.#options.entryBytesMax) return { raft_entry_too_large: {} };
    return null;
  }

  #memberCalls(index: number): { [call in keyof PdCalls]: handleUnaryCall<object, object> } {
    const header = (error: { type: string; message: string } | null = null) => ({ cluster_id: this.clusterId, error });
    const led =
      (work: (question: never) => object): handleUnaryCall<object, object> =>
      ({ request }, done) => {
        this.pdCalls++;
        if ((request as { header: { cluster_id: string } }).header.cluster_id !== this.clusterId)
          return done(null, { header: header({ type: 'UNKNOWN', message: 'mismatch cluster id' }) });
        if (index !== this.#leadingMember) return done({ ...lost, details: 'not leader' });
        done(null, { header: header(), ...work(request as never) });
      };
    const toMember = (member: FakeMember, i: number) => ({
      name: member.name,
      member_id: `${i + 1}`,
      client_urls: [`http://${member.address}`],
    });
    return {
      GetMembers: (_, done) => {
        this.pdCalls++;
        const members = this.members.map(toMember);
        done(null, { header: header(), members, leader: members[this.#leadingMember] ?? null });
      },
      GetStore: led(({ store_id }: { store_id: string }) => {
        const store = this.stores.get(store_id);
        return { store: store ? { id: store.id, address: store.address, state: store.state } : null };
      }),
      GetRegion: led(({ region_key }: { region_key: Uint8Array }) => {
        const region = this.regionOf(region_key);
        return { region: this.meta(region), leader: this.#leader(region) };
      }),
      ScanRegions: led(({ start_key, limit }: { start_key: Uint8Array; limit: number }) => {
        const found = this.regions
          .filter((region) => region.end.length === 0 || Buffer.compare(region.end, start_key) > 0)
          .sort((a, b) => Buffer.compare(a.start, b.start))
          .slice(0, limit);
        return {
          region_metas: found.map((region) => this.meta(region)),
          leaders: found.map((region) => this.#leader(region)),
          regions: found.map((region) => ({ region: this.meta(region), leader: this.#leader(region) })),
        };
      }),
    };
  }

  #leader(region: FakeRegion): Peer | null {
    return region.peers.find((peer) => peer.store_id === region.leader) ?? null;
  }
}

const lost: ServiceError = Object.assign(new Error('the connection broke'), {
  code: status.UNAVAILABLE,
  details: 'the connection broke',
  metadata: new Metadata(),
});

function refusal(error: Partial<RegionError>): Answer {
  return { region_error: { message: 'on command', ...error } as RegionError };
}

function isIn(region: { start: Buffer; end: Buffer }, key: Uint8Array): boolean {
  return Buffer.compare(region.start, key) <= 0 && (region.end.length === 0 || Buffer.compare(key, region.end) < 0);
}

function name(key: Uint8Array): string {
  return Buffer.from(key).toString('latin1');
}

/** Of what a write puts into the log of its region. */
function sizeOf(question: object): number {
  const { value, pairs } = question as { value?: Uint8Array; pairs?: readonly { value: Uint8Array }[] };
  return (value?.byteLength ?? 0) + (pairs ?? []).reduce((sum, pair) => sum + pair.value.byteLength, 0);
}
