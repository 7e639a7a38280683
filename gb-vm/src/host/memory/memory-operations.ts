import { type MemoryPlace, type OperationScope, type PlainValue, type Tx, tableLimits } from 'gb-core';
import { textOf } from '../../runtime/operations/memory-data.ts';
import { type Args, type InTurnOperation, OperationFailed, type OperationSet } from '../operation.ts';
import { dataState, fail, said, setDataState } from '../tables/scope.ts';

type MemoryScope = OperationScope & { readonly tx: Tx };

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
  };
}

const cacheSeconds = 3_600;
const paramsMax = 200;
const secondsMax = 10 * 366 * 86_400;

const ofBot = ({ botId }: MemoryScope): MemoryPlace => ({ botId, kind: 'bot' });
const ofUser = ({ botId, userId }: MemoryScope): MemoryPlace => ({ botId, kind: 'user', userId });
const ofCache = ({ botId }: MemoryScope): MemoryPlace => ({ botId, kind: 'cache' });
const ofSessions = ({ botId }: MemoryScope): MemoryPlace => ({ botId, kind: 'session' });

/**
 * `session.step`, `user.name`, `bot.hours` and `config.host`: what GET and SET with such an address mean. Undefined when
 * the address is none of these.
 */
export async function getKept(address: string, scope: MemoryScope): Promise<PlainValue | undefined> {
  const found = keptAt(address);
  if (!found) return undefined;
  const [place, key] = found;
  return said(async () => {
    switch (place) {
      case 'session':
        return getSession({ key }, scope);
      case 'user':
        return get(scope, ofUser(scope), key);
      case 'bot':
        return get(scope, ofBot(scope), key);
      default:
        return settingOf(scope, key);
    }
  });
}

/** False when the address is none of these. */
export async function setKept(address: string, value: PlainValue, scope: MemoryScope): Promise<boolean> {
  const found = keptAt(address);
  if (!found) return false;
  const [place, key] = found;
  await said(async () => {
    if (place === 'config') throw fail('a setting is changed by SET PARAM', 'uma configuração se muda com SET PARAM');
    if (place === 'session') await setSession({ key, value }, scope);
    else await set(scope, place === 'user' ? ofUser(scope) : ofBot(scope), key, value);
  });
  return true;
}

function keptAt(address: string): readonly [place: string, key: string] | null {
  const match = /^\s*(session|user|bot|config)\.(.+)$/is.exec(address.slice(0, 1_000));
  return match ? [match[1]!.toLowerCase(), match[2]!.trim()] : null;
}

async function set(
  scope: MemoryScope,
  place: MemoryPlace,
  key: PlainValue | undefined,
  value: PlainValue | undefined,
  seconds: number | null = null,
): Promise<null> {
  await scope.tx.memories.set(place, keyOf(key), value ?? null, seconds === null ? null : scope.nowMs + seconds * 1_000);
  return null;
}

function get(scope: MemoryScope, place: MemoryPlace, key: PlainValue | undefined): Promise<PlainValue> {
  return scope.tx.memories.get(place, keyOf(key));
}

function keyOf(value: PlainValue | undefined): string {
  const key = textOf(value).trim();
  if (key === '' || key.length > tableLimits.memoryKeyMax)
    throw fail(
      `a key has 1 to ${tableLimits.memoryKeyMax} characters`,
      `uma chave tem de 1 a ${tableLimits.memoryKeyMax} caracteres`,
    );
  return key;
}

function lasting(value: PlainValue | undefined, otherwise: number | null): number | null {
  if (value === undefined || value === null) return otherwise;
  const seconds = Number(value);
  if (!(seconds >= 0 && seconds <= secondsMax))
    throw fail('the time must be a number of seconds', 'o tempo deve ser um número de segundos');
  return seconds;
}

/** A value of this conversation; of another one of this bot when its id is given. */
async function setSession(args: Args, scope: MemoryScope): Promise<PlainValue> {
  const [session, key, value] = [sessionOf(args, scope), keyOf(args['key']), args['value'] ?? null];
  if (session !== null) {
    await scope.tx.memories.set(ofSessions(scope), keyOf(`${session}/${key}`), value, scope.nowMs + sessionMsMax);
    return null;
  }
  const kept = { ...scope.state.session, [key]: value };
  if (value === null) delete kept[key];
  if (Object.keys(kept).length > sessionKeysMax || JSON.stringify(kept).length > sessionBytesMax) throw tooMuch();
  scope.state.session = kept;
  return null;
}

async function getSession(args: Args, scope: MemoryScope): Promise<PlainValue> {
  const [session, key] = [sessionOf(args, scope), keyOf(args['key'])];
  const own = scope.state.session ?? {};
  if (session === null && Object.hasOwn(own, key)) return own[key] ?? null;
  // What another conversation of this bot has put there.
  return scope.tx.memories.get(ofSessions(scope), keyOf(`${session ?? scope.conversationId}/${key}`));
}

function sessionOf(args: Args, { conversationId }: MemoryScope): string | null {
  const given = textOf(args['session']).trim().toLowerCase();
  return given === '' || given === conversationId ? null : given;
}

const sessionKeysMax = 1_000;
const sessionBytesMax = 32_768;
const sessionMsMax = 30 * 86_400_000;

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

/** What SET PARAM said in this conversation, else a row of config.csv in either style of its name. */
function settingOf(scope: MemoryScope, name: string): PlainValue {
  const wanted = name.trim().toLowerCase();
  const params = dataState(scope).params ?? {};
  if (Object.hasOwn(params, wanted)) return params[wanted] ?? null;
  for (const key of [wanted.replace(/[\s_]+/g, '-'), wanted, `param-${wanted}`])
    if (Object.hasOwn(scope.settings, key)) return scope.settings[key] ?? null;
  return null;
}

/** Another bot of the same customer, by handle or name. */
async function botNamed({ tx, botId }: MemoryScope, given: string): Promise<MemoryPlace['botId']> {
  const wanted = given.trim().replace(/^@/, '').toLowerCase();
  const found = (await tx.bots.list()).filter((bot) => bot.handle.toLowerCase() === wanted || bot.name.toLowerCase() === wanted);
  const other = found.find((bot) => bot.handle.toLowerCase() === wanted) ?? found[0];
  if (!other || other.id === botId)
    throw fail(`there is no other bot ${given.slice(0, 80)}`, `não há outro robô ${given.slice(0, 80)}`);
  return other.id;
}

function tooMuch(): OperationFailed {
  return new OperationFailed({ en: 'too much is kept here', pt: 'há coisas demais guardadas aqui' }, 'limit_reached');
}
