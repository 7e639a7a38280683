import { botActor, type FileValue, joinAll, type OperationErrorCode, type PlainValue, type TurnScope } from 'gb-core';
import type { ChannelId } from 'gb-protocol';
import { isUuid, parseDate, parseNumber } from 'gb-utils';
import { instantOf } from '../../compiler/schedule/index.ts';
import { OperationFailed } from '../operation.ts';
import { listOf, wordOf } from '../web/values.ts';
import { isObject } from '../web/web-state.ts';

export { isObject, listOf, wordOf };

export function wrong(en: string, pt: string, code?: OperationErrorCode): OperationFailed {
  return new OperationFailed({ en, pt }, code);
}

/** A text that has to be there, of at most so many characters. */
export function textArg(value: PlainValue | undefined, what: { en: string; pt: string }, charsMax: number): string {
  const text = wordOf(value).trim();
  if (text === '') throw wrong(`${what.en} is missing`, `falta ${what.pt}`);
  if (text.length > charsMax)
    throw wrong(
      `${what.en} has more than ${charsMax} characters`,
      `${what.pt} tem mais de ${charsMax} caracteres`,
      'limit_reached',
    );
  return text;
}

export function numberArg(value: PlainValue | undefined, what: { en: string; pt: string }, min: number, max: number): number {
  const number = typeof value === 'number' ? value : (parseNumber(wordOf(value)) ?? Number.NaN);
  if (!(number >= min && number <= max))
    throw wrong(`${what.en} is a number from ${min} to ${max}`, `${what.pt} é um número de ${min} a ${max}`);
  return number;
}

/** What is kept as JSON beside something, bounded. */
export function detailsArg(value: PlainValue | undefined): PlainValue {
  const details = value ?? null;
  if (JSON.stringify(details).length > detailsCharsMax)
    throw wrong('the details are too long', 'os detalhes são longos demais', 'limit_reached');
  return details;
}

/** The clock on the wall that a bot's dates mean: `time-zone` of its config.csv. */
export function timeZoneOf({ settings }: Pick<TurnScope, 'settings'>): string {
  return settings['time-zone'] ?? settings['timezone'] ?? 'UTC';
}

/** An instant from a date as programs have it. A date without a time is its first moment. */
export function timeArg(
  value: PlainValue | undefined,
  what: { en: string; pt: string },
  scope: Pick<TurnScope, 'settings'>,
): number {
  const when = parseDate(wordOf(value));
  if (!when) throw wrong(`${what.en} is no date`, `${what.pt} não é uma data`);
  return instantOf(new Date(when.ms).toISOString().slice(0, 19), timeZoneOf(scope));
}

/** Names of people or channels: a list, or a text with commas. */
export function namesOf(value: PlainValue | undefined): readonly string[] {
  return listOf(value)
    .flatMap((one) => wordOf(one).split(/[,;]/))
    .map((one) => one.trim())
    .filter(Boolean);
}

/** Files a program was given, or of the bot's drive by their path, as messages take them. */
export async function fileIdsOf(value: PlainValue | undefined, { tx, botId }: TurnScope): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const one of listOf(value)) {
    if (isObject(one) && typeof one['file'] === 'string') {
      ids.push(one['file']);
      continue;
    }
    const path = wordOf(one).replace(/^\/+/, '');
    const found =
      (await tx.files.byPath({ botId, folder: 'drive', path: path.replace(/^drive\//i, '') })) ??
      (await tx.files.byPath({ botId, folder: 'data', path: path.replace(/^data\//i, '') }));
    if (!found) throw wrong(`there is no file ${path.slice(0, 80)}`, `não há um arquivo ${path.slice(0, 80)}`);
    ids.push(found.id);
  }
  return ids;
}

export const fileOf = (value: PlainValue | undefined): FileValue | null =>
  isObject(value) && typeof value['file'] === 'string' ? (value as unknown as FileValue) : null;

/**
 * The channel a program names, `#sales` or `sales`, in which the bot is a member. A public one it joins, as a member of
 * the workspace may. null when there is no such channel, or it may not know of it.
 */
export async function channelOf(scope: TurnScope, name: string): Promise<ChannelId | null> {
  const wanted = name.trim().replace(/^#/, '');
  const channel = isUuid(wanted) ? await scope.tx.channels.get(wanted as ChannelId) : await scope.tx.channels.byName(wanted);
  if (!channel || channel.isArchived) return null;
  const access = await scope.tx.channels.access(channel.id, scope.botUserId);
  if (access?.isMember) return channel.id;
  if (channel.kind !== 'public') return null;
  scope.record(await joinAll(scope.tx, botActor(scope), channel.id, [scope.botUserId]));
  return channel.id;
}

const detailsCharsMax = 8_000;
