import { createTurnEngine, type LoadedProgram, prepareProgram } from 'gb-vm/runtime';
import { kernels } from './kernels.ts';
import { printRounds } from './samples.ts';

// `run-bot.ts kernel n rounds`: our machine, as it runs a bot. What is cold in the first round is the program: the machine
// itself has run another one before, as in a server.
const [name, n, rounds] = process.argv.slice(2);
const kernel = kernels.find((one) => one.name === name)!;
const engine = createTurnEngine();
const limits = {
  fuelMax: 2_000_000_000,
  wallMsMax: 600_000,
  memoryBytesMax: 64 * 1024 * 1024,
  snapshotBytesMax: 64 * 1024 * 1024,
  messagesMax: 100,
};
async function load(text: string): Promise<LoadedProgram> {
  const { program, diagnostics } = await prepareProgram([{ name: 'start.bas', text }]);
  if (!program) throw new Error(diagnostics.map((one) => `${one.line}: ${one.message}`).join('\n'));
  return engine.load(program);
}
function run(program: LoadedProgram): number {
  const output = engine.runTurn(program, {
    customerId: 'bench',
    snapshot: null,
    answer: null,
    nowMs: 0,
    seed: 1,
    locale: 'en',
    variables: {},
    limits,
  });
  if (output.status !== 'finished') throw new Error(`${name}: ${output.error?.message}`);
  return Number(output.replies.at(-1)!.text);
}
run(await load('l = [1]\nTALK "1" + l[0]'));
const loaded = await load(kernel.bot(Number(n)));
await printRounds(Number(rounds), () => run(loaded));
