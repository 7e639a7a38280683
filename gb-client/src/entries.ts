import type { ChannelId, ChannelState, LogEvent, Message, Posted, Seq, UserId } from 'gb-protocol';
import type { Channels } from './channels.ts';
import type { Directory } from './directory.ts';
import type { Drafts } from './drafts.ts';
import type { Overlays } from './overlays.ts';
import type { ReadMarks } from './read-marks.ts';
import type { Streaming } from './streaming.ts';
import type { Typing } from './typing.ts';
import type { Windows } from './windows.ts';

export interface EntriesOptions {
  readonly directory: Directory;
  readonly channels: Channels;
  readonly windows: Windows;
  readonly overlays: Overlays;
  readonly typing: Typing;
  readonly streaming: Streaming;
  readonly drafts: Drafts;
  readonly readMarks: ReadMarks;
  readonly readsOwnMessages: boolean;
  readonly isFollowed: (channelId: ChannelId) => boolean;
  readonly confirm: (posted: Posted) => void;
  readonly addChannel: (state: ChannelState) => void;
  readonly removeChannel: (channelId: ChannelId) => void;
  readonly applied: (event: LogEvent) => void;
  readonly toldAside: (event: LogEvent) => void;
}

/** Takes the entries of the logs into the state, each once and in the order of its log: `logs.ts` sees to that. */
export class Entries {
  /** My own log, and the workspace's. */
  self: ChannelId | null = null;
  directory: ChannelId | null = null;
  readonly #options: EntriesOptions;

  constructor(options: EntriesOptions) {
    this.#options = options;
  }

  /** `asOf`: the log position at which the messages in the entry were read; null: as they were posted. */
  apply(event: LogEvent, asOf: Seq | null): void {
    if (event.channelId === this.self) this.#applyOwn(event);
    else if (event.channelId === this.directory) this.#applyDirectory(event);
    else this.#applyChannel(event, asOf);
    this.#options.applied(event);
  }

  /** An entry of a channel that rests: it stands apart, and comes again when the log is read. */
  applyAside(event: LogEvent): void {
    const { channels, toldAside } = this.#options;
    channels.applyAside(event);
    if (event.kind === 'message.posted' && event.message.authorId === this.#me()) this.confirm(event.message, event.epoch);
    toldAside(event);
  }

  /** A message of mine was seen in the log. */
  confirm(message: Message, epoch: number): void {
    const { channelId, clientId, seq, at } = message;
    this.#options.confirm({ channelId, clientId, epoch, seq, at });
  }

  #applyChannel(event: LogEvent, asOf: Seq | null): void {
    const { channels, windows, overlays, typing, streaming, readMarks } = this.#options;
    const before = channels.get(event.channelId);
    channels.apply(event);
    windows.apply(event, asOf);
    overlays.settle(event);
    if (event.kind !== 'message.posted') return;
    const { message } = event;
    typing.end(event.channelId, message.threadSeq, message.authorId);
    streaming.end(event.channelId, message.threadSeq, message.authorId);
    if (message.authorId !== this.#me()) return;
    this.confirm(message, event.epoch);
    if (before?.unread === 0 && this.#options.readsOwnMessages) readMarks.mark(event.channelId, event.seq);
  }

  #applyOwn(event: LogEvent): void {
    const { channels, readMarks, drafts } = this.#options;
    switch (event.kind) {
      case 'channel.added':
        this.#options.addChannel(event.state);
        return;
      case 'channel.removed':
        this.#options.removeChannel(event.subjectId);
        return;
      case 'read.marked':
        readMarks.onServer(event.membership, event.mentions);
        return;
      case 'notifications.set':
        channels.setNotifications(event.subjectId, event.level);
        return;
      case 'draft.saved':
        drafts.onServer(event.subjectId, event.threadSeq, event.text);
        return;
      default:
        this.#applyDirectory(event);
    }
  }

  #applyDirectory(event: LogEvent): void {
    const { directory, channels, isFollowed } = this.#options;
    switch (event.kind) {
      case 'user.updated':
        directory.updateUser(event.user);
        return;
      case 'bot.updated':
        directory.updateBot(event.bot);
        return;
      case 'bot.removed':
        directory.removeBot(event.botId);
        return;
      case 'channel.updated':
        // Of channels I follow the channel's own log tells, and two logs have no common order.
        if (!isFollowed(event.channel.id)) channels.updateChannel(event.channel);
        return;
      default:
        // A kind made after this client was.
        return;
    }
  }

  #me(): UserId {
    return this.#options.directory.me().id;
  }
}
