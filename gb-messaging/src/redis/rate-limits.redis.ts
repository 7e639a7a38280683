import { createHash } from 'node:crypto';
import type { RateLimits, RateRule } from 'gb-core';
import type { Clock, Logger } from 'gb-utils';
import { Cluster } from 'ioredis';
import { createInProcessRateLimits } from '../rate-limits.in-process.ts';
import { type RedisAddress, readRedisAddress } from './redis-address.ts';
import { connectRedis, type RedisConnection } from './redis-connection.ts';

/** How long an answer may take. Longer than that it is counted here, and Redis is asked again with a new connection. */
const answerMsMax = 250;
/** Questions on their way; one more is counted here. */
const askedMax = 10_000;

/**
 * GCRA as in gb-utils, in microseconds of Redis' own clock, so that the clocks of the processes do not matter. One number
 * for a key, which disappears when it says nothing any more.
 */
const script = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local interval, tolerance, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local arrival = tonumber(redis.call('GET', KEYS[1]) or '0') or 0
if arrival < now or arrival > now + tolerance then arrival = now end
local following = arrival + interval * cost
local wait = following - now - tolerance
if wait > 0 then return math.ceil(wait / 1000) end
local keep = math.max(1, math.ceil((following - now) / 1000))
redis.call('SET', KEYS[1], string.format('%.0f', following), 'PX', string.format('%.0f', keep))
return 0`;
const scriptHash = createHash('sha1').update(script).digest('hex');

export interface RedisRateLimitsOptions {
  /** See `RedisAddress`. */
  readonly url: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Since the engine was made. */
export interface RedisRateLimitsFigures {
  readonly isConnected: boolean;
  /** Counted by Redis, for all processes together. */
  readonly shared: number;
  /** Counted here alone, because Redis was away or too slow. */
  readonly alone: number;
}

export interface RedisRateLimits extends RateLimits {
  figures(): RedisRateLimitsFigures;
  /** When the connection stands, or fails to within `msMax`: limits are kept either way. */
  connected(msMax: number): Promise<boolean>;
}

/** Limits over all processes that share a Redis. What is asked in one turn of the loop goes there in one piece. */
export function createRedisRateLimits(options: RedisRateLimitsOptions): RedisRateLimits {
  return new RedisCounting(options);
}

interface Question {
  readonly args: readonly [key: string, interval: string, tolerance: string, cost: string];
  /** null: count it yourself. */
  readonly answer: (waitMs: number | null) => void;
}

class RedisCounting implements RedisRateLimits {
  readonly #address: RedisAddress;
  readonly #redis: RedisConnection;
  readonly #alone: RateLimits;
  readonly #log: Logger;
  readonly #figures = { shared: 0, alone: 0 };
  #questions: Question[] = [];
  #asked = 0;
  /** It did not answer in time, and there is no new connection yet. */
  #isGivenUp = false;
  #isClosed = false;

  constructor({ url, clock, log }: RedisRateLimitsOptions) {
    this.#address = readRedisAddress(url);
    this.#log = log;
    this.#alone = createInProcessRateLimits({ clock });
    this.#redis = connectRedis(this.#address, 'rates', log);
    this.#redis.on('ready', () => {
      this.#isGivenUp = false;
    });
  }

  async take(rule: RateRule, key: string, cost = 1): Promise<number> {
    const waitMs = this.#isUsable ? await this.#ask(rule, key, cost) : null;
    if (waitMs !== null) {
      this.#figures.shared += 1;
      return waitMs;
    }
    this.#figures.alone += 1;
    return this.#alone.take(rule, key, cost);
  }

  async reset(rule: RateRule, key: string): Promise<void> {
    await this.#alone.reset(rule, key);
    if (!this.#isUsable) return;
    try {
      await this.#redis.del(this.#keyOf(rule, key));
    } catch (error) {
      // It is forgotten by itself in time; whoever waits for it waits that much longer.
      this.#log.debug({ reason: (error as Error).message }, 'A rate limit could not be reset');
    }
  }

  figures(): RedisRateLimitsFigures {
    return { ...this.#figures, isConnected: this.#isUsable };
  }

  async connected(msMax: number): Promise<boolean> {
    if (!this.#isUsable && !this.#isClosed)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, msMax);
        this.#redis.once('ready', () => {
          clearTimeout(timer);
          resolve();
        });
      });
    return this.#isUsable;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#redis.disconnect();
  }

  get #isUsable(): boolean {
    return !this.#isClosed && !this.#isGivenUp && this.#redis.status === 'ready' && this.#asked < askedMax;
  }

  /** A digest: keys hold addresses of people, and may be as long as whoever makes them up likes. */
  #keyOf(rule: RateRule, key: string): string {
    return `${this.#address.prefix}:rate:${rule.name}:${createHash('sha256').update(key).digest('base64url')}`;
  }

  #ask(rule: RateRule, key: string, cost: number): Promise<number | null> {
    const intervalUs = 1_000_000 / rule.perSecond;
    this.#asked += 1;
    return new Promise((resolve) => {
      const args = [this.#keyOf(rule, key), String(intervalUs), String(intervalUs * rule.burst), String(cost)] as const;
      const answer = (waitMs: number | null) => {
        this.#asked -= 1;
        resolve(waitMs);
      };
      this.#questions.push({ args, answer });
      if (this.#questions.length === 1) setImmediate(() => void this.#send());
    });
  }

  async #send(): Promise<void> {
    const questions = this.#questions;
    this.#questions = [];
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), answerMsMax);
    });
    const answers = await Promise.race([this.#evaluate(questions), late]);
    clearTimeout(timer);
    for (const [i, { answer }] of questions.entries()) answer(answers?.[i] ?? null);
    if (answers !== null || this.#isClosed || this.#isGivenUp) return;
    this.#isGivenUp = true;
    this.#log.warn({ msMax: answerMsMax }, 'Redis does not answer; rate limits are counted here until it does');
    // What was asked is not waited for, and nothing may pile up behind it.
    this.#redis.disconnect(true);
  }

  /** One answer for each, null where there is none. Never fails. */
  async #evaluate(questions: readonly Question[]): Promise<readonly (number | null)[]> {
    const redis = this.#redis;
    const alone = ({ args }: Question) =>
      redis.evalsha(scriptHash, 1, ...args).then(readWait, (error: Error) => this.#again(args, error));
    // The keys of a cluster lie on several servers, which takes one command for each.
    if (redis instanceof Cluster || questions.length === 1) return Promise.all(questions.map(alone));
    const pipeline = redis.pipeline();
    for (const { args } of questions) pipeline.evalsha(scriptHash, 1, ...args);
    const results = await pipeline.exec().catch(() => null);
    return Promise.all(
      questions.map(({ args }, i) => {
        const [error, waitMs] = results?.[i] ?? [null, null];
        if (error) return this.#again(args, error);
        return readWait(waitMs);
      }),
    );
  }

  /** A server that has just started, or taken over, does not know the script yet. */
  async #again(args: Question['args'], error: Error): Promise<number | null> {
    try {
      if (!error.message.startsWith('NOSCRIPT')) throw error;
      return readWait(await this.#redis.eval(script, 1, ...args));
    } catch (again) {
      this.#log.debug({ reason: (again as Error).message }, 'Redis could not count');
      return null;
    }
  }
}

function readWait(answer: unknown): number | null {
  return typeof answer === 'number' ? answer : null;
}
