import type { Expression, LabelReference, Name, Statement } from '../ast.ts';
import type { DiagnosticBag } from '../diagnostics.ts';
import { blockDepthMax } from '../parse/context.ts';
import type { Span } from '../source.ts';
import type { CloseFor, CloseWhile, Flat, FlatLine, OpenFor, OpenWhile } from './flat.ts';
import { type Line, lineName } from './lines.ts';

/**
 * Puts loops together. Where every NEXT closes the innermost open FOR, and every WEND the innermost open WHILE, over the
 * whole program and inside each IF of its own, the lines become nested loops. Otherwise the program steers its loops
 * while it runs, as the interpreters allowed: FOR and NEXT stay statements of their own, and WHILE becomes jumps.
 */
export interface LoopOptions {
  /** Lines that something jumps to. */
  readonly labels: ReadonlySet<string>;
  /** Statements that moved elsewhere. */
  readonly moved: ReadonlySet<Statement>;
}

interface Loop {
  readonly opener: OpenFor | OpenWhile | null;
  readonly body: Statement[];
}

/** The program as nested loops, or null when they do not pair like brackets, or nest too deeply to be followed. */
export function nested(lines: readonly FlatLine[], options: LoopOptions): Statement[] | null {
  const main: Loop[] = [{ opener: null, body: [] }];
  for (const { line, flats, label } of lines) {
    if (label !== null && options.labels.has(label)) main.at(-1)!.body.push({ kind: 'label', span: line.span, name: label });
    if (!nest(main, flats, options, 0)) return null;
  }
  return main.length === 1 ? main[0]!.body : null;
}

function nest(loops: Loop[], flats: readonly Flat[], options: LoopOptions, depth: number): boolean {
  for (const flat of flats) {
    const loop = loops.at(-1)!;
    switch (flat.kind) {
      case 'openFor':
      case 'openWhile':
        if (loops.length + depth >= blockDepthMax) return false;
        loops.push({ opener: flat, body: [] });
        break;
      case 'closeFor': {
        const { opener } = loop;
        if (opener?.kind !== 'openFor' || (flat.variable && flat.variable.name !== opener.variable.name)) return false;
        loops.pop();
        const { variable, from, to, step } = opener;
        loops.at(-1)!.body.push({ kind: 'for', span: opener.span, variable, from, to, step, body: loop.body });
        break;
      }
      case 'closeWhile': {
        const { opener } = loop;
        if (opener?.kind !== 'openWhile') return false;
        loops.pop();
        loops.at(-1)!.body.push({
          kind: 'while',
          span: opener.span,
          word: 'WHILE',
          condition: opener.condition,
          isUntil: false,
          isTestedLast: false,
          body: loop.body,
        });
        break;
      }
      case 'flatIf': {
        const inside = loops.length + depth + 1;
        const body = nestAlone(flat.body, options, inside);
        const otherwise = nestAlone(flat.otherwise, options, inside);
        if (!body || !otherwise) return false;
        loop.body.push({ kind: 'if', span: flat.span, branches: [{ condition: flat.condition, body }], otherwise });
        break;
      }
      default:
        if (!options.moved.has(flat)) loop.body.push(flat);
    }
  }
  return true;
}

function nestAlone(flats: readonly Flat[], options: LoopOptions, depth: number): Statement[] | null {
  if (depth >= blockDepthMax) return null;
  const loops: Loop[] = [{ opener: null, body: [] }];
  return nest(loops, flats, options, depth) && loops.length === 1 ? loops[0]!.body : null;
}

/** The program with FOR and NEXT as they stand. What has no partner anywhere is reported to `bag`. */
export function loose(lines: readonly FlatLine[], options: LoopOptions, bag: DiagnosticBag | null): Statement[] {
  const pairs = pair(lines, bag);
  const build = (flats: readonly Flat[]): Statement[] => flats.flatMap((flat) => buildOne(flat));
  const buildOne = (flat: Flat): Statement[] => {
    switch (flat.kind) {
      case 'openFor': {
        const { span, variable, from, to, step } = flat;
        return [{ kind: 'looseFor', span, variable, from, to, step, next: pairs.nextOf.get(flat) ?? null }];
      }
      case 'closeFor': {
        const next = pairs.nexts.get(flat);
        return next ? [{ kind: 'looseNext', span: flat.span, number: next.number, variable: next.variable }] : [];
      }
      case 'openWhile': {
        const number = pairs.whiles.get(flat);
        if (number === undefined) return [];
        return [
          { kind: 'label', span: flat.span, name: `WHILE ${number}` },
          whileEntry(flat.condition, flat.span, { name: `WEND ${number}`, span: flat.span }),
        ];
      }
      case 'closeWhile': {
        const number = pairs.whiles.get(flat);
        if (number === undefined) return [];
        return [
          { kind: 'goto', span: flat.span, label: { name: `WHILE ${number}`, span: flat.span } },
          { kind: 'label', span: flat.span, name: `WEND ${number}` },
        ];
      }
      case 'flatIf':
        return [
          {
            kind: 'if',
            span: flat.span,
            branches: [{ condition: flat.condition, body: build(flat.body) }],
            otherwise: build(flat.otherwise),
          },
        ];
      default:
        return options.moved.has(flat) ? [] : [flat];
    }
  };
  const statements: Statement[] = [];
  for (const { line, flats, label } of lines) {
    if (label !== null && options.labels.has(label)) statements.push({ kind: 'label', span: line.span, name: label });
    statements.push(...build(flats));
  }
  return statements;
}

function whileEntry(condition: Expression, span: Span, label: LabelReference): Statement {
  return { kind: 'if', span, branches: [{ condition, body: [] }], otherwise: [{ kind: 'goto', span, label }] };
}

interface Pairs {
  /** For a FOR whose loop runs zero times: the number of the NEXT to go on after. */
  readonly nextOf: Map<Flat, number>;
  readonly nexts: Map<Flat, { readonly number: number; readonly variable: Name }>;
  /** WHILE and WEND that belong together share a number. */
  readonly whiles: Map<Flat, number>;
}

interface Opened {
  readonly flat: OpenFor;
  /** How many IFs it stands in. */
  readonly depth: number;
  isClosed: boolean;
}

/**
 * In the order of the text. A NEXT with a name belongs to the last FOR of that name that is still open; a NEXT alone to
 * the last FOR that is still open, or when none is, to the last FOR there was. A NEXT inside an IF leaves a FOR from
 * outside that IF open, because it runs only sometimes.
 */
function pair(lines: readonly FlatLine[], bag: DiagnosticBag | null): Pairs {
  return new Pairing(bag).run(lines);
}

class Pairing {
  readonly #bag: DiagnosticBag | null;
  readonly #pairs: Pairs = { nextOf: new Map(), nexts: new Map(), whiles: new Map() };
  readonly #open: Opened[] = [];
  readonly #openByName = new Map<string, Opened[]>();
  readonly #firstByName = new Map<string, OpenFor>();
  readonly #whiles: OpenWhile[] = [];
  /** NEXTs with a name no open FOR has. */
  readonly #lost: CloseFor[] = [];
  #last: OpenFor | null = null;
  #loops = 0;

  constructor(bag: DiagnosticBag | null) {
    this.#bag = bag;
  }

  run(lines: readonly FlatLine[]): Pairs {
    for (const { flats } of lines) this.#visit(flats, 0);
    for (const one of this.#whiles) this.#bag?.report('while_unclosed', one.span);
    for (const { span, variable } of this.#lost) {
      if (!this.#firstByName.has(variable!.name)) this.#bag?.report('next_unopened', span);
    }
    const stepped = new Set([...this.#pairs.nexts.values()].map(({ variable }) => variable.name));
    for (const [name, { span, variable }] of this.#firstByName) {
      if (!stepped.has(name)) this.#bag?.report('for_without_next', span, variable.display);
    }
    return this.#pairs;
  }

  #visit(flats: readonly Flat[], depth: number): void {
    for (const flat of flats) {
      if (flat.kind === 'openFor') this.#openFor(flat, depth);
      else if (flat.kind === 'closeFor') this.#closeFor(flat, depth);
      else if (flat.kind === 'openWhile') this.#whiles.push(flat);
      else if (flat.kind === 'closeWhile') this.#closeWhile(flat);
      else if (flat.kind === 'flatIf') {
        this.#visit(flat.body, depth + 1);
        this.#visit(flat.otherwise, depth + 1);
      }
    }
  }

  #openFor(flat: OpenFor, depth: number): void {
    const opened = { flat, depth, isClosed: false };
    const { name } = flat.variable;
    this.#open.push(opened);
    const named = this.#openByName.get(name);
    if (named) named.push(opened);
    else this.#openByName.set(name, [opened]);
    if (!this.#firstByName.has(name)) this.#firstByName.set(name, flat);
    this.#last = flat;
  }

  #closeFor(flat: CloseFor, depth: number): void {
    while (this.#open.at(-1)?.isClosed) this.#open.pop();
    const found = (flat.variable ? this.#openByName.get(flat.variable.name) : this.#open)?.at(-1);
    const variable = flat.variable ?? (found?.flat ?? this.#last)?.variable;
    if (!variable) {
      this.#bag?.report('next_unopened', flat.span);
      return;
    }
    const number = this.#pairs.nexts.size;
    this.#pairs.nexts.set(flat, { number, variable: flat.variable ?? { ...variable, span: flat.span } });
    if (!found) {
      if (flat.variable) this.#lost.push(flat);
      return;
    }
    if (!this.#pairs.nextOf.has(found.flat)) this.#pairs.nextOf.set(found.flat, number);
    if (depth > found.depth) return;
    found.isClosed = true;
    this.#openByName.get(found.flat.variable.name)!.pop();
  }

  #closeWhile(flat: CloseWhile): void {
    const opener = this.#whiles.pop();
    if (!opener) return this.#bag?.report('wend_unopened', flat.span);
    this.#pairs.whiles.set(opener, this.#loops);
    this.#pairs.whiles.set(flat, this.#loops++);
  }
}

/** What a loop of `minimal` looks like to a jump: the lines after its FOR up to its NEXT. */
interface Block {
  readonly from: number;
  readonly to: number;
  readonly opener: Line;
}

/**
 * Whether something jumps from outside into the body of a loop. The interpreters go on with the loop if its FOR was run
 * before, and report its NEXT if not; only loose loops know. `lines` pair like brackets.
 */
export function isLoopEntered(
  lines: readonly FlatLine[],
  jumps: readonly { readonly label: LabelReference; readonly line: Line }[],
): boolean {
  const open: number[] = [];
  const blocks: { readonly from: number; readonly to: number }[] = [];
  for (const [index, { flats }] of lines.entries()) {
    for (const { kind } of flats) {
      if (kind === 'openFor') open.push(index);
      else if (kind === 'closeFor') blocks.push({ from: (open.pop() ?? index) + 1, to: index });
    }
  }
  const indexes = new Map(lines.map(({ line }, index) => [line, index]));
  const byLabel = new Map(lines.map(({ label }, index) => [label, index]));
  // By their beginnings, so that a jump looks only at the loops that begin before its target.
  blocks.sort((a, b) => a.from - b.from);
  return jumps.some(({ label, line }) => {
    const target = byLabel.get(label.name);
    const source = indexes.get(line);
    if (target === undefined || source === undefined) return false;
    for (const { from, to } of blocks) {
      if (from > target) return false;
      if (target <= to && (source < from - 1 || source > to)) return true;
    }
    return false;
  });
}

/**
 * The rules of ECMA-55, section 13.4, for loops: each FOR has its NEXT, loops do not cross, a loop inside a loop counts
 * with another variable, and nothing jumps from outside to a line after a FOR up to its NEXT. `jumps` are the lines from
 * and to which something jumps.
 */
export function checkMinimalLoops(
  lines: readonly FlatLine[],
  jumps: readonly { readonly label: LabelReference; readonly line: Line }[],
  bag: DiagnosticBag,
): void {
  const open: { readonly flat: OpenFor; readonly line: Line; readonly index: number }[] = [];
  const counting = new Map<string, Line[]>();
  /** Closed by a NEXT of a loop around them; their own NEXT, when it comes, is no error on top. */
  const crossed = new Map<string, number>();
  /** By the index of a line: the innermost loop it is in. */
  const inside: (Block | null)[] = lines.map(() => null);
  const close = (index: number): void => {
    const { flat, line, index: from } = open.pop()!;
    counting.get(flat.variable.name)!.pop();
    const block: Block = { from: from + 1, to: index, opener: line };
    // Inner loops close first, and are stepped over here: each line is filled in once.
    for (let at = block.from; at <= index; ) {
      const inner = inside[at];
      if (inner) at = inner.to + 1;
      else inside[at++] = block;
    }
  };
  for (const [index, { flats, line }] of lines.entries()) {
    for (const flat of flats) {
      if (flat.kind === 'openFor') {
        const same = counting.get(flat.variable.name);
        if (same?.length) bag.report('for_same_variable', flat.variable.span, flat.variable.display, lineName(same.at(-1)!, bag));
        if (same) same.push(line);
        else counting.set(flat.variable.name, [line]);
        open.push({ flat, line, index });
      } else if (flat.kind === 'closeFor') {
        const { name, display } = flat.variable!;
        const top = open.at(-1);
        if (top?.flat.variable.name === name) close(index);
        else if (!counting.get(name)?.length) {
          const left = crossed.get(name) ?? 0;
          if (left === 0) bag.report('next_unopened', flat.span);
          else crossed.set(name, left - 1);
        } else {
          bag.report('for_crossed', flat.span, display, top!.flat.variable.display, lineName(top!.line, bag));
          for (let inner = open.at(-1)!.flat.variable.name; inner !== name; inner = open.at(-1)!.flat.variable.name) {
            crossed.set(inner, (crossed.get(inner) ?? 0) + 1);
            close(index);
          }
          close(index);
        }
      }
    }
  }
  for (const { flat } of open) bag.report('for_unclosed', flat.span, flat.variable.display);

  const indexes = new Map(lines.map(({ line }, index) => [line, index]));
  const byLabel = new Map(lines.map(({ label }, index) => [label, index]));
  for (const { label, line } of jumps) {
    const target = byLabel.get(label.name);
    const block = target === undefined ? null : inside[target];
    if (!block) continue;
    const source = indexes.get(line)!;
    if (source < block.from || source > block.to)
      bag.report('jump_into_for', label.span, label.name, lineName(block.opener, bag));
  }
}
