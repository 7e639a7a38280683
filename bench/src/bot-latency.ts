import { createNodeClient } from 'gb-client/node';
import type { BotId } from 'gb-protocol';
import { median } from './load/processes.ts';
import { openWorkspace } from './load/workspace.ts';

/** A dialog through the whole product: an answer is sent, stored, handed to the bot, run, stored and seen. */
export async function benchBotLatency(options: { turns?: number } = {}): Promise<void> {
  const { turns = 200 } = options;
  process.stdout.write('Bot, end to end\n');
  const { server, tokens } = await openWorkspace(1);
  const client = createNodeClient({ baseUrl: server.url, token: tokens[0]! });
  try {
    await client.start();
    await client.live();
    const files = [{ name: 'start.bas', text: 'TALK "ready"\nDO\n  HEAR word\n  TALK "you said ${word}"\nLOOP' }];
    const bot = await client.rest.createBot({ name: 'Echo', handle: 'echo', files });
    await client.rest.publishBot(bot.id as BotId);
    const { state } = await client.rest.openDirect({ userIds: [bot.userId] });
    client.addChannel(state);
    const heard = (text: string) =>
      new Promise<number>((resolve) => {
        const stop = client.on('event', (event) => {
          if (event.kind !== 'message.posted' || event.actorId !== bot.userId || event.message.text !== text) return;
          stop();
          resolve(performance.now());
        });
      });
    await heard('ready');
    const times: number[] = [];
    for (let n = 0; n < turns + 20; n++) {
      const answered = heard(`you said ${n}`);
      const startMs = performance.now();
      client.send(state.channel.id, String(n));
      const tookMs = (await answered) - startMs;
      if (n >= 20) times.push(tookMs);
    }
    times.sort((a, b) => a - b);
    const p50 = median(times);
    process.stdout.write(
      `  answer to a HEAR until the TALK is seen: p50 ${p50.toFixed(1)} ms, p99 ${times[Math.floor(times.length * 0.99)]!.toFixed(1)} ms   ${p50 < 30 ? 'met' : 'NOT MET'} (p50 < 30 ms)\n`,
    );
  } finally {
    await client.close();
    await server.dispose();
  }
}
