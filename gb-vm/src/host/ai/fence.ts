import { createHash } from 'node:crypto';

/**
 * Text of documents, people and tools is shown to a model between two lines that carry a word made of the operation's
 * key: the text cannot know it, so it cannot end its own fence. A model may still be talked into something by what it
 * reads; what holds is that it has no other tools than its author added, that these check their parameters, and that it
 * sees nothing beyond this conversation and the bot's own documents.
 */
export interface Fence {
  readonly word: string;
  around(text: string): string;
}

export function fenceOf(key: string): Fence {
  const word = `data-${createHash('sha256').update(key).digest('hex').slice(0, 12)}`;
  return { word, around: (text) => `<<${word}\n${text.replaceAll(word, '')}\n${word}>>` };
}
