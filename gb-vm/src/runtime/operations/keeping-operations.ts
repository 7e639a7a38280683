import type { JsonValue } from '../functions/json.ts';
import {
  type Answer,
  type Args,
  done,
  keysMax,
  type MemoryData,
  type MemoryOptions,
  type Operation,
  textOf,
  wrong,
} from './memory-data.ts';

/** What is kept for a bot, a person, a session; and the settings. */
export function keepingOperations(data: MemoryData, options: MemoryOptions): Readonly<Record<string, Operation>> {
  const full = wrong(options, 'too much is kept', 'há coisas demais guardadas');
  const now = (): number => (options.nowMs?.() ?? 0) + data.waitedMs;
  const keyOf = (args: Args): string => textOf(args['key']).trim();
  const put = <T>(map: Map<string, T>, key: string, value: T): Answer => {
    if (map.size >= keysMax && !map.has(key)) return full;
    map.set(key, value);
    return done;
  };
  const remember = (key: string, value: JsonValue, seconds: JsonValue | undefined): Answer => {
    const lasts = seconds === undefined || seconds === null ? Number.POSITIVE_INFINITY : Number(seconds) * 1000;
    if (!(lasts >= 0)) return wrong(options, 'the time must be a number of seconds', 'o tempo deve ser um número de segundos');
    return put(data.user, key, { value, untilMs: now() + lasts });
  };
  const recall = (key: string): JsonValue => {
    const kept = data.user.get(key);
    return kept && kept.untilMs > now() ? kept.value : null;
  };
  const sessionKey = (args: Args): string =>
    args['session'] === undefined ? keyOf(args) : `${textOf(args['session'])}/${keyOf(args)}`;
  const setting = (name: string): JsonValue => {
    const wanted = name.toLowerCase();
    const changed = data.settings.get(`PARAM ${wanted}`);
    if (changed !== undefined) return changed;
    const found = Object.entries(options.config ?? {}).find(([key]) => key.toLowerCase() === wanted);
    return found ? found[1] : null;
  };
  /** `session.k`, `user.k` and `bot.k` are the values kept there; anything else is not ours. */
  const kept = (target: string): readonly [place: string, key: string] | null => {
    const match = /^(session|user|bot|config)\.(.+)$/s.exec(target.slice(0, 1000));
    return match ? [match[1]!, match[2]!] : null;
  };
  return {
    'SET BOT MEMORY': (args) => put(data.bot, keyOf(args), args['value'] ?? null),
    'GET BOT MEMORY': (args) => ({ value: data.bot.get(keyOf(args)) ?? null }),
    'SET USER MEMORY': (args) => remember(keyOf(args), args['value'] ?? null, undefined),
    'GET USER MEMORY': (args) => ({ value: recall(keyOf(args)) }),
    REMEMBER: (args) => remember(keyOf(args), args['value'] ?? null, args['seconds']),
    RECALL: (args) => ({ value: recall(keyOf(args)) }),
    'SET SESSION': (args) => put(data.session, sessionKey(args), args['value'] ?? null),
    'GET SESSION': (args) => ({ value: data.session.get(sessionKey(args)) ?? null }),
    'SET USER': (args) =>
      args['key'] === undefined
        ? put(data.session, 'user', args['user'] ?? null)
        : remember(keyOf(args), args['value'] ?? null, undefined),
    'GET CONFIG': (args) => ({ value: setting(textOf(args['name'])) }),
    'SET PARAM': (args) => put(data.settings, `PARAM ${textOf(args['name']).toLowerCase()}`, args['value'] ?? null),
    GET: (args) => {
      const found = kept(textOf(args['address']));
      if (!found) return wrong(options, 'the web cannot be reached from here', 'a web não pode ser alcançada daqui');
      const [place, key] = found;
      if (place === 'config') return { value: setting(key) };
      const value = place === 'session' ? data.session.get(key) : place === 'bot' ? data.bot.get(key) : recall(key);
      return { value: value ?? null };
    },
    SET: (args) => {
      const found = kept(textOf(args['target']));
      const value = (args['values'] as readonly JsonValue[] | undefined)?.[0] ?? null;
      if (!found || found[0] === 'config')
        return wrong(options, 'there is no such thing to set here', 'não há isso para definir aqui');
      if (found[0] === 'user') return remember(found[1], value, undefined);
      return put(found[0] === 'session' ? data.session : data.bot, found[1], value);
    },
  };
}
