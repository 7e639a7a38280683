import type { BoundProgram } from '../bind.ts';
import type { DiagnosticBag } from '../diagnostics.ts';
import { alwaysLeaves } from '../infer.ts';
import { abiVersion, callDepthMax, constantBase, type DebugMap, frame, frameBytesMax, type SlotType, trap } from '../layout.ts';
import type { ProcedureInfo } from '../scope.ts';
import type { SourceFile } from '../source.ts';
import type { Type } from '../types.ts';
import { i32, op, parametersMax, type ValueType } from '../wasm/encoder.ts';
import { type Build, ModuleContext, wasmType } from './context.ts';
import { Emitter } from './emitter.ts';
import { emit } from './expression.ts';
import { emitReturn, emitStatements } from './statement.ts';
import { emitSuspending } from './suspend.ts';

/** Also asked before any work: types and code cost the square of a procedure's variables. */
export function hasTooManyVariables({ procedures, main }: BoundProgram, bag: DiagnosticBag): boolean {
  if (procedures.length > proceduresMax) bag.report('too_many_procedures', main.span, procedures.length, proceduresMax);
  for (const { suspends, parameters, display, span } of procedures)
    if (!suspends && parameters.length > parametersMax) bag.report('procedure_too_large', span, display);
  for (const { suspends, variables, span } of procedures)
    if (suspends && variables.size > variablesMax) bag.report('too_many_variables', span, variables.size, variablesMax);
  return bag.hasErrors;
}

/** The whole module: one function per procedure, the helpers they use, and the constants. */
export function generate(
  program: BoundProgram,
  files: readonly SourceFile[],
  bag: DiagnosticBag,
  build: Build,
): { wasm: Uint8Array; debugMap: string } {
  const context = new ModuleContext(program, files, bag, build);
  for (const procedure of program.procedures) assignSlots(procedure);
  for (const procedure of program.procedures) {
    const params: readonly ValueType[] = procedure.suspends
      ? [i32]
      : procedure.parameters.map((parameter) => wasmType(parameter.type));
    context.functions.set(
      procedure,
      context.module.function(params, [procedure.suspends ? i32 : wasmType(procedure.returnType)]),
    );
  }
  for (const procedure of program.procedures) {
    const emitter = new Emitter(context, procedure, emit, emitStatements);
    emitter.word = procedure.kind;
    if (procedure.suspends) emitSuspending(emitter);
    else emitPlain(emitter);
  }
  for (const procedure of context.suspending) {
    const count = procedure.variables.size;
    if (count > variablesMax) bag.report('too_many_variables', procedure.span, count, variablesMax);
  }
  for (const procedure of program.procedures) {
    if (!context.functions.get(procedure)!.isTooLarge) continue;
    bag.report(
      'procedure_too_large',
      procedure.span,
      procedure.kind === 'MAIN' ? files[procedure.span.file]!.name : procedure.display,
    );
  }
  const { module, constants } = context;
  module.setTable(context.suspending.map((procedure) => context.functions.get(procedure)!));
  module.exportFunction('resume', context.helper('resume'));
  const bytes = constants.bytes();
  const segment = module.passiveData(bytes);
  const load = module.function([], []);
  load.i32(constantBase).i32(0).i32(bytes.length).op(0xfc, 8, segment, 0);
  module.exportFunction('loadConstants', load);
  const { bytes: wasm, marks } = module.encode();
  const debugMap: DebugMap = {
    abi: abiVersion,
    profile: program.profile,
    files: files.map(({ name }) => name),
    heapBase: constants.heapBase,
    emptyText: constants.text(''),
    procedures: context.suspending.map((procedure) => ({
      name: procedure.display,
      size: frame.slots + 8 * procedure.variables.size,
      slots: [...procedure.variables.values()].map((variable) => [variable.display, slotTypes[variable.type]] as const),
      ...(context.calls.has(procedure) ? { calls: context.calls.get(procedure)! } : {}),
      ...(context.stops.has(procedure) ? { stops: context.stops.get(procedure)! } : {}),
      identity: context.identities.get(procedure)!.finish(procedure),
      ...handlerOf(procedure),
    })),
    data: context.data.items.map(({ text, isQuoted }) => [text, isQuoted] as const),
    error: program.main.hidden.error?.slot ?? null,
    positions: context.positions,
    hears: context.hears,
    host: [...program.main.variables.values()]
      .filter((variable) => variable.type === 'any' && !variable.isHidden)
      .map((variable) => ({ name: variable.display.toLowerCase(), slot: variable.slot, isRefreshed: !variable.isAssigned })),
    marks,
  };
  return { wasm, debugMap: JSON.stringify(debugMap) };
}

/** A frame takes at most half of the window for frames, so that main always leaves room for what it calls. */
const variablesMax = frameBytesMax / 16 - 2;

/** Calls are written with two bytes for the number; functions of the host and helpers count, too. */
const proceduresMax = 15_000;

const slotTypes: Readonly<Record<Type, SlotType>> = { num: 'n', str: 's', bool: 'b', any: 'a', none: 'a', nums: 'p' };

/** Where an error handler keeps its state, for the engine; see `HiddenVariables`. */
function handlerOf({ hidden }: ProcedureInfo): Pick<DebugMap['procedures'][number], 'handler'> {
  const { handler, handling, at, next, failedAt, failedNext } = hidden;
  if (!handler || !handling) return {};
  if (!at || !next || !failedAt || !failedNext) return { handler: [handler.slot, handling.slot] };
  return { handler: [handler.slot, handling.slot, at.slot, next.slot, failedAt.slot, failedNext.slot] };
}

function assignSlots(procedure: ProcedureInfo): void {
  let slot = 0;
  for (const variable of procedure.variables.values()) variable.slot = slot++;
}

/** A procedure that never suspends is an ordinary function with typed parameters. */
function emitPlain(e: Emitter): void {
  const { f, context, procedure } = e;
  const position = e.position(procedure.span);
  f.mark(position);
  e.tick(position, null);
  if (procedure.isRecursive) {
    f.getGlobal(context.depth).i32(1).op(op.i32Add).setGlobal(context.depth);
    f.getGlobal(context.depth).i32(callDepthMax).op(op.i32GtS).if();
    context.fail(f, trap.tooDeep, position);
    f.end();
  }
  for (const variable of procedure.variables.values()) {
    if (variable.isParameter || (variable.type !== 'any' && variable.type !== 'str')) continue;
    e.initial(variable.type);
    e.set(variable);
  }
  emitStatements(e, procedure.body);
  if (alwaysLeaves(procedure.body)) f.op(op.unreachable);
  else emitReturn(e, null);
}
