import { createHash } from 'node:crypto';
import type { RateAsk, RateLimits, RateRule } from 'gb-core';
import type { Clock, Logger } from 'gb-utils';
import { Cluster } from 'ioredis';
import { createInProcessRateLimits } from '../rate-limits.in-process.ts';
import { type RedisAddress, readRedisAddress } from './redis-address.ts';
import { connectRedis, type RedisConnection } from './redis-connection.ts';

/**
 * How long anybody waits for an answer. A Redis that needs longer makes one question wait that long; what is asked after
 * it is counted here at once, until Redis is quick again.
 */
const answerMsDefault = 50;
/** While it is too slow, it is asked this often whether it still is ... */
const probeEveryMs = 200;
/** ... and when it says nothing at all for this long, over a new connection. */
const silenceMsMax = 1_000;
/** Questions on their way; one more is counted here. */
const askedMax = 10_000;

/**
 * GCRA as in gb-utils, in microseconds of Redis' own clock, so that the clocks of the processes do not matter. One number
 * for a key, which disappears when it says nothing any more. Of several keys all are counted, or none.
 */
const script = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local longest = 0
local following = {}
for i = 1, #KEYS do
  local interval, tolerance, cost = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i])
  local arrival = tonumber(redis.call('GET', KEYS[i]) or '0') or 0
  if arrival < now or arrival > now + tolerance then arrival = now end
  following[i] = arrival + interval * cost
  longest = math.max(longest, following[i] - now - tolerance)
end
if longest > 0 then return math.ceil(longest / 1000) end
for i = 1, #KEYS do
  local keep = math.max(1, math.ceil((following[i] - now) / 1000))
  redis.call('SET', KEYS[i], string.format('%.0f', following[i]), 'PX', string.format('%.0f', keep))
end
return 0`;
const scriptHash = createHash('sha1').update(script).digest('hex');

export interface RedisRateLimitsOptions {
  /** See `RedisAddress`. */
  readonly url: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** How long anybody waits for an answer; 50 when nothing is said. */
  readonly answerMsMax?: number;
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
  readonly keys: readonly string[];
  /** Interval, tolerance and cost for each key. */
  readonly values: readonly string[];
  /** null: count it yourself. */
  readonly answer: (waitMs: number | null) => void;
}

class RedisCounting implements RedisRateLimits {
  readonly #address: RedisAddress;
  readonly #redis: RedisConnection;
  readonly #alone: RateLimits;
  readonly #log: Logger;
  readonly #answerMsMax: number;
  readonly #figures = { shared: 0, alone: 0 };
  /** Asked in this turn of the loop. */
  #questions: Question[] = [];
  /** On their way, oldest first: what went in one piece. */
  readonly #unanswered = new Set<readonly Question[]>();
  #asked = 0;
  /** It did not answer in time, and nobody is made to wait for it until it does. */
  #isSlow = false;
  #isClosed = false;
  #probing: NodeJS.Timeout | undefined;

  constructor({ url, clock, log, answerMsMax = answerMsDefault }: RedisRateLimitsOptions) {
    this.#address = readRedisAddress(url);
    this.#log = log;
    this.#answerMsMax = answerMsMax;
    this.#alone = createInProcessRateLimits({ clock });
    this.#redis = connectRedis(this.#address, 'rates', log);
  }

  take(rule: RateRule, key: string, cost = 1): Promise<number> {
    return this.takeAll([{ rule, key, cost }]);
  }

  async takeAll(asks: readonly RateAsk[]): Promise<number> {
    if (asks.length === 0) return 0;
    const waitMs = this.#isUsable ? await this.#askAll(asks) : null;
    if (waitMs !== null) {
      this.#figures.shared += 1;
      return waitMs;
    }
    this.#figures.alone += 1;
    return this.#alone.takeAll(asks);
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
    clearTimeout(this.#probing);
    this.#redis.disconnect();
  }

  get #isUsable(): boolean {
    return !this.#isClosed && !this.#isSlow && this.#redis.status === 'ready' && this.#asked < askedMax;
  }

  /** A digest: keys hold addresses of people, and may be as long as whoever makes them up likes. */
  #keyOf(rule: RateRule, key: string): string {
    return `${this.#address.prefix}:rate:${rule.name}:${createHash('sha256').update(key).digest('base64url')}`;
  }

  async #askAll(asks: readonly RateAsk[]): Promise<number | null> {
    // The keys of a cluster lie on several servers, and a script runs on one.
    if (!(this.#redis instanceof Cluster)) return this.#ask(asks);
    for (const one of asks) {
      const waitMs = await this.#ask([one]);
      if (waitMs !== 0) return waitMs;
    }
    return 0;
  }

  #ask(asks: readonly RateAsk[]): Promise<number | null> {
    this.#asked += 1;
    return new Promise((resolve) => {
      const keys = asks.map(({ rule, key }) => this.#keyOf(rule, key));
      const values = asks.flatMap(({ rule, cost = 1 }) => {
        const intervalUs = 1_000_000 / rule.perSecond;
        return [String(intervalUs), String(intervalUs * rule.burst), String(cost)];
      });
      const answer = (waitMs: number | null) => {
        this.#asked -= 1;
        resolve(waitMs);
      };
      this.#questions.push({ keys, values, answer });
      if (this.#questions.length === 1) setImmediate(() => void this.#send());
    });
  }

  async #send(): Promise<void> {
    const questions = this.#questions;
    if (questions.length === 0) return;
    this.#questions = [];
    this.#unanswered.add(questions);
    // After this process itself stood still, the answers may be there and only not be read yet: a turn of the loop reads them.
    const late = () => setImmediate(() => this.#unanswered.has(questions) && this.#giveUp());
    const timer = setTimeout(late, this.#answerMsMax);
    const answers = await this.#evaluate(questions);
    clearTimeout(timer);
    if (!this.#unanswered.delete(questions)) return; // Counted here meanwhile.
    for (const [i, { answer }] of questions.entries()) answer(answers[i] ?? null);
  }

  /** Everybody who waits is told at once, in the order in which they asked, so that nobody overtakes another by it. */
  #giveUp(): void {
    this.#isSlow = true;
    const waiting = [...this.#unanswered].flat();
    this.#unanswered.clear();
    waiting.push(...this.#questions.splice(0));
    for (const { answer } of waiting) answer(null);
    if (this.#isClosed) return;
    this.#log.warn({ msMax: this.#answerMsMax }, 'Redis does not answer in time; rate limits are counted here until it does');
    this.#probeLater();
  }

  #probeLater(): void {
    if (!this.#isClosed) this.#probing = setTimeout(() => void this.#probe(), probeEveryMs).unref();
  }

  async #probe(): Promise<void> {
    const startedMs = performance.now();
    // What was asked is not waited for, and nothing may pile up behind it.
    const silent = setTimeout(() => this.#redis.disconnect(true), silenceMsMax);
    const isHeard = await this.#redis.ping().then(
      () => true,
      () => false, // No connection yet, which its own errors tell of.
    );
    clearTimeout(silent);
    if (isHeard && performance.now() - startedMs <= this.#answerMsMax) this.#isSlow = false;
    else this.#probeLater();
  }

  /** One answer for each, null where there is none. Never fails. */
  async #evaluate(questions: readonly Question[]): Promise<readonly (number | null)[]> {
    const redis = this.#redis;
    const alone = (one: Question) =>
      redis
        .evalsha(scriptHash, one.keys.length, ...one.keys, ...one.values)
        .then(readWait, (error: Error) => this.#again(one, error));
    if (redis instanceof Cluster || questions.length === 1) return Promise.all(questions.map(alone));
    const pipeline = redis.pipeline();
    for (const { keys, values } of questions) pipeline.evalsha(scriptHash, keys.length, ...keys, ...values);
    const results = await pipeline.exec().catch(() => null);
    return Promise.all(
      questions.map((one, i) => {
        const [error, waitMs] = results?.[i] ?? [null, null];
        if (error) return this.#again(one, error);
        return readWait(waitMs);
      }),
    );
  }

  /** A server that has just started, or taken over, does not know the script yet. */
  async #again({ keys, values }: Question, error: Error): Promise<number | null> {
    try {
      if (!error.message.startsWith('NOSCRIPT')) throw error;
      return readWait(await this.#redis.eval(script, keys.length, ...keys, ...values));
    } catch (again) {
      this.#log.debug({ reason: (again as Error).message }, 'Redis could not count');
      return null;
    }
  }
}

function readWait(answer: unknown): number | null {
  return typeof answer === 'number' ? answer : null;
}
