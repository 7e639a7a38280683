import type { ChannelId, ClientId, ConversationId, UserId } from 'gb-protocol';
import { limits } from 'gb-protocol';
import { RateLimiter, uuidFromText } from 'gb-utils';
import { type Context, commit } from '../context.ts';
import { partsOf } from '../files/message-parts.ts';
import { findMentions } from '../mentions.ts';
import { OperationFailed } from '../operation-failed.ts';
import type {
  BotReply,
  ConversationRow,
  HostOperations,
  JournalEntry,
  NewEntry,
  NewMessage,
  NewRun,
  OperationRequest,
  OperationResult,
  PostElsewhere,
  ProgramError,
  Suspension,
  TurnInput,
  TurnOutput,
  TurnScope,
  Tx,
} from '../ports/index.ts';
import { another, atOnce } from './at-once.ts';
import { endBranch } from './branches.ts';
import { addressed } from './connected-tables.ts';
import { failureLine, needsFiles } from './log-lines.ts';
import { tooManyCalls } from './plans.ts';
import { addReplies, canTakeChoices, readReply, toMessages } from './replies.ts';
import { depthBelow, hasListener, leaveCalled, newRunRow } from './runs.ts';
import { askSecretly, discreet, discreetInput, hasHeardSecret, heardSecret, withoutParams, withSecrecy } from './secrecy.ts';
import { Semaphore } from './semaphore.ts';
import { Superseded } from './superseded.ts';
import { localeOf, Programs, seedFrom, seesDetails, type TurnJob, tableStyleOf, variablesOf } from './turn-job.ts';

/** Turns that hold a transaction open at once, each with a connection: fewer than there are connections. Owners are customers. */
const openTurns = { places: 8, placesForNewcomers: 2, waitingMax: 2_000, waitingPerOwnerMax: 500 } as const;
/** What a turn may take while it holds its transaction. */
const openTurnMsMax = 10_000;
/** A turn is kept for running it again when what came of its operations, as JSON, and its snapshot are no larger than these. */
const journalResultsMax = 65_536;
const journalSnapshotBytesMax = 65_536;
/** Channels that a run without a place speaks in. */
const broadcastChannelsMax = 50;
/** Conversations that one event lets go on. */
const wokenAtOnceMax = 5_000;
/** Of what a quiet run said, in UTF-16 units. */
const quietTextMax = 16_000;

/**
 * Runs one turn and stores all of it or nothing: the snapshot, what was said, what its operations did, the journal and
 * the mark of what was heard.
 *
 * The program runs outside of any transaction until it asks for something that lives in the database. From there on the
 * turn holds one, so that the program sees what it wrote itself, and the rest of it runs inside. A turn is a pure
 * function of its input, so a transaction that has to be made again makes the same turn again.
 */
export class TurnRunner {
  readonly #ctx: Context;
  readonly #programs: Programs;
  readonly #onDue: (atMs: number) => void;
  readonly #open = new Semaphore(openTurns);
  /** Messages of bots in the last minute, by what their plans allow: counted in this process, several have as many times that. */
  readonly #spoken = new Map<number, RateLimiter>();

  /** `onDue` hears when a turn left something to be done at once beside its own conversation. */
  constructor(ctx: Context, onDue: (atMs: number) => void) {
    this.#ctx = ctx;
    this.#onDue = onDue;
    this.#programs = new Programs(ctx.store);
  }

  /** Throws `Superseded` when the conversation is no longer what the job says. */
  async run(job: TurnJob): Promise<ConversationRow> {
    const { customerId, row } = job;
    // Inside the transaction there must be no waiting for another connection: what may need one is fetched before.
    const program = await this.#programs.load(customerId, row.programHash);
    const directory = await this.#ctx.directory.get(customerId);
    const nowMs = this.#ctx.clock.nowMs();
    const text = job.answer?.text ?? '';
    const secret = await heardSecret(this.#ctx.store, job);
    const input: Omit<TurnInput, 'snapshot' | 'answer' | 'limits'> = {
      customerId,
      program: { hash: program.hash, load: async () => program },
      takesRequests: true,
      nowMs,
      seed: seedFrom(row.id),
      locale: localeOf(job),
      variables: variablesOf(job, text, directory.byId.get(job.botUserId)?.name ?? ''),
    };
    const messagesLeft = this.#speaking(job).left(row.botId, nowMs);
    const output = await this.#ctx.runtime.runTurn({
      ...input,
      tables: tableStyleOf(row.state),
      snapshot: row.snapshot,
      answer: job.cause === 'answer' ? (secret ?? text) : null,
      ...(job.answer?.files ? { files: job.answer.files } : {}),
      ...(job.cause === 'result' ? { result: job.result } : {}),
      ...(job.cause === 'timeout' ? { isTimedOut: true } : {}),
      limits: { ...job.plan.turn, messagesLeft },
    });
    const first = addressed(output, job.published);
    const store = () =>
      commit(this.#ctx, customerId, async (tx) => {
        const turn = new OpenTurn(this.#ctx, tx, job, input, first, messagesLeft);
        await turn.finish();
        return turn.save();
      });
    const isOpen = first.request !== undefined && !goesOutside(this.#ctx.operations, first.request, job);
    const saved = isOpen ? await this.#open.use(customerId, store) : await store();
    this.#spoken.get(job.plan.messagesPerMinuteMax)?.take(row.botId, nowMs, saved.said);
    const { row: next } = saved;
    if (next.kind === 'run' && (next.status === 'finished' || next.status === 'failed'))
      this.#ctx.bus.signal({ type: 'run.ended', customerId, runId: next.id });
    if (saved.error) {
      // The sentence may quote what the person wrote: the log gets the code and the place.
      const { code, file, line } = saved.error;
      const facts = { customerId, botId: row.botId, conversationId: row.id, code, file, line };
      this.#ctx.log.warn(facts, 'A bot program failed');
    }
    if (saved.wakesOthers) this.#onDue(this.#ctx.clock.nowMs());
    return saved.row;
  }

  #speaking({ plan }: TurnJob): RateLimiter {
    const perMinute = plan.messagesPerMinuteMax;
    let limiter = this.#spoken.get(perMinute);
    if (!limiter) {
      limiter = new RateLimiter({ burst: perMinute, perSecond: perMinute / 60 });
      this.#spoken.set(perMinute, limiter);
    }
    return limiter;
  }
}

interface Saved {
  readonly row: ConversationRow;
  readonly error: ProgramError | null;
  readonly said: number;
  readonly wakesOthers: boolean;
}

/** A turn within its transaction. */
class OpenTurn {
  readonly #ctx: Context;
  readonly #operations: HostOperations;
  readonly #tx: Tx;
  readonly #job: TurnJob;
  readonly #input: Omit<TurnInput, 'snapshot' | 'answer' | 'limits'>;
  readonly #messagesLeft: number;
  readonly #startedMs = performance.now();
  readonly #replies: BotReply[];
  readonly #elsewhere: PostElsewhere[] = [];
  readonly #entries: NewEntry[] = [];
  readonly #results: { name: string; result: OperationResult }[] = [];
  readonly #state: ConversationRow['state'];
  #output: TurnOutput;
  #fuelUsed: number;
  #operationCount = 0;
  #runCount = 0;
  #suspension: Suspension | null = null;
  /** Whether something else is to be done now because of this turn. */
  #wakesOthers = false;

  constructor(
    ctx: Context,
    tx: Tx,
    job: TurnJob,
    input: Omit<TurnInput, 'snapshot' | 'answer' | 'limits'>,
    first: TurnOutput,
    messagesLeft: number,
  ) {
    this.#ctx = ctx;
    this.#operations = ctx.operations;
    this.#tx = tx;
    this.#job = job;
    this.#input = input;
    this.#messagesLeft = messagesLeft;
    this.#output = this.#told(first);
    this.#replies = [...first.replies];
    this.#fuelUsed = first.fuelUsed;
    this.#state = structuredClone(job.row.state);
  }

  /** What of an output may be told. */
  #told(output: TurnOutput): TurnOutput {
    const { error } = output;
    return error && hasHeardSecret(this.#job) ? { ...output, error: discreet(error, this.#input.locale) } : output;
  }

  /** Does what the program asks for until it ends, or has to wait for somebody else. */
  async finish(): Promise<void> {
    for (let { request } = this.#output; request; request = this.#output.request) {
      const kind = this.#operations.kindOf(request);
      const isAllowed = ++this.#operationCount <= this.#job.plan.operationsPerTurnMax;
      if (isAllowed && goesOutside(this.#operations, request, this.#job)) return;
      const result =
        kind === null
          ? ({ unavailable: true } as const)
          : kind === 'outside' || !isAllowed
            ? this.#tooMany()
            : await this.#operations.inTurn(request, this.#scope());
      if (this.#suspension) return;
      this.#results.push({ name: request.name, result });
      await this.#goOn(result);
    }
  }

  async #goOn(result: OperationResult): Promise<void> {
    const { turn } = this.#job.plan;
    // Who goes on asking after being refused, or holds the transaction for too long, has used up the turn.
    const isOver =
      this.#operationCount > 2 * this.#job.plan.operationsPerTurnMax || performance.now() - this.#startedMs > openTurnMsMax;
    const output = await this.#ctx.runtime.runTurn({
      ...this.#input,
      tables: tableStyleOf(this.#state),
      snapshot: this.#output.snapshot,
      answer: null,
      result,
      hasSpoken: canTakeChoices(this.#replies),
      limits: {
        ...turn,
        fuelMax: isOver ? 0 : Math.max(0, turn.fuelMax - this.#fuelUsed),
        messagesMax: Math.max(0, turn.messagesMax - this.#replies.length),
        messagesLeft: Math.max(0, this.#messagesLeft - this.#replies.length),
      },
    });
    this.#output = this.#told(addressed(output, this.#job.published));
    this.#fuelUsed += output.fuelUsed;
    addReplies(this.#replies, output.replies);
  }

  #tooMany(): OperationResult {
    const { plan, row } = this.#job;
    const { locale } = this.#input;
    if (row.calls >= plan.callsMax) return tooManyCalls(plan.callsMax, locale);
    const error =
      locale === 'pt-BR'
        ? `${plan.operationsPerTurnMax} operações em um turno são o máximo`
        : `${plan.operationsPerTurnMax} operations in one turn are the most`;
    return { error, code: 'limit_reached' };
  }

  #scope(): TurnScope {
    const { customerId, botUserId, row, published } = this.#job;
    return {
      tx: this.#tx,
      customerId,
      botId: row.botId,
      botUserId,
      conversationId: row.id,
      channelId: row.channelId,
      threadSeq: row.threadSeq,
      userId: row.userId,
      locale: this.#input.locale,
      nowMs: this.#input.nowMs,
      key: `${row.id}:${row.turn + 1}:${this.#operationCount}`,
      settings: published?.about?.settings ?? {},
      state: this.#state,
      say: (reply) => void this.#replies.push(reply),
      post: (message) => this.#post(message),
      record: (entries) => void this.#entries.push(...entries),
      start: (run) => this.#start(run),
      suspend: (until) => {
        this.#suspension = until;
      },
      announce: async (event, value) => {
        this.#wakesOthers = true;
        const isSecret = value !== null && hasHeardSecret(this.#job);
        return announce(this.#tx, event, { value }, this.#input.nowMs, { except: row.id, isSecret });
      },
    };
  }

  /** What is said elsewhere counts like what is said here. */
  #post(message: PostElsewhere): void {
    if (this.#replies.length + this.#elsewhere.length >= this.#messagesLeft)
      throw new OperationFailed(
        { en: 'this bot says too much within a minute', pt: 'este robô fala demais em um minuto' },
        'limit_reached',
      );
    this.#elsewhere.push(message);
  }

  async #start(run: NewRun): Promise<ConversationId> {
    const { row } = this.#job;
    const made = await newRunRow(this.#tx, {
      ...run,
      botId: run.botId ?? row.botId,
      depth: depthBelow(row.state),
      isLeft: row.kind === 'run' && !hasListener(row),
      key: `${row.id}:${row.turn + 1}:${this.#operationCount}:${this.#runCount++}:${run.key}`,
      nowMs: this.#input.nowMs,
    });
    const given = hasHeardSecret(this.#job) ? { ...made, state: withSecrecy(made.state, true, false) } : made;
    await this.#tx.conversations.save(given, null);
    this.#wakesOthers = true;
    return made.id;
  }

  async save(): Promise<{ result: Saved; entries: readonly NewEntry[]; messages: readonly NewMessage[] }> {
    const { previous, answer } = this.#job;
    const { row, result } = this.#ended(this.#next());
    // Sent in one go, in this order. Only a row that is still ours says that the rest may be believed: of a turn that
    // another process stored, the journal has the line already.
    const saving = this.#tx.conversations.save(row, previous);
    const journaling = this.#tx.journal.write(this.#journal(row));
    journaling.catch(() => {}); // Told below, when it counts.
    if (!(await saving)) throw new Superseded();
    await journaling;
    if (answer?.isSecret && row.channelId !== null) await this.#tx.secretAnswers.delete(row.channelId, answer.seq);
    const { error } = this.#output;
    if (error) await writeFailure(this.#tx, row, error);
    if (previous !== null && isGivenUp(previous) && (await leaveCalled(this.#tx, previous, this.#input.nowMs)))
      this.#wakesOthers = true;
    if (row.kind === 'run' && (row.status === 'finished' || row.status === 'failed')) {
      if (!(await endBranch(this.#tx, row, this.#input.nowMs))) throw new Superseded();
      this.#wakesOthers = true;
      const { inbox } = this.#job.row;
      await announce(this.#tx, `run:${row.id}`, result ?? { value: null }, this.#input.nowMs, {
        heard: inbox,
        isSecret: hasHeardSecret(this.#job),
      });
    }
    if (this.#job.cause === 'start' && isFirst(this.#job)) await this.#greet(row);
    this.#sayReturned(row);
    this.#offerSuggestions(row);
    if (row.state.secret?.asks) askSecretly(this.#replies, row.userId, this.#input.locale);
    const messages = await this.#messages(row);
    // What is said in many places is as much as is stored.
    const said = Math.max(messages.length, this.#replies.length + this.#elsewhere.length);
    return { result: { row, error, said, wakesOthers: this.#wakesOthers }, entries: this.#entries, messages };
  }

  /** The conversation as the turn leaves it. */
  #next(): ConversationRow {
    const { row, published, previous } = this.#job;
    const { nowMs } = this.#input;
    const output = this.#output;
    const suspension = this.#suspension;
    const quiet = this.#quietly();
    if (quiet !== null) this.#state.run = { ...this.#state.run!, said: quiet };
    const base: ConversationRow = {
      ...row,
      turn: row.turn + 1,
      snapshot: output.snapshot,
      state: withSecrecy(
        fitting(this.#state, row.state),
        hasHeardSecret(this.#job),
        output.status === 'waiting' && output.asksSecret === true && !suspension,
      ),
      status: output.status,
      wakeAt: null,
      waitsFor: null,
      request: null,
      result: null,
      failures: 0,
    };
    const soon = atOnce(nowMs, previous);
    if (suspension) {
      const args = { timedOut: suspension.timedOut ?? null };
      return {
        ...base,
        status: suspension.isHanded ? 'handed' : 'asking',
        request: { name: output.request!.name, args },
        waitsFor: suspension.event ?? null,
        wakeAt: suspension.atMs === undefined ? null : suspension.atMs <= nowMs ? soon : another(suspension.atMs, previous),
      };
    }
    if (output.request) return { ...base, status: 'asking', request: output.request, calls: row.calls + 1, wakeAt: soon };
    if (output.status === 'waiting') {
      if (row.state.run?.isQuiet) return { ...base, status: 'finished', snapshot: null, result: { value: quiet } };
      if (row.kind === 'run' && !hasListener(row))
        return { ...base, status: 'failed', snapshot: null, result: nobodyToHear(this.#input.locale) };
      const seconds = Number(published?.about?.settings['hear-timeout-secs'] ?? 0);
      return {
        ...base,
        wakeAt:
          base.inbox.length > 0
            ? soon
            : seconds > 0
              ? another(nowMs + Math.ceil(Math.min(seconds, 3.2e7) * 1000), previous)
              : null,
      };
    }
    const result: OperationResult | null =
      row.kind !== 'run' ? null : output.error ? { error: output.error.message } : { value: output.returned ?? quiet };
    // What was said to a script that was CALLed and is over goes to the one that called it.
    if (row.kind === 'run') return { ...base, result, inbox: [] };
    return { ...base, result, wakeAt: base.inbox.length > 0 ? soon : null };
  }

  /** A run that heard a password passes on what came of it, and keeps nothing. */
  #ended(row: ConversationRow): { row: ConversationRow; result: OperationResult | null } {
    const { result, state } = row;
    const isOver = row.kind === 'run' && (row.status === 'finished' || row.status === 'failed');
    if (!isOver || !state.secret?.heard) return { row, result };
    return { row: { ...row, result: hasListener(row) ? null : result, state: withoutParams(state) }, result };
  }

  /** All that a quiet run said; null when it is not one, or said nothing. */
  #quietly(): string | null {
    const run = this.#state.run;
    if (!run?.isQuiet) return null;
    const said = [run.said ?? '', ...this.#replies.map(({ text }) => text)].filter((text) => text !== '').join('\n\n');
    return said === '' ? null : said.slice(0, quietTextMax);
  }

  #journal(row: ConversationRow): JournalEntry {
    const { cause, answer, result } = this.#job;
    const { nowMs, seed, locale, variables } = this.#input;
    const { snapshot } = this.#job.row;
    const isSecret = hasHeardSecret(this.#job);
    const isKept =
      !isSecret &&
      (snapshot?.length ?? 0) <= journalSnapshotBytesMax &&
      JSON.stringify([result, this.#results]).length <= journalResultsMax;
    const input = {
      answer: answer?.text ?? null,
      ...(answer?.files ? { files: answer.files } : {}),
      result: isKept ? result : null,
      nowMs,
      seed,
      locale,
      variables,
      results: isKept ? this.#results : null,
    };
    return {
      conversationId: row.id,
      botId: row.botId,
      turn: row.turn,
      at: nowMs,
      cause,
      programHash: row.programHash,
      snapshot: isKept ? snapshot : null,
      input: isSecret ? discreetInput(input) : input,
      output: {
        status: row.status,
        replies: this.#replies,
        request: row.request && { name: row.request.name },
        error: this.#output.error,
      },
      fuel: this.#fuelUsed,
    };
  }

  /** Scripts that run when somebody comes for the first time: `new_session.bas`, `auth.bas`. They speak where the dialog does. */
  async #greet(row: ConversationRow): Promise<void> {
    const hooks = (this.#job.published?.about?.manifest.triggers ?? []).filter(
      ({ kind }) => kind === 'session' || kind === 'login',
    );
    const { channelId, threadSeq, userId } = row;
    if (channelId === null) return;
    for (const { script, kind } of hooks)
      await this.#start({ script, params: {}, cause: 'event', key: kind, place: { channelId, threadSeq }, userId });
  }

  /** Who filled in the form of a script sees what came of it, also when it only RETURNs. */
  #sayReturned(row: ConversationRow): void {
    const { returned } = this.#output;
    if (row.state.run?.cause !== 'form' || row.status !== 'finished' || this.#replies.length > 0) return;
    if (returned !== undefined && returned !== null && returned !== '') this.#replies.push(readReply(returned));
  }

  /** What ADD SUGGESTION collected goes with the last thing said, once. */
  #offerSuggestions(row: ConversationRow): void {
    const offered = this.#state.suggestions ?? [];
    const last = this.#replies.at(-1);
    if (offered.length === 0 || row.status === 'asking' || !last || last.suggestions) return;
    const labels = offered.map(({ label }) => label).slice(0, limits.suggestionsMax);
    this.#replies[this.#replies.length - 1] = { ...last, suggestions: labels };
  }

  async #messages(row: ConversationRow): Promise<NewMessage[]> {
    const { locale } = this.#input;
    const { error } = this.#output;
    const replies = [...this.#replies];
    if (error && row.kind === 'dialog') {
      const settings = this.#job.published?.about?.settings ?? {};
      const isFree = this.#operations.answersFreely({ settings, state: row.state });
      replies.push({ text: apology(error, { isDetailed: seesDetails(this.#job.person), isFree, locale }) });
    }
    const places = row.state.run?.isQuiet ? [] : await this.#places(row);
    const posts: PostElsewhere[] = [
      ...replies.flatMap((reply) => places.map((place) => ({ ...place, reply }))),
      ...this.#elsewhere,
    ];
    return newMessages(this.#ctx, this.#tx, this.#job, posts, `${row.id}:${row.turn}`);
  }

  /** Where the conversation speaks. A run without a place speaks in the channels the bot was added to, else with those it talks with. */
  async #places(row: ConversationRow): Promise<{ channelId: ChannelId; threadSeq: number | null }[]> {
    if (row.channelId !== null) return [{ channelId: row.channelId, threadSeq: row.threadSeq === 0 ? null : row.threadSeq }];
    if (this.#replies.length === 0) return [];
    const channels = (await this.#tx.channels.statesOf(this.#job.botUserId)).map(({ channel }) => channel);
    const open = channels.filter(({ isArchived }) => !isArchived);
    const shared = open.filter(({ kind }) => kind === 'public' || kind === 'private' || kind === 'group');
    return (shared.length > 0 ? shared : open.filter(({ kind }) => kind === 'direct'))
      .slice(0, broadcastChannelsMax)
      .map(({ id }) => ({ channelId: id, threadSeq: null }));
  }
}

/** Of all conversations in its place, also when it could not begin at once. */
function isFirst({ previous, row }: TurnJob): boolean {
  return row.kind === 'dialog' && (previous === null || previous.status === 'starting');
}

/** A time limit came before what the conversation waited for. */
function isGivenUp({ status, waitsFor, result }: ConversationRow): boolean {
  return status === 'asking' && waitsFor !== null && result === null;
}

/** Ends the turn here. Whatever else is asked for is answered within its transaction, if only with a refusal. */
function goesOutside(operations: HostOperations, request: OperationRequest, { row, plan }: TurnJob): boolean {
  return operations.kindOf(request) === 'outside' && row.calls < plan.callsMax;
}

interface Announced {
  readonly heard?: ConversationRow['inbox'];
  /** Who announces it: its row may still say that it waits, when it waited in vain. */
  readonly except?: ConversationId;
  /** What it brings may have a password in it. */
  readonly isSecret?: boolean;
}

/**
 * Wakes what waits for an event, within the transaction that makes it happen, with what was said to it meanwhile. Gives
 * how many.
 */
export async function announce(
  tx: Tx,
  event: string,
  result: OperationResult,
  nowMs: number,
  { heard = [], except, isSecret = false }: Announced = {},
): Promise<number> {
  let count = 0;
  for (;;) {
    const waiting = (await tx.conversations.waitingFor(event)).filter(({ id }) => id !== except);
    if (waiting.length === 0) return count;
    count += waiting.length;
    if (count > wokenAtOnceMax)
      throw new OperationFailed(
        { en: `more than ${wokenAtOnceMax} wait for this event`, pt: `mais de ${wokenAtOnceMax} esperam por este evento` },
        'limit_reached',
      );
    for (const one of waiting) {
      const inbox = one.channelId === null ? one.inbox : [...heard, ...one.inbox];
      const state = isSecret ? withSecrecy(one.state, true, false) : one.state;
      const woken = { ...one, state, inbox, result, waitsFor: null, wakeAt: atOnce(nowMs, one) };
      if (!(await tx.conversations.save(woken, one))) throw new Superseded();
    }
  }
}

/** As messages of the bot, with ids that the same turn run again makes again. Silent where the bot is no member, and where nobody writes any more. */
export async function newMessages(
  ctx: Context,
  tx: Tx,
  { customerId, botUserId }: Pick<TurnJob, 'customerId' | 'botUserId'>,
  posts: readonly PostElsewhere[],
  key: string,
): Promise<NewMessage[]> {
  const { byHandle } = await ctx.directory.get(customerId);
  const isOpen = new Map<ChannelId, boolean>();
  const messages: NewMessage[] = [];
  for (const { channelId, threadSeq, reply, key: own } of posts) {
    for (const [i, part] of toMessages([reply]).entries()) {
      const n = messages.length;
      if (!isOpen.has(channelId)) {
        const access = await tx.channels.access(channelId, botUserId);
        isOpen.set(channelId, access?.isMember === true && !access.channel.isArchived);
      }
      const parts = await partsOf(tx, botUserId, part);
      messages.push({
        channelId,
        authorId: botUserId,
        clientId: (await uuidFromText(own === undefined ? `${key}:${n}` : `${own}:${i}`)) as ClientId,
        text: part.text,
        threadSeq,
        mentions: findMentions(part.text, byHandle).users as readonly UserId[],
        mentionsChannel: false,
        suggestions: part.suggestions,
        ...(parts ? { parts } : {}),
      });
    }
  }
  return messages.filter(({ channelId }) => isOpen.get(channelId));
}

/** In the transaction of the turn: a failure that was told to the person is in the log, and one that is run again is in it once. */
async function writeFailure(tx: Tx, { botId, programHash, id }: ConversationRow, error: ProgramError): Promise<void> {
  const version = await tx.bots.versionOf(botId, programHash);
  const files = version !== null && needsFiles(error) ? await tx.bots.versionFiles(botId, version) : null;
  await tx.botLog.write(botId, failureLine(error, { version, files: files ?? [], conversationId: id }));
}

/** A state that grew too large is left as it was; the operations that fill it refuse before that. */
function fitting(state: ConversationRow['state'], before: ConversationRow['state']): ConversationRow['state'] {
  return JSON.stringify(state).length <= limits.conversationStateBytesMax ? state : before;
}

function nobodyToHear(locale: 'en' | 'pt-BR'): OperationResult {
  return {
    error: locale === 'pt-BR' ? 'HEAR: ninguém conversa com este roteiro' : 'HEAR: nobody talks to this script',
  };
}

/** What comes next is the program from its beginning, or a language model: each is told as it is. */
function apology(
  error: { message: string; file: string; line: number },
  { isDetailed, isFree, locale }: { isDetailed: boolean; isFree: boolean; locale: 'en' | 'pt-BR' },
): string {
  const place = isDetailed ? `\n\n> ${error.file}:${error.line}: ${error.message}` : '';
  const [said, next] = (locale === 'pt-BR' ? apologies.pt : apologies.en)[isFree ? 'free' : 'script'];
  return `${said} ${next}${place}`;
}

const apologies = {
  en: {
    script: ['Something went wrong in my program, so I stopped here.', 'Write again to start over.'],
    free: ['Something went wrong in my program, so I stopped there.', 'You can go on writing: I answer without it.'],
  },
  pt: {
    script: ['Algo deu errado no meu programa e parei aqui.', 'Escreva de novo para recomeçar.'],
    free: ['Algo deu errado no meu programa e parei ali.', 'Pode continuar escrevendo: eu respondo sem ele.'],
  },
} as const;
