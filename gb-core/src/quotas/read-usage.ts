import type { Usage } from 'gb-protocol';
import type { Actor, Context } from '../context.ts';
import { requireAdmin } from '../policies/role.ts';

const dayMs = 86_400_000;

/** What the organization uses of what it may have, for those who look after it. */
export async function readUsage(ctx: Context, actor: Actor): Promise<Usage> {
  requireAdmin(actor);
  const quotas = await ctx.quotas.usage(actor.customerId);
  return { quotas, dayEndsAt: (Math.floor(ctx.clock.nowMs() / dayMs) + 1) * dayMs };
}
