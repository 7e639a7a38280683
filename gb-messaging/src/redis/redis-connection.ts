import { backoffMs, type Logger } from 'gb-utils';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { RedisAddress } from './redis-address.ts';

/** A connection to one server, to the master that sentinels name, or to a cluster. */
export type RedisConnection = Redis | Cluster;

const retry = { baseMs: 100, maxMs: 3_000 };
/** A first try at once would come too early: a server that ended needs a moment. */
const retryMsMin = 20;
const connectMsMax = 5_000;

/**
 * Connects and goes on trying for ever, with growing random pauses. Nothing is queued while there is no connection, and
 * what was asked when it broke is not asked again: the caller is told at once and knows better what to do.
 */
export function connectRedis(address: RedisAddress, name: string, log: Logger): RedisConnection {
  const retryStrategy = (attempt: number) => retryMsMin + backoffMs(attempt, retry);
  const common = {
    ...(address.username === undefined ? {} : { username: address.username }),
    ...(address.password === undefined ? {} : { password: address.password }),
    ...(address.tls === undefined ? {} : { tls: address.tls }),
    connectionName: `${address.prefix}-${name}`,
    connectTimeout: connectMsMax,
    keepAlive: 10_000,
    noDelay: true,
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
  } satisfies RedisOptions;
  let connection: RedisConnection;
  if (address.kind === 'cluster') {
    connection = new Cluster([...address.hosts], {
      redisOptions: common,
      enableOfflineQueue: false,
      clusterRetryStrategy: retryStrategy,
      slotsRefreshTimeout: connectMsMax,
      maxRedirections: 4,
    });
  } else if (address.kind === 'sentinel') {
    connection = new Redis({
      ...common,
      db: address.database,
      enableOfflineQueue: false,
      retryStrategy,
      sentinels: [...address.hosts],
      name: address.masterName!,
      sentinelRetryStrategy: retryStrategy,
      failoverDetector: true,
      ...(address.tls === undefined ? {} : { sentinelTLS: address.tls, enableTLSForSentinelMode: true }),
      ...(address.sentinelUsername === undefined ? {} : { sentinelUsername: address.sentinelUsername }),
      ...(address.sentinelPassword === undefined ? {} : { sentinelPassword: address.sentinelPassword }),
    });
  } else
    connection = new Redis({ ...common, ...address.hosts[0]!, db: address.database, enableOfflineQueue: false, retryStrategy });
  let said = '';
  connection.on('error', (error: Error) => {
    // The same trouble every second would fill the log: it is said once, until a connection stood in between.
    if (said === error.message) return;
    said = error.message;
    // Never the error itself: it carries the command that failed, which may be the one with the password.
    log.warn({ reason: error.message, connection: name }, 'Redis cannot be used');
  });
  connection.on('ready', () => {
    said = '';
  });
  return connection;
}
