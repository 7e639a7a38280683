import { loadavg } from 'node:os';
import { createTurnEngine, prepareProgram } from 'gb-vm/runtime';
import { median } from './load/processes.ts';
import { turnInput } from './turn-input.ts';

/** A question that refuses what is no number, in a program that holds so many texts. */
const holding = (texts: number) => `held = []
FOR i = 1 TO ${texts}
  PUSH held, "something to remember, number " + i
NEXT
DO
  HEAR n AS INTEGER
  total = total + n
  TALK "so far " + total
LOOP
`;

/** What it costs to take a conversation up again, without any I/O: by the size of what it remembers. */
export async function benchResume(): Promise<void> {
  process.stdout.write(`Taking a conversation up again (load ${loadavg()[0]!.toFixed(1)})\n`);
  const engine = createTurnEngine();
  for (const texts of [0, 4, 40, 400]) {
    const { program } = await prepareProgram([{ name: 'start.bas', text: holding(texts) }]);
    const loaded = engine.load(program!);
    const { snapshot } = engine.runTurn(loaded, turnInput);
    const run = (answer: string) => microseconds(() => engine.runTurn(loaded, { ...turnInput, snapshot, answer }));
    // What is refused is restored, checked and asked again: nothing is run and no image is made.
    const [restored, whole] = [run('many'), run('7')];
    const aim = texts <= 4 ? `   ${restored <= 10 ? 'met' : 'NOT MET'} (10)` : '';
    process.stdout.write(
      `  ${String(snapshot!.length).padStart(6)} bytes: restored in ${restored.toFixed(1)} us${aim}, whole turn ${whole.toFixed(1)} us\n`,
    );
  }
}

/** Of processor, a call: the median of seven portions. */
function microseconds(work: () => unknown): number {
  const count = 4_000;
  const portions: number[] = [];
  for (let portion = 0; portion < 8; portion++) {
    const start = process.cpuUsage();
    for (let n = 0; n < count; n++) work();
    const { user, system } = process.cpuUsage(start);
    if (portion > 0) portions.push((user + system) / count);
  }
  return median(portions);
}
