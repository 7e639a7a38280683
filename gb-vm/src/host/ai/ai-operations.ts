import type { BotReply, Cache, ModelFile, OperationScope, OutsideCall, PlainValue, ToolDescription } from 'gb-core';
import { daysOf } from '../../package/days.ts';
import { type Args, OperationFailed, type OperationSet, type OutsideOperation } from '../operation.ts';
import { switchOf } from '../talk/settings.ts';
import { changeAiState, readAiState } from './ai-state.ts';
import { answer, answerModeOf, bestPassage, type Question } from './answer.ts';
import { boundedText, isFileValue, textOf } from './arguments.ts';
import { answerFromTables, type DataHooks, dataOperations, notHere } from './data-operations.ts';
import type { WebsiteReport } from './knowledge/website.ts';
import { mediaOperations, pictureBytesMax, pictureTypes } from './media-operations.ts';
import { type ModelChoiceOptions, modelChooser } from './models.ts';
import { promptsFor } from './prompts/prompts.ts';
import { retrieve } from './retrieval.ts';
import { settingOperations } from './setting-operations.ts';
import { readSwitchers, turnSwitch } from './switchers.ts';
import { textOperations } from './text-operations.ts';

export interface AiOptions extends ModelChoiceOptions, DataHooks {
  /** The tools of the published version of a bot: scripts with PARAM or DESCRIPTION. */
  readonly toolsOf: (scope: OperationScope) => Promise<readonly ToolDescription[]>;
  /** Says something in the conversation of the call, once for a key. */
  readonly sayHere: (reply: BotReply, call: OutsideCall) => Promise<void>;
  /** Where the vectors of questions are kept for a while; left out where none are. */
  readonly cache?: () => Cache;
  /** Reads a website into a collection of the bot, unless that was done lately; left out where none are read. */
  readonly readSite?: (site: { address: string; refreshDays: number }, call: OutsideCall) => Promise<WebsiteReport>;
}

export interface Ai {
  readonly operations: OperationSet;
  /**
   * Whether `ANSWER FREELY` is for this conversation: there is a model, and the bot says something about it - a prompt, an
   * answer mode, a model, tools, documents - or there are documents to answer from by themselves. A bot that is nothing
   * but its scripts stays so.
   */
  answersFreely(scope: Pick<OperationScope, 'settings' | 'state'>): boolean;
}

const promptCharsMax = 40_000;
/** Of one message. */
const picturesMax = 4;

/** Models, knowledge and tools. What they change of a conversation lies in `state.ai`. */
export function createAi(options: AiOptions): Ai {
  const choose = modelChooser(options);
  const answers = { choose, toolsOf: options.toolsOf, cache: () => options.cache?.() ?? null };

  const byMode = async (
    text: string,
    call: OutsideCall,
    more: Pick<Question, 'searchesAll' | 'images'> = {},
  ): Promise<string> => {
    const mode = answerModeOf(call);
    if (mode === 'sql') return (await answerFromTables(choose, options, text, call)).text;
    return answer({ text, mode, isKept: true, ...more }, call, answers);
  };

  /** SET ANSWER MODE "chart": a picture of what the tables answer, and the same in words. */
  const chartOf = async (question: string, call: OutsideCall): Promise<{ text: string; picture: PlainValue }> => {
    const draw = dataOperations(choose, options)['CHART PROMPT']!;
    const { text, rows } = await answerFromTables(choose, options, question, call);
    return { text, picture: await draw({ kind: 'bar', data: rows, prompt: question }, call) };
  };

  /** What somebody writes to a bot none of whose programs listens, over all its documents where no USE KB chose some. */
  const answerFreely: OutsideOperation = async (args, call) => {
    const text = boundedText(args, 'text', promptCharsMax);
    const switched = turnSwitch(text, call);
    const buttons = readSwitchers(call.state).map(({ label }) => label);
    if (switched !== null) return { text: switched, suggestions: buttons };
    const said = await answerAlone(args, text, call);
    return typeof said === 'string' && buttons.length > 0 ? { text: said, suggestions: buttons } : said;
  };

  const answerAlone = async (args: Args, text: string, call: OutsideCall): Promise<PlainValue> => {
    if (!choose.has(call)) return fromDocumentsAlone(text, call);
    if (answerModeOf(call) === 'chart') {
      const { text: words, picture } = await chartOf(text, call);
      return isFileValue(picture) ? { text: words, files: [picture.file] } : words;
    }
    return byMode(text, call, { searchesAll: true, images: await picturesOf(args['files'], call) });
  };

  const fromDocumentsAlone = async (text: string, call: OutsideCall): Promise<string> => {
    const passages = await retrieve(text, readAiState(call.state).collections, null, call, null);
    return bestPassage(passages, promptsFor(call.locale));
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
      return answerModeOf(call) === 'chart' ? (await chartOf(question, call)).picture : byMode(question, call);
    },

    async 'THINK KB'(args, call) {
      const question = boundedText(args, 'question', promptCharsMax);
      if (choose.has(call)) return answer({ text: question, mode: 'document', searchesAll: true, isKept: false }, call, answers);
      return fromDocumentsAlone(question, call);
    },

    'ANSWER FREELY': answerFreely,

    /** Of an address that is known only while the program runs; others are read when the bot is published. */
    async 'USE WEBSITE'(args, call) {
      if (!options.readSite) throw notHere('USE WEBSITE');
      const written = textOf(args['address']).trim();
      const address = URL.parse(/^[a-z][a-z\d+.-]*:/i.test(written) ? written : `https://${written}`);
      const refreshDays = daysOf(textOf(args['refresh']) || (call.settings['website-expires'] ?? '30d'));
      if (!address || !/^https?:$/.test(address.protocol))
        throw new OperationFailed({
          en: `${written.slice(0, 100)} is no address of a website`,
          pt: `${written.slice(0, 100)} não é um endereço de site`,
        });
      if (refreshDays === null)
        throw new OperationFailed({ en: 'a time is written like "1d" or "2w"', pt: 'um tempo se escreve como "1d" ou "2w"' });
      const { collection, problem, read, unchanged } = await options.readSite({ address: address.href, refreshDays }, call);
      if (problem && read.length + unchanged === 0) throw new OperationFailed(problem);
      const { collections } = readAiState(call.state);
      if (!collections.includes(collection)) changeAiState(call.state, { collections: [...collections, collection] });
      return collection;
    },
  };

  return {
    answersFreely({ settings, state }) {
      const { systemPrompt, contexts, collections, tools, answerMode, model } = readAiState(state);
      const isSaid =
        [systemPrompt, answerMode, model].some((one) => one !== null) ||
        contexts.length + tools.length + readSwitchers(state).length > 0 ||
        ['system-prompt', 'answer-mode', 'llm-url', 'llm-model', 'llm-provider'].some((name) => Boolean(settings[name]));
      return collections.length > 0 || (isSaid && choose.has({ settings }));
    },
    operations: {
      inTurn: {
        ...settingOperations(options.toolsOf),
        async 'SET TRANSLATOR'(args, scope) {
          const isOn = switchOf(args['state']);
          // Where nobody translates it is said here, not at every TALK.
          if (isOn) choose(scope);
          scope.state.talk = { ...scope.state.talk, translator: isOn };
          return null;
        },
      },
      outside: {
        ...conversation,
        ...textOperations(choose),
        ...mediaOperations({ choose, sayHere: options.sayHere }),
        ...dataOperations(choose, options),
      },
    },
  };
}

/** Pictures that came with a text; what else came is not for a model's eyes. */
async function picturesOf(value: PlainValue | undefined, call: OutsideCall): Promise<readonly ModelFile[]> {
  const files = (Array.isArray(value) ? value : []).filter(isFileValue).filter(({ type }) => pictureTypes.includes(type));
  const pictures: ModelFile[] = [];
  for (const file of files.slice(0, picturesMax)) {
    const found = await call.drive.read(file);
    if (found && found.bytes.length <= pictureBytesMax) pictures.push({ bytes: found.bytes, type: file.type });
  }
  return pictures;
}

const tooLong = (): OperationFailed =>
  new OperationFailed(
    { en: `the values are longer than ${promptCharsMax} characters`, pt: `os valores têm mais de ${promptCharsMax} caracteres` },
    'limit_reached',
  );
