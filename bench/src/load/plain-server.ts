import { WebSocketServer } from 'ws';

/**
 * What the gateway is compared with, in a process of its own. `naive`: one `ws.send` of a string for each client, the
 * usual chat server. `loop`: the frame is made once and written to each socket, with no sessions, no store, no order.
 * Whatever comes in on /pub goes to everybody else.
 */
const mode = process.argv[2];
const subscribers = new Set<{ send(text: string): void; raw: { write(bytes: Buffer): void } }>();
const wss = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false, clientTracking: false, backlog: 8192 });

wss.on('connection', (ws, request) => {
  if (request.url !== '/pub') {
    const client = { send: (text: string) => ws.send(text), raw: request.socket };
    subscribers.add(client);
    ws.on('close', () => subscribers.delete(client));
    return;
  }
  ws.on('message', (data) => {
    const text = data.toString();
    if (mode === 'naive') {
      for (const client of subscribers) client.send(text);
      return;
    }
    const payload = Buffer.from(text);
    const frame = Buffer.concat([
      Buffer.from(payload.length < 126 ? [0x81, payload.length] : [0x81, 126, payload.length >> 8, payload.length & 255]),
      payload,
    ]);
    for (const client of subscribers) client.raw.write(frame);
  });
});
wss.on('listening', () => process.stdout.write(`listening on ${(wss.address() as { port: number }).port}\n`));
