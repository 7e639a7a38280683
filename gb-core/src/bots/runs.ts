import type { BotId, ConversationId, UserId } from 'gb-protocol';
import { limits, scriptKey } from 'gb-protocol';
import { isNestedDeeper, uuidFromText } from 'gb-utils';
import { fail, notFound } from '../fail.ts';
import { OperationFailed } from '../operation-failed.ts';
import type { ConversationRow, ConversationState, NewRun, RunState, Tx } from '../ports/index.ts';
import { atOnce } from './at-once.ts';
import { Superseded } from './superseded.ts';

/** Runs of one bot that have not begun, and all that have not ended. */
const startingRunsMax = 1_000;
const openRunsMax = 5_000;
/** Runs that start runs, by whatever way - a script, a row, an event: no further than this. */
export const depthMax = 16;

/**
 * The row of a run that is to begin: of the script in the published version, under an id made of its key, so that a run
 * asked for twice is one. Fails with `not_found` when the bot has no such script, `quota_exceeded` when too many runs are open.
 */
export async function newRunRow(tx: Tx, run: StartedRun & { botId: BotId; nowMs: number }): Promise<ConversationRow> {
  const { bot, script, hash } = await publishedScript(tx, run);
  await requireRoom(tx, bot.id);
  const { channelId = null, threadSeq = 0 } = run.place ?? {};
  return {
    ...newConversation,
    id: (await uuidFromText(`run:${bot.id}:${run.key}`)) as ConversationId,
    botId: bot.id,
    kind: 'run',
    channelId,
    userId: (run.userId ?? bot.userId) as UserId,
    threadSeq,
    programHash: hash,
    script,
    wakeAt: run.atMs !== undefined && run.atMs > run.nowMs ? run.atMs : atOnce(run.nowMs, null),
    state: { run: stateOf(run) },
  };
}

/** A conversation before its first turn. */
export const newConversation = {
  status: 'starting',
  snapshot: null,
  turn: 0,
  lastEventSeq: 0,
  wakeAt: null,
  waitsFor: null,
  request: null,
  result: null,
  state: {},
  inbox: [],
  calls: 0,
  failures: 0,
  revision: 1,
} as const satisfies Partial<ConversationRow>;

/** What is told of a run besides what its starter wants. */
type StartedRun = NewRun & Pick<RunState, 'depth' | 'isLeft'>;

async function publishedScript(tx: Tx, run: { readonly botId: BotId; readonly script: string }) {
  const bot = await tx.bots.get(run.botId);
  const published = bot && (await tx.bots.published(bot.id));
  if (!bot || !published) throw notFound('bot');
  const script = scriptKey(run.script);
  const hash = programOf(published.about?.manifest.entries, script, published.hash);
  if (!hash) throw notFound('script');
  return { bot, script, hash };
}

async function requireRoom(tx: Tx, botId: BotId): Promise<void> {
  const open = await tx.conversations.openRuns(botId);
  if (open.starting >= startingRunsMax)
    throw fail('quota_exceeded', `At most ${startingRunsMax} runs of a bot may wait to begin.`);
  if (open.all >= openRunsMax) throw fail('quota_exceeded', `At most ${openRunsMax} runs of a bot may be under way.`);
}

function stateOf({ cause, params, isQuiet, joins, depth, isLeft }: StartedRun): RunState {
  if (isNestedDeeper(Object.values(params), limits.valueLevelsMax + 1))
    throw fail('malformed', 'What a script is started with is nested too deeply.');
  if (JSON.stringify(params).length > limits.conversationStateBytesMax / 2)
    throw fail('too_large', 'What a script is started with is too much.');
  return {
    cause,
    // Programs find what they are given under lower-case names, however a model or another system writes them.
    params: Object.fromEntries(Object.entries(params).map(([name, value]) => [name.toLowerCase(), value])),
    ...(isQuiet ? { isQuiet } : {}),
    ...(joins ? { joins } : {}),
    ...(depth ? { depth } : {}),
    ...(isLeft ? { isLeft } : {}),
  };
}

/** Whether somebody answers a HEAR of this run: the person whose conversation CALLed the script and waits for its end. */
export function hasListener({ channelId, state }: ConversationRow): boolean {
  const { run } = state;
  const isCalled = run?.cause === 'script' && run.joins === undefined && run.isQuiet !== true;
  return channelId !== null && isCalled && run.isLeft !== true;
}

/**
 * Whoever CALLed a script gave it up: its time limit came first. The script goes on as a run of its own, with those it
 * called itself; but nobody answers them any more, so the one that waits at a HEAR is timed out now, and the next HEAR of
 * any of them ends it. Gives whether there was one. Throws `Superseded` when one of them went on meanwhile.
 */
export async function leaveCalled(tx: Tx, caller: ConversationRow, nowMs: number): Promise<boolean> {
  let isAny = false;
  for (let called = await calledBy(tx, caller); called; called = await calledBy(tx, called)) {
    const state = { ...called.state, run: { ...called.state.run!, isLeft: true } };
    const wakeAt = called.status === 'waiting' ? atOnce(nowMs, called) : called.wakeAt;
    if (!(await tx.conversations.save({ ...called, state, wakeAt }, called))) throw new Superseded();
    isAny = true;
  }
  return isAny;
}

/** Who hears what is said in a conversation: itself, or the script it CALLed and waits for, however deep. */
export async function listenerOf(tx: Tx, conversation: ConversationRow): Promise<ConversationRow> {
  let row = conversation;
  for (let depth = 0; depth <= depthMax; depth++) {
    const run = row.status === 'asking' ? await calledBy(tx, row) : null;
    if (!run) return row;
    row = run;
  }
  return row;
}

/** The script that a conversation CALLed and waits for, while it goes on and may ask the person. */
export async function calledBy(tx: Tx, { waitsFor }: ConversationRow): Promise<ConversationRow | null> {
  const id = /^run:(.+)$/.exec(waitsFor ?? '')?.[1];
  const run = id === undefined ? null : await tx.conversations.get(id as ConversationId);
  return run && hasListener(run) && run.status !== 'finished' && run.status !== 'failed' ? run : null;
}

/** The depth of what a conversation with this state starts. Refuses what has gone round too often. */
export function depthBelow(state: ConversationState): number {
  const depth = (state.run?.depth ?? 0) + 1;
  if (depth > depthMax)
    throw new OperationFailed(
      { en: `scripts have started each other ${depthMax} times`, pt: `roteiros se iniciaram uns aos outros ${depthMax} vezes` },
      'limit_reached',
    );
  return depth;
}

/** A bot from before there were manifests has one program. */
export function programOf(
  entries: Readonly<Record<string, string>> | undefined,
  script: string,
  startHash: string,
): string | null {
  if (!entries) return script === 'start.bas' ? startHash : null;
  return Object.hasOwn(entries, script) ? entries[script]! : null;
}
