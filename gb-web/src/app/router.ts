import type { BotId, ChannelId, Seq, UserId } from 'gb-protocol';
import { useSyncExternalStore } from 'react';

/** What stands to the right of a channel, when something does. */
export type SidePane =
  | { readonly kind: 'thread'; readonly seq: Seq }
  | { readonly kind: 'members' }
  | { readonly kind: 'details' }
  | { readonly kind: 'person'; readonly userId: UserId };

export type SettingsSection =
  | 'profile'
  | 'appearance'
  | 'sessions'
  | 'people'
  | 'invitations'
  | 'usage'
  | 'webhooks'
  | 'exports'
  | 'jobs';

/** What is known of a bot besides its code. */
export type StudioTab = 'conversations' | 'schedules' | 'tables' | 'tools' | 'keys' | 'settings';

const studioTabs: readonly StudioTab[] = ['conversations', 'schedules', 'tables', 'tools', 'keys', 'settings'];

/** Every place in the application has an address; this is the list of them. */
export type Route =
  | { readonly screen: 'home' }
  | { readonly screen: 'channel'; readonly channelId: ChannelId; readonly seq: Seq | null; readonly pane: SidePane | null }
  | { readonly screen: 'new-channel' }
  | { readonly screen: 'new-message' }
  | { readonly screen: 'browse' }
  | { readonly screen: 'invite' }
  | { readonly screen: 'settings'; readonly section: SettingsSection }
  | {
      readonly screen: 'studio';
      readonly botId: BotId | 'new' | null;
      /** Absent: the code. */
      readonly tab?: StudioTab;
      /** A conversation, a table or a tool, by its name. */
      readonly item?: string;
      /** Of a conversation. */
      readonly turn?: number;
    }
  | { readonly screen: 'join'; readonly code: string }
  | { readonly screen: 'unknown'; readonly path: string };

const sections: readonly SettingsSection[] = [
  'profile',
  'appearance',
  'sessions',
  'people',
  'invitations',
  'usage',
  'webhooks',
  'exports',
  'jobs',
];

export function parseRoute(path: string): Route {
  const parts = path.split(/[?#]/, 1)[0]!.split('/').filter(Boolean).map(decode);
  const [first, second, ...rest] = parts;
  if (first === undefined) return { screen: 'home' };
  if (first === 'c' && second) return channelRoute(second, rest) ?? { screen: 'unknown', path };
  if (first === 'new' && second === 'channel') return { screen: 'new-channel' };
  if (first === 'new' && second === 'message') return { screen: 'new-message' };
  if (first === 'browse' && !second) return { screen: 'browse' };
  if (first === 'invite' && !second) return { screen: 'invite' };
  if (first === 'settings') {
    const section = (second ?? 'profile') as SettingsSection;
    return sections.includes(section) ? { screen: 'settings', section } : { screen: 'unknown', path };
  }
  if (first === 'studio') return studioRoute(second, rest) ?? { screen: 'unknown', path };
  if (first === 'join' && second) return { screen: 'join', code: second };
  return { screen: 'unknown', path };
}

function channelRoute(id: string, rest: readonly string[]): Route | null {
  const channelId = id as ChannelId;
  const parts = [...rest];
  const seq = parts[0] === undefined ? null : seqOf(parts[0]);
  if (seq !== null) parts.shift();
  const [kind, argument] = parts;
  if (kind === undefined) return { screen: 'channel', channelId, seq, pane: null };
  if (kind === 'members') return { screen: 'channel', channelId, seq, pane: { kind: 'members' } };
  if (kind === 'details') return { screen: 'channel', channelId, seq, pane: { kind: 'details' } };
  if (kind === 'person' && argument)
    return { screen: 'channel', channelId, seq, pane: { kind: 'person', userId: argument as UserId } };
  const thread = kind === 'thread' && argument ? seqOf(argument) : null;
  return thread === null ? null : { screen: 'channel', channelId, seq, pane: { kind: 'thread', seq: thread } };
}

function studioRoute(bot: string | undefined, [tab, item, turn]: readonly string[]): Route | null {
  const place = { screen: 'studio', botId: (bot as BotId | undefined) ?? null } as const;
  if (tab === undefined) return place;
  if (!studioTabs.includes(tab as StudioTab)) return null;
  return {
    ...place,
    tab: tab as StudioTab,
    ...(item === undefined ? {} : { item }),
    ...(turn !== undefined && /^\d{1,9}$/.test(turn) ? { turn: Number(turn) } : {}),
  };
}

export function formatRoute(route: Route): string {
  switch (route.screen) {
    case 'home':
      return '/';
    case 'channel': {
      const seq = route.seq === null ? '' : `/${route.seq}`;
      return `/c/${encodeURIComponent(route.channelId)}${seq}${route.pane ? formatPane(route.pane) : ''}`;
    }
    case 'new-channel':
      return '/new/channel';
    case 'new-message':
      return '/new/message';
    case 'settings':
      return `/settings/${route.section}`;
    case 'studio':
      return `/studio${[route.botId, route.tab, route.item, route.turn]
        .flatMap((part) => (part === undefined || part === null ? [] : `/${encodeURIComponent(part)}`))
        .join('')}`;
    case 'join':
      return `/join/${encodeURIComponent(route.code)}`;
    case 'unknown':
      return route.path;
    default:
      return `/${route.screen}`;
  }
}

function formatPane(pane: SidePane): string {
  if (pane.kind === 'thread') return `/thread/${pane.seq}`;
  if (pane.kind === 'person') return `/person/${encodeURIComponent(pane.userId)}`;
  return `/${pane.kind}`;
}

export function toChannel(channelId: ChannelId, options: { seq?: Seq | null; pane?: SidePane | null } = {}): Route {
  return { screen: 'channel', channelId, seq: options.seq ?? null, pane: options.pane ?? null };
}

function seqOf(text: string): Seq | null {
  if (!/^[1-9]\d{0,14}$/.test(text)) return null;
  return Number(text);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // A broken escape is an address nobody made; it is shown as it came and matches nothing.
    return part;
  }
}

type Listener = () => void;
const listeners = new Set<Listener>();
let current: Route | null = null;

function changed(): void {
  current = null;
  for (const listener of listeners) listener();
}

export function currentRoute(): Route {
  current ??= parseRoute(window.location.pathname);
  return current;
}

/** `replace` keeps the back button honest: opening a pane adds a step, correcting an address does not. */
export function navigate(to: Route, options: { replace?: boolean } = {}): void {
  const path = formatRoute(to);
  if (path === window.location.pathname) {
    // The same address again is a wish to go there again: a link to a message scrolls to it once more.
    changed();
    return;
  }
  window.history[options.replace ? 'replaceState' : 'pushState']({ inApp: true }, '', path);
  changed();
}

/** One step back when the step was ours, else to `fallback`: a shared link has nothing of ours behind it. */
export function goBack(fallback: Route): void {
  const state: unknown = window.history.state;
  if (typeof state === 'object' && state !== null && 'inApp' in state) window.history.back();
  else navigate(fallback, { replace: true });
}

function subscribe(listener: Listener): () => void {
  if (listeners.size === 0) window.addEventListener('popstate', changed);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) window.removeEventListener('popstate', changed);
  };
}

export function useRoute(): Route {
  return useSyncExternalStore(subscribe, currentRoute);
}
