import type { CustomerId } from 'gb-protocol';
import type { Clock } from 'gb-utils';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Store } from '../store.ts';
import { storeAccountsContract } from './store-contract.accounts.ts';
import { storeAppendContract } from './store-contract.append.ts';
import { storeBotLogContract } from './store-contract.bot-log.ts';
import { storeBotsContract } from './store-contract.bots.ts';
import { storeChannelsContract } from './store-contract.channels.ts';
import { storeFilesContract } from './store-contract.files.ts';
import { storeJobsContract } from './store-contract.jobs.ts';
import { storeLogContract } from './store-contract.log.ts';
import { storeMessagesContract } from './store-contract.messages.ts';
import { storeOutboxContract } from './store-contract.outbox.ts';
import { storeSheetsContract } from './store-contract.sheets.ts';
import { storeTablesContract } from './store-contract.tables.ts';
import { newId, world } from './world.ts';

export interface StoreUnderTest {
  readonly store: Store;
  /**
   * Another store on the same data, as another process would have; perhaps with another clock. Closed after its test: each
   * holds connections, and a server has only so many.
   */
  openAnother(options?: { clock: Clock }): Promise<Store>;
  close(): Promise<void>;
}

/** What every engine of the Store promises. */
export function storeContract(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`store: ${name}`, () => {
    let opened: StoreUnderTest;
    const store = () => opened.store;
    beforeAll(async () => {
      opened = await open();
    }, 60_000);
    afterAll(async () => {
      await opened?.close();
    }, 60_000);

    const others: Store[] = [];
    const openAnother = async (options?: { clock: Clock }) => {
      const another = await opened.openAnother(options);
      others.push(another);
      return another;
    };
    const openLater = (ms: number) => openAnother({ clock: { nowMs: () => Date.now() + ms } });
    afterEach(async () => {
      await Promise.all(others.splice(0).map((another) => another.close()));
    });

    describe('customers and transactions', () => transactionsContract(store));
    describe('accounts', () => storeAccountsContract(store));
    describe('channels', () => storeChannelsContract(store));
    describe('messages', () => storeMessagesContract(store));
    describe('append', () => storeAppendContract(store, openAnother));
    describe('log', () => storeLogContract(store));
    describe('bots', () => storeBotsContract(store, openAnother));
    describe('bot log', () => storeBotLogContract(store, openLater));
    describe('files', () => storeFilesContract(store, openLater));
    describe('webhooks and exports', () => storeJobsContract(store, openLater));
    describe('tables', () => storeTablesContract(store));
    describe('sheets and memories', () => storeSheetsContract(store, openLater));
    describe('outbox', () => storeOutboxContract(store, openAnother));
  });
}

function transactionsContract(store: () => Store): void {
  test('a new customer has an instance with a log, an owner with a log, and is listed', async () => {
    const w = await world(store());
    expect(await store().listCustomers()).toContain(w.customerId);
    await store().read(w.customerId, async (tx) => {
      const instance = await tx.instance.get();
      expect(instance).toMatchObject({ id: w.instanceId, name: instance.organizationName });
      expect(await tx.log.position(instance.logChannelId)).toEqual({ channelId: instance.logChannelId, epoch: 1, seq: 0 });
      expect((await tx.channels.get(instance.logChannelId))?.kind).toBe('instance');
      expect(await tx.users.get(w.owner)).toMatchObject({
        name: 'Ana',
        handle: 'ana',
        role: 'owner',
        kind: 'person',
        isActive: true,
        locale: 'en',
      });
      const own = await tx.users.selfChannel(w.owner);
      expect(await tx.channels.access(own!, w.owner)).toMatchObject({ channel: { kind: 'self' }, isMember: true });
    });
  });

  test('one e-mail may have accounts with several customers; an inactive one is not found', async () => {
    const [a, b] = [await world(store()), await world(store())];
    const email = `Both.${newId()}@Example.org`;
    const inA = await a.person('Bea', { email });
    await b.person('Bea', { email });
    const logins = await store().findLogins(email.toLowerCase());
    expect(logins.map((login) => login.customerId)).toEqual([a.customerId, b.customerId].sort());
    expect(logins.find((login) => login.customerId === a.customerId)).toMatchObject({
      userId: inA.id,
      organizationName: expect.stringContaining('Acme'),
    });
    await store().transaction(a.customerId, (tx) => tx.users.update(inA.id, { isActive: false }));
    expect((await store().findLogins(email)).map((login) => login.customerId)).toEqual([b.customerId]);
    expect(await store().findLogins("' or true --")).toEqual([]);
  });

  test('a transaction that throws leaves nothing behind', async () => {
    const w = await world(store());
    const attempt = store().transaction(w.customerId, async (tx) => {
      await tx.users.update(w.owner, { name: 'Changed' });
      throw new RangeError('on purpose');
    });
    await expect(attempt).rejects.toThrow('on purpose');
    expect((await store().read(w.customerId, (tx) => tx.users.get(w.owner)))?.name).toBe('Ana');
  });

  test('everything read in a read transaction is of one instant', async () => {
    const w = await world(store());
    const channelId = await w.channel('general');
    await store().read(w.customerId, async (tx) => {
      expect((await tx.log.position(channelId))?.seq).toBe(0);
      await w.say(channelId, 'meanwhile');
      expect((await tx.log.position(channelId))?.seq).toBe(0);
      expect(await tx.log.read(channelId, 0, 10)).toEqual([]);
    });
    expect((await store().read(w.customerId, (tx) => tx.log.position(channelId)))?.seq).toBe(1);
  });

  test('a read transaction cannot write', async () => {
    const w = await world(store());
    await expect(store().read(w.customerId, (tx) => tx.users.update(w.owner, { name: 'x' }))).rejects.toThrow();
  });

  test('two transactions that lock in opposite order both succeed: one of them runs again', async () => {
    const w = await world(store());
    const bea = (await w.person('Bea')).id;
    let runs = 0;
    // In their first runs each has its first row before either asks for its second.
    const meeting = Promise.withResolvers<void>();
    const rename = (first: typeof bea, second: typeof bea, name: string) =>
      store().transaction(w.customerId, async (tx) => {
        await tx.users.update(first, { name });
        runs += 1;
        if (runs === 2) meeting.resolve();
        await meeting.promise;
        await tx.users.update(second, { name });
      });
    await Promise.all([rename(w.owner, bea, 'One'), rename(bea, w.owner, 'Two')]);
    expect(runs).toBeGreaterThan(2);
    const [a, b] = await store().read(w.customerId, async (tx) => [await tx.users.get(w.owner), await tx.users.get(bea)]);
    expect(a?.name).toBe(b?.name);
  });

  test('a customer sees and changes nothing of another one, whatever id it asks for', async () => {
    const [a, b] = [await world(store()), await world(store())];
    const secret = await a.channel('secret');
    const seq = await a.say(secret, 'for us only');
    await store().transaction(b.customerId, async (tx) => {
      expect(await tx.channels.get(secret)).toBeNull();
      expect(await tx.channels.access(secret, b.owner)).toBeNull();
      expect(await tx.messages.get(secret, seq)).toBeNull();
      expect((await tx.messages.page(secret, { limit: 10 })).messages).toEqual([]);
      expect(await tx.log.read(secret, 0, 10)).toEqual([]);
      expect(await tx.log.position(secret)).toBeNull();
      expect(await tx.users.get(a.owner)).toBeNull();
      expect(await tx.users.update(a.owner, { name: 'mine' })).toBeNull();
      expect(await tx.channels.update(secret, { name: 'mine' })).toBeNull();
      expect(await tx.channels.memberIds(secret)).toEqual([]);
      expect((await tx.users.list()).map((user) => user.id)).toEqual([b.owner]);
    });
    await expect(store().transaction(b.customerId, (tx) => tx.channels.addMember(secret, b.owner))).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(store().appendMessage(b.customerId, b.message(secret))).rejects.toMatchObject({ code: 'not_found' });
    await expect(
      store().transaction(b.customerId, (tx) =>
        tx.log.append([{ channelId: secret, actorId: b.owner, body: { kind: 'member.joined', userId: b.owner } }]),
      ),
    ).rejects.toMatchObject({ code: 'not_found' });
    await expect(
      store().transaction(b.customerId, (tx) => tx.messages.addReaction(secret, seq, b.owner, '👍')),
    ).rejects.toMatchObject({ code: 'not_found' });
    await expect(
      store().transaction(b.customerId, (tx) =>
        tx.messages.edit(secret, seq, { text: 'mine', mentions: [], mentionsChannel: false }),
      ),
    ).rejects.toMatchObject({ code: 'not_found' });
    expect(await store().read(a.customerId, (tx) => tx.messages.get(secret, seq))).toMatchObject({
      text: 'for us only',
      reactions: [],
    });
  });

  test('a customer that is none is refused', async () => {
    for (const customerId of ['', 'nonsense', "00000000-0000-0000-0000-000000000000' or true"] as CustomerId[]) {
      await expect(store().read(customerId, (tx) => tx.users.list())).rejects.toMatchObject({ code: 'not_found' });
    }
    expect(await store().read(newId<CustomerId>(), (tx) => tx.users.list())).toEqual([]);
  });

  test('audit entries are written with the change they tell of', async () => {
    const w = await world(store());
    await store().transaction(w.customerId, (tx) =>
      tx.audit.write({
        actorId: w.owner,
        action: 'user.role_changed',
        target: w.owner,
        facts: { from: 'member', n: 1, ok: true, none: null },
      }),
    );
  });

  test('the engine answers', async () => {
    await store().ping();
  });
}
