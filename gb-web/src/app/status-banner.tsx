import { CloudOff, RefreshCw, TriangleAlert } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from '../design/button.tsx';
import { useT } from '../i18n/index.ts';
import { useClient, useOutbox, useStatus } from './client-context.tsx';

const graceMs = 1_500;

/** Says quietly that the connection is away and what is kept. A hiccup shorter than a moment is not worth a word. */
export function StatusBanner() {
  const t = useT();
  const client = useClient();
  const status = useStatus();
  const outbox = useOutbox();
  // A session that ended has a dialog of its own.
  const isExpired = status.phase === 'stopped' && status.reason?.code === 'unauthenticated';
  const isAway = !isExpired && status.phase !== 'live' && status.phase !== 'loading' && status.phase !== 'closed';
  const [isShown, setShown] = useState(false);

  useEffect(() => {
    if (!isAway) {
      setShown(false);
      return;
    }
    const timer = setTimeout(() => setShown(true), graceMs);
    return () => clearTimeout(timer);
  }, [isAway]);

  if (!isShown || !isAway) return <div role="status" className="visually-hidden" />;
  const isStopped = status.phase === 'stopped';
  const isOffline = status.phase === 'offline';
  const kept = outbox.waiting > 0 ? t('status.kept', { count: outbox.waiting }) : '';
  return (
    <div className={`status-banner${isStopped ? ' is-stopped' : ''}`} role="status">
      {isStopped ? (
        <TriangleAlert size={16} aria-hidden />
      ) : isOffline ? (
        <CloudOff size={16} aria-hidden />
      ) : (
        <RefreshCw size={16} aria-hidden />
      )}
      <span className="status-text">
        {t(isStopped ? 'status.stopped' : isOffline ? 'status.offline' : 'status.reconnecting')} {kept}
      </span>
      {isStopped ? (
        <Button size="small" onPress={() => window.location.reload()}>
          {t('status.reload')}
        </Button>
      ) : isOffline ? null : (
        <Button size="small" onPress={() => client.probe()}>
          {t('status.now')}
        </Button>
      )}
    </div>
  );
}
