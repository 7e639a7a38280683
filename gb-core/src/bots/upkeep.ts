import { type CustomerId, limits } from 'gb-protocol';
import { sleep } from 'gb-utils';
import type { Context } from '../context.ts';

const everyMs = 6 * 3_600_000;
const dayMs = 86_400_000;
/** How long a password that nobody heard is kept, for a conversation that could not be run to be mended. */
const secretDaysMax = 7;

/**
 * What bots need now and then: turns that are too old leave the journal, passwords that nobody heard are forgotten, runs
 * that ended leave with all of theirs, and what bots know is read again, where their documents and websites changed. A bot
 * costs a few small reads; what was cut short by a crash is finished after the start.
 */
export async function keepUpBots(ctx: Context, customerId: CustomerId, signal?: AbortSignal): Promise<void> {
  const oldest = ctx.clock.nowMs() - limits.journalDaysMax * dayMs;
  while (!signal?.aborted && (await ctx.store.transaction(customerId, (tx) => tx.journal.prune(oldest))));
  await ctx.store.transaction(customerId, (tx) => tx.secretAnswers.deleteBefore(ctx.clock.nowMs() - secretDaysMax * dayMs));
  const bots = await ctx.store.read(customerId, (tx) => tx.bots.list());
  const ended = ctx.clock.nowMs() - limits.runsKeptDaysMax * dayMs;
  for (const { id } of bots)
    while (
      !signal?.aborted &&
      (await ctx.store.transaction(customerId, (tx) => tx.conversations.pruneRuns(id, ended, limits.runsKeptPerBotMax)))
    );
  for (const bot of bots) if (bot.publishedVersion !== null) ctx.knowledge.refresh(customerId, bot.id);
}

/** For all customers, until it is closed. */
export function startBotUpkeep(ctx: Context): { close(): Promise<void> } {
  const closing = new AbortController();
  const { signal } = closing;
  const run = async () => {
    while (!signal.aborted) {
      try {
        for (const customerId of await ctx.store.listCustomers()) {
          if (signal.aborted) return;
          await keepUpBots(ctx, customerId, signal);
        }
      } catch (error) {
        ctx.log.warn({ err: error }, 'The upkeep of bots was cut short; it comes again');
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
