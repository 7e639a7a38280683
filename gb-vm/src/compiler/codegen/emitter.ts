import type { Expression } from '../ast.ts';
import { frame, frameBase, header, nullVariant, tag } from '../layout.ts';
import { makeVariable, type ProcedureInfo, type Variable } from '../scope.ts';
import type { Span } from '../source.ts';
import type { Type } from '../types.ts';
import { type FunctionBuilder, f64, i32, i64, op, type ValueType } from '../wasm/encoder.ts';
import { type ModuleContext, wasmType } from './context.ts';
import { splitVariant } from './helpers.ts';

/** Leaves a loop or a SELECT from inside. */
export interface Leave {
  readonly word: string;
  readonly jump: () => void;
}

/** What writing one procedure needs at every level: its variables, conversions between types, and places in the source. */
export class Emitter {
  readonly context: ModuleContext;
  readonly procedure: ProcedureInfo;
  readonly f: FunctionBuilder;
  /** Writes code for a value and returns its type: `emit` of expression.ts, given here so that its parts need not import it. */
  readonly emit: (node: Expression) => Type;
  /** Innermost last. */
  readonly leaves: Leave[] = [];
  /** The statement being written, for error messages. */
  word = '';
  readonly #locals = new Map<Variable, number>();

  constructor(context: ModuleContext, procedure: ProcedureInfo, emit: (e: Emitter, node: Expression) => Type) {
    this.emit = (node) => emit(this, node);
    this.context = context;
    this.procedure = procedure;
    this.f = context.functions.get(procedure)!;
    if (procedure.suspends) return;
    for (const [index, parameter] of procedure.parameters.entries()) this.#locals.set(parameter, index);
  }

  /** A hidden variable with a slot in the frame, so that it outlives a suspension. Must be made before code is written. */
  temporary(type: Type): Variable {
    const variable = makeVariable(this.procedure, `~${this.procedure.variables.size}`, '');
    variable.type = type;
    variable.slot = this.procedure.variables.size - 1;
    return variable;
  }

  /** A hidden variable that is nowhere but in a local: for statements that cannot be suspended half-way. */
  scratch(type: Type): Variable {
    return { ...scratchVariable, owner: this.procedure, type };
  }

  position(span: Span): number {
    return this.context.position(span, this.word);
  }

  #address(variable: Variable): number | null {
    return variable.owner.kind === 'MAIN' && (variable.isShared || this.procedure.kind !== 'MAIN')
      ? frameBase + frame.slots + 8 * variable.slot
      : null;
  }

  local(variable: Variable): number {
    let index = this.#locals.get(variable);
    if (index === undefined) this.#locals.set(variable, (index = this.f.local(wasmType(variable.type))));
    return index;
  }

  get(variable: Variable): void {
    const address = this.#address(variable);
    if (address === null) this.f.get(this.local(variable));
    else this.f.i32(0).memory(loads[wasmType(variable.type)], address);
  }

  /** Stores the value on the stack, which must have the variable's type. */
  set(variable: Variable): void {
    const address = this.#address(variable);
    if (address === null) {
      this.f.set(this.local(variable));
      return;
    }
    const type = wasmType(variable.type);
    const value = this.f.borrow(type);
    this.f.set(value).i32(0).get(value).memory(stores[type], address);
    this.f.release(type, value);
  }

  emitAs(node: Expression, want: Type): void {
    this.convert(this.emit(node), want, node.span);
  }

  /** Stores the value on the stack, converting it from `type`, and rounding for a `%` name. */
  assign(variable: Variable, type: Type, span: Span): void {
    this.convert(type, variable.type, span);
    if (variable.forced === 'int') this.f.f64(0.5).op(op.f64Add, op.f64Floor);
    this.set(variable);
  }

  /** Turns the value on the stack from one type into another, or raises type_mismatch when it runs. */
  convert(from: Type, to: Type, span: Span): void {
    if (from === to) return;
    if (to === 'any') this.toAny(from);
    else if (to === 'num') this.#toNumber(from, span);
    else if (to === 'str') this.#toText(from);
    else if (to === 'bool') this.#toBoolean(from);
    else throw new Error(`no conversion from ${from} to ${to}`);
  }

  toAny(from: Type): void {
    const tags: Partial<Record<Type, number>> = { str: tag.string, bool: tag.boolean, nums: tag.array };
    const upper = tags[from];
    if (from === 'num') this.f.op(op.i64ReinterpretF64);
    else if (upper !== undefined)
      this.f
        .op(op.i64ExtendI32U)
        .i64(BigInt(upper) << 32n)
        .op(op.i64Or);
  }

  #toNumber(from: Type, span: Span): void {
    if (from === 'bool') this.f.op(op.f64ConvertI32U);
    else {
      this.toAny(from);
      this.f.i32(this.position(span)).call(this.context.helper('toNumber'));
    }
  }

  #toText(from: Type): void {
    if (from === 'num') this.f.call(this.context.host('numberText', [f64], [i32]));
    else {
      this.toAny(from);
      splitVariant(this.f);
      this.f.call(this.context.host('text', [i32, i32], [i32]));
    }
  }

  #toBoolean(from: Type): void {
    if (from === 'num') this.f.f64(0).op(op.f64Ne);
    else if (from === 'any') this.f.call(this.context.helper('truthy'));
    else this.f.memory(op.i32Load, 4).i32(0).op(op.i32Ne);
  }

  /** The value a variable has before anything is assigned. */
  initial(type: Type): void {
    if (type === 'any') this.f.i64(nullVariant);
    else if (type === 'num') this.f.f64(0);
    else if (type === 'str') this.f.i32(this.context.constants.text(''));
    else this.f.i32(0);
  }

  /** A 64-bit result of a host function. */
  result(): void {
    this.f.i32(0).memory(op.i64Load, header.result);
  }

  /** One step of fuel. `onEmpty` writes what happens when the slice is used up; without it only the budget's end counts. */
  tick(position: number, onEmpty: (() => void) | null): void {
    const { f, context } = this;
    f.getGlobal(context.fuel).i32(1).op(op.i32Sub).setGlobal(context.fuel).getGlobal(context.fuel);
    if (onEmpty) {
      f.i32(0).op(op.i32LtS).if();
      onEmpty();
    } else {
      f.getGlobal(context.floor).op(op.i32LtS).if();
      context.fail(f, 0, position);
    }
    f.end();
  }
}

const scratchVariable = {
  name: '~',
  display: '',
  isParameter: false,
  forced: null,
  isAssigned: true,
  mayBeUnset: false,
  isShared: false,
  isPlainArray: false,
  escapes: false,
  firstRead: null,
  slot: -1,
} as const;

export const loads: Readonly<Record<ValueType, number>> = { [i32]: op.i32Load, [i64]: op.i64Load, [f64]: op.f64Load };
export const stores: Readonly<Record<ValueType, number>> = { [i32]: op.i32Store, [i64]: op.i64Store, [f64]: op.f64Store };

/** The node of a value that is already in a variable. */
export function temporaryNode(variable: Variable, span: Span): Expression {
  return { kind: 'temporary', variable, span, depth: 1, type: variable.type, suspends: false };
}
