import type { ChannelView, Client } from 'gb-client';
import { Bot, Compass, Hash, Keyboard, Lock, Moon, Plus, Settings, SquarePen, UserPlus, UsersRound } from 'lucide-react';
import type { ReactNode } from 'react';
import { strangerOf, titleOf } from '../app/client-context.tsx';
import { preferences, setPreferences } from '../app/preferences.ts';
import { navigate, toChannel } from '../app/router.ts';
import { Avatar } from '../design/avatar.tsx';
import type { Translate } from '../i18n/index.ts';
import { fuzzyFilter } from '../lib/fuzzy.ts';
import { isFullMember } from '../lib/roles.ts';
import { withoutReordering } from '../lib/safe-text.ts';
import type { Overlay } from './command-context.ts';

/** One thing the switcher can lead to. */
export interface Entry {
  readonly id: string;
  readonly group: 'recent' | 'channels' | 'people' | 'bots' | 'actions';
  readonly label: string;
  readonly detail: string;
  readonly icon: ReactNode;
  readonly unread: number;
  readonly run: () => void | Promise<void>;
}

export interface EntryContext {
  readonly client: Client;
  readonly t: Translate;
  readonly open: (overlay: Overlay) => void;
}

/** Everything, in the order it is offered before a letter is typed: where one was last, what is unread, the rest. */
export function allEntries(context: EntryContext): Entry[] {
  const { client } = context;
  const me = client.me();
  const users = client.users();
  const recent = preferences().recentChannels;
  const views = client.channels().filter(({ channel }) => !channel.isArchived);
  const place = (view: ChannelView): number => {
    const at = recent.indexOf(view.channel.id);
    if (at === 0) return 1_000;
    return view.mentions > 0 ? -2 : view.unread > 0 ? -1 : at > 0 ? at : 500;
  };
  const taken = new Set<string>();
  const channels = [...views]
    .sort((a, b) => place(a) - place(b))
    .map((view): Entry => {
      const other = view.channel.kind === 'direct' ? (view.memberIds?.find((id) => id !== me.id) ?? me.id) : null;
      if (other) taken.add(other);
      const title = withoutReordering(titleOf(view.channel, view.memberIds, users, me.id));
      return {
        id: view.channel.id,
        group: place(view) < 500 ? 'recent' : other ? 'people' : 'channels',
        label: title,
        detail: other ? `@${users.get(other)?.handle ?? ''}` : withoutReordering(view.channel.topic),
        icon: other ? <Avatar user={users.get(other) ?? strangerOf(other)} size={20} /> : iconOf(view),
        unread: view.unread,
        run: () => navigate(toChannel(view.channel.id)),
      };
    });
  const people = [...users.values()]
    .filter((user) => user.isActive && user.id !== me.id && !taken.has(user.id))
    .sort((a, b) => a.name.localeCompare(b.name))
    .map(
      (user): Entry => ({
        id: user.id,
        group: user.kind === 'bot' ? 'bots' : 'people',
        label: withoutReordering(user.name),
        detail: `@${user.handle}`,
        icon: <Avatar user={user} size={20} />,
        unread: 0,
        run: async () => {
          const { state } = await client.rest.openDirect({ userIds: [user.id] });
          client.addChannel(state);
          navigate(toChannel(state.channel.id));
        },
      }),
    );
  return [...channels, ...people, ...actions(context)];
}

function iconOf(view: ChannelView): ReactNode {
  if (view.channel.kind === 'group') return <UsersRound size={18} aria-hidden />;
  if (view.channel.kind === 'private') return <Lock size={18} aria-hidden />;
  return <Hash size={18} aria-hidden />;
}

function actions({ client, t, open }: EntryContext): Entry[] {
  const me = client.me();
  const action = (id: string, label: string, icon: ReactNode, run: Entry['run']): Entry => ({
    id: `action:${id}`,
    group: 'actions',
    label,
    detail: '',
    icon,
    unread: 0,
    run,
  });
  return [
    action('message', t('side.newMessage'), <SquarePen size={18} aria-hidden />, () => navigate({ screen: 'new-message' })),
    ...(isFullMember(me)
      ? [
          action('channel', t('side.newChannel'), <Plus size={18} aria-hidden />, () => navigate({ screen: 'new-channel' })),
          action('bot', t('side.newBot'), <Bot size={18} aria-hidden />, () => navigate({ screen: 'studio', botId: 'new' })),
        ]
      : []),
    action('browse', t('browse.title'), <Compass size={18} aria-hidden />, () => navigate({ screen: 'browse' })),
    ...(isFullMember(me)
      ? [action('invite', t('rail.invite'), <UserPlus size={18} aria-hidden />, () => navigate({ screen: 'invite' }))]
      : []),
    action('settings', t('rail.settings'), <Settings size={18} aria-hidden />, () =>
      navigate({ screen: 'settings', section: 'profile' }),
    ),
    action('theme', t('switcher.theme'), <Moon size={18} aria-hidden />, () => {
      const isDark =
        getComputedStyle(document.documentElement).colorScheme === 'dark' ||
        (preferences().theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
      setPreferences({ theme: isDark ? 'light' : 'dark' });
    }),
    action('shortcuts', t('shortcuts.title'), <Keyboard size={18} aria-hidden />, () => open('shortcuts')),
  ];
}

const shownMax = 12;

export function findEntries(query: string, entries: readonly Entry[]): Entry[] {
  const wanted = query.trim().replace(/^[#@]/, '');
  if (wanted === '')
    return [
      ...entries.filter(({ group }) => group !== 'actions').slice(0, 7),
      ...entries.filter(({ group }) => group === 'actions'),
    ].slice(0, shownMax);
  return fuzzyFilter(
    wanted,
    entries,
    ({ label, detail, group }) => (group === 'people' || group === 'bots' ? [label, detail.slice(1)] : label),
    shownMax,
  );
}
