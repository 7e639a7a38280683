import type { ChannelId, LogEvent, Message, Seq } from 'gb-protocol';
import type { Overlay } from './message-window.ts';

interface Pending extends Overlay {
  readonly isSettledBy: (event: LogEvent) => boolean;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** What the person did to messages and the log has not told yet, in the order it was done. */
export class Overlays {
  readonly #byChannel = new Map<ChannelId, Pending[]>();
  readonly #onChange: (channelId: ChannelId, seq: Seq) => void;

  constructor(onChange: (channelId: ChannelId, seq: Seq) => void) {
    this.#onChange = onChange;
  }

  of(channelId: ChannelId): readonly Overlay[] {
    return this.#byChannel.get(channelId) ?? none;
  }

  add(channelId: ChannelId, seq: Seq, draw: (message: Message) => Message, isSettledBy: (event: LogEvent) => boolean): Shown {
    const pending: Pending = { seq, draw, isSettledBy, timer: undefined };
    this.#byChannel.set(channelId, [...(this.#byChannel.get(channelId) ?? []), pending]);
    this.#onChange(channelId, seq);
    const remove = () => this.#remove(channelId, pending);
    return {
      remove,
      removeAfter: (ms) => {
        if (this.#byChannel.get(channelId)?.includes(pending)) pending.timer = setTimeout(remove, ms);
      },
    };
  }

  /** Called after the entry was applied to the messages themselves. */
  settle(event: LogEvent): void {
    const settled = this.#byChannel.get(event.channelId)?.find((pending) => pending.isSettledBy(event));
    if (settled) this.#remove(event.channelId, settled);
  }

  clear(): void {
    for (const list of this.#byChannel.values()) for (const pending of list) clearTimeout(pending.timer);
    this.#byChannel.clear();
  }

  #remove(channelId: ChannelId, pending: Pending): void {
    clearTimeout(pending.timer);
    const list = this.#byChannel.get(channelId);
    if (!list?.includes(pending)) return;
    const rest = list.filter((other) => other !== pending);
    if (rest.length > 0) this.#byChannel.set(channelId, rest);
    else this.#byChannel.delete(channelId);
    this.#onChange(channelId, pending.seq);
  }
}

export interface Shown {
  /** The screen goes back to what the log says. */
  readonly remove: () => void;
  /** Trusts that the entry is on its way, this long. */
  readonly removeAfter: (ms: number) => void;
}

const none: readonly Overlay[] = [];
