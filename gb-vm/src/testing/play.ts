import type { TurnOutput } from 'gb-core';
import { type CompileOptions, compile, type SourceText } from '../compiler/index.ts';
import { createTurnEngine, type EngineInput, type EngineOptions, programHash } from '../runtime/index.ts';

export const limits = {
  fuelMax: 50_000_000,
  wallMsMax: 5000,
  memoryBytesMax: 16 * 1024 * 1024,
  snapshotBytesMax: 256 * 1024,
  messagesMax: 200,
};

/** 14:30 on a Monday. */
export const nowMs = Date.UTC(2026, 10, 23, 14, 30, 0);

export function turnInput(changes: Partial<EngineInput> = {}): EngineInput {
  return { customerId: 'acme', snapshot: null, answer: null, nowMs, seed: 7, locale: 'en', variables: {}, limits, ...changes };
}

export interface Played {
  /** What was said, `<` and the answer for each answer, and `[a|b]` after a message that offers choices. */
  readonly transcript: string[];
  readonly last: TurnOutput;
}

export interface PlayOptions {
  readonly answers?: readonly string[];
  readonly input?: Partial<EngineInput>;
  readonly compile?: CompileOptions;
  readonly engine?: EngineOptions;
  /** Take a fresh engine for every turn, as after a restart. */
  readonly isRestarting?: boolean;
}

/** Compiles and talks to a program until it ends, fails or no answer is left. Throws when it does not compile. */
export async function play(source: string | readonly SourceText[], options: PlayOptions = {}): Promise<Played> {
  const files = typeof source === 'string' ? [{ name: 'start.bas', text: source }] : source;
  const { program, diagnostics } = compile(files, options.compile);
  if (!program)
    throw new Error(diagnostics.map((one) => `${one.file}:${one.line}:${one.column} ${one.code} ${one.message}`).join('\n'));
  const compiled = { ...program, hash: await programHash(program.wasm, program.debugMap) };
  let engine = createTurnEngine(options.engine);
  const transcript: string[] = [];
  const answers = [...(options.answers ?? [])];
  let input = turnInput(options.input);
  for (;;) {
    const output = engine.runTurn(engine.load(compiled), input);
    for (const reply of output.replies)
      transcript.push(reply.text + (reply.suggestions ? ` [${reply.suggestions.join('|')}]` : ''));
    if (output.error) transcript.push(`! ${output.error.code} ${output.error.file}:${output.error.line}:${output.error.column}`);
    if (output.status !== 'waiting' || answers.length === 0) return { transcript, last: output };
    const answer = answers.shift()!;
    transcript.push(`< ${answer}`);
    if (options.isRestarting) engine = createTurnEngine(options.engine);
    input = { ...input, snapshot: output.snapshot, answer };
  }
}
