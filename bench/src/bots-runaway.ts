import { loadavg } from 'node:os';
import { BotWorld } from 'gb-cli/testing/bots';
import { planOf, type TurnInput } from 'gb-core';
import { startTestDatabase } from 'gb-storage/testing';
import { sleep } from 'gb-utils';
import { createBotRuntime, prepareProgram } from 'gb-vm/runtime';
import { hostilePrograms } from './bots-hostile.ts';
import { openBenchBots, percentile, type Talk, talksWith } from './bots-world.ts';
import { median } from './load/processes.ts';

const stopMsMax = 300;
const blockMs = 3_000;
const perSecond = 30;
/** So many that nobody is asked again while still being answered: turns of one conversation wait for each other. */
const talkers = 120;

/** What a bot without end costs its neighbours, and how long it lasts. Each ratio is of blocks taken in turns in one run. */
export async function benchRunaways(options: { rounds?: number } = {}): Promise<void> {
  const { rounds = 5 } = options;
  process.stdout.write(`Runaway bots (load ${loadavg()[0]!.toFixed(1)})\n`);
  await howLong();
  await stuckWorker();
  await neighbours(rounds);
}

/** Each hostile program alone in a worker, with the smallest and the largest plan. */
async function howLong(): Promise<void> {
  const runtime = createBotRuntime({ workers: 1 });
  const worst: number[] = [];
  try {
    for (const tier of ['free', 'enterprise']) {
      for (const [name, text] of Object.entries(hostilePrograms)) {
        const input = await turnOf(text, tier);
        const times: number[] = [];
        const codes = new Set<string>();
        const cpu = process.cpuUsage();
        for (let n = 0; n < 3; n++) {
          const startMs = performance.now();
          const output = await runtime.runTurn(input);
          times.push(performance.now() - startMs);
          codes.add(output.error?.code ?? output.status);
        }
        const used = process.cpuUsage(cpu);
        const cpuMs = (used.user + used.system) / 3_000;
        worst.push(cpuMs);
        process.stdout.write(
          `  ${tier.padEnd(11)}${name.padEnd(22)} stopped after ${median(times).toFixed(0).padStart(5)} ms, ${cpuMs.toFixed(0).padStart(4)} ms of processor   ${[...codes].join(', ')}\n`,
        );
      }
    }
  } finally {
    await runtime.close();
  }
  const most = Math.max(...worst);
  process.stdout.write(`  longest: ${most.toFixed(0)} ms of processor   ${verdict(most <= stopMsMax)} (${stopMsMax} ms)\n`);
}

/** A worker that says nothing any more, which no limit of ours allows: here the bound that prevents it is taken away. */
async function stuckWorker(): Promise<void> {
  const runtime = createBotRuntime({ workers: 1, plainFuelMax: Number.MAX_SAFE_INTEGER });
  try {
    const quick = await turnOf('TALK "quick"', 'free');
    const stuck = await turnOf('FUNCTION f()\n  FOR i = 1 TO 1e15\n  NEXT\n  RETURN 1\nEND FUNCTION\nTALK f()', 'free');
    await runtime.runTurn(quick);
    const limits = { ...stuck.limits, fuelMax: 1e15, wallMsMax: 1e9 };
    const startMs = performance.now();
    const bad = runtime.runTurn({ ...stuck, limits }).then(({ error }) => [error?.code, performance.now() - startMs] as const);
    await sleep(50);
    const waiting = Array.from({ length: 100 }, () => runtime.runTurn(quick));
    const outputs = await Promise.all(waiting);
    const allMs = performance.now() - startMs;
    const [code, ms] = await bad;
    const answered = outputs.filter(({ status }) => status === 'finished').length;
    process.stdout.write(
      `  a silent worker: its turn is ${code} after ${ms.toFixed(0)} ms, ${answered} of ${waiting.length} turns behind it answered after ${allMs.toFixed(0)} ms\n`,
    );
  } finally {
    await runtime.close();
  }
}

interface Block {
  readonly p50: number;
  readonly p99: number;
}

/** A well-behaved bot's turns while 0, 1 and 4 of another customer's run without end; two workers. */
export async function neighbours(rounds: number): Promise<void> {
  const database = await startTestDatabase();
  const bots = await openBenchBots(database, { workers: 2 });
  const other = await BotWorld.open(database);
  try {
    const talks = await talksWith(bots.runner, bots.world, 'DO\n  HEAR x\n  TALK "you said ${x}"\nLOOP', talkers);
    for (const talk of talks) await talk.say('hello');
    const runaways = await talksWith(bots.runner, other, hostilePrograms['lists sorted']!, 4);
    const counts = [0, 1, 4];
    const turns: Record<number, Block[]> = {};
    const inRuntime: Record<number, Block[]> = {};
    const lasted: Record<number, number[]> = { 1: [], 4: [] };
    for (let round = 0; round < rounds + 1; round++) {
      for (const count of counts) {
        const stop = keepRunning(runaways.slice(0, count), (ms) => round > 0 && lasted[count]!.push(ms));
        await sleep(200);
        const whole = await openLoop((n) => talks[n % talks.length]!.say('tea'));
        const input = await turnOf('HEAR x\nTALK x', 'free');
        const alone = await openLoop((n) => bots.ctx.runtime.runTurn({ ...input, customerId: 'good', seed: n }));
        await stop();
        if (round === 0) continue; // Warms up.
        (turns[count] ??= []).push(whole);
        (inRuntime[count] ??= []).push(alone);
      }
    }
    for (const [title, blocks] of [
      ['turns with everything stored', turns],
      ['turns in the workers alone', inRuntime],
    ] as const) {
      const calm = median(blocks[0]!.map(({ p99 }) => p99));
      for (const count of counts) {
        const p50 = median(blocks[count]!.map((block) => block.p50));
        const p99 = median(blocks[count]!.map((block) => block.p99));
        const ratio = count === 0 ? '' : `   ${(p99 / calm).toFixed(2)} times   ${verdict(p99 / calm <= 2)} (2)`;
        process.stdout.write(`  ${title}, ${count} runaways: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms${ratio}\n`);
      }
    }
    for (const count of [1, 4])
      process.stdout.write(
        `  ${count} at once lasted ${median(lasted[count]!).toFixed(0)} ms each, with what is stored about them\n`,
      );
  } finally {
    await other.close();
    await bots.close();
    await database.close();
  }
}

/** Whoever was stopped begins again, until told otherwise. */
function keepRunning(talks: readonly Talk[], onStopped: (ms: number) => void): () => Promise<void> {
  let isOver = false;
  const loops = talks.map(async (talk) => {
    while (!isOver) {
      const startMs = performance.now();
      await talk.say('go');
      onStopped(performance.now() - startMs);
    }
  });
  return async () => {
    isOver = true;
    await Promise.all(loops);
  };
}

/** At a steady rate, whatever the answers do; times count from when each was due. */
async function openLoop(turn: (n: number) => Promise<unknown>): Promise<Block> {
  const times: number[] = [];
  const under: Promise<unknown>[] = [];
  const startMs = performance.now();
  for (let n = 0; n < (blockMs / 1000) * perSecond; n++) {
    const dueMs = startMs + (n * 1000) / perSecond;
    await sleep(Math.max(0, dueMs - performance.now()));
    under.push(turn(n).then(() => times.push(performance.now() - dueMs)));
  }
  await Promise.all(under);
  return { p50: percentile(times, 0.5), p99: percentile(times, 0.99) };
}

async function turnOf(text: string, tier: string): Promise<TurnInput> {
  const { program, diagnostics } = await prepareProgram([{ name: 'start.bas', text }]);
  if (!program) throw new Error(JSON.stringify(diagnostics));
  return {
    customerId: 'bad',
    program: { hash: program.hash, load: async () => program },
    snapshot: null,
    answer: null,
    nowMs: 0,
    seed: 1,
    locale: 'en',
    variables: {},
    limits: planOf(tier).turn,
  };
}

function verdict(isMet: boolean): string {
  return isMet ? 'met' : 'NOT MET';
}
