import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { fail } from 'gb-core';
import type { LogEvent } from 'gb-protocol';
import { Gateway } from './gateway/gateway.ts';
import { ConversationStreams, streamPath } from './http/conversations/streams.ts';
import { createHttpServer } from './http/server.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { OpenRequests } from './open-requests.ts';
import type { ApiOptions } from './options.ts';

export type { GatewayTuning } from './gateway/tuning.ts';
export { type Figure, type FigureSource, type Metrics, showFigures } from './metrics.ts';
export type { ApiOptions } from './options.ts';

export interface ApiServer {
  readonly metrics: Metrics;
  listen(address: { host: string; port: number }): Promise<number>;
  /** Whether live followers here have not seen this entry: the sure path then offers it again. */
  misses(channelId: LogEvent['channelId'], seq: number): boolean;
  /**
   * Takes nothing new, is not ready any more, lets clients go over to others until the deadline, answers what was asked,
   * closes. Without a deadline, or with 0, there are no others: everybody is closed as soon as they have their answers.
   */
  close(options?: { deadlineMs?: number }): Promise<void>;
}

/** How long requests under way may take when the server stops: longer ones are waits and downloads, which come again. */
const answersMsMax = 10_000;

/** The HTTP API and the WebSocket gateway on one port. */
export async function createApiServer(options: ApiOptions): Promise<ApiServer> {
  const metrics = createMetrics();
  let isClosing = false;
  const isReady = async () => {
    if (isClosing) throw fail('unavailable', 'This server is being stopped.');
    await options.isReady();
  };
  const app = await createHttpServer({ ...options, isReady }, metrics);
  const requests = new OpenRequests(app.server);
  const gateway = new Gateway(options, metrics);
  const streams = new ConversationStreams(options);
  if (options.serves?.gateway === false) app.server.on('upgrade', (_request, socket) => refuseUpgrade(socket));
  else gateway.attach(app.server, new Map([[streamPath, (...upgrade) => streams.onUpgrade(...upgrade)]]));
  return {
    metrics,
    async listen({ host, port }) {
      await app.listen({ host, port, backlog: 4096 });
      return (app.server.address() as AddressInfo).port;
    },
    misses: (channelId, seq) => !gateway.hub.knows(channelId, seq),
    async close({ deadlineMs = 0 } = {}) {
      isClosing = true;
      requests.stopAccepting();
      streams.close();
      await Promise.all([gateway.drain({ deadlineMs }), requests.finish(answersMsMax)]);
      gateway.close();
      await app.close();
    },
  };
}

/** Without the role of a gateway. A proxy that is told 503 asks another process. */
function refuseUpgrade(socket: Duplex): void {
  socket.on('error', () => {}); // A reset is the end of it as well.
  const message = 'This process takes no live connections. Ask one that has the role gateway.';
  const body = JSON.stringify({ code: 'unavailable', message, retryable: true });
  const head = `Content-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close`;
  socket.end(`HTTP/1.1 503 Service Unavailable\r\n${head}\r\n\r\n${body}`);
}
