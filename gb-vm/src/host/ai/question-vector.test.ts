import type { Cache, CacheKey } from 'gb-core';
import type { CustomerId } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ModelServer, startModelServer } from '../testing/model-server.ts';
import { testCall } from '../testing/test-call.ts';
import { createOpenAiModel } from './openai-model.ts';
import { questionVector } from './question-vector.ts';

let server: ModelServer;
beforeAll(async () => {
  server = await startModelServer();
});
afterAll(() => server.close());
beforeEach(() => server.script());

const model = (embeddingModel = 'words') =>
  createOpenAiModel({ url: server.url, key: server.key, model: 'small', embeddingModel, times: { retryBaseMs: 1, triesMax: 1 } });

function memory(): Cache & { readonly kept: Map<string, Uint8Array> } {
  const kept = new Map<string, Uint8Array>();
  const id = ({ customerId, name }: CacheKey) => `${customerId} ${name}`;
  return {
    kept,
    get: async (key) => kept.get(id(key)) ?? null,
    set: async (key, value) => void kept.set(id(key), value),
    delete: async (key) => void kept.delete(id(key)),
    close: async () => {},
  };
}

test('a question asked again is not paid for again, and means the same', async () => {
  const cache = memory();
  const call = testCall();
  const first = await questionVector('How much is tea?', model(), call, cache);
  const asked = server.asked.length;
  expect(first?.length).toBeGreaterThan(3);
  expect(await questionVector('How much is tea?', model(), call, cache)).toEqual(first);
  expect(server.asked.length).toBe(asked);
  // Another text, another model and another customer are something else.
  await questionVector('How much is coffee?', model(), call, cache);
  await questionVector('How much is tea?', model('other-words'), call, cache);
  await questionVector('How much is tea?', model(), testCall({ customerId: uuidv7() as CustomerId }), cache);
  expect(server.asked.length).toBe(asked + 3);
});

test('without a cache, or with one that holds garbage, it is asked for', async () => {
  const call = testCall();
  const wanted = await questionVector('tea', model(), call, null);
  const cache = memory();
  await questionVector('tea', model(), call, cache);
  for (const name of cache.kept.keys()) cache.kept.set(name, new Uint8Array([1, 2, 3]));
  expect(await questionVector('tea', model(), call, cache)).toEqual(wanted);
});

test('a server that is away gives none, and nothing is kept of that', async () => {
  const cache = memory();
  const away = createOpenAiModel({ url: 'http://127.0.0.1:1', model: 'small', embeddingModel: 'words', times: { triesMax: 1 } });
  expect(await questionVector('tea', away, testCall(), cache)).toBeNull();
  expect(cache.kept.size).toBe(0);
});
