import { Hash } from 'lucide-react';
import { useEffect } from 'react';
import { Button } from '../design/button.tsx';
import { Empty } from '../design/empty.tsx';
import { useT } from '../i18n/index.ts';
import { useClient } from './client-context.tsx';
import { preferences } from './preferences.ts';
import { navigate, toChannel } from './router.ts';
import { useIsPhone } from './use-media.ts';

/** Home is where one was last: the latest channel still there, else #general, else the first. A phone shows its list. */
export function HomeRedirect({ hasChannels }: { hasChannels: boolean }) {
  const t = useT();
  const client = useClient();
  const isPhone = useIsPhone();

  useEffect(() => {
    if (isPhone || !hasChannels) return;
    const channels = client.channels();
    const recent = preferences().recentChannels.find((id) => channels.some(({ channel }) => channel.id === id));
    const first = channels.find(({ channel }) => channel.kind === 'public' && channel.name === 'general') ?? channels[0];
    const id = recent ?? first?.channel.id;
    if (id) navigate(toChannel(id), { replace: true });
  }, [client, isPhone, hasChannels]);

  if (hasChannels) return null;
  return (
    <Empty
      icon={<Hash size={24} />}
      title={t('home.emptyTitle')}
      action={
        <Button tone="primary" onPress={() => navigate({ screen: 'browse' })}>
          {t('browse.title')}
        </Button>
      }
    >
      {t('home.emptyText')}
    </Empty>
  );
}
