import type { KeyValueStore, NewMessage, Store } from 'gb-core';
import { customerKey } from 'gb-core';
import { storeContract } from 'gb-core/contract';
import type { ChannelId, ClientId, CustomerId, Message, Seq } from 'gb-protocol';
import { silentLogger, uuidv7 } from 'gb-utils';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openPostgresKeyValueStore } from '../key-value/key-value-store.postgres.ts';
import { startTestDatabase, type TestDatabase } from '../testing.ts';
import { openTikvKeyValueStore } from '../tikv/key-value-store.tikv.ts';
import { FakeCluster } from '../tikv/testing/fake-cluster.ts';
import { ColdMover, type ColdMoverOptions, type ColdStep } from './cold-mover.ts';
import { decodeSegment, encodeSegment } from './segment.ts';

let database: TestDatabase;
let keyValues: KeyValueStore;
let store: Store;
beforeAll(async () => {
  database = await startTestDatabase();
  keyValues = await openPostgresKeyValueStore({ app: database.postgres.app, log: silentLogger });
  store = await database.openStore({ coldHistory: keyValues });
}, 60_000);
afterAll(async () => {
  await keyValues?.close();
  await database?.close();
}, 60_000);

const movers: ColdMover[] = [];
afterEach(() => Promise.all(movers.splice(0).map((mover) => mover.close())));

/** Of whatever age, from the first message on. */
const everything = { ageMsMin: -60_000, messagesMin: 1 };
function moverOf(options: Partial<ColdMoverOptions> = {}): ColdMover {
  const mover = new ColdMover({ app: database.postgres.app, keyValues, log: silentLogger, policy: everything, ...options });
  movers.push(mover);
  return mover;
}

/** A customer with one channel. */
async function place(at: Store = store) {
  const { customerId, userId } = await at.createCustomer({
    organizationName: 'Acme',
    userName: 'Ana',
    handle: 'ana',
    email: `${uuidv7()}@example.org`,
    passwordHash: 'hash',
    locale: 'en',
  });
  const channelId = uuidv7() as ChannelId;
  await at.transaction(customerId, (tx) =>
    tx.channels.insert({ id: channelId, kind: 'public', name: 'old', topic: '', directKey: null, createdBy: userId }),
  );
  const message = (text: string, more: Partial<NewMessage> = {}): NewMessage => ({
    channelId,
    authorId: userId,
    clientId: uuidv7() as ClientId,
    text,
    threadSeq: null,
    mentions: [],
    mentionsChannel: false,
    suggestions: [],
    ...more,
  });
  const say = async (text: string, more: Partial<NewMessage> = {}) =>
    (await at.appendMessage(customerId, message(text, more))).seq;
  const sayMany = (count: number) => Promise.all(Array.from({ length: count }, (_, i) => say(`old words ${i}`)));
  const page = async (limit = 100) => (await at.read(customerId, (tx) => tx.messages.page(channelId, { limit }))).messages;
  return { customerId, userId, channelId, message, say, sayMany, page };
}

/** As the application, of one customer. */
async function asApp<T>(customerId: CustomerId, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(database.postgres.app);
  await client.connect();
  try {
    await client.query("select set_config('gb.customer', $1, false)", [customerId]);
    return await work(client);
  } finally {
    await client.end();
  }
}

const count = (customerId: CustomerId, from: string) =>
  asApp(customerId, async (client) => Number((await client.query(`select count(*) from ${from}`)).rows[0].count));
const valuesOf = (customerId: CustomerId, of: KeyValueStore = keyValues) =>
  of.scan(customerKey(customerId, new Uint8Array([0])), customerKey(customerId, new Uint8Array([255])), 10_000);
const wordsIn = async (customerId: CustomerId) =>
  (await Promise.all((await valuesOf(customerId)).map((entry) => decodeSegment(entry.value)))).flatMap((bodies) =>
    [...bodies.values()].map((body) => body.text),
  );
/** What was left behind is an hour old. */
const age = (customerId: CustomerId) =>
  asApp(customerId, (client) => client.query("update gb.cold_leftovers set at = at - interval '1 hour'"));
const texts = (messages: readonly Message[]) => messages.map((message) => message.text);

describe('a store whose messages all went to cold history before anybody looks', () => {
  storeContract('postgres, cold', async () => {
    const own = await startTestDatabase();
    const values = await openPostgresKeyValueStore({ app: own.postgres.app, log: silentLogger });
    const mover = new ColdMover({ app: own.postgres.app, keyValues: values, log: silentLogger, policy: everything });
    const cool = (inner: Store): Store =>
      new Proxy(inner, {
        get(target, name) {
          const member = Reflect.get(target, name) as unknown;
          if (name !== 'transaction' && name !== 'read') return typeof member === 'function' ? member.bind(target) : member;
          return async (customerId: CustomerId, ...rest: unknown[]) => {
            // What a test asks of nobody's customer is not the mover's affair.
            if (/^[0-9a-f-]{36}$/.test(customerId)) await mover.runFor(customerId);
            return (member as (...args: unknown[]) => unknown).call(target, customerId, ...rest);
          };
        },
      });
    return {
      store: cool(await own.openStore({ coldHistory: values })),
      openAnother: async (options) => cool(await own.openStore({ coldHistory: values, ...options })),
      close: async () => {
        await mover.close();
        await values.close();
        await own.close();
      },
    };
  });
});

test('what was moved is read as it was: pages, single messages, the log; and its words are in no table', async () => {
  const p = await place();
  await p.sayMany(1_200);
  await p.say('with suggestions', { suggestions: ['yes', 'no'] });
  const before = await p.page(2_000);
  const logBefore = await store.read(p.customerId, (tx) => tx.log.read(p.channelId, 0, 2_000));
  expect(await moverOf().runFor(p.customerId)).toEqual({ moved: 1_201, cleaned: 0, swept: 0 });
  expect(await p.page(2_000)).toEqual(before);
  expect(await store.read(p.customerId, (tx) => tx.log.read(p.channelId, 0, 2_000))).toEqual(logBefore);
  expect(await store.read(p.customerId, (tx) => tx.messages.get(p.channelId, 1_201))).toMatchObject({
    suggestions: ['yes', 'no'],
  });
  expect(await count(p.customerId, "gb.messages where text <> '' or suggestions is not null")).toBe(0);
  expect(await count(p.customerId, 'gb.cold_segments')).toBe(3);
  expect(await count(p.customerId, 'gb.cold_leftovers')).toBe(0);
  expect(await database.tablesWith(p.customerId, 'old words')).toEqual([]);
});

test('only what is old goes, in pieces that are worth it, and what comes later goes later', async () => {
  const p = await place();
  await p.sayMany(30);
  expect((await moverOf({ policy: { messagesMin: 1 } }).runFor(p.customerId)).moved).toBe(0);
  expect((await moverOf({ policy: { ageMsMin: -60_000, messagesMin: 31 } }).runFor(p.customerId)).moved).toBe(0);
  expect((await moverOf().runFor(p.customerId)).moved).toBe(30);
  await p.say('new');
  expect((await moverOf().runFor(p.customerId)).moved).toBe(1);
  expect(texts(await p.page()).at(-1)).toBe('new');
});

test('an edit brings the text back, and the old one leaves its segment with the next round', async () => {
  const p = await place();
  const seq = await p.say('a secret that was a mistake');
  await p.sayMany(5);
  await moverOf().runFor(p.customerId);
  await store.transaction(p.customerId, (tx) =>
    tx.messages.edit(p.channelId, seq, { text: 'better words', mentions: [], mentionsChannel: false }),
  );
  expect(texts(await p.page())[0]).toBe('better words');
  const versions = await store.read(p.customerId, (tx) => tx.messages.versions(p.channelId, seq));
  expect(versions.map((version) => version.text)).toEqual(['a secret that was a mistake', 'better words']);
  expect(await moverOf().runFor(p.customerId)).toMatchObject({ cleaned: 1 });
  // The value that was replaced stays for readers who began before, and leaves then.
  await age(p.customerId);
  expect(await moverOf().runFor(p.customerId)).toMatchObject({ swept: 1 });
  expect(await wordsIn(p.customerId)).not.toContain('a secret that was a mistake');
  expect(texts(await p.page())).toHaveLength(6);
});

test('what is deleted leaves the key-value store too; a segment of which nothing is left goes with it', async () => {
  const p = await place();
  const seqs = await p.sayMany(3);
  await moverOf().runFor(p.customerId);
  for (const seq of seqs) {
    await store.transaction(p.customerId, (tx) => tx.messages.delete(p.channelId, seq));
    await moverOf().runFor(p.customerId);
    await age(p.customerId);
    await moverOf().runFor(p.customerId);
  }
  expect(await valuesOf(p.customerId)).toEqual([]);
  expect(await count(p.customerId, 'gb.cold_segments')).toBe(0);
  expect((await p.page()).map((message) => [message.text, message.deletedAt !== null])).toEqual(seqs.map(() => ['', true]));
});

test('reactions need no text: they come and go where it is', async () => {
  const p = await place();
  const seq = await p.say('cold');
  await moverOf().runFor(p.customerId);
  await store.transaction(p.customerId, (tx) => tx.messages.addReaction(p.channelId, seq, p.userId, '👍'));
  expect((await p.page())[0]).toMatchObject({ text: 'cold', reactions: [{ emoji: '👍', userIds: [p.userId] }] });
  expect(await count(p.customerId, 'gb.cold_segments where is_stale')).toBe(0);
});

test('a message that is sent again after it went cold keeps its first number', async () => {
  const p = await place();
  const message = p.message('hello');
  const first = await store.appendMessage(p.customerId, message);
  await moverOf().runFor(p.customerId);
  expect(await store.appendMessage(p.customerId, message)).toEqual({ ...first, isDuplicate: true });
  await expect(store.appendMessage(p.customerId, { ...message, text: 'other' })).rejects.toMatchObject({
    code: 'duplicate_client_id',
  });
});

describe('a crash', () => {
  test.each<ColdStep>(['noted', 'stored', 'compared', 'committed'])(
    'after a segment was %s loses nothing, and leaves nothing for ever',
    async (last) => {
      const p = await place();
      await p.sayMany(20);
      const before = await p.page();
      const crash = new Error('the power went');
      const crashing = moverOf({
        onStep: (step) => {
          if (step === last) throw crash;
        },
      });
      await expect(crashing.runFor(p.customerId)).rejects.toBe(crash);
      expect(await p.page()).toEqual(before);
      // The same again, without a crash; and much later, to sweep up.
      expect((await moverOf().runFor(p.customerId)).moved).toBe(last === 'committed' ? 0 : 20);
      await age(p.customerId);
      await moverOf().runFor(p.customerId);
      expect(await p.page()).toEqual(before);
      expect(await valuesOf(p.customerId)).toHaveLength(1);
      expect(await count(p.customerId, 'gb.cold_leftovers')).toBe(0);
    },
  );

  test('of the connection at every moment: texts are in the row or in a segment', async () => {
    const p = await place();
    await p.sayMany(300);
    const before = await p.page(500);
    for (let round = 0; round < 12; round++) {
      const mover = moverOf();
      const running = mover.runFor(p.customerId).catch((error: unknown) => expect(error).toBeInstanceOf(Error));
      await new Promise((resolve) => setTimeout(resolve, round));
      await asApp(p.customerId, (client) =>
        client.query(
          "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'gb_app' and pid <> pg_backend_pid()",
        ),
      );
      await running;
      expect(await p.page(500)).toEqual(before);
    }
    await moverOf().runFor(p.customerId);
    expect(await p.page(500)).toEqual(before);
  }, 60_000);
});

test('whoever edits or deletes while a segment is on its way wins, and the segment is given up', async () => {
  const p = await place();
  const [edited, deleted] = [await p.say('one'), await p.say('two')];
  await p.say('three');
  for (const change of [
    (tx: Parameters<Parameters<Store['transaction']>[1]>[0]) =>
      tx.messages.edit(p.channelId, edited, { text: 'uno', mentions: [], mentionsChannel: false }),
    (tx: Parameters<Parameters<Store['transaction']>[1]>[0]) => tx.messages.delete(p.channelId, deleted),
  ]) {
    const racing = moverOf({
      onStep: async (step) => {
        if (step === 'compared') await store.transaction(p.customerId, change);
      },
    });
    expect((await racing.runFor(p.customerId)).moved).toBe(0);
  }
  expect(texts(await p.page())).toEqual(['uno', '', 'three']);
  expect((await moverOf().runFor(p.customerId)).moved).toBe(2);
  expect(texts(await p.page())).toEqual(['uno', '', 'three']);
});

test('an edit while its segment is written anew is not lost', async () => {
  const p = await place();
  const seqs = await p.sayMany(4);
  await moverOf().runFor(p.customerId);
  const edit = (seq: Seq, text: string) =>
    store.transaction(p.customerId, (tx) => tx.messages.edit(p.channelId, seq, { text, mentions: [], mentionsChannel: false }));
  await edit(seqs[0]!, 'first');
  const racing = moverOf({
    onStep: async (step) => {
      if (step === 'compared') await edit(seqs[1]!, 'second');
    },
  });
  expect((await racing.runFor(p.customerId)).cleaned).toBe(0);
  expect((await moverOf().runFor(p.customerId)).cleaned).toBe(1);
  const now = await p.page();
  expect(texts(now).slice(0, 2)).toEqual(['first', 'second']);
  expect(
    texts(now)
      .slice(2)
      .every((text) => text.startsWith('old words')),
  ).toBe(true);
});

test('of several movers at once one moves each segment', async () => {
  const p = await place();
  await p.sayMany(700);
  const before = await p.page(1_000);
  await Promise.all(Array.from({ length: 4 }, () => moverOf().runFor(p.customerId)));
  await moverOf().runFor(p.customerId);
  await age(p.customerId);
  await moverOf().runFor(p.customerId);
  expect(await p.page(1_000)).toEqual(before);
  expect((await valuesOf(p.customerId)).length).toBe(await count(p.customerId, 'gb.cold_segments'));
});

test('a mover that took too long does not name a value that may be gone', async () => {
  const p = await place();
  await p.sayMany(3);
  const slow = moverOf({
    onStep: async (step) => {
      if (step === 'compared') await age(p.customerId);
    },
  });
  await expect(slow.runFor(p.customerId)).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  expect(await count(p.customerId, 'gb.cold_segments')).toBe(0);
  expect((await p.page()).length).toBe(3);
});

test('a value that was damaged is never shown, and says so', async () => {
  const p = await place();
  await p.say('precious');
  await moverOf().runFor(p.customerId);
  const [entry] = await valuesOf(p.customerId);
  const value = new Uint8Array(entry!.value);
  value[10]! ^= 1;
  const [other, bombless] = [await encodeSegment([{ seq: 99, text: 'x', suggestions: null, parts: null }]), new Uint8Array(50)];
  for (const broken of [value, other, bombless]) {
    await keyValues.put(entry!.key, broken);
    const reader = await database.openStore({ coldHistory: keyValues });
    await expect(reader.read(p.customerId, (tx) => tx.messages.get(p.channelId, 1))).rejects.toMatchObject({ code: 'internal' });
  }
  await keyValues.delete([entry!.key]);
  const reader = await database.openStore({ coldHistory: keyValues });
  await expect(reader.read(p.customerId, (tx) => tx.messages.get(p.channelId, 1))).rejects.toMatchObject({ code: 'internal' });
  // A server that was not told where old history is refuses instead of showing empty messages.
  const blind = await database.openStore();
  await expect(blind.read(p.customerId, (tx) => tx.messages.get(p.channelId, 1))).rejects.toMatchObject({ code: 'unavailable' });
});

describe('on TiKV (the fake cluster)', () => {
  test('history goes there and back while regions split and a store dies; when all are away, new messages go on', async () => {
    const cluster = await FakeCluster.start({ regionKeysMax: 3 });
    const tikv = await openTikvKeyValueStore({ pd: cluster.pd, log: silentLogger, operationMsMax: 2_000 });
    try {
      const warm = await database.openStore({ coldHistory: tikv });
      const p = await place(warm);
      await p.sayMany(2_600);
      const before = await p.page(3_000);
      cluster.onRequest = () => (Math.random() < 0.2 ? { lose: Math.random() < 0.5 ? 'before' : 'after' } : null);
      expect((await moverOf({ keyValues: tikv }).runFor(p.customerId)).moved).toBe(2_600);
      cluster.stopStore('1');
      cluster.moveLeadersFrom('1');
      expect(await p.page(3_000)).toEqual(before);
      expect(cluster.data.size).toBe(6);
      for (const id of ['2', '3']) cluster.stopStore(id);
      const cold = await database.openStore({ coldHistory: tikv });
      const reading = cold.read(p.customerId, (tx) => tx.messages.get(p.channelId, 1));
      await expect(reading).rejects.toMatchObject({ code: 'unavailable', retryable: true });
      const seq = await p.say('still here');
      expect(await cold.read(p.customerId, (tx) => tx.messages.get(p.channelId, seq))).toMatchObject({ text: 'still here' });
    } finally {
      await tikv.close();
      cluster.stop();
    }
  }, 60_000);
});
