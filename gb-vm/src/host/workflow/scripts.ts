import type { PlainValue, TurnScope } from 'gb-core';
import { type BotId, scriptKey } from 'gb-protocol';
import { isObject, wrong } from '../people/values.ts';

/** The key of a script in the published version of a bot; null when it has none of that name. */
export async function scriptOf({ tx }: Pick<TurnScope, 'tx'>, botId: BotId, name: string): Promise<string | null> {
  const published = await tx.bots.published(botId);
  const key = scriptKey(name);
  const entries = published?.about?.manifest.entries;
  if (!entries) return published !== null && key === 'start.bas' ? key : null;
  return Object.hasOwn(entries, key) ? key : null;
}

/**
 * What a script is started with: values in the order of its PARAMs, or one object with their names. All of them together
 * are in `args`.
 */
export async function paramsOf(
  scope: Pick<TurnScope, 'tx'>,
  botId: BotId,
  script: string,
  values: readonly PlainValue[],
): Promise<Record<string, PlainValue>> {
  const tools = (await scope.tx.bots.published(botId))?.about?.manifest.tools ?? [];
  const fields = tools.find((tool) => tool.script === script)?.fields ?? [];
  const only = values.length === 1 ? values[0] : undefined;
  const names = fields.map(({ name }) => name.toLowerCase());
  if (isObject(only) && (names.length === 0 || Object.keys(only).some((key) => names.includes(key.toLowerCase()))))
    return Object.fromEntries(Object.entries(only).map(([name, value]) => [name.toLowerCase(), value]));
  if (names.length > 0 && values.length > names.length)
    throw wrong(`${script} takes ${names.length} values at most`, `${script} recebe no máximo ${names.length} valores`);
  const named = names.flatMap((name, i) => (i < values.length ? [[name, values[i]!] as const] : []));
  return { ...Object.fromEntries(named), ...(values.length > 0 ? { args: [...values] } : {}) };
}
