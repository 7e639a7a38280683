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
  | Operation
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
  /** What the name means as long as its variable has no value: `today = TODAY`. */
  otherwise?: Callee;
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
  /** `BITNOT` works on the bits of whole numbers, as NOT does in the classic profile. */
  readonly operator: '-' | '+' | 'NOT' | 'BITNOT';
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
  | 'NOT IN'
  | BitOperator;
/** On the bits of whole numbers; on two conditions `BITAND` and `BITOR` are the logical ones. */
export type BitOperator = 'BITAND' | 'BITOR' | 'BITXOR' | 'BITEQV' | 'BITIMP';
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
/**
 * Something the host does, like FIND or SEND MAIL: the program stops there, and goes on with its result. Whatever form
 * a keyword was written in, its values arrive under names.
 */
export interface Operation extends Node {
  readonly kind: 'operation';
  readonly name: string;
  readonly args: readonly { readonly key: string; readonly value: Expression }[];
  /** Of a script that was called by its name: what stands in the text. */
  written?: Name | Apply;
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
  | Jumping
  | Printing
  | Handling
  | { readonly kind: 'error'; readonly span: Span };

/** A line number or label, upper case, as written in front of a line or after GOTO. */
export interface LabelReference {
  readonly name: string;
  readonly span: Span;
}

type Jumping =
  /** A place that can be jumped to. */
  | { readonly kind: 'label'; readonly span: Span; readonly name: string }
  | { readonly kind: 'goto'; readonly span: Span; readonly label: LabelReference }
  | { readonly kind: 'gosub'; readonly span: Span; readonly label: LabelReference }
  | OnGoto
  | LooseFor
  | LooseNext
  /** To the next round of the innermost loop of this kind. */
  | { readonly kind: 'continue'; readonly span: Span; readonly what: 'FOR' | 'WHILE' | 'DO' }
  | { readonly kind: 'stop'; readonly span: Span };

/** ON value GOTO or GOSUB. What happens when no label fits differs: an error in `minimal`, nothing elsewhere. */
export interface OnGoto {
  readonly kind: 'onGoto';
  readonly span: Span;
  readonly word: 'GOTO' | 'GOSUB';
  readonly value: Expression;
  readonly labels: readonly LabelReference[];
}
/**
 * FOR and NEXT of programs in which they do not pair like brackets: FOR remembers limit, step and its own place for its
 * variable; NEXT steps the variable and jumps to where the FOR last run for it said. The parser makes these only when
 * the lines cannot be read as nested loops.
 */
export interface LooseFor {
  readonly kind: 'looseFor';
  readonly span: Span;
  readonly variable: Name;
  readonly from: Expression;
  readonly to: Expression;
  readonly step: Expression | null;
  /** Where to go on when the loop runs zero times: the number of the NEXT that follows it in the text; null when none does. */
  readonly next: number | null;
}
export interface LooseNext {
  readonly kind: 'looseNext';
  readonly span: Span;
  /** From 0, in the order of the text. */
  readonly number: number;
  readonly variable: Name;
}

export type PrintItem =
  | { readonly kind: 'value'; readonly value: Expression }
  /** To the next print zone. */
  | { readonly kind: 'comma'; readonly span: Span }
  | { readonly kind: 'semicolon'; readonly span: Span }
  | { readonly kind: 'tab'; readonly value: Expression }
  | { readonly kind: 'spaces'; readonly value: Expression };

type Printing =
  | Print
  | Input
  | { readonly kind: 'data'; readonly span: Span; readonly items: readonly DataItem[] }
  | { readonly kind: 'read'; readonly span: Span; readonly targets: readonly Target[] }
  | { readonly kind: 'restore'; readonly span: Span; readonly label: LabelReference | null }
  | { readonly kind: 'swap'; readonly span: Span; readonly left: Target; readonly right: Target }
  | { readonly kind: 'randomize'; readonly span: Span; readonly seed: Expression | null };

/** PRINT ends its line unless its last item is a comma, a semicolon, TAB or SPC as the profile has it. */
export interface Print {
  readonly kind: 'print';
  readonly span: Span;
  readonly items: readonly PrintItem[];
  /** The mask of PRINT USING. */
  readonly using: Expression | null;
}
export interface Input {
  readonly kind: 'input';
  readonly span: Span;
  readonly prompt: Expression | null;
  /** Whether "? " follows the prompt. */
  readonly hasQuestionMark: boolean;
  readonly targets: readonly Target[];
  /** LINE INPUT: the whole line is the answer. */
  readonly isLine: boolean;
}
export interface DataItem {
  readonly text: string;
  readonly isQuoted: boolean;
  readonly span: Span;
}

type Handling =
  /** ON ERROR GOTO label; GOTO 0 turns it off; RESUME NEXT goes on after the statement that failed. */
  | {
      readonly kind: 'onError';
      readonly span: Span;
      readonly action: 'goto' | 'next' | 'off';
      readonly label: LabelReference | null;
    }
  | {
      readonly kind: 'resume';
      readonly span: Span;
      readonly to: 'same' | 'next' | 'label';
      readonly label: LabelReference | null;
    }
  /** THROW text, or ERROR number. */
  | { readonly kind: 'throw'; readonly span: Span; readonly value: Expression }
  | { readonly kind: 'clearError'; readonly span: Span }
  | Try;

export interface Try {
  readonly kind: 'try';
  readonly span: Span;
  readonly body: readonly Statement[];
  /** Gets the error as an object with `message`, `code`, `line` and `number`. */
  readonly variable: Name | null;
  readonly handler: readonly Statement[];
  /** Without CATCH an error goes on after FINALLY. */
  readonly hasCatch: boolean;
  /** FINALLY: after the body or the handler, also when they failed, but not when they were left by a jump or RETURN. */
  readonly last: readonly Statement[];
}

export type ExitKind = 'FOR' | 'WHILE' | 'DO' | 'SUB' | 'FUNCTION' | 'SELECT' | 'TRY';

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
  /** The last index of each dimension. */
  readonly sizes: readonly Expression[];
  readonly typeName: string | null;
  readonly value: Expression | null;
  /** REDIM PRESERVE: the elements stay. */
  readonly isKept?: boolean;
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
  /** DEF FN: a single expression, over variables of the main program. */
  readonly isInline?: boolean;
}

/**
 * What a script says about itself for the time when it is published: PARAM, DESCRIPTION, TABLE, SET SCHEDULE, WEBHOOK,
 * ON INSERT ... None of it runs. `values` is plain data by name.
 */
export interface Declaration {
  readonly keyword: string;
  readonly span: Span;
  readonly values: Readonly<Record<string, DeclaredValue>>;
}
export type DeclaredValue =
  | string
  | number
  | boolean
  | null
  | readonly DeclaredValue[]
  | { readonly [name: string]: DeclaredValue };

export interface Script {
  readonly statements: readonly Statement[];
  readonly procedures: readonly Procedure[];
  readonly declarations: readonly Declaration[];
  /** OPTION BASE of the classic profiles: the first index of every array, 0 when nothing is said. */
  readonly base?: 0 | 1 | undefined;
}
