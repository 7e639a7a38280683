import type { NewMessage, Store } from 'gb-core';
import { answerAppends, ChannelAffinity, Links, type Peer, type SocketPlace } from 'gb-messaging';
import type { ChannelId, ClientId, CustomerId, UserId } from 'gb-protocol';
import { openPostgresStore } from 'gb-storage';
import { silentLogger as log, uuidv7 } from 'gb-utils';
import type { PoolConfig } from 'pg';

/** What the benchmark asks of a process that stores messages. */
export type AffinityOrder =
  | {
      readonly order: 'open';
      readonly app: PoolConfig;
      readonly relay: PoolConfig;
      readonly place: SocketPlace;
      readonly customerId: CustomerId;
      readonly authorId: UserId;
    }
  | { readonly order: 'link'; readonly peers: readonly Peer[] }
  /** With a rate in messages a second, or as many senders who each wait for their answer. */
  | {
      readonly order: 'load';
      readonly isAffine: boolean;
      readonly channels: readonly ChannelId[];
      readonly seconds: number;
      readonly perSecond?: number;
      readonly senders?: number;
    };

export interface AffinityLoad {
  readonly stored: number;
  readonly waitsMs: readonly number[];
  readonly cpuUs: number;
  readonly forwarded: number;
}

let append: Store['appendMessage'];
let links: Links;
let sender: { customerId: CustomerId; authorId: UserId };
let writers: readonly string[] = [];

async function open({ app, relay, place, ...who }: Extract<AffinityOrder, { order: 'open' }>): Promise<Peer> {
  sender = who;
  const store = await openPostgresStore({ app, relay, log });
  append = store.appendMessage.bind(store);
  links = await Links.open({ node: uuidv7(), place, key: new Uint8Array(32), log });
  answerAppends(links, append);
  return { id: links.node, address: links.address };
}

async function link(peers: readonly Peer[]): Promise<void> {
  links.setPeers(peers);
  writers = peers.map(({ id }) => id);
  while (!writers.every((id) => id === links.node || links.isReached(id))) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function load(order: Extract<AffinityOrder, { order: 'load' }>): Promise<AffinityLoad> {
  const { isAffine, channels, seconds, perSecond, senders = 0 } = order;
  const hotPerSecond = isAffine ? 0 : Number.POSITIVE_INFINITY;
  const affinity = new ChannelAffinity({ append, links, writers: () => writers, log, hotPerSecond, answerMsMax: 30_000 });
  const waitsMs: number[] = [];
  const before = process.cpuUsage();
  const endMs = performance.now() + seconds * 1_000;
  const say = async () => {
    const startMs = performance.now();
    const message: NewMessage = {
      channelId: channels[waitsMs.length % channels.length]!,
      authorId: sender.authorId,
      clientId: uuidv7() as ClientId,
      text: 'lorem ipsum dolor sit amet '.repeat(5),
      threadSeq: null,
      mentions: [],
      mentionsChannel: false,
      suggestions: [],
    };
    await affinity.append(sender.customerId, message);
    waitsMs.push(performance.now() - startMs);
  };
  if (perSecond === undefined) {
    const loop = async () => {
      while (performance.now() < endMs) await say();
    };
    await Promise.all(Array.from({ length: senders }, loop));
  } else {
    const saying: Promise<void>[] = [];
    const startMs = performance.now();
    while (performance.now() < endMs) {
      const due = Math.floor(((performance.now() - startMs) * perSecond) / 1_000);
      while (saying.length < due) saying.push(say());
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await Promise.all(saying);
  }
  const { user, system } = process.cpuUsage(before);
  const { forwarded } = affinity.figures();
  affinity.close();
  return { stored: waitsMs.length, waitsMs, cpuUs: user + system, forwarded };
}

process.on('message', (order: AffinityOrder) => {
  const work = order.order === 'open' ? open(order) : order.order === 'link' ? link(order.peers) : load(order);
  void work.then((answer) => process.send!(answer ?? null));
});
process.on('disconnect', () => process.exit(0));
