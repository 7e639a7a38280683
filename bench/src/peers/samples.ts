/** What a run of a kernel says about itself: one line `ms number` per round, CPU time of the process, the first one cold. */
export interface Samples {
  readonly first: number;
  /** The median of all rounds but the first. */
  readonly warm: number;
  /** What the kernel computed, the same in every round. */
  readonly result: number;
}

/** The work of one kernel in this process, round by round, printed for the one who started us. */
export async function printRounds(rounds: number, round: () => number): Promise<void> {
  for (let index = 0; index < rounds; index++) {
    const start = process.cpuUsage();
    const result = round();
    const { user, system } = process.cpuUsage(start);
    process.stdout.write(`${(user + system) / 1000} ${result}\n`);
    // Compilers that work beside the program finish what the first round gave them to do.
    if (index === 0) await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export function readRounds(out: string): Samples {
  const rounds = out
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number));
  const result = rounds[0]?.[1] ?? Number.NaN;
  if (Number.isNaN(result) || rounds.some((round) => round[1] !== result)) throw new Error(`not rounds of one kernel: ${out}`);
  const times = rounds.slice(1).map(([ms]) => ms!);
  return { first: rounds[0]![0]!, warm: median(times), result };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}
