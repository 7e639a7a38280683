import type { BotId, ChannelId, ConversationId, CustomerId, Seq, UserId } from 'gb-protocol';
import { limits } from 'gb-protocol';
import { GbError, uuidFromText } from 'gb-utils';
import { type Context, commit } from '../context.ts';
import { bytesInFlight } from '../files/bytes-in-flight.ts';
import { createDrive } from '../files/drive.ts';
import { OperationFailed } from '../operation-failed.ts';
import type { ConversationRow, ConversationState, Heard, NewBotLogLine, OperationResult, RunState, Tx } from '../ports/index.ts';
import { atOnce } from './at-once.ts';
import { withBranchesOf } from './branches.ts';
import { countFailure, retryAt } from './failures.ts';
import { askGuest } from './guests.ts';
import { Desk } from './handover.ts';
import { botLine } from './log-lines.ts';
import { OperationPerformer } from './operation-performer.ts';
import { Pace } from './pace.ts';
import { listenerOf, newConversation, programOf } from './runs.ts';
import { Superseded } from './superseded.ts';
import { surroundings, type TurnJob } from './turn-job.ts';
import { newMessages, TurnRunner } from './turn-runner.ts';

/** How often a turn is computed anew because its conversation changed meanwhile. */
const attemptsMax = 5;

/** What a person said, or that they came in without a word. */
export interface Call {
  readonly customerId: CustomerId;
  readonly botId: BotId;
  readonly botUserId: UserId;
  readonly channelId: ChannelId;
  readonly userId: UserId;
  /** 0 outside threads. */
  readonly threadSeq: Seq;
  readonly eventSeq: Seq;
  /** null when the program is to start without anybody having said anything. */
  readonly heard: Omit<Heard, 'seq'> | null;
}

/**
 * Moves conversations on: when somebody says something, and when their clock says so. What is to be done next is always
 * in the row, under a time: an operation that is asked of the world, a pause, a run that begins. So a process that dies
 * loses nothing; whoever looks at the clock next goes on from there.
 */
export class ConversationRunner {
  /** Where people answer instead of programs. */
  readonly desk: Desk;
  readonly #ctx: Context;
  readonly #turns: TurnRunner;
  readonly #performer: OperationPerformer;
  readonly #pace = new Pace();
  readonly #onDue: (atMs: number) => void;

  /** `onDue` hears when something is to be done, in this process, at a time. */
  constructor(ctx: Context, onDue: (atMs: number) => void) {
    this.#ctx = ctx;
    this.#turns = new TurnRunner(ctx, onDue);
    this.#performer = new OperationPerformer(ctx, onDue);
    this.#onDue = onDue;
    this.desk = new Desk(ctx, onDue);
  }

  /** Takes in what was said. Resolves when it is stored, and the turn it caused with it. */
  async hear(call: Call): Promise<void> {
    try {
      await this.#take(call);
    } catch (error) {
      // Whoever delivers it comes again, though not for ever. What fails for a moment is kept for the clock, which does;
      // a conversation that cannot take it is parked after a while, and then keeps it.
      const row = await this.#ctx.store.read(call.customerId, (tx) => tx.conversations.find(call));
      if (error instanceof GbError && error.retryable) {
        if (!row || !(await this.#putOff(call, row))) throw error;
      } else {
        if (row) await countFailure(this.#ctx, call.customerId, row.id, false);
        throw error;
      }
    }
    await this.#saveFiles(call);
  }

  /** Keeps what could not be heard just now, to be heard soon. False when the conversation is not one that just waits. */
  async #putOff({ customerId, heard, eventSeq }: Call, row: ConversationRow): Promise<boolean> {
    if (heard === null || row.lastEventSeq >= eventSeq || row.inbox.length >= limits.conversationInboxMax) return false;
    if (!['waiting', 'finished', 'failed'].includes(row.status)) return false;
    const wakeAt = retryAt(1, this.#ctx.clock.nowMs());
    const inbox = [...row.inbox, { ...heard, text: meantBy(heard.text, row), seq: eventSeq }];
    const isKept = await this.#ctx.store.transaction(customerId, (tx) =>
      tx.conversations.save({ ...row, inbox, lastEventSeq: eventSeq, wakeAt }, row),
    );
    if (isKept) this.#onDue(wakeAt);
    return isKept;
  }

  /** AUTO SAVE: what came with a message is on the drive, under a name that is the same when it is done again. */
  async #saveFiles({ heard, eventSeq, ...call }: Call): Promise<void> {
    if (!heard?.files?.length) return;
    const row = await this.#ctx.store.read(call.customerId, (tx) => tx.conversations.find(call));
    if (row?.state.data?.['autoSave'] !== true) return;
    for (const [i, file] of heard.files.entries()) {
      const path = `uploads/${call.channelId.slice(-8)}-${eventSeq}-${i + 1}-${file.name}`;
      const held = bytesInFlight(this.#ctx.objects).hold(call.customerId);
      try {
        const drive = createDrive(this.#ctx, { ...call, held });
        const found = await drive.read(file);
        if (found) await drive.write(path, found.bytes, file.type);
      } catch (error) {
        // A full drive is for whoever looks after the bot to know; the message was heard.
        if (!(error instanceof OperationFailed)) throw error;
        const line = botLine('error', error.code, `AUTO SAVE: ${error.said.en}`, { conversationId: row.id });
        await this.#ctx.store.transaction(call.customerId, (tx) => tx.botLog.write(call.botId, line));
      } finally {
        held.release();
      }
    }
  }

  async #take(call: Call): Promise<void> {
    await this.#settle(call.customerId, async (tx) => {
      const previous = await tx.conversations.find(call);
      if (previous && previous.lastEventSeq >= call.eventSeq) return null;
      // Somebody opened the channel again: nothing to start.
      if (call.heard === null && previous !== null) return null;
      const heard = call.heard && { ...call.heard, text: meantBy(call.heard.text, previous), seq: call.eventSeq };
      if (previous && heard) {
        if (previous.status === 'handed') return { kind: 'relay', row: previous, heard };
        const run = await listenerOf(tx, previous);
        if (run !== previous) return { kind: 'pass', row: previous, run, heard };
        const busy = ['asking', 'starting', 'parked'];
        if (busy.includes(previous.status)) return { kind: 'keep', row: previous, heard };
        if (previous.status === 'waiting') return this.#answer(tx, call, previous, heard);
      }
      // Who wrote while the last one ended was first.
      const [first = null, ...inbox] = [...(previous?.inbox ?? []), ...(heard ? [heard] : [])];
      return this.#begin(tx, call, previous, first, inbox);
    });
  }

  /** Does what is due in a conversation. Nothing when it is no longer what it was. */
  async wake(customerId: CustomerId, id: ConversationId): Promise<void> {
    const row = await this.#ctx.store.read(customerId, (tx) => tx.conversations.get(id));
    if (!row || row.wakeAt === null || row.wakeAt > this.#ctx.clock.nowMs()) return;
    try {
      if (row.status === 'asking' && row.result === null && this.#isOutside(row)) {
        const performed = await this.#performer.perform(customerId, row);
        if (performed !== null) await this.#continue(customerId, id, performed);
      } else await this.#continue(customerId, id, null);
    } catch (error) {
      await this.#failed(customerId, id, error);
    }
  }

  #isOutside(row: ConversationRow): boolean {
    return row.request !== null && this.#ctx.operations.kindOf(row.request) === 'outside';
  }

  async #continue(customerId: CustomerId, id: ConversationId, performed: Performed | null): Promise<void> {
    await this.#settle(customerId, async (tx) => {
      const row = await tx.conversations.get(id);
      if (!row || row.wakeAt === null) return null;
      // What was done in the world is done, also when the clock went back meanwhile; it belongs to this one question.
      if (performed) {
        if (row.status !== 'asking' || row.turn !== performed.turn) return null;
      } else if (row.wakeAt > this.#ctx.clock.nowMs()) return null;
      const bot = await tx.bots.get(row.botId);
      if (!bot) return null;
      const around = { customerId, botUserId: bot.userId, previous: row, ...(await surroundings(tx, row)) };
      const isAlone = performed === null && (row.status !== 'waiting' || row.inbox.length === 0);
      const nowMs = this.#ctx.clock.nowMs();
      const wakeAt = isAlone && isOpen(row) ? this.#pace.waitUntil(row, around.plan, nowMs) : null;
      if (wakeAt !== null) return { kind: 'wait', row, wakeAt, line: this.#pace.line(row.botId, around.plan, nowMs) };
      // What nobody's message caused waits while the organization has used up its messages.
      const waitMs = isAlone && isOpen(row) ? this.#ctx.quotas.messages.waitMs(customerId) : 0;
      if (waitMs > 0) return { kind: 'wait', row, wakeAt: nowMs + Math.ceil(waitMs), line: null };
      return isOpen(row) ? dueTurn(row, around, performed) : this.#afterEnd(tx, row, around);
    });
  }

  /** It ended while somebody was already writing on: that begins the next one. */
  async #afterEnd(tx: Tx, row: ConversationRow, around: { customerId: CustomerId; botUserId: UserId }): Promise<Step> {
    const [heard, ...inbox] = row.inbox;
    // One that is parked was woken by an event: what it brought is kept, and all the rest, until somebody tries again.
    if (!heard || row.status === 'parked' || row.kind === 'run' || row.channelId === null) return { kind: 'rest', row };
    const { customerId, botUserId } = around;
    const call = { ...row, channelId: row.channelId, customerId, botUserId, eventSeq: row.lastEventSeq };
    return this.#begin(tx, call, row, heard, inbox);
  }

  async #answer(tx: Tx, call: Call, previous: ConversationRow, heard: Heard): Promise<Step> {
    const around = await surroundings(tx, previous);
    if (!around.person) return null;
    const queue = [...previous.inbox, heard];
    const row = { ...previous, lastEventSeq: call.eventSeq, inbox: queue.slice(1), calls: 0 };
    const { customerId, botUserId } = call;
    return {
      kind: 'turn',
      job: { customerId, botUserId, previous, row, cause: 'answer', answer: queue[0]!, result: null, ...around },
    };
  }

  /** A new conversation in this place: from the start, from the tool whose button was pressed, or with the model. */
  async #begin(
    tx: Tx,
    call: Omit<Call, 'heard'>,
    previous: ConversationRow | null,
    heard: Heard | null,
    inbox: readonly Heard[],
  ): Promise<Step> {
    const { customerId, botUserId, botId, channelId, userId, threadSeq, eventSeq } = call;
    const around = await surroundings(tx, { botId, userId, channelId });
    const { published, person } = around;
    if (!person || !published) return null;
    const about = published.about;
    const text = heard?.text ?? '';
    const state = previous?.state ?? {};
    const settings = about?.settings ?? {};
    const button = state.suggestions?.find(({ label, text: says }) => (says ?? label) === text);
    const tool = button?.tool;
    const script = tool ?? about?.manifest.start ?? 'start.bas';
    const nowMs = this.#ctx.clock.nowMs();
    const guest = previous && !tool && heard ? await askGuest(tx, previous, heard, nowMs) : null;
    if (previous && guest)
      return { kind: 'store', previous, row: { ...guest.row, inbox, lastEventSeq: eventSeq }, run: guest.run };
    if (previous && !tool && heard && this.#ctx.operations.answersFreely({ settings, state })) {
      const request = { name: 'ANSWER FREELY', args: { text, files: (heard.files ?? []).map((file) => ({ ...file })) } };
      const wakeAt = atOnce(nowMs, previous);
      const row = { ...previous, status: 'asking', snapshot: null, request, wakeAt, lastEventSeq: eventSeq, inbox } as const;
      return { kind: 'store', previous, row: { ...row, turn: previous.turn + 1, calls: 1 } };
    }
    const programHash = programOf(about?.manifest.entries, script, published.hash) ?? published.hash;
    const id = (await uuidFromText(
      `conversation:${botId}:${channelId}:${userId}:${threadSeq}:${heard?.seq ?? eventSeq}`,
    )) as ConversationId;
    const row: ConversationRow = {
      ...newConversation,
      id,
      botId,
      kind: 'dialog',
      channelId,
      userId,
      threadSeq,
      programHash,
      script,
      lastEventSeq: eventSeq,
      state: tool ? startedWith(state, button.params) : {},
      inbox,
      revision: previous?.revision ?? 0,
    };
    return {
      kind: 'turn',
      job: { customerId, botUserId, previous, row, cause: 'start', answer: heard, result: null, ...around },
    };
  }

  /** Looks what is to be done, does it, and does it again when the conversation changed in between. */
  async #settle(customerId: CustomerId, look: (tx: Tx) => Promise<Step>): Promise<void> {
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      const step = await this.#ctx.store.read(customerId, look);
      if (step === null) return;
      try {
        const row = await this.#do(customerId, step);
        if (row?.wakeAt) this.#onDue(row.wakeAt);
        return;
      } catch (error) {
        if (!(error instanceof Superseded)) throw error;
      }
    }
    throw new GbError('overloaded', 'The conversation kept changing under its turn.', { retryable: true });
  }

  async #do(customerId: CustomerId, step: Exclude<Step, null>): Promise<ConversationRow | null> {
    switch (step.kind) {
      case 'turn':
        return step.job.previous === null ? this.#beginFirst(step.job) : this.#turns.run(step.job);
      case 'keep':
        return this.#keep(customerId, step.row, step.heard);
      case 'pass':
        return this.#pass(customerId, step.row, step.run, step.heard);
      case 'relay':
        return (await this.desk.toDesk(customerId, step.row, step.heard)) ? null : this.#keep(customerId, step.row, step.heard);
      case 'store':
        return this.#save(customerId, step.row, step.previous, step.run);
      case 'rest':
        return this.#save(customerId, { ...step.row, wakeAt: null }, step.row);
      case 'say':
        return this.#sayFreely(customerId, step.row, step.result);
      case 'wait':
        return this.#slowDown(customerId, step);
    }
  }

  /**
   * The first turn in a place has no row that could keep what was said, or count how often it failed. One that cannot be
   * run gets such a row, and from then on it is the clock's, like every other.
   */
  async #beginFirst(job: TurnJob): Promise<ConversationRow> {
    try {
      return await this.#turns.run(job);
    } catch (error) {
      if (error instanceof Superseded) throw error;
      const { customerId, row, answer } = job;
      this.#ctx.log.error(
        { err: error, customerId, conversationId: row.id },
        'A conversation could not begin; it is tried again',
      );
      const failures = error instanceof GbError && error.retryable ? 0 : 1;
      const inbox = answer ? [answer, ...row.inbox] : row.inbox;
      const kept = { ...row, inbox, failures, wakeAt: retryAt(failures, this.#ctx.clock.nowMs()) };
      if (!(await this.#ctx.store.transaction(customerId, (tx) => tx.conversations.save(kept, null)))) throw new Superseded();
      return kept;
    }
  }

  async #slowDown(customerId: CustomerId, { row, wakeAt, line }: Extract<Step, { kind: 'wait' }>): Promise<ConversationRow> {
    await this.#ctx.store.transaction(customerId, async (tx) => {
      if (!(await tx.conversations.save({ ...row, wakeAt }, row))) throw new Superseded();
      if (line) await tx.botLog.write(row.botId, line);
    });
    return { ...row, wakeAt };
  }

  /** Said while the program cannot listen: it is heard as soon as it can. */
  async #keep(customerId: CustomerId, row: ConversationRow, heard: Heard): Promise<ConversationRow> {
    const isFull = row.inbox.length >= limits.conversationInboxMax;
    if (isFull)
      this.#ctx.log.warn({ customerId, botId: row.botId, conversationId: row.id }, 'Somebody writes faster than a bot listens');
    const inbox = isFull ? row.inbox : [...row.inbox, heard];
    return this.#save(customerId, { ...row, inbox, lastEventSeq: heard.seq }, row);
  }

  /** Said while the program waits for a script it CALLed: that one hears it. Both rows know, or neither. */
  async #pass(customerId: CustomerId, row: ConversationRow, run: ConversationRow, heard: Heard): Promise<ConversationRow> {
    if (run.inbox.length >= limits.conversationInboxMax) return this.#keep(customerId, row, heard);
    const nowMs = this.#ctx.clock.nowMs();
    const inbox = [...run.inbox, { ...heard, text: meantBy(heard.text, run) }];
    const next = { ...run, inbox, wakeAt: run.status === 'waiting' ? atOnce(nowMs, run) : run.wakeAt };
    await this.#ctx.store.transaction(customerId, async (tx) => {
      if (!(await tx.conversations.save({ ...row, lastEventSeq: heard.seq }, row))) throw new Superseded();
      if (!(await tx.conversations.save(next, run))) throw new Superseded();
    });
    return next;
  }

  async #save(
    customerId: CustomerId,
    row: ConversationRow,
    previous: ConversationRow,
    run?: ConversationRow,
  ): Promise<ConversationRow> {
    await this.#ctx.store.transaction(customerId, async (tx) => {
      // Either both or none.
      if (!(await tx.conversations.save(row, previous))) throw new Superseded();
      if (run) await tx.conversations.save(run, null);
    });
    if (run) this.#onDue(this.#ctx.clock.nowMs());
    return row;
  }

  /** What the model answered where no program listens. */
  async #sayFreely(customerId: CustomerId, row: ConversationRow, result: OperationResult): Promise<ConversationRow> {
    const nowMs = this.#ctx.clock.nowMs();
    const next: ConversationRow = {
      ...row,
      status: 'finished',
      request: null,
      result: null,
      failures: 0,
      wakeAt: row.inbox.length > 0 ? atOnce(nowMs, row) : null,
    };
    await commit(this.#ctx, customerId, async (tx) => {
      if (!(await tx.conversations.save(next, row))) throw new Superseded();
      const bot = await tx.bots.get(row.botId);
      const person = await tx.users.get(row.userId);
      if (!bot || row.channelId === null) return { result: undefined };
      const reply = this.#performer.replyOf(result, person?.locale ?? 'en');
      if ('error' in result) {
        const message = `${row.request?.name ?? 'LLM'}: ${result.error}`;
        const line = botLine('error', result.code ?? 'operation_failed', message, { conversationId: row.id });
        await tx.botLog.write(row.botId, line);
      }
      const posts = [{ channelId: row.channelId, threadSeq: row.threadSeq === 0 ? null : row.threadSeq, reply }];
      const speaker = { customerId, botUserId: bot.userId };
      return { result: undefined, messages: await newMessages(this.#ctx, tx, speaker, posts, `${row.id}:${row.turn}`) };
    });
    return next;
  }

  /** A turn that could not be run. The world's troubles pass; one that stays is parked, and those who look after the bot are told. */
  async #failed(customerId: CustomerId, id: ConversationId, error: unknown): Promise<void> {
    if (error instanceof GbError && error.retryable) {
      this.#onDue(retryAt(1, this.#ctx.clock.nowMs()));
      throw error;
    }
    this.#ctx.log.error({ err: error, customerId, conversationId: id }, 'A turn could not be run');
    await countFailure(this.#ctx, customerId, id, true);
  }
}

type Around = Pick<TurnJob, 'customerId' | 'botUserId' | 'previous' | 'person' | 'channel' | 'published' | 'plan'>;

/** What is to be done in a conversation whose time has come. */
function dueTurn(row: ConversationRow, around: Around, performed: Performed | null): Step {
  const job = (cause: TurnJob['cause'], more: Partial<Pick<TurnJob, 'row' | 'answer' | 'result'>>) =>
    ({ kind: 'turn', job: { ...around, row, cause, answer: null, result: null, ...more } }) as const;
  const [heard = null, ...inbox] = row.inbox;
  // When the time came first, it is what the operation said it should then be.
  const result: OperationResult = performed?.result ?? row.result ?? { value: row.request?.args['timedOut'] ?? null };
  switch (row.status) {
    case 'starting': {
      if (row.kind === 'run') return job('start', {});
      // A dialog that could not begin: it begins in the version of today.
      const { published } = around;
      const programHash = programOf(published?.about?.manifest.entries, row.script, published?.hash ?? row.programHash);
      return job('start', { row: { ...row, inbox, programHash: programHash ?? row.programHash }, answer: heard });
    }
    case 'asking': {
      const changed = performed ? { ...row, state: withBranchesOf(row.state, performed.state) } : row;
      return row.snapshot === null ? { kind: 'say', row: changed, result } : job('result', { row: changed, result });
    }
    case 'handed':
      return job('result', { result });
    default:
      return heard ? job('answer', { row: { ...row, inbox, calls: 0 }, answer: heard }) : job('timeout', {});
  }
}

/** A tool of a button keeps what the conversation had, but for what another tool was started with. */
function startedWith({ run: _, ...state }: ConversationState, params: RunState['params'] | undefined): ConversationState {
  return params ? { ...state, run: { cause: 'tool', params } } : state;
}

/** Neither ended nor given up: what is left of those is done at any pace. */
function isOpen({ status }: ConversationRow): boolean {
  return status !== 'finished' && status !== 'failed' && status !== 'parked';
}

/** A button of ADD SUGGESTION stands for its text. */
function meantBy(text: string, row: ConversationRow | null): string {
  return row?.state.suggestions?.find(({ label }) => label === text)?.text ?? text;
}

type Step =
  | { readonly kind: 'turn'; readonly job: TurnJob }
  | { readonly kind: 'keep' | 'relay'; readonly row: ConversationRow; readonly heard: Heard }
  | { readonly kind: 'pass'; readonly row: ConversationRow; readonly run: ConversationRow; readonly heard: Heard }
  | { readonly kind: 'store'; readonly row: ConversationRow; readonly previous: ConversationRow; readonly run?: ConversationRow }
  | { readonly kind: 'rest'; readonly row: ConversationRow }
  | { readonly kind: 'say'; readonly row: ConversationRow; readonly result: OperationResult }
  | { readonly kind: 'wait'; readonly row: ConversationRow; readonly wakeAt: number; readonly line: NewBotLogLine | null }
  | null;

/** What came of an operation outside, and the turn it was asked in. */
export interface Performed {
  readonly turn: number;
  readonly result: OperationResult;
  readonly state: ConversationRow['state'];
}
