import type { Client } from 'gb-client';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { Logo } from '../design/logo.tsx';
import { useT } from '../i18n/index.ts';

const patienceMs = 1_500;

/** Shown for the blink it takes to know who is here; says something only when it takes longer than that. */
export function StartingScreen({ client }: { client: Client }) {
  const t = useT();
  const [isSlow, setSlow] = useState(false);
  const status = useSyncExternalStore(
    (listener) => client.subscribe('status', listener),
    () => client.status(),
  );
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), patienceMs);
    return () => clearTimeout(timer);
  }, []);

  return (
    <main className="starting" aria-busy="true">
      <Logo size={48} />
      <p className={`soft${isSlow ? '' : ' is-quiet'}`} role="status">
        {isSlow ? t(status.phase === 'offline' ? 'starting.offline' : 'starting.waiting') : ''}
      </p>
    </main>
  );
}
