import type { Expression, Statement } from '../ast.ts';
import { frame, frameBase, header, nullVariant, tag } from '../layout.ts';
import { makeHidden, type ProcedureInfo, type Variable } from '../scope.ts';
import type { Span } from '../source.ts';
import type { Type } from '../types.ts';
import { type FunctionBuilder, f64, i32, i64, op, type ValueType } from '../wasm/encoder.ts';
import { type ModuleContext, wasmType } from './context.ts';
import { Identity } from './identity.ts';
import { splitVariant } from './variants.ts';

/** Leaves a loop or a SELECT from inside. */
export interface Leave {
  readonly word: string;
  readonly jump: () => void;
  /** To the next round, for loops. */
  readonly again?: () => void;
  /** What leaving this from inside has to undo first. */
  readonly cleanUp?: () => void;
}

/** What writing one procedure needs at every level: its variables, conversions between types, and places in the source. */
export class Emitter {
  readonly context: ModuleContext;
  readonly procedure: ProcedureInfo;
  readonly f: FunctionBuilder;
  /** Writes code for a value and returns its type: `emit` of expression.ts, given here so that its parts need not import it. */
  readonly emit: (node: Expression) => Type;
  /** Writes statements one after the other; given for the same reason. */
  readonly statements: (body: readonly Statement[]) => void;
  /** Innermost last. */
  readonly leaves: Leave[] = [];
  /** FOR variables whose value is also in an i64 local right now (see `integerStep`). */
  readonly counters = new Map<Variable, number>();
  /** The statement being written, for error messages. */
  word = '';
  /** Main's variables stay in memory: in a program of many blocks, loading them all at each entry costs more. */
  keepsInMemory = false;
  readonly #identity: Identity | null = null;
  readonly #locals = new Map<Variable, number>();

  constructor(
    context: ModuleContext,
    procedure: ProcedureInfo,
    emit: (e: Emitter, node: Expression) => Type,
    statements: (e: Emitter, body: readonly Statement[]) => void,
  ) {
    this.emit = (node) => emit(this, node);
    this.statements = (body) => statements(this, body);
    this.context = context;
    this.procedure = procedure;
    this.f = context.functions.get(procedure)!;
    if (procedure.suspends) {
      this.#identity = new Identity(procedure, context.files);
      context.identities.set(procedure, this.#identity);
      return;
    }
    for (const [index, parameter] of procedure.parameters.entries()) this.#locals.set(parameter, index);
  }

  /** Only procedures that can suspend have one. */
  get identity(): Identity {
    if (!this.#identity) throw new Error('a plain procedure keeps nothing');
    return this.#identity;
  }

  /**
   * A hidden variable with a slot in the frame, so that it outlives a suspension. Must be made before code is written.
   * `role` tells it from the others of its statement, in the next compilation of the program too.
   */
  temporary(type: Type, role: string): Variable {
    const variable = this.#hidden(type);
    this.identity.slot(variable, role);
    return variable;
  }

  /** One that several statements share. */
  sharedTemporary(type: Type, role: string): Variable {
    const variable = this.#hidden(type);
    this.identity.sharedSlot(variable, role);
    return variable;
  }

  #hidden(type: Type): Variable {
    const variable = makeHidden(this.procedure, `${this.procedure.variables.size}`, type);
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
    return variable.owner.kind === 'MAIN' &&
      variable.slot >= 0 &&
      (variable.isShared || this.keepsInMemory || this.procedure.kind !== 'MAIN')
      ? frameBase + frame.slots + 8 * variable.slot
      : null;
  }

  /** A variable of this procedure alone, which nobody else can change meanwhile. */
  isPrivate(variable: Variable): boolean {
    return this.#address(variable) === null;
  }

  local(variable: Variable): number {
    let index = this.#locals.get(variable);
    if (index === undefined) this.#locals.set(variable, (index = this.f.local(localType(variable.type))));
    return index;
  }

  /** Parameters of a plain procedure are as they are passed. */
  #isDisguised(variable: Variable): boolean {
    return variable.type === 'any' && (this.procedure.suspends || !variable.isParameter);
  }

  get(variable: Variable): void {
    const address = this.#address(variable);
    if (address === null) {
      this.f.get(this.local(variable));
      if (this.#isDisguised(variable)) this.f.op(op.i64ReinterpretF64);
    } else this.f.i32(0).memory(loads[wasmType(variable.type)], address);
  }

  /** Stores the value on the stack, which must have the variable's type. */
  set(variable: Variable): void {
    const address = this.#address(variable);
    if (address === null) {
      if (this.#isDisguised(variable)) this.f.op(op.f64ReinterpretI64);
      this.f.set(this.local(variable));
      return;
    }
    const type = wasmType(variable.type);
    const value = this.f.borrow(type);
    this.f.set(value).i32(0).get(value).memory(stores[type], address);
    this.f.release(type, value);
  }

  emitAs(node: Expression, want: Type): void {
    if (
      want === 'bool' &&
      node.kind === 'binary' &&
      node.type !== 'bool' &&
      (node.operator === 'AND' || node.operator === 'OR')
    ) {
      // Only whether it holds is asked, so the values need not be kept.
      this.emit({ ...node, type: 'bool' });
      return;
    }
    this.convert(this.emit(node), want, node.span);
  }

  /** Stores the value on the stack, converting it from `type`, and rounding for a `%` name. */
  assign(variable: Variable, type: Type, span: Span): void {
    this.convert(type, variable.type, span);
    if (variable.forced === 'int') this.toInteger(span);
    this.set(variable);
  }

  /** The number on the stack as a `%` name holds it: rounded, and in `classic` an overflow beyond 16 bits. */
  toInteger(span: Span): void {
    if (this.context.profile === 'bot') this.f.f64(0.5).op(op.f64Add, op.f64Floor);
    else this.f.i32(this.position(span)).call(this.context.host('integer', [f64, i32], [f64]));
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
    if (from === 'bool') {
      this.f.op(op.f64ConvertI32U);
      // Microsoft's true is -1, so that NOT turns it into 0.
      if (this.context.profile !== 'bot') this.f.op(op.f64Neg);
    } else {
      const { f } = this;
      this.toAny(from);
      // A number equals itself; every tagged value is a NaN and does not.
      const value = f.borrow(i64);
      const number = f.borrow(f64);
      f.tee(value).op(op.f64ReinterpretI64).tee(number).get(number).op(op.f64Eq).if(f64);
      f.get(number).else().get(value).i32(this.position(span)).call(this.context.helper('toNumber')).end();
      f.release(i64, value);
      f.release(f64, number);
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

/**
 * A variant lives in a double's register: what is added up stays there, instead of going to an integer register and
 * back each time. Moving doubles about never changes their bits, also not those of a NaN.
 */
export function localType(type: Type): ValueType {
  return type === 'any' ? f64 : wasmType(type);
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
  isHidden: true,
  slot: -1,
} as const;

export const loads: Readonly<Record<ValueType, number>> = { [i32]: op.i32Load, [i64]: op.i64Load, [f64]: op.f64Load };
export const stores: Readonly<Record<ValueType, number>> = { [i32]: op.i32Store, [i64]: op.i64Store, [f64]: op.f64Store };

/** The node of a value that is already in a variable. */
export function temporaryNode(variable: Variable, span: Span): Expression {
  return { kind: 'temporary', variable, span, depth: 1, type: variable.type, suspends: false };
}
