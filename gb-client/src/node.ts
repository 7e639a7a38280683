import { WebSocket } from 'ws';
import type { Client } from './api.ts';
import { createClient } from './client.ts';
import type { ClientOptions } from './options.ts';
import { createMemoryOutbox } from './outbox-storage.ts';

export * from './index.ts';

export interface NodeClientOptions extends Partial<ClientOptions> {
  /** Like `http://127.0.0.1:8080`. */
  readonly baseUrl: string;
  readonly token: string;
}

/**
 * A client for programs: bots, benchmarks, tests. Reads every entry (`event` leaves nothing out except when a log starts
 * over), keeps unsent messages in memory and does not mark its own messages read.
 */
export function createNodeClient(options: NodeClientOptions): Client {
  return createClient({
    openWebSocket: (url) => new WebSocket(url, { perMessageDeflate: false, maxPayload: 16 * 1024 * 1024 }),
    openOutbox: async () => createMemoryOutbox(),
    ...options,
    tuning: { skipAheadEntries: Number.POSITIVE_INFINITY, readsOwnMessages: false, ...options.tuning },
  });
}
