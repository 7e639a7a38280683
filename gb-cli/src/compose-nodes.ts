import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FigureSource } from 'gb-api';
import type { NodeId, Store } from 'gb-core';
import { answerAppends, ChannelAffinity, Links, openSocketPlace, socketPlaces } from 'gb-messaging';
import type { NearNodes } from 'gb-messaging/redis';
import { protocolVersion } from 'gb-protocol';
import type { Databases, PostgresNodes } from 'gb-storage';
import { type Logger, uuidv7 } from 'gb-utils';
import type { Config } from './config.ts';

/** This process among the others. */
export interface Neighbours {
  readonly nodes: PostgresNodes;
  readonly links: Links;
  /** Who hears us without Redis, and whom we hear. */
  readonly near: NearNodes;
  /** All others that live, wherever. */
  readonly others: () => readonly string[];
  /** Whether somebody else can take over the connections of this process. */
  readonly hasOtherGateways: () => boolean;
  readonly figures: readonly FigureSource[];
  /** Nothing new comes here from the others, and nothing more is asked of them. */
  retire(): Promise<void>;
}

/**
 * Says who this process is, opens its door for those of the same host, and has messages of hot channels stored by one of
 * them. The others see it after `nodes.join`.
 */
export async function composeNodes(
  config: Config,
  log: Logger,
  { store, openNodes }: Pick<Databases, 'store' | 'openNodes'>,
  closers: (() => Promise<void>)[],
): Promise<Neighbours> {
  const id = uuidv7() as NodeId;
  const version = `${versionOf(config.rootDir)}+${protocolVersion}`;
  const key = await keyOf(openNodes, log);
  const { links, hostId } = await openLinks(id, config.dataDir, key, log);
  closers.push(() => links.close());
  const nodes = openNodes({ id, hostId, address: links.address, roles: [...config.roles], version });
  closers.push(() => nodes.leave());
  let writers: readonly string[] = [];
  nodes.onChange(() => {
    const near = nodes.list().filter((one) => one.hostId === hostId);
    links.setPeers(near.flatMap((one) => (one.address === null ? [] : [{ id: one.id, address: one.address }])));
    // Another version may know of parts of a message that this one does not.
    const able = near.filter((one) => one.version === version && one.roles.includes('writer') && !one.isDraining);
    writers = able.map((one) => one.id);
  });
  const affinity = routeAppends(store, links, { isWriter: config.roles.has('writer'), writers: () => writers, log });
  closers.push(async () => affinity.close());
  return {
    nodes,
    links,
    near: { reaches: (node) => links.isReached(node) || links.isGone(node), hears: (node) => links.isHeard(node) },
    others: () => nodes.list().flatMap((one) => (one.id === id ? [] : [one.id])),
    hasOtherGateways: () => nodes.list().some((one) => one.id !== id && one.roles.includes('gateway') && !one.isDraining),
    figures: figuresOf(nodes, links, affinity),
    async retire() {
      links.retire();
      await nodes.drain();
    },
  };
}

/** Asked for before there is anything to say of ourselves. */
async function keyOf(openNodes: Databases['openNodes'], log: Logger): Promise<Uint8Array> {
  const asking = openNodes({ id: uuidv7() as NodeId, hostId: '-', address: null, roles: [], version: '-' });
  try {
    return await asking.key();
  } finally {
    await asking.leave().catch((error: unknown) => log.debug({ err: error }, 'A connection did not close in order'));
  }
}

async function openLinks(node: string, dataDir: string, key: Uint8Array, log: Logger): Promise<{ links: Links; hostId: string }> {
  const [first, second] = socketPlaces(dataDir);
  try {
    const place = openSocketPlace(first!);
    return { links: await Links.open({ node, place, key, log }), hostId: place.hostId };
  } catch (error) {
    if (second === undefined) throw error;
    log.warn({ err: error, dir: first }, 'This disk takes no sockets; links between processes go by a temporary directory');
    const place = openSocketPlace(second);
    return { links: await Links.open({ node, place, key, log }), hostId: place.hostId };
  }
}

/** From here on `store.appendMessage` goes where the channel's writer is. */
function routeAppends(
  store: Store,
  links: Links,
  { isWriter, writers, log }: { isWriter: boolean; writers: () => readonly string[]; log: Logger },
): ChannelAffinity {
  const append = store.appendMessage.bind(store);
  if (isWriter) answerAppends(links, append);
  const affinity = new ChannelAffinity({ append, links, writers, log });
  store.appendMessage = (customerId, message) => affinity.append(customerId, message);
  return affinity;
}

function figuresOf(nodes: PostgresNodes, links: Links, affinity: ChannelAffinity): readonly FigureSource[] {
  const source = (name: string, help: string, label: string, read: () => Readonly<Record<string, number>>): FigureSource => ({
    name,
    help,
    labels: [label],
    read: async () => Object.entries(read()).map(([what, value]) => ({ value, labels: { [label]: what } })),
  });
  const { id, hostId, version } = nodes.self;
  return [
    {
      name: 'node_info',
      help: 'Which process this is',
      labels: ['node', 'host', 'version'],
      read: async () => [{ value: 1, labels: { node: id, host: hostId, version } }],
    },
    source('nodes', 'Processes that live, by role', 'role', () => {
      const roles = nodes.list().flatMap((one) => [...one.roles]);
      return Object.fromEntries([...Map.groupBy(roles, (role) => role)].map(([role, all]) => [role, all.length]));
    }),
    source('heartbeats_total', 'Heartbeats that failed, and times this process was taken for dead', 'what', () =>
      nodes.figures(),
    ),
    source('links', 'Links to processes of this host, and what went over them', 'what', () => ({ ...links.figures() })),
    source('appends_total', 'Messages stored by a neighbour, and what came of those that were not', 'what', () => ({
      ...affinity.figures(),
    })),
  ];
}

function versionOf(rootDir: string): string {
  return (JSON.parse(readFileSync(join(rootDir, 'package.json'), 'utf8')) as { version: string }).version;
}
