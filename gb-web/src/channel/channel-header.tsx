import type { ChannelId } from 'gb-protocol';
import { ArrowLeft, BellOff, Hash, Info, Lock, Users } from 'lucide-react';
import {
  strangerOf,
  useChannelEntity,
  useMe,
  useMemberCount,
  useMemberIds,
  useNotificationLevel,
  usePresenceOf,
  useUsers,
} from '../app/client-context.tsx';
import { currentRoute, navigate, type SidePane, toChannel } from '../app/router.ts';
import { Avatar } from '../design/avatar.tsx';
import { Button, IconButton } from '../design/button.tsx';
import { useDates } from '../i18n/dates.ts';
import { useT } from '../i18n/index.ts';
import { withoutReordering } from '../lib/safe-text.ts';
import { useChannelTitle } from './use-channel-title.ts';

export function ChannelHeader({ channelId }: { channelId: ChannelId }) {
  const t = useT();
  const dates = useDates();
  const channel = useChannelEntity(channelId);
  const memberIds = useMemberIds(channelId);
  const memberCount = useMemberCount(channelId);
  const notifications = useNotificationLevel(channelId);
  const title = useChannelTitle(channelId);
  const me = useMe();
  if (!channel) return null;
  const isNamed = channel.kind === 'public' || channel.kind === 'private';
  const otherId = channel.kind === 'direct' ? (memberIds?.find((id) => id !== me.id) ?? me.id) : null;

  const toggle = (kind: 'members' | 'details'): void => {
    const route = currentRoute();
    const isOpen = route.screen === 'channel' && route.pane?.kind === kind;
    const pane: SidePane | null = isOpen ? null : { kind };
    navigate(toChannel(channelId, { pane }));
  };

  return (
    <header className="channel-header">
      <span className="channel-back">
        <IconButton label={t('common.back')} onPress={() => navigate({ screen: 'home' })}>
          <ArrowLeft size={20} aria-hidden />
        </IconButton>
      </span>
      <div className="channel-name">
        {isNamed ? channel.kind === 'private' ? <Lock size={18} aria-hidden /> : <Hash size={18} aria-hidden /> : null}
        {otherId ? <Face id={otherId} /> : null}
        <h2 className="truncate">
          {isNamed ? <span className="visually-hidden">#</span> : null}
          {title}
        </h2>
        {notifications === 'none' ? <BellOff size={14} aria-label={t('side.muted')} className="soft" /> : null}
      </div>
      <p className="channel-topic soft truncate" title={channel.topic}>
        {withoutReordering(channel.topic)}
      </p>
      {otherId ? (
        <IconButton
          label={t('channel.profile')}
          onPress={() => navigate(toChannel(channelId, { pane: { kind: 'person', userId: otherId } }))}
        >
          <Info size={18} aria-hidden />
        </IconButton>
      ) : (
        <>
          <Button
            tone="quiet"
            size="small"
            icon={<Users size={16} aria-hidden />}
            aria-label={t('channel.membersCount', { count: memberCount })}
            onPress={() => toggle('members')}
          >
            {dates.number(memberCount)}
          </Button>
          <IconButton label={t('channel.details')} onPress={() => toggle('details')}>
            <Info size={18} aria-hidden />
          </IconButton>
        </>
      )}
    </header>
  );
}

function Face({ id }: { id: Parameters<typeof usePresenceOf>[0] }) {
  const users = useUsers();
  const user = users.get(id) ?? strangerOf(id);
  const presence = usePresenceOf(id);
  return <Avatar user={user} size={24} presence={user.kind === 'bot' ? undefined : presence} />;
}
