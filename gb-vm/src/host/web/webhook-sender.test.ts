import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CustomerId } from 'gb-protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHttpClient } from './http-client.ts';
import { createWebhookSender } from './webhook-sender.ts';

let server: Server;
let port: number;
let requests = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    requests += 1;
    request.resume();
    request.on('end', () => response.writeHead(307, { location: '/elsewhere' }).end(`moved ${'é'.repeat(2_000)}`));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
});

/** A sender whose names lead where the test says. */
const senderTo = (addresses: readonly string[], allow: readonly string[] = []) => {
  const http = createHttpClient({ allow, lookup: async () => addresses });
  return { sender: createWebhookSender({ http, allow }), close: () => http.close() };
};
const to = (address: string) => ({ customerId: 'a' as CustomerId, address, headers: { 'webhook-id': '1' }, body: '{}' });
const soon = () => AbortSignal.timeout(30_000);

test('a name of the public internet that leads inside is not called', async () => {
  for (const address of ['127.0.0.1', '10.0.0.7', '169.254.169.254', '192.168.1.1', '::1', 'fd00::1', '::ffff:127.0.0.1']) {
    const { sender, close } = senderTo([address]);
    sender.check('https://hooks.example.com/');
    await expect(sender.post(to(`https://hooks.example.com:${port}/`), soon())).rejects.toMatchObject({
      code: 'unavailable',
      message: 'refused',
    });
    close();
  }
  expect(requests).toBe(0);
});

test('what the operator allowed is called, a redirect is the answer, and of that a kilobyte is read', async () => {
  const { sender, close } = senderTo(['127.0.0.1'], ['hooks.internal.example.com', '127.0.0.1']);
  const { status, text } = await sender.post(to(`http://hooks.internal.example.com:${port}/`), soon());
  expect(status).toBe(307);
  expect(text.startsWith('moved é')).toBe(true);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1_026);
  expect(requests).toBe(1);
  close();
});

test('an address that answers nobody is a failure that may pass', async () => {
  const { sender, close } = senderTo(['127.0.0.1'], ['127.0.0.1']);
  await expect(sender.post(to('http://127.0.0.1:1/'), soon())).rejects.toMatchObject({
    code: 'unavailable',
    retryable: true,
    message: 'unreachable ECONNREFUSED',
  });
  close();
});
