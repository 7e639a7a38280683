import type { Apply, Expression, LabelReference, Name, Procedure } from '../ast.ts';
import type { DiagnosticBag } from '../diagnostics.ts';
import { applyNode, makeNode } from '../parse/nodes.ts';
import { expressionDepthMax } from '../parse-expression.ts';
import type { Profile } from '../profile.ts';
import type { SourceFile, Span } from '../source.ts';
import { Arrays, arrayName } from './arrays.ts';
import { Functions } from './functions.ts';
import type { Line } from './lines.ts';
import type { Cursor, Token } from './token.ts';

/** An expression and what it gives: in these dialects every name tells whether it holds a text or a number. */
export interface Typed<T extends Expression = Expression> {
  readonly node: T;
  readonly isText: boolean;
}

/** More subscripts than this no array has; the interpreters allowed 255, memory hardly four. */
export const subscriptsMax = 8;

/** What is known of a whole program while its lines are read one after the other. */
export class Program {
  readonly file: SourceFile;
  readonly bag: DiagnosticBag;
  readonly profile: Profile;
  readonly arrays: Arrays;
  readonly functions: Functions;
  readonly procedures: Procedure[] = [];
  readonly references: { readonly label: LabelReference; readonly line: Line }[] = [];
  /** Simple variables, for CLEAR. */
  readonly variables = new Map<string, { readonly display: string; readonly isText: boolean }>();
  /** The line being read. */
  line: Line;
  /** The parameters of the DEF being read, which are not variables of the program. */
  parameters: ReadonlySet<string> | null = null;
  /** DEFINT and its like: the suffix of names that begin with a letter and have no suffix. */
  readonly letterSuffixes = new Map<string, string>();

  /** RUN or CLEAR is used, which needs a subroutine that forgets all variables. */
  clears = false;

  constructor(file: SourceFile, bag: DiagnosticBag, profile: Profile) {
    this.file = file;
    this.bag = bag;
    this.profile = profile;
    this.arrays = new Arrays(bag, profile);
    this.functions = new Functions(bag, profile);
    this.line = { number: null, span: { file: file.index, start: 0, end: 0 }, start: 0, end: 0 };
  }

  /** `A!` and `A` are one variable of single precision; `A%`, `A#` and `A$` are others. */
  nameOf(word: string): { readonly name: string; readonly isText: boolean } {
    const last = word.at(-1)!;
    if (last === '!') return { name: word.slice(0, -1), isText: false };
    if ('$%#'.includes(last)) return { name: word, isText: last === '$' };
    const suffix = this.letterSuffixes.get(word[0]!) ?? '';
    return { name: word + suffix, isText: suffix === '$' };
  }

  variable(word: string, span: Span): Typed<Name> {
    const { name, isText } = this.nameOf(word);
    if (!this.parameters?.has(name)) {
      this.arrays.useSimple(name, span, this.line);
      if (!this.variables.has(name)) this.variables.set(name, { display: word, isText });
    }
    return { node: makeNode(span, 1, { kind: 'name', name, display: word, variable: null, call: null }), isText };
  }

  element(cursor: Cursor, token: Token, subscripts: readonly Expression[]): Typed<Apply> {
    const span = cursor.span(token);
    if (subscripts.length > subscriptsMax) cursor.fail('subscripts_too_many', span, subscriptsMax);
    const { name, isText } = this.nameOf(token.text);
    this.arrays.useElement({ name, span, line: this.line }, subscripts.length);
    return { node: checked(cursor, applyNode(cursor.from(token), arrayName(span, name), subscripts, '(')), isText };
  }

  refer(name: string, span: Span): LabelReference {
    const label: LabelReference = { name, span };
    this.references.push({ label, line: this.line });
    return label;
  }
}

/** A call of a function of the library; there its name has no `$`. */
export function callNode(cursor: Cursor, first: Token, name: string, values: readonly Expression[]): Apply {
  const target = makeNode(cursor.span(first), 1, { kind: 'name', name, display: first.text, variable: null, call: null });
  return checked(cursor, applyNode(cursor.from(first), target, values, '('));
}

/** Every node above others is made through this. */
export function checked<T extends Expression>(cursor: Cursor, node: T): T {
  if (node.depth > expressionDepthMax) cursor.fail('nesting_too_deep', node.span, expressionDepthMax);
  return node;
}

export function numberNode(span: Span, value: number): Expression {
  return makeNode(span, 1, { kind: 'number', value });
}
