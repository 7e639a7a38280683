import { randomBytes } from 'node:crypto';
import type { AcceptInvitation, ChannelId, CustomerId, Invitation, InvitationPreview, NewInvitation, UserId } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';
import { type Actor, type Context, commit } from '../context.ts';
import { fail, notFound } from '../fail.ts';
import { freeHandle, handleFrom } from '../handles.ts';
import { isAdmin, requireAdmin, requireFullMember } from '../policies/role.ts';
import type { NewEntry, Tx } from '../ports/index.ts';
import { checkEmail, checkName, checkPassword, requireFewAccounts } from './accounts.ts';
import { joinAll } from './create-channel.ts';
import { greetFromGuide } from './seed-workspace.ts';
import { customerOfToken, hashToken, type Issued, issueSession } from './sessions.ts';

/** A link that lets people in. Any full member invites members and guests; administrators invite administrators. */
export async function createInvitation(ctx: Context, actor: Actor, input: NewInvitation): Promise<Invitation> {
  requireFullMember(actor);
  const role = input.role ?? 'member';
  if (role === 'admin') requireAdmin(actor);
  const nowMs = ctx.clock.nowMs();
  // Like a session token, the code carries its customer; 12 random bytes are beyond guessing and still fit a QR code.
  const code = `gbi_${actor.customerId.replaceAll('-', '')}_${randomBytes(12).toString('base64url')}`;
  const invitation: Invitation = {
    code,
    role,
    createdBy: actor.userId,
    createdAt: nowMs,
    expiresAt: nowMs + (input.expiresInHours ?? 7 * 24) * 3600_000,
    usesMax: input.usesMax ?? 50,
    uses: 0,
  };
  await ctx.store.transaction(actor.customerId, async (tx) => {
    await tx.invitations.insert({ ...invitation, codeHash: hashToken(code) });
    await tx.audit.write({
      actorId: actor.userId,
      action: 'invitation.created',
      target: role,
      facts: { usesMax: invitation.usesMax },
    });
  });
  return invitation;
}

/** One's own invitations; administrators see everybody's. */
export async function listInvitations(ctx: Context, actor: Actor): Promise<readonly Invitation[]> {
  requireFullMember(actor);
  const all = await ctx.store.read(actor.customerId, (tx) => tx.invitations.list());
  return all.filter((invitation) => isAdmin(actor) || invitation.createdBy === actor.userId);
}

export async function withdrawInvitation(ctx: Context, actor: Actor, code: string): Promise<void> {
  requireFullMember(actor);
  await ctx.store.transaction(actor.customerId, async (tx) => {
    const invitation = await tx.invitations.byCodeHash(hashToken(code));
    if (!invitation || !(isAdmin(actor) || invitation.createdBy === actor.userId)) throw notFound('invitation');
    await tx.invitations.delete(hashToken(code));
  });
}

/** What a stranger with the link may know. */
export async function previewInvitation(ctx: Context, code: string): Promise<InvitationPreview> {
  const customerId = requireCustomer(code);
  return ctx.store.read(customerId, async (tx) => {
    const invitation = await tx.invitations.byCodeHash(hashToken(code));
    if (!invitation) throw invalid();
    const { organizationName } = await tx.instance.get();
    const inviter = await tx.users.get(invitation.createdBy);
    const isOpen = isUsable(invitation, ctx.clock.nowMs()) && (await stillInvites(tx, invitation));
    return { organizationName, invitedBy: inviter?.name ?? '', isUsable: isOpen };
  });
}

/** Makes the account, lets the person into #general, has the guide say hello, and signs them in. */
export async function acceptInvitation(ctx: Context, code: string, input: AcceptInvitation, userAgent: string): Promise<Issued> {
  const customerId = requireCustomer(code);
  const name = checkName(input.name);
  const email = checkEmail(input.email);
  checkPassword(input.password, [email, name]);
  const before = await ctx.store.read(customerId, (tx) => tx.invitations.byCodeHash(hashToken(code)));
  if (!before || !isUsable(before, ctx.clock.nowMs())) throw invalid();
  await requireFewAccounts(ctx, email);
  const passwordHash = await ctx.hasher.hash(input.password);
  const userId = uuidv7(ctx.clock.nowMs()) as UserId;
  const { signedIn, actor } = await commit(ctx, customerId, async (tx) => {
    // Asked again under the lock: the last use may have gone while the password was hashed.
    const invitation = await tx.invitations.byCodeHash(hashToken(code));
    if (!invitation || !isUsable(invitation, ctx.clock.nowMs()) || !(await stillInvites(tx, invitation))) throw invalid();
    await tx.invitations.use(hashToken(code));
    const base = handleFrom(name) || handleFrom(email.split('@')[0] ?? '') || 'user';
    const handle = freeHandle(base, await tx.users.handlesLike(base));
    const user = await tx.users.insert({
      id: userId,
      kind: 'person',
      name,
      handle,
      role: invitation.role,
      email,
      passwordHash,
      locale: input.locale ?? 'en',
    });
    const newcomer: Actor = { customerId, userId, role: user.role, sessionId: null };
    const { logChannelId } = await tx.instance.get();
    const entries: NewEntry[] = [{ channelId: logChannelId, actorId: userId, body: { kind: 'user.updated', user } }];
    const general: ChannelId | undefined = (await tx.channels.byName('general'))?.id;
    if (general && user.role !== 'guest') entries.push(...(await joinAll(tx, newcomer, general, [userId])));
    const issued = await issueSession(ctx, tx, { customerId, userId, userAgent, method: 'invitation' });
    return { result: { signedIn: issued, actor: newcomer }, entries };
  });
  await greetFromGuide(ctx, actor);
  return signedIn;
}

function isUsable(invitation: Invitation, nowMs: number): boolean {
  return invitation.expiresAt > nowMs && invitation.uses < invitation.usesMax;
}

/** Whoever was put out, or may no longer invite, must not come back or bring others by a link made before. */
async function stillInvites(tx: Tx, invitation: Invitation): Promise<boolean> {
  const inviter = await tx.users.get(invitation.createdBy);
  if (!inviter?.isActive || inviter.role === 'guest') return false;
  return invitation.role !== 'admin' || isAdmin(inviter);
}

const invalid = () => fail('invitation_invalid', 'This invitation is no longer valid. Ask for a new one.');

function requireCustomer(code: string): CustomerId {
  const customerId = customerOfToken('gbi', code);
  if (!customerId) throw invalid();
  return customerId;
}
