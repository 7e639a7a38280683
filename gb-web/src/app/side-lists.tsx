import type { ChannelView } from 'gb-client';
import { useMemo } from 'react';
import { useT } from '../i18n/index.ts';
import { titleOf, useBots, useChannels, useMe, useUsers } from './client-context.tsx';
import { useRoute } from './router.ts';
import { arrangeSideBar } from './side-bar-order.ts';
import { BotRow, ChannelRow } from './side-row.tsx';

function useSideBar() {
  const views = useChannels();
  const bots = useBots();
  const users = useUsers();
  const me = useMe();
  const route = useRoute();
  return useMemo(() => {
    const title = (view: ChannelView): string => titleOf(view.channel, view.memberIds, users, me.id);
    return { ...arrangeSideBar(views, bots, title, me.id), title, here: route.screen === 'channel' ? route.channelId : null };
  }, [views, bots, users, me.id, route]);
}

export function ChannelRows() {
  const { channels, here } = useSideBar();
  return channels.map((view) => (
    <ChannelRow key={view.channel.id} view={view} title={view.channel.name} isHere={view.channel.id === here} />
  ));
}

export function DirectRows() {
  const t = useT();
  const { directs, title, here } = useSideBar();
  if (directs.length === 0) return <li className="side-hint soft">{t('side.directsEmpty')}</li>;
  return directs.map((view) => (
    <ChannelRow key={view.channel.id} view={view} title={title(view)} isHere={view.channel.id === here} />
  ));
}

export function BotRows() {
  const t = useT();
  const { bots, here } = useSideBar();
  if (bots.length === 0) return <li className="side-hint soft">{t('side.botsEmpty')}</li>;
  return bots.map(({ bot, view, isNamesake }) => (
    <BotRow key={bot.id} bot={bot} view={view} isNamesake={isNamesake} isHere={view !== null && view.channel.id === here} />
  ));
}
