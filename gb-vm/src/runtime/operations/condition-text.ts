import { parseDate } from '../functions/date-text.ts';
import { parseNumber } from '../functions/values.ts';
import { type Condition, compared, conditionDepthMax, everything, type Scalar } from './condition.ts';

const textMax = 4000;

/** A filter written as text; null when it is none. Never throws, and takes time in proportion to the text. */
export function parseCondition(text: string): Condition | null {
  if (text.length > textMax) return null;
  if (text.trim() === '') return everything;
  return new ConditionReader(text).whole();
}

/** After a value or a bracket: what ends it. */
const follows = /[ \t\r\n]*(?:$|\)|(?:and|or|&&|\|\|)(?![\p{L}\p{N}_])|&&|\|\|)/iuy;
const joiner = /[ \t\r\n]*(?:(and(?![\p{L}\p{N}_])|&&)|(or(?![\p{L}\p{N}_])|\|\|))/iuy;
const operatorAt =
  /(?:[ \t\r\n]*(<>|<=|>=|!=|==|=|<|>)|[ \t\r\n]+(not[ \t]+i?like|i?like|not[ \t]+in|in|not[ \t]+contains|contains|is[ \t]+not|is|not[ \t]+between|between)(?![\p{L}\p{N}_]))[ \t\r\n]*/iuy;

class ConditionReader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): Condition | null {
    const found = this.#either();
    this.#blanks();
    return this.#at === this.#text.length ? found : null;
  }

  #blanks(): void {
    while (/[ \t\r\n]/.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match) this.#at += match[0].length;
    return match;
  }

  #either(): Condition | null {
    if (++this.#depth > conditionDepthMax) return null;
    const alternatives: Condition[][] = [];
    let all: Condition[] = [];
    for (;;) {
      const part = this.#one();
      if (!part) return null;
      all.push(part);
      const join = this.#match(joiner);
      if (join?.[1]) continue;
      alternatives.push(all);
      all = [];
      if (!join) break;
    }
    this.#depth--;
    const parts = alternatives.map((group): Condition => (group.length === 1 ? group[0]! : { kind: 'all', parts: group }));
    return parts.length === 1 ? parts[0]! : { kind: 'any', parts };
  }

  #one(): Condition | null {
    this.#blanks();
    let isNegated = false;
    while (this.#match(/not(?=[ \t(])[ \t]*|!(?!=)[ \t]*/iy)) isNegated = !isNegated;
    const start = this.#at;
    let part: Condition | null = null;
    if (this.#text[this.#at] === '(') {
      this.#at++;
      part = this.#either();
      this.#blanks();
      if (!part || this.#text[this.#at++] !== ')') return null;
    } else part = this.#comparison(start);
    return part && isNegated ? { kind: 'not', part } : part;
  }

  #comparison(start: number): Condition | null {
    const name = this.#column(start);
    const match = name === null ? null : this.#match(operatorAt);
    if (name === null || !match) return null;
    const operator = (match[1] ?? match[2]!).toLowerCase().replace(/\s+/g, ' ');
    if (operator === 'in' || operator === 'not in') {
      const values = this.#list();
      return values && compared(name, operator, values);
    }
    if (operator.endsWith('between')) {
      const from = this.#value(true);
      if (!from || !this.#match(/[ \t]*and(?![\p{L}\p{N}_])[ \t]*/iuy)) return null;
      const to = this.#value(false);
      const part = to && compared(name, 'between', [from.value, to.value]);
      return part && operator.startsWith('not') ? { kind: 'not', part } : part;
    }
    const found = this.#value(false);
    if (!found) return null;
    const part = compared(name, operator, found.value);
    if (part?.kind === 'compare') return { ...part, isWord: found.isWord };
    return part;
  }

  /** Names may have blanks in them: what stands before the operator is the name. */
  #column(start: number): string | null {
    const text = this.#text;
    const quoted =
      /(?:date\s*\()?[ ]*(?:\[[^\]\r\n]{1,100}\]|"[^"\r\n]{1,100}"|`[^`\r\n]{1,100}`)[ ]*\)?(?=[ \t]*[=<>!]|[ \t]+[a-z])/iy;
    const found = this.#match(quoted);
    if (found) return found[0];
    const call = this.#match(/date[ ]*\([^()'"\r\n]{1,100}\)/iy);
    if (call) return call[0];
    for (let at = start; at < text.length && at - start < 100; at++) {
      operatorAt.lastIndex = at;
      if (at > start && operatorAt.test(text)) {
        this.#at = at;
        return text.slice(start, at);
      }
      if (!/[\p{L}\p{M}\p{N}_.$ #%/°º-]/u.test(text[at]!) && !/[\ud800-\udfff]/.test(text[at]!)) return null;
    }
    return null;
  }

  #quoted(): string | null {
    const quote = this.#text[this.#at]!;
    let value = '';
    for (let at = this.#at + 1; at < this.#text.length; at++) {
      const character = this.#text[at]!;
      if (character !== quote) value += character;
      else if (this.#text[at + 1] === quote) {
        value += quote;
        at++;
      } else {
        // In O'Brien the quote does not end the text: something else would have to follow.
        follows.lastIndex = at + 1;
        const isEnd = follows.test(this.#text) || /[ \t]*,/y.test(this.#text.slice(at + 1, at + 10));
        if (isEnd) {
          this.#at = at + 1;
          return value;
        }
        value += character;
      }
    }
    return null;
  }

  #value(isBounded: boolean): { value: Scalar; isWord: boolean } | null {
    this.#blanks();
    const first = this.#text[this.#at];
    if (first === "'" || first === '"') {
      const value = this.#quoted();
      return value === null ? null : { value, isWord: false };
    }
    const call = this.#match(/date[ ]*\([ ]*(?:'([^']*)'|"([^"]*)"|([^()]*))[ ]*\)/iy);
    if (call) return { value: dayOf(call[1] ?? call[2] ?? call[3]!.trim()), isWord: false };
    const start = this.#at;
    for (let depth = 0; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at]!;
      if (character === '(') depth++;
      else if (character === ')' && depth-- === 0) break;
      else if (/[ \t\r\n&|]/.test(character)) {
        joiner.lastIndex = this.#at;
        if (joiner.test(this.#text)) break;
        if (isBounded && /[ \t]+and[ \t]/iy.test(this.#text.slice(this.#at, this.#at + 10))) break;
      }
    }
    return bareValue(this.#text.slice(start, this.#at).trim());
  }

  /** `(a, 'b', 3)`, with or without the brackets. */
  #list(): Scalar[] | null {
    this.#blanks();
    const bracket = { '(': ')', '[': ']' }[this.#text[this.#at] ?? ''];
    if (bracket) this.#at++;
    const values: Scalar[] = [];
    for (;;) {
      this.#blanks();
      const first = this.#text[this.#at];
      if (first === undefined) return bracket ? null : values;
      if (first === bracket) {
        this.#at++;
        return values;
      }
      if (first === "'" || first === '"') {
        const value = this.#listQuoted(first);
        if (value === null) return null;
        values.push(value);
      } else {
        const found = this.#match(bracket ? /[^,)\]]+/y : /(?:(?![ \t]+(?:and|or)[ \t])[^,)])+/iy);
        if (!found) return null;
        values.push(bareValue(found[0].trim()).value);
      }
      this.#blanks();
      if (this.#text[this.#at] === ',') this.#at++;
      else if (!bracket) return values;
      else if (this.#text[this.#at] !== bracket) return null;
    }
  }

  #listQuoted(quote: string): string | null {
    const end = this.#match(quote === "'" ? /'((?:[^']|'')*)'/y : /"((?:[^"]|"")*)"/y);
    return end ? end[1]!.replaceAll(quote + quote, quote) : null;
  }
}

function bareValue(text: string): { value: Scalar; isWord: boolean } {
  const lower = text.slice(0, 8).toLowerCase();
  if (lower === 'null') return { value: null, isWord: false };
  if (lower === 'true' || lower === 'false') return { value: lower === 'true', isWord: false };
  const number = parseNumber(text);
  // Leading zeros are part of a code or a telephone number.
  if (number !== null && !/^[+-]?0\d/.test(text)) return { value: number, isWord: false };
  return { value: text, isWord: /^[\p{L}_][\p{L}\p{N}_.]*$/u.test(text) };
}

/** The day of a date in either spelling; anything else stays as it is. */
export function dayOf(value: Scalar): Scalar {
  if (typeof value !== 'string') return value;
  const date = parseDate(value);
  return date ? new Date(date.ms).toISOString().slice(0, 10) : value;
}
