import type { Statement } from './ast.ts';
import type { Profile } from './profile.ts';
import type { Span } from './source.ts';
import type { Type } from './types.ts';

/** A named slot. Main's variables live as long as the conversation; a procedure's, as long as its call. */
export interface Variable {
  readonly name: string;
  readonly display: string;
  readonly owner: ProcedureInfo;
  readonly isParameter: boolean;
  /** A `$` name always holds a text, a `%` name a whole number, and any other outside `bot` a number - unless it is an array. */
  forced: 'str' | 'int' | 'num' | null;
  type: Type;
  /** Some statement gives it a value; a variable nobody assigns is one the host provides. */
  isAssigned: boolean;
  /** Can be read before anything was assigned, so that it must be able to hold null. */
  mayBeUnset: boolean;
  /** One of main's that a procedure uses too: kept in memory, never cached in a local. */
  isShared: boolean;
  /** Declared with DIM name(size) and used only element by element. */
  isPlainArray: boolean;
  escapes: boolean;
  firstRead: Span | null;
  /** Made by the compiler; its type is known from the start. */
  isHidden: boolean;
  /** Index of its 8-byte slot in the frame. */
  slot: number;
}

export interface ProcedureInfo {
  readonly kind: 'MAIN' | 'SUB' | 'FUNCTION';
  readonly name: string;
  readonly display: string;
  readonly span: Span;
  readonly body: readonly Statement[];
  /** Made by DEF FN. */
  isInline: boolean;
  readonly parameters: Variable[];
  readonly variables: Map<string, Variable>;
  readonly calls: Set<ProcedureInfo>;
  /** Waits for an answer, itself or through what it calls: compiled into a state machine. */
  suspends: boolean;
  /** Can reach itself through calls. */
  isRecursive: boolean;
  /** The label of each place that can be jumped to, by name. */
  readonly labels: Set<string>;
  /** Has GOSUB, so that RETURN goes back to it. */
  hasGosub: boolean;
  /** Catches errors: by TRY, or by ON ERROR, which must also know where each statement begins. */
  handles: 'none' | 'try' | 'onError';
  /** Where an error handler's state is kept; see `handlerSlots` in `codegen/suspend.ts`. */
  hidden: HiddenVariables;
  returnType: Type;
  /** Holds what `name = value` inside a FUNCTION gives back. */
  result: Variable | null;
  index: number;
}

/** Variables the compiler makes for itself. Those a procedure does not need are null. */
export interface HiddenVariables {
  /** Blocks to RETURN to, the last GOSUB's last. */
  gosub: Variable | null;
  /** The block that handles errors, plus 1; 0 when none does; -1 for RESUME NEXT. */
  handler: Variable | null;
  /** What `handler` was when the error came that is being handled, else 0. */
  handling: Variable | null;
  /** The blocks of the statement being run and of the next one. */
  at: Variable | null;
  next: Variable | null;
  /** What `at` and `next` were when the error came that is being handled. */
  failedAt: Variable | null;
  failedNext: Variable | null;
  /** Main's only: the last error, and the next item of DATA. */
  error: Variable | null;
  data: Variable | null;
}

/** `isShared` keeps it in memory, for the host and for other procedures. */
export function makeHidden(owner: ProcedureInfo, name: string, type: Type, isShared = false): Variable {
  const variable = makeVariable(owner, `~${name}`, '', 'bot');
  variable.type = type;
  variable.isAssigned = true;
  variable.isHidden = true;
  variable.isShared = isShared;
  return variable;
}

export function makeVariable(
  owner: ProcedureInfo,
  name: string,
  display: string,
  profile: Profile,
  isParameter = false,
): Variable {
  const variable: Variable = {
    name,
    display,
    owner,
    isParameter,
    forced: forcedType(name, profile),
    type: 'none',
    isAssigned: isParameter,
    mayBeUnset: false,
    isShared: false,
    isPlainArray: false,
    escapes: false,
    firstRead: null,
    isHidden: false,
    slot: -1,
  };
  owner.variables.set(name, variable);
  return variable;
}

function forcedType(name: string, profile: Profile): Variable['forced'] {
  if (name.endsWith('$')) return 'str';
  if (name.endsWith('%')) return 'int';
  return profile === 'bot' || name.endsWith(')') ? null : 'num';
}
