import type { ChannelId, ChannelState, Seq, Snapshot, UserId } from 'gb-protocol';
import { backoffMs, sleep } from 'gb-utils';
import { ApiError, asApiError } from './http.ts';
import { Outbox } from './outbox.ts';
import { ownLock } from './outbox-storage.ts';
import type { Parts } from './parts.ts';

/** What the person has: loaded as a snapshot at the start and whenever a log of theirs begins anew. */
export class Workspace {
  readonly #parts: Parts;
  #starting: Promise<void> | null = null;
  #retryNow: (() => void) | null = null;
  #isOnline = true;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Resolves when the snapshot is there and connecting has begun. */
  start(): Promise<void> {
    this.#starting ??= this.#start().finally(() => {
      this.#starting = null;
    });
    return this.#starting;
  }

  /** Tries again without waiting for the time it was put off to. */
  retryNow(): void {
    this.#retryNow?.();
  }

  setNetwork(isOnline: boolean): void {
    this.#isOnline = isOnline;
    if (isOnline) this.retryNow();
  }

  async #start(): Promise<void> {
    const { rest, status, store, closing } = this.#parts;
    for (let attempt = 0; ; attempt++) {
      this.#parts.throwIfClosed();
      status.set({ phase: 'loading', retryAtMs: null, attempt, reason: null });
      try {
        const snapshot = await rest.snapshot({ signal: closing.signal });
        this.#parts.throwIfClosed();
        await this.#begin(snapshot);
        return;
      } catch (cause) {
        const error = asApiError(cause);
        if (error.code === 'closed' || !error.retryable) {
          if (!closing.signal.aborted) status.set({ phase: 'stopped', retryAtMs: null, attempt, reason: error });
          store.flush();
          throw error;
        }
        await this.#pause(attempt, error);
      }
    }
  }

  async #pause(attempt: number, error: ApiError): Promise<void> {
    const { tuning, random, status } = this.#parts;
    const { backoffBaseMs, backoffMaxMs } = tuning;
    const delayMs = (error.retryAfterMs ?? 0) + backoffMs(attempt, { baseMs: backoffBaseMs, maxMs: backoffMaxMs, random });
    const phase = this.#isOnline ? 'waiting' : 'offline';
    status.set({ phase, retryAtMs: this.#parts.nowMs() + delayMs, attempt: attempt + 1, reason: error });
    const wake = new AbortController();
    this.#retryNow = () => wake.abort();
    await sleep(delayMs, wake.signal);
    this.#retryNow = null;
  }

  async #begin(snapshot: Snapshot): Promise<void> {
    const parts = this.#parts;
    if (parts.directory.isReady && parts.me() !== snapshot.me.id) {
      throw new ApiError('forbidden', 'Another person is logged in now; this client belongs to the one before');
    }
    this.#take(snapshot);
    if (!parts.outbox) {
      const outbox = await this.#openOutbox(snapshot.me.id);
      if (parts.closing.signal.aborted) {
        await outbox.close();
        parts.throwIfClosed();
      }
      parts.outbox = outbox;
      await outbox.load();
    }
    parts.connection.start();
    parts.store.flush();
  }

  async #openOutbox(userId: UserId): Promise<Outbox> {
    const { options, tuning, random, connection, logs, windows, store, emitter } = this.#parts;
    const storage = await options.openOutbox(userId);
    return new Outbox({
      storage,
      lock: options.outboxLock?.(userId) ?? ownLock,
      tuning,
      nowMs: () => this.#parts.nowMs(),
      random,
      nextId: () => this.#parts.nextId(),
      sendFrame: (frame) => connection.send(frame),
      isExpected: ({ channelId, epoch, seq }) => {
        const log = logs.get(channelId);
        return log !== undefined && (log.epoch < epoch || (log.epoch === epoch && log.cursor < seq));
      },
      onChange: (channelId) => {
        windows.redraw(channelId, null);
        store.changed('outbox');
      },
      onPosted: (posted) => emitter.emit('posted', posted),
      onFailed: (message, error) => emitter.emit('send-failed', { message, error }),
      onStorageError: (cause) =>
        this.#parts.warn('the outbox could not be stored: unsent messages may not survive a reload', cause),
    });
  }

  #take(snapshot: Snapshot): void {
    const { options, directory, entries, logs, channels, windows } = this.#parts;
    this.#parts.noteServerTime(snapshot.serverTime);
    directory.put(snapshot);
    entries.self = snapshot.self.channelId;
    entries.directory = snapshot.directory.channelId;
    logs.clear();
    logs.follow(snapshot.self);
    logs.follow(snapshot.directory);
    const states = snapshot.channels.filter((state) => options.follows?.(state.channel.id) ?? true);
    const ids = new Set(states.map((state) => state.channel.id));
    for (const id of channels.ids()) if (!ids.has(id)) this.removeChannel(id);
    for (const state of states) {
      this.#putChannel(state);
      logs.follow({ channelId: state.channel.id, epoch: state.epoch, seq: state.head });
    }
    windows.reloadAll();
  }

  addChannel(state: ChannelState): void {
    const { options, logs, channels } = this.#parts;
    if (options.follows && !options.follows(state.channel.id)) return;
    const log = logs.get(state.channel.id);
    if (log?.epoch === state.epoch && channels.get(state.channel.id)) {
      log.noteHead(state.epoch, state.head);
      return;
    }
    this.#putChannel(state);
    logs.follow({ channelId: state.channel.id, epoch: state.epoch, seq: state.head });
  }

  #putChannel(state: ChannelState): void {
    const { channels, readMarks, drafts, looking } = this.#parts;
    channels.put(state);
    looking.check();
    readMarks.restore(state.channel.id);
    drafts.onServer(state.channel.id, null, state.draft ?? '');
  }

  removeChannel(id: ChannelId): void {
    const { logs, channels, windows, readMarks, outbox } = this.#parts;
    logs.unfollow(id);
    channels.remove(id);
    windows.forget(id);
    readMarks.forget(id);
    outbox?.forgetSent(id);
    this.#parts.looking.check();
  }

  /** Puts a log's present state in place of what is known; null when there is no such log for us. */
  async restartLog(channelId: ChannelId): Promise<{ epoch: number; seq: Seq } | null> {
    const { rest, entries, logs, connection, closing } = this.#parts;
    if (channelId === entries.self || channelId === entries.directory) {
      const snapshot = await rest.snapshot({ signal: closing.signal });
      if (closing.signal.aborted) return null;
      this.#take(snapshot);
      // A connection with the cursors of the new logs.
      connection.restart();
      return null;
    }
    const { state } = await rest.channel(channelId);
    if (!logs.get(channelId)) return null;
    this.#putChannel(state);
    return { epoch: state.epoch, seq: state.head };
  }

  onRestarted(channelId: ChannelId): void {
    const { logs, windows, outbox, emitter } = this.#parts;
    const log = logs.get(channelId);
    if (!log) return;
    outbox?.forgetSent(channelId);
    windows.reload(channelId);
    emitter.emit('skipped', { channelId, epoch: log.epoch, seq: log.cursor });
  }
}
