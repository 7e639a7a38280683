import type { BotId, ConversationId, CustomerId, Locale } from 'gb-protocol';
import { sleep } from 'gb-utils';
import type { Context } from '../context.ts';
import { bytesInFlight } from '../files/bytes-in-flight.ts';
import { createDrive } from '../files/drive.ts';
import type { BotReply, ConversationRow, OperationResult, OutsideCall, PlainValue } from '../ports/index.ts';
import type { Performed } from './conversation-runner.ts';
import { readReply } from './replies.ts';
import { depthBelow, newRunRow } from './runs.ts';
import { withSecrecy } from './secrecy.ts';
import { localeOf, surroundings } from './turn-job.ts';

/** No operation may take longer, models with their tools included. */
const operationMsMax = 300_000;
/** How soon one that is told to stop has to: one that does not is given up, and what it still does is nobody's. */
const stopMsMax = 2_000;
/** How often an operation looks whether the script it called has ended, when nobody tells it. */
const runPollMs = 250;
/** At most so many pictures of a growing text a second. */
const streamMs = 80;
const streamTextMax = 16_000;

/** Does what programs ask of the world, while their conversations are stored and wait. */
export class OperationPerformer {
  readonly #ctx: Context;
  readonly #onDue: (atMs: number) => void;
  readonly #msMax: number;

  constructor(ctx: Context, onDue: (atMs: number) => void, msMax = operationMsMax) {
    this.#ctx = ctx;
    this.#onDue = onDue;
    this.#msMax = msMax;
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
    const stopping = AbortSignal.timeout(this.#msMax);
    const key = `${row.id}:${row.turn}`;
    const stream = this.#streamOf(customerId, row, around.botUserId);
    const held = bytesInFlight(this.#ctx.objects).hold(customerId);
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
      drive: createDrive(this.#ctx, {
        customerId,
        botId: row.botId,
        botUserId: around.botUserId,
        depth: (row.state.run?.depth ?? 0) + 1,
        held,
      }),
      signal: stopping,
      stream: stream.show,
      runScript: (script, params, botId = row.botId) =>
        this.#runScript(customerId, row, `${key}:${script}:${JSON.stringify(params)}`, { script, params, botId }),
      read: (work) => store.read(customerId, work),
      write: (work) => store.transaction(customerId, work),
    };
    const givenUp = Promise.withResolvers<OperationResult>();
    const giveUp = setTimeout(() => givenUp.resolve(tookTooLong(call.locale)), this.#msMax + stopMsMax);
    try {
      const result = await Promise.race([this.#ctx.operations.outside(row.request!, call), givenUp.promise]);
      return { turn: row.turn, result, state };
    } finally {
      clearTimeout(giveUp);
      stream.end();
      held.release();
    }
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

  /**
   * Each text replaces the last one; too many a second are not worth their way. What comes in between is shown when its
   * time has come, so that nobody looks at half a word while the model thinks; nothing is shown once the answer is there.
   */
  #streamOf(customerId: CustomerId, row: ConversationRow, userId: string): { show(text: string): void; end(): void } {
    const { channelId, threadSeq } = row;
    if (channelId === null) return { show: () => {}, end: () => {} };
    const place = threadSeq === 0 ? {} : { threadSeq };
    let sentAt = 0;
    let latest = '';
    let timer: NodeJS.Timeout | null = null;
    let isEnded = false;
    const send = (): void => {
      timer = null;
      sentAt = performance.now();
      this.#ctx.bus.signal({ type: 'streaming', customerId, channelId, userId, ...place, text: latest.slice(0, streamTextMax) });
    };
    return {
      show(text) {
        latest = text;
        if (timer || isEnded) return;
        const waitMs = sentAt + streamMs - performance.now();
        if (waitMs <= 0) send();
        else timer = setTimeout(send, waitMs);
      },
      end() {
        isEnded = true;
        if (timer) clearTimeout(timer);
      },
    };
  }

  /**
   * Runs a script to its end. Its run has an id made of the key: done again, it is the same run. One of another bot speaks
   * to nobody: what it says is its answer.
   */
  async #runScript(
    customerId: CustomerId,
    row: ConversationRow,
    key: string,
    { script, params, botId }: { script: string; params: Readonly<Record<string, PlainValue>>; botId: BotId },
  ): Promise<OperationResult> {
    const { store, clock } = this.#ctx;
    const isGuest = botId !== row.botId;
    const { channelId, threadSeq } = row;
    const place = isGuest ? { isQuiet: true } : channelId === null ? {} : { place: { channelId, threadSeq } };
    const id = await store.transaction(customerId, async (tx) => {
      const run = {
        script,
        params,
        cause: 'tool',
        key,
        depth: depthBelow(row.state),
        botId,
        userId: row.userId,
        nowMs: clock.nowMs(),
        ...place,
      } as const;
      const made = await newRunRow(tx, run);
      const given = row.state.secret?.heard ? { ...made, state: withSecrecy(made.state, true, false) } : made;
      await tx.conversations.save(given, null);
      return given.id;
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

function tookTooLong(locale: Locale): OperationResult {
  return { error: locale === 'pt-BR' ? 'demorou demais' : 'it took too long' };
}
