import { useEffect } from 'react';
import { useT } from '../i18n/index.ts';
import { useClient } from './client-context.tsx';
import { explain } from './problem.ts';
import { showToast } from './toasts.tsx';

/** What was shown at once and then refused by the server was put right on screen; this says so, with the reason. */
export function useRefusals(): void {
  const client = useClient();
  const t = useT();
  useEffect(
    () =>
      client.on('refused', ({ action, error }) => {
        // Read marks and drafts repair themselves with the next one; a word about each would be noise.
        if (action === 'mark-read' || action === 'draft') return;
        showToast(`${t('refused.undone')} ${explain(error, t)}`, { tone: 'danger' });
      }),
    [client, t],
  );
}
