import type { ChannelId, LogEvent, MessagePage, Seq } from 'gb-protocol';
import { sleep } from 'gb-utils';
import { ApiError } from './http.ts';
import { LoadedWindow, type Overlay } from './message-window.ts';
import type { Tuning } from './options.ts';
import type { MessageQuery } from './rest.ts';
import { keys, type Place, place, type Store } from './store.ts';
import type { MessageWindow, OutgoingMessage } from './types.ts';

export interface WindowsOptions {
  readonly store: Store;
  readonly tuning: Tuning;
  readonly fetchPage: (channelId: ChannelId, query: MessageQuery) => Promise<MessagePage>;
  /** How far the channel's log was applied; null when it is not followed. */
  readonly cursor: (channelId: ChannelId) => { readonly epoch: number; readonly seq: Seq } | null;
  readonly noteHead: (channelId: ChannelId, epoch: number, head: Seq) => void;
  readonly overlays: (channelId: ChannelId) => readonly Overlay[];
  readonly outgoing: (channelId: ChannelId, threadSeq: Seq | null) => readonly OutgoingMessage[];
  /** Messages that just came from the server by page, so that echoes of them can go. */
  readonly onPage: (page: MessagePage) => void;
}

interface Applied {
  readonly event: LogEvent;
  readonly asOf: Seq | null;
}

/** An entry may be applied while a page is on its way, and the page may have been read before it. */
interface Meanwhile {
  applied: Applied[];
  isTooMuch: boolean;
}

const meanwhileMax = 2_000;
const stalePagesMax = 4;

/**
 * The loaded windows, at most `windowsMax` of at most `windowMessagesMax` messages: visiting any number of channels keeps
 * memory flat. Of the windows nobody watches, the one used longest ago is forgotten first.
 */
export class Windows {
  readonly #options: WindowsOptions;
  readonly #windows = new Map<Place, LoadedWindow>();
  readonly #absent = new Map<Place, MessageWindow>();
  readonly #opening = new Map<LoadedWindow, Promise<void>>();
  readonly #meanwhile = new Map<ChannelId, Set<Meanwhile>>();

  constructor(options: WindowsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#windows.size;
  }

  view(channelId: ChannelId, threadSeq: Seq | null): MessageWindow {
    const window = this.#windows.get(place(channelId, threadSeq));
    return window ? window.view() : this.#absentView(channelId, threadSeq);
  }

  open(channelId: ChannelId, threadSeq: Seq | null): Promise<void> {
    const window = this.#use(channelId, threadSeq);
    const opening = this.#opening.get(window);
    if (opening) return opening;
    if (window.state === 'ready') return Promise.resolve();
    return this.#loadNewest(window);
  }

  jumpToLatest(channelId: ChannelId, threadSeq: Seq | null): Promise<void> {
    const window = this.#use(channelId, threadSeq);
    window.anchor = null;
    if (window.state === 'ready' && !window.hasNewer) return Promise.resolve();
    return this.#opening.get(window) ?? this.#loadNewest(window);
  }

  jumpTo(channelId: ChannelId, seq: Seq, threadSeq: Seq | null): Promise<void> {
    const window = this.#use(channelId, threadSeq);
    window.anchor = seq;
    if (window.state === 'ready' && window.has(seq)) return Promise.resolve();
    return this.#opened(window, { ...this.#query(window), around: seq });
  }

  async loadOlder(channelId: ChannelId, threadSeq: Seq | null): Promise<void> {
    const window = this.#use(channelId, threadSeq);
    const before = window.first;
    if (window.state !== 'ready' || !window.hasOlder || window.isLoadingOlder || before === null) return;
    window.isLoadingOlder = true;
    window.anchor ??= before;
    this.#changed(window);
    await this.#load(window, { ...this.#query(window), before }, (page) => {
      window.isLoadingOlder = false;
      window.addOlder(page, this.#options.tuning.windowMessagesMax);
    });
  }

  async loadNewer(channelId: ChannelId, threadSeq: Seq | null): Promise<void> {
    const window = this.#use(channelId, threadSeq);
    const after = window.last;
    if (window.state !== 'ready' || !window.hasNewer || window.isLoadingNewer || after === null) return;
    window.isLoadingNewer = true;
    this.#changed(window);
    await this.#load(window, { ...this.#query(window), after }, (page) => {
      window.isLoadingNewer = false;
      window.addNewer(page, this.#options.tuning.windowMessagesMax);
    });
  }

  setAnchor(channelId: ChannelId, seq: Seq | null, threadSeq: Seq | null): void {
    const window = this.#windows.get(place(channelId, threadSeq));
    if (window) window.anchor = seq;
  }

  apply(event: LogEvent, asOf: Seq | null): void {
    for (const meanwhile of this.#meanwhile.get(event.channelId) ?? []) {
      if (meanwhile.applied.length < meanwhileMax) meanwhile.applied.push({ event, asOf });
      else meanwhile.isTooMuch = true;
    }
    for (const window of this.#of(event.channelId)) {
      if (window.apply(event, asOf, this.#options.tuning.windowMessagesMax)) this.#changed(window);
    }
  }

  /** Something that is drawn with the messages changed: an overlay of one, or what is on its way out. */
  redraw(channelId: ChannelId, seq: Seq | null): void {
    for (const window of this.#of(channelId)) {
      if (seq === null) window.touch();
      else window.redraw(seq);
      this.#changed(window);
    }
    if (seq === null) {
      for (const [where, view] of this.#absent) {
        if (view.channelId !== channelId) continue;
        this.#absent.delete(where);
        this.#options.store.changed(keys.messages(view.channelId, view.threadSeq));
      }
    }
  }

  /** The channel's log started over: what is on the screen is read again, the rest forgotten. */
  reload(channelId: ChannelId): void {
    for (const window of this.#of(channelId)) {
      const key = keys.messages(channelId, window.threadSeq);
      if (this.#options.store.isWatched(key)) void this.#loadNewest(window);
      else this.#forget(window);
    }
  }

  reloadAll(): void {
    for (const channelId of new Set([...this.#windows.values()].map((window) => window.channelId))) this.reload(channelId);
  }

  /** Connected again: what could not be loaded may load now. */
  retryFailed(): void {
    for (const window of this.#windows.values()) {
      if (window.state === 'failed' && window.error?.retryable) void this.#loadNewest(window);
    }
  }

  forget(channelId: ChannelId): void {
    for (const window of this.#of(channelId)) {
      this.#forget(window);
      this.#options.store.changed(keys.messages(channelId, window.threadSeq));
    }
  }

  #of(channelId: ChannelId): LoadedWindow[] {
    const found: LoadedWindow[] = [];
    for (const window of this.#windows.values()) if (window.channelId === channelId) found.push(window);
    return found;
  }

  #query(window: LoadedWindow): MessageQuery {
    const limit = this.#options.tuning.pageSize;
    return window.threadSeq === null ? { limit } : { limit, threadSeq: window.threadSeq };
  }

  #absentView(channelId: ChannelId, threadSeq: Seq | null): MessageWindow {
    const where = place(channelId, threadSeq);
    const known = this.#absent.get(where);
    if (known) return known;
    const view: MessageWindow = {
      channelId,
      threadSeq,
      state: 'absent',
      error: null,
      messages: [],
      hasOlder: false,
      hasNewer: false,
      isLoadingOlder: false,
      isLoadingNewer: false,
      outgoing: this.#options.outgoing(channelId, threadSeq),
    };
    if (this.#absent.size >= this.#options.tuning.windowsMax) this.#absent.clear();
    this.#absent.set(where, view);
    return view;
  }

  #use(channelId: ChannelId, threadSeq: Seq | null): LoadedWindow {
    const where = place(channelId, threadSeq);
    let window = this.#windows.get(where);
    if (window) this.#windows.delete(where);
    else window = new LoadedWindow(channelId, threadSeq, this.#options.overlays, this.#options.outgoing);
    // A Map iterates in insertion order: the least recently used comes first.
    this.#windows.set(where, window);
    this.#absent.delete(where);
    this.#evict(window);
    return window;
  }

  #evict(keep: LoadedWindow): void {
    for (const window of this.#windows.values()) {
      if (this.#windows.size <= this.#options.tuning.windowsMax) return;
      if (window === keep || this.#options.store.isWatched(keys.messages(window.channelId, window.threadSeq))) continue;
      this.#forget(window);
    }
  }

  #forget(window: LoadedWindow): void {
    window.generation += 1;
    this.#opening.delete(window);
    this.#windows.delete(place(window.channelId, window.threadSeq));
  }

  #loadNewest(window: LoadedWindow): Promise<void> {
    return this.#opened(window, this.#query(window));
  }

  /** Replaces the contents; until they are there the old ones stay on the screen. */
  #opened(window: LoadedWindow, query: MessageQuery): Promise<void> {
    window.generation += 1;
    window.isLoadingOlder = false;
    window.isLoadingNewer = false;
    if (window.size === 0) window.state = 'loading';
    this.#changed(window);
    const opening = this.#load(window, query, (page) => {
      window.replace(page, this.#options.tuning.windowMessagesMax);
    }).finally(() => {
      if (this.#opening.get(window) === opening) this.#opening.delete(window);
    });
    this.#opening.set(window, opening);
    return opening;
  }

  async #load(window: LoadedWindow, query: MessageQuery, join: (page: MessagePage) => void): Promise<void> {
    const { channelId, generation } = { channelId: window.channelId, generation: window.generation };
    const meanwhile: Meanwhile = { applied: [], isTooMuch: false };
    const collectors = this.#meanwhile.get(channelId) ?? new Set();
    this.#meanwhile.set(channelId, collectors.add(meanwhile));
    try {
      const page = await this.#fetchFresh(channelId, query, meanwhile, () => generation === window.generation);
      if (!page || generation !== window.generation) return;
      join(page);
      window.error = null;
      for (const { event, asOf } of meanwhile.applied) {
        if (event.epoch === page.epoch && event.seq > page.head)
          window.apply(event, asOf, this.#options.tuning.windowMessagesMax);
      }
      this.#options.onPage(page);
    } catch (cause) {
      if (generation !== window.generation) return;
      window.isLoadingOlder = false;
      window.isLoadingNewer = false;
      window.error = cause instanceof ApiError ? cause : new ApiError('internal', 'loading messages failed', { cause });
      if (window.size === 0) window.state = 'failed';
    } finally {
      collectors.delete(meanwhile);
      if (collectors.size === 0 && this.#meanwhile.get(channelId) === collectors) this.#meanwhile.delete(channelId);
    }
    this.#changed(window);
  }

  /** A page read before entries we had already applied would take them back: such a page is asked for again. */
  async #fetchFresh(
    channelId: ChannelId,
    query: MessageQuery,
    meanwhile: Meanwhile,
    isWanted: () => boolean,
  ): Promise<MessagePage | null> {
    for (let tries = 0; tries < stalePagesMax; tries++) {
      if (tries > 0) await sleep(this.#options.tuning.gapMs * tries);
      if (!isWanted()) return null;
      const start = this.#options.cursor(channelId);
      meanwhile.applied = [];
      meanwhile.isTooMuch = false;
      const page = await this.#options.fetchPage(channelId, query);
      const isStale = start !== null && (page.epoch < start.epoch || (page.epoch === start.epoch && page.head < start.seq));
      if (isStale || meanwhile.isTooMuch) continue;
      if (start) this.#options.noteHead(channelId, page.epoch, page.head);
      return page;
    }
    throw new ApiError('unavailable', 'the server keeps giving pages older than its log', { retryable: true });
  }

  #changed(window: LoadedWindow): void {
    window.touch();
    this.#options.store.changed(keys.messages(window.channelId, window.threadSeq));
  }
}
