import type { ChannelView } from 'gb-client';
import type { Bot, ChannelId } from 'gb-protocol';
import { BellOff, Hash, Lock, UsersRound } from 'lucide-react';
import { memo, type ReactNode } from 'react';
import { Avatar } from '../design/avatar.tsx';
import { useT } from '../i18n/index.ts';
import { withoutReordering } from '../lib/safe-text.ts';
import { strangerOf, useClient, useMe, usePresenceOf, useUsers } from './client-context.tsx';
import { formatRoute, navigate, toChannel } from './router.ts';
import { useTask } from './use-task.ts';

/** One line of the side bar; redrawn when its own counters change. */
export const ChannelRow = memo(function ChannelRow({
  view,
  title,
  isHere,
}: {
  view: ChannelView;
  title: string;
  isHere: boolean;
}) {
  const client = useClient();
  const me = useMe();
  const users = useUsers();
  const { channel } = view;
  const otherId = channel.kind === 'direct' ? (view.memberIds?.find((id) => id !== me.id) ?? me.id) : null;
  const icon =
    otherId !== null ? (
      <PersonIcon user={users.get(otherId) ?? strangerOf(otherId)} />
    ) : channel.kind === 'group' ? (
      <UsersRound size={16} aria-hidden />
    ) : channel.kind === 'private' ? (
      <Lock size={16} aria-hidden />
    ) : (
      <Hash size={16} aria-hidden />
    );
  return (
    <Row id={channel.id} icon={icon} title={title} view={view} isHere={isHere} onNear={() => void client.open(channel.id)} />
  );
});

function PersonIcon({ user }: { user: Parameters<typeof Avatar>[0]['user'] }) {
  return <Avatar user={user} size={20} presence={usePresenceOf(user.id)} />;
}

function Row({
  id,
  icon,
  title,
  detail = null,
  view,
  isHere,
  onNear,
}: {
  id: ChannelId;
  icon: ReactNode;
  title: string;
  detail?: string | null;
  view: ChannelView;
  isHere: boolean;
  /** The pointer is on its way: a good moment to load. */
  onNear: () => void;
}) {
  const t = useT();
  const isMuted = view.membership.notifications === 'none';
  const isPersonal = view.channel.kind === 'direct' || view.channel.kind === 'group';
  const mentions = isPersonal && !isMuted ? view.unread : view.mentions;
  const isUnread = view.unread > 0 && !isMuted;
  return (
    <li>
      <a
        href={formatRoute(toChannel(id))}
        className={`side-row${isHere ? ' is-here' : ''}${isUnread ? ' is-unread' : ''}${isMuted ? ' is-muted' : ''}`}
        aria-current={isHere ? 'page' : undefined}
        onPointerEnter={onNear}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          navigate(toChannel(id));
        }}
      >
        <span className="side-icon">{icon}</span>
        <span className="side-title truncate">
          {withoutReordering(title)}
          {detail ? <span className="side-detail"> {detail}</span> : null}
        </span>
        {isMuted ? <BellOff size={14} aria-label={t('side.muted')} /> : null}
        {mentions > 0 ? (
          <span className="badge">
            <span aria-hidden>{mentions > 99 ? '99+' : mentions}</span>
            <span className="visually-hidden">{t(isPersonal ? 'side.unread' : 'side.mentions', { count: mentions })}</span>
          </span>
        ) : isUnread ? (
          <span className="count">
            <span aria-hidden>{view.unread > 999 ? '999+' : view.unread}</span>
            <span className="visually-hidden">{t('side.unread', { count: view.unread })}</span>
          </span>
        ) : null}
      </a>
    </li>
  );
}

export const BotRow = memo(function BotRow({
  bot,
  view,
  isNamesake,
  isHere,
}: {
  bot: Bot;
  view: ChannelView | null;
  isNamesake: boolean;
  isHere: boolean;
}) {
  const client = useClient();
  const t = useT();
  const opening = useTask(async () => {
    const { state } = await client.rest.openDirect({ userIds: [bot.userId] });
    client.addChannel(state);
    navigate(toChannel(state.channel.id));
  });
  const icon = <Avatar user={{ id: bot.userId, name: bot.name, kind: 'bot' }} size={20} />;
  if (view)
    return (
      <Row
        id={view.channel.id}
        icon={icon}
        title={bot.name}
        detail={isNamesake ? `@${bot.handle}` : null}
        view={view}
        isHere={isHere}
        onNear={() => void client.open(view.channel.id)}
      />
    );
  return (
    <li>
      <button type="button" className="side-row" onClick={() => void opening.run()} title={t('side.talkTo', { name: bot.name })}>
        <span className="side-icon">{icon}</span>
        <span className="side-title truncate">
          {withoutReordering(bot.name)}
          {isNamesake ? <span className="side-detail"> @{bot.handle}</span> : null}
        </span>
      </button>
    </li>
  );
});
