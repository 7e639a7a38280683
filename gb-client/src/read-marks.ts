import type { ChannelId, Membership, Message, Seq } from 'gb-protocol';
import type { Channels } from './channels.ts';
import type { ApiError } from './http.ts';
import { Saver } from './saver.ts';

export interface ReadMarksOptions {
  readonly channels: Channels;
  /** The loaded messages of a channel up to the live end, or null when they do not reach it. */
  readonly liveMessages: (channelId: ChannelId) => readonly Message[] | null;
  readonly intervalMs: number;
  /** How long a lower mark from the server is taken for an echo of my earlier ones. */
  readonly echoMs: number;
  readonly random: () => number;
  readonly isLive: () => boolean;
  readonly save: (channelId: ChannelId, seq: Seq, isLeaving: boolean) => Promise<unknown>;
  readonly onRefused: (channelId: ChannelId, seq: Seq, error: ApiError) => void;
}

/** How far I have read, shown at once and told to the server about once a second. */
export class ReadMarks {
  readonly #options: ReadMarksOptions;
  readonly #saver: Saver<Seq>;
  readonly #expected = new Map<ChannelId, { readonly seq: Seq; readonly untilMs: number }>();

  constructor(options: ReadMarksOptions) {
    this.#options = options;
    this.#saver = new Saver({
      intervalMs: options.intervalMs,
      isEager: true,
      random: options.random,
      isLive: options.isLive,
      save: (key, seq, isLeaving) => options.save(key as ChannelId, seq, isLeaving),
      onRefused: (key, seq, error) => {
        this.#expected.delete(key as ChannelId);
        options.onRefused(key as ChannelId, seq, error);
      },
    });
  }

  mark(channelId: ChannelId, seq: Seq): void {
    const view = this.#options.channels.get(channelId);
    if (!view || seq <= view.membership.readSeq) return;
    this.#options.channels.markRead(channelId, seq, this.#countAt(channelId, seq));
    this.#expected.set(channelId, { seq, untilMs: performance.now() + this.#options.echoMs });
    this.#saver.set(channelId, seq);
  }

  /** Shows `seq` as the first unread one; gives what was before, to go back to. */
  unmark(channelId: ChannelId, seq: Seq): { readonly membership: Membership; readonly mentions: number } | null {
    this.#saver.forget(channelId);
    this.#expected.delete(channelId);
    const view = this.#options.channels.get(channelId);
    if (!view) return null;
    const readCount = this.#countAt(channelId, seq - 1);
    if (readCount !== null) {
      this.#options.channels.setMembership({ ...view.membership, readSeq: seq - 1, readCount }, view.mentions);
    }
    return { membership: view.membership, mentions: view.mentions };
  }

  onServer(membership: Membership, mentions: number): void {
    const { channelId } = membership;
    const expected = this.#expected.get(channelId);
    const unsaved = this.#saver.unsaved(channelId);
    if (unsaved !== undefined && membership.readSeq < unsaved) return;
    if (expected && membership.readSeq < expected.seq && performance.now() < expected.untilMs) return;
    this.#expected.delete(channelId);
    this.#options.channels.setMembership(membership, mentions);
  }

  /** The rows were replaced by the server's: what it has not been told yet shows again. */
  restore(channelId: ChannelId): void {
    const seq = this.#saver.unsaved(channelId);
    if (seq !== undefined) this.#options.channels.markRead(channelId, seq, this.#countAt(channelId, seq));
  }

  resume(): void {
    this.#saver.resume();
  }

  flush(): void {
    this.#saver.flush();
  }

  forget(channelId: ChannelId): void {
    this.#saver.forget(channelId);
    this.#expected.delete(channelId);
  }

  close(): void {
    this.#saver.close();
  }

  /** The channel's message count at `seq`, or null when the loaded messages do not tell. */
  #countAt(channelId: ChannelId, seq: Seq): number | null {
    const view = this.#options.channels.get(channelId);
    if (!view) return null;
    if (seq >= view.head) return view.count;
    // What was left out while nobody looked is being read: the server can count, we cannot.
    if (this.#options.channels.isBehind(channelId)) return null;
    const messages = this.#options.liveMessages(channelId);
    const first = messages?.[0];
    if (!messages || !first || first.seq > seq + 1) return null;
    let after = 0;
    for (const message of messages) if (message.seq > seq && message.seq <= view.head) after += 1;
    return view.count - after;
  }
}
