import { declarations } from './declarations.ts';
import { lists } from './functions/lists.ts';
import { machine } from './functions/machine.ts';
import { numbers } from './functions/numbers.ts';
import { tables } from './functions/tables.ts';
import { text } from './functions/text.ts';
import { time } from './functions/time.ts';
import { functionNames, functions } from './functions.ts';
import { types } from './hear-types.ts';
import type { Details, FormRow, Group, Keyword, Row } from './keyword.ts';
import { operations } from './operations/index.ts';
import { constants, operators } from './operators.ts';
import { statements } from './statements.ts';

export { type Form, type FormPart, readForms, type Takes } from './forms.ts';
export { type FunctionForm, functionForms } from './function-forms.ts';
export type { Group, Keyword } from './keyword.ts';

const row =
  (kind: Keyword['kind'], group: Group) =>
  ([name, syntax, en, pt, example, details = {}]: Row): Keyword => ({
    name,
    kind,
    group,
    syntax,
    summary: { en, pt },
    example,
    ...more(details),
  });

const formRow =
  (kind: Keyword['kind'], group: Group) =>
  ([name, given, en, pt, example, details = {}]: FormRow): Keyword => {
    const forms = typeof given === 'string' ? [given] : given;
    return { name, kind, group, syntax: shown(name, forms, en), summary: { en, pt }, example, forms, ...more(details) };
  };

function more({ en, pt, ...rest }: Details): Partial<Keyword> {
  return { ...rest, ...(en && pt ? { meaning: { en, pt } } : {}) };
}

const functionGroups = new Map<string, Group>(
  (
    [
      ['text', text],
      ['numbers', numbers],
      ['dates', time],
      ['lists', lists],
      ['tables', tables],
      ['machine', machine],
    ] as const
  ).flatMap(([group, rows]) => rows.map(([name]) => [name, group] as const)),
);

/** Forms without the marks that are only for the parser; a keyword read by hand says its form in its summary, after a colon. */
function shown(name: string, forms: readonly string[], summary: string): string {
  if (forms.length === 0) return /: ([^:]*\b[A-Z]{2}.*)\.$/.exec(summary)?.[1] ?? name;
  return forms.map(shownForm).join(' | ');
}

/** A form as people read it. */
export function shownForm(form: string): string {
  return form
    .replace(/ \w+:(?:one|yes)\b/g, '')
    .replace(/:[a-z]+/g, '')
    .replace(/\[, \]/g, '[,]');
}

export const keywords: readonly Keyword[] = [
  ...statements.map(row('statement', 'statements')),
  ...operators.map(row('operator', 'operators')),
  ...constants.map(row('constant', 'operators')),
  ...types.map(row('type', 'answers')),
  ...functions.map(
    ([name, syntax, en, pt, example, params, result, details = {}]): Keyword => ({
      name,
      kind: 'function',
      group: functionGroups.get(functionNames.get(name) ?? name) ?? 'machine',
      syntax,
      summary: { en, pt },
      example,
      params,
      result,
      ...more(details),
    }),
  ),
  ...declarations.map(formRow('declaration', 'tools')),
  ...operations.map(formRow('operation', 'talk')),
];

/** Functions by upper-case name, without a `$` suffix. */
export const functionKeywords: ReadonlyMap<string, Keyword> = new Map(
  keywords.filter((keyword) => keyword.kind === 'function').map((keyword) => [keyword.name, keyword]),
);

/** Parts of other statements that are fine names too; the parser tells them by their place. */
const placed = new Set(['DEFAULT', 'STEP', 'EACH']);

/** Words that end or continue a statement, so that no name may be spelled so. */
export const reservedWords: ReadonlySet<string> = new Set(
  keywords
    .filter(
      ({ kind, name, isSoft }) =>
        (kind === 'statement' || kind === 'operator' || kind === 'constant') &&
        !isSoft &&
        !name.includes(' ') &&
        !placed.has(name),
    )
    .map(({ name }) => name),
);

export const typeNames: ReadonlySet<string> = new Set(types.map(([name]) => name));
