import { type CompileOptions, compile, type SourceText } from '../compiler/index.ts';
import { createTurnEngine, type EngineInput, programHash } from '../runtime/index.ts';
import { turnInput } from './play.ts';

/**
 * Runs a program as at a console and writes down everything that happens: what it says and prints; `~ code` for an
 * exception it goes on after; `! code line N` for the error that ends it; `N:M code` for each thing the compiler says.
 */
export async function runProgram(
  source: string | readonly SourceText[],
  options: CompileOptions,
  answers: readonly string[] = [],
  input: Partial<EngineInput> = {},
): Promise<string> {
  const files = typeof source === 'string' ? [{ name: 'program.bas', text: source }] : source;
  const { program, diagnostics } = compile(files, options);
  if (!program) return diagnostics.map(({ line, column, code }) => `${line}:${column} ${code}\n`).join('');
  const engine = createTurnEngine();
  const loaded = engine.load({ ...program, hash: await programHash(program.wasm, program.debugMap) });
  let output = '';
  const console = {
    write: (text: string) => {
      output += text;
    },
    warn: (text: string) => {
      output += `~ ${text}\n`;
    },
  };
  const rest = [...answers];
  const limits = { ...turnInput().limits, fuelMax: 1_000_000_000, snapshotBytesMax: 16 * 1024 * 1024, wallMsMax: 60_000 };
  let next = turnInput({ limits, ...input, console });
  for (;;) {
    const turn = engine.runTurn(loaded, next);
    if (turn.status === 'failed')
      return `${output}${output === '' || output.endsWith('\n') ? '' : '\n'}! ${turn.error!.code} line ${turn.error!.line}\n`;
    if (turn.status === 'finished') return output;
    const answer = rest.shift();
    if (answer === undefined) return `${output}\n! end of input\n`;
    output += `${answer}\n`;
    next = { ...next, snapshot: turn.snapshot, answer };
  }
}
