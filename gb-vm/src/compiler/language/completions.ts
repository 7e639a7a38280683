import type { Keyword } from '../keywords/index.ts';
import { functionKeywords, keywords, typeNames } from '../keywords/index.ts';
import type { Token } from '../lexer.ts';
import { closing } from '../parse/closers.ts';
import type { BlockRecord } from '../parse/record.ts';
import { scriptNames } from '../script-call.ts';
import type { Analysis, ScriptAnalysis } from './analysis.ts';
import { type Cursor, cursorAt } from './cursor.ts';
import type { Named, Names } from './names.ts';
import { formSnippet, innerWordsOf, type Phrase, phraseFrom, phrases, phrasesBegunBy } from './phrases.ts';
import { formOf, shownForm } from './scripts.ts';
import { blockSnippets } from './snippets.ts';
import { say } from './words.ts';

export type CompletionKind =
  | 'keyword'
  | 'function'
  | 'operation'
  | 'constant'
  | 'type'
  | 'variable'
  | 'procedure'
  | 'label'
  | 'property'
  | 'table'
  | 'script'
  | 'snippet';

/** Something that can stand at the caret. */
export interface Completion {
  readonly label: string;
  readonly kind: CompletionKind;
  /** A few words beside the label. */
  readonly detail: string;
  /** What is written; with `isSnippet`, `${1:name}` are places to fill in, and `$0` is where the caret ends. */
  readonly insert: string;
  readonly isSnippet: boolean;
  /** Smaller comes first: 0 what this place asks for, 1 names of the program, 2 the rest. */
  readonly rank: 0 | 1 | 2;
  /** Tells what it means; see `documentationOf`. */
  readonly keyword: Keyword | null;
}

export interface CompletionList {
  /** The stretch that is replaced. */
  readonly from: number;
  readonly to: number;
  readonly items: readonly Completion[];
}

/** What can stand at an offset of a script. Editors narrow the list down by what is typed; it does not depend on that. */
export function completions(analysis: Analysis, fileName: string, offset: number): CompletionList {
  const script = analysis.script(fileName);
  const cursor: Cursor = script ? cursorAt(script, offset) : { kind: 'prose' };
  if (!script || cursor.kind === 'prose') return { from: offset, to: offset, items: [] };
  const { from, to } = cursor;
  const place = new Place(analysis, script, cursor);
  const items = cursor.kind === 'text' ? place.inText() : place.inCode();
  return { from, to, items: distinct(items) };
}

/** The same thing is offered once; the first one counts. */
function distinct(items: readonly Completion[]): Completion[] {
  const seen = new Set<string>();
  return items.filter(({ label, kind }) => {
    const key = `${label.toUpperCase()} ${kind === 'snippet' ? 'snippet' : ''}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** Words of statements that never begin one. */
const partsOnly = new Set(['THEN', 'TO', 'STEP', 'EACH', 'UNTIL', 'AS', 'DEFAULT', 'NEW', 'CATCH', 'FINALLY']);
const closers = new Set(['ELSE', 'ELSEIF', 'END', 'NEXT', 'WEND', 'LOOP', 'CASE']);
const operatorWords = keywords.filter(({ kind }) => kind === 'operator');
const statementKeywords = phrases.filter(
  ({ keyword: { kind, name } }) =>
    (kind === 'statement' && !partsOnly.has(name) && !closers.has(name)) || kind === 'operation' || kind === 'declaration',
);
const valuePhrases = phrases.filter(
  ({ keyword: { kind } }) => kind === 'function' || kind === 'constant' || kind === 'operation',
);
const dimTypes = 'STRING INTEGER NUMBER DOUBLE BOOLEAN DATE ARRAY OBJECT ANY'.split(' ');
/** What cannot be the name of a script that is called by it. */
const languageWords = new Set(keywords.filter(({ kind }) => kind !== 'type').map(({ name }) => name));
const typeKeywords = keywords.filter(({ kind }) => kind === 'type');
/** What may follow a value in statements that the table does not describe by forms. */
const goesOn: Readonly<Record<string, readonly string[]>> = {
  IF: ['THEN'],
  ELSEIF: ['THEN'],
  ELSE: ['THEN'],
  FOR: ['TO', 'STEP', 'IN'],
  CASE: ['TO'],
  HEAR: ['AS', 'WITH', 'DEFAULT'],
  DIM: ['AS'],
  PARAM: ['AS', 'ENUM', 'LIKE', 'DESCRIPTION', 'OPTIONAL', 'DEFAULT'],
  ON: ['GOTO', 'GOSUB'],
  TALK: ['AS IMAGE', 'AS PDF'],
  CATCH: [],
};
/** After these comes the name of something new, or nothing. */
const newNames = new Set(['SUB', 'FUNCTION', 'DIM', 'PARAM', 'CONST', 'TYPE', 'TABLE', 'WEBHOOK', 'DESCRIPTION', 'REM']);
const middles: Readonly<Partial<Record<BlockRecord['word'], readonly string[]>>> = {
  IF: ['ELSE', 'ELSE IF'],
  SELECT: ['CASE', 'CASE ELSE'],
  SWITCH: ['CASE', 'DEFAULT'],
  TRY: ['CATCH', 'FINALLY'],
};

class Place {
  readonly #analysis: Analysis;
  readonly #script: ScriptAnalysis;
  readonly #cursor: Exclude<Cursor, { kind: 'prose' }>;
  readonly #names: readonly Names[];

  constructor(analysis: Analysis, script: ScriptAnalysis, cursor: Exclude<Cursor, { kind: 'prose' }>) {
    this.#analysis = analysis;
    this.#script = script;
    this.#cursor = cursor;
    this.#names = analysis.programsWith(script).map(({ names }) => names);
  }

  inCode(): Completion[] {
    const { tokens } = this.#cursor;
    const last = tokens.at(-1);
    const continued = this.#continuations();
    if (last?.kind === 'operator' && (last.upper === '.' || last.upper === '?.')) return this.#properties();
    if (last === undefined || startsStatement(tokens)) return this.#statements();
    if (last.kind === 'name') {
      const special = this.#after(last);
      if (special) return [...special, ...continued];
    }
    if (this.#isLabelNext()) return this.#labels();
    if (isOperand(last, tokens.at(-2))) return [...continued, ...this.#wordsAfterValue()];
    return [...continued, ...this.#columnsOfLine(), ...this.#values()];
  }

  /** Names of tables, scripts and files, where a text is one. */
  inText(): Completion[] {
    const { tokens } = this.#cursor;
    const last = tokens.at(-1);
    const start = phraseBefore(tokens);
    if (last?.upper === 'INCLUDE' || last?.upper === 'CALL') return this.#scripts();
    const takes = start?.phrase.forms.flatMap((form) => (form.rest[0]?.kind === 'value' ? [form.rest[0].name] : [])) ?? [];
    const isFirst = start !== null && start.index + start.count === tokens.length;
    const isAfterWord = ['INTO', 'FROM', 'OF', 'TABLE'].includes(last?.upper ?? '');
    if ((isFirst && takes.includes('table')) || isAfterWord) return this.#tables();
    if (isFirst && (takes.includes('script') || takes.includes('tool'))) return this.#scripts();
    return [];
  }

  /** The words that are missing of a keyword whose first words are there: `MAIL` after `SEND`. */
  #continuations(): Completion[] {
    const { tokens } = this.#cursor;
    const items: Completion[] = [];
    for (let count = 1; count <= 3; count++) {
      const words = tokens.slice(-count);
      if (words.length < count || words.some(({ kind }) => kind !== 'name')) break;
      const before = tokens[tokens.length - count - 1];
      if (before?.upper === '.' && before.kind === 'operator') continue;
      const isStart = startsStatement(tokens.slice(0, -count));
      for (const phrase of phrasesBegunBy(words.map(({ upper }) => upper))) {
        const { kind } = phrase.keyword;
        if ((kind === 'statement' || kind === 'declaration') && !isStart) continue;
        items.push(this.#phrase(phrase, count, 0));
      }
      if (!isStart) continue;
      const written = `${words.map(({ upper }) => upper).join(' ')} `;
      for (const { label, insert, keyword } of blockSnippets)
        if (/^[A-Z]/.test(label.slice(written.length)) && label.startsWith(written) && insert.startsWith(written))
          items.push(snippetItem(label.slice(written.length), insert.slice(written.length), keyword));
    }
    return items;
  }

  #after(last: Token): Completion[] | null {
    const { tokens } = this.#cursor;
    const first = tokens.find(({ kind }) => kind === 'name')?.upper ?? '';
    const isAfterStart = startsStatement(tokens.slice(0, -1));
    switch (last.upper) {
      case 'AS':
        return this.#types(first, tokens);
      case 'CALL':
        return [...this.#named(['sub', 'function']), ...this.#scripts()];
      case 'INCLUDE':
        return isAfterStart ? this.#scripts(true) : null;
      case 'END':
        return isAfterStart ? this.#ends() : null;
      case 'EXIT':
      case 'CONTINUE':
        return isAfterStart ? this.#loops(last.upper) : null;
      case 'NEXT':
        return this.#counters(last.start);
      case 'HEAR':
      case 'INPUT':
      case 'READ':
      case 'FOR':
      case 'LET':
      case 'SWAP':
        return [
          ...(last.upper === 'FOR' ? [plain('EACH', 'keyword', 0)] : []),
          ...this.#named(['variable', 'list', 'parameter']),
        ];
      default:
        return newNames.has(last.upper) && isAfterStart ? [] : null;
    }
  }

  #statements(): Completion[] {
    const block = innermostBlock(this.#script, this.#cursor.from);
    const ends = block ? [closing[block.word], ...(middles[block.word] ?? [])] : [];
    return [
      ...ends.map((word, index) => plain(word, 'keyword', 0, index === 0 ? block!.word : '')),
      ...blockSnippets.map(({ label, insert, keyword }) => snippetItem(label, insert, keyword)),
      ...this.#named(['variable', 'list', 'parameter', 'sub', 'function']),
      ...this.#scriptCalls(),
      ...statementKeywords.map((phrase) => this.#phrase(phrase, 0, 2)),
    ];
  }

  #values(): Completion[] {
    return [
      ...this.#named(['variable', 'constant', 'list', 'parameter', 'function', 'sub']),
      ...this.#scriptCalls(),
      ...valuePhrases.map((phrase) => this.#phrase(phrase, 0, 2)),
      plain('NEW ARRAY', 'keyword', 2),
      plain('NEW OBJECT', 'keyword', 2),
      plain('NOT', 'keyword', 2),
    ];
  }

  /** Operators, and the words with which the statement can go on. */
  #wordsAfterValue(): Completion[] {
    const { tokens } = this.#cursor;
    const starts = tokens.flatMap((token, index) =>
      token.kind === 'name' && startsStatement(tokens.slice(0, index)) ? [token.upper] : [],
    );
    const used = new Set(tokens.map(({ upper }) => upper));
    const phrase = phraseBefore(tokens);
    const inner = phrase ? phrase.phrase.forms.flatMap(innerWordsOf).filter((word) => !used.has(word.split(' ')[0]!)) : [];
    const isHear = tokens.some(({ kind, upper }) => kind === 'name' && upper === 'HEAR');
    const next = isHear ? goesOn['HEAR']! : (goesOn[starts.at(-1) ?? ''] ?? []);
    return [
      ...[...new Set([...inner, ...next])].map((word) => plain(word, 'keyword', 0)),
      ...operatorWords.map((keyword) => ({ ...plain(keyword.name, 'keyword', 2), keyword })),
    ];
  }

  #types(first: string, tokens: readonly Token[]): Completion[] | null {
    const isHear = tokens.some(({ kind, upper }) => kind === 'name' && upper === 'HEAR');
    if (isHear || first === 'PARAM')
      return typeKeywords.map((keyword) => ({ ...plain(keyword.name, 'type', 0, keyword.summary[this.#language]), keyword }));
    if (!['DIM', 'REDIM', 'SUB', 'FUNCTION', 'CONST'].includes(first) && tokens.length > 2) return null;
    const declared = [...this.#script.text.matchAll(/^[ \t]*TYPE[ \t]+([\p{L}_][\p{L}\p{N}_]*)[ \t]*$/gimu)].map(
      ([, name]) => name!,
    );
    return [...declared, ...dimTypes].map((name) => plain(name, 'type', 0));
  }

  #properties(): Completion[] {
    const path = pathBefore(this.#cursor.tokens);
    if (path === null) return [];
    return this.#names.flatMap((names) => {
      const { properties, tables } = names.paths.at(path);
      const columns = tables.flatMap((table) => this.#columnsOf(names, table));
      return [...columns, ...properties.map((name) => plain(name, 'property', 0, say(this.#analysis.locale, 'property')))];
    });
  }

  /** In conditions, the columns of the table that the line is about. */
  #columnsOfLine(): Completion[] {
    const { tokens } = this.#cursor;
    const isCondition = tokens.some(({ kind, upper }) => kind === 'name' && ['WHERE', 'BY', 'SET', 'WITH'].includes(upper));
    if (!isCondition) return [];
    const texts = tokens.flatMap(({ kind, parts }) =>
      kind === 'string' && parts[0] && 'text' in parts[0] ? [parts[0].text] : [],
    );
    return this.#names.flatMap((names) => texts.flatMap((text) => this.#columnsOf(names, text)));
  }

  #columnsOf(names: Names, table: string): Completion[] {
    const known = names.tables.get(table);
    return [...(known?.columns.values() ?? [])].map(({ display, type }) => {
      const where = say(this.#analysis.locale, 'column', known!.display);
      return plain(display, 'property', 0, type ? `${type}, ${where}` : where);
    });
  }

  #tables(): Completion[] {
    const label = say(this.#analysis.locale, 'table');
    return this.#names.flatMap((names) => names.tables.all.map(({ display }) => plain(display, 'table', 0, label)));
  }

  #scripts(isQuoted = false): Completion[] {
    const label = say(this.#analysis.locale, 'script');
    return this.#analysis.scripts
      .filter((script) => script !== this.#script)
      .map(({ name }) => {
        const short = name.replace(/\.bas$/i, '');
        return { ...plain(isQuoted ? name : short, 'script', 0, label), insert: isQuoted ? `"${name}"` : short };
      });
  }

  /** Scripts whose names mean nothing else, as calls with places for their PARAMs. */
  #scriptCalls(): Completion[] {
    const others = this.#analysis.scripts.filter((script) => script !== this.#script);
    return others.flatMap((script) => {
      const form = formOf(script);
      const upper = form.name.toUpperCase();
      const isName = scriptNames([script]).size > 0 && !languageWords.has(upper);
      if (!isName || this.#names.some((names) => names.named(upper).some(({ kind }) => kind !== 'label'))) return [];
      const places = form.params.map((name, position) => `\${${position + 1}:${name}}`).join(', ');
      const detail = `${say(this.#analysis.locale, 'script')} ${shownForm(form)}`;
      return [{ ...plain(form.name, 'script', 1, detail), insert: `${form.name}(${places})`, isSnippet: places !== '' }];
    });
  }

  #labels(): Completion[] {
    const label = say(this.#analysis.locale, 'label');
    const { file, from } = { file: this.#script.index, from: this.#cursor.from };
    return this.#names.flatMap((names) => {
      const procedure = names.procedureAt(file, from);
      return names.all
        .filter(
          ({ kind, owner, places }) =>
            kind === 'label' && owner === procedure && places.some(({ role }) => role === 'declaration'),
        )
        .map(({ display }) => plain(display, 'label', 0, label));
    });
  }

  #isLabelNext(): boolean {
    const { tokens } = this.#cursor;
    let at = tokens.length - 1;
    while (at > 1 && tokens[at]!.upper === ',') at -= 2;
    return tokens[at]?.kind === 'name' && ['GOTO', 'GOSUB', 'RESUME', 'RESTORE'].includes(tokens[at]!.upper);
  }

  #ends(): Completion[] {
    const innermost = openBlocks(this.#script, this.#cursor.from)
      .map(({ word }) => closing[word])
      .filter((closer) => closer.startsWith('END '));
    const rest = Object.values(closing).filter((closer) => closer.startsWith('END '));
    const words = [...new Set([...innermost, ...rest])].map((closer) => closer.slice(4));
    return words.map((word, index) => plain(word, 'keyword', index < innermost.length ? 0 : 2));
  }

  #loops(word: 'EXIT' | 'CONTINUE'): Completion[] {
    const kinds = word === 'EXIT' ? ['FOR', 'WHILE', 'DO', 'SELECT', 'TRY', 'SUB', 'FUNCTION'] : ['FOR', 'WHILE', 'DO'];
    const open = openBlocks(this.#script, this.#cursor.from).map((block) => block.word as string);
    return kinds.map((kind) => plain(kind, 'keyword', open.includes(kind) ? 0 : 2));
  }

  /** The variables of the loops that are open at a NEXT, innermost first. */
  #counters(next: number): Completion[] {
    const loops = openBlocks(this.#script, next).filter(({ word }) => word === 'FOR');
    return loops.flatMap(({ start }) => {
      const name = /^FOR[ \t]+(?:EACH[ \t]+)?([\p{L}_][\p{L}\p{N}_]*)/iu.exec(this.#script.text.slice(start, start + 200))?.[1];
      return name ? [plain(name, 'variable', 0)] : [];
    });
  }

  #named(kinds: readonly Named['kind'][]): Completion[] {
    const { index } = this.#script;
    const { from, to } = this.#cursor;
    return this.#names.flatMap((names) =>
      names
        .visibleAt(index, from)
        .filter(
          ({ kind, places }) =>
            kinds.includes(kind) && places.some(({ span }) => !(span.file === index && span.start === from && span.end === to)),
        )
        .map((named) => this.#namedItem(named)),
    );
  }

  #namedItem(named: Named): Completion {
    const { kind, display, procedure, owner } = named;
    const what = say(this.#analysis.locale, kind);
    if (!procedure) return plain(display, 'variable', 1, owner ? say(this.#analysis.locale, 'of', what, owner.display) : what);
    const parameters = procedure.parameters.map((parameter) => parameter.display);
    const places = parameters.map((name, position) => `\${${position + 1}:${name}}`).join(', ');
    return {
      label: display,
      kind: 'procedure',
      detail: `${procedure.kind} ${display}(${parameters.join(', ')})`,
      insert: `${display}(${places})`,
      isSnippet: true,
      rank: 1,
      keyword: null,
    };
  }

  /** A keyword without those of its words that are there already, and places for its values. */
  #phrase({ words, keyword, forms }: Phrase, wordsThere: number, rank: 0 | 2): Completion {
    const rest = words.slice(wordsThere).join(' ');
    const kind: CompletionKind =
      keyword.kind === 'function' || keyword.kind === 'operation' || keyword.kind === 'constant' ? keyword.kind : 'keyword';
    const base = { label: rest, kind, detail: keyword.syntax, rank, keyword };
    if (keyword.kind === 'function' && functionKeywords.has(words.join(' ')))
      return { ...base, insert: keyword.params ? `${rest}($0)` : rest, isSnippet: (keyword.params ?? '') !== '' };
    const insert = forms[0] ? rest + formSnippet(forms[0]) : rest;
    return { ...base, insert, isSnippet: insert !== rest };
  }

  get #language(): 'en' | 'pt' {
    return this.#analysis.locale === 'pt-BR' ? 'pt' : 'en';
  }
}

function plain(label: string, kind: CompletionKind, rank: 0 | 1 | 2, detail = ''): Completion {
  return { label, kind, detail, insert: label, isSnippet: false, rank, keyword: null };
}

function snippetItem(label: string, insert: string, keyword: Keyword | null): Completion {
  return { label, kind: 'snippet', detail: '…', insert, isSnippet: true, rank: 1, keyword };
}

/** Whether a statement begins after these tokens of a line. */
function startsStatement(tokens: readonly Token[]): boolean {
  const last = tokens.at(-1);
  if (last === undefined) return true;
  if (last.kind === 'number') return tokens.length === 1;
  if (last.kind === 'operator' && last.upper === ':') return !tokens.some(({ upper }) => upper === '{' || upper === '?');
  return last.kind === 'name' && (last.upper === 'THEN' || last.upper === 'ELSE');
}

const beforeValues = new Set(
  'AND OR XOR NOT MOD IN LIKE CONTAINS IS THEN ELSE IF ELSEIF WHILE UNTIL TO STEP CASE RETURN TALK PRINT WITH BY WHERE SET USING VALUES INTO FROM ON LIMIT DEFAULT AS NEW THROW ASSERT SELECT SWITCH'.split(
    ' ',
  ),
);

/** Whether a value ends here, so that an operator or a word must follow. */
function isOperand(last: Token, before: Token | undefined): boolean {
  if (last.kind === 'operator') return last.upper === ')' || last.upper === ']' || last.upper === '}';
  if (last.kind === 'name') {
    const isProperty = before?.kind === 'operator' && before.upper === '.';
    return isProperty || !(beforeValues.has(last.upper) || isKeywordHere(last));
  }
  return last.kind === 'number' || last.kind === 'string';
}

/** Written in capitals and a keyword of the host: values follow it. */
function isKeywordHere(token: Token): boolean {
  const found = token.text === token.upper ? phraseFrom([token], 0) : null;
  const kind = found?.phrase.keyword.kind;
  return (
    kind === 'operation' ||
    kind === 'statement' ||
    kind === 'declaration' ||
    (typeNames.has(token.upper) ? false : kind === 'function')
  );
}

/** The last keyword of the host on the line. */
function phraseBefore(
  tokens: readonly Token[],
): { readonly phrase: Phrase; readonly index: number; readonly count: number } | null {
  for (let index = tokens.length - 1; index >= 0; index--) {
    const isStart = startsStatement(tokens.slice(0, index)) || tokens[index - 1]?.kind === 'operator';
    const found = isStart ? phraseFrom(tokens, index, ({ kind }) => kind === 'operation' || kind === 'declaration') : null;
    if (found) return found;
  }
  return null;
}

/** `ORDER.CUSTOMER` from `order[1].customer.`; null after something that is not reached by names. */
function pathBefore(tokens: readonly Token[]): string | null {
  const parts: string[] = [];
  let at = tokens.length - 1;
  for (;;) {
    if (tokens[at]?.upper !== '.' && tokens[at]?.upper !== '?.') break;
    at--;
    for (let depth = 0; at >= 0; at--) {
      const { kind, upper } = tokens[at]!;
      if (kind === 'operator' && (upper === ')' || upper === ']')) depth++;
      else if (kind === 'operator' && (upper === '(' || upper === '[')) depth--;
      else if (depth === 0) break;
    }
    if (tokens[at]?.kind !== 'name') return null;
    parts.unshift(tokens[at]!.upper);
    at--;
  }
  return parts.length > 0 ? parts.join('.') : null;
}

/** Blocks around an offset, innermost first. */
function openBlocks({ record }: ScriptAnalysis, offset: number): BlockRecord[] {
  return record.blocks.filter(({ start, end }) => start < offset && offset <= end).sort((a, b) => b.start - a.start);
}

function innermostBlock(script: ScriptAnalysis, offset: number): BlockRecord | null {
  return openBlocks(script, offset)[0] ?? null;
}
