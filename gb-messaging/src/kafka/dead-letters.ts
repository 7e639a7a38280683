import { ProduceAcks, Producer } from '@platformatic/kafka';
import { type Logger, sleep } from 'gb-utils';
import { clientOptions } from './client-options.ts';
import type { KafkaConnection } from './connection.ts';
import type { RawRecord, Unreadable } from './record.ts';

export type ParkCause = 'failed' | Unreadable['cause'];

export interface DeadLettersOptions {
  readonly topic: string;
  readonly sourceTopic: string;
  readonly connection: KafkaConnection;
  readonly log: Logger;
}

const reasonCharsMax = 2_000;

/**
 * The topic of what a group gave up: the record as it was, key and value untouched, with headers that say who gave it up,
 * when and why. What it was read from can be looked up by partition and offset for as long as the topic keeps it.
 */
export class DeadLetters {
  readonly #options: DeadLettersOptions;
  readonly #producer: Producer;
  readonly #counts = new Map<string, { readonly group: string; readonly cause: ParkCause; count: number }>();

  constructor(options: DeadLettersOptions) {
    this.#options = options;
    this.#producer = new Producer({
      ...clientOptions(options.connection, 'gb-dead-letters'),
      idempotent: true,
      acks: ProduceAcks.ALL,
      repeatOnStaleMetadata: true,
    });
    this.#producer.on('error', (error) => options.log.warn({ err: error }, 'The producer of dead letters failed'));
  }

  /** Parked by this process since its start. */
  get counts(): readonly { readonly group: string; readonly cause: ParkCause; readonly count: number }[] {
    return [...this.#counts.values()].map((one) => ({ ...one }));
  }

  /** Resolves when the broker has it. May be there twice when this was tried again. */
  async park(record: RawRecord, group: string, cause: ParkCause, reason: string): Promise<void> {
    const { topic, sourceTopic } = this.#options;
    const facts = {
      'dead-group': group,
      'dead-cause': cause,
      'dead-reason': reason.replaceAll('\0', '').slice(0, reasonCharsMax),
      'dead-at': new Date().toISOString(),
      'dead-topic': sourceTopic,
      'dead-partition': record.partition,
      'dead-offset': record.offset,
    };
    const headers = new Map<Buffer, Buffer>();
    for (const [name, value] of record.headerEntries) if (name && value) headers.set(name, value);
    for (const [name, value] of Object.entries(facts)) headers.set(Buffer.from(name), Buffer.from(String(value)));
    await this.#producer.send({ messages: [{ topic, key: record.key, value: record.value, headers }] });
    const key = `${group} ${cause}`;
    const known = this.#counts.get(key);
    if (known) known.count += 1;
    else this.#counts.set(key, { group, cause, count: 1 });
  }

  /** As often as it takes. False when `signal` ended it before. */
  async parkSurely(record: RawRecord, group: string, unreadable: Unreadable, signal: AbortSignal): Promise<boolean> {
    const { log } = this.#options;
    const facts = { group, partition: record.partition, offset: String(record.offset), reason: unreadable.reason };
    for (let pauseMs = 200; !signal.aborted; pauseMs = Math.min(5_000, pauseMs * 2)) {
      try {
        await this.park(record, group, unreadable.cause, unreadable.reason);
        log.error(facts, 'A record of the event log cannot be read; it is parked');
        return true;
      } catch (error) {
        log.warn({ ...facts, err: error }, 'A record could not be parked; trying again');
        await sleep(pauseMs, signal);
      }
    }
    return false;
  }

  async close(): Promise<void> {
    await this.#producer
      .close(true)
      .catch((error: unknown) => this.#options.log.debug({ err: error }, 'The producer did not close in order'));
  }
}
