import type { AppendedMessage } from 'gb-core';
import { backoffMs, type Clock, GbError, type Logger, sleep } from 'gb-utils';
import type { ClientConfig } from 'pg';
import pg from 'pg';
import { type Answer, type Append, append, appendAfterLooking, batchOf } from './append-batch.ts';
import { Sql } from './connection.ts';
import { isConflict, isConnectionError, sqlState, translateError } from './database-errors.ts';
import { BucketMoved, bucketOf, confirmLease, type Fence } from './shards/bucket.ts';

/**
 * Group commit. Messages that arrive while a commit is on its way wait, and become the next batch: one statement, one
 * commit, for all of them. There is no timer, so a lone message is stored at once, and under load a batch is as large as
 * the load makes it.
 *
 * A batch is first stored without looking for duplicates (8 of 10 statements would look in vain). If one is there, the
 * unique constraint refuses the batch, and the same batch goes through the function that looks first. After a refusal the
 * writer keeps looking for a while: a storm of reconnecting clients sends many duplicates.
 *
 * When the connection breaks it is not known whether the batch was stored. The writer sends the same batch again, looking
 * first, when the database is back: stored messages come back with their numbers, the others are stored now.
 *
 * Nothing here is needed for correctness among several writers: the locks of the heads and the unique constraint are.
 */
export class BatchingWriter {
  readonly #config: ClientConfig;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #onCommitted: () => void;
  readonly #fence: Fence | undefined;
  #queue: Waiting[] = [];
  #queuedBytes = 0;
  #running: Promise<void> | null = null;
  #connection: { client: pg.Client; sql: Sql } | null = null;
  #looksUntil = 0;
  #isClosing = false;
  readonly #closing = new AbortController();

  constructor(options: {
    config: ClientConfig;
    clock: Clock;
    log: Logger;
    onCommitted: () => void;
    fence?: Fence | undefined;
  }) {
    this.#fence = options.fence;
    this.#config = options.config;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#onCommitted = options.onCommitted;
  }

  append(item: Append): Promise<AppendedMessage> {
    if (this.#isClosing) return Promise.reject(new GbError('unavailable', 'The store is closed'));
    const bytes = item.message.text.length * 2 + 200;
    if (this.#queue.length >= queueMessagesMax || this.#queuedBytes + bytes > queueBytesMax) {
      return Promise.reject(
        new GbError('overloaded', 'Too many messages wait to be stored', { retryable: true, retryAfterMs: 500 }),
      );
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ item, bytes, resolve, reject });
      this.#queuedBytes += bytes;
      this.#running ??= this.#run();
    });
  }

  /** Stores what waits, if the database answers within a few seconds; then nothing more. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const timer = setTimeout(() => this.#closing.abort(), closeMsMax);
    await this.#running;
    clearTimeout(timer);
    await this.#disconnect();
  }

  async #run(): Promise<void> {
    // What else this turn of the event loop brings belongs to the first batch.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#queue.length > 0) await this.#store(this.#take());
    this.#running = null;
  }

  #take(): Waiting[] {
    let bytes = 0;
    let size = 0;
    while (
      size < this.#queue.length &&
      size < batchMessagesMax &&
      (size === 0 || bytes + this.#queue[size]!.bytes <= batchBytesMax)
    ) {
      bytes += this.#queue[size]!.bytes;
      size += 1;
    }
    this.#queuedBytes -= bytes;
    return this.#queue.splice(0, size);
  }

  /** Every message of `waiting` is answered when this resolves. */
  async #store(waiting: readonly Waiting[]): Promise<void> {
    const batch = batchOf(waiting.map((one) => one.item));
    // A monotonic clock: the machine's own may jump.
    const deadline = performance.now() + storeMsMax;
    let mustLook = performance.now() < this.#looksUntil;
    for (let attempt = 0; ; attempt++) {
      try {
        const { sql } = await this.#connect();
        const nowMs = this.#clock.nowMs();
        const epochs = this.#fence && batch.customers.map((customerId) => this.#fence!.epochOf(customerId));
        const answers = await (mustLook ? appendAfterLooking : append)(sql, batch, nowMs, epochs);
        if (this.#fence?.hasLease) await sql.rows(confirmLease);
        if (mustLook && answers.some(isDuplicate)) this.#keepLooking();
        const again = settle(waiting, answers);
        this.#onCommitted();
        // Each round answers at least the first message of every client id, so this ends.
        if (again.length > 0) await this.#store(again);
        return;
      } catch (error) {
        const isLast = performance.now() > deadline || this.#closing.signal.aborted;
        if (isConnectionError(error)) {
          await this.#disconnect();
          mustLook = true;
          if (isLast) return fail(waiting, error);
          await sleep(20 + backoffMs(attempt, { baseMs: 20, maxMs: 1_000 }), this.#closing.signal);
        } else if (!mustLook && isUniqueViolation(error)) {
          this.#keepLooking();
          mustLook = true;
        } else if (!mustLook && isForeignKeyViolation(error)) {
          mustLook = true; // A channel that does not exist: this path answers it alone.
        } else if (isRetryable(error) && !isLast && !(isLockTimeout(error) && waiting.length > 1)) {
          await sleep(backoffMs(attempt, { baseMs: 10, maxMs: 200 }), this.#closing.signal);
        } else if (error instanceof BucketMoved) {
          return this.#sendAway(waiting, error);
        } else if (waiting.length === 1) {
          return fail(waiting, error);
        } else {
          // One message poisons the batch; halves find it in a few steps, and the others are stored.
          const middle = waiting.length >> 1;
          await this.#store(waiting.slice(0, middle));
          await this.#store(waiting.slice(middle));
          return;
        }
      }
    }
  }

  /**
   * Messages of a bucket that is not here go back together, those that were to come next among them: should it be here again
   * in a moment, none of them gets ahead of the others. Those of other buckets are stored.
   */
  async #sendAway(waiting: readonly Waiting[], error: BucketMoved): Promise<void> {
    const bucketOfOne = ({ item }: Waiting) => bucketOf(item.customerId);
    const buckets = [...new Set(waiting.map(bucketOfOne))];
    if (buckets.length === 1) {
      const next = this.#queue.filter((one) => bucketOfOne(one) === buckets[0]);
      this.#queue = this.#queue.filter((one) => bucketOfOne(one) !== buckets[0]);
      for (const { bytes } of next) this.#queuedBytes -= bytes;
      return fail([...waiting, ...next], error);
    }
    const some = new Set(buckets.slice(0, buckets.length >> 1));
    await this.#store(waiting.filter((one) => some.has(bucketOfOne(one))));
    await this.#store(waiting.filter((one) => !some.has(bucketOfOne(one))));
  }

  #keepLooking(): void {
    this.#looksUntil = performance.now() + looksMs;
  }

  async #connect(): Promise<{ client: pg.Client; sql: Sql }> {
    if (this.#connection) return this.#connection;
    const client = new pg.Client(this.#config);
    client.on('error', (error) => {
      // Between batches nobody waits on the connection; the next batch makes a new one.
      this.#log.warn({ err: error }, 'The writer lost its connection');
      if (this.#connection?.client === client) this.#connection = null;
    });
    try {
      await client.connect();
    } catch (error) {
      await client.end().catch(() => {}); // It never was connected.
      throw error;
    }
    this.#connection = { client, sql: new Sql(client) };
    return this.#connection;
  }

  async #disconnect(): Promise<void> {
    const client = this.#connection?.client;
    this.#connection = null;
    await client?.end().catch(() => {}); // It is of no use any more, whatever it says.
  }
}

interface Waiting {
  readonly item: Append;
  readonly bytes: number;
  resolve(appended: AppendedMessage): void;
  reject(error: unknown): void;
}

const batchMessagesMax = 512;
const batchBytesMax = 2 * 1024 * 1024;
const queueMessagesMax = 20_000;
const queueBytesMax = 64 * 1024 * 1024;
/** How long a batch is tried again while the database is away. */
const storeMsMax = 10_000;
const looksMs = 5_000;
const closeMsMax = 5_000;

/** Answers all that can be answered, and gives the others. */
function settle(waiting: readonly Waiting[], answers: readonly Answer[]): Waiting[] {
  return waiting.filter((one, index) => {
    const answer = answers[index];
    if (answer === 'ask-again') return true;
    if (answer instanceof GbError) one.reject(answer);
    else if (answer && Number.isSafeInteger(answer.seq) && answer.seq > 0) one.resolve(answer);
    else one.reject(new GbError('internal', 'The database gave no number for a message', { retryable: true }));
    return false;
  });
}

function isDuplicate(answer: Answer): boolean {
  return typeof answer === 'object' && !(answer instanceof GbError) && answer.isDuplicate;
}

function fail(waiting: readonly Waiting[], error: unknown): void {
  const translated = translateError(error);
  for (const one of waiting) one.reject(translated);
}

function isUniqueViolation(error: unknown): boolean {
  return sqlState(error) === '23505';
}

function isForeignKeyViolation(error: unknown): boolean {
  return error instanceof GbError && sqlState(error.cause) === '23503';
}

/** A head that somebody else keeps: the channels beside it need not wait for it. */
function isLockTimeout(error: unknown): boolean {
  return error instanceof GbError && sqlState(error.cause) === '55P03';
}

function isRetryable(error: unknown): boolean {
  return isConflict(error) || (error instanceof GbError && error.retryable);
}
