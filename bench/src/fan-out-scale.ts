import { loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { type Closable, gatewayTarget, run } from './fan-out.ts';
import { cpuSeconds, median } from './load/processes.ts';
import { openWorkspace, type Workspace } from './load/workspace.ts';

const rounds = 3;
const seconds = 2;
/** The rate at which looking and resting are compared: what a very busy channel of people sees. */
const perSecond = 50;
const compared = 2_000;

/** Microseconds of server CPU for one message at a fixed rate, whoever is told of it. */
async function cpuPerMessage(target: Closable, warmUpMs: number): Promise<number> {
  let n = 0;
  const load = async (durationMs: number) => {
    for (const untilMs = performance.now() + durationMs; performance.now() < untilMs; ) {
      target.publish(n++);
      await delay(1_000 / perSecond);
    }
  };
  await load(warmUpMs);
  const [from, before] = [n, cpuSeconds(target.pid)];
  await load(seconds * 2_000);
  return ((cpuSeconds(target.pid) - before) * 1e6) / (n - from);
}

async function growth(workspace: Workspace): Promise<void> {
  for (const members of [250, 1_000, 4_000]) {
    const target = await gatewayTarget(workspace, members);
    await run(target, 16, 1);
    const results: { cpuUs: number; perSecond: number }[] = [];
    for (let round = 0; round < rounds; round++) results.push(await run(target, 16, seconds));
    target.close();
    await delay(1_000);
    const [cpuUs, deliveries] = [median(results.map((one) => one.cpuUs)), median(results.map((one) => one.perSecond))];
    process.stdout.write(
      `  ${String(members).padStart(5)} members, 16 in flight: ${cpuUs.toFixed(2)} us of CPU a delivery, ${Math.round(deliveries).toLocaleString('en')} deliveries/s (load ${loadavg()[0]!.toFixed(1)})\n`,
    );
  }
}

/** How the cost of a delivery grows with the channel, and what it saves that those who do not look rest. */
export async function benchFanOutScale(): Promise<void> {
  process.stdout.write('Fan-out at 1x, 4x and 16x\n');
  const workspace = await openWorkspace(20);
  try {
    await growth(workspace);
    const cost: number[] = [];
    for (const rests of [false, true]) {
      const target = await gatewayTarget(workspace, compared, rests);
      cost.push(await cpuPerMessage(target, 3_000));
      target.close();
      await delay(1_500);
    }
    const [looking, resting] = cost as [number, number];
    process.stdout.write(
      `  ${compared} members at ${perSecond} messages/s: ${(looking / 1_000).toFixed(1)} ms of CPU a message when all look, ${(resting / 1_000).toFixed(1)} ms when all rest: ${(looking / resting).toFixed(1)} times less\n`,
    );
  } finally {
    await workspace.server.dispose();
  }
}
