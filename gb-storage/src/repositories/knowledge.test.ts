import type { KnowledgeQuery, NewKnowledgeDocument, NewPassage, Store } from 'gb-core';
import type { BotId, CustomerId } from 'gb-protocol';
import { silentLogger, uuidv7 } from 'gb-utils';
import type { ClientConfig } from 'pg';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { catalogDefects } from '../catalog-check.ts';
import { migrate } from '../migrate.ts';
import { openPostgresStore } from '../postgres-store.ts';
import { type Pgvector, startPgvector } from '../testing/pgvector.ts';
import { startTestDatabase, type TestDatabase } from '../testing.ts';

// The same stories at the PostgreSQL that comes with the product, and at one that compares vectors by pgvector.

let embedded: TestDatabase;
let pgvector: Pgvector | null = null;
const stores: Store[] = [];
/** Of the engine that a test is about. */
let store: Store;

beforeAll(async () => {
  embedded = await startTestDatabase();
  pgvector = await startPgvector();
}, 500_000);
afterAll(async () => {
  await Promise.all(stores.map((one) => one.close()));
  await pgvector?.close();
  await embedded?.close();
}, 60_000);

/** As with `DATABASE_URL`: one log-in owns the tables and serves behind the wall. */
async function openMigrated(owner: ClientConfig): Promise<Store> {
  await migrate(owner, { log: silentLogger });
  const [app, relay] = ['gb_app', 'gb_relay'].map((role) => ({ ...owner, options: `-c role=${role}` }));
  const opened = await openPostgresStore({ app: app!, relay: relay!, log: silentLogger });
  stores.push(opened);
  return opened;
}

async function rowsOf<Row extends pg.QueryResultRow>(config: ClientConfig, ...statements: readonly string[]): Promise<Row[]> {
  const client = new pg.Client(config);
  await client.connect();
  try {
    for (const statement of statements.slice(0, -1)) await client.query(statement);
    return (await client.query<Row>(statements.at(-1)!)).rows;
  } finally {
    await client.end();
  }
}

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

/** Asked without words that a passage has: what it finds, it finds by its meaning. */
const question = { model: 'm1', vector: unit([1, ...Array.from({ length: 63 }, () => 0.1)]) };

/**
 * The first of the passages lies nearest to the question, and its sketch farthest: all its small numbers have the other
 * sign. More of the others are nearer by their sketches than are compared exactly.
 */
function hidden(): NewPassage[] {
  const nearest = unit([1, ...Array.from({ length: 63 }, () => -0.01)]);
  const others = Array.from({ length: 150 }, (_, index) => unit([0.1, ...Array.from({ length: 63 }, () => 0.2 + index / 1000)]));
  return [nearest, ...others].map((embedding, index) => ({ heading: '', text: `p${index}`, embedding }));
}

function unit(numbers: readonly number[]): number[] {
  const length = Math.hypot(...numbers);
  return numbers.map((number) => number / length);
}

const cosine = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, number, index) => sum + number * b[index]!, 0);

/** The texts by their exact distance, which neither engine has worked out. */
const byDistance = (passages: readonly NewPassage[]): string[] =>
  [...passages]
    .sort((a, b) => cosine(b.embedding!, question.vector) - cosine(a.embedding!, question.vector))
    .map((passage) => passage.text);

const readIn = (of: { customerId: CustomerId; botId: BotId }, name: string, passages: readonly NewPassage[]): Promise<void> =>
  store.transaction(of.customerId, (tx) =>
    tx.knowledge.replaceDocument(of.botId, document(name, [], { embeddingModel: 'm1', passages })),
  );

describe.each(['embedded', 'pgvector'] as const)('%s', (engine) => {
  let owner: ClientConfig;
  let opened: Store | null = null;
  beforeAll(async () => {
    if (engine === 'pgvector' && !pgvector) return;
    owner = engine === 'embedded' ? embedded.postgres.owner : (await pgvector!.createDatabase({ hasExtension: true })).owner;
    opened = engine === 'embedded' ? await embedded.openStore() : await openMigrated(owner);
  }, 60_000);
  beforeEach((context) => {
    if (!opened) return context.skip('no pgvector could be had; what is missing stands above');
    store = opened;
  });

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
      tx.knowledge.replaceDocument(
        of.botId,
        document('m.md', ['A manutenção das máquinas é mensal.'], { language: 'portuguese' }),
      ),
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

  test('passages come in the order of their distance, and those that have nothing to do with the question not at all', async () => {
    const of = await world();
    const near = [0.9, 0.3, 0.6, 0.45, 0.75].map((share, index) => ({
      heading: '',
      text: `p${index}`,
      embedding: unit(question.vector.map((number, axis) => number * share + (axis === 1 ? 1 - share : 0))),
    }));
    const far = [unit(question.vector.map((number) => -number)), vector(), unit([-0.55, ...question.vector.slice(1)])];
    await readIn(of, 'a.md', [...near, ...far.map((embedding, index) => ({ heading: '', text: `far${index}`, embedding }))]);
    expect(cosine(far[2]!, question.vector)).toBeLessThan(0.1);
    expect(await found(of, asked('?', { embedding: question, limit: 9 }))).toEqual(byDistance(near));
    // A question without a direction is near to nothing.
    expect(await found(of, asked('?', { embedding: { model: 'm1', vector: vector() } }))).toEqual([]);
  });

  test('the nearest passage is found by pgvector however its sketch looks, and without it by what its sketch says', async () => {
    const of = await world();
    const passages = hidden();
    await readIn(of, 'a.md', passages);
    const best = byDistance(passages);
    expect(best[0]).toBe('p0');
    const places = await found(of, asked('?', { embedding: question, limit: 50 }));
    // Exactly and all of them; or exactly among the hundred nearest sketches, to which p0 does not belong.
    const compared = engine === 'pgvector' ? passages : passages.slice(1, 101);
    expect(places).toEqual(byDistance(compared).slice(0, 50));
  });

  test('the wall stands, with and without a column of vectors', async () => {
    const columns = await rowsOf<{ type: string }>(
      owner,
      `select format_type(atttypid, atttypmod) as type from pg_attribute where attrelid = 'gb.kb_chunks'::regclass and attname = 'vector'`,
    );
    expect(columns).toEqual(engine === 'pgvector' ? [{ type: 'vector' }] : []);
    const client = new pg.Client(owner);
    await client.connect();
    try {
      expect(await catalogDefects(client)).toEqual([]);
    } finally {
      await client.end();
    }
  });
});

test('an extension that is created later is taken up, with what was read in before', async (context) => {
  if (!pgvector) return context.skip('no pgvector could be had; what is missing stands above');
  const { owner, superuser } = await pgvector.createDatabase({ hasExtension: false });
  store = await openMigrated(owner);
  const of = await world();
  const passages = hidden();
  await readIn(of, 'a.md', passages.slice(0, 120));
  const ask = () => found(of, asked('?', { embedding: question, limit: 50 }));
  const bySketch = byDistance(passages.slice(1, 101)).slice(0, 50);
  expect(await ask()).toEqual(bySketch);
  const useVectors = async () => (await rowsOf<{ is: boolean }>(owner, 'select control.use_vectors() as is'))[0]!.is;
  expect(await useVectors()).toBe(false);
  // Not where our search path looks, as hosted databases have it.
  await rowsOf(
    superuser,
    'create schema extensions',
    'grant usage on schema extensions to public',
    'create extension vector schema extensions',
  );
  expect(await ask()).toEqual(bySketch);
  expect([await useVectors(), await useVectors()]).toEqual([true, true]);
  expect(await ask()).toEqual(byDistance(passages.slice(0, 120)).slice(0, 50));
  await readIn(of, 'b.md', passages.slice(120));
  expect(await ask()).toEqual(byDistance(passages).slice(0, 50));
});
