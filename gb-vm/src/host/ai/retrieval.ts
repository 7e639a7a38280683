import type { KnowledgeLanguage, KnowledgePassage, LanguageModel, OutsideCall } from 'gb-core';

const passagesMax = 6;
const passagesCharsMax = 9_000;
const embeddedCharsMax = 2_000;

/** The passages that a question may be answered from, best first. Without an embedding model they are found by words. */
export async function retrieve(
  question: string,
  collections: readonly string[],
  model: LanguageModel | null,
  call: OutsideCall,
): Promise<readonly KnowledgePassage[]> {
  const text = question.trim();
  if (text === '') return [];
  let embedding: { model: string; vector: readonly number[] } | undefined;
  if (model?.embeddingModel) {
    // A server of vectors that is away makes answers worse, not impossible: words still find most.
    const [vector] = await model.embed([text.slice(0, embeddedCharsMax)], { signal: call.signal }).catch(() => {
      call.signal.throwIfAborted();
      return [];
    });
    if (vector) embedding = { model: model.embeddingModel, vector };
  }
  const found = await call.read((tx) =>
    tx.knowledge.search(call.botId, {
      collections,
      text,
      language: knowledgeLanguage(call.settings, call.locale),
      limit: passagesMax,
      ...(embedding ? { embedding } : {}),
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
