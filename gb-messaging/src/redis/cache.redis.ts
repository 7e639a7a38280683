import { createHash } from 'node:crypto';
import { type Cache, type CacheKey, cacheValueBytesMax } from 'gb-core';
import type { Logger } from 'gb-utils';
import { type RedisAddress, readRedisAddress } from './redis-address.ts';
import { connectRedis, type RedisConnection } from './redis-connection.ts';

/** How long an answer may take; after that the value is had where it comes from. */
const answerMsDefault = 100;
/** On their way; one more is not asked. */
const askedMax = 1_000;

export interface RedisCacheOptions {
  /** See `RedisAddress`. */
  readonly url: string;
  readonly log: Logger;
  readonly answerMsMax?: number;
}

/** Since the engine was made. */
export interface RedisCacheFigures {
  readonly hits: number;
  readonly misses: number;
  /** Not asked, or not answered in time. */
  readonly failures: number;
}

export interface RedisCache extends Cache {
  figures(): RedisCacheFigures;
  /** When the connection stands, or fails to within `msMax`: without it everything is forgotten. */
  connected(msMax: number): Promise<boolean>;
}

/** Of all processes that share a Redis. How much it holds, and what goes first, is set there (`maxmemory-policy`). */
export function createRedisCache(options: RedisCacheOptions): RedisCache {
  return new CacheOnRedis(options);
}

class CacheOnRedis implements RedisCache {
  readonly #address: RedisAddress;
  readonly #redis: RedisConnection;
  readonly #log: Logger;
  readonly #answerMsMax: number;
  readonly #figures = { hits: 0, misses: 0, failures: 0 };
  #asked = 0;
  #isClosed = false;

  constructor({ url, log, answerMsMax = answerMsDefault }: RedisCacheOptions) {
    this.#address = readRedisAddress(url);
    this.#log = log;
    this.#answerMsMax = answerMsMax;
    this.#redis = connectRedis(this.#address, 'cache', log);
  }

  async get(key: CacheKey): Promise<Uint8Array | null> {
    const found = await this.#ask((redis) => redis.getBuffer(this.#keyOf(key)));
    if (found === undefined) return null;
    this.#figures[found ? 'hits' : 'misses'] += 1;
    return found && new Uint8Array(found);
  }

  async set(key: CacheKey, value: Uint8Array, ttlMs: number): Promise<void> {
    if (ttlMs <= 0 || value.length > cacheValueBytesMax) return this.delete(key);
    await this.#ask((redis) => redis.set(this.#keyOf(key), Buffer.from(value), 'PX', Math.ceil(ttlMs)));
  }

  async delete(key: CacheKey): Promise<void> {
    await this.#ask((redis) => redis.del(this.#keyOf(key)));
  }

  figures(): RedisCacheFigures {
    return { ...this.#figures };
  }

  async connected(msMax: number): Promise<boolean> {
    if (this.#redis.status !== 'ready' && !this.#isClosed)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, msMax);
        this.#redis.once('ready', () => {
          clearTimeout(timer);
          resolve();
        });
      });
    return this.#redis.status === 'ready';
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#redis.disconnect();
  }

  /** A digest: names are as long as they like, and whoever reads the keys of a Redis learns nothing. */
  #keyOf({ customerId, name }: CacheKey): string {
    return `${this.#address.prefix}:cache:${customerId}:${createHash('sha256').update(name).digest('base64url')}`;
  }

  /** undefined when there is no answer. */
  async #ask<T>(question: (redis: RedisConnection) => Promise<T>): Promise<T | undefined> {
    if (this.#isClosed || this.#redis.status !== 'ready' || this.#asked >= askedMax) {
      this.#figures.failures += 1;
      return undefined;
    }
    this.#asked += 1;
    const late = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => late.resolve(undefined), this.#answerMsMax);
    const answer = question(this.#redis)
      .catch((error: Error) => {
        this.#log.debug({ reason: error.message }, 'Redis could not be asked for what it keeps');
        return undefined;
      })
      .finally(() => {
        this.#asked -= 1;
      });
    const result = await Promise.race([answer, late.promise]);
    clearTimeout(timer);
    if (result === undefined) this.#figures.failures += 1;
    return result;
  }
}
