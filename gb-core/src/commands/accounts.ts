import { type CustomerId, type LogIn, limits, type Me, type SignUp, type UserPatch } from 'gb-protocol';
import { type Actor, type Context, commit } from '../context.ts';
import { fail, notFound } from '../fail.ts';
import { handleFrom } from '../handles.ts';
import { isCommonPassword } from '../policies/common-passwords.ts';
import { seedWorkspace } from './seed-workspace.ts';
import { type Issued, issueSession } from './sessions.ts';

/** Makes an organization with its owner and a first channel to talk in. Fails with `email_taken`. */
export async function signUp(ctx: Context, input: SignUp, userAgent: string): Promise<Issued> {
  const name = checkName(input.name);
  const organizationName = checkName(input.organization, limits.organizationNameMax);
  const email = checkEmail(input.email);
  checkPassword(input.password, [email, name, organizationName]);
  const locale = input.locale ?? 'en';
  await requireFewAccounts(ctx, email);
  const passwordHash = await ctx.hasher.hash(input.password);
  const handle = handleFrom(name) || 'owner';
  const created = await ctx.store.createCustomer({ organizationName, userName: name, handle, email, passwordHash, locale });
  const owner: Actor = { customerId: created.customerId, userId: created.userId, role: 'owner', sessionId: null };
  await seedWorkspace(ctx, owner, locale);
  return ctx.store.transaction(created.customerId, (tx) =>
    issueSession(ctx, tx, { customerId: created.customerId, userId: created.userId, userAgent, method: 'sign-up' }),
  );
}

/** Proof by password. The answer takes as long for an unknown e-mail as for a wrong password, and says the same. */
export async function logIn(ctx: Context, input: LogIn, userAgent: string): Promise<Issued> {
  const email = input.email.trim().toLowerCase().slice(0, limits.emailMax);
  const password = input.password.slice(0, limits.passwordMax);
  const logins = (await ctx.store.findLogins(email)).filter(
    (login) => !input.customerId || login.customerId === input.customerId,
  );
  const candidates = await Promise.all(
    logins.map(async (login) => {
      const { hash, user } = await ctx.store.read(login.customerId, async (tx) => ({
        hash: await tx.users.passwordHash(login.userId),
        user: await tx.users.get(login.userId),
      }));
      return { ...login, hash, isActive: user?.isActive === true };
    }),
  );
  const matching: { customerId: CustomerId; userId: Me['id'] }[] = [];
  for (const candidate of candidates.length > 0 ? candidates : [null]) {
    const isRight = await ctx.hasher.verify(candidate?.hash ?? (await unknownHash(ctx)), password);
    if (candidate?.hash && isRight && candidate.isActive) matching.push(candidate);
  }
  const [account] = matching;
  if (!account) throw fail('wrong_credentials', 'That e-mail and password do not match.');
  return ctx.store.transaction(account.customerId, (tx) =>
    issueSession(ctx, tx, { customerId: account.customerId, userId: account.userId, userAgent, method: 'password' }),
  );
}

/** Accounts of one e-mail over all organizations: each is a password to check at log-in, and one is somebody's patience. */
const accountsPerEmailMax = 20;

export async function requireFewAccounts(ctx: Context, email: string): Promise<void> {
  if ((await ctx.store.findLogins(email)).length >= accountsPerEmailMax)
    throw fail('quota_exceeded', 'This e-mail has too many accounts.');
}

/** A hash nobody knows the password of, made once: what an unknown e-mail is checked against. */
let unknown: Promise<string> | undefined;
function unknownHash(ctx: Context): Promise<string> {
  unknown ??= ctx.hasher.hash(crypto.randomUUID());
  return unknown;
}

export async function changePassword(ctx: Context, actor: Actor, current: string, next: string): Promise<void> {
  const { hash, me } = await ctx.store.read(actor.customerId, async (tx) => ({
    hash: await tx.users.passwordHash(actor.userId),
    me: await tx.users.get(actor.userId),
  }));
  if (!me || !hash || !(await ctx.hasher.verify(hash, current.slice(0, limits.passwordMax)))) {
    throw fail('wrong_credentials', 'The present password is not right.');
  }
  checkPassword(next, [me.email, me.name]);
  const passwordHash = await ctx.hasher.hash(next);
  const ended = await ctx.store.transaction(actor.customerId, async (tx) => {
    await tx.users.update(actor.userId, { passwordHash });
    await tx.audit.write({ actorId: actor.userId, action: 'password.changed', target: actor.userId, facts: {} });
    // Whoever had the old password is out; the person who changed it stays.
    return tx.sessions.deleteByUser(actor.userId, actor.sessionId ?? undefined);
  });
  for (const sessionId of ended) ctx.bus.signal({ type: 'session.ended', customerId: actor.customerId, sessionId });
}

export async function updateMe(ctx: Context, actor: Actor, patch: UserPatch): Promise<Me> {
  const clean = {
    ...(patch.name === undefined ? {} : { name: checkName(patch.name) }),
    ...(patch.locale === undefined ? {} : { locale: patch.locale }),
  };
  return commit(ctx, actor.customerId, async (tx) => {
    const me = await tx.users.update(actor.userId, clean);
    if (!me) throw notFound('person');
    const { logChannelId } = await tx.instance.get();
    const { email: _email, locale: _locale, ...user } = me;
    return { result: me, entries: [{ channelId: logChannelId, actorId: actor.userId, body: { kind: 'user.updated', user } }] };
  });
}

export function checkName(raw: string, max: number = limits.userNameMax): string {
  const name = raw.trim().replace(/\s+/g, ' ');
  // Invisible and direction-changing characters could make one name look like another's; the two joiners are spelling.
  const isVisible = /[\p{L}\p{N}\p{P}\p{S}]/u.test(name) && !/[[\p{Cc}\p{Cf}]--[\u200C\u200D]]/v.test(name);
  if (name.length > max || !name.isWellFormed() || !isVisible) {
    throw fail('malformed', `A name has 1 to ${max} characters.`);
  }
  return name;
}

export function checkEmail(raw: string): string {
  const email = raw.trim().toLowerCase();
  if (email.length > limits.emailMax || !/^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+\.[^\s@\p{Cc}]+$/u.test(email) || !email.isWellFormed()) {
    throw fail('malformed', 'That is not an e-mail address.');
  }
  return email;
}

/** Length and rarity, no composition rules (NIST SP 800-63B, section 3.1.1.2). */
export function checkPassword(password: string, personal: readonly string[]): void {
  if (password.length < limits.passwordMin)
    throw fail('password_weak', `A password has at least ${limits.passwordMin} characters.`);
  if (password.length > limits.passwordMax) throw fail('too_large', `A password has at most ${limits.passwordMax} characters.`);
  if (isCommonPassword(password, personal))
    throw fail('password_weak', 'That password is easy to guess. A few unrelated words make a good one.');
}
