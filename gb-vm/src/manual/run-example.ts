import { planOf } from 'gb-core';
import { compile } from '../compiler/index.ts';
import type { RuntimeErrorCode } from '../runtime/errors.ts';
import { createTurnEngine, programHash } from '../runtime/in-process.ts';
import { createMemoryOperations } from '../runtime/operations/index.ts';
import { runtimeExamples } from './runtime-examples.ts';

export interface Outcome {
  /** Null when it ended, waits, or only warned. */
  readonly code: string | null;
  /** Without the place. */
  readonly message: string;
  /** As written before a line, where lines have numbers; 0 when no line is to blame. */
  readonly line: number;
  readonly isWarning: boolean;
}

/** How the engine ends its sentences: the file, the line, the statement. */
const place = / \(start\.bas, (?:line|linha) (\d+)[^()]*\)$/;

/**
 * Runs the example of an error to its end, with the limits of a bot's turn and the operations of a console. What it says
 * depends on nothing else.
 */
export async function runExample(code: RuntimeErrorCode, locale: 'en' | 'pt-BR'): Promise<Outcome> {
  const { example, profile = 'bot' } = runtimeExamples[code];
  if (example === null) throw new Error(`${code} has no example`);
  const { program, diagnostics } = compile([{ name: 'start.bas', text: example }], { profile, locale });
  if (!program) throw new Error(`the example of ${code} does not compile: ${diagnostics[0]?.message ?? ''}`);
  const engine = createTurnEngine();
  const loaded = engine.load({ ...program, hash: await programHash(program.wasm, program.debugMap) });
  const warnings: string[] = [];
  // What runs into the limit of fuel or of memory is not to meet that of time first on a busy machine, or the other way round.
  const limits =
    code === 'time_exhausted'
      ? { ...planOf('free').turn, fuelMax: 1e15, wallMsMax: 20 }
      : { ...planOf('free').turn, wallMsMax: 600_000 };
  const { error } = engine.runTurn(loaded, {
    customerId: 'manual',
    snapshot: null,
    answer: null,
    nowMs: 0,
    seed: 1,
    locale,
    variables: {},
    limits,
    operations: createMemoryOperations({ locale }),
    // Only a console hears of exceptions a program goes on after, and it may say more than a chat.
    ...(profile === 'bot' ? {} : { console: { write: () => {}, warn: (text: string) => warnings.push(text) } }),
  });
  return {
    code: error?.code ?? null,
    message: (error?.message ?? warnings.join(' ')).replace(place, ''),
    line: Number(place.exec(error?.message ?? warnings.join(' '))?.[1] ?? 0),
    isWarning: error === null && warnings.length > 0,
  };
}
