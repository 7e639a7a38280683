import type { Dim, Expression, Name, Statement } from '../ast.ts';
import type { DiagnosticBag } from '../diagnostics.ts';
import { makeNode } from '../parse/nodes.ts';
import type { Profile } from '../profile.ts';
import type { Span } from '../source.ts';
import { type Line, lineName } from './lines.ts';

/** ECMA-55, section 18.4, and every interpreter after it: an array nobody gave a size to ends at subscript 10. */
const impliedBound = 10;

export interface ArrayReference {
  /** Without parentheses, with its suffix: `A`, `N$`. */
  readonly name: string;
  readonly span: Span;
  readonly line: Line;
}

interface Declared {
  readonly name: string;
  readonly subscripts: number;
  readonly first: ArrayReference;
  readonly dims: Dim[];
  dimLine: Line | null;
  useLine: Line | null;
  isErased: boolean;
}

/**
 * The arrays of a program: how many subscripts each has, and where it gets its size.
 *
 * The interpreters made an array when it was first used. Here arrays are made at the start of the program: those without
 * DIM as if `DIM name(10)` stood there, and those whose only DIM has constant sizes, which is moved there. A DIM that
 * computes its size stays where it is; until it has run, the array has the implied size.
 */
export class Arrays {
  readonly #bag: DiagnosticBag;
  readonly #profile: Profile;
  readonly #arrays = new Map<string, Declared>();
  /** Lines of the first simple variable of a letter; only `minimal` forbids an array of the same letter. */
  readonly #simple = new Map<string, Line>();
  #base: 0 | 1 | null = null;

  constructor(bag: DiagnosticBag, profile: Profile) {
    this.#bag = bag;
    this.#profile = profile;
  }

  get base(): 0 | 1 {
    return this.#base ?? 0;
  }

  /** ECMA-55, section 18.4: once, and in a lower-numbered line than any DIM and any subscripted variable. */
  option(value: 0 | 1, span: Span): void {
    if (this.#base !== null) this.#bag.report('option_duplicate', span);
    else if (this.#arrays.size > 0) this.#bag.report('option_too_late', span);
    else this.#base = value;
  }

  /** ECMA-55, section 7.4: one letter does not name both a simple variable and an array. */
  useSimple(name: string, span: Span, line: Line): void {
    if (this.#profile !== 'minimal' || this.#simple.has(name)) return;
    this.#simple.set(name, line);
    const array = this.#arrays.get(name);
    if (array) this.#bag.report('array_and_variable', span, name, lineName(array.first.line, this.#bag));
  }

  useElement(reference: ArrayReference, subscripts: number): void {
    const array = this.#declare(reference, subscripts);
    array.useLine ??= reference.line;
  }

  /** Gives the statement back that was made of it, for `isMoved`. */
  dim(reference: ArrayReference, target: Name, sizes: readonly Expression[]): Dim {
    const dim: Dim = { kind: 'dim', span: reference.span, target, sizes, typeName: null, value: null };
    const array = this.#declare(reference, sizes.length);
    if (this.#profile === 'minimal' && array.dimLine)
      this.#bag.report('array_duplicate', reference.span, reference.name, lineName(array.dimLine, this.#bag));
    else if (this.#profile === 'minimal' && array.useLine)
      this.#bag.report('array_used_early', reference.span, reference.name, lineName(array.useLine, this.#bag));
    array.dimLine ??= reference.line;
    array.dims.push(dim);
    return dim;
  }

  /** ERASE name: the array may be used again, or get another size. Null when there is no such array. */
  erase(reference: ArrayReference): Dim | null {
    const array = this.#arrays.get(reference.name);
    if (!array) return null;
    array.isErased = true;
    return impliedDim(array.name, reference.span, array.subscripts);
  }

  /** The DIMs to put before the first statement. */
  atStart(): Statement[] {
    return [...this.#arrays.values()].map((array) => {
      if (!isOnlyConstant(array)) return impliedDim(array.name, array.first.span, array.subscripts);
      const dim = array.dims[0]!;
      return array.isErased ? copyOf(dim, array.name) : dim;
    });
  }

  /** The arrays as at the start once more, for CLEAR: those with a DIM of their own get their size from it again. */
  again(): Statement[] {
    return [...this.#arrays.values()].map((array) =>
      isOnlyConstant(array) ? copyOf(array.dims[0]!, array.name) : impliedDim(array.name, array.first.span, array.subscripts),
    );
  }

  /** The DIMs that moved to the start, and are not to run where they were written. */
  moved(): Set<Statement> {
    return new Set(
      [...this.#arrays.values()].filter((array) => isOnlyConstant(array) && !array.isErased).map(({ dims }) => dims[0]!),
    );
  }

  #declare(reference: ArrayReference, subscripts: number): Declared {
    const { name, span } = reference;
    const known = this.#arrays.get(name);
    if (known) {
      if (known.subscripts !== subscripts)
        this.#bag.report(
          'subscripts_differ',
          span,
          name,
          this.#count(subscripts),
          this.#count(known.subscripts),
          lineName(known.first.line, this.#bag),
        );
      return known;
    }
    const simple = this.#simple.get(name);
    if (simple) this.#bag.report('array_and_variable', span, name, lineName(simple, this.#bag));
    const array: Declared = { name, subscripts, first: reference, dims: [], dimLine: null, useLine: null, isErased: false };
    this.#arrays.set(name, array);
    return array;
  }

  #count(subscripts: number): string {
    if (this.#bag.locale === 'pt-BR') return subscripts === 1 ? '1 índice' : `${subscripts} índices`;
    return subscripts === 1 ? '1 subscript' : `${subscripts} subscripts`;
  }
}

/** Arrays have a name space of their own: `A(1)` has nothing to do with `A`. */
export function arrayName(span: Span, name: string): Name {
  return makeNode(span, 1, { kind: 'name', name: `${name}()`, display: name, variable: null, call: null });
}

function isOnlyConstant(array: Declared): boolean {
  return array.dims.length === 1 && array.dims[0]!.sizes.every((size) => size.kind === 'number');
}

/** A tree holds no node twice. Only for constant sizes. */
function copyOf(dim: Dim, name: string): Dim {
  return { ...dim, target: arrayName(dim.target.span, name), sizes: dim.sizes.map((size) => ({ ...size })) };
}

function impliedDim(name: string, span: Span, subscripts: number): Dim {
  const sizes = Array.from({ length: subscripts }, () => makeNode(span, 1, { kind: 'number', value: impliedBound }));
  return { kind: 'dim', span, target: arrayName(span, name), sizes, typeName: null, value: null };
}
