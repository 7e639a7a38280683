import type { ChannelId, Seq } from 'gb-protocol';
import type { ApiError } from './http.ts';
import { Saver } from './saver.ts';
import { keys, type Place, place, type Store } from './store.ts';

export interface DraftsOptions {
  readonly store: Store;
  readonly intervalMs: number;
  /** How long after a change of mine the server's word is taken for an echo of my earlier ones. */
  readonly echoMs: number;
  readonly random: () => number;
  readonly isLive: () => boolean;
  readonly save: (channelId: ChannelId, threadSeq: Seq | null, text: string, isLeaving: boolean) => Promise<unknown>;
  readonly onRefused: (channelId: ChannelId, error: ApiError) => void;
}

/**
 * Unsent text per channel and thread. What I type here wins over what the server tells while I type; once I paused, what
 * another device wrote shows.
 */
export class Drafts {
  readonly #options: DraftsOptions;
  readonly #texts = new Map<Place, string>();
  readonly #recent = new Map<Place, { remote: string | null; timer: ReturnType<typeof setTimeout> }>();
  readonly #saver: Saver<{ readonly channelId: ChannelId; readonly threadSeq: Seq | null; readonly text: string }>;

  constructor(options: DraftsOptions) {
    this.#options = options;
    this.#saver = new Saver({
      intervalMs: options.intervalMs,
      isEager: false,
      random: options.random,
      isLive: options.isLive,
      save: (_key, { channelId, threadSeq, text }, isLeaving) => options.save(channelId, threadSeq, text, isLeaving),
      onRefused: (_key, { channelId }, error) => options.onRefused(channelId, error),
    });
  }

  get(channelId: ChannelId, threadSeq: Seq | null): string {
    return this.#texts.get(place(channelId, threadSeq)) ?? '';
  }

  set(channelId: ChannelId, threadSeq: Seq | null, text: string): void {
    const where = place(channelId, threadSeq);
    if (text === this.get(channelId, threadSeq)) return;
    this.#put(channelId, threadSeq, text);
    this.#saver.set(where, { channelId, threadSeq, text });
    clearTimeout(this.#recent.get(where)?.timer);
    const timer = setTimeout(() => this.#afterPause(channelId, threadSeq), this.#options.echoMs);
    this.#recent.set(where, { remote: null, timer });
  }

  /** The server's word: the snapshot, or an entry of my own log. */
  onServer(channelId: ChannelId, threadSeq: Seq | null, text: string): void {
    const where = place(channelId, threadSeq);
    const recent = this.#recent.get(where);
    if (recent) recent.remote = text;
    else if (this.#saver.unsaved(where) === undefined) this.#put(channelId, threadSeq, text);
  }

  resume(): void {
    this.#saver.resume();
  }

  flush(): void {
    this.#saver.flush();
  }

  close(): void {
    for (const { timer } of this.#recent.values()) clearTimeout(timer);
    this.#saver.close();
  }

  #afterPause(channelId: ChannelId, threadSeq: Seq | null): void {
    const where = place(channelId, threadSeq);
    const remote = this.#recent.get(where)?.remote ?? null;
    this.#recent.delete(where);
    if (remote !== null && this.#saver.unsaved(where) === undefined) this.#put(channelId, threadSeq, remote);
  }

  #put(channelId: ChannelId, threadSeq: Seq | null, text: string): void {
    const where = place(channelId, threadSeq);
    if (text === (this.#texts.get(where) ?? '')) return;
    if (text === '') this.#texts.delete(where);
    else this.#texts.set(where, text);
    this.#options.store.changed(keys.draft(channelId, threadSeq));
  }
}
