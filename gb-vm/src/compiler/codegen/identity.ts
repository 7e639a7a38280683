import type { Expression, Statement } from '../ast.ts';
import type { DebugMap } from '../layout.ts';
import type { ProcedureInfo, Variable } from '../scope.ts';
import type { SourceFile, Span } from '../source.ts';
import { blocksOf, expressionsOf } from '../walk.ts';
import type { Block } from './blocks.ts';
import { wordOf } from './words.ts';

/**
 * What a conversation that waits depends on, under names that survive when the program is compiled again from changed
 * scripts, or in another build: each statement by a hash of its own text, each block that a frame, a handler or a list of
 * GOSUBs may point at and each hidden slot by its statement and its role in it. `runtime/migrate.ts` reads this.
 */
export class Identity {
  readonly #files: readonly SourceFile[];
  readonly #numbers = new Map<Statement, number>();
  readonly #statements: number[] = [];
  readonly #parents: number[] = [];
  readonly #blocks: NamedBlock[] = [];
  readonly #slots: { readonly variable: Variable; readonly statement: number; readonly role: string }[] = [];
  readonly #counts = new Map<string, number>();
  #current: Statement | null = null;
  /** Of the current statement, once they are asked for. */
  #roots: RootPlace[] | null = null;

  constructor(procedure: ProcedureInfo, files: readonly SourceFile[]) {
    this.#files = files;
    this.#number(procedure.body, -1);
  }

  #number(body: readonly Statement[], parent: number): void {
    for (const statement of body) {
      const number = this.#statements.push(hash(this.#textOf(statement))) - 1;
      this.#parents.push(parent);
      this.#numbers.set(statement, number);
      for (const block of blocksOf(statement)) this.#number(block, number);
    }
  }

  /** While `work` cuts this statement, what is named belongs to it. */
  within(statement: Statement, work: () => void): void {
    const before = [this.#current, this.#roots] as const;
    [this.#current, this.#roots] = [statement, null];
    work();
    [this.#current, this.#roots] = before;
  }

  /** A block that may be where a conversation goes on. `wait` is set later, when the number of its HEAR is known. */
  block(block: Block, role: string): NamedBlock {
    const named = { block, statement: this.#at(), role: this.#numbered(role), wait: 0 };
    this.#blocks.push(named);
    return named;
  }

  slot(variable: Variable, role: string): void {
    this.#slots.push({ variable, statement: this.#at(), role: this.#numbered(role) });
  }

  /** A slot that several statements share, like the limit of a loop whose FOR and NEXT do not pair. */
  sharedSlot(variable: Variable, role: string): void {
    this.#slots.push({ variable, statement: -1, role });
  }

  /** The name of what an expression leaves behind: where it stands in the text of its statement. */
  roleOf(letter: string, { span }: Expression): string {
    const root = this.#rootAround(span);
    if (!root) return `${letter}${hash(normal(this.#slice(span))).toString(36)}`;
    const [start, end] = [root.offsets[span.start - root.span.start]!, root.offsets[span.end - root.span.start]!];
    return `${letter}${hash(`${root.hash} ${start} ${end}`).toString(36)}`;
  }

  /** Of the expressions that stand directly in the current statement the one around this place. */
  #rootAround(span: Span): Root | null {
    if (!this.#current) return null;
    this.#roots ??= expressionsOf(this.#current)
      .map((root): RootPlace => ({ span: root.span, read: null }))
      .sort((a, b) => a.span.start - b.span.start);
    let low = 0;
    let high = this.#roots.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#roots[middle]!.span.start <= span.start) low = middle + 1;
      else high = middle;
    }
    const place = this.#roots[low - 1];
    if (!place || place.span.file !== span.file || span.end > place.span.end) return null;
    // Read once for all that is in it: a list may hold thousands of calls.
    place.read ??= readRoot(place.span, this.#slice(place.span));
    return place.read;
  }

  /** When all code is written and every block has its number. */
  finish(procedure: ProcedureInfo): ProcedureIdentity {
    const known = new Set(this.#slots.map(({ variable }) => variable));
    const others = [...procedure.variables.values()].filter((variable) => variable.isHidden && !known.has(variable));
    return {
      statements: this.#statements,
      parents: this.#parents,
      blocks: this.#blocks
        .filter(({ block }) => block.index >= 0)
        .map(({ block, statement, role, wait }) =>
          wait > 0 ? ([block.index, statement, role, wait] as const) : ([block.index, statement, role] as const),
        ),
      slots: [
        ...this.#slots.map(({ variable, statement, role }) => [variable.slot, statement, role] as const),
        ...others.map((variable) => [variable.slot, -1, `${kindOf[variable.name] ?? ''}${variable.name}`] as const),
      ],
    };
  }

  #at(): number {
    return this.#current ? (this.#numbers.get(this.#current) ?? -1) : -1;
  }

  /** The parser copies some expressions, which then stand at one place and have one text. */
  #numbered(role: string): string {
    const key = `${this.#at()} ${role}`;
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return count === 1 ? role : `${role}.${count}`;
  }

  /** Of a block statement only what opens it: what stands inside has an identity of its own. */
  #textOf(statement: Statement): string {
    const all = expressionsOf(statement);
    const isOpening = statement.kind === 'if' || statement.kind === 'select';
    const roots = isOpening ? all.slice(0, 1) : all;
    const spans = [statement.span, ...roots.map(({ span }) => span)].filter(({ file }) => file === statement.span.file);
    const start = Math.min(...spans.map((span) => span.start));
    const end = Math.max(...spans.map((span) => span.end));
    const label = statement.kind === 'label' || statement.kind === 'include' ? statement.name : '';
    // The span of a block statement may reach over all that is inside it.
    const text =
      blocksOf(statement).length > 0
        ? roots.map(({ span }) => normal(this.#slice(span))).join(' ')
        : normal(this.#slice({ file: statement.span.file, start, end }));
    return `${statement.kind} ${wordOf(statement)} ${label} ${text}`;
  }

  #slice({ file, start, end }: Span): string {
    return this.#files[file]?.text.slice(start, end) ?? '';
  }
}

export interface NamedBlock {
  readonly block: Block;
  readonly statement: number;
  readonly role: string;
  wait: number;
}

type ProcedureIdentity = NonNullable<DebugMap['procedures'][number]['identity']>;

/** What hidden variables of a whole procedure hold, as the first letter of their role; see `identity` in layout.ts. */
const kindOf: Readonly<Record<string, string>> = {
  '~handler': '@',
  '~handling': '@',
  '~at': '#',
  '~next': '#',
  '~failedAt': '#',
  '~failedNext': '#',
  '~gosub': '*',
};

interface RootPlace {
  readonly span: Span;
  read: Root | null;
}

interface Root {
  readonly span: Span;
  readonly hash: number;
  /** By offset in its text, where that is in the normal form. */
  readonly offsets: Uint32Array;
}

function readRoot(span: Span, text: string): Root {
  const offsets = new Uint32Array(text.length + 1);
  return { span, hash: hash(normal(text, offsets)), offsets };
}

/** The same for texts that differ in blanks, line ends and capitals only, quoted texts aside. */
function normal(text: string, offsets: Uint32Array | null = null): string {
  let made = '';
  let isQuoted = false;
  let isParted = false;
  // Kept beside the text, which is only put together in the end.
  let last: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (offsets) offsets[at] = made.length;
    if (character === '"') isQuoted = !isQuoted;
    if (!isQuoted && isBlank(character)) {
      isParted = true;
      continue;
    }
    // A blank counts only between words.
    if (isParted && isWord(last) && isWord(character)) made += ' ';
    isParted = false;
    made += isQuoted ? character : character.toUpperCase();
    last = character;
  }
  if (offsets) offsets[text.length] = made.length;
  return made;
}

const isBlank = (character: string): boolean => character <= ' ' || character === '\u00a0';

function isWord(character: string | undefined): boolean {
  if (character === undefined) return false;
  const code = character.charCodeAt(0);
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95 || code > 127;
}

/** FNV-1a, 32 bits. A collision makes two statements look alike, which the statements around them then decide. */
function hash(text: string): number {
  let value = 2166136261;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 16777619);
  return value >>> 0;
}
