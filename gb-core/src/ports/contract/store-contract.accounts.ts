import type { Invitation, SessionId, UserId } from 'gb-protocol';
import { expect, test } from 'vitest';
import type { Store } from '../store.ts';
import { newId, type World, world } from './world.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

export function storeAccountsContract(store: () => Store): void {
  test('a person is inserted, read, listed and changed', async () => {
    const w = await world(store());
    const bea = await w.person('Bea');
    expect(bea).toEqual({ id: bea.id, kind: 'person', name: 'Bea', handle: 'bea', role: 'member', isActive: true });
    await store().transaction(w.customerId, async (tx) => {
      expect(await tx.users.get(bea.id)).toEqual({ ...bea, email: 'bea@example.org', locale: 'en' });
      expect((await tx.users.list()).map((user) => user.name).sort()).toEqual(['Ana', 'Bea']);
      expect(await tx.users.passwordHash(bea.id)).toBeNull();
      const changed = await tx.users.update(bea.id, {
        name: 'Beatriz',
        locale: 'pt-BR',
        role: 'admin',
        isActive: false,
        passwordHash: 'new',
      });
      expect(changed).toEqual({
        ...bea,
        name: 'Beatriz',
        role: 'admin',
        isActive: false,
        email: 'bea@example.org',
        locale: 'pt-BR',
      });
      expect(await tx.users.passwordHash(bea.id)).toBe('new');
      expect(await tx.users.update(bea.id, { isActive: true })).toMatchObject({ name: 'Beatriz', isActive: true });
      expect(await tx.users.get(newId<UserId>())).toBeNull();
      expect(await tx.users.update(newId<UserId>(), { name: 'x' })).toBeNull();
    });
  });

  test('handle and e-mail are taken once in a customer, case aside', async () => {
    const w = await world(store());
    const insert = (handle: string, email: string | null) =>
      store().transaction(w.customerId, (tx) =>
        tx.users.insert({
          id: newId<UserId>(),
          kind: 'person',
          name: 'X',
          handle,
          role: 'member',
          email,
          passwordHash: null,
          locale: 'en',
        }),
      );
    await insert('joão', 'joao@example.org');
    await expect(insert('JOÃO', 'other@example.org')).rejects.toMatchObject({ code: 'name_taken' });
    await expect(insert('other', 'JOAO@example.org')).rejects.toMatchObject({ code: 'email_taken' });
    await insert('nomail1', null);
    await insert('nomail2', null);
  });

  test('handles are found by their beginning, with no letter meaning something else', async () => {
    const w = await world(store());
    for (const name of ['rui', 'rui2', 'ruim', 'r_i', 'r%x']) await w.person(name);
    await store().read(w.customerId, async (tx) => {
      expect(await tx.users.handlesLike('rui')).toEqual(['rui', 'rui2', 'ruim']);
      expect(await tx.users.handlesLike('RUI2')).toEqual(['rui2']);
      expect(await tx.users.handlesLike('r_')).toEqual(['r_i']);
      expect(await tx.users.handlesLike('r%')).toEqual(['r%x']);
    });
  });

  test('owners are counted while they are active', async () => {
    const w = await world(store());
    const bea = await w.person('Bea', { role: 'owner' });
    await store().transaction(w.customerId, async (tx) => {
      expect(await tx.users.countOwners()).toBe(2);
      await tx.users.update(bea.id, { isActive: false });
      expect(await tx.users.countOwners()).toBe(1);
    });
  });

  test('a bot has no log of its own', async () => {
    const w = await world(store());
    const bot = await w.person('Robo', { role: 'bot' });
    expect(await store().read(w.customerId, (tx) => tx.users.selfChannel(bot.id))).toBeNull();
    expect(await store().read(w.customerId, (tx) => tx.users.get(bot.id))).toMatchObject({ kind: 'bot', email: '' });
  });

  async function session(
    w: World,
    userId: UserId,
    token: string,
    more: { createdAt?: number; expiresAt?: number } = {},
  ): Promise<SessionId> {
    const id = newId<SessionId>();
    const createdAt = more.createdAt ?? Date.now();
    await store().transaction(w.customerId, (tx) =>
      tx.sessions.insert({
        id,
        userId,
        tokenHash: bytes(token),
        createdAt,
        lastSeenAt: createdAt,
        expiresAt: more.expiresAt ?? createdAt + 3_600_000,
        userAgent: 'Test "1"',
      }),
    );
    return id;
  }

  test('a session is found by its token, touched, listed and ended', async () => {
    const w = await world(store());
    const createdAt = Date.now();
    const id = await session(w, w.owner, 'secret', { createdAt });
    await store().transaction(w.customerId, async (tx) => {
      const found = await tx.sessions.byTokenHash(bytes('secret'));
      expect(found).toMatchObject({
        id,
        userId: w.owner,
        createdAt,
        lastSeenAt: createdAt,
        expiresAt: createdAt + 3_600_000,
        userAgent: 'Test "1"',
      });
      expect(found?.user).toEqual(await tx.users.get(w.owner));
      expect(await tx.sessions.byTokenHash(bytes('other'))).toBeNull();
      await tx.sessions.touch(id, createdAt + 5, createdAt + 10);
      expect(await tx.sessions.listByUser(w.owner)).toEqual([
        { id, userId: w.owner, createdAt, lastSeenAt: createdAt + 5, expiresAt: createdAt + 10, userAgent: 'Test "1"' },
      ]);
      expect(await tx.sessions.delete(id)).toBe(true);
      expect(await tx.sessions.delete(id)).toBe(false);
      expect(await tx.sessions.byTokenHash(bytes('secret'))).toBeNull();
    });
  });

  test('of many sessions those that live are told, with the roles of their people', async () => {
    const w = await world(store());
    const bea = await w.person('Bea', { role: 'guest' });
    const mine = await session(w, w.owner, 'living-a');
    const hers = await session(w, bea.id, 'living-b');
    const over = await session(w, bea.id, 'living-c', { createdAt: Date.now() - 2, expiresAt: Date.now() - 1 });
    const other = await world(store());
    const foreign = await session(other, other.owner, 'living-d');
    const ids = [mine, hers, over, foreign, newId<SessionId>()];
    const living = await store().read(w.customerId, (tx) => tx.sessions.living(ids));
    expect([...living].sort()).toEqual(
      [
        [mine, 'owner'],
        [hers, 'guest'],
      ].sort(),
    );
    expect((await store().read(w.customerId, (tx) => tx.sessions.living([]))).size).toBe(0);
  });

  test('all sessions of a person end but one, and nobody else is signed out', async () => {
    const w = await world(store());
    const bea = await w.person('Bea');
    const kept = await session(w, w.owner, 'a');
    const ended = [await session(w, w.owner, 'b'), await session(w, w.owner, 'c')];
    await session(w, bea.id, 'd');
    await store().transaction(w.customerId, async (tx) => {
      expect([...(await tx.sessions.deleteByUser(w.owner, kept))].sort()).toEqual(ended.sort());
      expect((await tx.sessions.listByUser(w.owner)).map((one) => one.id)).toEqual([kept]);
      expect(await tx.sessions.listByUser(bea.id)).toHaveLength(1);
      expect(await tx.sessions.deleteByUser(w.owner)).toEqual([kept]);
    });
  });

  test('an invitation is used as often as it says, by two at once too', async () => {
    const w = await world(store());
    const hash = bytes('code');
    const invitation: Invitation = {
      code: 'abc…',
      role: 'guest',
      createdBy: w.owner,
      createdAt: 1_000,
      expiresAt: 2_000,
      usesMax: 3,
      uses: 0,
    };
    await store().transaction(w.customerId, (tx) => tx.invitations.insert({ ...invitation, codeHash: hash }));
    expect(await store().read(w.customerId, (tx) => tx.invitations.list())).toEqual([invitation]);
    expect(await store().read(w.customerId, (tx) => tx.invitations.byCodeHash(bytes('other')))).toBeNull();
    const join = () =>
      store().transaction(w.customerId, async (tx) => {
        const found = await tx.invitations.byCodeHash(hash);
        if (!found || found.uses >= found.usesMax) return false;
        await tx.invitations.use(hash);
        return true;
      });
    const joined = await Promise.all(Array.from({ length: 8 }, join));
    expect(joined.filter(Boolean)).toHaveLength(3);
    await store().transaction(w.customerId, async (tx) => {
      expect(await tx.invitations.byCodeHash(hash)).toEqual({ ...invitation, uses: 3 });
      expect(await tx.invitations.delete(hash)).toBe(true);
      expect(await tx.invitations.delete(hash)).toBe(false);
    });
  });
}
