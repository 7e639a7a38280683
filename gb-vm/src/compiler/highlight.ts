import { functionKeywords, reservedWords, typeNames } from './keywords.ts';

export type TokenClass = 'keyword' | 'string' | 'number' | 'comment' | 'identifier' | 'operator' | 'builtin';

export interface LineToken {
  readonly start: number;
  readonly end: number;
  readonly class: TokenClass;
}

/** What one line leaves to the next: whether it is inside BEGIN TALK. */
export interface LineState {
  readonly isInText: boolean;
}

export const initialLineState: LineState = { isInText: false };

const word = /[A-Za-z_\u00c0-\uffff][\w\u00c0-\uffff]*[$%]?/y;
const number = /0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const operator = /[-+*/\\^&=<>(),:;[\]{}.|!#]/;
const softWords = new Set(['EACH', 'STEP', 'DEFAULT', 'ARRAY', 'OBJECT', 'AS']);

/**
 * The classes of one line for colouring while typing, by the same rules as the lexer: editors work line by line and
 * keep only `LineState` between lines. Blanks have no token.
 */
export function tokenizeLine(line: string, state: LineState = initialLineState): { tokens: LineToken[]; state: LineState } {
  if (state.isInText) {
    if (!/^\s*END\s+TALK\b/i.test(line)) return { tokens: textTokens(line, 0, line.length), state };
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
      at = push(at, end, classOf(line.slice(at, end), last !== undefined && line[last.start] === '.', line, tokens));
    } else at = push(at, at + 1, operator.test(c) ? 'operator' : 'identifier');
  }
  const isBegin = /^\s*BEGIN\s+TALK\s*$/i.test(line);
  return { tokens, state: { isInText: isBegin } };
}

function classOf(text: string, isProperty: boolean, line: string, before: readonly LineToken[]): TokenClass {
  if (isProperty) return 'identifier';
  const upper = text.toUpperCase();
  if (reservedWords.has(upper) || softWords.has(upper)) return 'keyword';
  const last = before.at(-1);
  if (typeNames.has(upper) && last && line.slice(last.start, last.end).toUpperCase() === 'AS') return 'keyword';
  return functionKeywords.has(upper.replace(/\$$/, '')) ? 'builtin' : 'identifier';
}

function startsRemark(line: string, at: number, last: LineToken | undefined): boolean {
  const c = line[at];
  if (c === '/') return line[at + 1] === '/';
  if (c === '#') return last === undefined && line[at + 1] !== '{';
  if (c === "'") {
    const sign = last?.class === 'operator' ? line[last.end - 1]! : '';
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

function interpolationEnd(line: string, from: number): number {
  let depth = 0;
  for (let at = from; at < line.length; at++) {
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
