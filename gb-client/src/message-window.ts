import type { ChannelId, LogEvent, Message, MessagePage, Reaction, Seq, UserId } from 'gb-protocol';
import type { ApiError } from './http.ts';
import type { MessageWindow, OutgoingMessage } from './types.ts';

/** What the person did and the log has not confirmed: drawn over the message, never mixed into it. */
export interface Overlay {
  readonly seq: Seq;
  readonly draw: (message: Message) => Message;
}

/**
 * A message remembers the log position it was read at. Entries up to there are part of it already - applying them again
 * would count a reply twice or bring an old text back - so only later ones are applied.
 */
interface Entry {
  message: Message;
  asOf: Seq;
  /** `message` with overlays, made when asked for. */
  drawn: Message | null;
}

const repliersMax = 3;

/** The loaded stretch of one channel or thread. Knows nothing of loading; see `windows.ts`. */
export class LoadedWindow {
  readonly channelId: ChannelId;
  readonly threadSeq: Seq | null;
  #entries: Entry[] = [];
  #view: MessageWindow | null = null;
  readonly #overlays: (channelId: ChannelId) => readonly Overlay[];
  readonly #outgoing: (channelId: ChannelId, threadSeq: Seq | null) => readonly OutgoingMessage[];
  state: MessageWindow['state'] = 'loading';
  error: ApiError | null = null;
  hasOlder = false;
  hasNewer = false;
  isLoadingOlder = false;
  isLoadingNewer = false;
  /** Where the person looks; null: at the newest. */
  anchor: Seq | null = null;
  /** Grows when the contents are replaced, so that a page asked for before does not join what it does not touch. */
  generation = 0;

  constructor(
    channelId: ChannelId,
    threadSeq: Seq | null,
    overlays: (channelId: ChannelId) => readonly Overlay[],
    outgoing: (channelId: ChannelId, threadSeq: Seq | null) => readonly OutgoingMessage[],
  ) {
    this.channelId = channelId;
    this.threadSeq = threadSeq;
    this.#overlays = overlays;
    this.#outgoing = outgoing;
  }

  get first(): Seq | null {
    return this.#entries[0]?.message.seq ?? null;
  }

  get last(): Seq | null {
    return this.#entries.at(-1)?.message.seq ?? null;
  }

  get size(): number {
    return this.#entries.length;
  }

  has(seq: Seq): boolean {
    return this.#entries[this.#indexOf(seq)]?.message.seq === seq;
  }

  /** The same object until something in it changes. */
  view(): MessageWindow {
    if (this.#view) return this.#view;
    const overlays = this.#overlays(this.channelId);
    this.#view = {
      channelId: this.channelId,
      threadSeq: this.threadSeq,
      state: this.state,
      error: this.error,
      messages: this.#entries.map((entry) => (entry.drawn ??= draw(entry.message, overlays))),
      hasOlder: this.hasOlder,
      hasNewer: this.hasNewer,
      isLoadingOlder: this.isLoadingOlder,
      isLoadingNewer: this.isLoadingNewer,
      outgoing: this.#outgoing(this.channelId, this.threadSeq),
    };
    return this.#view;
  }

  touch(): void {
    this.#view = null;
  }

  redraw(seq: Seq): void {
    const entry = this.#entries[this.#indexOf(seq)];
    if (entry?.message.seq !== seq) return;
    entry.drawn = null;
    this.touch();
  }

  replace(page: MessagePage, max: number): void {
    this.generation += 1;
    this.#entries = [];
    this.#merge(page);
    this.hasOlder = page.hasOlder;
    this.hasNewer = page.hasNewer;
    this.isLoadingOlder = false;
    this.isLoadingNewer = false;
    this.state = 'ready';
    this.error = null;
    this.trim(max);
  }

  addOlder(page: MessagePage, max: number): void {
    this.#merge(page);
    this.hasOlder = page.hasOlder;
    this.#trimNewest(max);
  }

  addNewer(page: MessagePage, max: number): void {
    this.#merge(page);
    this.hasNewer = page.hasNewer;
    this.#trimOldest(max);
  }

  /** Takes an entry of the channel's log in; false when it does not show here. */
  apply(event: LogEvent, asOf: Seq | null, max: number): boolean {
    if (event.kind === 'message.posted') return this.#onPosted(event.message, asOf ?? event.seq, event.seq, max);
    if (!('target' in event)) return false;
    return this.#update(event.target, event.seq, (message) => changed(message, event));
  }

  trim(max: number): void {
    if (this.#entries.length <= max) return;
    const first = this.first;
    const last = this.last;
    if (this.anchor !== null && first !== null && last !== null) {
      const position = this.#indexOf(this.anchor);
      if (position < this.#entries.length - position) {
        this.#trimNewest(max);
        return;
      }
    }
    this.#trimOldest(max);
  }

  #onPosted(message: Message, asOf: Seq, seq: Seq, max: number): boolean {
    let isShown = false;
    if (message.threadSeq !== null) {
      isShown = this.#update(message.threadSeq, seq, (root) => withReply(root, message));
    }
    if (this.threadSeq !== message.threadSeq || this.hasNewer || this.state !== 'ready') return isShown;
    const position = this.#indexOf(seq);
    const known = this.#entries[position];
    if (known?.message.seq === seq) return isShown;
    this.#entries.splice(position, 0, { message, asOf, drawn: null });
    this.trim(max);
    this.touch();
    return true;
  }

  #update(target: Seq, seq: Seq, change: (message: Message) => Message): boolean {
    const entry = this.#entries[this.#indexOf(target)];
    if (entry?.message.seq !== target || seq <= entry.asOf) return false;
    entry.message = change(entry.message);
    entry.asOf = seq;
    entry.drawn = null;
    this.touch();
    return true;
  }

  #merge(page: MessagePage): void {
    for (const message of page.messages) {
      const position = this.#indexOf(message.seq);
      const known = this.#entries[position];
      if (known?.message.seq !== message.seq) {
        this.#entries.splice(position, 0, { message, asOf: page.head, drawn: null });
      } else if (known.asOf < page.head) {
        this.#entries[position] = { message, asOf: page.head, drawn: null };
      }
    }
    this.touch();
  }

  #trimOldest(max: number): void {
    const excess = this.#entries.length - max;
    if (excess <= 0) return;
    this.#entries.splice(0, excess);
    this.hasOlder = true;
    this.touch();
  }

  #trimNewest(max: number): void {
    if (this.#entries.length <= max) return;
    this.#entries.length = max;
    this.hasNewer = true;
    this.touch();
  }

  /** Where `seq` is or would be. Nearly always at the end, so that is looked at first. */
  #indexOf(seq: Seq): number {
    const entries = this.#entries;
    const last = entries.at(-1);
    if (!last || last.message.seq < seq) return entries.length;
    let low = 0;
    let high = entries.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (entries[middle]!.message.seq < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function draw(message: Message, overlays: readonly Overlay[]): Message {
  let drawn = message;
  for (const overlay of overlays) if (overlay.seq === message.seq) drawn = overlay.draw(drawn);
  return drawn;
}

function withReply(root: Message, reply: Message): Message {
  const others = (root.thread?.userIds ?? []).filter((id) => id !== reply.authorId);
  return {
    ...root,
    thread: {
      replyCount: (root.thread?.replyCount ?? 0) + 1,
      lastReplyAt: Math.max(root.thread?.lastReplyAt ?? 0, reply.at),
      userIds: [reply.authorId, ...others].slice(0, repliersMax),
    },
  };
}

function changed(message: Message, event: LogEvent): Message {
  switch (event.kind) {
    case 'message.edited':
      if (message.deletedAt !== null) return message;
      return {
        ...message,
        text: event.text,
        mentions: event.mentions,
        mentionsChannel: event.mentionsChannel,
        editedAt: event.at,
      };
    case 'message.deleted':
      return deleted(message, event.at);
    case 'reaction.added':
      return withReaction(message, event.emoji, event.actorId, true);
    case 'reaction.removed':
      return withReaction(message, event.emoji, event.actorId, false);
    default:
      return message;
  }
}

export function deleted(message: Message, at: number): Message {
  const { attachments, card, form, formAnswer, asksSecret, isSecret, ...rest } = message;
  return { ...rest, text: '', mentions: [], mentionsChannel: false, reactions: [], suggestions: [], deletedAt: at };
}

export function withReaction(message: Message, emoji: string, userId: UserId, isOn: boolean): Message {
  if (message.deletedAt !== null) return message;
  const known = message.reactions.find((reaction) => reaction.emoji === emoji);
  if ((known?.userIds.includes(userId) ?? false) === isOn) return message;
  let reactions: readonly Reaction[];
  if (!known) reactions = [...message.reactions, { emoji, userIds: [userId] }];
  else {
    const userIds = isOn ? [...known.userIds, userId] : known.userIds.filter((id) => id !== userId);
    reactions =
      userIds.length === 0
        ? message.reactions.filter((reaction) => reaction !== known)
        : message.reactions.map((reaction) => (reaction === known ? { emoji, userIds } : reaction));
  }
  return { ...message, reactions };
}
