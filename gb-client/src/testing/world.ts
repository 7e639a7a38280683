import type {
  Channel,
  ChannelId,
  ChannelKind,
  ChannelState,
  ClientId,
  EventBody,
  InstanceId,
  LogEvent,
  LogPage,
  LogPosition,
  Me,
  Membership,
  Message,
  MessagePage,
  OrganizationId,
  Posted,
  Reaction,
  Seq,
  Snapshot,
  User,
  UserId,
} from 'gb-protocol';
import { limits } from 'gb-protocol';
import { assert, uuidv7 } from 'gb-utils';
import { ApiError } from '../http.ts';
import type { MessageQuery } from '../rest.ts';

interface Room {
  channel: Channel;
  epoch: number;
  log: LogEvent[];
  /** Messages in their present state. */
  messages: Map<Seq, Message>;
  count: number;
  members: Map<UserId, Membership>;
}

export interface Person {
  readonly user: User;
  readonly token: string;
  readonly self: ChannelId;
}

/** The truth a server keeps: logs in memory, with the numbers, counters and idempotency of the real one. */
export class World {
  readonly people = new Map<UserId, Person>();
  readonly rooms = new Map<ChannelId, Room>();
  readonly directory: ChannelId;
  readonly #posted = new Map<string, { readonly posted: Posted; readonly text: string }>();
  readonly #drafts = new Map<string, string>();
  readonly #listeners = new Set<(event: LogEvent) => void>();

  constructor() {
    this.directory = this.#addRoom('instance', '');
  }

  onEvent(listener: (event: LogEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  addPerson(name: string): Person {
    const id = uuidv7() as UserId;
    const user: User = { id, kind: 'person', name, handle: name.toLowerCase(), role: 'member', isActive: true };
    const person: Person = { user, token: `token-${name}-${id}`, self: this.#addRoom('self', '') };
    this.people.set(id, person);
    this.append(this.directory, id, { kind: 'user.updated', user });
    return person;
  }

  byToken(token: string): Person | undefined {
    return [...this.people.values()].find((person) => person.token === token);
  }

  addChannel(name: string, members: readonly Person[], kind: ChannelKind = 'public'): ChannelId {
    const id = this.#addRoom(kind, name);
    for (const person of members) this.join(id, person);
    return id;
  }

  join(id: ChannelId, person: Person): void {
    const room = this.room(id);
    const head = room.log.length;
    room.members.set(person.user.id, { channelId: id, readSeq: head, readCount: room.count, notifications: 'all' });
    this.append(id, person.user.id, { kind: 'member.joined', userId: person.user.id });
    this.append(person.self, person.user.id, { kind: 'channel.added', state: this.stateOf(id, person.user.id) });
  }

  leave(id: ChannelId, person: Person): void {
    this.room(id).members.delete(person.user.id);
    this.append(id, person.user.id, { kind: 'member.left', userId: person.user.id });
    this.append(person.self, person.user.id, { kind: 'channel.removed', subjectId: id });
  }

  room(id: ChannelId): Room {
    const room = this.rooms.get(id);
    if (!room) throw new ApiError('not_found', 'There is no such channel');
    return room;
  }

  maySee(id: ChannelId, person: Person): boolean {
    if (id === this.directory || id === person.self) return true;
    return this.rooms.get(id)?.members.has(person.user.id) ?? false;
  }

  append(channelId: ChannelId, actorId: UserId, body: EventBody): LogEvent {
    const room = this.room(channelId);
    const event: LogEvent = { ...body, channelId, epoch: room.epoch, seq: room.log.length + 1, actorId, at: Date.now() };
    room.log.push(event);
    for (const listener of this.#listeners) listener(event);
    return event;
  }

  post(channelId: ChannelId, author: Person, text: string, options: { clientId?: ClientId; threadSeq?: Seq } = {}): Posted {
    const room = this.room(channelId);
    if (!this.maySee(channelId, author)) throw new ApiError('not_found', 'There is no such channel');
    const clientId = options.clientId ?? (uuidv7() as ClientId);
    const key = `${author.user.id}:${clientId}`;
    const known = this.#posted.get(key);
    if (known && known.text !== text) throw new ApiError('duplicate_client_id', 'Used before with another text');
    if (known) return known.posted;
    if (room.channel.isArchived) throw new ApiError('channel_archived', 'The channel is archived');
    if (text.length > limits.messageTextMax) throw new ApiError('too_large', 'Too long');
    const seq = room.log.length + 1;
    const threadSeq = options.threadSeq ?? null;
    if (threadSeq === null) room.count += 1;
    const mentions = [...this.people.values()]
      .filter((person) => text.includes(`@${person.user.handle}`))
      .map((person) => person.user.id);
    const message: Message = {
      channelId,
      seq,
      clientId,
      authorId: author.user.id,
      text,
      at: Date.now(),
      editedAt: null,
      deletedAt: null,
      threadSeq,
      mentions,
      mentionsChannel: text.includes('@channel'),
      reactions: [],
      thread: null,
      suggestions: [],
    };
    room.messages.set(seq, message);
    const root = threadSeq === null ? undefined : room.messages.get(threadSeq);
    if (root) {
      const others = (root.thread?.userIds ?? []).filter((id) => id !== author.user.id);
      const thread = {
        replyCount: (root.thread?.replyCount ?? 0) + 1,
        lastReplyAt: message.at,
        userIds: [author.user.id, ...others],
      };
      room.messages.set(root.seq, { ...root, thread });
    }
    const posted: Posted = { channelId, clientId, epoch: room.epoch, seq, at: message.at };
    this.#posted.set(key, { posted, text });
    this.append(channelId, author.user.id, { kind: 'message.posted', message, count: room.count });
    return posted;
  }

  edit(channelId: ChannelId, actor: Person, seq: Seq, text: string): void {
    const message = this.message(channelId, seq);
    if (message.authorId !== actor.user.id) throw new ApiError('forbidden', 'Not yours');
    this.room(channelId).messages.set(seq, { ...message, text, editedAt: Date.now() });
    this.append(channelId, actor.user.id, { kind: 'message.edited', target: seq, text, mentions: [], mentionsChannel: false });
  }

  delete(channelId: ChannelId, actor: Person, seq: Seq): void {
    const message = this.message(channelId, seq);
    if (message.authorId !== actor.user.id) throw new ApiError('forbidden', 'Not yours');
    const stub = {
      ...message,
      text: '',
      mentions: [],
      mentionsChannel: false,
      reactions: [],
      suggestions: [],
      deletedAt: Date.now(),
    };
    this.room(channelId).messages.set(seq, stub);
    this.append(channelId, actor.user.id, { kind: 'message.deleted', target: seq });
  }

  react(channelId: ChannelId, actor: Person, seq: Seq, emoji: string, isOn: boolean): void {
    const message = this.message(channelId, seq);
    const users = message.reactions.find((reaction) => reaction.emoji === emoji)?.userIds ?? [];
    if (users.includes(actor.user.id) === isOn) return;
    const userIds = isOn ? [...users, actor.user.id] : users.filter((id) => id !== actor.user.id);
    const others = message.reactions.filter((reaction) => reaction.emoji !== emoji);
    const reactions: Reaction[] = userIds.length > 0 ? [...others, { emoji, userIds }] : others;
    this.room(channelId).messages.set(seq, { ...message, reactions });
    this.append(channelId, actor.user.id, { kind: isOn ? 'reaction.added' : 'reaction.removed', target: seq, emoji });
  }

  message(channelId: ChannelId, seq: Seq): Message {
    const message = this.room(channelId).messages.get(seq);
    if (!message) throw new ApiError('not_found', 'There is no such message');
    return message;
  }

  markRead(channelId: ChannelId, person: Person, seq: Seq, isUnread: boolean): Membership | null {
    const room = this.room(channelId);
    const membership = room.members.get(person.user.id);
    if (!membership) throw new ApiError('not_found', 'Not a member');
    const readSeq = isUnread ? seq - 1 : Math.min(seq, room.log.length);
    if (!isUnread && readSeq <= membership.readSeq) return null;
    const readCount = [...room.messages.values()].filter(
      (message) => message.threadSeq === null && message.seq <= readSeq,
    ).length;
    const next = { ...membership, readSeq, readCount };
    room.members.set(person.user.id, next);
    const { mentions } = this.stateOf(channelId, person.user.id);
    this.append(person.self, person.user.id, { kind: 'read.marked', membership: next, mentions });
    return next;
  }

  saveDraft(channelId: ChannelId, person: Person, threadSeq: Seq | null, text: string): void {
    if (threadSeq === null) this.#drafts.set(`${person.user.id}:${channelId}`, text);
    this.append(person.self, person.user.id, { kind: 'draft.saved', subjectId: channelId, threadSeq, text });
  }

  draft(channelId: ChannelId, person: Person): string {
    return this.#drafts.get(`${person.user.id}:${channelId}`) ?? '';
  }

  /** The log is lost and made anew, with what `keep` of its messages: other entries under the same numbers. */
  rebuild(channelId: ChannelId, keep: (message: Message) => boolean): void {
    const room = this.room(channelId);
    const kept = [...room.messages.values()].filter(keep);
    room.epoch += 1;
    room.log = [];
    room.messages = new Map();
    room.count = 0;
    for (const message of kept) {
      room.count += 1;
      const seq = room.log.length + 1;
      const moved = { ...message, seq };
      room.messages.set(seq, moved);
      const { authorId: actorId, at } = message;
      room.log.push({
        kind: 'message.posted',
        message: moved,
        count: room.count,
        channelId,
        epoch: room.epoch,
        seq,
        actorId,
        at,
      });
    }
    for (const [userId, membership] of room.members) {
      room.members.set(userId, { ...membership, readSeq: room.log.length, readCount: room.count });
    }
  }

  page(channelId: ChannelId, query: MessageQuery): MessagePage {
    const room = this.room(channelId);
    const { threadSeq } = query;
    const limit = Math.min(query.limit ?? limits.pageSizeDefault, limits.pageSizeMax);
    const all = [...room.messages.values()]
      .filter((message) =>
        threadSeq === undefined ? message.threadSeq === null : message.threadSeq === threadSeq || message.seq === threadSeq,
      )
      .sort((a, b) => a.seq - b.seq);
    let from = all.length - limit;
    if (query.before !== undefined) from = all.filter((message) => message.seq < query.before!).length - limit;
    let to = from + limit;
    if (query.after !== undefined) {
      from = all.filter((message) => message.seq <= query.after!).length;
      to = from + limit;
    }
    if (query.around !== undefined) {
      from = all.filter((message) => message.seq < query.around!).length - Math.floor(limit / 2);
      to = from + limit;
    }
    from = Math.max(0, from);
    to = Math.max(0, Math.min(all.length, to));
    const messages = all.slice(from, to);
    return { messages, epoch: room.epoch, head: room.log.length, hasOlder: from > 0, hasNewer: to < all.length };
  }

  logPage(channelId: ChannelId, epoch: number, after: Seq, limit: number): LogPage {
    const room = this.room(channelId);
    const head = room.log.length;
    if (epoch !== room.epoch) return { kind: 'restart', epoch: room.epoch, head };
    if (after > head) throw new ApiError('invalid_cursor', 'Beyond the head');
    const events = room.log.slice(after, after + limit).map((event) => this.#present(room, event));
    return { kind: 'events', epoch, head, events, hasMore: after + events.length < head };
  }

  position(channelId: ChannelId): LogPosition {
    const room = this.room(channelId);
    return { channelId, epoch: room.epoch, seq: room.log.length };
  }

  stateOf(channelId: ChannelId, userId: UserId): ChannelState {
    const room = this.room(channelId);
    const membership = room.members.get(userId);
    if (!membership) throw new ApiError('not_found', 'Not a member');
    const messages = [...room.messages.values()];
    const handle = this.people.get(userId)?.user.id;
    const mentions = messages.filter(
      (message) =>
        message.seq > membership.readSeq &&
        message.authorId !== userId &&
        (message.mentionsChannel || message.mentions.some((id) => id === handle)),
    ).length;
    return {
      channel: room.channel,
      epoch: room.epoch,
      head: room.log.length,
      count: room.count,
      lastMessageAt: messages.at(-1)?.at ?? null,
      membership,
      mentions,
      memberCount: room.members.size,
      draft: this.#drafts.get(`${userId}:${channelId}`) ?? '',
    };
  }

  snapshot(person: Person): Snapshot {
    const me: Me = { ...person.user, email: `${person.user.handle}@example.com`, locale: 'en' };
    const mine = [...this.rooms.values()].filter((room) => room.members.has(person.user.id));
    return {
      me,
      instance: { id: 'i1' as InstanceId, organizationId: 'o1' as OrganizationId, name: 'Acme' },
      organizationName: 'Acme',
      users: [...this.people.values()].map(({ user }) => user),
      bots: [],
      channels: mine.map((room) => this.stateOf(room.channel.id, person.user.id)),
      self: this.position(person.self),
      directory: this.position(this.directory),
      serverTime: Date.now(),
    };
  }

  /** Texts of the channel's messages in the order of the log. */
  texts(channelId: ChannelId): string[] {
    return this.room(channelId).log.flatMap((event) => (event.kind === 'message.posted' ? [event.message.text] : []));
  }

  #present(room: Room, event: LogEvent): LogEvent {
    if (event.kind !== 'message.posted') return event;
    const message = room.messages.get(event.seq);
    assert(message, 'a posted message stays');
    return { ...event, message };
  }

  #addRoom(kind: ChannelKind, name: string): ChannelId {
    const id = uuidv7() as ChannelId;
    const channel: Channel = { id, kind, name, topic: '', isArchived: false, createdAt: Date.now() };
    this.rooms.set(id, { channel, epoch: 1, log: [], messages: new Map(), count: 0, members: new Map() });
    return id;
  }
}
