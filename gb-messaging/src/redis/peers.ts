import type { BatchHead } from './bus-batch.ts';

/** Nodes known at a time; more than that are no cluster of ours, and each is then as if heard for the first time. */
const nodesMax = 1_024;
/** Beats without a word after which a node is missed. */
const silentBeats = 3;
/** Beats after our own subscription in which a node may be heard for the first time without having been missed before. */
const settlingBeats = 3;
/** A node that stays away is looked after at growing intervals, and forgotten when it was away this long. */
const missedMsMax = 600_000;

interface Peer {
  counter: number;
  heardAtMs: number;
  /** When it is next assumed to have written something nobody told us. */
  missedAtMs: number;
  /** Not heard since we subscribed: where its counting stands now is for it to say. */
  isUncertain: boolean;
}

/**
 * Who else is on the bus, and whether all they said arrived. Every node counts its batches and says something at each
 * beat, if only that it lives, so there are three ways to know of a loss: a number is skipped, a node falls silent without
 * a farewell, or one speaks up that we did not know although it has been there for a while.
 */
export class Peers {
  readonly #beatMs: number;
  readonly #peers = new Map<string, Peer>();
  #subscribedAtMs = Number.NEGATIVE_INFINITY;

  constructor(beatMs: number) {
    this.#beatMs = beatMs;
  }

  get size(): number {
    return this.#peers.size;
  }

  has(node: string): boolean {
    return this.#peers.has(node);
  }

  some(is: (node: string) => boolean): boolean {
    for (const node of this.#peers.keys()) if (is(node)) return true;
    return false;
  }

  /** What was said before is known to be missed; what everybody says next is where counting begins again. */
  onSubscribed(nowMs: number): void {
    this.#subscribedAtMs = nowMs;
    // They stay known: one that falls silent in this very moment has to be missed as well.
    for (const peer of this.#peers.values())
      Object.assign(peer, { heardAtMs: nowMs, missedAtMs: nowMs + this.#beatMs * silentBeats, isUncertain: true });
  }

  /** Whether the batch is news (not one that came twice), and whether something before it is missing. */
  hear({ node, counter, isInDoubt, isLast }: BatchHead, nowMs: number): { isNews: boolean; isGap: boolean } {
    const peer = this.#peers.get(node);
    if (peer && counter <= peer.counter) return { isNews: false, isGap: false };
    const isCounted = peer !== undefined && !peer.isUncertain;
    const isGap = isCounted ? counter > peer.counter + 1 : this.#wasMissed(counter, isInDoubt, nowMs);
    const heard: Peer = { counter, heardAtMs: nowMs, missedAtMs: nowMs + this.#beatMs * silentBeats, isUncertain: false };
    if (isLast) this.#peers.delete(node);
    else if (peer) Object.assign(peer, heard);
    else if (this.#peers.size < nodesMax) this.#peers.set(node, heard);
    return { isNews: true, isGap };
  }

  #wasMissed(counter: number, isInDoubt: boolean, nowMs: number): boolean {
    if (counter === 1) return false;
    return isInDoubt || nowMs - this.#subscribedAtMs > this.#beatMs * settlingBeats;
  }

  /** At every beat: whether one of them is missed, so that what it wrote has to be looked for. */
  isAnyMissed(nowMs: number): boolean {
    let isMissed = false;
    for (const [node, peer] of this.#peers) {
      if (nowMs < peer.missedAtMs) continue;
      isMissed = true;
      const silentMs = nowMs - peer.heardAtMs;
      peer.missedAtMs = nowMs + silentMs;
      if (silentMs > missedMsMax) this.#peers.delete(node);
    }
    return isMissed;
  }
}
