import type { Statement } from './ast.ts';
import type { Span } from './source.ts';
import type { Type } from './types.ts';

/** A named slot. Main's variables live as long as the conversation; a procedure's, as long as its call. */
export interface Variable {
  readonly name: string;
  readonly display: string;
  readonly owner: ProcedureInfo;
  readonly isParameter: boolean;
  /** A `$` name always holds a text, a `%` name always a whole number - unless it is an array. */
  forced: 'str' | 'int' | null;
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
  /** Index of its 8-byte slot in the frame. */
  slot: number;
}

export interface ProcedureInfo {
  readonly kind: 'MAIN' | 'SUB' | 'FUNCTION';
  readonly name: string;
  readonly display: string;
  readonly span: Span;
  readonly body: readonly Statement[];
  readonly parameters: Variable[];
  readonly variables: Map<string, Variable>;
  readonly calls: Set<ProcedureInfo>;
  /** Waits for an answer, itself or through what it calls: compiled into a state machine. */
  suspends: boolean;
  /** Can reach itself through calls. */
  isRecursive: boolean;
  returnType: Type;
  /** Holds what `name = value` inside a FUNCTION gives back. */
  result: Variable | null;
  index: number;
}

export function makeVariable(owner: ProcedureInfo, name: string, display: string, isParameter = false): Variable {
  const variable: Variable = {
    name,
    display,
    owner,
    isParameter,
    forced: name.endsWith('$') ? 'str' : name.endsWith('%') ? 'int' : null,
    type: 'none',
    isAssigned: isParameter,
    mayBeUnset: false,
    isShared: false,
    isPlainArray: false,
    escapes: false,
    firstRead: null,
    slot: -1,
  };
  owner.variables.set(name, variable);
  return variable;
}
