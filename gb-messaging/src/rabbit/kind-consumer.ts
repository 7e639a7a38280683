import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { type DeadTasks, isFinalFailure, reasonOf, retryPauseMs, type Task, type TaskHandling, taskAttemptsMax } from 'gb-core';
import { backoffMs, GbError, type Logger, LruMap, sleep } from 'gb-utils';
import { FairHand } from './fair-hand.ts';
import { makeQueues } from './make-queues.ts';
import { goneMs, type Publisher } from './publisher.ts';
import { type KindQueues, parkedQueue, type Queue } from './queues.ts';
import { decodeTask, encodeTask, type TaskMessage, toWait } from './task-message.ts';

export type TaskHandler = (task: Task, signal: AbortSignal) => Promise<void>;

export interface KindConsumerOptions {
  readonly kind: string;
  readonly prefix: string;
  readonly queues: KindQueues;
  readonly handling: TaskHandling;
  readonly handler: TaskHandler;
  readonly publisher: Publisher;
  readonly dead: DeadTasks;
  readonly log: Logger;
  readonly random: () => number;
}

/** A task in hand, and the delivery that has to be answered for it. */
interface Delivery extends TaskMessage {
  readonly raw: ConsumeMessage;
  readonly channel: Channel;
  /** Of the channel. */
  readonly gone: AbortSignal;
}

/** Of one customer's new tasks so many wait here; what more they have is put aside. */
const waitingOfOneMax = 16;
/** Tasks that wait and are taken from one of their queues ahead of time: so many may be over in the same moment. */
const heldMax = 200;
const watchMs = 5_000;
const timerMsMax = 2 ** 31 - 1;
const rememberedMax = 10_000;
/**
 * The broker counts every delivery that was not answered, also of what only waited in the hand of a process that died. So
 * of those it takes more than of failures until a task is believed to be what kills processes.
 */
const lostFactor = 4;
const minuteMs = 60_000;
const pauseMsMin = 100;
const pauseMsMax = 2_000;

/**
 * Takes the tasks of one kind from the broker and handles them. Queues are first come, first served, and customers are to
 * take turns; so what comes in is sorted: of each customer some tasks are kept in hand, and what is more goes to a queue
 * aside, at a level that says how much that was within the last minute. Ready tasks of one who has few therefore stand
 * behind few; all levels are served at once, and in hand customers take turns.
 */
export class KindConsumer {
  readonly #options: KindConsumerOptions;
  readonly #hand: FairHand<Delivery>;
  readonly #windowMax: number;
  /** By id: what had fewer failures than this is over. A delivery that could not be answered comes again. */
  readonly #settled = new LruMap<string, number>(rememberedMax);
  /** By id: unanswered deliveries that were ours, and did not end a process. */
  readonly #innocent = new LruMap<string, number>(rememberedMax);
  /** By customer: what was put aside since then. */
  readonly #asides = new LruMap<string, { sinceMs: number; count: number }>(rememberedMax);
  readonly #underWay = new Map<Delivery, AbortController>();
  readonly #work = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #channel: Channel | null = null;
  #model: ChannelModel | null = null;
  /** When one of our queues was found to be gone, in milliseconds of this process. */
  #goneAtMs = Number.NEGATIVE_INFINITY;
  /** Of the consumers on that channel. */
  #tags: string[] = [];
  #isStopping = false;
  #parked = 0;
  #held = 0;

  constructor(options: KindConsumerOptions) {
    this.#options = options;
    this.#hand = new FairHand(Math.max(1, Math.ceil(options.handling.concurrency / 2)));
    this.#windowMax = Math.min(2_000, Math.max(4 * waitingOfOneMax, 4 * options.handling.concurrency));
  }

  get inHand(): number {
    return this.#hand.waiting;
  }

  /** Of what waits, taken ahead of time. */
  get held(): number {
    return this.#held;
  }

  get running(): number {
    return this.#hand.running;
  }

  /** Messages that nobody could read, since the start. */
  get parked(): number {
    return this.#parked;
  }

  /** Nothing is in hand and nothing is being moved. */
  get isIdle(): boolean {
    return this.#hand.waiting === 0 && this.#work.size === this.#held;
  }

  /** On each new connection. */
  async serve(model: ChannelModel, lost: AbortSignal): Promise<void> {
    const { log, kind, queues, handling } = this.#options;
    this.#model = model;
    const waitMs = this.#goneAtMs + goneMs - performance.now();
    if (waitMs > 0) await sleep(waitMs, lost);
    await makeQueues(model, this.#options.prefix, [queues.entry, ...queues.asides, ...queues.waits]);
    const channel = await model.createChannel();
    const gone = new AbortController();
    const onGone = () => {
      if (gone.signal.aborted) return;
      gone.abort();
      if (this.#channel === channel) this.#channel = null;
      this.#onGone();
    };
    lost.addEventListener('abort', onGone, { once: true });
    channel.on('error', (error) => log.warn({ err: error, kind }, 'The broker closed a channel'));
    channel.on('close', () => {
      onGone();
      if (!this.#closing.signal.aborted) void model.close().catch(() => {}); // It is closed already when the connection went first.
    });
    this.#channel = channel;
    this.#tags = [];
    for (const [queue, prefetch, from] of [
      [queues.entry, this.#windowMax, 'new'],
      ...queues.asides.map((aside) => [aside, Math.min(1_000, handling.concurrency), 'aside'] as const),
      ...queues.waits.map((wait) => [wait, heldMax, 'wait'] as const),
    ] as const) {
      await channel.prefetch(prefetch);
      const { consumerTag } = await channel.consume(queue.name, (raw) => {
        // The broker says so when the queue was deleted: all is set up again, the queue too.
        if (raw === null) this.#onQueueGone(queue.name);
        else this.#onDelivery(raw, channel, gone.signal, from);
      });
      this.#tags.push(consumerTag);
    }
    void this.#watch(model, gone.signal);
  }

  /** The broker does not always tell its consumers that their queue was deleted: then nobody takes from the next one. */
  async #watch(model: ChannelModel, gone: AbortSignal): Promise<void> {
    const { entry, asides, waits } = this.#options.queues;
    const over = AbortSignal.any([gone, this.#closing.signal]);
    let checked: string | null = null;
    try {
      const channel = await model.createChannel();
      channel.on('error', () => {}); // The answer below says the same.
      for (;;) {
        await sleep(watchMs, over);
        for (const { name } of [entry, ...asides, ...waits]) {
          if (over.aborted || this.#isStopping) return;
          checked = name;
          if ((await channel.checkQueue(name)).consumerCount === 0) throw new Error(`nobody takes from ${name}`);
        }
      }
    } catch (error) {
      if (over.aborted || this.#isStopping) return;
      this.#options.log.warn({ err: error, kind: this.#options.kind }, 'A queue is gone; connecting again');
      if (checked === null) this.renew();
      else this.#onQueueGone(checked);
    }
  }

  #onQueueGone(name: string): void {
    this.#options.publisher.onGone(name);
    this.renew();
  }

  /** Takes from the queues that there are now, on another connection. */
  renew(): void {
    this.#goneAtMs = performance.now();
    void this.#model?.close().catch(() => {}); // It is closed already when the connection went first.
  }

  async close(graceMs: number): Promise<void> {
    this.#isStopping = true;
    const channel = this.#channel;
    // After the broker's word nothing more comes. What a channel that is gone had comes again elsewhere.
    if (channel) await Promise.race([Promise.all(this.#tags.map((tag) => channel.cancel(tag))).catch(() => {}), sleep(graceMs)]);
    this.#closing.abort();
    for (const abort of this.#underWay.values()) abort.abort();
    // What nobody has begun goes back as new, so that the broker does not count it as an attempt.
    const waiting = this.#hand.letGo();
    const back = waiting.map(
      (delivery) => this.#move(delivery, this.#options.queues.entry).catch(() => {}), // Then the broker gives it to the next one as it is.
    );
    await Promise.race([Promise.all([...back, ...this.#work]), sleep(graceMs)]);
    // The channel's own end comes after the answers given on it; the connection's would overtake them.
    if (channel) await Promise.race([channel.close().catch(() => {}), sleep(graceMs)]); // It may have gone by itself.
  }

  #onDelivery(raw: ConsumeMessage, channel: Channel, gone: AbortSignal, from: 'new' | 'aside' | 'wait'): void {
    if (this.#closing.signal.aborted) return; // Not answered: it goes back when the channel closes.
    const message = decodeTask(raw, this.#options.kind);
    if (typeof message === 'string') return this.#track(this.#park(raw, channel, gone, message));
    const returns = Number(raw.properties.headers?.['x-delivery-count'] ?? 0);
    const lost = message.lost + Math.max(0, returns - (this.#innocent.get(message.id) ?? 0));
    const delivery: Delivery = { ...message, lost, raw, channel, gone };
    if (message.failures < (this.#settled.get(message.id) ?? 0)) return this.#ack(delivery);
    // Who only held it while it waited began nothing.
    if (from === 'wait') return this.#track(this.#hold({ ...delivery, lost: message.lost }));
    if (message.notBeforeMs > Date.now()) return this.#track(this.#hold({ ...delivery, leaveMs: message.notBeforeMs }));
    if (from === 'new' && !this.#hand.has(delivery) && this.#hand.waitingOf(delivery.customerId) >= waitingOfOneMax)
      return this.#putAside(delivery);
    this.#hand.add(delivery);
    this.#pump();
  }

  /** Until it leaves its queue: to the next one where it waits, or to what is ready. */
  async #hold(delivery: Delivery): Promise<void> {
    const { gone, leaveMs, notBeforeMs } = delivery;
    const over = AbortSignal.any([gone, this.#closing.signal]);
    this.#held += 1;
    try {
      for (let leftMs = leaveMs - Date.now(); leftMs > 0 && !over.aborted; leftMs = leaveMs - Date.now())
        await sleep(Math.min(leftMs, timerMsMax), over);
      if (over.aborted) return; // It is still in its queue.
      if (notBeforeMs <= Date.now()) return await this.#move({ ...delivery, leaveMs: 0 }, this.#options.queues.entry);
      const { message, queue } = toWait(delivery, this.#options.queues);
      await this.#move({ ...delivery, ...message }, queue);
    } finally {
      this.#held -= 1;
    }
  }

  #putAside(delivery: Delivery): void {
    const less = this.#hand.takeLessUrgent(delivery);
    if (less) {
      this.#hand.add(delivery);
      this.#pump();
    }
    const { task, twins } = less ?? { task: delivery, twins: [] };
    const nowMs = performance.now();
    let count = this.#asides.get(task.customerId);
    if (!count || nowMs - count.sinceMs > minuteMs) count = { sinceMs: nowMs, count: 0 };
    count.count += 1;
    this.#asides.set(task.customerId, count);
    const level = count.count <= 200 ? 0 : count.count <= 4_000 ? 1 : 2;
    this.#track(this.#move(task, this.#options.queues.asides[level]!, twins));
  }

  #pump(): void {
    while (this.#hand.running < this.#options.handling.concurrency && !this.#isStopping) {
      const delivery = this.#hand.next();
      if (!delivery) return;
      this.#track(this.#handle(delivery));
    }
  }

  async #handle(delivery: Delivery): Promise<void> {
    const { handler, handling, log, random, queues } = this.#options;
    const { id, kind, customerId, key, payload, priority, failures, lost } = delivery;
    const attempt = failures + lost + 1;
    const max = handling.attemptsMax ?? taskAttemptsMax;
    const abort = new AbortController();
    this.#underWay.set(delivery, abort);
    let isSettled = false;
    try {
      if (lost >= max * lostFactor) await this.#die(delivery, attempt - 1, 'Every attempt ended without an answer');
      else {
        try {
          await handler({ kind, customerId, key, payload, priority, attempt }, abort.signal);
          this.#settled.set(id, Number.POSITIVE_INFINITY);
        } catch (error) {
          // Not answered: the broker gives it to another when the channel closes, and counts that.
          if (abort.signal.aborted) return;
          const facts = { err: error, kind, customerId, taskId: id, attempt };
          if (isFinalFailure(error) || failures + 1 >= max || attempt >= max * lostFactor) {
            log.error(facts, 'A task failed for good');
            await this.#die(delivery, attempt, reasonOf(error));
          } else {
            log.warn(facts, 'A task failed and is tried again');
            const notBeforeMs = Date.now() + retryPauseMs(failures + 1, handling, random);
            const retry = toWait({ ...delivery, failures: failures + 1, notBeforeMs }, queues);
            await this.#publish(retry.message, retry.queue);
            this.#settled.set(id, failures + 1);
          }
        }
      }
      isSettled = true;
    } finally {
      this.#underWay.delete(delivery);
      const twins = this.#hand.end(delivery);
      if (isSettled) for (const one of [delivery, ...twins]) this.#ack(one);
      this.#pump();
    }
  }

  async #die(delivery: Delivery, attempts: number, reason: string): Promise<void> {
    const { id, kind, customerId, key, payload, priority } = delivery;
    const dead = { id, kind, customerId, key, payload, priority, attempts, reason, diedAt: Date.now() };
    await this.#untilDone(null, async () => {
      try {
        await this.#options.dead.bury(dead);
      } catch (error) {
        if (!(error instanceof GbError) || error.retryable) throw error;
        // Nobody keeps it: its customer is gone.
        await this.#publishParked(delivery.raw, reasonOf(error));
      }
    });
    this.#settled.set(id, Number.POSITIVE_INFINITY);
  }

  /** To another queue, and only then away from where it was. */
  async #move(delivery: Delivery, to: Queue, twins: readonly Delivery[] = []): Promise<void> {
    await this.#publish(delivery, to, delivery.gone);
    for (const one of [delivery, ...twins]) this.#ack(one);
  }

  async #publish(message: TaskMessage, to: Queue, gone: AbortSignal | null = null): Promise<void> {
    const { content, options } = encodeTask(message);
    await this.#untilDone(gone, () => this.#options.publisher.publish(to, content, options));
  }

  async #park(raw: ConsumeMessage, channel: Channel, gone: AbortSignal, reason: string): Promise<void> {
    this.#parked += 1;
    this.#options.log.warn({ kind: this.#options.kind, reason }, 'A message that is no task was parked');
    await this.#untilDone(gone, () => this.#publishParked(raw, reason));
    this.#ack({ raw, channel, gone });
  }

  #publishParked(raw: ConsumeMessage, reason: string): Promise<void> {
    const { properties, content } = raw;
    const id = typeof properties.messageId === 'string' ? { messageId: properties.messageId } : {};
    return this.#options.publisher.publish(parkedQueue(this.#options.prefix), content, {
      ...id,
      persistent: true,
      headers: { reason, kind: this.#options.kind, 'was-type': String(properties.type ?? '') },
    });
  }

  /** Again and again, for as long as the delivery is ours where that matters; whatever it is can be done twice. */
  async #untilDone(gone: AbortSignal | null, work: () => Promise<void>): Promise<void> {
    for (let failures = 0; ; failures++) {
      try {
        return await work();
      } catch (error) {
        if (gone?.aborted || this.#closing.signal.aborted) throw error;
        const { log, kind, random } = this.#options;
        if (failures === 0) log.warn({ err: error, kind }, 'What became of a task cannot be written down; trying again');
        await sleep(pauseMsMin + backoffMs(failures, { baseMs: pauseMsMin, maxMs: pauseMsMax, random }), this.#closing.signal);
      }
    }
  }

  #ack({ raw, channel, gone }: Pick<Delivery, 'raw' | 'channel' | 'gone'>): void {
    if (gone.aborted) return;
    try {
      channel.ack(raw);
    } catch (error) {
      // It is closing: the broker delivers it again.
      this.#options.log.debug({ err: error }, 'A delivery could not be answered');
    }
  }

  /** What waits comes again by itself. What is under way goes on, and what comes again of it stands with it. */
  #onGone(): void {
    const count = (id: string) => this.#innocent.set(id, (this.#innocent.get(id) ?? 0) + 1);
    for (const { id } of this.#hand.letGo()) count(id);
    for (const { id } of this.#underWay.keys()) count(id);
  }

  #track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => {
        const { log, kind } = this.#options;
        log.debug({ err: error, kind }, 'What became of a task was not written down; the broker delivers it again');
      })
      .finally(() => this.#work.delete(tracked));
    this.#work.add(tracked);
  }
}
