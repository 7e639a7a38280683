import type { Client } from './api.ts';
import { createClient } from './client.ts';
import type { ClientOptions } from './options.ts';
import { createTabLock, openIndexedDbOutbox, outboxName } from './outbox-storage.indexed-db.ts';
import { createMemoryOutbox, type OutboxStorage, ownLock } from './outbox-storage.ts';
import type { Scheduler } from './store.ts';

export * from './index.ts';
export { createTabLock, openIndexedDbOutbox };

/** A hidden tab paints no frames, but its title and badge still change. */
const hiddenFlushMs = 250;

/**
 * A client for a page: logged in by cookie, unsent messages in IndexedDB (one tab sends them), reconnecting when the
 * network or the person comes back, drafts saved on leaving. `close` also lets go of the page's events.
 */
export function createBrowserClient(options: Partial<ClientOptions> = {}): Client {
  const baseUrl = options.baseUrl ?? '';
  const webSocketUrl = options.webSocketUrl ?? `${(baseUrl || location.origin).replace(/^http/, 'ws')}/ws`;
  const origin = baseUrl || location.origin;
  const client = createClient({
    client: 'gb-web',
    hasScreen: true,
    openWebSocket: (url) => new WebSocket(url),
    openOutbox: (userId) => openOutbox(outboxName(origin, userId)),
    outboxLock: (userId) => ('locks' in navigator ? createTabLock(outboxName(origin, userId), navigator.locks) : ownLock),
    schedule: withNextFrame,
    ...options,
    baseUrl,
    webSocketUrl,
  });

  const leaving = new AbortController();
  const { signal } = leaving;
  window.addEventListener('online', () => client.setNetwork(true), { signal });
  window.addEventListener('offline', () => client.setNetwork(false), { signal });
  window.addEventListener('pagehide', () => client.flush(), { signal });
  window.addEventListener('pageshow', () => client.probe(), { signal });
  document.addEventListener(
    'visibilitychange',
    () => {
      if (document.visibilityState === 'hidden') {
        client.flush();
        client.setPresence('away');
      } else {
        client.setPresence('online');
        client.probe();
      }
    },
    { signal },
  );
  if (!navigator.onLine) client.setNetwork(false);

  return withClose(client, () => leaving.abort());
}

/** Private windows of some browsers have no IndexedDB. Sending still works there, a reload forgets what was unsent. */
async function openOutbox(name: string): Promise<OutboxStorage> {
  if (typeof indexedDB === 'undefined') return createMemoryOutbox();
  try {
    return await openIndexedDbOutbox(name);
  } catch (error) {
    reportError(error);
    return createMemoryOutbox();
  }
}

const withNextFrame: Scheduler = (flush) => {
  if (document.visibilityState === 'hidden') setTimeout(flush, hiddenFlushMs);
  else requestAnimationFrame(flush);
};

function withClose(client: Client, onClose: () => void): Client {
  const close = client.close.bind(client);
  client.close = () => {
    onClose();
    return close();
  };
  return client;
}
