import type { BotReply, OperationScope, OutsideCall, PlainValue, ToolDescription } from 'gb-core';
import { OperationFailed, type OperationSet, type OutsideOperation } from '../operation.ts';
import { readAiState } from './ai-state.ts';
import { answer, answerModeOf, bestPassage } from './answer.ts';
import { boundedText, isFileValue, textOf } from './arguments.ts';
import { answerFromTables, type DataHooks, dataOperations } from './data-operations.ts';
import { mediaOperations } from './media-operations.ts';
import { type ModelChoiceOptions, modelChooser } from './models.ts';
import { promptsFor } from './prompts/prompts.ts';
import { retrieve } from './retrieval.ts';
import { settingOperations } from './setting-operations.ts';
import { textOperations } from './text-operations.ts';

export interface AiOptions extends ModelChoiceOptions, DataHooks {
  /** The tools of the published version of a bot: scripts with PARAM or DESCRIPTION. */
  readonly toolsOf: (scope: OperationScope) => Promise<readonly ToolDescription[]>;
  /** Says something in the conversation of the call, once for a key. */
  readonly sayHere: (reply: BotReply, call: OutsideCall) => Promise<void>;
}

export interface Ai {
  readonly operations: OperationSet;
  /**
   * Answers what somebody says to a bot whose script has ended, by the conversation's answer mode, over all the bot's
   * documents where no USE KB chose some. null when there is neither a model nor a document: then nobody can answer.
   */
  answerFreely(text: string, call: OutsideCall): Promise<BotReply | null>;
}

const promptCharsMax = 40_000;

/** Models, knowledge and tools. What they change of a conversation lies in `state.ai`. */
export function createAi(options: AiOptions): Ai {
  const choose = modelChooser(options);
  const answers = { choose, toolsOf: options.toolsOf };

  const byMode = async (question: string, call: OutsideCall, searchesAll: boolean): Promise<string> => {
    const mode = answerModeOf(call);
    if (mode === 'sql') return (await answerFromTables(choose, options, question, call)).text;
    return answer({ text: question, mode, searchesAll, isKept: true }, call, answers);
  };

  /** SET ANSWER MODE "chart": a picture of what the tables answer, and the same in words. */
  const chartOf = async (question: string, call: OutsideCall): Promise<{ text: string; picture: PlainValue }> => {
    const draw = dataOperations(choose, options)['CHART PROMPT']!;
    const { text, rows } = await answerFromTables(choose, options, question, call);
    return { text, picture: await draw({ kind: 'bar', data: rows, prompt: question }, call) };
  };

  const answerFreely = async (text: string, call: OutsideCall): Promise<BotReply | null> => {
    if (choose.has(call)) {
      if (answerModeOf(call) === 'chart') {
        const { text: words, picture } = await chartOf(text, call);
        return { text: words, ...(isFileValue(picture) ? { files: [picture.file] } : {}) };
      }
      return { text: await byMode(text, call, true) };
    }
    const { collections } = readAiState(call.state);
    const passages = await retrieve(text, collections, null, call);
    return passages.length === 0 ? null : { text: bestPassage(passages, promptsFor(call.locale)) };
  };

  const conversation: Readonly<Record<string, OutsideOperation>> = {
    async LLM(args, call) {
      const values = [args['context'], ...(Array.isArray(args['values']) ? args['values'] : [])];
      const text = boundedText(args, 'prompt', promptCharsMax);
      const shown = values.map(textOf).filter(Boolean);
      if (shown.join('').length > promptCharsMax) throw tooLong();
      return answer({ text, values: shown, isKept: true }, call, answers);
    },

    async ANSWER(args, call) {
      const question = boundedText(args, 'question', promptCharsMax);
      return answerModeOf(call) === 'chart' ? (await chartOf(question, call)).picture : byMode(question, call, false);
    },

    async 'THINK KB'(args, call) {
      const question = boundedText(args, 'question', promptCharsMax);
      if (choose.has(call)) return answer({ text: question, mode: 'document', searchesAll: true, isKept: false }, call, answers);
      const passages = await retrieve(question, readAiState(call.state).collections, null, call);
      return bestPassage(passages, promptsFor(call.locale));
    },
  };

  return {
    answerFreely,
    operations: {
      inTurn: settingOperations(options.toolsOf),
      outside: {
        ...conversation,
        ...textOperations(choose),
        ...mediaOperations({ choose, sayHere: options.sayHere }),
        ...dataOperations(choose, options),
      },
    },
  };
}

const tooLong = (): OperationFailed =>
  new OperationFailed(
    { en: `the values are longer than ${promptCharsMax} characters`, pt: `os valores têm mais de ${promptCharsMax} caracteres` },
    'limit_reached',
  );
