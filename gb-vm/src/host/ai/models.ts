import type { LanguageModel, OperationScope } from 'gb-core';
import type { CustomerId } from 'gb-protocol';
import { LruMap } from 'gb-utils';
import { OperationFailed, settingMissing } from '../operation.ts';
import { readAiState } from './ai-state.ts';
import type { FetchLike } from './model-http.ts';
import { createOpenAiModel } from './openai-model.ts';

export interface ModelChoiceOptions {
  /** The operator's; null when there is none. */
  readonly model: LanguageModel | null;
  /** Which others of the operator's server USE MODEL may name. */
  readonly otherModels?: readonly string[];
  /**
   * Lets bots name a server of their own with `llm-url`, `llm-key` and `llm-model` in their config.csv. It is reached
   * through this: a client that refuses the addresses a tenant has no business at. Left out: bots may not.
   */
  readonly ownModelFetch?: ((customerId: CustomerId) => FetchLike) | undefined;
}

export interface ChosenModel {
  readonly model: LanguageModel;
  /** Another model of the same server. */
  readonly name?: string;
}

export type ChooseModel = (scope: OperationScope) => ChosenModel;

const ownModelsMax = 200;

/** Which model answers for a bot in a conversation: its own, or the operator's. Throws when there is none. */
export function modelChooser(
  options: ModelChoiceOptions,
): ChooseModel & { has(scope: Pick<OperationScope, 'settings'>): boolean } {
  const own = new LruMap<string, LanguageModel>(ownModelsMax);

  const ownModel = ({ settings, customerId }: OperationScope, url: string): LanguageModel => {
    if (!options.ownModelFetch)
      throw new OperationFailed(
        {
          en: 'llm-url may not be set here: the operator does not allow bots a model of their own (GB_BOT_OWN_LLM)',
          pt: 'llm-url não pode ser definido aqui: o operador não permite aos robôs um modelo próprio (GB_BOT_OWN_LLM)',
        },
        'not_allowed',
      );
    if (!URL.canParse(url)) throw settingMissing('llm-url');
    const model = settings['llm-model'];
    if (!model) throw settingMissing('llm-model');
    const [key, embeddingModel] = [settings['llm-key'], settings['llm-embedding-model']];
    const id = JSON.stringify([customerId, url, key, model, embeddingModel]);
    const known = own.get(id);
    if (known) return known;
    const made = createOpenAiModel({
      url,
      key,
      model,
      embeddingModel,
      imageModel: settings['llm-image-model'],
      videoModel: settings['llm-video-model'],
      speechModel: settings['llm-speech-model'],
      voice: settings['llm-voice'],
      transcriptionModel: settings['llm-transcription-model'],
      fetch: options.ownModelFetch(customerId),
    });
    own.set(id, made);
    return made;
  };

  const choose = (scope: OperationScope): ChosenModel => {
    const { settings } = scope;
    const asked = readAiState(scope.state).model;
    const url = settings['llm-url']?.trim();
    if (url && (options.ownModelFetch || !options.model)) {
      const model = ownModel(scope, url);
      return asked ? { model, name: settings[`llm-model-${asked.toLowerCase()}`] ?? asked } : { model };
    }
    const { model } = options;
    if (!model) throw settingMissing('LLM_URL');
    const name = asked ? (settings[`llm-model-${asked.toLowerCase()}`] ?? asked) : settings['llm-model'];
    if (!name || name === model.model || name === 'default') return { model };
    if (options.otherModels?.includes(name)) return { model, name };
    // What a package was written for elsewhere need not be here; what a script asks for by name is said.
    if (!asked) return { model };
    throw new OperationFailed(
      { en: `the model ${name} may not be used here`, pt: `o modelo ${name} não pode ser usado aqui` },
      'not_allowed',
    );
  };
  return Object.assign(choose, {
    has: ({ settings }: Pick<OperationScope, 'settings'>): boolean =>
      options.model !== null || (options.ownModelFetch !== undefined && Boolean(settings['llm-url'])),
  });
}
