import { isUtf8 } from 'node:buffer';
import { contactActor, fail, type KeyHolder, postAsContact, readContactMessages, requireContact } from 'gb-core';
import { type ChannelId, closeCodes, type ErrorBody, limits, type PostContactMessage, type Seq } from 'gb-protocol';
import { streamFrameSchemas } from 'gb-protocol/schemas';
import { GbError, LruMap, sleep } from 'gb-utils';
import { Compile } from 'typebox/compile';
import type { WebSocket } from 'ws';
import { errorBody } from '../../error-body.ts';
import type { ApiOptions } from '../../options.ts';

/** Conversations whose place is known here; of others, what comes next is sent. */
const cursorsMax = 20_000;
/** Conversations with messages that were not sent yet; with more, the connector has to come back and say where it stands. */
const behindMax = 20_000;
const pageSize = 50;
/** Signs that are worth nothing later are left out while this much waits to be sent. */
const backlogBytesMax = limits.socketBacklogBytesMax;

type StreamFrame =
  | { readonly type: 'follow'; readonly conversations: readonly { readonly id: ChannelId; readonly after: Seq }[] }
  | ({ readonly type: 'send'; readonly id: number; readonly conversationId: ChannelId } & PostContactMessage)
  | { readonly type: 'typing'; readonly conversationId: ChannelId }
  | { readonly type: 'ping' };

const validators = new Map(Object.entries(streamFrameSchemas).map(([type, schema]) => [type, Compile(schema)]));

/**
 * All conversations of one bot on one socket. What is announced to it only says that there is something: messages are read
 * from the log, from where the connector stands, so they come in order, once, and none is missing. A slow socket is read
 * for more slowly, and nothing piles up.
 */
export class ConversationStream {
  readonly holder: KeyHolder;
  readonly #ws: WebSocket;
  readonly #options: ApiOptions;
  readonly #sent = new LruMap<ChannelId, Seq>(cursorsMax);
  readonly #behind = new Map<ChannelId, Seq>();
  #isPumping = false;
  isClosed = false;
  heardAtMs: number;

  constructor(ws: WebSocket, holder: KeyHolder, options: ApiOptions) {
    this.#ws = ws;
    this.holder = holder;
    this.#options = options;
    this.heardAtMs = Date.now();
    this.#write({ type: 'welcome', botId: holder.botId, serverTime: options.ctx.clock.nowMs() });
  }

  /** There is an entry in a conversation of this bot. */
  announce(channelId: ChannelId, seq: Seq): void {
    if (!this.#behind.has(channelId)) {
      if (this.#behind.size >= behindMax) return this.close(closeCodes.goingAway, 'too far behind');
      this.#behind.set(channelId, this.#sent.get(channelId) ?? seq - 1);
    }
    void this.#pump();
  }

  /** What is worth something now or never: an answer as it grows, a sign that somebody types. */
  tell(frame: object): void {
    if (!this.isClosed && this.#ws.bufferedAmount < backlogBytesMax) this.#write(frame);
  }

  async onFrame(data: Buffer, isBinary: boolean): Promise<void> {
    let id: number | undefined;
    try {
      const frame = readFrame(data, isBinary, (given) => {
        id = given;
      });
      await this.#handle(frame);
    } catch (error) {
      this.fail(error, id);
    }
  }

  fail(error: unknown, id?: number): void {
    this.#write({ type: 'error', ...(id === undefined ? {} : { id }), ...this.#errorBody(error) });
  }

  ping(): void {
    if (!this.isClosed) this.#ws.ping();
  }

  close(code: number, reason: string): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#ws.close(code, reason);
    setTimeout(() => this.#ws.terminate(), 2_000).unref();
  }

  async #handle(frame: StreamFrame): Promise<void> {
    const { ctx } = this.#options;
    switch (frame.type) {
      case 'ping':
        return this.#write({ type: 'pong', serverTime: ctx.clock.nowMs() });
      case 'follow':
        for (const { id, after } of frame.conversations) await this.#follow(id, after);
        return;
      case 'send': {
        await this.#options.rates.message(this.holder.customerId, frame.conversationId, frame.conversationId);
        const posted = await postAsContact(ctx, this.holder, frame.conversationId, frame);
        return this.#write({ type: 'ack', id: frame.id, ...posted });
      }
      case 'typing': {
        const contact = await requireContact(ctx, this.holder, frame.conversationId);
        const { customerId, userId } = contactActor(this.holder, contact);
        return ctx.bus.signal({ type: 'typing', customerId, channelId: frame.conversationId, userId });
      }
    }
  }

  /** From where the connector says it stands, whatever was sent to it here before. */
  async #follow(id: ChannelId, after: Seq): Promise<void> {
    try {
      await requireContact(this.#options.ctx, this.holder, id);
    } catch (error) {
      return this.#refuse(id, error);
    }
    this.#sent.set(id, after);
    this.#behind.set(id, after);
    void this.#pump();
  }

  #refuse(conversationId: ChannelId, error: unknown): void {
    this.#write({ type: 'refused', conversationId, ...this.#errorBody(error) });
  }

  async #pump(): Promise<void> {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      while (!this.isClosed) {
        const next = this.#behind.entries().next().value;
        if (!next) return;
        const [channelId, from] = next;
        // Before the look into the log: what is announced from here on is looked for again.
        this.#behind.delete(channelId);
        await this.#sendAfter(channelId, this.#sent.get(channelId) ?? from);
      }
    } finally {
      this.#isPumping = false;
    }
  }

  async #sendAfter(channelId: ChannelId, after: Seq): Promise<void> {
    try {
      const page = await readContactMessages(this.#options.ctx, this.holder, channelId, { after, limit: pageSize });
      // A `follow` came meanwhile: from there.
      if ((this.#sent.get(channelId) ?? after) !== after) return void this.#behind.set(channelId, this.#sent.get(channelId)!);
      this.#sent.set(channelId, page.cursor);
      if (page.hasMore) this.#behind.set(channelId, page.cursor);
      for (const message of page.messages) await this.#sendInTurn({ type: 'message', ...message });
    } catch (error) {
      if (error instanceof GbError && !error.retryable) return this.#refuse(channelId, error);
      this.#options.ctx.log.warn(
        { err: error, botId: this.holder.botId },
        'Messages for a connector could not be read; trying again',
      );
      if (!this.#behind.has(channelId)) this.#behind.set(channelId, after);
      await sleep(1_000);
    }
  }

  /** Resolves when the system took it: a socket that is not read is not written to either. */
  #sendInTurn(frame: object): Promise<void> {
    return new Promise((resolve) => {
      if (this.isClosed) resolve();
      // A failure closes the socket, which is heard there.
      else this.#ws.send(JSON.stringify(frame), () => resolve());
    });
  }

  #write(frame: object): void {
    if (this.isClosed) return;
    // Answers to who asks and never reads.
    if (this.#ws.bufferedAmount > backlogBytesMax * 8) this.close(closeCodes.silent, 'not reading');
    else this.#ws.send(JSON.stringify(frame), () => {});
  }

  #errorBody(error: unknown): ErrorBody {
    return errorBody(error, this.#options.ctx.log);
  }
}

function readFrame(data: Buffer, isBinary: boolean, onId: (id: number) => void): StreamFrame {
  if (isBinary || !isUtf8(data)) throw fail('malformed', 'Frames are JSON text.');
  let value: unknown;
  try {
    value = JSON.parse(data.toString());
  } catch (cause) {
    throw fail('malformed', 'The frame is not valid JSON.', { cause });
  }
  if (typeof value !== 'object' || value === null) throw fail('malformed', 'A frame is an object with a type.');
  if ('id' in value && Number.isSafeInteger(value.id)) onId(value.id as number);
  const type = 'type' in value ? String(value.type) : '';
  const validator = validators.get(type);
  if (!validator) throw fail('unknown_frame', `There is no frame called ${type.slice(0, 40)} here.`);
  if (!validator.Check(value)) {
    const [first] = validator.Errors(value);
    throw fail('malformed', `The ${type} frame is not valid:${first ? ` ${first.instancePath || '/'} ${first.message}` : ''}.`);
  }
  return value as unknown as StreamFrame;
}
