import type { CompiledProgram, TurnOutput } from 'gb-core';
import type { EngineInput } from './engine.ts';

/** What the runtime sends to a worker; several at once, in one array. */
export type ToWorker =
  | { readonly kind: 'turn'; readonly id: number; readonly hash: string; readonly input: EngineInput }
  | { readonly kind: 'program'; readonly hash: string; readonly program: CompiledProgram | null };

/** What a worker sends back. `need` asks for a program it does not have; the turns that want it wait. */
export type FromWorker =
  | { readonly kind: 'done'; readonly id: number; readonly output: TurnOutput }
  | { readonly kind: 'need'; readonly hash: string };

export interface WorkerSetup {
  /** Two words: a counter that moves with every slice, and the id of the turn that runs, 0 when none does. */
  readonly pulse: Int32Array;
  readonly sliceFuel: number;
  readonly plainFuelMax: number;
  readonly programsMax: number;
}
