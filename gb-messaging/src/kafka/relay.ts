import { findErrorBy, type MessageToProduce, ProduceAcks, Producer } from '@platformatic/kafka';
import type { Outbox, OutboxEntry } from 'gb-core';
import { backoffMs, type Logger, sleep } from 'gb-utils';
import { clientOptions } from './client-options.ts';
import type { KafkaConnection } from './connection.ts';
import { type EntryDetails, encodeEntry } from './record.ts';

export interface RelayOptions {
  readonly outbox: Outbox;
  readonly topic: string;
  readonly details: (entries: readonly OutboxEntry[]) => Promise<readonly EntryDetails[]>;
  readonly connection: KafkaConnection;
  readonly log: Logger;
  /** How soon entries of other processes are noticed; those of this one are announced. */
  readonly pollMs: number;
  readonly random: () => number;
  readonly signal: AbortSignal;
}

const takeMax = 1_000;
/** Of one request: brokers take 1 MiB for a partition unless they are told otherwise. */
const requestBytesMax = 600_000;

/**
 * Takes entries from the outbox, oldest first, and puts them into the topic. They leave the outbox when the broker has
 * them on all its copies, and nothing is sent before what went ahead was acknowledged. So the topic has every entry of a
 * channel at least once, and the first time in order: after a crash or a doubt the same ones come again, from the
 * earliest that was not acknowledged.
 */
export class Relay {
  readonly #options: RelayOptions;
  #waiting: (() => void)[] = [];
  #isWoken = false;
  #wake: () => void = () => {};
  #sent = 0;
  #lastFailure: string | null = null;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  /** Since the start, those that were sent again included. */
  get sent(): number {
    return this.#sent;
  }

  /** Why entries do not get through at present. */
  get lastFailure(): string | null {
    return this.#lastFailure;
  }

  /** Resolves when what was in the outbox at the call has been acknowledged, or when the relay ends. */
  caughtUp(): Promise<void> {
    if (this.#options.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#wakeUp();
    });
  }

  async run(): Promise<void> {
    const { outbox, connection, log, pollMs, random, signal } = this.#options;
    const producer = new Producer({
      ...clientOptions(connection, 'gb-relay'),
      idempotent: true,
      acks: ProduceAcks.ALL,
      repeatOnStaleMetadata: true,
    });
    producer.on('error', (error) => log.warn({ err: error }, 'The producer of the event log failed'));
    const forget = outbox.onCommitted(() => this.#wakeUp());
    const wake = () => this.#wakeUp();
    signal.addEventListener('abort', wake, { once: true });
    let failures = 0;
    while (!signal.aborted) {
      this.#isWoken = false;
      try {
        const isEmpty = await this.#sendSome(producer);
        failures = 0;
        this.#lastFailure = null;
        if (isEmpty && !this.#isWoken && !signal.aborted) await this.#sleepUntilWoken(pollMs);
      } catch (error) {
        failures += 1;
        this.#lastFailure = error instanceof Error ? error.message : String(error);
        if (failures === 1) log.warn({ err: error }, 'Entries do not reach Kafka; they wait in the outbox');
        await sleep(50 + backoffMs(failures, { baseMs: 100, maxMs: 5_000, random }), signal);
      }
    }
    forget();
    for (const resolve of this.#waiting.splice(0)) resolve();
    await producer.close(true).catch((error: unknown) => log.debug({ err: error }, 'The producer did not close in order'));
  }

  /** true when there is nothing more to send for now. */
  async #sendSome(producer: Producer): Promise<boolean> {
    const { outbox, topic, details } = this.#options;
    const waiting = this.#waiting.splice(0);
    let isEmpty = false;
    try {
      const entries = await outbox.take(takeMax);
      const known = await details(entries);
      const records = entries.map((entry, i) => encodeEntry(topic, entry, known[i]!));
      for (let from = 0; from < entries.length; ) {
        const to = endOfRequest(records, from);
        await this.#send(producer, records.slice(from, to), entries.slice(from, to));
        await outbox.done(entries.slice(from, to).map((entry) => entry.id));
        this.#sent += to - from;
        from = to;
      }
      isEmpty = entries.length < takeMax;
    } finally {
      // Whoever asked before this look waits until one finds nothing that is left.
      if (isEmpty) for (const resolve of waiting) resolve();
      else this.#waiting.push(...waiting);
    }
    return isEmpty;
  }

  async #send(producer: Producer, messages: MessageToProduce[], entries: readonly OutboxEntry[]): Promise<void> {
    try {
      await producer.send({ messages });
    } catch (error) {
      if (!findErrorBy(error as Error, 'apiId', 'MESSAGE_TOO_LARGE')) throw error;
      // The broker takes less than we thought. Events are what is large, and can be had from the database.
      this.#options.log.warn({ entries: entries.length }, 'Kafka refused entries as too large; they go without their events');
      const { topic } = this.#options;
      const known = await this.#options.details(entries);
      await producer.send({
        messages: entries.map((entry, i) => encodeEntry(topic, entry, { ...known[i]!, event: null })),
      });
    }
  }

  #wakeUp(): void {
    this.#isWoken = true;
    this.#wake();
  }

  #sleepUntilWoken(pollMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wake(), pollMs);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = () => {};
        resolve();
      };
    });
  }
}

function endOfRequest(records: readonly MessageToProduce[], from: number): number {
  let bytes = 0;
  let to = from;
  while (to < records.length) {
    bytes += records[to]!.value!.length + 400; // Key and headers take about as much.
    if (to > from && bytes > requestBytesMax) break;
    to += 1;
  }
  return to;
}
