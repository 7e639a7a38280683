import type {
  Attachment,
  Bot,
  ChannelId,
  ChannelState,
  ClientId,
  Instance,
  Me,
  NotificationLevel,
  Posted,
  PresenceStatus,
  Seq,
  User,
  UserId,
} from 'gb-protocol';
import type { Rest } from './rest.ts';
import type { StoreKey } from './store.ts';
import type {
  ChannelView,
  ClientEvents,
  GrowingText,
  MessageWindow,
  OutboxState,
  OutgoingMessage,
  SendOptions,
  Status,
  UnreadTotals,
} from './types.ts';
import type { UploadOptions, UploadSource } from './upload.ts';

/**
 * The protocol's client side: follows everything one person can see and acts for them.
 *
 * Reading: each getter gives an immutable value that stays the same object until it changes, and `subscribe(key, ...)`
 * tells when it did, so the pair fits React's `useSyncExternalStore` as it is:
 * `useSyncExternalStore((l) => client.subscribe(keys.channel(id), l), () => client.channel(id))`.
 *
 * Acting: what a person does is shown at once and put right if the server refuses (`on('refused')`).
 */
export interface Client {
  readonly rest: Rest;

  /**
   * Loads the snapshot and connects. Waits out a server that is away; rejects with an `ApiError` when waiting would not
   * help (`unauthenticated`) or the client was closed.
   */
  start(): Promise<void>;
  /** Resolves when the client is live; rejects when it has stopped or was closed. */
  live(): Promise<void>;
  /** Ends the connection; what waits in the outbox stays there. Twice does no harm. */
  close(): Promise<void>;

  subscribe(key: StoreKey, listener: () => void): () => void;
  on<K extends keyof ClientEvents>(kind: K, listener: (value: ClientEvents[K]) => void): () => void;

  // State. `me`, `instance` and `organizationName` need a started client and throw before.
  status(): Status;
  isReady(): boolean;
  me(): Me;
  instance(): Instance;
  organizationName(): string;
  users(): ReadonlyMap<UserId, User>;
  bots(): readonly Bot[];
  presence(): ReadonlyMap<UserId, PresenceStatus>;
  /** The server's time now, as well as we know it. */
  serverNowMs(): number;
  /** Key `channels`: changes when a channel comes, goes or is renamed. */
  channelIds(): readonly ChannelId[];
  /** Key `channel:*`: changes with any row. */
  channels(): readonly ChannelView[];
  channel(id: ChannelId): ChannelView | undefined;
  unread(): UnreadTotals;
  typing(id: ChannelId, threadSeq?: Seq | null): readonly UserId[];
  /** Answers that bots are still finding the words for, one a bot. Each goes when its message comes. */
  streaming(id: ChannelId, threadSeq?: Seq | null): readonly GrowingText[];
  draft(id: ChannelId, threadSeq?: Seq | null): string;
  outbox(): OutboxState;
  /** Everything of mine on its way out, all channels, oldest first. Key `outbox`. */
  outgoing(): readonly OutgoingMessage[];

  // Message windows
  messages(id: ChannelId, threadSeq?: Seq | null): MessageWindow;
  /** Loads the newest page unless the window is there already. Failures are in the window, not thrown. */
  open(id: ChannelId, threadSeq?: Seq | null): Promise<void>;
  loadOlder(id: ChannelId, threadSeq?: Seq | null): Promise<void>;
  loadNewer(id: ChannelId, threadSeq?: Seq | null): Promise<void>;
  /** Makes the window one around `seq`, unless it holds `seq` already. */
  jumpTo(id: ChannelId, seq: Seq, threadSeq?: Seq | null): Promise<void>;
  /** Back to the live end. */
  jumpToLatest(id: ChannelId, threadSeq?: Seq | null): Promise<void>;
  /** What the person looks at, or null for the newest: a full window is trimmed at the end farther from it. */
  setAnchor(id: ChannelId, seq: Seq | null, threadSeq?: Seq | null): void;

  // Acting
  /**
   * Puts a message into the outbox: shown at once, sent in order, exactly once, also over a reload. Throws an
   * `ApiError` (`malformed`, `too_large`, `outbox_full`) when it cannot be taken.
   */
  send(id: ChannelId, text: string, options?: SendOptions): OutgoingMessage;
  /** `send`, and the place it got in the log. Rejects when refused for good; never just because the network is away. */
  sendAndWait(id: ChannelId, text: string, options?: SendOptions): Promise<Posted>;
  /** Sends a file ahead of the message that will carry it. Never repeated by itself; rejects with an `ApiError`. */
  upload(source: UploadSource, options?: UploadOptions): Promise<Attachment>;
  retry(clientId: ClientId): void;
  discard(clientId: ClientId): void;
  /** These three resolve to false, after the screen was put right and `refused` told, when the server says no. */
  edit(id: ChannelId, seq: Seq, text: string): Promise<boolean>;
  delete(id: ChannelId, seq: Seq): Promise<boolean>;
  react(id: ChannelId, seq: Seq, emoji: string, isOn: boolean): Promise<boolean>;
  /** Read up to and including `seq`; never moves back. Sent at most about once a second per channel. */
  markRead(id: ChannelId, seq: Seq): void;
  /** Makes `seq` the first unread message. */
  markUnread(id: ChannelId, seq: Seq): Promise<boolean>;
  setNotifications(id: ChannelId, level: NotificationLevel): Promise<boolean>;
  /** Kept at once, saved on the server a moment after the last change. */
  setDraft(id: ChannelId, text: string, threadSeq?: Seq | null): void;
  /** I am typing: call at every key, the client tells at most every 3 s. */
  sendTyping(id: ChannelId, threadSeq?: Seq | null): void;
  setPresence(status: 'online' | 'away'): void;
  /** Takes a channel in that a REST call just opened, without waiting for the log to tell. */
  addChannel(state: ChannelState): void;

  // What only the surroundings know
  /** The machine's network came or went. */
  setNetwork(isOnline: boolean): void;
  /** The machine may have slept: find out now whether the connection is still there. */
  probe(): void;
  /** Saves drafts and read marks now, in a way that outlives the page. */
  flush(): void;
}
