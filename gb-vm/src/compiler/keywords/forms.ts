/**
 * The small language in which the table says how a keyword is written, for instance
 *
 *     SEND MAIL to, subject, body [, attachments...] [USING account]
 *     MERGE table (WITH rows BY key | , rows, key)
 *
 * CAPITALS are words, signs stand for themselves, small letters are values that arrive under that name; `[ ]` may be left
 * out, `( a | b )` is one or the other, chosen by its first word or sign. A name may say what it takes: `x...` a list of
 * values, `x:word` a bare word or a value, `x:condition` what WHERE takes, `x:order` what ORDER BY takes, `x:fields`
 * pairs like `a = 1, b = 2`, `x:columns` values named after their variables.
 */
export type FormPart =
  | { readonly kind: 'word'; readonly word: string }
  | { readonly kind: 'sign'; readonly sign: string }
  | { readonly kind: 'value'; readonly name: string; readonly takes: Takes }
  | { readonly kind: 'optional'; readonly parts: readonly FormPart[] }
  | { readonly kind: 'choice'; readonly options: readonly (readonly FormPart[])[] };

export type Takes =
  | 'value'
  | 'list'
  | 'word'
  | 'words'
  | 'key'
  | 'operand'
  | 'one'
  | 'yes'
  | 'condition'
  | 'order'
  | 'fields'
  | 'columns'
  | 'aliases';

export interface Form {
  /** The capitals it begins with, as one text. */
  readonly words: string;
  readonly rest: readonly FormPart[];
  /** Top-level commas it has at least and at most, by which forms that begin alike are told apart. */
  readonly commasMin: number;
  readonly commasMax: number;
  /** Words and signs it cannot be without. */
  readonly needs: readonly string[];
}

/** A text with choices is several forms. */
export function readForms(text: string): Form[] {
  const words = /^[A-Z]+(?: [A-Z]+)*(?![\w:.])/.exec(text)?.[0] ?? '';
  return spelledOut(new FormReader(text.slice(words.length)).parts()).map((rest) => {
    const [commasMin, commasMax] = countCommas(rest);
    const needs = rest.flatMap((part) =>
      part.kind === 'word' ? [part.word] : part.kind === 'sign' && part.sign !== ',' ? [part.sign] : [],
    );
    return { words, rest, commasMin, commasMax, needs };
  });
}

function spelledOut(parts: readonly FormPart[]): FormPart[][] {
  return parts.reduce<FormPart[][]>(
    (done, part) =>
      done.flatMap((before) =>
        part.kind === 'choice' ? part.options.flatMap(spelledOut).map((option) => [...before, ...option]) : [[...before, part]],
      ),
    [[]],
  );
}

class FormReader {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = text.match(/[A-Za-z][A-Za-z0-9]*(?::[a-z]+)?(?:\.\.\.)?|[^\sA-Za-z]/g) ?? [];
  }

  parts(): FormPart[] {
    const parts: FormPart[] = [];
    for (let token = this.#tokens[this.#at]; token !== undefined; token = this.#tokens[this.#at]) {
      if (token === ']' || token === ')' || token === '|') break;
      this.#at++;
      parts.push(this.#part(token));
    }
    return parts;
  }

  #part(token: string): FormPart {
    if (token === '[') {
      const parts = this.parts();
      this.#at++;
      return { kind: 'optional', parts };
    }
    if (token === '(') {
      const options = [this.parts()];
      while (this.#tokens[this.#at] === '|') {
        this.#at++;
        options.push(this.parts());
      }
      this.#at++;
      return { kind: 'choice', options };
    }
    if (!/^[A-Za-z]/.test(token)) return { kind: 'sign', sign: token };
    if (/^[A-Z]+$/.test(token)) return { kind: 'word', word: token };
    const [, name = '', takes] = /^([A-Za-z0-9]+)(?::([a-z]+))?/.exec(token) ?? [];
    return { kind: 'value', name, takes: token.endsWith('...') ? 'list' : ((takes ?? 'value') as Takes) };
  }
}

const listed: ReadonlySet<Takes> = new Set(['list', 'order', 'fields', 'columns', 'aliases']);

function countCommas(parts: readonly FormPart[]): readonly [least: number, most: number] {
  let least = 0;
  let most = 0;
  for (const part of parts) {
    if (part.kind === 'sign' && part.sign === ',') {
      least++;
      most++;
    } else if (part.kind === 'value' && listed.has(part.takes)) most = Number.POSITIVE_INFINITY;
    else if (part.kind === 'optional') most += countCommas(part.parts)[1];
    else if (part.kind === 'choice') {
      const counts = part.options.map(countCommas);
      least += Math.min(...counts.map(([fewest]) => fewest));
      most += Math.max(...counts.map(([, greatest]) => greatest));
    }
  }
  return [least, most];
}
