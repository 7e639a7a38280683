import { setTimeout as delay } from 'node:timers/promises';
import { protocolVersion } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';
import { cpuSeconds, median, startPlainServer } from './load/processes.ts';
import { type Counter, openSubscriber, type RawSubscriber } from './load/raw-subscriber.ts';
import { openWorkspace, type Workspace } from './load/workspace.ts';

interface Target {
  readonly name: string;
  readonly pid: number;
  readonly counter: Counter;
  readonly members: number;
  publish(n: number): void;
}

interface Result {
  /** Microseconds of server CPU for one delivery. */
  readonly cpuUs: number;
  readonly perSecond: number;
}

const body = (n: number) => `benchmark message ${n} ${'lorem ipsum dolor sit amet '.repeat(5)}`.slice(0, 150);

/** Keeps `inFlight` messages on their way for `seconds`; a message is on its way until every member has it. */
export async function run(target: Target, inFlight: number, seconds: number): Promise<Result> {
  const { counter, members } = target;
  let published = 0;
  const pump = () => {
    while (published * members - counter.events < inFlight * members && published - counter.events / members < inFlight)
      target.publish(published++);
  };
  counter.events = 0;
  const cpuBefore = cpuSeconds(target.pid);
  const startMs = performance.now();
  while (performance.now() - startMs < seconds * 1000) {
    pump();
    await new Promise((resolve) => setImmediate(resolve));
  }
  for (const deadlineMs = performance.now() + 10_000; counter.events < published * members && performance.now() < deadlineMs; )
    await delay(2);
  if (counter.events !== published * members)
    throw new Error(`${target.name}: ${counter.events} deliveries of ${published * members}`);
  const elapsedS = (performance.now() - startMs) / 1000;
  return { cpuUs: ((cpuSeconds(target.pid) - cpuBefore) * 1e6) / counter.events, perSecond: counter.events / elapsedS };
}

async function openAll(count: number, open: (n: number) => Promise<RawSubscriber>): Promise<RawSubscriber[]> {
  const all: RawSubscriber[] = [];
  while (all.length < count)
    all.push(...(await Promise.all(Array.from({ length: Math.min(200, count - all.length) }, (_, i) => open(all.length + i)))));
  return all;
}

export async function gatewayTarget(workspace: Workspace, members: number, rests = false): Promise<Closable> {
  const counter: Counter = { events: 0 };
  const { channelId, epoch, head } = workspace.general;
  let greeted = 0;
  const subscribers = await openAll(members, async (n) => {
    const hello = JSON.stringify({
      type: 'hello',
      version: protocolVersion,
      token: workspace.tokens[n % workspace.tokens.length],
      rests,
      channels: [{ channelId, epoch, seq: head }],
    });
    const subscriber = await openSubscriber(workspace.port, '/ws', counter, hello);
    await new Promise<void>((resolve) => {
      subscriber.onText = (text) => {
        if (!text.includes('"type":"subscribed"')) return;
        subscriber.onText = null;
        greeted += 1;
        resolve();
      };
    });
    return subscriber;
  });
  if (greeted !== members) throw new Error(`Only ${greeted} of ${members} were let in.`);
  const [publisher] = subscribers;
  return {
    name: 'gateway',
    pid: workspace.server.pid,
    counter,
    members,
    publish: (n) => publisher!.send(JSON.stringify({ type: 'send', id: n, channelId, clientId: uuidv7(), text: body(n) })),
    close: () => {
      for (const { socket } of subscribers) socket.destroy();
    },
  };
}

async function plainTarget(mode: 'naive' | 'loop', members: number): Promise<Target & { close(): void }> {
  const server = await startPlainServer(mode);
  const counter: Counter = { events: 0 };
  const subscribers = await openAll(members, () => openSubscriber(server.port, '/sub', counter, null));
  const publisher = await openSubscriber(server.port, '/pub', { events: 0 }, null);
  // The same fields as an event of ours, so that both write the same bytes.
  const frame = (n: number) =>
    JSON.stringify({
      type: 'event',
      kind: 'message.posted',
      channelId: uuidv7(),
      epoch: 1,
      seq: n,
      actorId: uuidv7(),
      at: Date.now(),
      count: n,
      message: { clientId: uuidv7(), text: body(n) },
    });
  return {
    name: mode,
    pid: server.pid,
    counter,
    members,
    publish: (n) => publisher.send(frame(n)),
    close: () => {
      for (const { socket } of [...subscribers, publisher]) socket.destroy();
      server.stop();
    },
  };
}

/** Alternates the two servers so that whatever else the machine does meets both. */
async function compare(a: Target, b: Target, inFlight: number, rounds: number, seconds: number): Promise<[Result, Result]> {
  const results: [Result[], Result[]] = [[], []];
  await run(a, inFlight, 1);
  await run(b, inFlight, 1);
  for (let round = 0; round < rounds; round++) {
    results[0].push(await run(a, inFlight, seconds));
    results[1].push(await run(b, inFlight, seconds));
  }
  const middle = (list: Result[]): Result => ({
    cpuUs: median(list.map((r) => r.cpuUs)),
    perSecond: median(list.map((r) => r.perSecond)),
  });
  return [middle(results[0]), middle(results[1])];
}

const middle = (list: Result[]): Result => ({
  cpuUs: median(list.map((r) => r.cpuUs)),
  perSecond: median(list.map((r) => r.perSecond)),
});

export type Closable = Target & { close(): void };

/** For so many sockets that a process cannot hold both sides' at once: opens, runs and closes one after the other. */
async function compareInTurn(
  openA: () => Promise<Closable>,
  openB: () => Promise<Closable>,
  seconds: number,
): Promise<[Result, Result]> {
  const results: [Result[], Result[]] = [[], []];
  for (let round = 0; round < 3; round++) {
    for (const [side, open] of [openA, openB].entries()) {
      const target = await open();
      await run(target, 1, 1);
      results[side]!.push(await run(target, 1, seconds));
      target.close();
      await delay(1_500);
    }
  }
  return [middle(results[0]), middle(results[1])];
}

const show = (label: string, value: string, target: string, isMet: boolean) =>
  process.stdout.write(`  ${label.padEnd(58)} ${value.padStart(12)}   ${isMet ? 'met' : 'NOT MET'} (${target})\n`);

/** From the server's own metrics, since it started. */
async function shared({ server }: Workspace): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  return value('gb_deliveries_total') / value('gb_socket_writes_total');
}

/** One channel, many members: what a delivery costs the server. Medians of five rounds, both servers in one run. */
export async function benchFanOut(options: { rounds?: number; seconds?: number } = {}): Promise<void> {
  const { rounds = 5, seconds = 2 } = options;
  process.stdout.write('Fan-out\n');
  const workspace = await openWorkspace(20);
  try {
    const gateway = await gatewayTarget(workspace, 1_000);
    const naive = await plainTarget('naive', 1_000);
    const [ours, theirs] = await compare(gateway, naive, 16, rounds, seconds);
    show('1,000 members, 16 in flight: CPU us per delivery', ours.cpuUs.toFixed(2), '<= 1.0', ours.cpuUs <= 1);
    show('  deliveries that share one write', (await shared(workspace)).toFixed(1), 'informative', true);
    show('  deliveries per second', Math.round(ours.perSecond).toLocaleString('en'), 'informative', true);
    show(
      '  times less CPU than one ws.send per client',
      (theirs.cpuUs / ours.cpuUs).toFixed(1),
      '>= 8',
      theirs.cpuUs / ours.cpuUs >= 8,
    );
    gateway.close();
    naive.close();
    await delay(1_000);
    const [big, bare] = await compareInTurn(
      () => gatewayTarget(workspace, 10_000),
      () => plainTarget('loop', 10_000),
      seconds,
    );
    show('10,000 members, 1 in flight: CPU us per delivery', big.cpuUs.toFixed(2), 'informative', true);
    show(
      '  times the CPU of a bare pre-encoded loop',
      (big.cpuUs / bare.cpuUs).toFixed(2),
      '<= 1.2',
      big.cpuUs / bare.cpuUs <= 1.2,
    );
  } finally {
    await workspace.server.dispose();
  }
}
