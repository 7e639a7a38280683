import type { ChannelId } from 'gb-protocol';
import { Hash, Lock, UserPlus } from 'lucide-react';
import { strangerOf, useBotOf, useChannelEntity, useMe, useMemberIds, useUsers } from '../app/client-context.tsx';
import { navigate, toChannel } from '../app/router.ts';
import { Avatar } from '../design/avatar.tsx';
import { Button } from '../design/button.tsx';
import { useT } from '../i18n/index.ts';
import { withoutReordering } from '../lib/safe-text.ts';
import { useChannelTitle } from './use-channel-title.ts';

/** What stands above the first message: where one is, what belongs here, and the one thing to do next. */
export function ChannelBeginning({ channelId }: { channelId: ChannelId }) {
  const t = useT();
  const channel = useChannelEntity(channelId);
  const memberIds = useMemberIds(channelId);
  const title = useChannelTitle(channelId);
  const users = useUsers();
  const me = useMe();
  const theme = useBotOf(memberIds?.find((id) => id !== me.id))?.theme;
  if (!channel) return null;

  if (channel.kind === 'direct' || channel.kind === 'group') {
    const others = (memberIds ?? []).filter((id) => id !== me.id);
    const isBot = others.length === 1 && users.get(others[0]!)?.kind === 'bot';
    const words = isBot ? theme : undefined;
    return (
      <div className="beginning">
        <span className="faces beginning-faces">
          {others.slice(0, 5).map((id) => (
            <Avatar key={id} user={users.get(id) ?? strangerOf(id)} size={isBot ? 72 : 36} />
          ))}
        </span>
        <h3>{words?.title ? withoutReordering(words.title) : title}</h3>
        {words?.welcome ? <p>{withoutReordering(words.welcome)}</p> : null}
        <p className="soft">
          {t(isBot ? 'beginning.bot' : others.length === 0 ? 'beginning.self' : 'beginning.direct', { name: title })}
        </p>
      </div>
    );
  }
  return (
    <div className="beginning">
      <span className="empty-icon">
        {channel.kind === 'private' ? <Lock size={24} aria-hidden /> : <Hash size={24} aria-hidden />}
      </span>
      <h3>{t('beginning.title', { name: title })}</h3>
      <p className="soft">
        {channel.topic
          ? withoutReordering(channel.topic)
          : t(channel.kind === 'private' ? 'beginning.private' : 'beginning.public')}
      </p>
      <div className="row">
        <Button
          size="small"
          icon={<UserPlus size={16} aria-hidden />}
          onPress={() => navigate(toChannel(channelId, { pane: { kind: 'members' } }))}
        >
          {t('beginning.addPeople')}
        </Button>
      </div>
    </div>
  );
}
