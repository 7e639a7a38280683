import type { ChannelView } from 'gb-client';
import type { Bot, ChannelId } from 'gb-protocol';
import { BellOff, Compass, Hash, Lock, Plus, Search, SquarePen, UsersRound } from 'lucide-react';
import { memo, type ReactNode, useMemo } from 'react';
import { Avatar } from '../design/avatar.tsx';
import { IconButton } from '../design/button.tsx';
import { useT } from '../i18n/index.ts';
import { withoutReordering } from '../lib/safe-text.ts';
import { useOverlay } from '../switcher/command-context.ts';
import {
  strangerOf,
  titleOf,
  useBots,
  useChannels,
  useClient,
  useMe,
  useOrganizationName,
  usePresenceOf,
  useUsers,
} from './client-context.tsx';
import { MyMenu } from './rail.tsx';
import { formatRoute, navigate, toChannel, useRoute } from './router.ts';
import { arrangeSideBar } from './side-bar-order.ts';
import { useTask } from './use-task.ts';

export function SideBar() {
  const t = useT();
  const views = useChannels();
  const bots = useBots();
  const users = useUsers();
  const me = useMe();
  const organization = useOrganizationName();
  const route = useRoute();
  const here = route.screen === 'channel' ? route.channelId : null;
  const lists = useMemo(
    () => arrangeSideBar(views, bots, (view) => titleOf(view.channel, view.memberIds, users, me.id), me.id),
    [views, bots, users, me.id],
  );
  const openOverlay = useOverlay();
  const canWriteBots = me.role !== 'guest';

  return (
    <nav className="side-bar" aria-label={t('side.label')}>
      <header className="side-header">
        <h1 className="truncate">{withoutReordering(organization)}</h1>
        <span className="side-me">
          <IconButton label={t('rail.search')} onPress={() => openOverlay('switcher')}>
            <Search size={18} aria-hidden />
          </IconButton>
        </span>
        <IconButton label={t('side.newMessage')} onPress={() => navigate({ screen: 'new-message' })}>
          <SquarePen size={18} aria-hidden />
        </IconButton>
        <span className="side-me">
          <MyMenu />
        </span>
      </header>
      <div className="side-lists">
        <Section
          title={t('side.channels')}
          actions={
            <>
              <IconButton size="small" label={t('browse.title')} onPress={() => navigate({ screen: 'browse' })}>
                <Compass size={16} aria-hidden />
              </IconButton>
              {me.role === 'guest' ? null : (
                <IconButton size="small" label={t('side.newChannel')} onPress={() => navigate({ screen: 'new-channel' })}>
                  <Plus size={16} aria-hidden />
                </IconButton>
              )}
            </>
          }
        >
          {lists.channels.map((view) => (
            <ChannelRow key={view.channel.id} view={view} title={view.channel.name} isHere={view.channel.id === here} />
          ))}
        </Section>
        <Section
          title={t('side.directs')}
          actions={
            <IconButton size="small" label={t('side.newMessage')} onPress={() => navigate({ screen: 'new-message' })}>
              <Plus size={16} aria-hidden />
            </IconButton>
          }
        >
          {lists.directs.map((view) => (
            <ChannelRow
              key={view.channel.id}
              view={view}
              title={titleOf(view.channel, view.memberIds, users, me.id)}
              isHere={view.channel.id === here}
            />
          ))}
          {lists.directs.length === 0 ? <li className="side-hint soft">{t('side.directsEmpty')}</li> : null}
        </Section>
        <Section
          title={t('side.bots')}
          actions={
            canWriteBots ? (
              <IconButton size="small" label={t('side.newBot')} onPress={() => navigate({ screen: 'studio', botId: 'new' })}>
                <Plus size={16} aria-hidden />
              </IconButton>
            ) : null
          }
        >
          {lists.bots.map(({ bot, view }) => (
            <BotRow key={bot.id} bot={bot} view={view} isHere={view !== null && view.channel.id === here} />
          ))}
          {lists.bots.length === 0 ? <li className="side-hint soft">{t('side.botsEmpty')}</li> : null}
        </Section>
      </div>
    </nav>
  );
}

function Section({ title, actions, children }: { title: string; actions: ReactNode; children: ReactNode }) {
  return (
    <section className="side-section">
      <header className="side-section-header">
        <h2>{title}</h2>
        {actions}
      </header>
      <ul>{children}</ul>
    </section>
  );
}

const ChannelRow = memo(function ChannelRow({ view, title, isHere }: { view: ChannelView; title: string; isHere: boolean }) {
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
  view,
  isHere,
  onNear,
}: {
  id: ChannelId;
  icon: ReactNode;
  title: string;
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
        <span className="side-title truncate">{withoutReordering(title)}</span>
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

function BotRow({ bot, view, isHere }: { bot: Bot; view: ChannelView | null; isHere: boolean }) {
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
        view={view}
        isHere={isHere}
        onNear={() => void client.open(view.channel.id)}
      />
    );
  return (
    <li>
      <button type="button" className="side-row" onClick={() => void opening.run()} title={t('side.talkTo', { name: bot.name })}>
        <span className="side-icon">{icon}</span>
        <span className="side-title truncate">{withoutReordering(bot.name)}</span>
      </button>
    </li>
  );
}
