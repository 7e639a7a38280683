import type { Bot, Snapshot, User } from 'gb-protocol';
import type { Actor, Context } from '../context.ts';
import { fail } from '../fail.ts';

/** Everything a client needs to start, of one instant: with the logs from the positions in it the state stays right. */
export async function readSnapshot(ctx: Context, actor: Actor): Promise<Snapshot> {
  return ctx.store.read(actor.customerId, async (tx) => {
    const me = await tx.users.get(actor.userId);
    const own = await tx.users.selfChannel(actor.userId);
    const { logChannelId, organizationName, ...instance } = await tx.instance.get();
    const self = own && (await tx.log.position(own));
    const directory = await tx.log.position(logChannelId);
    if (!me || !self || !directory) throw fail('unauthenticated', 'This account is no longer here.');
    return {
      me,
      instance,
      organizationName,
      users: await tx.users.list(),
      bots: await tx.bots.list(),
      channels: await tx.channels.statesOf(actor.userId),
      self,
      directory,
      serverTime: ctx.clock.nowMs(),
    };
  });
}

export function listUsers(ctx: Context, actor: Actor): Promise<readonly User[]> {
  return ctx.store.read(actor.customerId, (tx) => tx.users.list());
}

export function listBots(ctx: Context, actor: Actor): Promise<readonly Bot[]> {
  return ctx.store.read(actor.customerId, (tx) => tx.bots.list());
}
