import type { ConversationState, PlainValue } from 'gb-core';
import { OperationFailed } from '../operation.ts';

/** What a conversation keeps for its model, in `state.ai`: plain data, bounded so that all rooms fit together. */
export interface AiState {
  /** What USE MODEL said. */
  readonly model: string | null;
  readonly systemPrompt: string | null;
  readonly contexts: readonly { readonly name: string; readonly text: string }[];
  /** Collections of documents in use. */
  readonly collections: readonly string[];
  /** Names of scripts, as ADD TOOL had them. */
  readonly tools: readonly string[];
  readonly answerMode: AnswerMode | null;
  /** What was asked and answered last, oldest first. */
  readonly history: readonly { readonly asked: string; readonly answered: string }[];
}

export const answerModes = ['direct', 'document', 'document-ref', 'tool', 'sql', 'chart'] as const;
export type AnswerMode = (typeof answerModes)[number];

const contextsMax = 20;
const namesMax = 40;
const nameCharsMax = 200;
const textCharsMax = 8_000;
const historyMax = 10;
const historyCharsMax = 8_000;
/** As JSON in UTF-8. The room is one of eight in `limits.conversationStateBytesMax`. */
const stateBytesMax = 40_000;

/** Whatever else lies in the room is passed over: it may be of another version of the program. */
export function readAiState(state: ConversationState): AiState {
  const room = state.ai ?? {};
  const mode = room['answerMode'];
  return {
    model: textOrNull(room['model']),
    systemPrompt: textOrNull(room['systemPrompt']),
    contexts: rows(room['contexts']).map((row) => ({ name: String(row['name'] ?? ''), text: String(row['text'] ?? '') })),
    collections: texts(room['collections']),
    tools: texts(room['tools']),
    answerMode: answerModes.find((one) => one === mode) ?? null,
    history: rows(room['history']).map((row) => ({
      asked: String(row['asked'] ?? ''),
      answered: String(row['answered'] ?? ''),
    })),
  };
}

export function changeAiState(state: ConversationState, change: Partial<AiState>): void {
  const next = { ...readAiState(state), ...change };
  if (next.contexts.length > contextsMax || next.collections.length > namesMax || next.tools.length > namesMax) throw tooMuch();
  for (const name of [...next.collections, ...next.tools, ...next.contexts.map((one) => one.name), next.model ?? ''])
    if (name.length > nameCharsMax) throw tooMuch();
  for (const text of [next.systemPrompt ?? '', ...next.contexts.map((one) => one.text)])
    if (text.length > textCharsMax) throw tooMuch();
  const room: Record<string, PlainValue> = {};
  for (const [name, value] of Object.entries({ ...next, history: shortened(next.history) }))
    if (value !== null && value.length > 0) room[name] = value as PlainValue;
  if (Buffer.byteLength(JSON.stringify(room)) > stateBytesMax) throw tooMuch();
  state.ai = room;
}

/** The newest that fit. */
function shortened(history: AiState['history']): AiState['history'] {
  const kept: AiState['history'][number][] = [];
  let size = 0;
  for (const one of history.slice(-historyMax).reverse()) {
    const short = { asked: one.asked.slice(0, 2_000), answered: one.answered.slice(0, 2_000) };
    size += short.asked.length + short.answered.length;
    if (size > historyCharsMax) break;
    kept.unshift(short);
  }
  return kept;
}

/** As ADD TOOL and files of a package name the same script: `Book-Visit`, `book-visit.bas`, `tools/book-visit.bas`. */
export const scriptKey = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replace(/^.*[\\/]/, '')
    .replace(/\.(bas|vbs|vb|vba|basic)$/, '');

/** As USE KB and folders of a package name the same collection; a website is called by its host. */
export function collectionKey(name: string): string {
  const text = name.trim();
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return new URL(text).host.toLowerCase();
  return text
    .toLowerCase()
    .replace(/^[\\/]+|[\\/]+$/g, '')
    .replace(/\.gbkb$/, '');
}

const tooMuch = (): OperationFailed =>
  new OperationFailed(
    { en: 'the conversation keeps too much for its model', pt: 'a conversa guarda coisas demais para o modelo' },
    'limit_reached',
  );

const textOrNull = (value: PlainValue | undefined): string | null => (typeof value === 'string' ? value : null);
const list = (value: PlainValue | undefined): readonly PlainValue[] => (Array.isArray(value) ? value : []);
const texts = (value: PlainValue | undefined): string[] => list(value).filter((one) => typeof one === 'string');
const rows = (value: PlainValue | undefined): Readonly<Record<string, PlainValue>>[] =>
  list(value).filter(
    (one): one is Readonly<Record<string, PlainValue>> => typeof one === 'object' && one !== null && !Array.isArray(one),
  );
