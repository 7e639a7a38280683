import { createTurnEngine, type LoadedProgram, prepareProgram } from 'gb-vm/runtime';
import { turnInput } from '../turn-input.ts';
import { kernels } from './kernels.ts';
import { printRounds } from './samples.ts';

// `run-bot.ts kernel n rounds`: our machine, as it runs a bot. What is cold in the first round is the program: the machine
// itself has run another one before, as in a server.
const [name, n, rounds] = process.argv.slice(2);
const kernel = kernels.find((one) => one.name === name)!;
const engine = createTurnEngine();
async function load(text: string): Promise<LoadedProgram> {
  const { program, diagnostics } = await prepareProgram([{ name: 'start.bas', text }]);
  if (!program) throw new Error(diagnostics.map((one) => `${one.line}: ${one.message}`).join('\n'));
  return engine.load(program);
}
function run(program: LoadedProgram): number {
  const output = engine.runTurn(program, turnInput);
  if (output.status !== 'finished') throw new Error(`${name}: ${output.error?.message}`);
  return Number(output.replies.at(-1)!.text);
}
run(await load('l = [1]\nTALK "1" + l[0]'));
const loaded = await load(kernel.bot(Number(n)));
await printRounds(Number(rounds), () => run(loaded));
