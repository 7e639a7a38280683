import type { Channel, ChannelId, ChannelState, LogEvent, Membership, Message, Seq, UserId } from 'gb-protocol';
import { keys, type Store } from './store.ts';
import type { ChannelView, UnreadTotals } from './types.ts';

/**
 * The rows of the side bar: snapshot plus log entries. Unread is the server's arithmetic (count - readCount). Mentions
 * are the server's number too, as long as it speaks of entries from before we followed the log; from there on the
 * entries themselves say it, exactly.
 */
interface Row {
  view: ChannelView;
  /** Entries up to here are in the view; its head may be further, when a busy channel is not read entry by entry. */
  appliedTo: Seq;
  /** Entries after this one were seen by us. */
  followedFrom: Seq;
  /** Mentions of me among them, after the read mark. */
  mentionSeqs: Seq[];
  /** Mentions after the read mark but not after `followedFrom`, as the server counted. */
  olderMentions: number;
}

const mentionSeqsMax = 1_000;

export class Channels {
  readonly #store: Store;
  readonly #me: () => UserId;
  readonly #rows = new Map<ChannelId, Row>();
  #ids: readonly ChannelId[] | null = null;
  #views: readonly ChannelView[] | null = null;
  #totals: UnreadTotals | null = null;

  constructor(store: Store, me: () => UserId) {
    this.#store = store;
    this.#me = me;
  }

  get(id: ChannelId): ChannelView | undefined {
    return this.#rows.get(id)?.view;
  }

  ids(): readonly ChannelId[] {
    this.#ids ??= [...this.#rows.keys()];
    return this.#ids;
  }

  views(): readonly ChannelView[] {
    this.#views ??= [...this.#rows.values()].map((row) => row.view);
    return this.#views;
  }

  totals(): UnreadTotals {
    if (this.#totals) return this.#totals;
    let channels = 0;
    let messages = 0;
    let mentions = 0;
    for (const { view } of this.#rows.values()) {
      if (view.unread > 0) channels += 1;
      messages += view.unread;
      mentions += view.mentions;
    }
    this.#totals = { channels, messages, mentions };
    return this.#totals;
  }

  /** The state of a channel at `state.head`, replacing what was known. */
  put(state: ChannelState): void {
    const { draft: _, ...rest } = state;
    const view: ChannelView = { ...rest, unread: unreadOf(rest) };
    this.#rows.set(state.channel.id, {
      view,
      appliedTo: state.head,
      followedFrom: state.head,
      mentionSeqs: [],
      olderMentions: state.mentions,
    });
    this.#changed(state.channel.id, true);
  }

  remove(id: ChannelId): boolean {
    if (!this.#rows.delete(id)) return false;
    this.#changed(id, true);
    return true;
  }

  clear(): void {
    const ids = [...this.#rows.keys()];
    this.#rows.clear();
    for (const id of ids) this.#changed(id, true);
  }

  /** An entry of the channel's own log. */
  apply(event: LogEvent): void {
    const row = this.#rows.get(event.channelId);
    if (!row || event.seq <= row.appliedTo) return;
    row.appliedTo = event.seq;
    const { view } = row;
    const head = { epoch: event.epoch, head: Math.max(view.head, event.seq) };
    switch (event.kind) {
      case 'message.posted': {
        this.#noteMention(row, event.seq, event.message);
        const isTopLevel = event.message.threadSeq === null;
        this.#set(row, {
          ...head,
          count: Math.max(view.count, event.count),
          ...(isTopLevel ? { lastMessageAt: Math.max(view.lastMessageAt ?? 0, event.at) } : {}),
        });
        return;
      }
      case 'message.edited':
        if (event.target > row.followedFrom && event.actorId !== this.#me()) {
          this.#setMention(row, event.target, event.mentionsChannel || event.mentions.includes(this.#me()));
        }
        this.#set(row, head);
        return;
      case 'message.deleted':
        if (event.target > row.followedFrom) this.#setMention(row, event.target, false);
        this.#set(row, head);
        return;
      case 'member.joined':
      case 'member.left':
        this.#set(row, { ...head, ...members(view, event.userId, event.kind === 'member.joined') });
        return;
      case 'channel.updated':
        this.#set(row, { ...head, channel: event.channel }, true);
        return;
      default:
        this.#set(row, head);
    }
  }

  /** An entry told apart from the log, which may stand in the log again later: what it says is said once. */
  applyAside(event: LogEvent): void {
    const row = this.#rows.get(event.channelId);
    if (!row || event.seq <= row.appliedTo) return;
    const { view } = row;
    switch (event.kind) {
      case 'message.posted':
        this.#noteMention(row, event.seq, event.message);
        if (event.message.threadSeq === null) this.#set(row, { lastMessageAt: Math.max(view.lastMessageAt ?? 0, event.at) });
        else this.#set(row, {});
        return;
      case 'message.edited':
        if (event.target > row.followedFrom && event.actorId !== this.#me())
          this.#setMention(row, event.target, event.mentionsChannel || event.mentions.includes(this.#me()));
        this.#set(row, {});
        return;
      case 'message.deleted':
        if (event.target > row.followedFrom) this.#setMention(row, event.target, false);
        this.#set(row, {});
        return;
      case 'channel.updated':
        this.#set(row, { channel: event.channel }, true);
        return;
      default:
        return;
    }
  }

  /** Whether the channel has come further than what was read of it. */
  isBehind(id: ChannelId): boolean {
    const row = this.#rows.get(id);
    return row !== undefined && row.appliedTo < row.view.head;
  }

  /** How far a channel has come that is not read entry by entry. */
  noteHead(id: ChannelId, epoch: number, head: Seq, count: number | undefined): void {
    const row = this.#rows.get(id);
    if (!row || epoch !== row.view.epoch || head <= row.view.head) return;
    this.#set(row, { head, count: Math.max(row.view.count, count ?? 0) });
  }

  updateChannel(channel: Channel): void {
    const row = this.#rows.get(channel.id);
    if (row) this.#set(row, { channel }, true);
  }

  /** What the server says of my place in a channel. */
  setMembership(membership: Membership, mentions: number): void {
    const row = this.#rows.get(membership.channelId);
    if (!row) return;
    row.mentionSeqs = row.mentionSeqs.filter((seq) => seq > membership.readSeq);
    // With everything from before our time read, the entries know better than a number made a moment ago.
    row.olderMentions = membership.readSeq >= row.followedFrom ? 0 : Math.max(0, mentions - row.mentionSeqs.length);
    this.#set(row, { membership });
  }

  /** Moves my read mark as the server is about to. `readCount` null: not known here, the server will tell. */
  markRead(id: ChannelId, readSeq: Seq, readCount: number | null): void {
    const row = this.#rows.get(id);
    if (!row || readSeq <= row.view.membership.readSeq) return;
    const membership = { ...row.view.membership, readSeq, readCount: readCount ?? row.view.membership.readCount };
    this.setMembership(membership, row.view.mentions);
  }

  setNotifications(id: ChannelId, level: Membership['notifications']): Membership['notifications'] | null {
    const row = this.#rows.get(id);
    if (!row) return null;
    const before = row.view.membership.notifications;
    if (before !== level) this.#set(row, { membership: { ...row.view.membership, notifications: level } });
    return before;
  }

  #noteMention(row: Row, seq: Seq, message: Message): void {
    const me = this.#me();
    if (message.authorId === me || message.deletedAt !== null) return;
    if (message.mentionsChannel || message.mentions.includes(me)) this.#setMention(row, seq, true);
  }

  #setMention(row: Row, seq: Seq, isMention: boolean): void {
    if (seq <= row.view.membership.readSeq) return;
    const known = row.mentionSeqs.includes(seq);
    if (isMention && !known && row.mentionSeqs.length < mentionSeqsMax) row.mentionSeqs = [...row.mentionSeqs, seq];
    if (!isMention && known) row.mentionSeqs = row.mentionSeqs.filter((other) => other !== seq);
  }

  #set(row: Row, patch: Partial<ChannelView>, isListed = false): void {
    const view = { ...row.view, ...patch };
    row.view = { ...view, unread: unreadOf(view), mentions: row.olderMentions + row.mentionSeqs.length };
    this.#changed(view.channel.id, isListed);
  }

  #changed(id: ChannelId, isListed: boolean): void {
    this.#views = null;
    this.#totals = null;
    this.#store.changed(keys.channel(id));
    this.#store.changed('channel:*');
    this.#store.changed('unread');
    if (isListed) {
      this.#ids = null;
      this.#store.changed('channels');
    }
  }
}

function unreadOf(state: { readonly count: number; readonly membership: Membership }): number {
  return Math.max(0, state.count - state.membership.readCount);
}

function members(view: ChannelView, userId: UserId, isJoined: boolean): Partial<ChannelView> {
  if (!view.memberIds) return { memberCount: Math.max(0, view.memberCount + (isJoined ? 1 : -1)) };
  const others = view.memberIds.filter((id) => id !== userId);
  const memberIds = isJoined ? [...others, userId] : others;
  return { memberIds, memberCount: memberIds.length };
}
