import { loadavg } from 'node:os';
import { dialogScript, gotoScript, timeCompile } from './peers/compile-time.ts';
import { findEngines, type PeerEngine } from './peers/engines.ts';
import { type Kernel, kernels } from './peers/kernels.ts';
import type { Samples } from './peers/samples.ts';

interface Measured extends Samples {
  /** Scaled to the kernel's full size. */
  readonly warmFull: number;
}

/**
 * Our machine and the languages next door on the same small programs. All figures are CPU time; each engine runs each
 * kernel in a process of its own, the first round cold, the median of the others warm. Engines that are not installed
 * are named and left out (`npm run services` installs them). A kernel that does not compute what the others do fails the run.
 */
export async function benchVmPeers(): Promise<void> {
  const { engines, absent } = findEngines();
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  print(`Languages next door (load ${loadavg()[0]!.toFixed(1)})\n`);
  if (absent.length > 0) print(`Absent: ${absent.join(', ')}. \`npm run services\` installs them.\n`);

  print(row(['kernel', ...engines.map(({ name }) => `${name} ms`), 'first ms', 'first / warm']));
  print(row(Array.from({ length: engines.length + 3 }, () => '---')));
  const ratios: string[] = [];
  for (const kernel of kernels) {
    const measured = engines.map((engine) => measure(engine, kernel));
    compareResults(kernel, engines, measured);
    const ours = measured[0]!;
    print(
      row([
        kernel.name,
        ...measured.map((one, index) =>
          one ? `${digits(one.warmFull)}${engines[index]!.isSlow && kernel.small !== kernel.size ? '*' : ''}` : '-',
        ),
        digits(ours.first),
        digits(ours.first / ours.warm),
      ]),
    );
    const against = measured.slice(1).map((one, index) => ratio(kernel, engines[index + 1]!, ours, one));
    ratios.push(row([kernel.name, ...against]));
  }
  print('\n`*` scaled from a smaller size.\n');
  print(row(['kernel', ...engines.slice(1).map(({ name }) => (name === 'Node' ? 'ours / Node (at most)' : `${name} / ours`))]));
  print(row(engines.map(() => '---')));
  for (const line of ratios) print(line);

  print(`\n${row(['script', 'lines', 'bytes', 'compile ms', 'with Module ms'])}\n${row(['---', '---', '---', '---', '---'])}`);
  print(compileRow('100 lines, 12 HEARs', timeCompile(100, dialogScript, {})));
  print(
    compileRow(
      '10,000 lines of GOTO',
      timeCompile(5, () => gotoScript(10_000), { profile: 'classic' }),
    ),
  );
  print(`\nLoad at the end ${loadavg()[0]!.toFixed(1)}.`);
}

function measure(engine: PeerEngine, kernel: Kernel): Measured | null {
  const n = engine.isSlow ? kernel.small : kernel.size;
  const samples = engine.run(kernel, n);
  return samples && { ...samples, warmFull: (samples.warm * kernel.work(kernel.size)) / kernel.work(n) };
}

/** Those of one size must agree; JavaScript here says what a smaller one gives. */
function compareResults(kernel: Kernel, engines: readonly PeerEngine[], measured: readonly (Measured | null)[]): void {
  const javascript = new Function(`return ${kernel.javascript}`)() as (n: number) => number;
  const expected = { full: javascript(kernel.size), small: javascript(kernel.small) };
  for (const [index, one] of measured.entries()) {
    const wanted = engines[index]!.isSlow ? expected.small : expected.full;
    if (one && one.result !== wanted)
      throw new Error(`${kernel.name}: ${engines[index]!.name} computed ${one.result}, and ${wanted} is right.`);
  }
}

/** Against JavaScript: how many times its time we take. Against the others: how many times ours they take. */
function ratio(kernel: Kernel, engine: PeerEngine, ours: Measured, theirs: Measured | null): string {
  if (!theirs) return '-';
  if (engine.name !== 'Node') return digits(theirs.warmFull / ours.warmFull);
  const value = ours.warmFull / theirs.warmFull;
  return `${digits(value)} (${kernel.ratioMax}${value <= kernel.ratioMax ? '' : ', MISSED'})`;
}

function compileRow(name: string, times: ReturnType<typeof timeCompile>): string {
  if (typeof times === 'string') return row([name, '-', '-', times, '-']);
  return row([name, String(times.lines), String(times.wasmBytes), digits(times.compileMs), digits(times.moduleMs)]);
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const digits = (value: number): string => (value >= 100 ? String(Math.round(value)) : value.toPrecision(value < 1 ? 2 : 3));
