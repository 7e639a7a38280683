import type { AddressInfo } from 'node:net';
import type { LogEvent } from 'gb-protocol';
import { Gateway } from './gateway/gateway.ts';
import { ConversationStreams, streamPath } from './http/conversations/streams.ts';
import { createHttpServer } from './http/server.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import type { ApiOptions } from './options.ts';

export type { Metrics } from './metrics.ts';
export { type ApiOptions, defaultRates, type RateLimits } from './options.ts';

export interface ApiServer {
  readonly metrics: Metrics;
  listen(address: { host: string; port: number }): Promise<number>;
  /** Whether live followers here have not seen this entry: the sure path then offers it again. */
  misses(channelId: LogEvent['channelId'], seq: number): boolean;
  /** Stops taking work, lets clients go in their own time, closes. */
  close(options?: { spreadMs?: number }): Promise<void>;
}

/** The HTTP API and the WebSocket gateway on one port. */
export async function createApiServer(options: ApiOptions): Promise<ApiServer> {
  const metrics = createMetrics();
  const app = await createHttpServer(options, metrics);
  const gateway = new Gateway(options, metrics);
  const streams = new ConversationStreams(options);
  gateway.attach(app.server, new Map([[streamPath, (...upgrade) => streams.onUpgrade(...upgrade)]]));
  return {
    metrics,
    async listen({ host, port }) {
      await app.listen({ host, port, backlog: 4096 });
      return (app.server.address() as AddressInfo).port;
    },
    misses: (channelId, seq) => !gateway.hub.knows(channelId, seq),
    async close({ spreadMs = 3_000 } = {}) {
      streams.close();
      await gateway.drain(spreadMs);
      gateway.close();
      await app.close();
    },
  };
}
