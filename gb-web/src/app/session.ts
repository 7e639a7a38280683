import { ApiError, type Client } from 'gb-client';
import { createBrowserClient } from 'gb-client/browser';
import type { SetupState } from 'gb-protocol';
import { useCallback, useEffect, useRef, useState } from 'react';

/**
 * Who is here. `starting`: not known yet. `setup`: the server has no organization. `stranger`: somebody without a
 * session. `ready`: at work; `isExpired` when the session ended meanwhile - the workspace stays, with everything
 * written in it, until the same person logs in again.
 */
export type SessionState =
  | { readonly phase: 'starting'; readonly client: Client }
  | { readonly phase: 'setup'; readonly client: Client }
  | { readonly phase: 'stranger'; readonly client: Client; readonly setup: SetupState }
  | { readonly phase: 'ready'; readonly client: Client; readonly isExpired: boolean };

export interface SessionControl {
  readonly state: SessionState;
  /** After a sign-up, a log-in or an accepted invitation: the cookie is there, start over with it. */
  readonly begin: () => void;
  readonly logOut: () => Promise<void>;
}

const setupRetryMs = 3_000;

export function useSession(): SessionControl {
  const [round, setRound] = useState(0);
  const [state, setState] = useState<SessionState | null>(null);
  const first = useRef<Client | null>(null);
  first.current ??= createBrowserClient({ client: 'gb-web' });

  useEffect(() => {
    const client = round === 0 && first.current ? first.current : createBrowserClient({ client: 'gb-web' });
    first.current = client;
    let isCurrent = true;
    let timer: ReturnType<typeof setTimeout> | undefined;

    const askSetup = (): void => {
      client.rest.setup().then(
        (setup) => isCurrent && setState(setup.needsSetup ? { phase: 'setup', client } : { phase: 'stranger', client, setup }),
        () => {
          if (isCurrent) timer = setTimeout(askSetup, setupRetryMs);
        },
      );
    };

    // While logging in again the workspace stays on screen, so what is being typed is not thrown away.
    setState((before) => (before?.phase === 'ready' ? before : { phase: 'starting', client }));
    client.start().then(
      () => isCurrent && setState({ phase: 'ready', client, isExpired: false }),
      (error: unknown) => {
        if (!isCurrent) return;
        if (error instanceof ApiError && error.code === 'closed') return;
        askSetup();
      },
    );
    const unsubscribe = client.subscribe('status', () => {
      const status = client.status();
      if (!isCurrent || status.phase !== 'stopped' || status.reason?.code !== 'unauthenticated') return;
      setState((before) => (before?.phase === 'ready' && before.client === client ? { ...before, isExpired: true } : before));
    });

    return () => {
      isCurrent = false;
      clearTimeout(timer);
      unsubscribe();
      void client.close();
      if (first.current === client) first.current = null;
    };
  }, [round]);

  const begin = useCallback(() => setRound((n) => n + 1), []);
  const shown = state ?? { phase: 'starting' as const, client: first.current };
  const logOut = useCallback(async () => {
    const { client } = shown;
    client.flush();
    await client.rest.logOut();
    setState({ phase: 'starting', client });
    begin();
  }, [shown, begin]);

  return { state: shown, begin, logOut };
}
