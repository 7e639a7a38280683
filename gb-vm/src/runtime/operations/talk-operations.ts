import type { JsonValue } from '../functions/json.ts';
import { type Answer, done, keysMax, type MemoryData, type MemoryOptions, type Operation, textOf, wrong } from './memory-data.ts';

const waitSecondsMax = 86_400;
const suggestionsMax = 50;

/** What these say is for a model or a screen; it is kept, so that a test can look. */
const settings = [
  'SET CONTEXT',
  'SET SYSTEM PROMPT',
  'SET ANSWER MODE',
  'USE KB',
  'CLEAR KB',
  'USE MODEL',
  'USE WEBSITE',
  'ADD TOOL',
  'REMOVE TOOL',
  'CLEAR TOOLS',
  'ADD SWITCHER',
  'CLEAR SWITCHERS',
  'SET LANGUAGE',
  'SET TRANSLATOR',
  'SET THEME',
  'SET OUTPUT',
  'SET MAX LINES',
  'SET MAX COLUMNS',
  'SET WHOLE WORD',
  'SET PAGE MODE',
  'SET HEADER',
  'CLEAR HEADERS',
  'ALLOW ROLE',
];

/** Waiting, suggestions, logs, and what is said for a model or a screen. */
export function talkOperations(data: MemoryData, options: MemoryOptions): Readonly<Record<string, Operation>> {
  const log: Operation = (args) => {
    const values = Array.isArray(args['values']) ? (args['values'] as readonly JsonValue[]) : [args['value'] ?? null];
    const line = values.map(textOf).join(' ');
    if (data.log.length < keysMax) data.log.push(line);
    options.log?.(line);
    return done;
  };
  const suggest = (label: JsonValue | undefined, value: JsonValue | undefined): Answer => {
    const text = textOf(label ?? value).trim();
    if (text === '') return wrong(options, 'a suggestion needs a label', 'uma sugestão precisa de um rótulo');
    if (data.suggestions.length >= suggestionsMax) return wrong(options, 'there are too many suggestions', 'há sugestões demais');
    data.suggestions.push({ label: text, value: textOf(value ?? label) });
    return done;
  };
  const keep = (name: string): readonly [string, Operation] => [
    name,
    (args) => {
      const which = textOf(args['name'] ?? args['folder'] ?? args['tool'] ?? '');
      if (data.settings.size < keysMax) data.settings.set(which === '' ? name : `${name} ${which}`, { ...args });
      return done;
    },
  ];
  return {
    ...Object.fromEntries(settings.map(keep)),
    'CLEAR CONTEXT': (args) => {
      const only = args['name'] === undefined ? null : textOf(args['name']);
      for (const key of [...data.settings.keys()])
        if (only === null ? /^SET CONTEXT( |$)/.test(key) : key === `SET CONTEXT ${only}`) data.settings.delete(key);
      return done;
    },
    'TRANSLATE TALK': (args) => ({ value: args['value'] ?? null }),
    'READ ANSWER': (args) => ({ value: args['value'] ?? null }),
    LOG: log,
    DEBUG: log,
    WAIT: (args) => {
      const seconds = Number(args['seconds'] ?? 0);
      if (!(seconds >= 0 && seconds <= waitSecondsMax))
        return wrong(options, 'WAIT takes seconds, at most a day', 'WAIT recebe segundos, no máximo um dia');
      data.waitedMs += seconds * 1000;
      return done;
    },
    'ADD SUGGESTION': (args) => suggest(args['label'], args['context']),
    'ADD SUGGESTION TOOL': (args) => suggest(args['label'], args['tool']),
    'ADD SUGGESTION TEXT': (args) => suggest(args['label'], args['text']),
    'CLEAR SUGGESTIONS': () => {
      data.suggestions = [];
      return done;
    },
    'TAKE SUGGESTIONS': () => {
      const labels = [...new Set(data.suggestions.map(({ label }) => label))];
      data.suggestions = [];
      return { value: labels };
    },
  };
}
