import type { Locale } from '../diagnostics.ts';
import type { Keyword } from '../keywords/index.ts';

/** What an author is told about a word, in the language of the author; part by part, for editors to show their own way. */
export interface Documentation {
  readonly parts: readonly DocumentationPart[];
  /** Can be put into a script as it stands; null for what has none. It is among the parts too. */
  readonly example: string | null;
}

export interface DocumentationPart {
  readonly kind: 'text' | 'code';
  readonly text: string;
}

export const textPart = (text: string): DocumentationPart => ({ kind: 'text', text });
export const codePart = (text: string): DocumentationPart => ({ kind: 'code', text });

/** How a keyword is written, each way on a line of its own; what it does; an example. */
export function documentationOf(keyword: Keyword, locale: Locale): Documentation {
  const { summary, meaning, example } = keyword;
  const said = (sentence: Keyword['summary']): string => (locale === 'pt-BR' ? sentence.pt : sentence.en);
  const sentences = meaning ? [said(summary), said(meaning)] : [said(summary)];
  return { parts: [codePart(waysOf(keyword).join('\n')), ...sentences.map(textPart), codePart(example)], example };
}

/** The ways to write a keyword, which the table has on one line: for those without forms, parts of it that begin alike. */
export function waysOf({ syntax, forms = [] }: Keyword): readonly string[] {
  const ways: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < syntax.length; at++) {
    if ('[('.includes(syntax[at]!)) depth++;
    else if ('])'.includes(syntax[at]!)) depth--;
    else if (depth === 0 && syntax.startsWith(' | ', at)) {
      ways.push(syntax.slice(from, at));
      from = at + 3;
    }
  }
  ways.push(syntax.slice(from));
  const first = (way: string): string => /^\w+/.exec(way)?.[0] ?? '';
  return forms.length > 1 || ways.every((way) => first(way) === first(syntax)) ? ways : [syntax];
}

/** As Markdown, the way most editors show it. */
export function toMarkdown({ parts }: Documentation): string {
  return parts.map(({ kind, text }) => (kind === 'code' ? fenced(text) : escaped(text))).join('\n\n');
}

/** A block of our language; the fence is longer than any inside it. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([fence]) => fence.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}basic\n${text}\n${fence}`;
}

const escaped = (text: string): string => text.replace(/[\\`*_[\]<>#|~]/g, '\\$&');
