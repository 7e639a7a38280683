import type { ChannelId } from 'gb-protocol';
import { Hash, Lock, Plus } from 'lucide-react';
import { useState } from 'react';
import { useClient, useMe } from '../app/client-context.tsx';
import { explain } from '../app/problem.ts';
import { goBack, navigate, toChannel } from '../app/router.ts';
import { useLoaded } from '../app/use-loaded.ts';
import { useTask } from '../app/use-task.ts';
import { Button } from '../design/button.tsx';
import { Empty } from '../design/empty.tsx';
import { Field } from '../design/field.tsx';
import { Notice } from '../design/notice.tsx';
import { Pane } from '../design/pane.tsx';
import { useT } from '../i18n/index.ts';
import { fuzzyFilter } from '../lib/fuzzy.ts';
import { withoutReordering } from '../lib/safe-text.ts';

const shownMax = 200;

export function BrowsePage() {
  const t = useT();
  const client = useClient();
  const me = useMe();
  const [query, setQuery] = useState('');
  const browse = useLoaded('browse', () => client.rest.browseChannels());
  const joining = useTask(async (id: ChannelId) => {
    const { state } = await client.rest.joinChannel(id);
    client.addChannel(state);
    navigate(toChannel(id));
  });
  const all = browse.value?.channels ?? [];
  const found = fuzzyFilter(query, all, ({ channel }) => [channel.name, channel.topic], shownMax);
  const create =
    me.role === 'guest' ? undefined : (
      <Button size="small" icon={<Plus size={16} aria-hidden />} onPress={() => navigate({ screen: 'new-channel' })}>
        {t('side.newChannel')}
      </Button>
    );

  return (
    <Pane
      title={t('browse.title')}
      label={t('browse.title')}
      actions={create}
      onClose={() => goBack({ screen: 'home' })}
      takesFocus={false}
    >
      <div className="pane-body">
        <div className="page-body stack">
          <Field label={t('browse.find')} value={query} onChange={setQuery} placeholder={t('browse.placeholder')} hasFocus />
          {browse.error || joining.problem ? <Notice tone="danger">{joining.problem ?? explain(browse.error, t)}</Notice> : null}
          {found.length > 0 ? (
            <ul className="list-card">
              {found.map(({ channel, memberCount, isMember }) => (
                <li key={channel.id} className="list-row">
                  {channel.kind === 'private' ? <Lock size={18} aria-hidden /> : <Hash size={18} aria-hidden />}
                  <span className="list-row-text">
                    <span className="list-row-title truncate">
                      {withoutReordering(channel.name)}{' '}
                      {channel.isArchived ? <span className="tag">{t('browse.archived')}</span> : null}
                    </span>
                    <span className="soft truncate person-handle">
                      {t('browse.members', { count: memberCount })}
                      {channel.topic ? ` · ${withoutReordering(channel.topic)}` : ''}
                    </span>
                  </span>
                  <Button
                    size="small"
                    tone={isMember ? 'quiet' : 'plain'}
                    isPending={joining.isRunning}
                    aria-label={`${t(isMember ? 'browse.open' : 'browse.join')} #${channel.name}`}
                    onPress={() => (isMember ? navigate(toChannel(channel.id)) : void joining.run(channel.id))}
                  >
                    {t(isMember ? 'browse.open' : 'browse.join')}
                  </Button>
                </li>
              ))}
            </ul>
          ) : browse.value ? (
            <Empty icon={<Hash size={24} />} title={t('browse.emptyTitle')} action={create}>
              {t('browse.emptyText')}
            </Empty>
          ) : null}
        </div>
      </div>
    </Pane>
  );
}
