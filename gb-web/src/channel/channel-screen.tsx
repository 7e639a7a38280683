import type { ChannelId } from 'gb-protocol';
import { Hash } from 'lucide-react';
import { lazy, Suspense, useCallback, useEffect, useMemo } from 'react';
import { type BotLook, useBotLook } from '../app/bot-theme.ts';
import { useChannelEntity, useClient, useMe, useMemberIds } from '../app/client-context.tsx';
import { rememberChannel } from '../app/preferences.ts';
import { explain } from '../app/problem.ts';
import { navigate, type Route, toChannel } from '../app/router.ts';
import { useLoaded } from '../app/use-loaded.ts';
import { useTask } from '../app/use-task.ts';
import { PlaceComposer } from '../composer/secret-composer.tsx';
import { Button } from '../design/button.tsx';
import { Empty } from '../design/empty.tsx';
import { Notice } from '../design/notice.tsx';
import { useT } from '../i18n/index.ts';
import { ChannelBeginning } from './channel-beginning.tsx';
import { ChannelHeader } from './channel-header.tsx';
import { MessageList } from './message-list.tsx';
import { ReferencesProvider } from './references.tsx';
import { ThreadPane } from './thread-pane.tsx';
import { TypingLine } from './typing-line.tsx';
import { useChannelTitle } from './use-channel-title.ts';
import { useListActions } from './use-message-actions.ts';

const MembersPane = lazy(() => import('./members-pane.tsx').then((m) => ({ default: m.MembersPane })));
const DetailsPane = lazy(() => import('./details-pane.tsx').then((m) => ({ default: m.DetailsPane })));
const PersonPane = lazy(() => import('./person-pane.tsx').then((m) => ({ default: m.PersonPane })));

type ChannelRoute = Extract<Route, { screen: 'channel' }>;

/** A channel in the middle and, when asked for, one thing about it on the right. */
export function ChannelScreen({ route }: { route: ChannelRoute }) {
  const { channelId, seq, pane } = route;
  const channel = useChannelEntity(channelId);
  const look = useDirectLook(channelId);
  const closePane = useCallback(() => navigate(toChannel(channelId)), [channelId]);

  useEffect(() => {
    if (channel) rememberChannel(channelId);
  }, [channelId, channel]);

  if (!channel) return <NotAMember key={channelId} channelId={channelId} />;
  return (
    <ReferencesProvider channelId={channelId}>
      <div className={`channel-screen${pane ? ' has-pane' : ''}`} {...look}>
        <ChannelColumn key={channelId} channelId={channelId} jumpTo={seq} />
        {pane ? (
          <aside className="channel-pane">
            <Suspense fallback={null}>
              {pane.kind === 'thread' ? (
                <ThreadPane key={`${channelId}:${pane.seq}`} channelId={channelId} threadSeq={pane.seq} onClose={closePane} />
              ) : null}
              {pane.kind === 'members' ? <MembersPane key={channelId} channelId={channelId} onClose={closePane} /> : null}
              {pane.kind === 'details' ? <DetailsPane key={channelId} channelId={channelId} onClose={closePane} /> : null}
              {pane.kind === 'person' ? <PersonPane key={pane.userId} userId={pane.userId} onClose={closePane} /> : null}
            </Suspense>
          </aside>
        ) : null}
      </div>
    </ReferencesProvider>
  );
}

/** Alone with a bot, all of the conversation is in its colours; among others only what the bot itself says is. */
function useDirectLook(channelId: ChannelId): BotLook {
  const isDirect = useChannelEntity(channelId)?.kind === 'direct';
  const memberIds = useMemberIds(channelId);
  const { id: myId } = useMe();
  return useBotLook(isDirect ? memberIds?.find((id) => id !== myId) : undefined);
}

function ChannelColumn({ channelId, jumpTo }: { channelId: ChannelId; jumpTo: number | null }) {
  const t = useT();
  const channel = useChannelEntity(channelId);
  const title = useChannelTitle(channelId);
  const isArchived = channel?.isArchived ?? false;
  const { actions, editing } = useListActions(channelId, null, !isArchived);
  const beginning = useMemo(() => <ChannelBeginning channelId={channelId} />, [channelId]);
  const isNamed = channel?.kind === 'public' || channel?.kind === 'private';
  const shown = isNamed ? `#${title}` : title;

  return (
    <section className="channel-column" aria-label={shown}>
      <ChannelHeader channelId={channelId} />
      <MessageList
        channelId={channelId}
        threadSeq={null}
        jumpTo={jumpTo}
        actions={actions}
        editing={editing}
        label={t('list.label', { name: shown })}
        beginning={beginning}
      />
      <footer className="channel-footer">
        <TypingLine channelId={channelId} threadSeq={null} />
        {isArchived ? (
          <Notice>{t('channel.archived')}</Notice>
        ) : (
          <PlaceComposer
            channelId={channelId}
            threadSeq={null}
            placeholder={t('composer.to', { name: shown })}
            actions={actions}
          />
        )}
      </footer>
    </section>
  );
}

/** A link to a channel one is not in: join it if it is open, else say so without telling whether it exists. */
function NotAMember({ channelId }: { channelId: ChannelId }) {
  const t = useT();
  const client = useClient();
  const browse = useLoaded(channelId, () => client.rest.browseChannels());
  const joining = useTask(async () => client.addChannel((await client.rest.joinChannel(channelId)).state));
  const found = browse.value?.channels.find(({ channel }) => channel.id === channelId);
  if (!browse.value && !browse.error) return null;
  if (!found) {
    return (
      <Empty
        icon={<Hash size={24} />}
        title={t('channel.unknownTitle')}
        action={<Button onPress={() => navigate({ screen: 'browse' })}>{t('browse.title')}</Button>}
      >
        {browse.error ? explain(browse.error, t) : t('channel.unknownText')}
      </Empty>
    );
  }
  return (
    <Empty
      icon={<Hash size={24} />}
      title={`#${found.channel.name}`}
      action={
        <Button tone="primary" isPending={joining.isRunning} onPress={() => void joining.run()}>
          {t('browse.join')}
        </Button>
      }
    >
      {joining.problem ?? (found.channel.topic || t('channel.notMember', { count: found.memberCount }))}
    </Empty>
  );
}
