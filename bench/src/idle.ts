import { setTimeout as delay } from 'node:timers/promises';
import { protocolVersion } from 'gb-protocol';
import { cpuSeconds, residentBytes } from './load/processes.ts';
import { openSubscriber, type RawSubscriber } from './load/raw-subscriber.ts';
import { openWorkspace } from './load/workspace.ts';

/** Connections that are opened side by side. */
const atOnce = 200;

/** What a connection that does nothing holds, and what it costs to come in, in a server that has done nothing else. */
async function measure(connections: number): Promise<{ bytes: number; helloUs: number }> {
  const workspace = await openWorkspace(20);
  const { server, port, general, tokens } = workspace;
  try {
    // The first ones make the code fast and the heap as large as it is at rest.
    const first = await open(port, tokens, general, 500);
    await delay(2_000);
    const [bytesBefore, cpuBefore] = [residentBytes(server.pid), cpuSeconds(server.pid)];
    const all = await open(port, tokens, general, connections);
    const helloUs = ((cpuSeconds(server.pid) - cpuBefore) * 1e6) / connections;
    await delay(4_000);
    const bytes = (residentBytes(server.pid) - bytesBefore) / connections;
    for (const { socket } of [...first, ...all]) socket.destroy();
    return { bytes, helloUs };
  } finally {
    await server.dispose();
  }
}

type General = Awaited<ReturnType<typeof openWorkspace>>['general'];

async function open(port: number, tokens: readonly string[], general: General, count: number): Promise<RawSubscriber[]> {
  const all: RawSubscriber[] = [];
  while (all.length < count) {
    const some = Array.from({ length: Math.min(atOnce, count - all.length) }, async (_, i) => {
      const hello = JSON.stringify({
        type: 'hello',
        version: protocolVersion,
        token: tokens[(all.length + i) % tokens.length],
        channels: [{ channelId: general.channelId, epoch: general.epoch, seq: general.head }],
      });
      const subscriber = await openSubscriber(port, '/ws', { events: 0 }, hello);
      await new Promise<void>((resolve) => {
        subscriber.onText = (text) => text.includes('"type":"subscribed"') && resolve();
      });
      subscriber.onText = null;
      return subscriber;
    });
    all.push(...(await Promise.all(some)));
  }
  return all;
}

/** Connections that do nothing: what each holds in one process, and how that grows. */
export async function benchIdle(): Promise<void> {
  process.stdout.write('Idle connections in one process\n');
  for (const connections of [937, 3_750, 15_000]) {
    const { bytes, helloUs } = await measure(connections);
    const isMeasured = connections === 15_000;
    const wanted = isMeasured ? (bytes <= 12 * 1024 ? '  met (<= 12)' : '  NOT MET (<= 12)') : '';
    process.stdout.write(
      `  ${String(connections).padStart(6)}: ${(bytes / 1024).toFixed(1)} kB each, ${helloUs.toFixed(0)} us of CPU to come in${wanted}\n`,
    );
  }
}
