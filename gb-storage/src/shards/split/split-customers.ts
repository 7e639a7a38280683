import type { AppendedMessage, NewMessage, Tx } from 'gb-core';
import type { ChannelId, CustomerId, UserId } from 'gb-protocol';
import { backoffMs, type Clock, GbError, type Logger, sleep } from 'gb-utils';
import { isConflict, isConnectionError, sqlState } from '../../database-errors.ts';
import { ChannelElsewhere, type PartId, partOf } from './part.ts';
import { SplitTransaction } from './split-transaction.ts';
import { attachmentsOf, splitTx } from './split-tx.ts';
import type { CommitStep, Databases } from './two-phase.ts';
import { bringUsers } from './users-of-parts.ts';

export interface SplitCustomersOptions {
  readonly databases: Databases;
  /** The hot path of one database, for a customer or a part. */
  readonly append: (customerId: CustomerId, message: NewMessage) => Promise<AppendedMessage>;
  readonly partsOf: (customerId: CustomerId) => readonly PartId[];
  readonly clock: Clock;
  readonly log: Logger;
  readonly onStep?: ((step: CommitStep) => void | Promise<void>) | undefined;
}

const attemptsMax = 8;
const readAttemptsMax = 5;
/** Channels, and people of parts, that a process remembers; then it begins anew. */
const knownMax = 200_000;

/** The Store's three verbs for customers whose logs are in parts. */
export class SplitCustomers {
  readonly #options: SplitCustomersOptions;
  readonly #known = new Set<ChannelId>();
  readonly #knownUsers = new Set<string>();

  constructor(options: SplitCustomersOptions) {
    this.#options = options;
  }

  /** Touches nothing but the part, once the channel is known to be there; unless it shows files or mentions people. */
  appendMessage(customerId: CustomerId, message: NewMessage): Promise<AppendedMessage> {
    const part = partOf(this.#options.partsOf(customerId), message.channelId);
    const isPlain = attachmentsOf(message).length === 0 && this.#areKnown(part, message.mentions);
    if (isPlain && this.#known.has(message.channelId)) return this.#options.append(part, message);
    return this.#appendWithCare(customerId, part, message);
  }

  async transaction<T>(customerId: CustomerId, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#run(customerId, false, (transaction) => work(splitTx(transaction)));
  }

  async read<T>(customerId: CustomerId, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#run(customerId, true, (transaction) => work(splitTx(transaction)));
  }

  /** A transaction with its databases laid open, for who moves channels into parts. */
  withParts<T>(customerId: CustomerId, work: (transaction: SplitTransaction) => Promise<T>): Promise<T> {
    return this.#run(customerId, false, work);
  }

  async #appendWithCare(customerId: CustomerId, part: PartId, message: NewMessage): Promise<AppendedMessage> {
    for (let attempt = 1; ; attempt++) {
      if (attempt > 1) process.stderr.write(`care ${attempt}\n`);
      const place = this.#known.has(message.channelId)
        ? part
        : await this.#run(customerId, true, (transaction) => transaction.place(message.channelId));
      if (place !== null && place !== customerId) break;
      try {
        return await this.#options.append(customerId, message);
      } catch (error) {
        if (!(error instanceof ChannelElsewhere) || attempt === attemptsMax) throw error;
      }
    }
    // Files are at home: the message and the note that it shows them are one transaction.
    if (attachmentsOf(message).length > 0)
      return this.transaction(customerId, async (tx) => (await tx.log.append([], [message])).messages[0]!);
    if (!this.#areKnown(part, message.mentions)) {
      const brought = await this.#run(customerId, false, async (transaction) =>
        bringUsers(() => transaction.home(), await transaction.at(part), message.mentions),
      );
      if (this.#knownUsers.size > knownMax) this.#knownUsers.clear();
      for (const userId of brought) this.#knownUsers.add(`${part} ${userId}`);
    }
    return this.#options.append(part, message);
  }

  #areKnown(part: PartId, userIds: readonly UserId[]): boolean {
    return userIds.every((userId) => this.#knownUsers.has(`${part} ${userId}`));
  }

  async #run<T>(customerId: CustomerId, isReadOnly: boolean, work: (transaction: SplitTransaction) => Promise<T>): Promise<T> {
    const { databases, partsOf, clock, log, onStep } = this.#options;
    if (this.#known.size > knownMax) this.#known.clear();
    for (let attempt = 1; ; attempt++) {
      const transaction = new SplitTransaction({
        customerId,
        parts: partsOf(customerId),
        isReadOnly,
        isRepeated: attempt > 1,
        nowMs: clock.nowMs(),
        known: this.#known,
        databases,
        log,
        onStep,
      });
      try {
        // Who writes locks home first.
        if (!isReadOnly) await transaction.home();
        const result = await work(transaction);
        await transaction.commit();
        return result;
      } catch (error) {
        await transaction.rollback();
        process.stderr.write(`R ${error} ${(error as any).cause}\n`);
        const isAgain =
          isConflict(error) ||
          isLockTimeout(error) ||
          error instanceof ChannelElsewhere ||
          (isReadOnly && isConnectionError(error));
        if (!isAgain) throw error;
        if (attempt === (isReadOnly ? readAttemptsMax : attemptsMax)) {
          if (isConnectionError(error)) throw error;
          throw new GbError('overloaded', 'Too many changes to the same thing at once', { retryable: true, cause: error });
        }
        await sleep(backoffMs(attempt, { baseMs: 10, maxMs: 400 }));
      }
    }
  }
}

/** Two transactions that wait for each other in different databases: none of these sees it, so neither waits for long. */
function isLockTimeout(error: unknown): boolean {
  return error instanceof GbError && sqlState(error.cause) === '55P03';
}
