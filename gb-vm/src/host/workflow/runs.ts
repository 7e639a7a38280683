import { branchesOf, joinEvent, type NewRun, type PlainValue, setBranches, type TurnScope, valuesOf } from 'gb-core';
import type { BotId, ConversationId } from 'gb-protocol';
import type { InTurnOperation } from '../operation.ts';
import { listOf, numberArg, textArg, wordOf, wrong } from '../people/values.ts';
import { askApproval } from './approvals.ts';
import { paramsOf, scriptOf } from './scripts.ts';
import { workflowState } from './workflow-state.ts';

const branchesMax = 20;
const nameCharsMax = 200;
const taskCharsMax = 8_000;

/**
 * Scripts that start scripts. Each is a run of its own, which survives whatever happens to this one; the conversation
 * waits for its end and gets what it RETURNs. An error of it is an error here, which TRY can take.
 */
export const runOperations: Readonly<Record<string, InTurnOperation>> = {
  async 'RUN SCRIPT'(args, scope) {
    const name = textArg(args['script'], { en: 'the script', pt: 'o roteiro' }, nameCharsMax);
    const script = await scriptOf(scope, scope.botId, name);
    if (script === null) throw wrong(`this bot has no script ${name}`, `este robô não tem o roteiro ${name}`);
    const params = await paramsOf(scope, scope.botId, script, listOf(args['args']));
    return waitFor(scope, await scope.start(here(scope, { script, params, key: 'script' })));
  },

  async DELEGATE(args, scope) {
    const task = textArg(args['message'], { en: 'the message', pt: 'a mensagem' }, taskCharsMax);
    return waitFor(scope, await scope.start(await delegated(scope, wordOf(args['bot']), task)));
  },

  async 'ORCHESTRATE WORKFLOW'(args, scope) {
    const name = textArg(args['name'], { en: 'the name', pt: 'o nome' }, nameCharsMax);
    setBranches(scope.state, []);
    scope.state.people = { ...scope.state.people, workflow: {} };
    workflowState.change(scope, { name, step: 0 });
    return name;
  },

  async 'WORKFLOW STEP'(args, scope) {
    workflowState.change(scope, { step: numberArg(args['number'], { en: 'the step', pt: 'o passo' }, 0, 10_000) });
    if (args['isParallel'] === true) return beginParallel(scope);
    if (args['approver'] !== undefined) {
      await askApproval(scope, wordOf(args['approver']), wordOf(args['text']), args['timeout']);
      return null;
    }
    return waitFor(scope, await scope.start(await taskOf(scope, args['bot'], args['task'])));
  },

  PARALLEL: async (_, scope) => beginParallel(scope),

  async BRANCH(args, scope) {
    if (!workflowState.read(scope).isParallel)
      throw wrong('BRANCH stands between PARALLEL and END PARALLEL', 'BRANCH fica entre PARALLEL e END PARALLEL');
    const name = textArg(args['name'], { en: 'the name of the branch', pt: 'o nome do ramo' }, nameCharsMax);
    const branches = branchesOf(scope.state);
    if (branches.length >= branchesMax)
      throw wrong(`there may be ${branchesMax} branches`, `pode haver ${branchesMax} ramos`, 'limit_reached');
    if (branches.some((one) => one.name === name)) throw wrong(`there are two branches ${name}`, `há dois ramos ${name}`);
    const run = await taskOf(scope, args['bot'], args['task'] ?? name);
    const id = await scope.start({ ...run, key: `branch:${name}`, joins: scope.conversationId });
    setBranches(scope.state, [...branches, { name, run: id, isDone: false }]);
    return null;
  },

  async 'END PARALLEL'(_, scope) {
    workflowState.change(scope, { isParallel: false });
    const branches = branchesOf(scope.state);
    if (branches.every(({ isDone }) => isDone)) {
      const values = await valuesOf(scope.tx, branches);
      setBranches(scope.state, []);
      return values;
    }
    scope.suspend({ event: joinEvent(scope.conversationId), ...timeLimit(scope) });
    return null;
  },

  async DELAY(args, scope) {
    const seconds = numberArg(args['seconds'], { en: 'the time, in seconds,', pt: 'o tempo, em segundos,' }, 0, 366 * 86_400);
    if (seconds > 0) scope.suspend({ atMs: scope.nowMs + Math.ceil(seconds * 1000) });
    return null;
  },
};

function beginParallel(scope: TurnScope): PlainValue {
  setBranches(scope.state, []);
  workflowState.change(scope, { isParallel: true });
  return null;
}

function waitFor(scope: TurnScope, run: ConversationId): PlainValue {
  scope.suspend({ event: `run:${run}`, ...timeLimit(scope) });
  return null;
}

function timeLimit(scope: TurnScope): { atMs?: number } {
  const { timeoutSecs } = workflowState.read(scope);
  return timeoutSecs ? { atMs: scope.nowMs + timeoutSecs * 1000 } : {};
}

/** A task of a step: of a bot, or a script of this one. */
async function taskOf(scope: TurnScope, bot: PlainValue | undefined, task: PlainValue | undefined): Promise<NewRun> {
  const text = textArg(task, { en: 'the task', pt: 'a tarefa' }, taskCharsMax);
  if (bot !== undefined) return delegated(scope, wordOf(bot), text);
  const script = text.length <= nameCharsMax ? await scriptOf(scope, scope.botId, text) : null;
  if (script === null)
    throw wrong(`this bot has no script ${text.slice(0, 80)}`, `este robô não tem o roteiro ${text.slice(0, 80)}`);
  return here(scope, { script, params: await paramsOf(scope, scope.botId, script, []), key: 'task' });
}

/**
 * Another bot of the workspace: the script of the task's name, else the one its conversations begin with, which finds the
 * task in `message`. It speaks to nobody; what it RETURNs, or said before its first HEAR, is the answer.
 */
async function delegated(scope: TurnScope, name: string, task: string): Promise<NewRun> {
  const botId = await botNamed(scope, name);
  const named = task.length <= nameCharsMax ? await scriptOf(scope, botId, task) : null;
  const published = await scope.tx.bots.published(botId);
  const script = named ?? published?.about?.manifest.start ?? 'start.bas';
  return {
    script,
    params: { message: task, task },
    cause: 'script',
    key: 'delegate',
    botId,
    userId: scope.userId,
    isQuiet: true,
  };
}

/** A published bot of the workspace by its name or handle. */
export async function botNamed(scope: TurnScope, name: string): Promise<BotId> {
  const wanted = name.trim().replace(/\.gbai$/i, '');
  const found = wanted === '' ? [] : (await scope.tx.people.find(wanted)).filter(({ kind }) => kind === 'bot');
  const bot = found.length === 1 ? await scope.tx.bots.byUser(found[0]!.id) : null;
  if (!bot || bot.publishedVersion === null)
    throw wrong(
      `there is no published bot called ${wanted.slice(0, 80)}`,
      `não há um robô publicado chamado ${wanted.slice(0, 80)}`,
    );
  return bot.id;
}

/** Speaks in this conversation, on behalf of its person. */
function here(scope: TurnScope, run: Pick<NewRun, 'script' | 'params' | 'key'>): NewRun {
  const { channelId, threadSeq, userId } = scope;
  return { ...run, cause: 'script', userId, ...(channelId ? { place: { channelId, threadSeq } } : {}) };
}
