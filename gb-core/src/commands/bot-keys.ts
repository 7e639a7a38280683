import { randomBytes } from 'node:crypto';
import { type BotId, type BotKey, type BotKeyMade, type CustomerId, limits } from 'gb-protocol';
import { isUuid, uuidv7 } from 'gb-utils';
import type { Actor, Context } from '../context.ts';
import { fail, notFound } from '../fail.ts';
import { requireFullMember } from '../policies/role.ts';
import type { BotKeyRow } from '../ports/index.ts';
import { checkName } from './accounts.ts';
import { requireManaged } from './bots.ts';
import { customerOfToken, hashToken } from './sessions.ts';

/** `lastUsedAt` is exact to this, so that a busy connector does not write on every request. */
const touchEveryMs = 5 * 60_000;

/** A program that holds a key of one bot. It is nobody in the workspace, and may do no more than talk to that bot. */
export interface KeyHolder {
  readonly customerId: CustomerId;
  readonly botId: BotId;
  readonly keyId: string;
}

/** Makes a key. The token is in this answer and nowhere else: only its hash is kept. */
export async function createBotKey(ctx: Context, actor: Actor, botId: BotId, rawName: string): Promise<BotKeyMade> {
  requireFullMember(actor);
  const name = checkName(rawName);
  const token = `gbk_${actor.customerId.replaceAll('-', '')}_${randomBytes(32).toString('base64url')}`;
  const nowMs = ctx.clock.nowMs();
  const key = { id: uuidv7(nowMs), botId, name, createdBy: actor.userId, createdAt: nowMs, lastUsedAt: null };
  await ctx.store.transaction(actor.customerId, async (tx) => {
    await requireManaged(tx, botId);
    if ((await tx.botKeys.list(botId)).length >= limits.botKeysPerBotMax)
      throw fail('quota_exceeded', `A bot has at most ${limits.botKeysPerBotMax} keys.`);
    await tx.botKeys.insert({ ...key, tokenHash: hashToken(token) });
    await tx.audit.write({ actorId: actor.userId, action: 'bot.key_created', target: botId, facts: { keyId: key.id, name } });
  });
  return { key: present(key), token };
}

export async function listBotKeys(ctx: Context, actor: Actor, botId: BotId): Promise<readonly BotKey[]> {
  requireFullMember(actor);
  const keys = await ctx.store.read(actor.customerId, async (tx) => {
    await requireManaged(tx, botId);
    return tx.botKeys.list(botId);
  });
  return keys.map(present);
}

/** From the moment this returns the token opens nothing, and what was opened with it is told to close. */
export async function revokeBotKey(ctx: Context, actor: Actor, botId: BotId, keyId: string): Promise<void> {
  requireFullMember(actor);
  await ctx.store.transaction(actor.customerId, async (tx) => {
    await requireManaged(tx, botId);
    if (!isUuid(keyId) || !(await tx.botKeys.delete(botId, keyId))) throw notFound('key');
    await tx.audit.write({ actorId: actor.userId, action: 'bot.key_revoked', target: botId, facts: { keyId } });
  });
  ctx.bus.signal({ type: 'session.ended', customerId: actor.customerId, sessionId: keyId });
}

/** Whose token this is, now. Fails with `unauthenticated`. The customer is in the token, so the look-up happens inside their wall. */
export async function authenticateBotKey(ctx: Context, token: string): Promise<KeyHolder> {
  const customerId = customerOfToken('gbk', token);
  const key = customerId && (await ctx.store.read(customerId, (tx) => tx.botKeys.byTokenHash(hashToken(token))));
  if (!customerId || !key?.isBotActive) throw fail('unauthenticated', 'This key opens nothing.');
  const nowMs = ctx.clock.nowMs();
  if (nowMs - (key.lastUsedAt ?? 0) > touchEveryMs)
    await ctx.store.transaction(customerId, (tx) => tx.botKeys.touch(key.id, nowMs));
  return { customerId, botId: key.botId, keyId: key.id };
}

function present({ id, name, createdBy, createdAt, lastUsedAt }: BotKeyRow): BotKey {
  return { id, name, createdBy, createdAt, lastUsedAt };
}
