import type { BotId, ChannelId, CustomerId, UserId } from 'gb-protocol';
import { fail } from '../fail.ts';
import type { RateAsk, RateLimits } from '../ports/index.ts';
import { networkOf } from './network.ts';
import { defaultRates, type RateName, type RateTable } from './rate-table.ts';

interface Person {
  readonly customerId: CustomerId;
  readonly userId: UserId;
}

interface Key {
  readonly customerId: CustomerId;
  readonly keyId: string;
}

/**
 * Asks the limits of the table for everything that is limited: one method a thing, and the only place that knows what is
 * counted under which key. Each either returns, and is counted, or fails with `rate_limited` and the time to wait; what
 * one limit refuses, the others do not count, so a person who floods uses up nothing of their channel or customer.
 * Over all processes, by the engine given.
 */
export class Rates {
  /** For what is counted in one process alone, like the frames of a connection. */
  readonly table: RateTable;
  readonly #engine: RateLimits;

  constructor(engine: RateLimits, table: RateTable = defaultRates) {
    this.#engine = engine;
    this.table = table;
  }

  /** A message of a person, or of a bot's contact, whose id is that of the channel. */
  async message(customerId: CustomerId, author: UserId | ChannelId, channelId: ChannelId): Promise<void> {
    await this.#take('Too many messages. Wait a moment.', [
      this.#ask('messages', `${customerId}:${author}`),
      this.#ask('channelMessages', `${customerId}:${channelId}`),
      this.#ask('customerMessages', customerId),
    ]);
  }

  async request(who: Person | Key): Promise<void> {
    const narrow = 'keyId' in who ? (['keyRequests', who.keyId] as const) : (['requests', who.userId] as const);
    await this.#take(tooManyRequests, [
      this.#ask(narrow[0], `${who.customerId}:${narrow[1]}`),
      this.#ask('customerRequests', who.customerId),
    ]);
  }

  async upload(who: Person | Key): Promise<void> {
    await this.#take('Too many uploads. Wait a moment.', [
      this.#ask('uploads', `${who.customerId}:${'keyId' in who ? who.keyId : who.userId}`),
      this.#ask('customerUploads', who.customerId),
    ]);
  }

  /**
   * Slows down guessing, per account and address, and per address alone. A growing delay rather than a lock, which would
   * let anybody lock anybody out.
   */
  async logIn(address: string, account: string): Promise<void> {
    const network = networkOf(address);
    await this.#take('Too many attempts. Wait a moment and try again.', [
      this.#ask('addressLogIns', network),
      this.#ask('logIns', `${network} ${account}`),
    ]);
  }

  /** Somebody without a session. */
  async stranger(address: string): Promise<void> {
    await this.#take(tooManyRequests, [this.#ask('addresses', networkOf(address))]);
  }

  /** A call of a bot's webhook. */
  async webhook(address: string, { customerId, botId }: { customerId: CustomerId; botId: BotId }): Promise<void> {
    await this.#take(tooManyRequests, [
      this.#ask('addresses', networkOf(address)),
      this.#ask('webhooks', `${customerId}:${botId}`),
      this.#ask('customerWebhooks', customerId),
    ]);
  }

  /**
   * A mail for a bot; the address was asked about before. Mail servers that know the bot's secret are counted apart:
   * nobody else can use up what they may send.
   */
  async mail({ customerId, botId, isProved }: { customerId: CustomerId; botId: BotId; isProved: boolean }): Promise<void> {
    await this.#take(tooManyRequests, [
      this.#ask('webhooks', `${customerId}:${botId}:mail:${isProved}`),
      this.#ask('customerWebhooks', `${customerId}:${isProved}`),
    ]);
  }

  #ask(name: RateName, key: string): RateAsk {
    const { burst, perSecond } = this.table[name];
    return { rule: { name, burst, perSecond }, key };
  }

  async #take(refusal: string, asks: readonly RateAsk[]): Promise<void> {
    const waitMs = await this.#engine.takeAll(asks);
    if (waitMs > 0) throw fail('rate_limited', refusal, { retryAfterMs: waitMs });
  }
}

const tooManyRequests = 'Too many requests. Wait a moment.';
