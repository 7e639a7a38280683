import type { ConversationId, CustomerId, Locale } from 'gb-protocol';
import { sleep } from 'gb-utils';
import type { Context } from '../context.ts';
import { createDrive } from '../files/drive.ts';
import type { BotReply, ConversationRow, OperationResult, OutsideCall, PlainValue } from '../ports/index.ts';
import type { Performed } from './conversation-runner.ts';
import { readReply } from './replies.ts';
import { depthBelow, newRunRow } from './runs.ts';
import { localeOf, surroundings } from './turn-job.ts';

/** No operation may take longer, models with their tools included. */
const operationMsMax = 300_000;
/** How often an operation looks whether the script it called has ended, when nobody tells it. */
const runPollMs = 250;
/** At most so many pictures of a growing text a second. */
const streamMs = 80;

/** Does what programs ask of the world, while their conversations are stored and wait. */
export class OperationPerformer {
  readonly #ctx: Context;
  readonly #onDue: (atMs: number) => void;

  constructor(ctx: Context, onDue: (atMs: number) => void) {
    this.#ctx = ctx;
    this.#onDue = onDue;
  }

  /** null when the conversation's bot is gone. */
  async perform(customerId: CustomerId, row: ConversationRow): Promise<Performed | null> {
    const { store, clock } = this.#ctx;
    const around = await store.read(customerId, async (tx) => {
      const bot = await tx.bots.get(row.botId);
      return bot && { botUserId: bot.userId, ...(await surroundings(tx, row)) };
    });
    if (!around) return null;
    const state = structuredClone(row.state);
    const stopping = AbortSignal.timeout(operationMsMax);
    const key = `${row.id}:${row.turn}`;
    const call: OutsideCall = {
      customerId,
      botId: row.botId,
      botUserId: around.botUserId,
      conversationId: row.id,
      channelId: row.channelId,
      threadSeq: row.threadSeq,
      userId: row.userId,
      locale: localeOf({ row, ...around }),
      nowMs: clock.nowMs(),
      key,
      settings: around.published?.about?.settings ?? {},
      state,
      drive: createDrive(this.#ctx, { customerId, botId: row.botId, botUserId: around.botUserId }),
      signal: stopping,
      stream: this.#streamOf(customerId, row, around.botUserId),
      runScript: (script, params) =>
        this.#runScript(customerId, row, `${key}:${script}:${JSON.stringify(params)}`, script, params),
      read: (work) => store.read(customerId, work),
      write: (work) => store.transaction(customerId, work),
    };
    const result = await this.#ctx.operations.outside(row.request!, call);
    return { turn: row.turn, result, state };
  }

  /** What a model answered, as a message. */
  replyOf(result: OperationResult, locale: Locale): BotReply {
    if ('value' in result) return readReply(result.value);
    const text =
      locale === 'pt-BR'
        ? 'Não consegui responder agora. Tente de novo em instantes.'
        : 'I could not answer just now. Please try again in a moment.';
    return { text };
  }

  /** Each text replaces the last one; too many a second are not worth their way. */
  #streamOf(customerId: CustomerId, row: ConversationRow, userId: string): (text: string) => void {
    const { channelId, threadSeq } = row;
    if (channelId === null) return () => {};
    let sentAt = 0;
    return (text) => {
      const now = performance.now();
      if (now - sentAt < streamMs) return;
      sentAt = now;
      const place = threadSeq === 0 ? {} : { threadSeq };
      this.#ctx.bus.signal({ type: 'streaming', customerId, channelId, userId, ...place, text: text.slice(0, 16_000) });
    };
  }

  /** Runs a script of the bot to its end. Its run has an id made of the key: done again, it is the same run. */
  async #runScript(
    customerId: CustomerId,
    row: ConversationRow,
    key: string,
    script: string,
    params: Readonly<Record<string, PlainValue>>,
  ): Promise<OperationResult> {
    const { store, clock } = this.#ctx;
    const place = row.channelId === null ? {} : { place: { channelId: row.channelId, threadSeq: row.threadSeq } };
    const id = await store.transaction(customerId, async (tx) => {
      const run = {
        script,
        params,
        cause: 'tool',
        key,
        depth: depthBelow(row.state),
        botId: row.botId,
        userId: row.userId,
        nowMs: clock.nowMs(),
        ...place,
      } as const;
      const made = await newRunRow(tx, run);
      await tx.conversations.save(made, null);
      return made.id;
    });
    this.#onDue(clock.nowMs());
    return this.finished(customerId, id, operationMsMax);
  }

  /** Waits until a run has ended, and gives what it gave back. */
  async finished(customerId: CustomerId, id: ConversationId, msMax: number): Promise<OperationResult> {
    const { store } = this.#ctx;
    for (const endAt = performance.now() + msMax; performance.now() < endAt; await sleep(runPollMs)) {
      const run = await store.read(customerId, (tx) => tx.conversations.get(id));
      if (!run) return { error: 'the run is gone' };
      if (run.status === 'finished' || run.status === 'failed') return run.result ?? { value: null };
      if (run.status === 'parked') return { error: 'the run could not be finished' };
    }
    return { error: 'the script took too long' };
  }
}
