import { compile } from 'gb-vm/compiler';
import { createTurnEngine, prepareProgram, type TurnEngine } from 'gb-vm/runtime';
import { turnInput } from './turn-input.ts';

/** A kernel in BASIC and as plain JavaScript. Each has a HEAR that is never reached, so that main is a state machine as in a bot. */
interface Kernel {
  readonly name: string;
  readonly source: string;
  readonly javascript: () => unknown;
}

const kernels: readonly Kernel[] = [
  { name: 'loop', source: 's = 0\nFOR i = 1 TO 30000000\ns = s + i\nNEXT\nTALK s\nIF x = 1 THEN HEAR z', javascript: loop },
  {
    name: 'fib',
    source:
      'FUNCTION fib(n)\nIF n < 2 THEN RETURN n\nRETURN fib(n - 1) + fib(n - 2)\nEND FUNCTION\nTALK fib(27)\nIF x = 1 THEN HEAR z',
    javascript: () => fib(27),
  },
  {
    name: 'sieve',
    source:
      'DIM a(1000000)\nc = 0\nFOR i = 2 TO 1000000\nIF a(i) = 0 THEN\nc = c + 1\nj = i + i\nWHILE j <= 1000000\na(j) = 1\nj = j + i\nWEND\nEND IF\nNEXT\nTALK c\nIF x = 1 THEN HEAR z',
    javascript: sieve,
  },
  {
    name: 'string',
    source: 's = ""\nFOR i = 1 TO 100000\ns = s + "x"\nNEXT\nTALK LEN(s)\nIF x = 1 THEN HEAR z',
    javascript: append,
  },
  {
    name: 'mandel',
    source:
      't = 0\nFOR y = 0 TO 199\nFOR x = 0 TO 199\ncr = x / 100 - 1.5\nci = y / 100 - 1\nzr = 0\nzi = 0\nk = 0\nWHILE k < 100 AND zr * zr + zi * zi < 4\ntt = zr * zr - zi * zi + cr\nzi = 2 * zr * zi + ci\nzr = tt\nk = k + 1\nWEND\nt = t + k\nNEXT\nNEXT\nTALK t\nIF x = 1 THEN HEAR z',
    javascript: mandel,
  },
];

const dialog = `SUB ask(q)
TALK q
HEAR a
last = a
END SUB
total = 0
last = ""
greeting = "hello"
TALK greeting
HEAR name
HEAR city
x = 1
y = 2
FOR i = 1 TO 8
ask("question " + i)
total = total + LEN(last)
NEXT
TALK "bye " + name
`;

export interface VmBench {
  readonly turnsPerSecond: number;
  readonly snapshotBytes: number;
  readonly compileMs: number;
  /** Ours divided by JavaScript's: below 1 is faster. */
  readonly ratios: Readonly<Record<string, number>>;
}

/** Turns per second on one core (restore, run, snapshot, no I/O) and the kernels against plain JavaScript. CPU time, medians. */
export async function benchVm(): Promise<VmBench> {
  const engine = createTurnEngine();
  const turns = await benchTurns(engine);
  const compileMs = benchCompile();
  console.log(
    `turns/s per core ${Math.round(turns.perSecond)}, snapshot ${turns.snapshotBytes} B, compile 100 lines ${compileMs.toFixed(2)} ms`,
  );
  const ratios: Record<string, number> = {};
  for (const kernel of kernels) {
    const ours = await benchKernel(engine, kernel);
    const theirs = median(7, () => cpuMs(kernel.javascript));
    ratios[kernel.name] = ours.warm / theirs;
    console.log(
      `${kernel.name.padEnd(7)} first ${ours.first.toFixed(1)} ms, median ${ours.warm.toFixed(1)} ms, JavaScript ${theirs.toFixed(1)} ms, ratio ${(ours.warm / theirs).toFixed(2)}`,
    );
  }
  return { turnsPerSecond: turns.perSecond, snapshotBytes: turns.snapshotBytes, compileMs, ratios };
}

async function benchTurns(engine: TurnEngine): Promise<{ perSecond: number; snapshotBytes: number }> {
  const { program } = await prepareProgram([{ name: 'start.bas', text: dialog }]);
  const loaded = engine.load(program!);
  let snapshot = engine.runTurn(loaded, turnInput).snapshot;
  const images: Uint8Array[] = [];
  for (let answer = 0; answer < 10; answer++) {
    images.push(snapshot!);
    snapshot = engine.runTurn(loaded, { ...turnInput, snapshot, answer: `answer ${answer}` }).snapshot;
  }
  const count = 20_000;
  const ms = median(5, () =>
    cpuMs(() => {
      for (let index = 0; index < count; index++)
        engine.runTurn(loaded, { ...turnInput, snapshot: images[index % 10]!, answer: 'blue' });
    }),
  );
  const sizes = images.map((image) => image.length).sort((a, b) => a - b);
  return { perSecond: (count * 1000) / ms, snapshotBytes: sizes[sizes.length >> 1]! };
}

/** Source to bytes of a program of about 100 lines, warm. */
function benchCompile(): number {
  const text = Array.from(
    { length: 12 },
    (_, n) =>
      `TALK "Question ${n}, \${total}?"\nHEAR a${n} AS INTEGER\nIF a${n} > ${n} THEN\n  total = total + a${n}\nELSE\n  total = total - 1\nEND IF\nTALK "So far " + total`,
  ).join('\n');
  const source = `total = 0\n${text}\n`;
  return median(50, () => cpuMs(() => compile([{ name: 'start.bas', text: source }])));
}

async function benchKernel(engine: TurnEngine, kernel: Kernel): Promise<{ first: number; warm: number }> {
  const { program } = await prepareProgram([{ name: 'start.bas', text: kernel.source }]);
  const loaded = engine.load(program!);
  const run = (): number => {
    const start = process.cpuUsage();
    const turn = engine.begin(loaded, turnInput);
    while (!turn.output) engine.step(turn);
    const used = process.cpuUsage(start);
    if (turn.output.status !== 'finished') throw new Error(`${kernel.name}: ${turn.output.error?.message}`);
    return (used.user + used.system) / 1000;
  };
  const first = run();
  await new Promise((resolve) => setTimeout(resolve, 50));
  return { first, warm: median(7, run) };
}

function cpuMs(work: () => unknown): number {
  const start = process.cpuUsage();
  sink = work();
  const used = process.cpuUsage(start);
  return (used.user + used.system) / 1000;
}

/** Results go here so that no optimiser may drop the work. */
let sink: unknown;
export const lastResult = (): unknown => sink;

function median(times: number, measure: () => number): number {
  const values = Array.from({ length: times }, measure).sort((a, b) => a - b);
  return values[times >> 1]!;
}

function loop(): number {
  let sum = 0;
  for (let index = 1; index <= 30_000_000; index++) sum += index;
  return sum;
}

function fib(n: number): number {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

function sieve(): number {
  const marks = new Float64Array(1_000_001);
  let count = 0;
  for (let candidate = 2; candidate <= 1_000_000; candidate++) {
    if (marks[candidate] !== 0) continue;
    count++;
    for (let multiple = candidate + candidate; multiple <= 1_000_000; multiple += candidate) marks[multiple] = 1;
  }
  return count;
}

function append(): number {
  let text = '';
  for (let index = 0; index < 100_000; index++) text += 'x';
  return text.length;
}

function mandel(): number {
  let total = 0;
  for (let y = 0; y < 200; y++) {
    for (let x = 0; x < 200; x++) {
      const cr = x / 100 - 1.5;
      const ci = y / 100 - 1;
      let [zr, zi, k] = [0, 0, 0];
      while (k < 100 && zr * zr + zi * zi < 4) {
        const next = zr * zr - zi * zi + cr;
        zi = 2 * zr * zi + ci;
        zr = next;
        k++;
      }
      total += k;
    }
  }
  return total;
}
