import type { Cache, ChatMessage, KnowledgePassage, ModelFile, OperationScope, OutsideCall, ToolDescription } from 'gb-core';
import { OperationFailed } from '../operation.ts';
import { type AiState, type AnswerMode, answerModes, changeAiState, readAiState } from './ai-state.ts';
import { fenceOf } from './fence.ts';
import type { ChooseModel } from './models.ts';
import { type Prompts, promptsFor } from './prompts/prompts.ts';
import { retrieve } from './retrieval.ts';
import { speak, streamInto } from './speak.ts';
import { formsWanted } from './switchers.ts';
import { runTool, toolsInUse } from './tools.ts';

export interface AnswerOptions {
  readonly choose: ChooseModel;
  /** The tools of the published version of a bot: scripts with PARAM or DESCRIPTION. */
  readonly toolsOf: (scope: OperationScope) => Promise<readonly ToolDescription[]>;
  readonly cache: () => Cache | null;
}

export interface Question {
  readonly text: string;
  /** Data that goes with it: what LLM was given after WITH or a comma. */
  readonly values?: readonly string[];
  /** Pictures that came with it. */
  readonly images?: readonly ModelFile[];
  /** Where no collection is in use: all the bot has, or none. */
  readonly searchesAll?: boolean;
  /** Whether the mode of the conversation counts; LLM asks the model whatever the mode. */
  readonly mode?: AnswerMode | null;
  readonly isKept: boolean;
}

/** Questions to the model in one answer: each may call tools. */
const roundsMax = 8;
const toolCallsMax = 16;
/** All rounds of one answer, tools included. */
const answerMsMax = 180_000;
/** A question this short leans on the one before it. */
const shortQuestionMax = 60;
/** Until the whole answer is longer than any message. */
const answerCharsMax = 16_000;

/**
 * One answer of the model: who it is, what it should know, what was said, what the documents say; then up to eight rounds,
 * in each of which it may call tools of the bot. What it says streams into the chat.
 */
export async function answer(question: Question, outer: OutsideCall, options: AnswerOptions): Promise<string> {
  const time = new AbortController();
  const timer = setTimeout(() => time.abort(tooLong()), answerMsMax);
  try {
    const call: OutsideCall = { ...outer, signal: AbortSignal.any([outer.signal, time.signal]) };
    const text = await answerIn(question, call, options);
    if (question.isKept) {
      const { history } = readAiState(outer.state);
      changeAiState(outer.state, { history: [...history, { asked: question.text, answered: text }] });
    }
    return text;
  } finally {
    clearTimeout(timer);
  }
}

async function answerIn(question: Question, call: OutsideCall, options: AnswerOptions): Promise<string> {
  const state = readAiState(call.state);
  const prompts = promptsFor(call.locale);
  const fence = fenceOf(call.key);
  const mode = question.mode ?? null;
  const chosen = options.choose(call);

  const usesDocuments = mode !== 'tool' && mode !== 'direct' && (state.collections.length > 0 || question.searchesAll === true);
  const passages = usesDocuments
    ? await retrieve(searchText(question.text, state.history), state.collections, chosen.model, call, options.cache())
    : [];
  const isFromDocuments = mode === 'document' || mode === 'document-ref';
  // Without a document there is nothing to ask the model: it would make something up.
  if (isFromDocuments && passages.length === 0) return prompts.nothingFound;

  const tools = mode === 'direct' || isFromDocuments ? [] : toolsInUse(await options.toolsOf(call), state.tools);
  const messages: ChatMessage[] = [
    { role: 'system', text: systemText(call, state, prompts, fence.word, { mode, hasPassages: passages.length > 0, tools }) },
    ...state.history.flatMap(({ asked, answered }): ChatMessage[] => [
      { role: 'user', text: asked },
      { role: 'assistant', text: answered },
    ]),
    { role: 'user', text: questionText(question, passages, prompts, fence.around), images: question.images ?? [] },
  ];

  let text = '';
  let callsLeft = toolCallsMax;
  for (let round = 1; ; round++) {
    const isLast = round === roundsMax || callsLeft <= 0;
    if (isLast && tools.length > 0) messages.push({ role: 'system', text: prompts.tooManyRounds });
    const said = await speak(chosen, { messages, ...(isLast ? {} : { tools }) }, call, shower(call));
    text = said.text.trim();
    if (said.toolCalls.length === 0 || isLast) break;
    messages.push({ role: 'assistant', text: said.text, toolCalls: said.toolCalls });
    // One after the other: they are scripts of one conversation and may change the same things.
    for (const wanted of said.toolCalls) {
      const result = callsLeft-- > 0 ? await runTool(wanted, tools, call) : prompts.tooManyRounds;
      call.signal.throwIfAborted();
      messages.push({ role: 'tool', callId: wanted.id, text: `${prompts.toolResult}:\n${fence.around(result)}` });
    }
  }
  if (mode === 'document-ref') text = withSources(text, passages, prompts);
  return text.slice(0, answerCharsMax);
}

/** What the documents say, without a model: the best passage and where it stands. */
export function bestPassage(passages: readonly KnowledgePassage[], prompts: Prompts): string {
  const [best] = passages;
  return best ? `${best.text}\n\n— ${sourceName(best)}` : prompts.nothingFound;
}

/** The mode of a conversation: SET ANSWER MODE, else the bot's `answer-mode`. */
export function answerModeOf(call: OperationScope): AnswerMode | null {
  const said = call.settings['answer-mode']?.trim().toLowerCase();
  return readAiState(call.state).answerMode ?? answerModes.find((mode) => mode === said) ?? null;
}

const tooLong = (): OperationFailed =>
  new OperationFailed({ en: 'the answer took too long', pt: 'a resposta demorou demais' }, 'limit_reached');

/** `llm-stream = false` in config.csv: for bots that ask their model for data rather than for words. */
function shower(call: OutsideCall): ((text: string) => void) | undefined {
  return /^(false|no|off|0)$/i.test(call.settings['llm-stream'] ?? '') ? undefined : streamInto(call);
}

/** "And for students?" is found only together with what it follows. */
function searchText(question: string, history: AiState['history']): string {
  const before = history.at(-1)?.asked;
  return before !== undefined && question.length <= shortQuestionMax ? `${question}\n${before.slice(0, 500)}` : question;
}

function systemText(
  { settings, state: kept }: OperationScope,
  state: AiState,
  prompts: Prompts,
  fence: string,
  { mode, hasPassages, tools }: { mode: AnswerMode | null; hasPassages: boolean; tools: readonly ToolDescription[] },
): string {
  const forms = formsWanted(kept);
  const who = state.systemPrompt ?? settings['system-prompt'] ?? settings['bot-description'];
  return [
    who?.trim() ? who.trim() : prompts.someBot,
    prompts.manner,
    ...(forms.length > 0 ? [prompts.forms(forms)] : []),
    prompts.fences(fence),
    ...(tools.length > 0 ? [mode === 'tool' ? prompts.onlyTools : prompts.useTools] : []),
    ...(hasPassages ? [mode === 'document' || mode === 'document-ref' ? prompts.onlyDocuments : prompts.useDocuments] : []),
    ...(mode === 'document-ref' ? [prompts.citeDocuments] : []),
    // What the author said by SET CONTEXT is the author's word, like the prompt.
    ...(state.contexts.length > 0
      ? [`${prompts.contexts}:\n${state.contexts.map(({ name, text }) => (name ? `${name}: ${text}` : text)).join('\n')}`]
      : []),
  ].join('\n\n');
}

function questionText(
  question: Question,
  passages: readonly KnowledgePassage[],
  prompts: Prompts,
  fenced: (text: string) => string,
): string {
  const values = (question.values ?? []).filter(Boolean);
  return [
    ...(passages.length > 0
      ? [
          `${prompts.documents}:`,
          ...passages.map((passage, index) =>
            fenced(`[${index + 1}] ${[passage.title, passage.heading].filter(Boolean).join(' – ')}\n${passage.text}`),
          ),
        ]
      : []),
    ...(values.length > 0 ? [`${prompts.values}:`, ...values.map(fenced)] : []),
    question.text,
  ].join('\n\n');
}

/** Those that the answer names, else all that it was given. */
function withSources(text: string, passages: readonly KnowledgePassage[], prompts: Prompts): string {
  const named = new Set([...text.matchAll(/\[(\d{1,2})\]/g)].map((match) => Number(match[1])));
  const numbered = passages.map((passage, index) => ({ number: index + 1, name: sourceName(passage) }));
  const used = numbered.filter(({ number }) => named.has(number));
  const list = (used.length > 0 ? used : numbered).map(({ number, name }) => `[${number}] ${name}`);
  return `${text}\n\n**${prompts.sources}**\n${list.map((line) => `- ${line}`).join('\n')}`;
}

function sourceName({ title, document, address, heading }: KnowledgePassage): string {
  const name = escapeMarkdown([title || document, heading].filter(Boolean).join(' – '));
  return address ? `[${name}](<${encodeURI(decodeSafely(address)).replaceAll('>', '%3E')}>)` : name;
}

const escapeMarkdown = (text: string): string => text.replace(/[[\]\\`*_<>]/g, '\\$&').replace(/\s+/g, ' ');

function decodeSafely(address: string): string {
  try {
    return decodeURI(address);
  } catch {
    return address; // Not one that was encoded.
  }
}
