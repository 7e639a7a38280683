import type { ChannelId, Seq } from 'gb-protocol';
import { useChannelEntity } from '../app/client-context.tsx';
import { useRoute } from '../app/router.ts';
import { PlaceComposer } from '../composer/secret-composer.tsx';
import { Pane } from '../design/pane.tsx';
import { useT } from '../i18n/index.ts';
import { MessageList } from './message-list.tsx';
import { TypingLine } from './typing-line.tsx';
import { useChannelTitle } from './use-channel-title.ts';
import { useListActions } from './use-message-actions.ts';

export function ThreadPane({ channelId, threadSeq, onClose }: { channelId: ChannelId; threadSeq: Seq; onClose: () => void }) {
  const t = useT();
  const route = useRoute();
  const title = useChannelTitle(channelId);
  const channel = useChannelEntity(channelId);
  const isArchived = channel?.isArchived ?? false;
  const isNamed = channel?.kind === 'public' || channel?.kind === 'private';
  const { actions, editing } = useListActions(channelId, threadSeq, !isArchived);
  return (
    <Pane
      title={t('thread.title')}
      label={t('thread.title')}
      subtitle={isNamed ? `#${title}` : title}
      onClose={onClose}
      takesFocus={false}
    >
      <MessageList
        channelId={channelId}
        threadSeq={threadSeq}
        jumpTo={route.screen === 'channel' && route.seq !== null && route.seq > threadSeq ? route.seq : null}
        actions={actions}
        editing={editing}
        label={t('thread.title')}
        beginning={null}
      />
      <footer className="channel-footer">
        <TypingLine channelId={channelId} threadSeq={threadSeq} />
        {isArchived ? null : (
          <PlaceComposer channelId={channelId} threadSeq={threadSeq} placeholder={t('composer.reply')} actions={actions} />
        )}
      </footer>
    </Pane>
  );
}
