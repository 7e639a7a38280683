import type { KnowledgeQuery, NewKnowledgeDocument, Store } from 'gb-core';
import type { BotId, CustomerId } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestDatabase, type TestDatabase } from '../testing.ts';

let database: TestDatabase;
let store: Store;

beforeAll(async () => {
  database = await startTestDatabase();
  store = await database.openStore();
}, 60_000);
afterAll(() => database?.close(), 60_000);

async function world(): Promise<{ customerId: CustomerId; botId: BotId }> {
  const name = uuidv7();
  const { customerId } = await store.createCustomer({
    organizationName: name,
    userName: 'Ana',
    handle: 'ana',
    email: `${name}@example.org`,
    passwordHash: 'x',
    locale: 'en',
  });
  const botId = await addBot(customerId, 'tea');
  return { customerId, botId };
}

const addBot = (customerId: CustomerId, handle: string): Promise<BotId> =>
  store.transaction(customerId, async (tx) => {
    const user = await tx.users.insert({
      id: uuidv7() as never,
      kind: 'bot',
      name: handle,
      handle,
      role: 'bot',
      email: null,
      passwordHash: null,
      locale: 'en',
    });
    const bot = await tx.bots.insert({ id: uuidv7() as never, userId: user.id, description: '', origin: 'editor', files: [] });
    return bot.id;
  });

const document = (name: string, texts: readonly string[], more: Partial<NewKnowledgeDocument> = {}): NewKnowledgeDocument => ({
  collection: 'shop',
  name,
  title: name,
  address: null,
  sha256: 'a'.repeat(64),
  language: 'english',
  embeddingModel: null,
  passages: texts.map((text) => ({ heading: '', text, embedding: null })),
  ...more,
});

const asked = (text: string, more: Partial<KnowledgeQuery> = {}): KnowledgeQuery => ({
  collections: ['shop'],
  text,
  language: 'english',
  limit: 5,
  ...more,
});

async function found(of: { customerId: CustomerId; botId: BotId }, query: KnowledgeQuery): Promise<readonly string[]> {
  return (await store.read(of.customerId, (tx) => tx.knowledge.search(of.botId, query))).map((passage) => passage.text);
}

/** A vector of length 1 that points along some of its axes. */
function vector(...axes: readonly number[]): number[] {
  const length = Math.sqrt(axes.length);
  return Array.from({ length: 64 }, (_, index) => (axes.includes(index) ? 1 / length : 0));
}

test('what shares all words of a question comes before what shares some', async () => {
  const of = await world();
  await store.transaction(of.customerId, (tx) =>
    tx.knowledge.replaceDocument(
      of.botId,
      document('warranty.md', ['Shipping takes a week.', 'The warranty lasts two years.', 'A week of warranty for shipping.']),
    ),
  );
  expect(await found(of, asked('How long is the warranty on shipping?'))).toEqual([
    'A week of warranty for shipping.',
    'Shipping takes a week.',
    'The warranty lasts two years.',
  ]);
  expect(await found(of, asked('lasting warranties'))).toEqual([
    'The warranty lasts two years.',
    'A week of warranty for shipping.',
  ]);
  expect(await found(of, asked('giraffes'))).toEqual([]);
});

test('Portuguese is found with and without its accents, in every ending', async () => {
  const of = await world();
  await store.transaction(of.customerId, (tx) =>
    tx.knowledge.replaceDocument(of.botId, document('m.md', ['A manutenção das máquinas é mensal.'], { language: 'portuguese' })),
  );
  for (const text of ['manutenção', 'manutencao', 'MAQUINA', 'a máquina mensal'])
    expect(await found(of, asked(text, { language: 'portuguese' })), text).toHaveLength(1);
});

test('nothing in a question is an operator', async () => {
  const of = await world();
  await store.transaction(of.customerId, (tx) =>
    tx.knowledge.replaceDocument(of.botId, document('a.md', ['Tea & coffee', 'water'])),
  );
  for (const text of [`tea' | 'water`, 'tea & !coffee', 'tea:*', `'`, '\\', '"tea', 'tea <-> coffee', '\0', '\ud800', '', ' '])
    expect((await found(of, asked(text))).length, text).toBeLessThanOrEqual(2);
  expect(await found(of, asked('tea -coffee'))).toEqual(['Tea & coffee']);
});

test('what means the like is found though it shares no word, and only among vectors of the same model', async () => {
  const of = await world();
  const passages = [
    { heading: '', text: 'Our opening hours', embedding: vector(1, 2, 3) },
    { heading: '', text: 'Prices of tea', embedding: vector(10, 11) },
  ];
  await store.transaction(of.customerId, async (tx) => {
    await tx.knowledge.replaceDocument(of.botId, document('a.md', [], { embeddingModel: 'm1', passages }));
    await tx.knowledge.replaceDocument(
      of.botId,
      document('b.md', [], {
        embeddingModel: 'm2',
        passages: [{ heading: '', text: 'Other model', embedding: vector(1, 2, 3) }],
      }),
    );
    await tx.knowledge.replaceDocument(
      of.botId,
      document('c.md', [], { embeddingModel: 'm1', passages: [{ heading: '', text: 'Other size', embedding: [1, 0] }] }),
    );
  });
  const embedding = { model: 'm1', vector: vector(1, 2, 4) };
  expect(await found(of, asked('quando abrem', { embedding }))).toEqual(['Our opening hours']);
  // Found by its word and by its meaning: it comes before what only one of the lists has.
  expect(await found(of, asked('hours of tea', { embedding }))).toEqual(['Our opening hours', 'Prices of tea']);
});

test('a document is replaced, and what is no longer there is forgotten', async () => {
  const of = await world();
  const knowledge = <T>(work: Parameters<typeof store.transaction<T>>[1]) => store.transaction(of.customerId, work);
  await knowledge((tx) => tx.knowledge.replaceDocument(of.botId, document('a.md', ['green tea', 'black tea'])));
  await knowledge((tx) => tx.knowledge.replaceDocument(of.botId, document('a.md', ['white tea'], { sha256: 'b'.repeat(64) })));
  await knowledge((tx) => tx.knowledge.replaceDocument(of.botId, document('b.md', ['mate tea'])));
  expect(await found(of, asked('tea'))).toHaveLength(2);
  expect(await knowledge((tx) => tx.knowledge.documents(of.botId, 'shop'))).toMatchObject([
    { name: 'a.md', sha256: 'b'.repeat(64), passages: 1 },
    { name: 'b.md', passages: 1 },
  ]);
  expect(await knowledge((tx) => tx.knowledge.deleteMissing(of.botId, 'shop', ['b.md']))).toBe(1);
  expect(await found(of, asked('tea'))).toEqual(['mate tea']);
  expect(await knowledge((tx) => tx.knowledge.collections(of.botId))).toMatchObject([
    { name: 'shop', documents: 1, passages: 1 },
  ]);
});

test('collections, bots and customers do not see into each other', async () => {
  const of = await world();
  const other = await world();
  const secondBot = await addBot(of.customerId, 'coffee');
  await store.transaction(of.customerId, async (tx) => {
    await tx.knowledge.replaceDocument(of.botId, document('a.md', ['tea of the shop']));
    await tx.knowledge.replaceDocument(of.botId, document('a.md', ['tea of the staff'], { collection: 'staff' }));
  });
  expect(await found(of, asked('tea'))).toEqual(['tea of the shop']);
  expect(await found(of, asked('tea', { collections: [] }))).toHaveLength(2);
  expect(await found({ ...of, botId: secondBot }, asked('tea', { collections: [] }))).toEqual([]);
  expect(await found({ ...other, botId: of.botId }, asked('tea', { collections: [] }))).toEqual([]);
  await expect(
    store.transaction(other.customerId, (tx) => tx.knowledge.replaceDocument(of.botId, document('a.md', ['mine now']))),
  ).rejects.toMatchObject({ code: 'not_found' });
});

test('a bot knows a bounded number of passages', async () => {
  const of = await world();
  const many = Array.from({ length: 15_000 }, (_, index) => `passage ${index}`);
  await store.transaction(of.customerId, (tx) => tx.knowledge.replaceDocument(of.botId, document('a.md', many)));
  await expect(
    store.transaction(of.customerId, (tx) => tx.knowledge.replaceDocument(of.botId, document('b.md', many))),
  ).rejects.toMatchObject({ code: 'quota_exceeded' });
  // The same document again takes the place of what it was.
  await store.transaction(of.customerId, (tx) => tx.knowledge.replaceDocument(of.botId, document('a.md', many)));
  expect(await found(of, asked('passage 14999', { limit: 1 }))).toEqual(['passage 14999']);
});
