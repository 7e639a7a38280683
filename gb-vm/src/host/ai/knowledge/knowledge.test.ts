import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LanguageModel, OutsideCall, PlainValue, Store } from 'gb-core';
import type { BotId, CustomerId } from 'gb-protocol';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { uuidv7 } from 'gb-utils';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { OperationFailed } from '../../operation.ts';
import { type ModelServer, startModelServer } from '../../testing/model-server.ts';
import { type Arguments, testCall, testScope } from '../../testing/test-call.ts';
import { createHttpClient } from '../../web/http-client.ts';
import { createAi } from '../ai-operations.ts';
import { createOpenAiModel } from '../openai-model.ts';
import { type ReadInput, type ReadReport, readCollection, type SourceDocument } from './reader.ts';
import { readWebsite } from './website.ts';

// From documents to answers, over a real database and a server that speaks the protocol of models.

let database: TestDatabase;
let store: Store;
let server: ModelServer;
let model: LanguageModel;

beforeAll(async () => {
  database = await startTestDatabase();
  store = await database.openStore();
  server = await startModelServer();
  model = createOpenAiModel({
    url: server.url,
    key: server.key,
    model: 'small',
    embeddingModel: 'words',
    times: { retryBaseMs: 1, triesMax: 2 },
  });
}, 60_000);
afterAll(async () => {
  await server?.close();
  await database?.close();
}, 60_000);
beforeEach(() => server.script());

interface World {
  readonly call: OutsideCall;
  read(texts: Readonly<Record<string, string>>, more?: Partial<ReadInput>): Promise<ReadReport>;
  run(name: string, args?: Arguments, withModel?: LanguageModel | null): Promise<PlainValue>;
}

async function world(settings: Readonly<Record<string, string>> = {}, locale: 'en' | 'pt-BR' = 'en'): Promise<World> {
  const name = uuidv7();
  const { customerId } = await store.createCustomer({
    organizationName: name,
    userName: 'Ana',
    handle: 'ana',
    email: `${name}@example.org`,
    passwordHash: 'x',
    locale: 'en',
  });
  const botId = await addBot(customerId);
  const transactions = {
    read: <T>(work: Parameters<typeof store.read<T>>[1]) => store.read(customerId, work),
    write: <T>(work: Parameters<typeof store.transaction<T>>[1]) => store.transaction(customerId, work),
  };
  const call = testCall({ customerId, botId, settings, locale, ...transactions });
  return {
    call,
    read: (texts, more = {}) =>
      readCollection(
        {
          botId,
          collection: 'shop',
          documents: Object.entries(texts).map(([file, text]) => document(file, text)),
          language: locale === 'en' ? 'english' : 'portuguese',
          model: null,
          signal: call.signal,
          ...transactions,
          ...more,
        },
        {
          textOf: async (bytes, file) => {
            if (file.endsWith('.broken')) throw new OperationFailed({ en: 'it is broken', pt: 'está quebrado' });
            return new TextDecoder().decode(bytes);
          },
        },
      ),
    run: (operation, args = {}, withModel = model) => {
      const { operations } = createAi({ model: withModel, toolsOf: async () => [], sayHere: async () => {} });
      const inTurn = operations.inTurn?.[operation];
      return inTurn ? inTurn(args, testScope(call.state)) : operations.outside![operation]!(args, call);
    },
  };
}

const addBot = (customerId: CustomerId): Promise<BotId> =>
  store.transaction(customerId, async (tx) => {
    const more = { email: null, passwordHash: null, locale: 'en' } as const;
    const user = await tx.users.insert({ id: uuidv7() as never, kind: 'bot', name: 'Tea', handle: 'tea', role: 'bot', ...more });
    return (await tx.bots.insert({ id: uuidv7() as never, userId: user.id, description: '', origin: 'editor', files: [] })).id;
  });

const document = (name: string, text: string, more: Partial<SourceDocument> = {}): SourceDocument => ({
  name,
  type: 'text/markdown',
  bytes: async () => new TextEncoder().encode(text),
  ...more,
});

const shop = {
  'warranty.md': '# Warranty\n\nThe warranty of chairs lasts two years.',
  'prices.md': '# Prices\n\nA green tea costs ten.',
};

test('only what changed is read again, and what is gone is forgotten', async () => {
  const { read, call } = await world();
  expect(await read(shop)).toMatchObject({ read: ['warranty.md', 'prices.md'], unchanged: 0, forgotten: 0, problems: [] });
  expect(await read({ ...shop, 'prices.md': 'A green tea costs twelve.' })).toMatchObject({ read: ['prices.md'], unchanged: 1 });
  expect(await read({ 'warranty.md': shop['warranty.md'] })).toMatchObject({ read: [], unchanged: 1, forgotten: 1 });
  // Vectors are new, so everything is read again; then not.
  const before = server.asked.length;
  expect(await read(shop, { model })).toMatchObject({ read: ['warranty.md', 'prices.md'] });
  expect(await read(shop, { model })).toMatchObject({ read: [], unchanged: 2 });
  expect(server.asked.length - before).toBe(2);
  const documents = await call.read((tx) => tx.knowledge.documents(call.botId, 'shop'));
  expect(documents).toMatchObject([
    { name: 'prices.md', embeddingModel: 'words', passages: 1 },
    { name: 'warranty.md', embeddingModel: 'words', passages: 1 },
  ]);
});

test('a hash that is known spares the reading of the bytes', async () => {
  const { read } = await world();
  await read({}, { documents: [document('a.md', 'tea')] });
  const { createHash } = await import('node:crypto');
  const sha256 = createHash('sha256').update('tea').digest('hex');
  const bytes = () => Promise.reject(new Error('was read'));
  expect(await read({}, { documents: [document('a.md', '', { sha256, bytes })] })).toMatchObject({ unchanged: 1, problems: [] });
});

test('a document that cannot be read is told, and what was known of it stays', async () => {
  const { read, run } = await world();
  await read({ 'a.broken': 'x', 'b.md': 'Tea is green.' }, {});
  expect((await read({ 'a.broken': 'x', 'b.md': 'Tea is green.' })).problems).toEqual([
    { name: 'a.broken', reason: { en: 'it is broken', pt: 'está quebrado' } },
  ]);
  server.script({ when: ({ path }) => path === 'embeddings', status: 500 });
  expect((await read({ 'b.md': 'Tea is black now.' }, { model })).problems[0]).toMatchObject({ name: 'b.md' });
  expect(await run('THINK KB', { question: 'tea' }, null)).toContain('Tea is green.');
});

test('a reading that is not of everything forgets nothing', async () => {
  const { read } = await world();
  await read(shop);
  expect(await read({}, { isComplete: () => false })).toMatchObject({ forgotten: 0 });
});

test('an answer is made from the documents in use, which go to the model as material', async () => {
  const { read, run } = await world();
  await read(shop, { model });
  await run('USE KB', { folder: 'Shop.gbkb' });
  server.script({
    when: ({ path }) => path.startsWith('chat'),
    say: ({ last }) => (last.includes('lasts two years') ? 'Two years.' : 'No idea.'),
  });
  expect(await run('LLM', { prompt: 'How long is the warranty of a chair?' })).toBe('Two years.');
  const question = server.asked.at(-1)!;
  expect(String(question.messages.at(-1)!.content)).toMatch(/<<data-[0-9a-f]{12}\n\[1\] Warranty – Warranty\nThe warranty/);
  expect(String(question.messages[0]!.content)).toContain('Answer from the documents');
  await run('CLEAR KB');
  expect(await run('LLM', { prompt: 'How long is the warranty?' })).toBe('No idea.');
});

test('a short question is looked up together with the one before it', async () => {
  const { read, run } = await world();
  await read({ 'a.md': 'The price of tea for students is five.', 'b.md': 'Parking for students is behind the house.' });
  await run('USE KB', { folder: 'shop' });
  await run('LLM', { prompt: 'What is the price of your tea on weekdays at noon in summer?' });
  await run('LLM', { prompt: 'And for students?' });
  expect(server.asked.at(-1)!.last).toMatch(/\[1\] a\nThe price of tea/);
});

test('in the mode document nothing is answered that is in no document', async () => {
  const { read, run } = await world({}, 'pt-BR');
  await read({ 'a.md': 'A manutenção das máquinas é mensal.' });
  await run('USE KB', { folder: 'shop' });
  await run('SET ANSWER MODE', { mode: 'document' });
  const before = server.asked.length;
  expect(
    await run('ANSWER', { question: 'girafas?' }, createOpenAiModel({ url: server.url, key: server.key, model: 'small' })),
  ).toBe('Não encontro nada sobre isso nos documentos.');
  expect(server.asked.length).toBe(before);
  server.script({ say: 'É mensal.' });
  expect(await run('ANSWER', { question: 'manutencao?' })).toBe('É mensal.');
  expect(String(server.asked.at(-1)!.messages[0]!.content)).toContain('apenas a partir dos documentos');
});

test('in the mode document-ref an answer ends with its sources', async () => {
  const { read, run } = await world({ 'answer-mode': 'document-ref' });
  await read(
    {},
    {
      documents: [
        document('https://example.com/a?x=1', 'Tea is green.', {
          title: 'All [about] tea',
          address: 'https://example.com/a?x=1',
        }),
        document('b.md', 'Tea is hot.'),
      ],
    },
  );
  server.script({ say: 'It is green [1].' });
  const text = String(await run('ANSWER FREELY', { text: 'What is tea?' }));
  expect(text).toContain('It is green [1].\n\n**Sources**\n- [1] ');
  expect(text.match(/^- /gm)).toHaveLength(1);
  server.script({ say: 'It is green.' });
  const all = String(await run('ANSWER FREELY', { text: 'What is tea?' }));
  expect(all.match(/^- /gm)).toHaveLength(2);
  expect(all).toContain('[All \\[about\\] tea](<https://example.com/a?x=1>)');
});

test('without a model the documents answer by themselves', async () => {
  const { read, run } = await world();
  await read(shop);
  expect(await run('THINK KB', { question: 'warranty of chairs' }, null)).toBe(
    'The warranty of chairs lasts two years.\n\n— Warranty – Warranty',
  );
  expect(await run('THINK KB', { question: 'giraffes' }, null)).toBe('I find nothing about this in the documents.');
});

test('when the server of vectors is away, words still find', async () => {
  const { read, run } = await world();
  await read(shop, { model });
  await run('USE KB', { folder: 'shop' });
  server.script({ when: ({ path }) => path === 'embeddings', status: 503 }, { say: ({ last }) => last });
  expect(await run('LLM', { prompt: 'warranty?' })).toContain('lasts two years');
});

test('a website is a collection called by its host, looked at again when it is old, kept when it is away', async () => {
  const { run, call } = await world();
  let status = 200;
  let price = 'ten';
  let asked = 0;
  const site = createServer((request, response) => {
    asked++;
    if (request.url === '/robots.txt') response.writeHead(404).end();
    else response.writeHead(status, { 'content-type': 'text/plain' }).end(`Green tea costs ${price}.`);
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(site.address() as AddressInfo).port}`;
  const client = createHttpClient({ allow: ['127.0.0.0/8'], retriesMax: 0 });
  const dayMs = 86_400_000;
  const look = (afterMs: number) =>
    readWebsite(
      {
        address: `http://${host}/`,
        botId: call.botId,
        customerId: call.customerId,
        client,
        language: 'english',
        model: null,
        signal: call.signal,
        read: call.read,
        write: call.write,
        nowMs: Date.now() + afterMs,
        refreshMs: dayMs,
        limits: { delayMs: 0 },
      },
      { textOf: async (bytes) => new TextDecoder().decode(bytes) },
    );
  try {
    expect(await look(0)).toMatchObject({ collection: host, isFetched: true, read: [`http://${host}/`], problem: null });
    await run('USE KB', { folder: `http://${host}/prices` });
    expect(await run('THINK KB', { question: 'green tea' }, null)).toContain('costs ten');
    const before = asked;
    expect(await look(dayMs / 2)).toMatchObject({ isFetched: false });
    expect(asked).toBe(before);
    status = 500;
    expect(await look(2 * dayMs)).toMatchObject({ isFetched: true, forgotten: 0, problem: { en: 'it answers with status 500' } });
    expect(await run('THINK KB', { question: 'green tea' }, null)).toContain('costs ten');
    status = 200;
    price = 'twelve';
    expect(await look(2 * dayMs)).toMatchObject({ problem: null });
    expect(await run('THINK KB', { question: 'green tea' }, null)).toContain('costs twelve');
  } finally {
    client.close();
    await new Promise((resolve) => site.close(resolve).closeAllConnections());
  }
});
