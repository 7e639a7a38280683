import { afterAll, beforeAll, expect, test } from 'vitest';
import { password, refusal, type World, world } from './world.ts';

let w: World;
beforeAll(async () => {
  w = await world({ env: { GB_OPEN_SIGNUP: 'false' } });
});
afterAll(() => w?.close());

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${w.server.url}/api${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

test('the first sign-up makes the organization, and a second one is refused', async () => {
  expect(await w.stranger().setup()).toEqual({ needsSetup: true, isOpen: false });
  const ana = await w.signUp('Ana Prado', { organization: 'Padaria São João' });
  expect(await w.stranger().setup()).toEqual({ needsSetup: false, isOpen: false });
  expect(await refusal(w.signUp('Eve'))).toBe('already_set_up');
  const snapshot = await ana.rest.snapshot();
  expect(snapshot.organizationName).toBe('Padaria São João');
  expect(snapshot.me).toMatchObject({ name: 'Ana Prado', handle: 'ana.prado', role: 'owner', email: ana.email });
  expect(snapshot.channels.map(({ channel }) => channel.name)).toContain('general');
});

test('weak and personal passwords are refused with the reason', async () => {
  const attempt = (candidate: string) =>
    refusal(w.stranger().acceptInvitation('gbi_x', { name: 'Bo', email: 'bo@example.com', password: candidate }));
  // The invitation is looked at first: a stranger learns nothing about passwords here.
  expect(await attempt('short')).toBe('invitation_invalid');
  const ana = await logIn();
  const { code } = await ana.createInvitation({});
  const join = (candidate: string) =>
    refusal(w.stranger().acceptInvitation(code, { name: 'Bo Lindqvist', email: 'bo@example.com', password: candidate }));
  for (const weak of ['short', 'aaaaaaaaaaaa', 'password1234', 'qwertyuiop', 'senha2024senha', 'Bo Lindqvist', '1234567890']) {
    expect([weak, await join(weak)]).toEqual([weak, 'password_weak']);
  }
});

async function logIn() {
  const { token } = await w.stranger().logIn({ email: 'person1@example.com', password });
  const { createHttp, createRest } = await import('gb-client');
  return createRest(createHttp({ baseUrl: w.server.url, fetch, token: () => token ?? undefined, timeoutMs: 10_000 }));
}

test('log-in says the same for a wrong password and an unknown e-mail', async () => {
  const wrong = await post('/sessions', { email: 'person1@example.com', password: 'not the password' });
  const unknown = await post('/sessions', { email: 'nobody@example.com', password: 'not the password' });
  expect([wrong.status, unknown.status]).toEqual([401, 401]);
  expect(await wrong.json()).toEqual(await unknown.json());
});

test('a browser gets a cookie that scripts cannot read, and no token', async () => {
  const response = await post('/sessions', { email: 'person1@example.com', password }, { origin: w.server.url });
  expect(response.status).toBe(200);
  expect(((await response.json()) as { token: unknown }).token).toBeNull();
  const cookie = response.headers.get('set-cookie') ?? '';
  expect(cookie).toMatch(/^gb_session=gbs_/);
  expect(cookie).toMatch(/HttpOnly/);
  expect(cookie).toMatch(/SameSite=Lax/);
  const session = cookie.split(';')[0]!;
  const read = await fetch(`${w.server.url}/api/snapshot`, { headers: { cookie: session } });
  expect(read.status).toBe(200);

  // A change asked with a cookie must come from our own page.
  const change = (headers: Record<string, string>) =>
    fetch(`${w.server.url}/api/me`, {
      method: 'PATCH',
      headers: { cookie: session, 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ name: 'Ana P.' }),
    });
  expect((await change({})).status).toBe(403);
  expect((await change({ origin: 'https://evil.example' })).status).toBe(403);
  expect((await change({ origin: 'null' })).status).toBe(403);
  expect((await change({ origin: w.server.url })).status).toBe(200);
});

test('a sign-in from another site is refused before anything happens', async () => {
  const response = await post('/sessions', { email: 'person1@example.com', password }, { origin: 'https://evil.example' });
  expect(response.status).toBe(403);
  expect(await response.json()).toMatchObject({ code: 'csrf' });
});

test('an invitation works as often as it says, until it is withdrawn or expires', async () => {
  const ana = await logIn();
  const { code } = await ana.createInvitation({ usesMax: 1, role: 'guest' });
  expect(await w.stranger().invitation(code)).toMatchObject({ invitedBy: 'Ana P.', isUsable: true });
  const joins = await Promise.allSettled(
    [1, 2, 3].map((n) => w.stranger().acceptInvitation(code, { name: `Racer ${n}`, email: `racer${n}@example.com`, password })),
  );
  expect(joins.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await w.stranger().invitation(code)).toMatchObject({ isUsable: false });
  const second = await ana.createInvitation({});
  await ana.withdrawInvitation(second.code);
  expect(await refusal(w.stranger().invitation(second.code))).toBe('invitation_invalid');
  expect(await refusal(w.stranger().invitation('gbi_nonsense'))).toBe('invitation_invalid');
});

test('an e-mail has one account in an organization', async () => {
  const ana = await logIn();
  const { code } = await ana.createInvitation({});
  expect(await refusal(w.stranger().acceptInvitation(code, { name: 'Ana Two', email: 'PERSON1@example.com', password }))).toBe(
    'email_taken',
  );
});

test('changing the password ends the other sessions and keeps this one', async () => {
  const here = await logIn();
  const there = await logIn();
  await here.changePassword(password, 'another set of long words');
  expect(await refusal(there.snapshot())).toBe('unauthenticated');
  expect((await here.snapshot()).me.email).toBe('person1@example.com');
  await here.changePassword('another set of long words', password);
});

test('sessions are listed and ended', async () => {
  const here = await logIn();
  const there = await logIn();
  const { sessions } = await here.sessions();
  expect(sessions.filter(({ isCurrent }) => isCurrent)).toHaveLength(1);
  const { sessions: seenThere } = await there.sessions();
  await here.endSession(seenThere.find(({ isCurrent }) => isCurrent)!.id);
  expect(await refusal(there.snapshot())).toBe('unauthenticated');
  await here.logOut();
  expect(await refusal(here.snapshot())).toBe('unauthenticated');
});

test('an organization keeps its last owner, and somebody put out loses their sessions', async () => {
  const { token } = await w.stranger().logIn({ email: 'person1@example.com', password });
  const { createHttp, createRest } = await import('gb-client');
  const ana = createRest(createHttp({ baseUrl: w.server.url, fetch, token: () => token ?? undefined, timeoutMs: 10_000 }));
  const me = (await ana.snapshot()).me;
  expect(await refusal(ana.updateUser(me.id, { role: 'member' }))).toBe('last_owner');
  expect(await refusal(ana.updateUser(me.id, { isActive: false }))).toBe('last_owner');
  const { code } = await ana.createInvitation({});
  const bo = await w.stranger().acceptInvitation(code, { name: 'Bo', email: 'bo2@example.com', password });
  const boRest = createRest(createHttp({ baseUrl: w.server.url, fetch, token: () => bo.token ?? undefined, timeoutMs: 10_000 }));
  expect(await refusal(boRest.updateUser(me.id, { role: 'guest' }))).toBe('forbidden');
  await ana.updateUser(bo.userId, { isActive: false });
  expect(await refusal(boRest.snapshot())).toBe('unauthenticated');
  expect(await refusal(w.stranger().logIn({ email: 'bo2@example.com', password }))).toBe('wrong_credentials');
});

test('guessing is slowed down per account and address', async () => {
  const strict = await world({ env: { GB_RATE_FACTOR: '1', GB_OPEN_SIGNUP: 'false' } });
  try {
    await strict.signUp();
    const codes: string[] = [];
    for (let n = 0; n < 8; n++)
      codes.push(await refusal(strict.stranger().logIn({ email: 'person@example.com', password: `guess ${n} guess` })));
    expect(codes.slice(0, 5)).toEqual(Array(5).fill('wrong_credentials'));
    expect(codes.slice(5)).toEqual(Array(3).fill('rate_limited'));
  } finally {
    await strict.close();
  }
});
