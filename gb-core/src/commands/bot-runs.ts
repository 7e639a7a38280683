import {
  type BotId,
  type BotTool,
  type ConversationId,
  type CustomerId,
  type Form,
  type FormField,
  type JsonObject,
  type JsonValue,
  limits,
  type RunAnswer,
} from 'gb-protocol';
import { isNestedDeeper, isUuid, sleep, uuidv7 } from 'gb-utils';
import { Value } from 'typebox/value';
import { onRunEnded } from '../bots/run-ends.ts';
import { newRunRow } from '../bots/runs.ts';
import type { Actor, Context } from '../context.ts';
import { fail, notFound } from '../fail.ts';
import type { ConversationRow, ManifestTool, NewRun, PlainValue, Tx } from '../ports/index.ts';
import type { KeyHolder } from './bot-keys.ts';

/** Who calls a tool: a member of the workspace, or a program with a key of the bot. */
export type ToolCaller = Actor | KeyHolder;

/** Requests of this process that wait for the end of a run; one more is answered at once, and asks again. */
const waitingMax = 500;
/** How soon the end of a run is found whose news was lost. */
const lookEveryMs = 2_000;
let waiting = 0;

/**
 * Begins a run of a script of the published version. Returning means it is stored and will be done, whoever dies. Two with
 * the same key are one. Fails with `not_found`, `quota_exceeded`, `too_large`.
 */
export async function beginRun(
  ctx: Context,
  customerId: CustomerId,
  run: NewRun & { readonly botId: BotId },
): Promise<ConversationId> {
  const nowMs = ctx.clock.nowMs();
  const id = await ctx.store.transaction(customerId, async (tx) => {
    const row = await newRunRow(tx, { ...run, nowMs });
    // False when there is one of this key.
    await tx.conversations.save(row, null);
    return row.id;
  });
  ctx.bus.signal({ type: 'due', customerId, atMs: nowMs });
  return id;
}

/**
 * What a run gave back, waiting for it at most so long. `isDone: false` when it goes on, also when too many wait already.
 * Fails with `run_failed` when the script ended with an error, with the sentence of the error.
 */
export async function awaitRun(
  ctx: Context,
  customerId: CustomerId,
  runId: ConversationId,
  waitMs: number,
  signal?: AbortSignal,
): Promise<RunAnswer> {
  const untilMs = performance.now() + Math.min(waitMs, limits.runWaitMsMax);
  const mayWait = waitMs > 0 && waiting < waitingMax;
  if (mayWait) waiting += 1;
  let ended = new AbortController();
  // From before the first look, so that an end between the two is heard.
  const stop = mayWait ? onRunEnded(ctx.bus, customerId, runId, () => ended.abort()) : () => {};
  try {
    for (;;) {
      const row = await ctx.store.read(customerId, (tx) => tx.conversations.get(runId));
      if (row?.kind !== 'run') throw notFound('run');
      const answer = answerOf(row);
      const leftMs = untilMs - performance.now();
      if (answer.isDone || !mayWait || leftMs <= 0 || signal?.aborted || row.status === 'parked') return answer;
      await sleep(Math.min(lookEveryMs, leftMs), signal ? AbortSignal.any([signal, ended.signal]) : ended.signal);
      ended = new AbortController();
    }
  } finally {
    stop();
    if (mayWait) waiting -= 1;
  }
}

function answerOf({ id, status, result }: ConversationRow): RunAnswer {
  if (status !== 'finished' && status !== 'failed') return { runId: id, isDone: false };
  if (result && 'value' in result) return { runId: id, isDone: true, value: result.value as JsonValue };
  if (status === 'finished' && result === null) return { runId: id, isDone: true, value: null };
  throw fail('run_failed', result && 'error' in result ? result.error : 'The script ended with an error.');
}

/** What can be called by name. For everybody of the workspace but guests, and for holders of a key of this bot. */
export async function listTools(ctx: Context, caller: ToolCaller, botId: BotId): Promise<readonly BotTool[]> {
  requireCaller(caller, botId);
  return (await ctx.store.read(caller.customerId, (tx) => toolsOf(tx, botId))).map(present);
}

/** The tools of what people talk to now. */
export async function toolsOf(tx: Tx, botId: BotId): Promise<readonly ManifestTool[]> {
  const bot = isUuid(botId) ? await tx.bots.get(botId) : null;
  if (!bot) throw notFound('bot');
  return (await tx.bots.published(botId))?.about?.manifest.tools ?? [];
}

/**
 * Starts a tool with arguments that fit its schema. It says nothing anywhere: what it says is what it gives back when it
 * RETURNs nothing. With an idempotency key, the same call again is the same run.
 */
export async function callTool(
  ctx: Context,
  caller: ToolCaller,
  call: { readonly botId: BotId; readonly tool: string; readonly args: JsonObject; readonly idempotencyKey?: string | undefined },
): Promise<ConversationId> {
  const { botId } = call;
  requireCaller(caller, botId);
  const tool = await ctx.store.read(caller.customerId, async (tx) =>
    (await toolsOf(tx, botId)).find(({ name }) => name === call.tool),
  );
  if (!tool) throw notFound('tool');
  // One person's key never is another's.
  const holder = 'keyId' in caller ? `key:${caller.keyId}` : caller.userId;
  return beginRun(ctx, caller.customerId, {
    botId,
    script: tool.script,
    params: checkedArguments(tool, call.args),
    cause: 'tool',
    key: `tool:${holder}:${tool.name}:${call.idempotencyKey ?? uuidv7(ctx.clock.nowMs())}`,
    isQuiet: true,
    ...('keyId' in caller ? {} : { userId: caller.userId }),
  });
}

/** Waits for a run that this caller may know of: their own, or with a key any that was called as a tool of the bot by program. */
export async function readRun(
  ctx: Context,
  caller: ToolCaller,
  botId: BotId,
  runId: ConversationId,
  wait: { readonly waitMs: number; readonly signal?: AbortSignal },
): Promise<RunAnswer> {
  requireCaller(caller, botId);
  const row = isUuid(runId) ? await ctx.store.read(caller.customerId, (tx) => tx.conversations.get(runId)) : null;
  const isKnown = row?.kind === 'run' && row.botId === botId && (await mayKnow(ctx, caller, row));
  if (!isKnown) throw notFound('run');
  return awaitRun(ctx, caller.customerId, runId, wait.waitMs, wait.signal);
}

async function mayKnow(ctx: Context, caller: ToolCaller, row: ConversationRow): Promise<boolean> {
  if (!('keyId' in caller)) return row.userId === caller.userId;
  if (row.state.run?.cause !== 'tool') return false;
  const bot = await ctx.store.read(caller.customerId, (tx) => tx.bots.get(row.botId));
  return row.userId === bot?.userId;
}

/**
 * The arguments as the script finds them, with defaults, under names in lower case. Fails with `malformed` and the first
 * thing that does not fit.
 */
export function checkedArguments(tool: ManifestTool, args: JsonObject): Readonly<Record<string, PlainValue>> {
  if (isNestedDeeper(args, limits.valueLevelsMax)) throw fail('malformed', 'These arguments are nested too deeply.');
  if (JSON.stringify(args).length > limits.webhookBytesMax) throw fail('too_large', 'These arguments are too much.');
  const properties = (tool.parameters['properties'] ?? {}) as Readonly<Record<string, { readonly default?: PlainValue }>>;
  const given = Object.entries(args).filter(([, value]) => value !== null);
  const names = new Set(given.map(([name]) => name));
  const missing = Object.entries(properties).filter(([name, one]) => !names.has(name) && one.default !== undefined);
  const whole = Object.fromEntries([...given, ...missing.map(([name, one]) => [name, one.default!] as const)]);
  const [problem] = Value.Errors(tool.parameters, whole);
  if (problem) {
    const where = problem.instancePath === '' ? '' : `${problem.instancePath.slice(1, 100)} `;
    throw fail('malformed', `${tool.name}: ${where}${problem.message}.`);
  }
  return Object.fromEntries(Object.entries(whole).map(([name, value]) => [name.toLowerCase(), value as PlainValue]));
}

/** The form by which a person fills in a tool's arguments; its answer starts the tool. */
export const toolFormPrefix = 'tool:';

export function toolForm(tool: ManifestTool): Form {
  return {
    name: `${toolFormPrefix}${tool.name}`,
    title: (tool.description || tool.name).slice(0, limits.formLabelMax),
    fields: tool.fields.slice(0, limits.formFieldsMax) as readonly FormField[],
  };
}

/** Answers of a form as arguments: what a form says in text may be a number, a list or an object for the tool. */
export function argumentsFrom(tool: ManifestTool, values: JsonObject): JsonObject {
  const properties = (tool.parameters['properties'] ?? {}) as Readonly<
    Record<string, { type?: string; enum?: readonly PlainValue[] }>
  >;
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== null && value !== '')
      .map(([name, value]) => [name, asArgument(Object.hasOwn(properties, name) ? properties[name]! : {}, value)]),
  );
}

function asArgument({ type, enum: choices }: { type?: string; enum?: readonly PlainValue[] }, value: JsonValue): JsonValue {
  if (typeof value !== 'string') return value;
  if (choices) return (choices.find((choice) => String(choice) === value) ?? value) as JsonValue;
  if (type !== 'object' && type !== 'array') return value;
  try {
    return JSON.parse(value) as JsonValue;
  } catch {
    return value; // The check says what it should have been.
  }
}

function requireCaller(caller: ToolCaller, botId: BotId): void {
  if ('keyId' in caller) {
    if (caller.botId !== botId) throw notFound('bot');
  } else if (caller.role === 'guest' || caller.role === 'bot') throw fail('forbidden', 'Guests may not do this.');
}

function present({ name, description, script, parameters, fields }: ManifestTool): BotTool {
  return { name, description, script, parameters: parameters as JsonObject, fields };
}
