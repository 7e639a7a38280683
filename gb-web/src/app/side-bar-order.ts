import type { ChannelView, Client } from 'gb-client';
import type { Bot, UserId } from 'gb-protocol';
import { titleOf } from './client-context.tsx';

/** The side bar's three lists, each in the order it is drawn; the keyboard walks through them in the same order. */
export interface SideBarLists {
  readonly channels: readonly ChannelView[];
  readonly directs: readonly ChannelView[];
  /** `isNamesake`: another has the same name, so the handle is to tell them apart. */
  readonly bots: readonly { readonly bot: Bot; readonly view: ChannelView | null; readonly isNamesake: boolean }[];
}

const names = new Intl.Collator();

export function arrangeSideBar(
  views: readonly ChannelView[],
  bots: readonly Bot[],
  title: (view: ChannelView) => string,
  myId: UserId,
): SideBarLists {
  const byName = (a: ChannelView, b: ChannelView): number => names.compare(title(a), title(b));
  const channels = views
    .filter(({ channel }) => (channel.kind === 'public' || channel.kind === 'private') && !channel.isArchived)
    .sort(byName);
  const botUsers = new Map(bots.map((bot) => [bot.userId, bot]));
  const withBot = new Map<string, ChannelView>();
  const directs: ChannelView[] = [];
  for (const view of views) {
    if (view.channel.kind !== 'direct' && view.channel.kind !== 'group') continue;
    const other = view.channel.kind === 'direct' ? view.memberIds?.find((id) => id !== myId) : undefined;
    const bot = other ? botUsers.get(other) : undefined;
    if (bot) withBot.set(bot.id, view);
    else directs.push(view);
  }
  directs.sort((a, b) => (b.lastMessageAt ?? b.channel.createdAt) - (a.lastMessageAt ?? a.channel.createdAt));
  return {
    channels,
    directs,
    bots: [...bots]
      .sort((a, b) => names.compare(a.name, b.name) || names.compare(a.handle, b.handle))
      .map((bot) => ({
        bot,
        view: withBot.get(bot.id) ?? null,
        isNamesake: bots.some((other) => other !== bot && foldedName(other) === foldedName(bot)),
      })),
  };
}

const foldedName = ({ name }: Bot): string => name.trim().toLocaleLowerCase();

export function sideBarOrder(client: Client): ChannelView[] {
  const users = client.users();
  const me = client.me();
  const lists = arrangeSideBar(
    client.channels(),
    client.bots(),
    (view) => titleOf(view.channel, view.memberIds, users, me.id),
    me.id,
  );
  return [...lists.channels, ...lists.directs, ...lists.bots.flatMap(({ view }) => (view ? [view] : []))];
}
