import {
  type Form,
  type FormPart,
  functionForms,
  functionKeywords,
  type Keyword,
  keywords,
  readForms,
  shownForm,
} from '../keywords/index.ts';
import type { Token } from '../lexer.ts';
import { startsValue } from '../parse-expression.ts';
import { nearest } from '../suggest.ts';
import type { TokenStream } from '../token-stream.ts';
import { beginsForm, isOutlined, isWordOfForm } from './forms.ts';
import type { KnownNames } from './known-names.ts';

/** A keyword of several words or of the host, and the forms of it that begin with the words at hand. */
export interface HostWord {
  readonly keyword: Keyword;
  readonly form: Form;
  /** The form as people read it. */
  readonly shown: string;
  /** For a function: its values in the order it takes them. */
  readonly order: readonly string[] | null;
}

export interface HostMatch {
  readonly words: readonly HostWord[];
  /** How many tokens the words take: `SEND_MAIL` is one, `SEND MAIL` two. */
  readonly tokens: number;
  /** How many words they are. */
  readonly length: number;
}

interface Node {
  readonly next: Map<string, Node>;
  readonly here: HostWord[];
}

const emptyNode = (): Node => ({ next: new Map(), here: [] });

/** All of them, by their words one after the other, so that the longest keyword is found in one walk. */
const root: Node = emptyNode();

function add(keyword: Keyword, text: string, form: Form, order: readonly string[] | null): void {
  let node = root;
  for (const word of form.words.split(' ')) {
    let next = node.next.get(word);
    if (!next) node.next.set(word, (next = emptyNode()));
    node = next;
  }
  node.here.push({ keyword, form, order, shown: shownForm(text) });
}

for (const keyword of keywords) {
  for (const text of keyword.forms ?? [])
    if (text !== 'SET target [, values...]') for (const form of readForms(text)) add(keyword, text, form, null);
  if (keyword.kind === 'function' && keyword.name.includes(' ')) {
    const { text, order } = plainForm(keyword);
    for (const form of readForms(text)) add(keyword, keyword.syntax, form, order);
  }
  for (const { name, forms, order } of functionForms)
    if (name === keyword.name && keyword.kind === 'function')
      for (const text of forms) for (const form of readForms(text)) add(keyword, text, form, order);
}

/** How a function of several words is called: its values one after the other. */
function plainForm({ name, params = '' }: Keyword): { text: string; order: readonly string[] } {
  const order = params === '' ? [] : params.split(' ').map((_, index) => `v${index}`);
  const parts = order.map((value, index) => {
    const param = params.split(' ')[index]!;
    const comma = index === 0 ? '' : ', ';
    if (param.endsWith('...')) return `[${comma}${value}...]`;
    return param.includes('=') ? `[${comma}${value}]` : `${comma}${value}`;
  });
  return { text: `${name} ${parts.join(' ')}`, order };
}

/** Words inside forms: after a name, they show that it is no keyword, like BY in `SORT list BY "name"`. */
const innerWords = new Set<string>();
function gather(parts: readonly FormPart[]): void {
  for (const part of parts) {
    if (part.kind === 'word') innerWords.add(part.word);
    else if (part.kind === 'optional') gather(part.parts);
    else if (part.kind === 'choice') part.options.forEach(gather);
  }
}
for (const keyword of keywords) for (const text of keyword.forms ?? []) for (const form of readForms(text)) gather(form.rest);

/** Keywords of several words, by how many they are. */
const phrases = new Map<number, Set<string>>();
for (const { name, forms = [] } of keywords)
  for (const phrase of [name, ...forms.flatMap((form) => readForms(form).map(({ words }) => words))]) {
    const count = phrase.split(' ').length;
    if (count > 1) phrases.set(count, (phrases.get(count) ?? new Set()).add(phrase));
  }
const phraseWordsMax = Math.max(...phrases.keys());

/** What is written `ahead` of here and the keyword of several words it is nearly: `SEND MIAL` is SEND MAIL. */
export function nearKeyword(stream: TokenStream, ahead: number): { written: readonly Token[]; keyword: string } | null {
  const written: Token[] = [];
  const words: string[] = [];
  let found: { written: readonly Token[]; keyword: string } | null = null;
  for (let token = stream.peek(ahead); token.kind === 'name'; token = stream.peek(ahead + written.length)) {
    written.push(token);
    words.push(...token.upper.split('_').slice(0, phraseWordsMax + 1));
    if (words.length > phraseWordsMax) break;
    const phrase = words.join(' ');
    const known = phrases.get(words.length);
    const keyword = known && !known.has(phrase) ? nearest(phrase, known) : null;
    if (keyword) found = { written: [...written], keyword };
  }
  return found;
}

/** The keyword of the host that these words are, when nobody's variable has its name, whatever follows it. */
export function looseHostWord(stream: TokenStream, known: KnownNames): HostMatch | null {
  const first = stream.peek();
  if (first.kind !== 'name' || known.isProcedure(first.upper) || known.isVariable(first.upper)) return null;
  const match = walk(stream).pop();
  return match?.words.every(({ keyword }) => keyword.kind !== 'function') ? match : null;
}

/** The keyword that begins here, the longest that what follows fits; null when the word is something else. */
export function hostWordHere(stream: TokenStream, known: KnownNames, isStatement: boolean): HostMatch | null {
  const first = stream.peek();
  if (first.kind !== 'name' || known.isProcedure(first.upper)) return null;
  const matches = walk(stream);
  for (let match = matches.pop(); match; match = matches.pop()) {
    const words = match.words.filter((word) => word.keyword.kind !== 'function' || isFunctionForm(stream, match, word));
    if (words.length > 0 && fits(stream, known, { ...match, words }, isStatement)) return { ...match, words };
  }
  return null;
}

function walk(stream: TokenStream): HostMatch[] {
  const matches: HostMatch[] = [];
  let node: Node | undefined = root;
  let length = 0;
  for (let ahead = 0; node; ahead++) {
    const token = stream.peek(ahead);
    if (token.kind !== 'name') break;
    for (const word of token.upper.includes('_') && token.upper !== '_' ? token.upper.split('_') : [token.upper]) {
      node = node?.next.get(word);
      length++;
    }
    if (node && node.here.length > 0) matches.push({ words: node.here, tokens: ahead + 1, length });
  }
  return matches;
}

/** A function of one word is called like any other, unless the words of a form follow. */
function isFunctionForm(stream: TokenStream, match: HostMatch, word: HostWord): boolean {
  if (match.length > 1) return true;
  if (stream.is('(', 1) && stream.peek(1).glued) return false;
  const position = stream.position;
  stream.seek(position + match.tokens);
  const isMeant = isOutlined(stream, word.form);
  stream.seek(position);
  return isMeant;
}

/**
 * A keyword of several words is one wherever it stands, unless values are missing; a single word may be somebody's
 * variable, and is a keyword only before a value, or before a bracket that no variable of this name has.
 */
function fits(stream: TokenStream, known: KnownNames, match: HostMatch, isStatement: boolean): boolean {
  const first = stream.peek();
  const after = stream.peek(match.tokens);
  const isSingle = match.length === 1;
  const isVariable = match.tokens === 1 && known.isVariable(first.upper);
  if (after.kind === 'operator' && after.upper === '(') {
    if (isVariable && !isStatement) return false;
    const isFunction = isSingle && !isStatement && functionKeywords.has(first.upper);
    if (isFunction && match.words.every(({ keyword }) => keyword.kind !== 'function')) return false;
    return !isSingle || match.words.some(({ form }) => form.rest.length > 0);
  }
  const position = stream.position;
  stream.seek(position + match.tokens);
  const isSign = after.kind === 'operator' && isSingle && !startsValue(stream) && after.upper !== ':' && after.upper !== '#';
  const isWord = innerWords.has(after.upper) && !known.isVariable(after.upper) && isWordOfForm(stream, 0, 1);
  const isInner = isSingle && !isStatement && after.kind === 'name' && (isVariable || isWord);
  const begins = !isSign && match.words.some(({ form }) => beginsForm(stream, form.rest, isInner));
  stream.seek(position);
  if (begins) return true;
  return match.words.some(({ form }) => takesNothing(form)) && !isVariable && (isStatement || !isSingle);
}

const takesNothing = (form: Form): boolean => form.rest.every((part) => part.kind === 'optional');
