import type { MemoryPlace, PlainValue } from 'gb-core';
import { textOf } from '../../runtime/operations/memory-data.ts';
import type { Args, InTurnOperation, OperationSet } from '../operation.ts';
import { dataState, fail, said, setDataState } from '../tables/scope.ts';
import {
  get,
  getKept,
  getSession,
  keptAt,
  keyOf,
  lasting,
  type MemoryScope,
  ofBot,
  ofCache,
  ofUser,
  set,
  setSession,
  settingOf,
  tooMuch,
} from './kept.ts';

/**
 * What a bot keeps: for itself, for one of its people, for a conversation, for a while. The session lives with its
 * conversation; everything else in the database, changed in the transaction of the turn.
 */
export function memoryOperations(): OperationSet {
  const inTurn: Record<string, (args: Args, scope: MemoryScope) => Promise<PlainValue>> = {
    'SET BOT MEMORY': (args, scope) => set(scope, ofBot(scope), args['key'], args['value']),
    'GET BOT MEMORY': (args, scope) => get(scope, ofBot(scope), args['key']),
    'SET USER MEMORY': (args, scope) => set(scope, ofUser(scope), args['key'], args['value']),
    'GET USER MEMORY': (args, scope) => get(scope, ofUser(scope), args['key']),
    REMEMBER: (args, scope) => set(scope, ofUser(scope), args['key'], args['value'], lasting(args['seconds'], null)),
    RECALL: (args, scope) => get(scope, ofUser(scope), args['key']),
    'CACHE SET': (args, scope) => set(scope, ofCache(scope), args['key'], args['value'], lasting(args['seconds'], cacheSeconds)),
    'CACHE GET': (args, scope) => get(scope, ofCache(scope), args['key']),
    'SET SESSION': setSession,
    'GET SESSION': getSession,
    'SET USER': setUser,
    GET: async (args, scope) => {
      const found = await getKept(textOf(args['address']), scope);
      if (found === undefined) throw fail('the web cannot be reached from here', 'a web não pode ser alcançada daqui');
      return found;
    },
    'GET CONFIG': async (args, scope) => settingOf(scope, textOf(args['name'])),
    'SET PARAM': async (args, scope) => {
      const name = keyOf(args['name']).toLowerCase();
      const params = { ...dataState(scope).params, [name]: args['value'] ?? null };
      if (Object.keys(params).length > paramsMax) throw tooMuch();
      setDataState(scope, { params });
      return null;
    },
    'BOT SHARE MEMORY': async (args, scope) => {
      const other = await botNamed(scope, textOf(args['bot']));
      const key = keyOf(args['key']);
      const value = await scope.tx.memories.get(ofBot(scope), key);
      if (value === null) throw fail(`nothing is kept under ${key}`, `nada está guardado em ${key}`);
      await scope.tx.memories.set({ botId: other, kind: 'bot' }, key, value);
      return null;
    },
    'BOT SYNC MEMORY': async (args, scope) => {
      const other = await botNamed(scope, textOf(args['bot']));
      const kept = await scope.tx.memories.list({ botId: other, kind: 'bot' });
      for (const { key, value, expiresAtMs } of kept) await scope.tx.memories.set(ofBot(scope), key, value, expiresAtMs);
      return kept.length;
    },
  };
  return {
    inTurn: Object.fromEntries(
      Object.entries(inTurn).map(([name, work]): [string, InTurnOperation] => [
        name,
        (args, scope) => said(() => work(args, scope)),
      ]),
    ),
    // GET of an address on the web, of a file or of a page is for whoever can reach them.
    isOutside: { GET: ({ address }) => typeof address !== 'string' || keptAt(address) === null },
  };
}

const cacheSeconds = 3_600;
const paramsMax = 200;

/** Another bot of the same customer, by handle or name. */
async function botNamed({ tx, botId }: MemoryScope, given: string): Promise<MemoryPlace['botId']> {
  const wanted = given.trim().replace(/^@/, '').toLowerCase();
  const found = (await tx.bots.list()).filter((bot) => bot.handle.toLowerCase() === wanted || bot.name.toLowerCase() === wanted);
  const other = found.find((bot) => bot.handle.toLowerCase() === wanted) ?? found[0];
  if (!other || other.id === botId)
    throw fail(`there is no other bot ${given.slice(0, 80)}`, `não há outro robô ${given.slice(0, 80)}`);
  return other.id;
}

async function setUser(args: Args, scope: MemoryScope): Promise<PlainValue> {
  if (args['key'] !== undefined) return set(scope, ofUser(scope), args['key'], args['value']);
  const values = args['values'] as readonly PlainValue[] | undefined;
  if (values) {
    if (values.length % 2 !== 0) throw fail('SET USER takes names and values', 'SET USER recebe nomes e valores');
    for (let at = 0; at < values.length; at += 2) await set(scope, ofUser(scope), values[at], values[at + 1]);
    return null;
  }
  return setSession({ key: 'user', value: args['user'] ?? null }, scope);
}
