import type { CustomerId } from 'gb-protocol';
import { type Logger, sleep } from 'gb-utils';
import { type Participant, type Prepared, readPreparedName } from './participant.ts';
import { type Databases, decide } from './two-phase.ts';

export interface RecoveryOptions {
  readonly databases: Databases;
  /** The databases by name, each of which says what is prepared there. */
  readonly shards: ReadonlyMap<string, { listPrepared(): Promise<readonly Prepared[]> }>;
  readonly splitCustomers: () => readonly CustomerId[];
  readonly log: Logger;
}

const roundMs = 1_000;
/** A commit goes through its steps in milliseconds. Who is slower than this is asked for nothing: a "no" is always safe. */
const ageMsMin = 3_000;
/** How often decisions that nobody waits for any more are taken away. */
const sweepMs = 60_000;
/** A standby of a part that takes over somewhat behind still finds its answers. */
const sweepAge = '10 minutes';
/** A "no" stays longer than any transaction can: a process that slept may still come and try for a "yes". */
const refusalAge = '1 day';
const sweptAtOnce = 1_000;

/**
 * Ends what others left prepared: whoever prepared it is dead, cut off or asleep, and its locks keep a channel waiting. Any
 * process may do it, and several at once do no harm. Where no customer is split it asks nobody.
 */
export class Recovery {
  readonly #options: RecoveryOptions;
  readonly #ending = new AbortController();
  #running: Promise<void> | null = null;
  #sweptMs = performance.now();
  #hadTrouble = false;

  constructor(options: RecoveryOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async close(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      if (this.#options.splitCustomers().length > 0) await this.#round();
      await sleep(roundMs, this.#ending.signal);
    }
  }

  async #round(): Promise<void> {
    const { log } = this.#options;
    try {
      await this.resolveOld();
      if (performance.now() - this.#sweptMs > sweepMs) {
        this.#sweptMs = performance.now();
        await this.sweep();
      }
      this.#hadTrouble = false;
    } catch (error) {
      // With a database away its transactions wait, as they have to; the others are looked after.
      if (!this.#hadTrouble) log.warn({ err: error }, 'Transactions over several databases cannot be ended yet');
      this.#hadTrouble = true;
    }
  }

  /** Ends what has been prepared for longer than a commit takes. Fails when one could not be ended, after trying all. */
  async resolveOld(olderThanMs: number = ageMsMin): Promise<void> {
    const { databases, shards, log } = this.#options;
    const failures: unknown[] = [];
    for (const shard of shards.values()) {
      const prepared = await shard.listPrepared().catch((error: unknown) => {
        failures.push(error);
        return [];
      });
      for (const { name, ageMs } of prepared) {
        const read = readPreparedName(name);
        if (!read || ageMs < olderThanMs) continue;
        try {
          const isCommit = await decide(databases, read.customerId, read.transactionId);
          await databases.resolve(read.part, name, isCommit);
          log.warn({ customerId: read.customerId, isCommit }, 'A transaction that was left between two databases was ended');
        } catch (error) {
          failures.push(error);
        }
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  /** Takes away old decisions, when nothing of that name is prepared anywhere any more. */
  async sweep(age: string = sweepAge): Promise<void> {
    const { shards, splitCustomers } = this.#options;
    for (const customerId of splitCustomers()) {
      for (;;) {
        const old = await this.#write(customerId, ({ sql }) =>
          sql.rows<{ transaction_id: string }>(
            `select transaction_id from split_decisions where customer_id = $1
               and decided_at < now() - (case when is_commit then $2 else $3 end)::interval order by transaction_id limit $4`,
            [customerId, age, refusalAge, sweptAtOnce],
          ),
        );
        if (old.length === 0) break;
        // Every database has to answer: one that is away may have one of them.
        const names = (await Promise.all([...shards.values()].map((shard) => shard.listPrepared()))).flat();
        const waiting = new Set(names.map(({ name }) => readPreparedName(name)?.transactionId));
        const done = old.map((row) => row.transaction_id).filter((id) => !waiting.has(id));
        await this.#write(customerId, async ({ sql }) => {
          // Lost with a crash it is found again: not worth a write to the disk.
          await sql.rows("select set_config('synchronous_commit', 'off', true)");
          await sql.change('delete from split_decisions where customer_id = $1 and transaction_id = any ($2::uuid[])', [
            customerId,
            done,
          ]);
        });
        if (old.length < sweptAtOnce || done.length === 0) break;
      }
    }
  }

  async #write<T>(customerId: CustomerId, work: (home: Participant) => Promise<T>): Promise<T> {
    const home = await this.#options.databases.begin(customerId, { isReadOnly: false, isRepeated: false, nowMs: Date.now() });
    try {
      const result = await work(home);
      await home.commit();
      return result;
    } catch (error) {
      await home.rollback();
      throw error;
    }
  }
}
