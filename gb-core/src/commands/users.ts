import type { SessionId, User, UserAdminPatch, UserId } from 'gb-protocol';
import { type Actor, type Context, commit } from '../context.ts';
import { fail, notFound } from '../fail.ts';
import { requireAdmin } from '../policies/role.ts';

/** Changes a person's role, or lets them in and out. Somebody put out loses every session at once. */
export async function updateUser(ctx: Context, actor: Actor, userId: UserId, patch: UserAdminPatch): Promise<User> {
  requireAdmin(actor);
  let ended: readonly SessionId[] = [];
  const user = await commit(ctx, actor.customerId, async (tx) => {
    const before = await tx.users.get(userId);
    if (before?.kind !== 'person' || (await tx.botContacts.byUser(userId))) throw notFound('person');
    const touchesOwner = before.role === 'owner' || patch.role === 'owner';
    if (touchesOwner && actor.role !== 'owner') throw fail('forbidden', 'Only an owner changes owners.');
    const losesOwner =
      before.role === 'owner' && before.isActive && ((patch.role ?? 'owner') !== 'owner' || patch.isActive === false);
    if (losesOwner && (await tx.users.countOwners()) <= 1) throw fail('last_owner', 'Make somebody else an owner first.');
    const after = await tx.users.update(userId, patch);
    if (!after) throw notFound('person');
    if (patch.isActive === false) ended = await tx.sessions.deleteByUser(userId);
    await tx.audit.write({
      actorId: actor.userId,
      action: 'user.changed',
      target: userId,
      facts: { role: after.role, isActive: after.isActive },
    });
    const { logChannelId } = await tx.instance.get();
    const { email: _email, locale: _locale, ...shown } = after;
    return {
      result: shown,
      entries: [{ channelId: logChannelId, actorId: actor.userId, body: { kind: 'user.updated', user: shown } }],
    };
  });
  for (const sessionId of ended) ctx.bus.signal({ type: 'session.ended', customerId: actor.customerId, sessionId });
  return user;
}
