import { type CustomerId, limits } from 'gb-protocol';
import { sleep } from 'gb-utils';
import type { Context } from '../context.ts';
import { deleteParts, giveUp, putExport } from './export-job.ts';

const everyMs = 600_000;

/** Takes away, now and then, what jobs leave behind and nobody needs any more, until it is closed. */
export function startJobUpkeep(ctx: Context): { close(): Promise<void> } {
  const closing = new AbortController();
  const { signal } = closing;
  const running = (async () => {
    while (!signal.aborted) {
      try {
        await keepUp(ctx, signal);
      } catch (error) {
        // What was not done is done in the next round.
        if (!signal.aborted) ctx.log.error({ err: error }, 'What jobs left behind could not be taken away');
      }
      await sleep(everyMs, signal);
    }
  })();
  return {
    async close() {
      closing.abort();
      await running;
    },
  };
}

/** Exports that are not done: put again after so long without a change, and given up after so long in all. */
const stillMsMax = 10 * 60_000;
const openMsMax = 3 * 86_400_000;

async function keepUp(ctx: Context, signal: AbortSignal): Promise<void> {
  for (const customerId of await ctx.store.listCustomers()) {
    if (signal.aborted) return;
    await keepUpExports(ctx, customerId);
    const beforeMs = ctx.clock.nowMs() - limits.webhookDeliveriesDaysMax * 86_400_000;
    const prune = () => ctx.store.transaction(customerId, (tx) => tx.webhooks.prune(beforeMs, limits.webhookDeliveriesKeptMax));
    while (!signal.aborted && (await prune()));
  }
}

/** Also what was asked for by a process that died before its task was in the queue. */
export async function keepUpExports(ctx: Context, customerId: CustomerId): Promise<void> {
  const nowMs = ctx.clock.nowMs();
  const over = { endedBeforeMs: nowMs, stillSinceMs: nowMs - stillMsMax, limit: 100 };
  for (const row of await ctx.store.read(customerId, (tx) => tx.exports.over(over))) {
    if (row.status === 'done' || row.status === 'failed') {
      await deleteParts(ctx, customerId, row);
      await ctx.store.transaction(customerId, (tx) => tx.exports.delete(row.id));
    } else if (nowMs - row.createdAt > openMsMax) await giveUp(ctx, customerId, row, 'unavailable');
    else await putExport(ctx, customerId, row);
  }
}
