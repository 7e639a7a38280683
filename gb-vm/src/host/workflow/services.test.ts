import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OutsideCall, PlainValue } from 'gb-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OperationSet } from '../operation.ts';
import { peopleOperations } from '../people/index.ts';
import { socialOperations } from '../social/index.ts';
import { createMemoryDrive } from '../testing/memory-drive.ts';
import { createHttpClient, type HttpClient } from '../web/http-client.ts';
import { workflowOperations } from './index.ts';

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Record<string, PlainValue>;
}

let server: Server;
let base: string;
let http: HttpClient;
let answer: (asked: Asked, response: ServerResponse) => void = (_, response) => response.end('{}');
const asked: Asked[] = [];

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const text = Buffer.concat(parts).toString();
    const one = {
      method: request.method!,
      url: request.url!,
      headers: request.headers,
      body: text === '' ? {} : JSON.parse(text),
    };
    asked.push(one);
    response.setHeader('content-type', 'application/json');
    answer(one, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  http = createHttpClient({ allow: ['127.0.0.1'], retryBaseMs: 1 });
});
afterAll(() => {
  http?.close();
  server?.close();
});

function ask(set: OperationSet, name: string, args: Record<string, PlainValue>, settings: Record<string, string> = {}) {
  asked.length = 0;
  const drive = createMemoryDrive({ 'tea.png': new Uint8Array([1, 2, 3]) });
  const call = {
    customerId: 'acme',
    botId: 'b',
    key: 'talk:1',
    locale: 'en',
    settings,
    state: {},
    drive,
    signal: AbortSignal.timeout(10_000),
  };
  return set.outside![name]!(args, call as unknown as OutsideCall);
}

test('code runs in the operator’s service, with the key of the operation', async () => {
  const set = workflowOperations({ runner: { address: new URL(`${base}/run`), http } });
  answer = ({ body }, response) =>
    response.end(JSON.stringify(body['language'] === 'bash' ? { error: 'exit 1' } : { output: '4\n' }));
  expect(await ask(set, 'RUN PYTHON', { code: 'print(2+2)' })).toBe('4\n');
  expect(asked[0]).toMatchObject({
    method: 'POST',
    headers: { 'idempotency-key': 'talk:1' },
    body: { language: 'python', code: 'print(2+2)', customer: 'acme' },
  });
  await expect(ask(set, 'RUN BASH', { code: 'false' })).rejects.toThrow('exit 1');
  answer = (_, response) => response.end('<html>');
  await expect(ask(set, 'RUN JAVASCRIPT', { code: '1' })).rejects.toThrow('no JSON');
  answer = (_, response) => response.writeHead(403).end();
  await expect(ask(set, 'RUN PYTHON', { code: '1' })).rejects.toThrow('403');
  await expect(ask(workflowOperations({ runner: null }), 'RUN PYTHON', { code: '1' })).rejects.toMatchObject({
    code: 'setting_missing',
  });
});

test('publications go to the gateway with their picture; a password never over plain http', async () => {
  const set = socialOperations(http);
  const settings = { 'social-url': `${base}/posts`, 'social-key': 'k' };
  answer = (_, response) => response.end('{"id":"12"}');
  expect(
    await ask(set, 'POST TO', { network: 'INSTAGRAM', account: '@shop', image: 'tea.png', text: 'New teas' }, settings),
  ).toEqual({ id: '12' });
  expect(asked[0]).toMatchObject({
    headers: { authorization: 'Bearer k' },
    body: {
      network: 'instagram',
      account: '@shop',
      text: 'New teas',
      image: { name: 'tea.png', type: 'image/png', data: 'AQID' },
    },
  });
  await ask(set, 'TWEET', { text: 'hi' }, settings);
  expect(asked[0]?.body['network']).toBe('x');
  await ask(set, 'DELETE POST', { post: '12' }, settings);
  expect(asked[0]).toMatchObject({ method: 'DELETE', url: '/posts?post=12' });
  const secret = { network: 'x', account: 'a', password: 'p', image: 'tea.png', text: 't' };
  await expect(ask(set, 'POST TO', secret, settings)).rejects.toMatchObject({ code: 'not_allowed' });
  expect(asked).toEqual([]);
  await expect(ask(set, 'TWEET', { text: 'hi' })).rejects.toMatchObject({ code: 'setting_missing' });
});

test('payments and stock ask the services of config.csv', async () => {
  const set = peopleOperations({ ask: null, http });
  answer = ({ url }, response) => response.end(url.startsWith('/stock') ? '7' : '{"link":"https://pay.example/1"}');
  expect(await ask(set, 'PAY', { order: 'A-12', amount: 30, method: 'card' }, { 'pay-url': `${base}/pay` })).toEqual({
    link: 'https://pay.example/1',
  });
  expect(asked[0]?.body).toMatchObject({ order: 'A-12', amount: 30, key: 'talk:1' });
  expect(await ask(set, 'GET STOCK', { product: 'green tea' }, { 'stock-url': `${base}/stock/{product}` })).toBe(7);
  expect(asked[0]?.url).toBe('/stock/green%20tea');
});
