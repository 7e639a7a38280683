import type { ChannelId, LogEvent, Message, Seq, UserId } from 'gb-protocol';
import { backoffMs, sleep } from 'gb-utils';
import { ApiError } from './http.ts';
import { deleted, withReaction } from './message-window.ts';
import type { Overlays } from './overlays.ts';
import type { Rest } from './rest.ts';
import type { ActionKind } from './types.ts';

export interface ActionsOptions {
  readonly rest: Rest;
  readonly overlays: Overlays;
  readonly me: () => UserId;
  readonly nowMs: () => number;
  readonly random: () => number;
  readonly echoMs: number;
  readonly shown: () => void;
  readonly onRefused: (action: ActionKind, channelId: ChannelId, seq: Seq, error: ApiError) => void;
}

const triesMax = 4;

/** Changes to messages: drawn at once, kept until the log tells them, taken back when the server says no. */
export class Actions {
  readonly #options: ActionsOptions;

  constructor(options: ActionsOptions) {
    this.#options = options;
  }

  edit(channelId: ChannelId, seq: Seq, text: string): Promise<boolean> {
    const at = this.#options.nowMs();
    return this.#act(
      'edit',
      channelId,
      seq,
      (message) => (message.deletedAt === null ? { ...message, text, editedAt: at } : message),
      (event) => event.kind === 'message.edited' && event.text === text,
      () => this.#options.rest.editMessage(channelId, seq, text),
    );
  }

  delete(channelId: ChannelId, seq: Seq): Promise<boolean> {
    const at = this.#options.nowMs();
    return this.#act(
      'delete',
      channelId,
      seq,
      (message) => (message.deletedAt === null ? deleted(message, at) : message),
      (event) => event.kind === 'message.deleted',
      () => this.#options.rest.deleteMessage(channelId, seq),
    );
  }

  react(channelId: ChannelId, seq: Seq, emoji: string, isOn: boolean): Promise<boolean> {
    const me = this.#options.me();
    const kind = isOn ? 'reaction.added' : 'reaction.removed';
    return this.#act(
      'react',
      channelId,
      seq,
      (message) => withReaction(message, emoji, me, isOn),
      (event) => event.kind === kind && event.actorId === me && event.emoji === emoji,
      () =>
        isOn ? this.#options.rest.addReaction(channelId, seq, emoji) : this.#options.rest.removeReaction(channelId, seq, emoji),
    );
  }

  async #act(
    action: ActionKind,
    channelId: ChannelId,
    seq: Seq,
    draw: (message: Message) => Message,
    isSettledBy: (event: LogEvent) => boolean,
    request: () => Promise<unknown>,
  ): Promise<boolean> {
    const shown = this.#options.overlays.add(
      channelId,
      seq,
      draw,
      (event) => 'target' in event && event.target === seq && isSettledBy(event),
    );
    this.#options.shown();
    try {
      await this.#persist(request);
    } catch (cause) {
      shown.remove();
      const error = cause instanceof ApiError ? cause : new ApiError('internal', `${action} failed`, { cause });
      this.#options.onRefused(action, channelId, seq, error);
      return false;
    }
    // The entry usually came before the answer. Where nothing changed (reacted already) there is none.
    shown.removeAfter(this.#options.echoMs);
    return true;
  }

  /** All of these say the state wanted, not a step towards it, so they may be repeated after any doubt. */
  async #persist(request: () => Promise<unknown>): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await request();
        return;
      } catch (cause) {
        if (!(cause instanceof ApiError) || !cause.retryable || tries >= triesMax) throw cause;
        await sleep(cause.retryAfterMs ?? 200 + backoffMs(tries, { baseMs: 300, maxMs: 3_000, random: this.#options.random }));
      }
    }
  }
}
