import type { LogEvent } from 'gb-protocol';
import type { AppendedMessage, NewMessage } from './ports/index.ts';

/** The event of a message that was just stored, made without reading it back. */
export function postedEvent(message: NewMessage, appended: AppendedMessage): LogEvent {
  return {
    kind: 'message.posted',
    channelId: message.channelId,
    epoch: appended.epoch,
    seq: appended.seq,
    actorId: message.authorId,
    at: appended.at,
    count: appended.count,
    message: {
      channelId: message.channelId,
      seq: appended.seq,
      clientId: message.clientId,
      authorId: message.authorId,
      text: message.text,
      at: appended.at,
      editedAt: null,
      deletedAt: null,
      threadSeq: message.threadSeq,
      mentions: message.mentions,
      mentionsChannel: message.mentionsChannel,
      reactions: [],
      thread: null,
      suggestions: message.suggestions,
      ...message.parts,
    },
  };
}
