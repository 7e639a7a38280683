import { type Context, installPackages, repairWorkspace, type Store, startBotUpkeep, startFileSweeps } from 'gb-core';
import { rendezvous } from 'gb-messaging';
import type { CustomerId } from 'gb-protocol';
import type { Databases } from 'gb-storage';
import { sleep } from 'gb-utils';
import type { Neighbours } from './compose-nodes.ts';
import type { Config } from './config.ts';

/** A workspace younger than this may be in the making at another process. */
const makingMsMax = 60_000;

/** What is done now and then. Processes with the role share the customers out among them; what falls between is done next time. */
export function composeUpkeep(
  ctx: Context,
  config: Config,
  databases: Pick<Databases, 'openColdMovers'>,
  neighbours: Pick<Neighbours, 'nodes' | 'others'>,
  closers: (() => Promise<void>)[],
): void {
  const isOurs = (customerId: CustomerId) => {
    const { nodes } = neighbours;
    const able = nodes
      .list()
      .filter((one) => one.roles.includes('jobs') && one.version === nodes.self.version && !one.isDraining);
    return (
      able.length < 2 ||
      rendezvous(
        customerId,
        able.map(({ id }) => id),
      ) === nodes.self.id
    );
  };
  const own: Context = { ...ctx, store: withCustomers(ctx.store, async () => (await ctx.store.listCustomers()).filter(isOurs)) };
  const fileSweeps = startFileSweeps(own);
  closers.push(() => fileSweeps.close());
  if (config.coldDays > 0) {
    const coldMovers = databases.openColdMovers({ ageMsMin: config.coldDays * 86_400_000 });
    closers.push(() => coldMovers.close());
    coldMovers.start();
  }
  const botUpkeep = startBotUpkeep(own);
  closers.push(() => botUpkeep.close());
  const closing = new AbortController();
  const bringingUp = bringUp(ctx, isOurs, () => neighbours.others().length > 0, closing.signal);
  closers.push(async () => {
    closing.abort();
    await bringingUp;
  });
}

/**
 * After a start: finishes workspaces whose making was cut short, and brings package bots up to date. Every process looks at
 * all of them, since the others may be of an earlier version; its own share comes first, so that those who start at the
 * same time do not meet.
 */
async function bringUp(
  ctx: Context,
  isOurs: (customerId: CustomerId) => boolean,
  hasOthers: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  const all = await ctx.store.listCustomers().catch((error: unknown) => {
    ctx.log.error({ err: error }, 'Workspaces could not be brought up to date');
    return [];
  });
  const shares = Map.groupBy(all, isOurs);
  for (const customerId of [...(shares.get(true) ?? []), ...(shares.get(false) ?? [])]) {
    const youngMs = hasOthers() ? makingMsMax - (ctx.clock.nowMs() - madeAtMs(customerId)) : 0;
    if (youngMs > 0 && youngMs <= makingMsMax) await sleep(youngMs, signal);
    if (signal.aborted) return;
    try {
      await repairWorkspace(ctx, customerId);
      await installPackages(ctx, customerId);
    } catch (error) {
      ctx.log.error({ err: error, customerId }, 'A workspace could not be brought up to date');
    }
  }
}

/** Our ids begin with the time of their making (RFC 9562, version 7). */
function madeAtMs(customerId: CustomerId): number {
  return Number.parseInt(customerId.replaceAll('-', '').slice(0, 12), 16);
}

function withCustomers(store: Store, listCustomers: Store['listCustomers']): Store {
  return new Proxy(store, {
    get(target, name) {
      if (name === 'listCustomers') return listCustomers;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
