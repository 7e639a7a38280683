import { functionKeywords, keywords, reservedWords, typeNames } from './keywords/index.ts';
import { valueWords } from './lexer.ts';

export type TokenClass = 'keyword' | 'string' | 'number' | 'comment' | 'identifier' | 'operator' | 'builtin';

export interface LineToken {
  readonly start: number;
  readonly end: number;
  readonly class: TokenClass;
}

/** What one line leaves to the next: whether it is inside BEGIN TALK or a block like it, and inside which. */
export interface LineState {
  readonly isInText: boolean;
  readonly block?: TextBlock;
}

export type TextBlock = 'TALK' | 'MAIL' | 'PROMPT' | 'TABLE';

export const initialLineState: LineState = { isInText: false };

const opens: Readonly<Record<TextBlock, RegExp>> = {
  TALK: /^\s*BEGIN\s+TALK\s*$/i,
  MAIL: /^\s*BEGIN\s+MAIL\b/i,
  PROMPT: /^\s*BEGIN\s+SYS?TEM\s+PROMPT\s*$/i,
  TABLE: /^\s*TABLE\s+[^\s=.[(+]/i,
};
const closes: Readonly<Record<TextBlock, RegExp>> = {
  TALK: /^\s*END\s+TALK\b/i,
  MAIL: /^\s*END\s+MAIL\b/i,
  PROMPT: /^\s*END\s+SYS?TEM\s+PROMPT(?![a-z])/i,
  TABLE: /^\s*END\s+TABLE\b/i,
};
const blocks = Object.keys(opens) as TextBlock[];

/** Keywords of the host by their first word, as lists of words, longest first. */
const hostWords = new Map<string, string[][]>();
for (const { kind, name, forms = [] } of keywords) {
  if (kind !== 'operation' && kind !== 'declaration' && !(kind === 'statement' && name.includes(' '))) continue;
  const spelled = [name, ...forms.map((form) => /^[A-Z]+(?: [A-Z]+)*(?![\w:.])/.exec(form)?.[0] ?? '')];
  for (const text of new Set(spelled.filter((one) => one !== ''))) {
    const words = text.split(' ');
    hostWords.set(
      words[0]!,
      [...(hostWords.get(words[0]!) ?? []), words].toSorted((a, b) => b.length - a.length),
    );
  }
}
/** Words inside the forms: AS, BY, WHERE … They are coloured on lines that have a keyword before them. */
const innerWords = new Set(
  keywords.flatMap(({ forms = [], syntax, kind }) =>
    (kind === 'declaration' ? [syntax, ...forms] : forms).flatMap((form) => form.match(/\b[A-Z]{2,}\b/g) ?? []),
  ),
);

const word = /[A-Za-z_\u00c0-\u1fff\u2070-\uffff][\w\u00c0-\u1fff\u2070-\uffff]*[$%]?/y;
const number = /0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const operator = /[-+*/\\^&=<>(),:;[\]{}.|!#]/;
const softWords = new Set(['EACH', 'STEP', 'DEFAULT', 'ARRAY', 'OBJECT', 'AS']);
/** Statements whose words are fine names too: coloured at the start of a statement only. */
const softStatements = new Set(
  keywords.filter(({ kind, isSoft, name }) => kind === 'statement' && isSoft && !name.includes(' ')).map(({ name }) => name),
);

/**
 * The classes of one line for colouring while typing, by the same rules as the lexer: editors work line by line and
 * keep only `LineState` between lines. Blanks have no token.
 */
export function tokenizeLine(line: string, state: LineState = initialLineState): { tokens: LineToken[]; state: LineState } {
  const inside = state.block ?? (state.isInText ? 'TALK' : null);
  if (inside && !closes[inside].test(line)) {
    return { tokens: inside === 'TABLE' ? columnTokens(line) : textTokens(line, 0, line.length), state };
  }
  const tokens: LineToken[] = [];
  const push = (start: number, end: number, kind: TokenClass): number => {
    tokens.push({ start, end, class: kind });
    return end;
  };
  let at = 0;
  while (at < line.length) {
    const c = line[at]!;
    if (/\s/.test(c)) {
      at++;
      continue;
    }
    const last = tokens.at(-1);
    if (startsRemark(line, at, last)) {
      at = push(at, line.length, 'comment');
    } else if (c === '"' || c === "'" || c === '`' || c === '\u201c' || c === '\u201d') {
      const end = stringEnd(line, at);
      if (c === "'") push(at, end, 'string');
      else tokens.push(...textTokens(line, at, end));
      at = end;
    } else if ((number.lastIndex = at) === at && /[\d.]/.test(c) && number.test(line)) {
      at = push(at, number.lastIndex, 'number');
    } else if ((word.lastIndex = at) === at && word.test(line)) {
      const end = word.lastIndex;
      at = push(at, end, classOf(line.slice(at, end), last !== undefined && line[last.start] === '.', line, tokens, end));
    } else at = push(at, at + 1, operator.test(c) ? 'operator' : 'identifier');
  }
  const block = blocks.find((one) => opens[one].test(line));
  return { tokens: withHostWords(line, tokens), state: block ? { isInText: true, block } : initialLineState };
}

/** The words of SEND MAIL, FIND … WHERE and their like become keywords, where they are no variables. */
function withHostWords(line: string, tokens: readonly LineToken[]): LineToken[] {
  const result = [...tokens];
  const text = (index: number): string => {
    const token = result[index];
    return token && token.class !== 'string' && token.class !== 'comment' ? line.slice(token.start, token.end).toUpperCase() : '';
  };
  let sawKeyword = false;
  for (let index = 0; index < result.length; index++) {
    const isStart = startsHere(result, index, text) && !(index > 0 && functionKeywords.has(text(index)));
    const found = isStart ? matchWords(text, index, result) : 0;
    for (let offset = 0; offset < found; offset++) result[index + offset] = { ...result[index + offset]!, class: 'keyword' };
    if (found > 0) {
      sawKeyword = true;
      index += found - 1;
    } else if (sawKeyword && result[index]!.class === 'identifier' && isInnerWord(line, result[index]!))
      result[index] = { ...result[index]!, class: 'keyword' };
  }
  return result;
}

/** Inner words are common names: only in capitals are they taken for the words of a form. */
function isInnerWord(line: string, { start, end }: LineToken): boolean {
  const word = line.slice(start, end);
  return word === word.toUpperCase() && innerWords.has(word);
}

/** A host keyword begins a statement or a value: not after a dot, and not before a sign that makes it a variable. */
function startsHere(tokens: readonly LineToken[], index: number, text: (index: number) => string): boolean {
  if (tokens[index]!.class === 'string' || tokens[index]!.class === 'comment' || text(index - 1) === '.') return false;
  const next = text(index + 1);
  return next !== '.' && next !== '[' && (index > 0 || next !== '=');
}

/** How many tokens the longest keyword here takes; `SEND_MAIL` is one token and two words. */
function matchWords(text: (index: number) => string, index: number, tokens: readonly LineToken[]): number {
  const first = text(index);
  const joined = first.split('_');
  for (const words of hostWords.get(joined[0]!) ?? []) {
    if (words.length === joined.length && words.every((word, at) => word === joined[at])) {
      const isAlone = words.length === 1 && tokens[index + 1] === undefined && index > 0;
      if (!isAlone && !(words.length === 1 && index > 0 && isSignNext(tokens, index, text))) return 1;
    }
    if (joined.length === 1 && words.length > 1 && words.every((word, at) => word === text(index + at))) return words.length;
  }
  return 0;
}

const isSignNext = (tokens: readonly LineToken[], index: number, text: (index: number) => string): boolean =>
  tokens[index + 1]?.class === 'keyword' ||
  (tokens[index + 1]?.class === 'operator' && !['(', '{', '#'].includes(text(index + 1)));

/** A line of a TABLE: the name of the column, its type, the rest. */
function columnTokens(line: string): LineToken[] {
  if (/^\s*(?:'|#|\/\/|--|rem\b)/i.test(line))
    return line.trim() === '' ? [] : [{ start: 0, end: line.length, class: 'comment' }];
  const tokens: LineToken[] = [];
  for (const match of line.matchAll(/[\p{L}_][\p{L}\p{N}_]*|\d+|[^\s\p{L}\p{N}_]/gu)) {
    const word = match[0].toUpperCase();
    const kind: TokenClass = /^\d/.test(word)
      ? 'number'
      : !/^[\p{L}_]/u.test(word)
        ? 'operator'
        : columnWords.has(word)
          ? 'keyword'
          : tokens.length === 1
            ? 'builtin'
            : 'identifier';
    tokens.push({ start: match.index, end: match.index + match[0].length, class: kind });
  }
  return tokens;
}

const columnWords = new Set('FIELD AS KEY PRIMARY REFERENCES NOT NULL UNIQUE DEFAULT CHECK'.split(' '));

function classOf(text: string, isProperty: boolean, line: string, before: readonly LineToken[], endOfWord: number): TokenClass {
  if (isProperty) return 'identifier';
  const upper = text.toUpperCase();
  if (reservedWords.has(upper) || softWords.has(upper)) return 'keyword';
  const last = before.at(-1);
  if (before.length === 1 && /^END$/i.test(line.slice(last!.start, last!.end))) return 'keyword';
  const begins =
    last === undefined || line.slice(last.start, last.end) === ':' || /^(?:THEN|ELSE)$/i.test(line.slice(last.start, last.end));
  if (begins && softStatements.has(upper) && !/^\s*(?:[-+*/]?=|\.|\[)/.test(line.slice(endOfWord))) return 'keyword';
  if (typeNames.has(upper) && last && line.slice(last.start, last.end).toUpperCase() === 'AS') return 'keyword';
  // HEAR date: a variable that is called like a function.
  const isTarget = last !== undefined && /^(?:HEAR|EACH|DIM|PARAM|SET|LET)$/i.test(line.slice(last.start, last.end));
  return !isTarget && functionKeywords.has(upper.replace(/\$$/, '')) ? 'builtin' : 'identifier';
}

function startsRemark(line: string, at: number, last: LineToken | undefined): boolean {
  const c = line[at];
  if (c === '/') return line[at + 1] === '/';
  if (c === '#') return last === undefined && line[at + 1] !== '{';
  if (c === "'") {
    const sign = last?.class === 'operator' ? line[last.end - 1]! : '';
    const close = line.indexOf("'", at + 1);
    const isAfterWord = last !== undefined && last.end < at && valueWords.has(line.slice(last.start, last.end));
    if (isAfterWord && close > 0 && !/[\w\u00c0-\uffff]/.test(line[close + 1] ?? '')) return false;
    return !(sign !== '' && '=(,[{:+&<>'.includes(sign) && line.indexOf("'", at + 1) > 0);
  }
  const startsStatement =
    last === undefined ||
    (last.class === 'operator' && line[last.start] === ':') ||
    /^(then|else)$/i.test(line.slice(last.start, last.end));
  return startsStatement && /^rem(?![\w$%])/i.test(line.slice(at, at + 4));
}

function stringEnd(line: string, start: number): number {
  const quote = line[start]!;
  const closers = quote === '\u201c' || quote === '\u201d' ? '\u201c\u201d' : quote;
  let isClosing = true;
  for (let at = start + 1; at < line.length; at++) {
    if (line[at] === '\\' && quote !== "'") at++;
    else if (line[at] === '$' && line[at + 1] === '{' && quote !== "'" && isClosing) {
      const close = interpolationEnd(line, at + 2);
      isClosing = close >= 0;
      at = Math.max(at, close);
    } else if (closers.includes(line[at]!)) {
      if (quote === '"' && line[at + 1] === '"') at++;
      else return at + 1;
    }
  }
  return line.length;
}

/** Looked for no further than the lexer does, or a line of nothing but openings would take for ever. */
const interpolationMax = 5000;

function interpolationEnd(line: string, from: number): number {
  let depth = 0;
  const limit = Math.min(line.length, from + interpolationMax);
  for (let at = from; at < limit; at++) {
    if (line[at] === '{') depth++;
    else if (line[at] === '}' && depth-- === 0) return at;
  }
  return -1;
}

/** A text with its `${}` parts shown as code. */
function textTokens(line: string, start: number, end: number): LineToken[] {
  const tokens: LineToken[] = [];
  let from = start;
  for (let at = start; at < end; at++) {
    if (line[at] !== '$' || line[at + 1] !== '{') continue;
    const close = interpolationEnd(line, at + 2);
    if (close < 0 || close >= end) break;
    if (at > from) tokens.push({ start: from, end: at, class: 'string' });
    tokens.push({ start: at, end: at + 2, class: 'operator' });
    const inner = tokenizeLine(line.slice(at + 2, close)).tokens;
    for (const token of inner) tokens.push({ ...token, start: token.start + at + 2, end: token.end + at + 2 });
    tokens.push({ start: close, end: close + 1, class: 'operator' });
    from = close + 1;
    at = close;
  }
  if (end > from) tokens.push({ start: from, end, class: 'string' });
  return tokens;
}
