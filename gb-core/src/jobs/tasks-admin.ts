import { type DeadTaskInfo, limits, type TaskCounts } from 'gb-protocol';
import { isUuid } from 'gb-utils';
import type { Actor, Context } from '../context.ts';
import { notFound } from '../fail.ts';
import { requireAdmin } from '../policies/role.ts';

/** What this workspace has in the queue, by kind. Figures may be some seconds old. */
export async function countTasks(ctx: Context, actor: Actor): Promise<readonly TaskCounts[]> {
  requireAdmin(actor);
  const figures = await ctx.tasks.figures(actor.customerId);
  return figures.map(({ kind, ready, delayed, running, dead }) => ({ kind, ready, delayed, running, dead }));
}

/** Tasks that failed for good, the newest first. What they were about is not in it. */
export async function listDeadTasks(
  ctx: Context,
  actor: Actor,
  query: { readonly kind?: string; readonly limit?: number },
): Promise<readonly DeadTaskInfo[]> {
  requireAdmin(actor);
  const limit = Math.min(query.limit ?? limits.pageSizeDefault, limits.pageSizeMax);
  const kind = query.kind === undefined ? {} : { kind: query.kind };
  const dead = await ctx.tasks.dead({ customerId: actor.customerId, ...kind, limit });
  return dead.map(({ id, kind, attempts, reason, diedAt }) => ({ id, kind, attempts, reason, diedAt }));
}

/** Tries it once more from the beginning. */
export async function retryDeadTask(ctx: Context, actor: Actor, id: string): Promise<void> {
  requireAdmin(actor);
  if (!isUuid(id) || !(await ctx.tasks.revive(actor.customerId, id))) throw notFound('task');
  await ctx.store.transaction(actor.customerId, (tx) =>
    tx.audit.write({ actorId: actor.userId, action: 'task.retried', target: id, facts: {} }),
  );
}
