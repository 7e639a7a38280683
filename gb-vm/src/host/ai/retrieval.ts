import type { Cache, KnowledgeLanguage, KnowledgePassage, LanguageModel, OutsideCall } from 'gb-core';
import { questionVector } from './question-vector.ts';

const passagesMax = 6;
const passagesCharsMax = 9_000;

/** The passages that a question may be answered from, best first. Without an embedding model they are found by words. */
export async function retrieve(
  question: string,
  collections: readonly string[],
  model: LanguageModel | null,
  call: OutsideCall,
  cache: Cache | null,
): Promise<readonly KnowledgePassage[]> {
  const text = question.trim();
  if (text === '') return [];
  const vector = model?.embeddingModel ? await questionVector(text, model, call, cache) : null;
  const found = await call.read((tx) =>
    tx.knowledge.search(call.botId, {
      collections,
      text,
      language: knowledgeLanguage(call.settings, call.locale),
      limit: passagesMax,
      ...(vector ? { embedding: { model: model!.embeddingModel!, vector } } : {}),
    }),
  );
  let size = 0;
  return found.filter((passage) => {
    size += passage.text.length;
    return size <= passagesCharsMax;
  });
}

/** In which language documents are read and questions are put: `kb-language`, else the language of the bot's people. */
export function knowledgeLanguage(settings: Readonly<Record<string, string>>, locale: string): KnowledgeLanguage {
  const said = (settings['kb-language'] ?? settings['default-content-language'] ?? locale).toLowerCase();
  if (said.startsWith('pt') || said.startsWith('portug')) return 'portuguese';
  if (said.startsWith('es') || said.startsWith('span')) return 'spanish';
  return said.startsWith('en') ? 'english' : 'simple';
}
