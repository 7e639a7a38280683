import type { ChannelModel, ConfirmChannel, Options } from 'amqplib';
import { GbError, type Logger, sleep } from 'gb-utils';
import { makeQueues } from './make-queues.ts';
import type { Queue } from './queues.ts';
import { RabbitLink, tooLong } from './rabbit-link.ts';

export interface PublisherOptions {
  readonly url: string;
  readonly prefix: string;
  readonly log: Logger;
  readonly random: () => number;
  /** How long one may wait for the broker's word. */
  readonly confirmMsMax: number;
  /** The broker had no queue for what was sent to it. */
  readonly onQueueGone: () => void;
}

/** Published and not yet confirmed: above one of these, nothing more is taken. */
const pendingMax = 5_000;
const pendingBytesMax = 32 * 1024 * 1024;

/** How often a message is sent again that was refused, and the pause before, which doubles. */
const refusalsMax = 5;
const refusedMsMin = 20;
const remakeMs = 250;

/**
 * A queue that is made again while the broker still takes the old one away comes up with the old one's memory: it confirms
 * messages as ones it had, keeps none of them, and counts consumers that hear nothing (RabbitMQ 3.10).
 */
export const goneMs = 1_500;
/** A question about queues that was not answered for so long is asked again. */
const makeMsMax = 15_000;
/** What was confirmed is kept for so long, up to the bounds of `pending`: who deletes a queue confirms what is on its way there. */
const confirmedMsMax = 10_000;

interface Pending {
  readonly number: number;
  readonly queue: Queue;
  readonly content: Buffer;
  readonly options: Options.Publish;
  readonly deadline: NodeJS.Timeout;
  readonly settle: (error: GbError | null) => void;
  isSent: boolean;
  /** The broker found no queue for it. */
  isReturned: boolean;
  refusals: number;
}

/**
 * Puts messages into queues and knows when they are on disk there. What was not confirmed when the connection broke is
 * published once more on the next one, as it was: there may be two of it then.
 */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #link: RabbitLink;
  readonly #pending = new Map<number, Pending>();
  #pendingBytes = 0;
  /** Confirmed a moment ago, the oldest first. */
  readonly #confirmed = new Map<number, { readonly pending: Pending; readonly atMs: number }>();
  #confirmedBytes = 0;
  /** Queues that are not to be made again before. */
  readonly #goneUntilMs = new Map<string, number>();
  #numbers = 0;
  #channel: ConfirmChannel | null = null;
  #model: ChannelModel | null = null;
  /** Of that connection. */
  #lost: AbortSignal | null = null;
  /** Known to be there, on this connection. */
  #made = new Map<string, Promise<void>>();
  /** One after the other: each takes the lock. */
  #making: Promise<unknown> = Promise.resolve();
  #isBlocked = false;
  #isClosed = false;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#link = new RabbitLink({
      url: options.url,
      name: 'general-bots tasks: put',
      log: options.log,
      random: options.random,
      serve: (model, lost) => this.#serve(model, lost),
      onBlocked: (isBlocked) => {
        this.#isBlocked = isBlocked;
        if (!isBlocked) this.#sendAll();
      },
    });
    this.#link.start();
  }

  get pending(): number {
    return this.#pending.size;
  }

  get connects(): number {
    return this.#link.connects;
  }

  /** Resolves when the broker has it on disk. Fails with `unavailable` or `overloaded`; then it may be there all the same. */
  publish(queue: Queue, content: Buffer, options: Options.Publish): Promise<void> {
    if (this.#isClosed) return Promise.reject(new GbError('unavailable', 'The task queue is closed', { retryable: true }));
    if (this.#pending.size >= pendingMax || this.#pendingBytes + content.byteLength > pendingBytesMax)
      return Promise.reject(new GbError('overloaded', 'Too many tasks wait for the broker', { retryable: true }));
    return this.#enter(queue, content, options, this.#options.confirmMsMax);
  }

  /**
   * Somebody deleted the queue. What was on its way there may have been confirmed without being kept, so what was
   * confirmed a moment ago is put again, as it was, and whoever had it already knows it by its id. All begins anew on
   * another connection: to a queue of the same name this one may still be the old one's.
   */
  onGone(name: string): void {
    const nowMs = performance.now();
    if ((this.#goneUntilMs.get(name) ?? 0) > nowMs || this.#isClosed) return;
    this.#goneUntilMs.set(name, nowMs + goneMs);
    let count = 0;
    for (const [number, { pending }] of this.#confirmed) {
      if (pending.queue.name !== name) continue;
      this.#forget(number);
      count += 1;
      this.#enter(pending.queue, pending.content, pending.options, confirmedMsMax).catch((error: unknown) =>
        this.#options.log.warn({ err: error }, 'What was on its way to a queue that was deleted could not be put again'),
      );
    }
    this.#options.log.warn({ queue: name, count }, 'A queue was deleted; what was put there a moment ago is put again');
    void this.#model?.close().catch(() => {}); // It is closed already when the connection went first.
  }

  #enter(queue: Queue, content: Buffer, options: Options.Publish, msMax: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#numbers += 1;
      const number = this.#numbers;
      const settle = (error: GbError | null) => {
        if (!this.#pending.delete(number)) return;
        this.#pendingBytes -= content.byteLength;
        clearTimeout(pending.deadline);
        if (error) reject(error);
        else resolve();
      };
      const pending: Pending = {
        number,
        queue,
        content,
        options,
        settle,
        isSent: false,
        isReturned: false,
        refusals: 0,
        deadline: setTimeout(
          () => settle(new GbError('unavailable', 'The broker did not confirm it in time', { retryable: true })),
          msMax,
        ),
      };
      this.#pending.set(number, pending);
      this.#pendingBytes += content.byteLength;
      void this.#send(pending);
    });
  }

  /** Messages that are ready in a queue, which is made when it is missing. */
  async ready(queue: Queue): Promise<number> {
    const channel = this.#channel;
    if (!channel) throw new GbError('unavailable', 'The broker is away', { retryable: true });
    try {
      await this.#make(queue);
      return (await channel.checkQueue(queue.name)).messageCount;
    } catch (cause) {
      throw new GbError('unavailable', 'The broker did not say', { retryable: true, cause });
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { settle } of this.#pending.values())
      settle(new GbError('unavailable', 'The task queue was closed before the broker confirmed it', { retryable: true }));
    await this.#link.close();
  }

  async #serve(model: ChannelModel, lost: AbortSignal): Promise<void> {
    const channel = await model.createConfirmChannel();
    channel.on('error', (error) => this.#options.log.warn({ err: error }, 'The broker closed a channel'));
    // A channel does not come back alone.
    channel.on('close', () => void model.close().catch(() => {})); // It is closed already when the connection went first.
    channel.on('return', ({ properties }) => {
      const pending = this.#pending.get(Number(properties.correlationId));
      if (pending) pending.isReturned = true;
    });
    lost.addEventListener('abort', () => {
      if (this.#channel === channel) this.#channel = null;
      for (const pending of this.#pending.values()) pending.isSent = false;
    });
    this.#made = new Map();
    // What was asked of the connection before may never be answered: nobody waits for that.
    this.#making = Promise.resolve();
    this.#model = model;
    this.#lost = lost;
    this.#channel = channel;
    this.#sendAll();
  }

  #sendAll(): void {
    for (const pending of this.#pending.values()) if (!pending.isSent) void this.#send(pending);
  }

  async #send(pending: Pending): Promise<void> {
    const channel = this.#channel;
    if (!channel || this.#isBlocked || !this.#pending.has(pending.number)) return;
    pending.isSent = true;
    try {
      await this.#make(pending.queue);
      if (this.#channel !== channel || !this.#pending.has(pending.number)) return;
      channel.publish(
        '',
        pending.queue.name,
        pending.content,
        { ...pending.options, mandatory: true, correlationId: String(pending.number) },
        (error: unknown) => this.#onConfirm(pending, channel, error),
      );
    } catch (error) {
      // The connection went, and it is sent again on the next one; or its queue could not be made, and that is tried again.
      this.#options.log.debug({ err: error }, 'A task was not sent');
      if (this.#channel === channel) setTimeout(() => this.#send(pending), remakeMs).unref();
    }
  }

  #make(queue: Queue): Promise<void> {
    const [model, lost, known] = [this.#model, this.#lost, this.#made];
    let made = known.get(queue.name);
    if (!made && model && lost) {
      const waitMs = (this.#goneUntilMs.get(queue.name) ?? 0) - performance.now();
      made = this.#making.then(async () => {
        if (waitMs > 0) await sleep(waitMs);
        await Promise.race([makeQueues(model, this.#options.prefix, [queue]), tooLong(makeMsMax, lost)]);
      });
      known.set(queue.name, made);
      // Whoever asked hears why; the next one makes it again.
      this.#making = made.catch(() => known.delete(queue.name));
    }
    return made ?? Promise.reject(new GbError('unavailable', 'The broker is away', { retryable: true }));
  }

  #onConfirm(pending: Pending, channel: ConfirmChannel, error: unknown): void {
    if (error instanceof Error && error.message === 'message nacked') {
      // A queue that is full refuses, and for a moment one whose leader is being chosen does, too.
      pending.refusals += 1;
      if (pending.refusals > refusalsMax)
        pending.settle(new GbError('overloaded', 'The broker has no room for it', { retryable: true }));
      else setTimeout(() => this.#send(pending), refusedMsMin * 2 ** pending.refusals).unref();
    } else if (!error && pending.isReturned) {
      // It is sent again when the connection is made anew.
      pending.isReturned = false;
      if (this.#channel !== channel) return;
      this.onGone(pending.queue.name);
      this.#options.onQueueGone();
    } else if (!error) {
      this.#keep(pending);
      pending.settle(null);
    }
    // Else the channel was closed: it stays, and is sent again.
  }

  #keep(pending: Pending): void {
    const nowMs = performance.now();
    this.#confirmed.set(pending.number, { pending, atMs: nowMs });
    this.#confirmedBytes += pending.content.byteLength;
    for (const [number, { atMs }] of this.#confirmed) {
      const isOver = this.#confirmed.size > pendingMax || this.#confirmedBytes > pendingBytesMax;
      if (!isOver && nowMs - atMs < confirmedMsMax) break;
      this.#forget(number);
    }
  }

  #forget(number: number): void {
    const known = this.#confirmed.get(number);
    if (known && this.#confirmed.delete(number)) this.#confirmedBytes -= known.pending.content.byteLength;
  }
}
