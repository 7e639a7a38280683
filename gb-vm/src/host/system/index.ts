import {
  askSchedule,
  botLine,
  type Calendar,
  findPerson,
  guestTools,
  type OutsideCall,
  type PlainValue,
  type TurnScope,
  type Tx,
} from 'gb-core';
import type { Role } from 'gb-protocol';
import { readAiState } from '../ai/ai-state.ts';
import { toolsInUse } from '../ai/tools.ts';
import { type InTurnOperation, type OperationSet, type OutsideOperation, settingMissing } from '../operation.ts';
import { isObject, listOf, textArg, timeZoneOf, wordOf, wrong } from '../people/values.ts';
import { mustSucceed, valueOfAnswer } from '../web/content.ts';
import type { HttpClient } from '../web/http-client.ts';
import { send, serviceAddress, type WebCall } from '../web/web-call.ts';
import { scriptOf } from '../workflow/scripts.ts';

export interface SystemOptions {
  readonly calendar: Calendar;
  /** Publishes the draft of the call's bot and gives the version; null where a program may not. */
  readonly publish: ((call: OutsideCall) => Promise<number>) | null;
  readonly http: HttpClient | null;
}

const lineCharsMax = 300;
/** Of one transaction: the writers of one log wait for each other. */
const linesMax = 50;
const labelsCharsMax = 400;
const scheduleCharsMax = 400;

const roles: readonly Role[] = ['guest', 'member', 'admin', 'owner'];

/** The bot and its platform. */
export function systemOperations(options: SystemOptions): OperationSet {
  const inTurn: Readonly<Record<string, InTurnOperation>> = {
    LOG: (args, scope) => writeLine(scope, 'log', args['values']),

    /** Only while `debug` of config.csv is on. */
    DEBUG: async (args, scope) =>
      /^(?:on|true|1|yes|sim)$/i.test(scope.settings['debug'] ?? '') ? writeLine(scope, 'debug', args['values']) : null,

    async 'SET SCHEDULE'(args, scope) {
      const text = textArg(args['when'], { en: 'the time', pt: 'o horário' }, scheduleCharsMax);
      const { tx, botId, locale, nowMs } = scope;
      const given = wordOf(args['script']).trim();
      const own = (await tx.conversations.get(scope.conversationId))?.script;
      const start = own ?? (await tx.bots.published(botId))?.about?.manifest.start ?? 'start.bas';
      const script = given === '' ? start : await scriptOf(scope, botId, given);
      if (script === null)
        throw wrong(`this bot has no script ${given.slice(0, 80)}`, `este robô não tem o roteiro ${given.slice(0, 80)}`);
      const timeZone = timeZoneOf(scope);
      if (!options.calendar.parse(text, { locale, nowMs, timeZone }))
        throw wrong(`"${text.slice(0, 60)}" is no time`, `"${text.slice(0, 60)}" não é um horário`);
      const label = wordOf(args['label']).slice(0, 200);
      const row = await askSchedule(tx, options.calendar, { botId, script, text, label, locale, nowMs, timeZone });
      if (row.wakeAt === null)
        throw wrong(`"${text.slice(0, 60)}" does not come any more`, `"${text.slice(0, 60)}" não acontece mais`);
      return row.id;
    },

    async 'RECORD METRIC'(args, scope) {
      const name = textArg(args['metric'], { en: 'the name', pt: 'o nome' }, 80).toLowerCase();
      const fields = Object.entries(isObject(args['labels']) ? args['labels'] : {}).sort(([a], [b]) => (a < b ? -1 : 1));
      const value = fields.find(([key]) => key.toLowerCase() === 'value')?.[1];
      const amount = value === undefined ? 1 : Number(value);
      if (!Number.isFinite(amount)) throw wrong('the value is no number', 'o valor não é um número');
      const labels = JSON.stringify(
        Object.fromEntries(fields.filter(([key]) => key.toLowerCase() !== 'value').map(([key, one]) => [key, wordOf(one)])),
      );
      const isCounted =
        labels.length <= labelsCharsMax &&
        (await scope.tx.counters.count({
          botId: scope.botId,
          day: new Date(scope.nowMs).toISOString().slice(0, 10),
          name,
          labels,
          amount,
        }));
      if (!isCounted)
        throw wrong('this bot counts too many different things', 'este robô conta coisas diferentes demais', 'limit_reached');
      return null;
    },

    async 'KB STATISTICS'(_, scope) {
      const collections = await scope.tx.knowledge.collections(scope.botId);
      const sum = (what: 'documents' | 'passages'): number => collections.reduce((all, one) => all + one[what], 0);
      return {
        collections: collections.map(({ name, documents, passages }) => ({ name, documents, passages })),
        documents: sum('documents'),
        passages: sum('passages'),
      };
    },

    async 'LIST TOOLS'(_, scope) {
      const own = (await scope.tx.bots.published(scope.botId))?.about?.manifest.tools ?? [];
      const tools = [...own, ...(await guestTools(scope.tx, scope.state))];
      return toolsInUse(tools, readAiState(scope.state).tools).map(({ name, description }) => ({ name, description }));
    },

    /** A role allows itself and those above it; a name of a channel allows its members. */
    async 'ALLOW ROLE'(args, scope) {
      const wanted = textArg(args['role'], { en: 'the role', pt: 'o papel' }, 100).toLowerCase();
      const person = await scope.tx.users.get(scope.userId);
      const rank = roles.indexOf(wanted as Role);
      const isAllowed =
        rank >= 0 ? person !== null && roles.indexOf(person.role) >= rank : await isMemberOf(scope, wanted.replace(/^#/, ''));
      if (!isAllowed) throw wrong(`only ${wanted} may go on here`, `só ${wanted} pode continuar aqui`, 'not_allowed');
      return null;
    },
  };

  const outside: Readonly<Record<string, OutsideOperation>> = {
    async PUBLISH(_, call) {
      if (!options.publish)
        throw wrong(
          'a program cannot publish here; use gb bot publish or the editor',
          'um programa não pode publicar aqui; use gb bot publish ou o editor',
          'not_allowed',
        );
      return options.publish(call);
    },

    /** `security-url` takes POST `{action, values, key}`; nothing is checked without such a service. */
    async SECURITY(args, call) {
      if (!call.settings['security-url'] || !options.http) throw settingMissing('security-url');
      const action = textArg(args['action'], { en: 'the action', pt: 'a ação' }, 80).toLowerCase();
      const body = JSON.stringify({ action, values: listOf(args['values']), key: call.key });
      const web = { call, http: options.http, signal: call.signal } as WebCall;
      const key = call.settings['security-key'];
      const answer = await send(web, {
        method: 'POST',
        address: serviceAddress(web, 'security-url', { action }, 'action'),
        headers: { 'content-type': 'application/json', ...(key ? { authorization: `Bearer ${key}` } : {}) },
        body: new TextEncoder().encode(body),
      });
      return valueOfAnswer(mustSucceed(answer), call.drive);
    },
  };
  return { inTurn, outside };
}

const written = new WeakMap<Tx, number>();

/** A line in the log of the bot, for those who look after it. It is the program's own words: what it puts there, they read. */
async function writeLine(scope: TurnScope, code: 'log' | 'debug', values: PlainValue | undefined): Promise<null> {
  const lines = (written.get(scope.tx) ?? 0) + 1;
  written.set(scope.tx, lines);
  if (lines > linesMax)
    throw wrong(`a turn writes ${linesMax} lines at most`, `um turno escreve no máximo ${linesMax} linhas`, 'limit_reached');
  const text = listOf(values).map(wordOf).join(' ').toWellFormed();
  const message = text
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .slice(0, lineCharsMax)
    .toWellFormed();
  await scope.tx.botLog.write(scope.botId, botLine('info', code, message, { conversationId: scope.conversationId }));
  return null;
}

/** Only of a channel the bot is in itself, so that it tells nobody who is in others. */
async function isMemberOf(scope: TurnScope, name: string): Promise<boolean> {
  if (name.startsWith('@')) return (await findPerson(scope.tx, name)).id === scope.userId;
  const channel = await scope.tx.channels.byName(name);
  if (!channel || !(await scope.tx.channels.access(channel.id, scope.botUserId))?.isMember) return false;
  return (await scope.tx.channels.access(channel.id, scope.userId))?.isMember ?? false;
}
