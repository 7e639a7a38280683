import { assert, GbError, type Logger } from 'gb-utils';
import type { Budget } from './budget.ts';
import type { PdCalls, PdHeader, StoreMeta } from './messages.ts';
import { type Region, toRegion } from './region-cache.ts';
import { CallFailed, type Connection, connectPd, type TlsOptions } from './wire.ts';

export interface PlacementDriverOptions {
  /** `host:port` of some members; the others are learned from them. */
  readonly addresses: readonly string[];
  readonly tls: TlsOptions | null;
  readonly log: Logger;
  /** Milliseconds for one answer. */
  readonly callMsMax: number;
}

/** Members whose addresses are remembered, besides those one was told. */
const learnedMax = 32;

/**
 * Where regions and stores are. One of its members leads and answers; when it does not, all are asked who does. A member
 * that belongs to another cluster than the first answer came from is refused: its regions would be somebody else's data.
 */
export class PlacementDriver {
  readonly #options: PlacementDriverOptions;
  readonly #connections = new Map<string, Connection<PdCalls>>();
  #learned: readonly string[] = [];
  #leader: string | null = null;
  #clusterId = '0';

  constructor(options: PlacementDriverOptions) {
    assert(options.addresses.length > 0, 'a placement driver has an address');
    this.#options = { ...options, addresses: options.addresses.map(toAddress) };
  }

  /** The region of a key and some after it. Never empty: when the driver knows none yet, it is asked again. */
  async regionsFrom(key: Uint8Array, budget: Budget, limit: number): Promise<readonly Region[]> {
    for (let attempt = 0; ; attempt++) {
      const { regions, region_metas, leaders } = await this.#ask(
        'ScanRegions',
        { start_key: key, end_key: new Uint8Array(), limit },
        budget,
      );
      const pairs =
        regions.length > 0
          ? regions
          : region_metas.map((region, i) => ({ region, leader: leaders[i]?.store_id === '0' ? null : (leaders[i] ?? null) }));
      const found = pairs.flatMap(({ region, leader }) => (region && toRegion(region, leader)) ?? []);
      if (found.length > 0) return found;
      await budget.pause(attempt, new Error('the placement driver knows no region for a key'));
    }
  }

  /** null when the store is gone for good. */
  async addressOf(storeId: string, budget: Budget): Promise<string | null> {
    const { store }: { store: StoreMeta | null } = await this.#ask('GetStore', { store_id: storeId }, budget);
    return store && store.state !== 'Tombstone' && store.address !== '' ? toAddress(store.address) : null;
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.close();
    this.#connections.clear();
  }

  async #ask<Name extends keyof PdCalls>(
    name: Name,
    question: Omit<PdCalls[Name][0], 'header'>,
    budget: Budget,
  ): Promise<PdCalls[Name][1]> {
    for (let attempt = 0; ; attempt++) {
      budget.checkOpen();
      let failure: Error;
      try {
        const leader = this.#leader ?? (await this.#findLeader(budget));
        const header = { cluster_id: this.#clusterId };
        const answer = await this.#connection(leader).call(
          name,
          { ...question, header } as PdCalls[Name][0],
          this.#callMs(budget),
        );
        const refusal = refusalOf(answer.header);
        if (refusal === null) return answer;
        if (refusal.type === 'STORE_TOMBSTONE') return answer;
        failure = new Error(`${leader} refused: ${refusal.message || refusal.type}`);
      } catch (error) {
        if (!(error instanceof CallFailed)) throw error;
        failure = error;
      }
      // Also one that no longer leads says so only by an error: whoever leads now is found by asking.
      this.#leader = null;
      await budget.pause(attempt, failure);
    }
  }

  async #findLeader(budget: Budget): Promise<string> {
    let failure: CallFailed | null = null;
    for (const address of new Set([...this.#options.addresses, ...this.#learned])) {
      try {
        const { header, members, leader } = await this.#connection(address).call(
          'GetMembers',
          { header: { cluster_id: '0' } },
          this.#callMs(budget),
        );
        this.#checkCluster(address, header);
        this.#learned = members.flatMap((member) => member.client_urls.slice(0, 1).map(toAddress)).slice(0, learnedMax);
        const url = leader?.client_urls[0];
        if (url === undefined) continue;
        this.#leader = toAddress(url);
        this.#forgetOthers();
        this.#options.log.debug({ leader: this.#leader }, 'The leading placement driver');
        return this.#leader;
      } catch (error) {
        if (!(error instanceof CallFailed)) throw error;
        failure = error;
      }
    }
    throw failure ?? new CallFailed('the placement driver', Object.assign(new Error(), noLeader));
  }

  #checkCluster(address: string, header: PdHeader | null): void {
    const clusterId = header?.cluster_id ?? '0';
    if (this.#clusterId === '0') this.#clusterId = clusterId;
    if (clusterId !== this.#clusterId)
      throw new GbError('unavailable', `${address} belongs to another cluster (${clusterId}) than before (${this.#clusterId})`);
  }

  #connection(address: string): Connection<PdCalls> {
    let connection = this.#connections.get(address);
    if (!connection) {
      connection = connectPd(address, this.#options.tls);
      this.#connections.set(address, connection);
    }
    return connection;
  }

  /** Connections to members that left would try for ever. */
  #forgetOthers(): void {
    const known = new Set([...this.#options.addresses, ...this.#learned, this.#leader]);
    for (const [address, connection] of this.#connections) {
      if (known.has(address)) continue;
      connection.close();
      this.#connections.delete(address);
    }
  }

  #callMs(budget: Budget): number {
    return Math.max(1, Math.min(this.#options.callMsMax, budget.leftMs));
  }
}

const noLeader = { code: 14, details: 'no member knows a leader', metadata: undefined as never };

function refusalOf(header: PdHeader | null): { type: string; message: string } | null {
  return header?.error && header.error.type !== 'OK' ? header.error : null;
}

/** `http://host:port/` as members name themselves, or `host:port`. */
function toAddress(url: string): string {
  return url
    .trim()
    .replace(/^\w+:\/\//, '')
    .replace(/\/+$/, '');
}
