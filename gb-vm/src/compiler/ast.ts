import type { ProcedureInfo, Variable } from './scope.ts';
import type { Span } from './source.ts';
import type { Type } from './types.ts';

/**
 * The tree. The parser always returns one, with `error` nodes where it could not understand, so that outline, hover
 * and completion work on a script that is still being written. `type`, `variable` and `procedure` are filled in by the
 * later phases.
 */
export type Expression =
  | NumberLiteral
  | TextLiteral
  | BooleanLiteral
  | NullLiteral
  | Interpolation
  | Name
  | Apply
  | Member
  | Unary
  | Binary
  | ArrayLiteral
  | ObjectLiteral
  | Temporary
  | ErrorExpression;

interface Node {
  readonly span: Span;
  /** The longest path below; bounded by the parser, so that every later phase may recurse. */
  readonly depth: number;
  type: Type;
  /** Contains a call of a procedure that may suspend. */
  suspends: boolean;
}

export interface NumberLiteral extends Node {
  readonly kind: 'number';
  readonly value: number;
}
export interface TextLiteral extends Node {
  readonly kind: 'text';
  readonly value: string;
}
export interface BooleanLiteral extends Node {
  readonly kind: 'boolean';
  readonly value: boolean;
}
export interface NullLiteral extends Node {
  readonly kind: 'null';
}
/** A text with `${}` in it. */
export interface Interpolation extends Node {
  readonly kind: 'interpolation';
  readonly parts: readonly Expression[];
}
export interface Name extends Node {
  readonly kind: 'name';
  /** Upper case: names are the same in any case. */
  readonly name: string;
  readonly display: string;
  variable: Variable | null;
  /** A bare `NOW` or a FUNCTION without arguments. */
  call: Callee | null;
}
/** `a(b)`, `a[b]` or `KEYWORD b, c`: a call or an element, decided once all names are known. */
export interface Apply extends Node {
  readonly kind: 'apply';
  readonly target: Expression;
  readonly args: readonly Expression[];
  readonly bracket: '(' | '[' | ' ';
  call: Callee | null;
}
export interface Member extends Node {
  readonly kind: 'member';
  readonly target: Expression;
  readonly name: string;
}
export interface Unary extends Node {
  readonly kind: 'unary';
  readonly operator: '-' | '+' | 'NOT';
  readonly operand: Expression;
}
export type BinaryOperator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '\\'
  | '^'
  | '&'
  | 'MOD'
  | '='
  | '<>'
  | '<'
  | '>'
  | '<='
  | '>='
  | 'AND'
  | 'OR'
  | 'IN'
  | 'NOT IN';
export interface Binary extends Node {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}
export interface ArrayLiteral extends Node {
  readonly kind: 'array';
  readonly items: readonly Expression[];
}
export interface ObjectLiteral extends Node {
  readonly kind: 'object';
  readonly entries: readonly { readonly key: string; readonly value: Expression }[];
}
/** A value already computed into a frame slot; made by the code generator, never by the parser. */
export interface Temporary extends Node {
  readonly kind: 'temporary';
  readonly variable: Variable;
}
export interface ErrorExpression extends Node {
  readonly kind: 'error';
}

export type Callee =
  | { readonly kind: 'procedure'; readonly procedure: ProcedureInfo }
  | { readonly kind: 'function'; readonly name: string };

export type Target = Name | Apply | Member;

export type Statement =
  | { readonly kind: 'talk'; readonly span: Span; readonly value: Expression }
  | Hear
  | { readonly kind: 'assign'; readonly span: Span; readonly target: Target; readonly value: Expression }
  | { readonly kind: 'if'; readonly span: Span; readonly branches: readonly Branch[]; readonly otherwise: readonly Statement[] }
  | For
  | ForEach
  | While
  | Select
  | { readonly kind: 'call'; readonly span: Span; readonly value: Expression }
  | { readonly kind: 'return'; readonly span: Span; readonly value: Expression | null }
  | { readonly kind: 'exit'; readonly span: Span; readonly what: ExitKind }
  | { readonly kind: 'end'; readonly span: Span }
  | Dim
  | { readonly kind: 'with'; readonly span: Span; readonly target: Target; readonly body: readonly Statement[] }
  | { readonly kind: 'include'; readonly span: Span; readonly name: string; body: readonly Statement[] }
  | { readonly kind: 'error'; readonly span: Span };

export type ExitKind = 'FOR' | 'WHILE' | 'DO' | 'SUB' | 'FUNCTION' | 'SELECT';

export interface Branch {
  readonly condition: Expression;
  readonly body: readonly Statement[];
}
export interface Hear {
  readonly kind: 'hear';
  readonly span: Span;
  readonly target: Target;
  readonly type: string;
  /** The choices of a menu; null when the answer is typed. */
  readonly menu: readonly Expression[] | null;
  /** A menu ending in `*` takes other answers too. */
  readonly isOpen: boolean;
  readonly prompt: Expression | null;
  readonly fallback: Expression | null;
}
export interface For {
  readonly kind: 'for';
  readonly span: Span;
  readonly variable: Name;
  readonly from: Expression;
  readonly to: Expression;
  readonly step: Expression | null;
  readonly body: readonly Statement[];
}
export interface ForEach {
  readonly kind: 'forEach';
  readonly span: Span;
  readonly variable: Name;
  readonly list: Expression;
  readonly body: readonly Statement[];
}
/** WHILE and DO in all their forms. */
export interface While {
  readonly kind: 'while';
  readonly span: Span;
  readonly word: 'WHILE' | 'DO';
  readonly condition: Expression | null;
  readonly isUntil: boolean;
  readonly isTestedLast: boolean;
  readonly body: readonly Statement[];
}
export interface Select {
  readonly kind: 'select';
  readonly span: Span;
  readonly value: Expression;
  readonly cases: readonly { readonly tests: readonly CaseTest[]; readonly body: readonly Statement[]; readonly span: Span }[];
  readonly otherwise: readonly Statement[];
}
export type CaseTest =
  | { readonly kind: 'compare'; readonly operator: '=' | '<>' | '<' | '>' | '<=' | '>='; readonly value: Expression }
  | { readonly kind: 'range'; readonly from: Expression; readonly to: Expression };
export interface Dim {
  readonly kind: 'dim';
  readonly span: Span;
  readonly target: Name;
  readonly sizes: readonly Expression[];
  readonly typeName: string | null;
  readonly value: Expression | null;
}

export interface Procedure {
  readonly kind: 'SUB' | 'FUNCTION';
  readonly name: string;
  readonly display: string;
  readonly nameSpan: Span;
  readonly parameters: readonly {
    readonly name: string;
    readonly display: string;
    readonly span: Span;
    readonly typeName: string | null;
  }[];
  readonly body: readonly Statement[];
  readonly span: Span;
}

export interface Script {
  readonly statements: readonly Statement[];
  readonly procedures: readonly Procedure[];
}
