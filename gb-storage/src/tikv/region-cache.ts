import type { Peer, RegionEpoch, RegionMeta } from './messages.ts';

/** A range of keys and who answers for it, as far as is known here. */
export interface Region {
  readonly id: string;
  readonly start: Uint8Array;
  /** Empty for the end of everything. */
  readonly end: Uint8Array;
  readonly epoch: RegionEpoch | null;
  /** Those that may lead. */
  readonly peers: readonly Peer[];
  /** Whom to ask: the leader when it is known, else one after the other. */
  turn: number;
  /** Calls in a row that nobody answered. */
  misses: number;
}

/** null when nobody in it could answer. */
export function toRegion(meta: RegionMeta, leader: Pick<Peer, 'store_id'> | null): Region | null {
  const peers = meta.peers.filter((peer) => !peer.is_witness && peer.role !== 'Learner');
  if (peers.length === 0) return null;
  const turn = peers.findIndex((peer) => peer.store_id === leader?.store_id);
  return {
    id: meta.id,
    start: meta.start_key,
    end: meta.end_key,
    epoch: meta.region_epoch,
    peers,
    turn: Math.max(turn, 0),
    misses: 0,
  };
}

export function holds(region: Region, key: Uint8Array): boolean {
  return Buffer.compare(region.start, key) <= 0 && isBefore(key, region.end);
}

export function peerToAsk(region: Region): Peer {
  return region.peers[region.turn % region.peers.length]!;
}

/** Whether a key lies before the end of a range, of which none is the end of everything. */
export function isBefore(key: Uint8Array, end: Uint8Array): boolean {
  return end.byteLength === 0 || Buffer.compare(key, end) < 0;
}

/** About 30 MB; beyond it everything is forgotten and asked again, which is never wrong. */
const regionsMax = 100_000;

/**
 * What was learned of regions, sorted by their ends and without overlaps: the one that may hold a key is the first that
 * ends after it. Any of it may be out of date at any time; then a store says so, and what it says takes its place.
 */
export class RegionCache {
  #regions: Region[] = [];

  find(key: Uint8Array): Region | null {
    const region = this.#regions[this.#firstEndingAfter(key)];
    return region && holds(region, key) ? region : null;
  }

  /** Takes the place of all that it overlaps, unless something newer of the same region is there. */
  put(region: Region): void {
    if (this.#regions.length >= regionsMax) this.#regions = [];
    const from = this.#firstEndingAfter(region.start);
    let to = from;
    while (to < this.#regions.length && isBefore(this.#regions[to]!.start, region.end)) to++;
    for (let i = from; i < to; i++) if (isNewer(this.#regions[i]!, region)) return;
    this.#regions.splice(from, to - from, region);
  }

  drop(region: Region): void {
    const at = this.#regions.indexOf(region);
    if (at >= 0) this.#regions.splice(at, 1);
  }

  #firstEndingAfter(key: Uint8Array): number {
    let low = 0;
    let high = this.#regions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isBefore(key, this.#regions[middle]!.end)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function isNewer(one: Region, other: Region): boolean {
  if (one.id !== other.id) return false;
  const [a, b] = [one.epoch, other.epoch];
  if (!a || !b) return false;
  return BigInt(a.version) > BigInt(b.version) || (a.version === b.version && BigInt(a.conf_ver) > BigInt(b.conf_ver));
}
