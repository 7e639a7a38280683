import { protocolVersion } from 'gb-protocol';
import { type Counter, openSubscriber, type RawSubscriber } from './raw-subscriber.ts';

/**
 * A process full of clients that do next to nothing: they follow and watch one channel each, now and then turn away and
 * back, and count what they are told.
 */
export type ClientsOrder =
  | {
      readonly order: 'open';
      readonly port: number;
      readonly tokens: readonly string[];
      readonly channels: readonly string[];
      readonly watches: boolean;
    }
  /** So many a second turn away, or back. */
  | { readonly order: 'churn'; readonly perSecond: number }
  | { readonly order: 'figures' };

export interface ClientsFigures {
  readonly connections: number;
  readonly presenceFrames: number;
  readonly events: number;
}

const atOnce = 25;
const againMs = 500;
const churnMs = 50;
const counter: Counter = { events: 0 };
const all: RawSubscriber[] = [];
let presenceFrames = 0;
let churn: NodeJS.Timeout | null = null;
let turn = 0;

async function open(order: Extract<ClientsOrder, { order: 'open' }>): Promise<void> {
  const { tokens } = order;
  for (let from = 0; from < tokens.length; from += atOnce)
    all.push(...(await Promise.all(tokens.slice(from, from + atOnce).map((token, i) => comeIn(order, token, from + i)))));
}

/** Comes again when it is sent away, as clients do. */
async function comeIn(order: Extract<ClientsOrder, { order: 'open' }>, token: string, n: number): Promise<RawSubscriber> {
  const { port, channels, watches } = order;
  const channelId = channels[n % channels.length]!;
  const hello = JSON.stringify({
    type: 'hello',
    version: protocolVersion,
    token,
    rests: true,
    channels: [{ channelId, epoch: 1, seq: 0 }],
  });
  for (;;) {
    const subscriber = await openSubscriber(port, '/ws', counter, hello);
    const isIn = await new Promise<boolean>((resolve) => {
      subscriber.onText = (text) => {
        if (text.includes('"type":"presence"')) presenceFrames += 1;
        if (text.includes('"type":"subscribed"')) resolve(true);
        else if (text.includes('"type":"error"')) resolve(false);
      };
    });
    if (isIn) {
      if (watches) subscriber.send(JSON.stringify({ type: 'watch', channelIds: [channelId] }));
      return subscriber;
    }
    subscriber.socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, againMs));
  }
}

function turnAround(count: number): void {
  for (let n = 0; n < count; n++, turn++) {
    const status = Math.floor(turn / all.length) % 2 === 0 ? 'away' : 'online';
    all[turn % all.length]?.send(JSON.stringify({ type: 'presence', status }));
  }
}

/** A server gives up on who says nothing. */
setInterval(() => {
  for (const one of all) one.send('{"type":"ping"}');
}, 20_000);

process.on('message', async (order: ClientsOrder) => {
  if (order.order === 'open') await open(order);
  if (order.order === 'churn') {
    if (churn) clearInterval(churn);
    churn = order.perSecond > 0 ? setInterval(() => turnAround((order.perSecond * churnMs) / 1_000), churnMs) : null;
  }
  const figures: ClientsFigures = { connections: all.length, presenceFrames, events: counter.events };
  process.send!(figures);
});
process.on('disconnect', () => process.exit(0));
