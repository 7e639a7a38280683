import { type ChannelId, limits } from 'gb-protocol';
import type { Parts } from './parts.ts';
import type { StoreKey } from './store.ts';

const messagesKey = 'messages:';

/**
 * What the person looks at: channels whose messages are on the screen, and direct ones, whose people are in the side bar.
 * The server is told, a moment after it changed.
 */
export class Looking {
  readonly #parts: Parts;
  #told = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    if (!parts.options.hasScreen) return;
    parts.store.onWatched = (key) => this.#onWatched(key);
  }

  isAt(channelId: ChannelId): boolean {
    for (const key of this.#parts.store.watchedKeys()) if (channelOf(key) === channelId) return true;
    return false;
  }

  /** A new connection knows nothing of it. */
  begin(): void {
    this.#told = '';
    this.#tell();
  }

  /** Channels came or went. */
  check(): void {
    if (this.#parts.options.hasScreen) this.#timer ??= setTimeout(() => this.#tell(), this.#parts.tuning.watchMs);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#parts.store.onWatched = null;
  }

  #onWatched(key: StoreKey): void {
    const channelId = channelOf(key);
    if (channelId === null) return;
    // What was left out while nobody looked is read now; the server need not have heard of it.
    if (this.#parts.store.isWatched(key)) this.#parts.logs.wake(channelId);
    this.check();
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { options, connection, directory } = this.#parts;
    if (!options.hasScreen || !connection.isUp) return;
    const channelIds = this.#channels();
    const told = channelIds.join();
    if (told === this.#told) return;
    this.#told = told;
    directory.keepPresenceOf(new Set(channelIds));
    connection.send({ type: 'watch', channelIds });
  }

  #channels(): ChannelId[] {
    const { store, channels } = this.#parts;
    const found = new Set<ChannelId>();
    for (const key of store.watchedKeys()) {
      const channelId = channelOf(key);
      if (channelId !== null) found.add(channelId);
    }
    const direct = channels
      .views()
      .filter(({ channel: { kind } }) => kind === 'direct' || kind === 'group')
      .sort((a, b) => (b.lastMessageAt ?? 0) - (a.lastMessageAt ?? 0));
    for (const { channel } of direct) found.add(channel.id);
    return [...found].slice(0, limits.watchedChannelsMax).sort();
  }
}

/** The channel whose messages, or one of whose threads, a key stands for. */
function channelOf(key: StoreKey): ChannelId | null {
  if (!key.startsWith(messagesKey)) return null;
  return (key.slice(messagesKey.length).split(':')[0] ?? '') as ChannelId;
}
