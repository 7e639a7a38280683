import { createHash, randomBytes } from 'node:crypto';
import type { CustomerId, Session, SessionId, UserId } from 'gb-protocol';
import { isUuid, uuidv7 } from 'gb-utils';
import type { Actor, Context } from '../context.ts';
import { fail, notFound } from '../fail.ts';
import type { Tx } from '../ports/index.ts';

/** A session ends after this long without use. */
const idleMsMax = 30 * 24 * 3600_000;
/** `lastSeenAt` is exact to this, so that a busy session does not write on every request. */
const touchEveryMs = 5 * 60_000;

/** A new session: the only moment its token exists outside the person's hands. */
export interface Issued {
  readonly token: string;
  readonly userId: UserId;
}

/**
 * The one gate through which every session comes, however the person proved who they are. The token carries its
 * customer, so that the lookup happens inside that customer's wall; only its hash is stored.
 */
export async function issueSession(
  ctx: Context,
  tx: Tx,
  input: { customerId: CustomerId; userId: UserId; userAgent: string; method: 'sign-up' | 'password' | 'invitation' },
): Promise<Issued> {
  const token = `gbs_${input.customerId.replaceAll('-', '')}_${randomBytes(32).toString('base64url')}`;
  const nowMs = ctx.clock.nowMs();
  const id = uuidv7(nowMs) as SessionId;
  await tx.sessions.insert({
    id,
    userId: input.userId,
    tokenHash: hashToken(token),
    createdAt: nowMs,
    lastSeenAt: nowMs,
    expiresAt: nowMs + idleMsMax,
    userAgent: input.userAgent.slice(0, 200),
  });
  await tx.audit.write({ actorId: input.userId, action: 'session.created', target: id, facts: { method: input.method } });
  return { token, userId: input.userId };
}

export function hashToken(token: string): Uint8Array {
  return createHash('sha256').update(token).digest();
}

/** The customer a token or code says it belongs to; null when it is not one of ours. Says nothing about its validity. */
export function customerOfToken(prefix: 'gbs' | 'gbi' | 'gbk', token: string): CustomerId | null {
  const match = new RegExp(
    `^${prefix}_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})_[A-Za-z0-9_-]{10,64}$`,
  ).exec(token);
  const id = match?.slice(1).join('-');
  return isUuid(id) ? (id as CustomerId) : null;
}

/** Who a token belongs to, now. Fails with `unauthenticated`. */
export async function authenticate(ctx: Context, token: string): Promise<Actor> {
  const customerId = customerOfToken('gbs', token);
  if (!customerId) throw fail('unauthenticated', 'Sign in first.');
  const nowMs = ctx.clock.nowMs();
  const session = await ctx.store.read(customerId, (tx) => tx.sessions.byTokenHash(hashToken(token)));
  if (!session || session.expiresAt <= nowMs || !session.user.isActive)
    throw fail('unauthenticated', 'Your session has ended. Sign in again.');
  if (nowMs - session.lastSeenAt > touchEveryMs) {
    await ctx.store.transaction(customerId, (tx) => tx.sessions.touch(session.id, nowMs, nowMs + idleMsMax));
  }
  return { customerId, userId: session.userId, role: session.user.role, sessionId: session.id };
}

export async function listSessions(ctx: Context, actor: Actor): Promise<readonly Session[]> {
  const rows = await ctx.store.read(actor.customerId, (tx) => tx.sessions.listByUser(actor.userId));
  return rows.map((row) => ({
    id: row.id,
    createdAt: row.createdAt,
    lastSeenAt: row.lastSeenAt,
    userAgent: row.userAgent,
    isCurrent: row.id === actor.sessionId,
  }));
}

/** Ends one of one's own sessions: its sockets close, its token stops working. */
export async function endSession(ctx: Context, actor: Actor, sessionId: SessionId): Promise<void> {
  await ctx.store.transaction(actor.customerId, async (tx) => {
    const mine = await tx.sessions.listByUser(actor.userId);
    if (!mine.some((session) => session.id === sessionId)) throw notFound('session');
    await tx.sessions.delete(sessionId);
    await tx.audit.write({ actorId: actor.userId, action: 'session.ended', target: sessionId, facts: {} });
  });
  ctx.bus.signal({ type: 'session.ended', customerId: actor.customerId, sessionId });
}
