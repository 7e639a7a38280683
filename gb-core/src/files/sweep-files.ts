import type { CustomerId } from 'gb-protocol';
import { sleep } from 'gb-utils';
import type { Context } from '../context.ts';
import { objectKey } from '../ports/index.ts';

/** Files that left stay this long, so that whoever found one a moment before can still read it. */
const graceMs = 10 * 60_000;
const atOnceMax = 100;

/**
 * Takes away the files of a customer whose time to leave is over: first the bytes, then the row, so that a crash in
 * between only leaves something to do again. Gives how many went.
 */
export async function sweepFiles(ctx: Context, customerId: CustomerId, signal?: AbortSignal): Promise<number> {
  let gone = 0;
  while (!signal?.aborted) {
    const ids = await ctx.store.read(customerId, (tx) => tx.files.leaving(ctx.clock.nowMs() - graceMs, atOnceMax));
    if (ids.length === 0) break;
    for (const id of ids) await ctx.objects.delete(objectKey(customerId, id));
    await ctx.store.transaction(customerId, (tx) => tx.files.remove(ids));
    gone += ids.length;
  }
  return gone;
}

const everyMs = 3_600_000;

/** Sweeps the files of all customers, now and then, until it is closed. */
export function startFileSweeps(ctx: Context): { close(): Promise<void> } {
  const closing = new AbortController();
  const { signal } = closing;
  const run = async () => {
    while (!signal.aborted) {
      try {
        for (const customerId of await ctx.store.listCustomers()) {
          if (signal.aborted) return;
          const gone = await sweepFiles(ctx, customerId, signal);
          if (gone > 0) ctx.log.info({ customerId, gone }, 'Files that nobody held were removed');
        }
      } catch (error) {
        // What was not swept is swept in the next round.
        if (!signal.aborted) ctx.log.error({ err: error }, 'Files could not be swept');
      }
      await sleep(everyMs, signal);
    }
  };
  const running = run();
  return {
    async close() {
      closing.abort();
      await running;
    },
  };
}
