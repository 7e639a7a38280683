import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { encodeText } from './frame-encoder.ts';

test('frames of every header size are read back by an independent implementation', async () => {
  const server = createServer();
  const wss = new WebSocketServer({ noServer: true });
  const texts = [
    '',
    'a',
    'x'.repeat(125),
    'x'.repeat(126),
    'é'.repeat(200),
    'x'.repeat(65_535),
    'x'.repeat(65_536),
    '😀'.repeat(40_000),
  ];
  server.on('upgrade', (request, socket, head) => {
    wss.handleUpgrade(request, socket, head, () => {
      socket.write(Buffer.concat(texts.map(encodeText)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const received: string[] = [];
  await new Promise<void>((resolve) => {
    client.on('message', (data) => received.push(data.toString()) === texts.length && resolve());
  });
  expect(received).toEqual(texts);
  client.terminate();
  wss.close();
  server.close();
});
