/**
 * Reads custom properties out of a style sheet that a stranger wrote: `--name: value`, in rules for everything. It is one
 * walk over the text, so a sheet made to hurt takes no longer than any other of its length. Nothing else of the sheet is
 * taken: what stands in other rules is named in `leftOut`, once each, to be told.
 */
export interface StyleVariables {
  /** Names without their dashes, in lower case. What a sheet says later counts. */
  readonly variables: ReadonlyMap<string, string>;
  readonly leftOut: readonly string[];
}

/** Rules whose variables are those of the theme. Variants for the dark are left out: each colour is fitted to both. */
const everything = /^(?::root|html|body|\*|:host)(?:\s*,\s*(?::root|html|body|\*|:host))*$/i;
/** What is longer is no rule for everything. */
const preludeCharactersMax = 200;
const leftOutMax = 100;
const variablesMax = 1_000;
/** A longer value is neither a colour nor the name of a picture; a thousand that stand for it would each be read through. */
const valueCharactersMax = 300;
/** `var(--a)` that stands for `var(--b)`, and so on. */
const chainMax = 5;

export function readVariables(css: string): StyleVariables {
  const text = withoutComments(css);
  const found = new Map<string, string>();
  const leftOut = new Set<string>();
  const leave = (name: string): void => {
    const short = name.replace(/\s+/g, ' ').trim();
    if (short !== '' && leftOut.size < leftOutMax) leftOut.add(short);
  };
  const rules: string[] = [];
  let from = 0;
  const declare = (until: number): void => {
    const written = text.slice(from, until).trim();
    if (written === '') return;
    const colon = written.indexOf(':');
    const name = written.slice(0, Math.max(0, colon)).trim().toLowerCase();
    const isPlain = rules.length === 1 && everything.test(rules[0]!);
    if (rules.length === 0) leave(written.slice(0, 40));
    else if (!isPlain) leave(rules[0]!.slice(0, 40));
    else if (/^--[a-z\d_-]{1,60}$/.test(name) && found.size < variablesMax && written.length - colon <= valueCharactersMax)
      found.set(
        name.slice(2),
        written
          .slice(colon + 1)
          .replace(/!\s*important$/i, '')
          .trim(),
      );
    else leave(name);
  };
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (sign === '"' || sign === "'") at = endOfQuote(text, at);
    else if (sign === '(') at = endOfBracket(text, at);
    else if (sign === '{') {
      rules.push(text.slice(from, at).trim().slice(0, preludeCharactersMax));
      from = at + 1;
    } else if (sign === ';' || sign === '}') {
      declare(at);
      if (sign === '}') rules.pop();
      from = at + 1;
    }
  }
  declare(text.length);
  return { variables: new Map([...found].map(([name, value]) => [name, resolved(value, found)])), leftOut: [...leftOut] };
}

function withoutComments(css: string): string {
  const parts: string[] = [];
  for (let at = 0; ; ) {
    const begin = css.indexOf('/*', at);
    parts.push(css.slice(at, begin < 0 ? undefined : begin));
    const end = begin < 0 ? -1 : css.indexOf('*/', begin + 2);
    if (end < 0) return parts.join(' ');
    at = end + 2;
  }
}

/** A quote that is not closed goes to the end of its line. */
function endOfQuote(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === text[from]) return at;
    else if (text[at] === '\n') return at;
  }
  return text.length;
}

/** Of `url(…)`, where signs mean nothing: the next bracket that closes. Nested ones are seen again from inside. */
function endOfBracket(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const sign = text[at];
    if (sign === '"' || sign === "'") at = endOfQuote(text, at);
    else if (sign === '(') depth++;
    else if (sign === ')' && --depth === 0) return at;
  }
  return text.length;
}

function resolved(value: string, variables: ReadonlyMap<string, string>): string {
  let now = value;
  for (let step = 0; step < chainMax; step++) {
    const match = /^var\(\s*--([\w-]{1,60})\s*(?:,([^()]*))?\)$/i.exec(now);
    if (!match) return now;
    now = variables.get(match[1]!.toLowerCase()) ?? match[2]?.trim() ?? '';
  }
  return now;
}
