import { randomUUID } from 'node:crypto';
import type { EventBus } from 'gb-core';
import type { Logger } from 'gb-utils';
import { createInProcessEventBus } from '../event-bus.in-process.ts';
import { type BatchHead, readHead, readItems, writeBatch, writeEvent, writeSignal } from './bus-batch.ts';
import { Outgoing } from './outgoing.ts';
import { Peers } from './peers.ts';
import { type RedisAddress, readRedisAddress } from './redis-address.ts';
import { connectRedis, type RedisConnection } from './redis-connection.ts';

/** Batches that wait for Redis' answer at a time: what is published meanwhile makes the next one larger instead. */
const inFlightMax = 4;
/** Everybody says something this often, if only that they live. */
const beatMsDefault = 1_000;
/** Beats without our own words coming back after which the connections are made anew: a dead one looks like a quiet one. */
const deafBeats = 5;
/** Calls of `onGap` come at most this often. */
const gapRestMs = 250;
/** How long after a loss our batches say so, for those who had not subscribed yet when it happened. */
const doubtBeats = 10;
const farewellMsMax = 500;

export interface RedisEventBusOptions {
  /** See `RedisAddress`. */
  readonly url: string;
  readonly log: Logger;
  readonly beatMs?: number;
  /** The name of this process on the bus; made up when not given. */
  readonly node?: string;
  /** Who is told another way, and who is heard another way: what these say here is passed over. */
  readonly near?: NearNodes;
}

/** While everybody on the bus is reached another way, nothing but signs of life goes through Redis. */
export interface NearNodes {
  reaches(node: string): boolean;
  hears(node: string): boolean;
}

/** Since the bus was made. */
export interface RedisBusFigures {
  /** We hear what is published, and others hear us. */
  readonly isConnected: boolean;
  /** Events and signals handed to Redis. */
  readonly published: number;
  /** Events and signals of other nodes. */
  readonly received: number;
  readonly batchesSent: number;
  readonly batchesReceived: number;
  /** Times something was missed, or may have been. */
  readonly gaps: number;
  /** Events and signals of ours that others may never hear of, because Redis was away or too slow. */
  readonly dropped: number;
  /** Batches that could not be read: corrupted, from another version, or not ours. */
  readonly unreadable: number;
  /** Other nodes heard lately. */
  readonly nodes: number;
  /** From handing our last batch to Redis to hearing it ourselves, in milliseconds. */
  readonly hopMs: number;
}

export interface RedisEventBus extends EventBus {
  figures(): RedisBusFigures;
  /** When the connection stands, or fails to within `msMax`: the bus works either way. */
  connected(msMax: number): Promise<boolean>;
}

/**
 * The bus of many processes, over Redis' publish and subscribe. Listeners here are called at once, whatever Redis does;
 * for the other processes, what is published in one turn of the loop leaves as one batch.
 *
 * There is one topic for everybody. A batch costs its receiver a fixed part and little for each event in it; topics for
 * buckets of customers would cut the batches to pieces without sparing anybody much, because a gateway serves some of
 * almost every bucket's people (docs/subsystems/bus.md has the figures).
 *
 * Redis promises nothing, so the bus assumes nothing: batches are counted by those who send them, and our own come back
 * to us like everybody else's. While we cannot hear, `onGap` is called at every beat, so that whoever follows a log reads
 * it: without Redis messages arrive a second late instead of not at all.
 */
export function createRedisEventBus(options: RedisEventBusOptions): RedisEventBus {
  return new RedisBus(options);
}

/** A pair of connections: one that subscribes can do nothing else. */
interface Link {
  readonly publisher: RedisConnection;
  readonly subscriber: RedisConnection;
  inFlight: number;
  isSubscribed: boolean;
  /** By the monotonic clock: our own words were last heard, or the link was made. */
  echoAtMs: number;
}

class RedisBus implements RedisEventBus {
  readonly #local: EventBus;
  readonly #address: RedisAddress;
  readonly #topic: string;
  readonly #log: Logger;
  readonly #beatMs: number;
  readonly #node: string;
  readonly #near: NearNodes | null;
  readonly #peers: Peers;
  readonly #outgoing = new Outgoing();
  readonly #gapListeners = new Set<{ readonly call: () => void }>();
  readonly #beat: NodeJS.Timeout;
  readonly #figures = {
    published: 0,
    received: 0,
    batchesSent: 0,
    batchesReceived: 0,
    gaps: 0,
    dropped: 0,
    unreadable: 0,
    hopMs: 0,
  };
  #link: Link;
  #counter = 0;
  #isScheduled = false;
  #sentAtMs = 0;
  #doubtAtMs = Number.NEGATIVE_INFINITY;
  /** Something was kept from Redis, because nobody there was to be told. */
  #withheldAtMs = Number.NEGATIVE_INFINITY;
  #gapAtMs = Number.NEGATIVE_INFINITY;
  #gapTimer: NodeJS.Timeout | null = null;
  #isClosed = false;
  #waiting: (() => void)[] = [];

  constructor({ url, log, beatMs = beatMsDefault, node = randomUUID(), near }: RedisEventBusOptions) {
    this.#node = node;
    this.#near = near ?? null;
    this.#address = readRedisAddress(url);
    this.#topic = `${this.#address.prefix}:bus`;
    this.#log = log;
    this.#beatMs = beatMs;
    this.#local = createInProcessEventBus({ log });
    this.#peers = new Peers(beatMs);
    this.#link = this.#open();
    this.#beat = setInterval(() => this.#onBeat(), beatMs).unref();
  }

  publish(...[published]: Parameters<EventBus['publish']>): void {
    if (this.#isClosed) return;
    // First for the others: what listeners here publish in answer comes after it for them too.
    if (this.#isAnyoneFar()) this.#add(writeEvent(published));
    this.#local.publish(published);
  }

  signal(...[signal]: Parameters<EventBus['signal']>): void {
    if (this.#isClosed) return;
    if (this.#isAnyoneFar()) this.#add(writeSignal(signal));
    this.#local.signal(signal);
  }

  onEvent(...[listener]: Parameters<EventBus['onEvent']>): () => void {
    return this.#local.onEvent(listener);
  }

  onSignal(...[listener]: Parameters<EventBus['onSignal']>): () => void {
    return this.#local.onSignal(listener);
  }

  onGap(listener: () => void): () => void {
    const own = { call: listener };
    if (!this.#isClosed) this.#gapListeners.add(own);
    return () => {
      this.#gapListeners.delete(own);
    };
  }

  figures(): RedisBusFigures {
    return { ...this.#figures, nodes: this.#peers.size, isConnected: this.#isConnected };
  }

  async connected(msMax: number): Promise<boolean> {
    if (!this.#isConnected && !this.#isClosed)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, msMax);
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    return this.#isConnected;
  }

  /** What was published goes out first, if Redis takes it within half a second, and the others hear that no more will come. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#beat);
    if (this.#gapTimer) clearTimeout(this.#gapTimer);
    this.#gapListeners.clear();
    for (const tell of this.#waiting.splice(0)) tell();
    await this.#local.close();
    const { publisher, subscriber } = this.#link;
    if (publisher.status === 'ready') {
      const last: Promise<unknown>[] = [];
      while (!this.#outgoing.isEmpty) last.push(this.#send(this.#outgoing.take(performance.now())));
      last.push(this.#send([], true));
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([Promise.all(last), new Promise((resolve) => (timer = setTimeout(resolve, farewellMsMax)))]);
      clearTimeout(timer);
    }
    this.#outgoing.drop();
    publisher.disconnect();
    subscriber.disconnect();
  }

  get #isConnected(): boolean {
    return !this.#isClosed && this.#link.isSubscribed && this.#link.publisher.status === 'ready';
  }

  #open(): Link {
    const link: Link = {
      publisher: connectRedis(this.#address, 'bus-out', this.#log),
      subscriber: connectRedis(this.#address, 'bus-in', this.#log),
      inFlight: 0,
      isSubscribed: false,
      echoAtMs: performance.now(),
    };
    link.publisher.on('ready', () => {
      if (link !== this.#link) return;
      this.#flush();
      this.#tellConnected();
    });
    link.subscriber.on('ready', () => {
      link.subscriber.subscribe(this.#topic).then(
        () => this.#onSubscribed(link),
        (error: Error) => {
          if (this.#isClosed || link !== this.#link) return;
          // Not allowed to, most likely. The beat finds that nothing is heard and tries again with a new connection.
          this.#log.warn({ reason: error.message, topic: this.#topic }, 'Redis refuses a subscription');
        },
      );
    });
    link.subscriber.on('close', () => this.#onLost(link));
    link.subscriber.on('messageBuffer', (_topic: Buffer, bytes: Buffer) => {
      if (link === this.#link) this.#onBatch(bytes);
    });
    return link;
  }

  #onSubscribed(link: Link): void {
    if (this.#isClosed || link !== this.#link) return;
    const nowMs = performance.now();
    link.isSubscribed = true;
    link.echoAtMs = nowMs;
    this.#peers.onSubscribed(nowMs);
    // Between the beginning, or the loss, and now everything may have been said.
    this.#gap();
    // Others hear of us now and not at the next beat.
    this.#sayAlive();
    this.#tellConnected();
  }

  #onLost(link: Link): void {
    if (this.#isClosed || link !== this.#link || !link.isSubscribed) return;
    link.isSubscribed = false;
    this.#log.warn({ topic: this.#topic }, 'The connection to Redis is lost; news of other processes come from the log');
    this.#gap();
  }

  #tellConnected(): void {
    if (!this.#isConnected) return;
    this.#log.info({ node: this.#node, topic: this.#topic }, 'The bus is connected');
    for (const tell of this.#waiting.splice(0)) tell();
  }

  #isAnyoneFar(): boolean {
    const near = this.#near;
    if (!near || !this.#isConnected || this.#peers.some((node) => node !== this.#node && !near.reaches(node))) return true;
    this.#withheldAtMs = performance.now();
    return false;
  }

  /** What was kept from Redis a moment ago may have been for somebody who has just come: a number is left out for it. */
  #onNewcomer(nowMs: number): void {
    if (nowMs - this.#withheldAtMs > this.#beatMs * doubtBeats) return;
    this.#counter += 1;
    this.#doubtAtMs = nowMs;
    this.#sayAlive();
  }

  #add(item: string): void {
    const dropped = this.#outgoing.add(item, performance.now());
    if (dropped > 0) this.#onDropped(dropped);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#flush();
    });
  }

  /** A number is left out, which tells the others as soon as they hear the next one. */
  #onDropped(count: number): void {
    this.#figures.dropped += count;
    this.#counter += 1;
    this.#doubtAtMs = performance.now();
  }

  #flush(): void {
    const link = this.#link;
    while (!this.#outgoing.isEmpty && !this.#isClosed && link.publisher.status === 'ready' && link.inFlight < inFlightMax)
      void this.#send(this.#outgoing.take(performance.now()));
  }

  async #send(items: readonly string[], isLast = false): Promise<void> {
    const link = this.#link;
    const nowMs = performance.now();
    this.#counter += 1;
    this.#sentAtMs = nowMs;
    const isInDoubt = nowMs - this.#doubtAtMs < this.#beatMs * doubtBeats;
    const head: BatchHead = { node: this.#node, counter: this.#counter, isInDoubt, isLast };
    link.inFlight += 1;
    try {
      await link.publisher.publish(this.#topic, writeBatch(head, items));
      this.#figures.published += items.length;
      this.#figures.batchesSent += 1;
    } catch (error) {
      // Perhaps it arrived, perhaps not: if not, its number is missing and the others know.
      this.#figures.dropped += items.length;
      this.#doubtAtMs = performance.now();
      this.#log.debug({ reason: (error as Error).message, items: items.length }, 'A batch may not have reached Redis');
    } finally {
      link.inFlight -= 1;
    }
    if (link === this.#link) this.#flush();
  }

  #onBatch(bytes: Buffer): void {
    if (this.#isClosed) return;
    const nowMs = performance.now();
    const read = readHead(bytes);
    if (read.kind === 'foreign') return this.#onUnreadable();
    const { node } = read.head;
    const isNear = this.#near?.hears(node) ?? false;
    if (node !== this.#node && !this.#near?.reaches(node) && !this.#peers.has(node)) this.#onNewcomer(nowMs);
    const { isNews, isGap } = this.#peers.hear(read.head, nowMs);
    if (isGap && !isNear) this.#gap();
    if (read.head.node === this.#node) {
      this.#link.echoAtMs = nowMs;
      if (read.head.counter === this.#counter) this.#figures.hopMs = nowMs - this.#sentAtMs;
      return;
    }
    if (!isNews || isNear) return;
    const items = readItems(bytes, read.bodyAt);
    if (items === null) return this.#onUnreadable();
    this.#figures.batchesReceived += 1;
    this.#figures.received += items.length;
    for (const item of items) {
      if ('e' in item) this.#local.publish(item.e);
      else this.#local.signal(item.s);
    }
  }

  /** Somebody said something that may concern us, as a newer version does while it takes this one's place. */
  #onUnreadable(): void {
    this.#figures.unreadable += 1;
    this.#gap();
  }

  #onBeat(): void {
    const nowMs = performance.now();
    const dropped = this.#outgoing.dropOld(nowMs);
    if (dropped > 0) this.#onDropped(dropped);
    if (nowMs - this.#link.echoAtMs > this.#beatMs * deafBeats) this.#renew(nowMs);
    else if (nowMs - this.#sentAtMs >= this.#beatMs * 0.9) this.#sayAlive();
    if (!this.#isConnected || this.#peers.isAnyMissed(nowMs)) this.#gap();
  }

  #sayAlive(): void {
    const { publisher, inFlight } = this.#link;
    if (publisher.status === 'ready' && inFlight < inFlightMax) void this.#send([]);
  }

  /** Neither end may have noticed that a connection is dead, or the server stands still: nothing of it is kept. */
  #renew(nowMs: number): void {
    const { publisher, subscriber, isSubscribed } = this.#link;
    // While it is being connected it goes on by itself, with growing pauses.
    if (!isSubscribed && publisher.status !== 'ready' && subscriber.status !== 'ready') {
      this.#link.echoAtMs = nowMs;
      return;
    }
    this.#log.warn({ topic: this.#topic }, 'Nothing comes back from Redis; connecting anew');
    this.#link = this.#open();
    publisher.disconnect();
    subscriber.disconnect();
    this.#gap();
  }

  /** Told at once, and then at most every quarter of a second: those who are told have work to do. */
  #gap(): void {
    this.#figures.gaps += 1;
    if (this.#gapTimer || this.#isClosed) return;
    const waitMs = this.#gapAtMs + gapRestMs - performance.now();
    if (waitMs <= 0) return this.#tellGap();
    this.#gapTimer = setTimeout(() => {
      this.#gapTimer = null;
      this.#tellGap();
    }, waitMs).unref();
  }

  #tellGap(): void {
    this.#gapAtMs = performance.now();
    for (const { call } of this.#gapListeners) {
      try {
        call();
      } catch (error) {
        // The others still have to look.
        this.#log.error({ err: error }, 'A listener of the event bus failed');
      }
    }
  }
}
