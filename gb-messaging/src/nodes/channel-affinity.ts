import type { AppendedMessage, NewMessage, Store } from 'gb-core';
import type { ChannelId, CustomerId } from 'gb-protocol';
import { GbError, type Logger } from 'gb-utils';
import { type Append, type Appended, readAppended, readAppends, writeAppended, writeAppends } from './append-question.ts';
import type { Links } from './links.ts';
import { rendezvous } from './rendezvous.ts';

/**
 * Messages of a channel within a second, in this process, from which on they go to its writer. Measured: with as few as
 * twelve at each of four processes the database works less, and nobody waits longer.
 */
const hotPerSecondDefault = 10;
/** An answer that takes longer is not waited for: this process writes by itself. */
const answerMsMaxDefault = 1_000;
/** How long a peer that failed is left alone; it doubles with each failure in a row. */
const restMsMin = 2_000;
const restMsMax = 60_000;
/** Questions to one peer at a time: what comes meanwhile makes the next one larger. */
const questionsMax = 2;
const batchMessagesMax = 512;
const batchCharsMax = 512 * 1024;
/** Messages and their characters that wait for peers. */
const waitingMessagesMax = 20_000;
const waitingCharsMax = 32 * 1024 * 1024;
const windowMs = 1_000;

export interface ChannelAffinityOptions {
  /** Of this process, straight into its database. */
  readonly append: Store['appendMessage'];
  readonly links: Pick<Links, 'node' | 'ask' | 'isReached' | 'isRetiring'>;
  /** Processes of this host and version that take appends of others; this one among them, if it does. */
  readonly writers: () => readonly string[];
  readonly log: Logger;
  readonly hotPerSecond?: number;
  readonly answerMsMax?: number;
}

/** Since it was made. */
export interface AffinityFigures {
  /** Messages stored by a peer for this process. */
  readonly forwarded: number;
  /** Messages that went to a peer and were then written here, because no answer came. */
  readonly fallenBack: number;
  /** Times a peer failed. */
  readonly failures: number;
  /** Channels that are hot here. */
  readonly hot: number;
}

/**
 * Brings the messages of a hot channel from all processes of a host to one of them, whose writer stores them in large
 * batches. Without it every process has a batch of its own, and the lock of the channel's head makes them wait for each
 * other, one commit each.
 *
 * It is speed and nothing else. The one who is asked may be dead, slow, or ending: then this process writes by itself, under
 * the same client ids, so what the other had stored all the same comes back with its number. Messages of one channel stay in
 * the order in which they came: they are here or there, never both, except after a failure, and then all that were not
 * answered are written again, in their order.
 */
export class ChannelAffinity {
  readonly #options: ChannelAffinityOptions;
  readonly #hotPerSecond: number;
  readonly #answerMsMax: number;
  readonly #lanes = new Map<ChannelId, Lane>();
  readonly #peers = new Map<string, PeerState>();
  readonly #figures = { forwarded: 0, fallenBack: 0, failures: 0 };
  #waiting = 0;
  #waitingChars = 0;
  #isClosed = false;
  readonly #sweep: NodeJS.Timeout;

  constructor(options: ChannelAffinityOptions) {
    this.#options = options;
    this.#hotPerSecond = options.hotPerSecond ?? hotPerSecondDefault;
    this.#answerMsMax = options.answerMsMax ?? answerMsMaxDefault;
    this.#sweep = setInterval(() => this.#turnWindow(), windowMs).unref();
  }

  /** Keeps the promise of `Store.appendMessage`. */
  append(customerId: CustomerId, message: NewMessage): Promise<AppendedMessage> {
    const { channelId } = message;
    let lane = this.#lanes.get(channelId);
    if (!lane) {
      lane = { channelId, count: 0, lastCount: 0, here: 0, peer: null, away: new Set(), queue: [] };
      this.#lanes.set(channelId, lane);
    }
    lane.count += 1;
    if (lane.queue.length === 0 && lane.away.size === 0 && this.#writerOf(lane) === null)
      return this.#here(lane, { customerId, message });
    const chars = message.text.length + 200;
    if (this.#waiting >= waitingMessagesMax || this.#waitingChars + chars > waitingCharsMax)
      return Promise.reject(
        new GbError('overloaded', 'Too many messages wait to be stored', { retryable: true, retryAfterMs: 500 }),
      );
    this.#waiting += 1;
    this.#waitingChars += chars;
    return new Promise((resolve, reject) => {
      lane.queue.push({ append: { customerId, message }, chars, lane, resolve, reject, isInDoubt: false });
      this.#pump(lane);
    });
  }

  figures(): AffinityFigures {
    return { ...this.#figures, hot: [...this.#lanes.values()].filter((lane) => this.#isHot(lane)).length };
  }

  /** Nothing goes to others any more; what is there and not answered is written here. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#sweep);
    for (const peer of this.#peers.values()) this.#takeBack(peer);
  }

  #isHot({ count, lastCount }: Lane): boolean {
    return count >= this.#hotPerSecond || lastCount >= this.#hotPerSecond;
  }

  /** Who is to store the channel's messages; null when it is this process. */
  #writerOf(lane: Lane): string | null {
    if (this.#isClosed || !this.#isHot(lane)) return null;
    const { links, writers } = this.#options;
    const nowMs = performance.now();
    const able = writers().filter((id) => {
      if (id === links.node) return true;
      return links.isReached(id) && !links.isRetiring(id) && (this.#peers.get(id)?.restsUntilMs ?? 0) <= nowMs;
    });
    const writer = rendezvous(lane.channelId, able);
    return writer === links.node ? null : writer;
  }

  /** Sends on what waits, where it is to go now, once nothing of the channel is under way elsewhere. */
  #pump(lane: Lane): void {
    if (lane.queue.length === 0) return;
    const writer = this.#writerOf(lane);
    if (lane.away.size > 0 ? writer !== lane.peer : writer !== null && lane.here > 0) return;
    const queue = lane.queue;
    lane.queue = [];
    lane.peer = writer;
    if (writer === null) {
      for (const one of queue) this.#writeHere(one);
      return;
    }
    const peer = this.#peer(writer);
    for (const one of queue) lane.away.add(one);
    peer.outbox.push(...queue);
    if (!peer.isScheduled) {
      peer.isScheduled = true;
      setImmediate(() => {
        peer.isScheduled = false;
        this.#askNext(peer);
      });
    }
  }

  async #here(lane: Lane, { customerId, message }: Append): Promise<AppendedMessage> {
    lane.here += 1;
    try {
      return await this.#options.append(customerId, message);
    } finally {
      lane.here -= 1;
      if (lane.here === 0 && lane.queue.length > 0) this.#pump(lane);
    }
  }

  #writeHere(one: Waiting): void {
    this.#here(one.lane, one.append).then(
      (appended) => this.#settle(one, appended),
      (error: unknown) => this.#refuse(one, error),
    );
  }

  #askNext(peer: PeerState): void {
    while (peer.outbox.length > 0 && peer.asked.size < questionsMax) {
      let chars = 0;
      let count = 0;
      while (count < peer.outbox.length && count < batchMessagesMax && (count === 0 || chars < batchCharsMax))
        chars += peer.outbox[count++]!.chars;
      void this.#ask(peer, peer.outbox.splice(0, count));
    }
  }

  async #ask(peer: PeerState, batch: readonly Waiting[]): Promise<void> {
    peer.asked.add(batch);
    try {
      const answer = await this.#options.links.ask(peer.id, writeAppends(batch.map((one) => one.append)), this.#answerMsMax);
      const results = readAppended(answer, batch.length);
      // Taken back meanwhile: it is being written elsewhere.
      if (!peer.asked.delete(batch)) return;
      peer.failures = 0;
      for (const [index, one] of batch.entries()) this.#onAnswer(one, results[index]!);
    } catch (error) {
      if (peer.asked.has(batch)) this.#onFailure(peer, error);
      return;
    }
    for (const { lane } of batch) if (lane.queue.length > 0) this.#pump(lane);
    this.#askNext(peer);
  }

  #onAnswer(one: Waiting, result: Appended): void {
    one.lane.away.delete(one);
    if ('a' in result) {
      this.#figures.forwarded += 1;
      return this.#settle(one, result.a);
    }
    const { code, message, retryable, retryAfterMs } = result.e;
    if (!retryable)
      return this.#refuse(one, new GbError(code, message, { ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }));
    // The peer could not, and this process may be able to.
    one.isInDoubt = true;
    this.#figures.fallenBack += 1;
    this.#writeHere(one);
  }

  #onFailure(peer: PeerState, error: unknown): void {
    peer.failures += 1;
    peer.restsUntilMs = performance.now() + Math.min(restMsMax, restMsMin * 2 ** Math.min(peer.failures - 1, 10));
    this.#figures.failures += 1;
    this.#options.log.warn(
      { reason: error instanceof Error ? error.message : String(error), peer: peer.id },
      'A peer does not store messages for this process, which writes them by itself',
    );
    this.#takeBack(peer);
  }

  /** All that this peer has not answered, channel by channel in the order in which it came. */
  #takeBack(peer: PeerState): void {
    const batches = [...peer.asked, peer.outbox];
    peer.asked.clear();
    peer.outbox = [];
    const lanes = new Set<Lane>();
    for (const batch of batches) for (const one of batch) if (one.lane.away.has(one)) lanes.add(one.lane);
    for (const lane of lanes) {
      const taken = [...lane.away];
      lane.away.clear();
      for (const one of taken) one.isInDoubt = true;
      this.#figures.fallenBack += taken.length;
      lane.queue = [...taken, ...lane.queue];
    }
    for (const lane of lanes) this.#pump(lane);
  }

  #settle(one: Waiting, appended: AppendedMessage): void {
    this.#leave(one);
    // A peer may have stored it before it fell silent: to whoever sent it, this is the first time, and others were not told.
    one.resolve(one.isInDoubt ? { ...appended, isDuplicate: false } : appended);
  }

  #refuse(one: Waiting, error: unknown): void {
    this.#leave(one);
    one.reject(error);
  }

  #leave({ chars }: Waiting): void {
    this.#waiting -= 1;
    this.#waitingChars -= chars;
  }

  #peer(id: string): PeerState {
    let peer = this.#peers.get(id);
    if (!peer) {
      peer = { id, outbox: [], asked: new Set(), isScheduled: false, failures: 0, restsUntilMs: 0 };
      this.#peers.set(id, peer);
    }
    return peer;
  }

  #turnWindow(): void {
    for (const [channelId, lane] of this.#lanes) {
      const isIdle = lane.here === 0 && lane.away.size === 0 && lane.queue.length === 0;
      if (isIdle && lane.count === 0 && lane.lastCount === 0) this.#lanes.delete(channelId);
      lane.lastCount = lane.count;
      lane.count = 0;
    }
    const nowMs = performance.now();
    for (const [id, peer] of this.#peers)
      if (peer.asked.size === 0 && peer.outbox.length === 0 && peer.restsUntilMs + restMsMax < nowMs) this.#peers.delete(id);
  }
}

/** What is asked of a process with the role of a writer, written as if it were its own. */
export function answerAppends(links: Pick<Links, 'answer'>, append: Store['appendMessage']): void {
  links.answer(async (body) => {
    const appends = readAppends(body);
    return writeAppended(await Promise.allSettled(appends.map(({ customerId, message }) => append(customerId, message))));
  });
}

/** A channel that somebody writes to. */
interface Lane {
  readonly channelId: ChannelId;
  /** Messages in this window of a second, and in the one before. */
  count: number;
  lastCount: number;
  /** Being written by this process. */
  here: number;
  /** Who has those that are away. */
  peer: string | null;
  /** At a peer or on the way there, in their order. */
  readonly away: Set<Waiting>;
  /** Not on the way anywhere, in their order: until nothing is on its way to where they do not go. */
  queue: Waiting[];
}

interface Waiting {
  readonly append: Append;
  readonly chars: number;
  readonly lane: Lane;
  resolve(appended: AppendedMessage): void;
  reject(error: unknown): void;
  /** A peer may have stored it. */
  isInDoubt: boolean;
}

interface PeerState {
  readonly id: string;
  outbox: Waiting[];
  readonly asked: Set<readonly Waiting[]>;
  isScheduled: boolean;
  failures: number;
  restsUntilMs: number;
}
