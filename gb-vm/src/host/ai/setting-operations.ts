import type { OperationScope, ToolDescription } from 'gb-core';
import { type Args, type InTurnOperation, OperationFailed } from '../operation.ts';
import { answerModes, changeAiState, collectionKey, readAiState, scriptKey } from './ai-state.ts';
import { textOf } from './arguments.ts';
import { toolsInUse } from './tools.ts';

/** USE KB, ADD TOOL, SET CONTEXT and the like: what a conversation tells its model, kept with the turn. */
export function settingOperations(
  toolsOf: (scope: OperationScope) => Promise<readonly ToolDescription[]>,
): Readonly<Record<string, InTurnOperation>> {
  return {
    async 'USE MODEL'(args, { state }) {
      const model = textOf(args['model']).trim();
      changeAiState(state, { model: model === '' || model.toLowerCase() === 'default' ? null : model });
      return null;
    },

    async 'SET SYSTEM PROMPT'(args, { state }) {
      changeAiState(state, { systemPrompt: textOf(args['text']).trim() || null });
      return null;
    },

    async 'SET CONTEXT'(args, { state }) {
      const [name, text] = [textOf(args['name']).trim(), textOf(args['text'])];
      const others = readAiState(state).contexts.filter((one) => !isSame(one.name, name));
      changeAiState(state, { contexts: text.trim() === '' ? others : [...others, { name, text }] });
      return null;
    },

    async 'CLEAR CONTEXT'(args, { state }) {
      const name = args['name'] === undefined ? null : textOf(args['name']).trim();
      const { contexts } = readAiState(state);
      changeAiState(state, { contexts: name === null ? [] : contexts.filter((one) => !isSame(one.name, name)) });
      return null;
    },

    async 'SET ANSWER MODE'(args, { state }) {
      const said = textOf(args['mode']).trim().toLowerCase().replaceAll('_', '-');
      const mode = answerModes.find((one) => one === said);
      if (!mode && said !== 'default' && said !== '')
        throw new OperationFailed({
          en: `there is no answer mode ${said.slice(0, 30)}: ${answerModes.join(', ')}`,
          pt: `não há um modo de resposta ${said.slice(0, 30)}: ${answerModes.join(', ')}`,
        });
      changeAiState(state, { answerMode: mode ?? null });
      return null;
    },

    async 'USE KB'(args, { state }) {
      const name = named(args, 'folder', collectionKey);
      const { collections } = readAiState(state);
      if (!collections.includes(name)) changeAiState(state, { collections: [...collections, name] });
      return null;
    },

    async 'CLEAR KB'(args, { state }) {
      const folder = args['folder'] === undefined ? null : collectionKey(textOf(args['folder']));
      const { collections } = readAiState(state);
      changeAiState(state, { collections: folder === null ? [] : collections.filter((one) => one !== folder) });
      return null;
    },

    async 'ADD TOOL'(args, scope) {
      const name = named(args, 'tool', scriptKey);
      // A slip of the pen is best heard of at once: the model would only never call the tool.
      const own = (await toolsOf(scope)).filter(({ botId }) => botId === undefined);
      if (toolsInUse(own, [name]).length === 0)
        throw new OperationFailed({
          en: `there is no script ${name.slice(0, 60)} that describes itself with PARAM or DESCRIPTION`,
          pt: `não há um roteiro ${name.slice(0, 60)} que se descreva com PARAM ou DESCRIPTION`,
        });
      const { tools } = readAiState(scope.state);
      if (!tools.includes(name)) changeAiState(scope.state, { tools: [...tools, name] });
      return null;
    },

    async 'REMOVE TOOL'(args, { state }) {
      const name = named(args, 'tool', scriptKey);
      changeAiState(state, { tools: readAiState(state).tools.filter((one) => one !== name) });
      return null;
    },

    async 'CLEAR TOOLS'(_, { state }) {
      changeAiState(state, { tools: [] });
      return null;
    },
  };
}

function named(args: Args, key: string, normalized: (name: string) => string): string {
  const name = normalized(textOf(args[key]));
  if (name === '') throw new OperationFailed({ en: `${key} is empty`, pt: `${key} está vazio` });
  return name;
}

const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
