import type { FigureSource } from 'gb-api';
import type { Cache, RateLimits } from 'gb-core';
import { createRedisCache, createRedisEventBus, createRedisRateLimits, type RedisEventBus } from 'gb-messaging/redis';
import { type Logger, systemClock } from 'gb-utils';
import type { Neighbours } from './compose-nodes.ts';
import { one } from './figures.ts';

/** How long a start waits for servers that work goes on without. */
const connectMsMax = 3_000;

export interface RedisEngines {
  readonly far: RedisEventBus;
  readonly cache: Cache;
  readonly limits: RateLimits;
}

export async function composeRedis(
  url: string,
  log: Logger,
  { links, near }: Neighbours,
  closers: (() => Promise<void>)[],
  figures: FigureSource[],
): Promise<RedisEngines> {
  const bus = createRedisEventBus({ url, log, node: links.node, near });
  closers.push(() => bus.close());
  const limits = createRedisRateLimits({ url, clock: systemClock, log });
  closers.push(() => limits.close());
  const cache = createRedisCache({ url, log });
  closers.push(() => cache.close());
  const answers = await Promise.all([bus, limits, cache].map((engine) => engine.connected(connectMsMax)));
  if (answers.includes(false))
    log.warn({}, 'Redis does not answer: other processes are heard of by way of the database until it does');
  figures.push(
    one('bus_connected', 'Whether the bus of all processes is heard (1) or not (0)', async () =>
      Number(bus.figures().isConnected),
    ),
    one('bus_nodes', 'Other processes heard lately on the bus', async () => bus.figures().nodes),
    one('bus_hop_seconds', 'From handing a batch to the bus to hearing it', async () => bus.figures().hopMs / 1_000),
    {
      name: 'bus_events_total',
      help: 'Events and signals on the bus of all processes, by what became of them',
      labels: ['what'],
      read: async () => {
        const { published, received, dropped, unreadable, gaps } = bus.figures();
        return Object.entries({ published, received, dropped, unreadable, gaps }).map(([what, value]) => ({
          value,
          labels: { what },
        }));
      },
    },
    {
      name: 'cache_total',
      help: 'Questions to the cache of all processes, by answer',
      labels: ['answer'],
      read: async () => Object.entries(cache.figures()).map(([answer, value]) => ({ value, labels: { answer } })),
    },
    {
      name: 'rate_limits_total',
      help: 'Questions to the rate limits, by whether all processes were counted together',
      labels: ['where'],
      read: async () => {
        const { shared, alone } = limits.figures();
        return [
          { value: shared, labels: { where: 'shared' } },
          { value: alone, labels: { where: 'alone' } },
        ];
      },
    },
  );
  return { far: bus, cache, limits };
}
