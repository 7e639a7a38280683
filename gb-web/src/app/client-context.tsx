import { type Client, keys, type StoreKey } from 'gb-client';
import type { Bot, Channel, ChannelId, Me, PresenceStatus, Seq, User, UserId } from 'gb-protocol';
import { createContext, use, useCallback, useSyncExternalStore } from 'react';

/** The client's state as hooks: each watches one key, so a component redraws for what it shows and nothing else. */
export const ClientContext = createContext<Client | null>(null);

export function useClient(): Client {
  const client = use(ClientContext);
  if (!client) throw new Error('A component that needs the client was drawn outside the workspace');
  return client;
}

/** Made once of each list: every face of a bot asks. */
const accounts = new WeakMap<readonly Bot[], ReadonlyMap<UserId, Bot>>();

function byAccount(bots: readonly Bot[]): ReadonlyMap<UserId, Bot> {
  let known = accounts.get(bots);
  if (!known) {
    known = new Map(bots.map((bot) => [bot.userId, bot]));
    accounts.set(bots, known);
  }
  return known;
}

function useWatched<T>(key: StoreKey, read: (client: Client) => T): T {
  const client = useClient();
  const subscribe = useCallback((listener: () => void) => client.subscribe(key, listener), [client, key]);
  return useSyncExternalStore(subscribe, () => read(client));
}

export const useStatus = () => useWatched('status', (client) => client.status());
export const useMe = (): Me => useWatched('me', (client) => client.me());
export const useUsers = () => useWatched('users', (client) => client.users());
export const useBots = (): readonly Bot[] => useWatched('bots', (client) => client.bots());
/** The bot that posts with this account. */
export const useBotOf = (id: UserId | undefined): Bot | undefined =>
  useWatched('bots', (client) => (id === undefined ? undefined : byAccount(client.bots()).get(id)));
export const usePresence = () => useWatched('presence', (client) => client.presence());
export const useChannels = () => useWatched('channel:*', (client) => client.channels());
export const useChannelIds = () => useWatched('channels', (client) => client.channelIds());
export const useUnread = () => useWatched('unread', (client) => client.unread());
export const useOutbox = () => useWatched('outbox', (client) => client.outbox());
export const useOrganizationName = (): string => useWatched('instance', (client) => client.organizationName());
export const useChannel = (id: ChannelId) => useWatched(keys.channel(id), (client) => client.channel(id));
/** Name, topic and kind: the same object until one of them changes, however many messages come. */
export const useChannelEntity = (id: ChannelId) => useWatched(keys.channel(id), (client) => client.channel(id)?.channel);
export const useMemberIds = (id: ChannelId) => useWatched(keys.channel(id), (client) => client.channel(id)?.memberIds);
export const useMemberCount = (id: ChannelId) => useWatched(keys.channel(id), (client) => client.channel(id)?.memberCount ?? 0);
export const useNotificationLevel = (id: ChannelId) =>
  useWatched(keys.channel(id), (client) => client.channel(id)?.membership.notifications);
export const useMessages = (id: ChannelId, threadSeq: Seq | null) =>
  useWatched(keys.messages(id, threadSeq), (client) => client.messages(id, threadSeq));
export const useTyping = (id: ChannelId, threadSeq: Seq | null) =>
  useWatched(keys.typing(id, threadSeq), (client) => client.typing(id, threadSeq));
export const useStreaming = (id: ChannelId, threadSeq: Seq | null) =>
  useWatched(keys.streaming(id, threadSeq), (client) => client.streaming(id, threadSeq));
export const useDraft = (id: ChannelId, threadSeq: Seq | null) =>
  useWatched(keys.draft(id, threadSeq), (client) => client.draft(id, threadSeq));

export function useUser(id: UserId): User {
  const known = useWatched('users', (client) => client.users().get(id));
  return known ?? strangerOf(id);
}

export function usePresenceOf(id: UserId): PresenceStatus {
  return useWatched('presence', (client) => client.presence().get(id) ?? 'offline');
}

/** Somebody the directory does not know yet: the message may arrive before the person. */
const strangers = new Map<UserId, User>();

export function strangerOf(id: UserId): User {
  let stranger = strangers.get(id);
  if (!stranger) {
    stranger = { id, kind: 'person', name: '…', handle: '', role: 'guest', isActive: true };
    strangers.set(id, stranger);
  }
  return stranger;
}

/** What a channel is called: its name, or for direct and group channels the names of the others in it. */
export function titleOf(
  channel: Channel,
  memberIds: readonly UserId[] | undefined,
  users: ReadonlyMap<UserId, User>,
  myId: UserId,
): string {
  if (channel.kind !== 'direct' && channel.kind !== 'group') return channel.name;
  const others = (memberIds ?? []).filter((id) => id !== myId);
  if (others.length === 0) return users.get(myId)?.name ?? channel.name;
  return others.map((id) => users.get(id)?.name ?? '…').join(', ');
}
