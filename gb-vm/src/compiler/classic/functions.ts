import type { DiagnosticBag } from '../diagnostics.ts';
import type { Profile } from '../profile.ts';
import type { Span } from '../source.ts';
import { type Line, lineName } from './lines.ts';

interface Definition {
  readonly line: Line;
  /** One letter for each value it takes, n or s; null when its DEF could not be read. */
  readonly takes: string | null;
  readonly uses: Set<string>;
}

interface Use {
  readonly name: string;
  /** One letter for each value. */
  readonly values: string;
  readonly span: Span;
  /** No DEF of it was read yet. */
  readonly isEarly: boolean;
}

/**
 * The functions a program defines with DEF. In `minimal` a definition stands above every use (ECMA-55, section 10.4);
 * elsewhere it has only to run first, which is not known here.
 */
export class Functions {
  readonly #bag: DiagnosticBag;
  readonly #profile: Profile;
  readonly #definitions = new Map<string, Definition>();
  readonly #uses: Use[] = [];
  #open: { readonly name: string; readonly line: Line; readonly uses: Set<string> } | null = null;

  constructor(bag: DiagnosticBag, profile: Profile) {
    this.#bag = bag;
    this.#profile = profile;
  }

  /** From here to `define` or `abandon`, what is used is used by this function. */
  begin(name: string, span: Span, line: Line): void {
    const earlier = this.#definitions.get(name);
    if (earlier) this.#bag.report('function_duplicate', span, name, lineName(earlier.line, this.#bag));
    this.#open = { name, line, uses: new Set() };
  }

  define(takes: string): void {
    const open = this.#open;
    if (open && !this.#definitions.has(open.name)) this.#definitions.set(open.name, { line: open.line, takes, uses: open.uses });
    this.#open = null;
  }

  /** The DEF could not be read. It counts as defined, so that its uses are not reported on top. */
  abandon(): void {
    const open = this.#open;
    if (open && !this.#definitions.has(open.name))
      this.#definitions.set(open.name, { line: open.line, takes: null, uses: open.uses });
    this.#open = null;
  }

  /** False when its DEF, already read, is broken. */
  use(name: string, values: string, span: Span): boolean {
    this.#open?.uses.add(name);
    const isOwn = this.#open?.name === name;
    if (isOwn && this.#profile === 'minimal') this.#bag.report('function_recursive', span, name);
    else this.#uses.push({ name, values, span, isEarly: !isOwn && !this.#definitions.has(name) });
    return this.#definitions.get(name)?.takes !== null;
  }

  /** When all lines are read. */
  finish(): void {
    for (const { name, values, span, isEarly } of this.#uses) {
      const definition = this.#definitions.get(name);
      if (!definition) this.#bag.report('function_unknown', span, name);
      else if (isEarly && this.#profile === 'minimal') this.#bag.report('function_too_early', span, name);
      else if (definition.takes !== null && definition.takes.length !== values.length)
        this.#bag.report('function_arguments', span, name, definition.takes.length, values.length);
      else if (definition.takes !== null && definition.takes !== values)
        this.#bag.report(firstDifferent(definition.takes, values) === 'n' ? 'number_needed' : 'text_needed', span);
    }
    if (this.#profile !== 'minimal') this.#reportCycles();
  }

  /**
   * A function that needs itself never ends, as a function of one expression has no choice. Definitions are taken away
   * while all they use is taken away already; what is left is a cycle or leans on one.
   */
  #reportCycles(): void {
    const users = new Map<string, string[]>();
    const needed = new Map<string, number>();
    for (const [name, { uses }] of this.#definitions) {
      const known = [...uses].filter((use) => this.#definitions.has(use));
      needed.set(name, known.length);
      for (const use of known) {
        const list = users.get(use);
        if (list) list.push(name);
        else users.set(use, [name]);
      }
    }
    const ready = [...needed].filter(([, count]) => count === 0).map(([name]) => name);
    for (let name = ready.pop(); name !== undefined; name = ready.pop()) {
      needed.delete(name);
      for (const user of users.get(name) ?? []) {
        const rest = needed.get(user)! - 1;
        needed.set(user, rest);
        if (rest === 0) ready.push(user);
      }
    }
    for (const name of needed.keys()) this.#bag.report('function_recursive', this.#definitions.get(name)!.line.span, name);
  }
}

function firstDifferent(wanted: string, given: string): string {
  return [...wanted].find((kind, index) => kind !== given[index]) ?? '';
}
