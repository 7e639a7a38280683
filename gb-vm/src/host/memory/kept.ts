import { type MemoryPlace, type OperationScope, type PlainValue, type Tx, tableLimits } from 'gb-core';
import type { JsonValue } from '../../runtime/functions/json.ts';
import { isRow, textOf } from '../../runtime/operations/memory-data.ts';
import { columnOf, type Row } from '../../runtime/operations/tables.ts';
import { type Args, OperationFailed } from '../operation.ts';
import { dataState, fail, said } from '../tables/scope.ts';
import { knownFact } from './known-facts.ts';

export type MemoryScope = OperationScope & { readonly tx: Tx };

export const ofBot = ({ botId }: MemoryScope): MemoryPlace => ({ botId, kind: 'bot' });
export const ofUser = ({ botId, userId }: MemoryScope): MemoryPlace => ({ botId, kind: 'user', userId });
export const ofCache = ({ botId }: MemoryScope): MemoryPlace => ({ botId, kind: 'cache' });
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
    if (place === 'config') return settingOf(scope, key);
    const read = (name: string): Promise<PlainValue> =>
      place === 'session' ? getSession({ key: name }, scope) : get(scope, place === 'user' ? ofUser(scope) : ofBot(scope), name);
    const whole = await read(key);
    if (whole !== null) return whole;
    if (!key.includes('.')) return knownFact(place, key, scope);
    // `session.customer.name`: a part of what is kept under `customer`.
    const [first = '', ...rest] = key.split('.');
    const holder = await read(first);
    return isRow(holder as JsonValue) ? columnOf(holder as Row, rest.join('.')) : null;
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

export function keptAt(address: string): readonly [place: string, key: string] | null {
  const match = /^\s*(session|user|bot|config)\.(.+)$/is.exec(address.slice(0, 1_000));
  return match ? [match[1]!.toLowerCase(), match[2]!.trim()] : null;
}

export async function set(
  scope: MemoryScope,
  place: MemoryPlace,
  key: PlainValue | undefined,
  value: PlainValue | undefined,
  seconds: number | null = null,
): Promise<null> {
  await scope.tx.memories.set(place, keyOf(key), value ?? null, seconds === null ? null : scope.nowMs + seconds * 1_000);
  return null;
}

export function get(scope: MemoryScope, place: MemoryPlace, key: PlainValue | undefined): Promise<PlainValue> {
  return scope.tx.memories.get(place, keyOf(key));
}

export function keyOf(value: PlainValue | undefined): string {
  const key = textOf(value).trim();
  if (key === '' || key.length > tableLimits.memoryKeyMax)
    throw fail(
      `a key has 1 to ${tableLimits.memoryKeyMax} characters`,
      `uma chave tem de 1 a ${tableLimits.memoryKeyMax} caracteres`,
    );
  return key;
}

export function lasting(value: PlainValue | undefined, otherwise: number | null): number | null {
  if (value === undefined || value === null) return otherwise;
  const seconds = Number(value);
  if (!(seconds >= 0 && seconds <= secondsMax))
    throw fail('the time must be a number of seconds', 'o tempo deve ser um número de segundos');
  return seconds;
}

/** A value of this conversation; of another one of this bot when its id is given. */
export async function setSession(args: Args, scope: MemoryScope): Promise<PlainValue> {
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

export async function getSession(args: Args, scope: MemoryScope): Promise<PlainValue> {
  const [session, key] = [sessionOf(args, scope), keyOf(args['key'])];
  const own = scope.state.session ?? {};
  if (session === null && Object.hasOwn(own, key)) return own[key] ?? null;
  // What another conversation of this bot has put there.
  const kept = await scope.tx.memories.get(ofSessions(scope), keyOf(`${session ?? scope.conversationId}/${key}`));
  return kept === null && session === null ? knownFact('session', key, scope) : kept;
}

function sessionOf(args: Args, { conversationId }: MemoryScope): string | null {
  const given = textOf(args['session']).trim().toLowerCase();
  return given === '' || given === conversationId ? null : given;
}

const sessionKeysMax = 1_000;
const sessionBytesMax = 32_768;
const sessionMsMax = 30 * 86_400_000;

/** What SET PARAM said in this conversation, else a row of config.csv in either style of its name. */
export function settingOf(scope: MemoryScope, name: string): PlainValue {
  const wanted = name.trim().toLowerCase();
  const params = dataState(scope).params ?? {};
  if (Object.hasOwn(params, wanted)) return params[wanted] ?? null;
  for (const key of [wanted.replace(/[\s_]+/g, '-'), wanted, `param-${wanted}`])
    if (Object.hasOwn(scope.settings, key)) return scope.settings[key] ?? null;
  return null;
}

export function tooMuch(): OperationFailed {
  return new OperationFailed({ en: 'too much is kept here', pt: 'há coisas demais guardadas aqui' }, 'limit_reached');
}

const secondsMax = 10 * 366 * 86_400;
