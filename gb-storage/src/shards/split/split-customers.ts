import type { AppendedMessage, NewMessage, Tx } from 'gb-core';
import type { CustomerId, UserId } from 'gb-protocol';
import { backoffMs, type Clock, GbError, type Logger, sleep } from 'gb-utils';
import { isConflict, isConnectionError, sqlState } from '../../database-errors.ts';
import { BucketMoved } from '../bucket.ts';
import { InOrder } from '../in-order.ts';
import { ChannelElsewhere, channelKey, type PartId, partOf } from './part.ts';
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
/** How long a log is waited for that leaves home, or was committed there and does not show in its part yet. */
const movingMsMax = 5_000;
/** Channels, and people of parts, that a process remembers; then it begins anew. */
const knownMax = 200_000;

/** The Store's three verbs for customers whose logs are in parts. */
export class SplitCustomers {
  readonly #options: SplitCustomersOptions;
  readonly #known = new Set<string>();
  /** Believed to be at home; the head there knows better. */
  readonly #atHome = new Set<string>();
  /** Of channels with something that takes a while: what comes next waits for it. */
  readonly #careful = new Map<string, Promise<void>>();
  /** By channel, as the store does by bucket. */
  readonly #inOrder: InOrder;
  readonly #knownUsers = new Set<string>();

  constructor(options: SplitCustomersOptions) {
    this.#options = options;
    this.#inOrder = new InOrder({
      laneOf: (key) => key,
      placeOf: (key) => (this.#known.has(key) ? 'part' : 'home'),
      learn: async () => {},
      triedMsMax: movingMsMax,
    });
  }

  /**
   * Touches nothing but the part, once the channel is known to be there; unless it shows files, or mentions people who are
   * not known there yet. What was sent first to a channel is stored first, also while its log is on its way to a part.
   */
  appendMessage(customerId: CustomerId, message: NewMessage): Promise<AppendedMessage> {
    const key = channelKey(customerId, message.channelId);
    const before = this.#careful.get(key);
    if (!before && this.#isEasy(customerId, message)) return this.#hand(customerId, message);
    const step = (before ?? Promise.resolve()).then(() => this.#makeReady(customerId, message));
    const after = step.then(
      () => {},
      () => {},
    );
    this.#careful.set(key, after);
    void after.then(() => {
      if (this.#careful.get(key) === after) this.#careful.delete(key);
    });
    return step.then((appended) => appended ?? this.#hand(customerId, message));
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

  #isEasy(customerId: CustomerId, message: NewMessage): boolean {
    const { channelId, mentions } = message;
    const key = channelKey(customerId, channelId);
    if (this.#atHome.has(key)) return true;
    const part = partOf(this.#options.partsOf(customerId), channelId);
    return this.#known.has(key) && attachmentsOf(message).length === 0 && this.#areKnown(part, mentions);
  }

  /** Whatever has to be there before the message goes to its writer; and the message itself, when it shows files. */
  async #makeReady(customerId: CustomerId, message: NewMessage): Promise<AppendedMessage | null> {
    const { channelId, mentions } = message;
    if (this.#isEasy(customerId, message)) return null;
    const key = channelKey(customerId, channelId);
    const part = partOf(this.#options.partsOf(customerId), channelId);
    if (!this.#known.has(key)) {
      const place = await this.#run(customerId, true, (transaction) => transaction.place(channelId));
      if (place === customerId && !this.#known.has(key)) {
        if (this.#atHome.size > knownMax) this.#atHome.clear();
        this.#atHome.add(key);
        return null;
      }
      // There is no such channel: home has the words for it.
      if (place === null) return null;
    }
    // Files are at home: the message and the note that it shows them are one transaction.
    if (attachmentsOf(message).length > 0)
      return this.transaction(customerId, async (tx) => (await tx.log.append([], [message])).messages[0]!);
    if (!this.#areKnown(part, mentions)) {
      const brought = await this.#run(customerId, false, async (transaction) =>
        bringUsers(() => transaction.home(), await transaction.at(part), mentions),
      );
      if (this.#knownUsers.size > knownMax) this.#knownUsers.clear();
      for (const userId of brought) this.#knownUsers.add(`${part} ${userId}`);
    }
    return null;
  }

  /** To the writer of the database where the log is believed to be, and to the other one if it is not. */
  #hand(customerId: CustomerId, message: NewMessage): Promise<AppendedMessage> {
    const { append } = this.#options;
    const key = channelKey(customerId, message.channelId);
    return this.#inOrder.run(key as CustomerId, async () => {
      if (this.#known.has(key)) {
        // It was meant for home, where nothing had to be made ready.
        const appended = this.#isEasy(customerId, message) ? null : await this.#makeReady(customerId, message);
        return appended ?? this.#appendToPart(customerId, message);
      }
      try {
        return await append(customerId, message);
      } catch (error) {
        if (!(error instanceof ChannelElsewhere)) throw error;
        this.#known.add(key);
        this.#atHome.delete(key);
        throw new BucketMoved(error);
      }
    });
  }

  async #appendToPart(customerId: CustomerId, message: NewMessage): Promise<AppendedMessage> {
    const { append, partsOf } = this.#options;
    const { channelId } = message;
    try {
      return await append(partOf(partsOf(customerId), channelId), message);
    } catch (error) {
      if (!(error instanceof GbError) || error.code !== 'not_found') throw error;
      // Somebody who is mentioned may be nobody. Or the log is on its way there: it shows in a moment, and then again in order.
      const isThere = await this.#run(customerId, true, (transaction) => transaction.with(channelId)).then(
        () => true,
        () => false,
      );
      throw isThere ? error : new BucketMoved(error);
    }
  }

  #areKnown(part: PartId, userIds: readonly UserId[]): boolean {
    return userIds.every((userId) => this.#knownUsers.has(`${part} ${userId}`));
  }

  async #run<T>(customerId: CustomerId, isReadOnly: boolean, work: (transaction: SplitTransaction) => Promise<T>): Promise<T> {
    const { databases, partsOf, clock, log, onStep } = this.#options;
    if (this.#known.size > knownMax) this.#known.clear();
    const startedMs = performance.now();
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
        const isAgain =
          isConflict(error) ||
          isLockTimeout(error) ||
          error instanceof ChannelElsewhere ||
          (isReadOnly && isConnectionError(error));
        if (!isAgain) throw error;
        if (error instanceof ChannelElsewhere) {
          if (performance.now() - startedMs > movingMsMax)
            throw new GbError('unavailable', 'The log of a channel is on its way to its part', { retryable: true, cause: error });
        } else if (attempt >= (isReadOnly ? readAttemptsMax : attemptsMax)) {
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
