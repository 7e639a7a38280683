import type { Message } from './entities.ts';
import type { LogEvent } from './events.ts';

/**
 * How a log entry travels. A posted message repeats what its entry says already, and most of its other fields are empty
 * when it is new; leaving both out halves the bytes that a thousand followers of a channel are sent. `compactEvent` and
 * `expandEvent` are each other's inverse, and expanding a full event changes nothing.
 */
export type WireEvent = Exclude<LogEvent, { kind: 'message.posted' }> | WirePosted;
type WirePosted = Omit<Extract<LogEvent, { kind: 'message.posted' }>, 'message'> & {
  readonly message: Pick<Message, 'clientId' | 'text'> & Partial<Message>;
};

export function compactEvent(event: LogEvent): WireEvent {
  if (event.kind !== 'message.posted') return event;
  const { message: m, ...entry } = event;
  const message: { -readonly [K in keyof Message]?: Message[K] } & Pick<Message, 'clientId' | 'text'> = {
    clientId: m.clientId,
    text: m.text,
  };
  if (m.authorId !== entry.actorId) message.authorId = m.authorId;
  if (m.at !== entry.at) message.at = m.at;
  if (m.editedAt !== null) message.editedAt = m.editedAt;
  if (m.deletedAt !== null) message.deletedAt = m.deletedAt;
  if (m.threadSeq !== null) message.threadSeq = m.threadSeq;
  if (m.mentions.length > 0) message.mentions = m.mentions;
  if (m.mentionsChannel) message.mentionsChannel = true;
  if (m.reactions.length > 0) message.reactions = m.reactions;
  if (m.thread !== null) message.thread = m.thread;
  if (m.suggestions.length > 0) message.suggestions = m.suggestions;
  if (m.attachments) message.attachments = m.attachments;
  if (m.card) message.card = m.card;
  if (m.form) message.form = m.form;
  if (m.formAnswer) message.formAnswer = m.formAnswer;
  if (m.asksSecret) message.asksSecret = m.asksSecret;
  if (m.isSecret) message.isSecret = true;
  return { ...entry, message };
}

export function expandEvent(event: WireEvent): LogEvent {
  if (event.kind !== 'message.posted') return event;
  const { channelId, seq, actorId, at } = event;
  return {
    ...event,
    message: {
      channelId,
      seq,
      authorId: actorId,
      at,
      editedAt: null,
      deletedAt: null,
      threadSeq: null,
      mentions: [],
      mentionsChannel: false,
      reactions: [],
      thread: null,
      suggestions: [],
      ...event.message,
    },
  };
}
