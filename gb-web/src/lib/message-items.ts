import type { Message, Seq, UserId } from 'gb-protocol';

/** What the message list draws, in order. Keys stay the same while a message goes from pending to stored. */
export type ListItem<P> =
  | { readonly kind: 'beginning'; readonly key: string }
  | { readonly kind: 'day'; readonly key: string; readonly at: number }
  | { readonly kind: 'new'; readonly key: string }
  | { readonly kind: 'message'; readonly key: string; readonly message: Message; readonly isFirst: boolean }
  | { readonly kind: 'pending'; readonly key: string; readonly pending: P; readonly isFirst: boolean }
  | { readonly kind: 'growing'; readonly key: string; readonly growing: GrowingLike; readonly isFirst: boolean };

/** What a bot is about to say. */
export interface GrowingLike {
  readonly userId: UserId;
  readonly text: string;
  readonly at: number;
}

export interface PendingLike {
  readonly clientId: string;
  readonly at: number;
}

export interface Arrangement<P> {
  readonly messages: readonly Message[];
  readonly pending: readonly P[];
  readonly growing?: readonly GrowingLike[];
  readonly myId: UserId;
  /** The new line goes before the first message of others after this. Null: no line. */
  readonly newAfter: Seq | null;
  /** Nothing is older than the first message. */
  readonly isBeginning: boolean;
  /** Messages that were the first of the loaded ones: they keep their name line when older ones come before them. */
  readonly heads?: ReadonlySet<string>;
  /** The offset of local time, so that a day is the reader's day. */
  readonly dayOf?: (at: number) => string;
}

/** Messages of one author this close together read as one speech. */
export const groupMs = 5 * 60_000;

export function localDay(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

/**
 * The list holds its place by the row at its upper edge, so a row there has to stay what it is when older messages come:
 * the first loaded message has no day line above it that would move away, and no name line that would vanish.
 */
export function arrange<P extends PendingLike>(input: Arrangement<P>): ListItem<P>[] {
  const dayOf = input.dayOf ?? localDay;
  const items: ListItem<P>[] = [];
  if (input.isBeginning) items.push({ kind: 'beginning', key: 'beginning' });
  let day = '';
  let author: UserId | null = null;
  let lastAt = 0;
  // Where the last read message is not loaded, neither is the place for the line.
  const oldest = input.messages[0]?.seq ?? 0;
  let needsNewLine = input.newAfter !== null && (input.isBeginning || oldest <= input.newAfter);

  const enter = (at: number, by: UserId): boolean => {
    const today = dayOf(at);
    if (today !== day) {
      // Whether the first loaded message begins its day is not known while there are older ones.
      if (day !== '' || input.isBeginning) items.push({ kind: 'day', key: `day:${today}`, at });
      day = today;
      author = null;
    }
    const isFirst = author !== by || at - lastAt > groupMs;
    author = by;
    lastAt = at;
    return isFirst;
  };

  for (const message of input.messages) {
    let isFirst = enter(message.at, message.authorId);
    if (needsNewLine && message.seq > input.newAfter! && message.authorId !== input.myId) {
      needsNewLine = false;
      isFirst = true;
      items.push({ kind: 'new', key: 'new' });
    }
    const key = keyOfMessage(message.authorId, message.clientId);
    if (input.heads?.has(key)) isFirst = true;
    // Deleted messages stand alone: the stub must not lend its name line to what follows.
    if (message.deletedAt !== null) author = null;
    items.push({
      kind: 'message',
      key,
      message,
      isFirst: isFirst || message.deletedAt !== null,
    });
  }
  for (const pending of input.pending) {
    const isFirst = enter(Math.max(pending.at, lastAt), input.myId);
    items.push({ kind: 'pending', key: keyOfMessage(input.myId, pending.clientId), pending, isFirst });
  }
  for (const growing of input.growing ?? []) {
    const isFirst = enter(Math.max(growing.at, lastAt), growing.userId);
    items.push({ kind: 'growing', key: `growing:${growing.userId}`, growing, isFirst });
  }
  return items;
}

export function keyOfMessage(authorId: UserId, clientId: string): string {
  return `${authorId}:${clientId}`;
}
