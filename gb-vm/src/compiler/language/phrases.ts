import { type Form, type FormPart, type Keyword, keywords, readForms } from '../keywords/index.ts';
import type { Token } from '../lexer.ts';

/** A keyword by the words it is written with: `SEND MAIL`, `BEGIN SYSTEM PROMPT`, `LEN`. */
export interface Phrase {
  readonly words: readonly string[];
  readonly keyword: Keyword;
  /** How it goes on, as far as the table says; forms that begin with other words have phrases of their own. */
  readonly forms: readonly Form[];
}

const byFirstWord = new Map<string, Phrase[]>();
export const phrases: readonly Phrase[] = keywords.flatMap(phrasesOf);
for (const phrase of phrases) {
  const known = byFirstWord.get(phrase.words[0]!);
  if (known) known.push(phrase);
  else byFirstWord.set(phrase.words[0]!, [phrase]);
}
for (const known of byFirstWord.values()) known.sort((a, b) => b.words.length - a.words.length);

function phrasesOf(keyword: Keyword): Phrase[] {
  const forms = new Map<string, Form[]>([[keyword.name, []]]);
  for (const text of keyword.forms ?? [])
    for (const form of readForms(text)) {
      const known = forms.get(form.words);
      if (known) known.push(form);
      else if (form.words !== '') forms.set(form.words, [form]);
    }
  return [...forms].map(([words, list]) => ({ words: words.split(' '), keyword, forms: list }));
}

export interface PhraseHere {
  readonly phrase: Phrase;
  /** Of its first token, and how many it has: `SEND_MAIL` is one. */
  readonly index: number;
  readonly count: number;
}

/** The longest keyword of which the token is a part. */
export function phraseAt(
  tokens: readonly Token[],
  index: number,
  accept: (keyword: Keyword) => boolean = () => true,
): PhraseHere | null {
  for (let first = Math.max(0, index - 3); first <= index; first++) {
    const found = phraseFrom(tokens, first, accept);
    if (found && first + found.count > index) return found;
  }
  return null;
}

/** The longest keyword that begins with this token. */
export function phraseFrom(
  tokens: readonly Token[],
  index: number,
  accept: (keyword: Keyword) => boolean = () => true,
): PhraseHere | null {
  const first = tokens[index];
  if (first?.kind !== 'name') return null;
  const joined = first.upper.replace(/\$$/, '').split('_');
  for (const phrase of byFirstWord.get(joined[0]!) ?? []) {
    const { words } = phrase;
    if (!accept(phrase.keyword)) continue;
    if (joined.length === words.length && words.every((word, at) => word === joined[at])) return { phrase, index, count: 1 };
    const isSpelled = words.every((word, at) => tokens[index + at]?.kind === 'name' && tokens[index + at]!.upper === word);
    if (joined.length === 1 && isSpelled) return { phrase, index, count: words.length };
  }
  return null;
}

/** Phrases that these words begin but do not end. */
export function phrasesBegunBy(words: readonly string[]): readonly Phrase[] {
  const candidates = byFirstWord.get(words[0] ?? '') ?? [];
  return candidates.filter(
    (phrase) => phrase.words.length > words.length && words.every((word, at) => word === phrase.words[at]),
  );
}

/** The words inside a form, in its order; those that stand together, like ORDER BY, as one. */
export function innerWordsOf(form: Form): string[] {
  return gather(form.rest);
}

function gather(parts: readonly FormPart[]): string[] {
  const words: string[] = [];
  for (const [index, part] of parts.entries()) {
    if (part.kind === 'word' && parts[index - 1]?.kind === 'word') words.push(`${words.pop()} ${part.word}`);
    else if (part.kind === 'word') words.push(part.word);
    else if (part.kind === 'optional') words.push(...gather(part.parts));
    else if (part.kind === 'choice') words.push(...part.options.flatMap(gather));
  }
  return words;
}

/** What must be written after the words, with places for the values: ` ${1:to}, ${2:subject}`. */
export function formSnippet(form: Form, firstStop = 1): string {
  let stop = firstStop;
  const write = (parts: readonly FormPart[]): string =>
    parts
      .map((part) => {
        switch (part.kind) {
          case 'word':
            return ` ${part.word}`;
          case 'sign':
            return part.sign === ',' ? ',' : ` ${part.sign}`;
          case 'value':
            return part.takes === 'one' || part.takes === 'yes' ? '' : ` \${${stop++}:${part.name}}`;
          case 'choice':
            return write(part.options[0] ?? []);
          default:
            return '';
        }
      })
      .join('');
  return write(form.rest).replaceAll('# $', '#$');
}
