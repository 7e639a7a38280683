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
  const tabs = useRef<BroadcastChannel | null>(null);
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
      () => {
        if (!isCurrent) return;
        setState({ phase: 'ready', client, isExpired: false });
        if (round > 0) tabs.current?.postMessage('begun');
      },
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

  // Logging in again in one tab is logging in: the others that ask for it go on as well. One of them may hold the outbox,
  // and without a session it would never send what waits in it.
  const isAsking = shown.phase === 'stranger' || shown.phase === 'setup' || (shown.phase === 'ready' && shown.isExpired);
  const { client } = shown;
  const latest = useRef({ isAsking, client });
  latest.current = { isAsking, client };
  // One channel for as long as the tab lives. When another tab logs out, the server ends this one's connection at the same
  // moment: a channel made anew for that news would lose the word `ended` that waits in the old one.
  useEffect(() => {
    const channel = new BroadcastChannel('gb.session');
    tabs.current = channel;
    channel.onmessage = ({ data }: MessageEvent<'begun' | 'ending' | 'ended'>) => {
      if (data === 'begun' && latest.current.isAsking) begin();
      if (data === 'ending') latest.current.client.flush();
      // Logged out on purpose: nothing of the person stays on any screen.
      if (data === 'ended') {
        setState({ phase: 'starting', client: latest.current.client });
        begin();
      }
    };
    return () => channel.close();
  }, [begin]);

  const logOut = useCallback(async () => {
    tabs.current?.postMessage('ending');
    client.flush();
    await client.rest.logOut();
    tabs.current?.postMessage('ended');
    setState({ phase: 'starting', client });
    begin();
  }, [client, begin]);

  return { state: shown, begin, logOut };
}
