import { createServer as createTcpServer, type Socket } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { createHttpClient, type HttpAnswer, type HttpClientOptions, type HttpRequest } from './http-client.ts';
import { guardedFetch } from './http-fetch.ts';
import { json, listen, startServer, stop, type TestServer } from './testing.ts';

const closers: (() => Promise<void> | void)[] = [];
afterAll(async () => {
  for (const close of closers) await close();
});

async function serve(...args: Parameters<typeof startServer>): Promise<TestServer> {
  const server = await startServer(...args);
  closers.push(server.close);
  return server;
}

function client(options: HttpClientOptions = {}) {
  const made = createHttpClient({ allow: ['127.0.0.0/8'], retryBaseMs: 1, ...options });
  closers.push(made.close);
  return made;
}

/** A server of raw bytes. */
async function serveRaw(onSocket: (socket: Socket, n: number) => void): Promise<{ url: string; connections: () => number }> {
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    onSocket(socket, ++connections);
  });
  const port = await listen(server);
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    await stop(server);
  });
  return { url: `http://127.0.0.1:${port}/`, connections: () => connections };
}

const get = (address: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  address,
  customer: 'c1',
  ...more,
});
const textOf = ({ bytes }: HttpAnswer): string => Buffer.from(bytes).toString();

test('a request arrives with its method, headers and body, and its answer comes back whole', async () => {
  const server = await serve((_, response) => response.writeHead(201, { 'x-mark': 'm' }).end('done'));
  const answer = await client().send({
    method: 'PUT',
    address: `${server.url}/orders?x=1#part`,
    headers: { 'X-Own': 'ação', Host: 'other', 'Content-Length': '3' },
    body: 'olá',
    customer: 'c1',
  });
  expect([answer.status, answer.headers.get('x-mark'), textOf(answer)]).toEqual([201, 'm', 'done']);
  const [received] = server.received;
  expect([received!.method, received!.url, received!.body.toString()]).toEqual(['PUT', '/orders?x=1', 'olá']);
  expect(received!.headers).toMatchObject({
    host: server.host,
    'x-own': 'ação',
    'content-length': '4',
    'user-agent': 'GeneralBots/6',
  });
});

test('without permission nothing of this machine or network is reached, however it is written', async () => {
  const server = await serve((_, response) => response.end('secret'));
  const { port } = server;
  const strict = client({ allow: [], retriesMax: 0 });
  for (const address of [
    `http://127.0.0.1:${port}/`,
    `http://127.1:${port}/`,
    `http://2130706433:${port}/`,
    `http://0x7f000001:${port}/`,
    `http://0177.0.0.1:${port}/`,
    `http://0:${port}/`,
    `http://[::1]:${port}/`,
    `http://[::ffff:127.0.0.1]:${port}/`,
    `http://[64:ff9b::7f00:1]:${port}/`,
    `http://localhost:${port}/`,
    `http://LOCALHOST.:${port}/`,
    `http://a.localhost:${port}/`,
    `http://127。0。0。1:${port}/`,
    'http://169.254.169.254/latest/meta-data/',
    'http://metadata.google.internal/',
    'http://10.0.0.1/',
    'http://[fd00:ec2::254]/',
    'http://8.8.8.8:25/',
  ])
    await expect(strict.send(get(address)), address).rejects.toMatchObject({ failure: 'refused', code: 'not_allowed' });
  expect(server.received).toHaveLength(0);
});

test('only http and https are spoken', async () => {
  for (const address of [
    'file:///etc/passwd',
    'ftp://example.com/',
    'gopher://127.0.0.1:6379/_x',
    'javascript:1',
    'data:,x',
    'nonsense',
  ])
    await expect(client().send(get(address)), address).rejects.toMatchObject({ failure: 'refused' });
});

test('a name that leads into the network is refused, and of a name that leads to both only the public part is used', async () => {
  const lookup = async (host: string) => (host === 'both.example' ? ['127.0.0.1', '192.0.2.1'] : ['10.0.0.7', '::1']);
  const strict = client({ allow: [], lookup, retriesMax: 0 });
  await expect(strict.send(get('http://inside.example/'))).rejects.toMatchObject({ failure: 'refused' });
  await expect(strict.send(get('http://both.example/'))).rejects.toMatchObject({ failure: 'refused' });
  await expect(client({ lookup: async () => [] }).send(get('http://nowhere.example/'))).rejects.toMatchObject({
    failure: 'not_connected',
  });
});

test('the address that was checked is the one that is connected to: a second answer of the name server is not asked for', async () => {
  const server = await serve((request, response) => response.end(request.headers.host));
  let asked = 0;
  // First an address that is allowed, from then on one that is not.
  const lookup = async (): Promise<string[]> => (++asked === 1 ? ['127.0.0.1'] : ['10.255.255.1']);
  const careful = client({ allow: ['127.0.0.1'], lookup });
  const answer = await careful.send(get(`http://rebind.example:${server.port}/`));
  expect([textOf(answer), asked]).toEqual([`rebind.example:${server.port}`, 1]);
  await expect(careful.send(get(`http://rebind.example:${server.port}/`))).rejects.toMatchObject({ failure: 'refused' });
});

test('a redirect is checked like a first address', async () => {
  const server = await serve((request, response) => {
    const target = request.url === '/meta' ? 'http://169.254.169.254/latest' : 'file:///etc/passwd';
    response.writeHead(302, { location: target }).end();
  });
  for (const path of ['/meta', '/file'])
    await expect(client().send(get(server.url + path))).rejects.toMatchObject({ failure: 'refused' });
});

test('redirects are followed as browsers do, five times and no more', async () => {
  const server = await serve((request, response) => {
    const [, status, left] = /^\/(\d+)\/(\d+)/.exec(request.url)!;
    if (left === '0')
      json(response, { method: request.method, body: request.body.toString(), type: request.headers['content-type'] ?? null });
    else response.writeHead(Number(status), { location: `/${status}/${Number(left) - 1}` }).end();
  });
  const post = (path: string) =>
    client().send({
      method: 'POST',
      address: server.url + path,
      body: 'b',
      headers: { 'content-type': 'text/plain' },
      customer: 'c',
    });
  expect(JSON.parse(textOf(await post('/303/1')))).toEqual({ method: 'GET', body: '', type: null });
  expect(JSON.parse(textOf(await post('/302/1')))).toEqual({ method: 'GET', body: '', type: null });
  expect(JSON.parse(textOf(await post('/307/5')))).toEqual({ method: 'POST', body: 'b', type: 'text/plain' });
  expect((await client().send(get(`${server.url}/301/5`))).address.pathname).toBe('/301/0');
  await expect(client().send(get(`${server.url}/301/6`))).rejects.toMatchObject({ failure: 'broken' });
});

test('secrets stay with the origin they were meant for', async () => {
  const other = await serve((_, response) => response.end('other'));
  const server = await serve((request, response) => {
    if (request.url === '/same') response.writeHead(302, { location: '/there' }).end();
    else if (request.url === '/other') response.writeHead(302, { location: other.url }).end();
    else response.end('same');
  });
  const headers = { authorization: 'Bearer s3cret', cookie: 'a=b', 'x-api-key': 's3cret', accept: 'text/plain' };
  await client().send(get(`${server.url}/same`, { headers }));
  expect(server.received.at(-1)!.headers).toMatchObject(headers);
  await client().send(get(`${server.url}/other`, { headers }));
  expect(other.received[0]!.headers['accept']).toBe('text/plain');
  for (const name of ['authorization', 'cookie', 'x-api-key']) expect(other.received[0]!.headers[name], name).toBeUndefined();
});

test('a user and password in the address become a header and are not shown', async () => {
  const server = await serve((_, response) => response.writeHead(500).end('no'));
  const answer = await client().send(get(`http://ana:p%40ss@${server.host}/a?key=k`));
  expect(server.received[0]!.headers.authorization).toBe(`Basic ${Buffer.from('ana:p@ss').toString('base64')}`);
  expect(answer.address.href).toBe(`http://${server.host}/a?key=k`);
  await server.close();
  const failure = await client({ retriesMax: 0 })
    .send(get(`http://ana:p%40ss@${server.host}/a?key=k`))
    .catch((error: unknown) => error);
  expect(failure).toMatchObject({ failure: 'not_connected' });
  expect(String(failure)).not.toMatch(/ana|p@ss|p%40ss|key=/);
});

test('packed answers are unpacked, and a small one that grows without end is given up', async () => {
  const text = 'olá '.repeat(1_000);
  const packs = { gzip: gzipSync, br: brotliCompressSync, deflate: deflateSync };
  const bomb = gzipSync(Buffer.alloc(50 * 1_048_576));
  const server = await serve((request, response) => {
    const name = request.url.slice(1);
    if (name === 'bomb') response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    else if (name === 'odd') response.writeHead(200, { 'content-encoding': 'zip' }).end('x');
    else if (name === 'torn') response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(text).subarray(0, 30));
    else response.writeHead(200, { 'content-encoding': name }).end(packs[name as keyof typeof packs](text));
  });
  for (const name of Object.keys(packs)) expect(textOf(await client().send(get(`${server.url}/${name}`))), name).toBe(text);
  expect(bomb.byteLength).toBeLessThan(100_000);
  const bombed = client().send(get(`${server.url}/bomb`));
  await expect(bombed.then(({ bytes }) => bytes.byteLength)).rejects.toMatchObject({ failure: 'too_large' });
  await expect(client().send(get(`${server.url}/odd`))).rejects.toMatchObject({ failure: 'broken' });
  await expect(client({ retriesMax: 0 }).send(get(`${server.url}/torn`))).rejects.toMatchObject({ failure: 'broken' });
});

test('an answer of one byte too many is given up, said or not', async () => {
  const server = await serve((request, response) => {
    if (request.url === '/said') response.setHeader('content-length', 101);
    response.end('x'.repeat(request.url === '/fits' ? 100 : 101));
  });
  expect((await client().send(get(`${server.url}/fits`, { bytesMax: 100 }))).bytes.byteLength).toBe(100);
  for (const path of ['/said', '/unsaid'])
    await expect(client().send(get(server.url + path, { bytesMax: 100 }))).rejects.toMatchObject({ failure: 'too_large' });
});

test('an endless row of headers is given up', async () => {
  const { url } = await serveRaw((socket) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    for (let n = 0; n < 2_000; n++) socket.write(`x-${n}: ${'y'.repeat(50)}\r\n`);
  });
  await expect(client().send(get(url))).rejects.toMatchObject({ failure: 'too_large' });
});

test('an answer that drips is given up when its time is over, and its place is free again', async () => {
  const { url } = await serveRaw((socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n');
    const drip = setInterval(() => socket.write('x'), 5);
    socket.on('close', () => clearInterval(drip));
  });
  const busy = client({ customerRequestsMax: 1 });
  for (let n = 0; n < 2; n++)
    await expect(busy.send(get(url, { wholeMsMax: 100 }))).rejects.toMatchObject({ failure: 'timeout' });
});

test('a server that takes the connection and says nothing is given up', async () => {
  const { url, connections } = await serveRaw(() => {});
  await expect(client().send(get(url, { wholeMsMax: 100 }))).rejects.toMatchObject({ failure: 'timeout' });
  expect(connections()).toBe(1);
});

test('a busy server is asked again, and what it answers then is the answer', async () => {
  const answers = [503, 429, 502, 200];
  const server = await serve((_, response) => response.writeHead(answers.shift() ?? 500, { 'retry-after': '0' }).end('ok'));
  expect((await client().send(get(server.url))).status).toBe(200);
  expect(server.received).toHaveLength(4);
});

test('after its retries a busy server’s answer stands, and at once when it asks for a long wait', async () => {
  const server = await serve((request, response) =>
    response.writeHead(503, request.url === '/later' ? { 'retry-after': '3600' } : {}).end('busy'),
  );
  expect((await client().send(get(server.url))).status).toBe(503);
  expect(server.received).toHaveLength(4);
  expect((await client().send(get(`${server.url}/later`))).status).toBe(503);
  expect(server.received).toHaveLength(5);
});

test('a POST is sent once, whatever comes of it', async () => {
  const busy = await serve((_, response) => response.writeHead(503).end('busy'));
  const post = (address: string): HttpRequest => ({ method: 'POST', address, body: 'x', customer: 'c1' });
  expect((await client().send(post(busy.url))).status).toBe(503);
  expect(busy.received).toHaveLength(1);
  const torn = await serveRaw((socket) => socket.once('data', () => socket.destroy()));
  await expect(client().send(post(torn.url))).rejects.toMatchObject({ failure: 'broken' });
  expect(torn.connections()).toBe(1);
});

test('a GET whose connection breaks is sent again, from the start of the answer', async () => {
  const { url, connections } = await serveRaw((socket, n) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n');
      if (n < 3) setTimeout(() => socket.destroy(), 5).unref();
      else socket.write('done');
    });
  });
  expect(textOf(await client().send(get(url)))).toBe('done');
  expect(connections()).toBe(3);
});

test('a POST that found nobody is sent again when somebody is there', async () => {
  const first = await serve((_, response) => response.end());
  await first.close();
  const { port } = first;
  let attempts = 0;
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'));
  });
  closers.push(() => stop(server));
  const lookup = async (): Promise<string[]> => {
    if (++attempts === 2) await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return ['127.0.0.1'];
  };
  const answer = await client({ lookup }).send({
    method: 'POST',
    address: `http://late.example:${port}/`,
    body: 'x',
    customer: 'c1',
  });
  expect([textOf(answer), attempts]).toEqual(['ok', 2]);
});

test('who asked can stop, with its own reason', async () => {
  const { url } = await serveRaw(() => {});
  const stopping = new AbortController();
  const asked = client().send(get(url, { signal: stopping.signal }));
  stopping.abort(new Error('the turn was given up'));
  await expect(asked).rejects.toThrow('the turn was given up');
});

test('closing ends what is under way', async () => {
  const { url } = await serveRaw(() => {});
  const closing = client();
  const asked = closing.send(get(url));
  closing.close();
  await expect(asked).rejects.toMatchObject({ failure: 'broken' });
});

test('one customer’s requests do not hold up another’s', async () => {
  let held = 0;
  const server = await serve((request, response) => {
    if (request.url === '/hold') held++;
    else response.end('ok');
  });
  const shared = client({ customerRequestsMax: 2 });
  const stopping = new AbortController();
  const slow = Array.from({ length: 6 }, () => shared.send(get(`${server.url}/hold`, { signal: stopping.signal })));
  const ended = Promise.allSettled(slow);
  expect(textOf(await shared.send(get(server.url, { customer: 'c2' })))).toBe('ok');
  expect(held).toBeLessThanOrEqual(2);
  stopping.abort(new Error('enough'));
  expect((await ended).every(({ status }) => status === 'rejected')).toBe(true);
});

test('as fetch, an answer streams as it comes, and giving it up frees its place', async () => {
  let sent = 0;
  const server = await serve((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const tick = setInterval(() => response.write(`data: ${sent++}\n\n`), 2);
    response.on('close', () => clearInterval(tick));
  });
  const fetchLike = guardedFetch(client({ customerRequestsMax: 1 }), { customer: 'c1' });
  for (let n = 0; n < 3; n++) {
    const response = await fetchLike(server.url, { method: 'post', body: '{}', headers: { 'content-type': 'application/json' } });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    if (n === 0) await response.body!.cancel();
    else {
      const reader = response.body!.getReader();
      expect(Buffer.from((await reader.read()).value!).toString()).toMatch(/^data: \d/);
      await reader.cancel();
    }
  }
  await expect(fetchLike('http://10.0.0.1/')).rejects.toMatchObject({ failure: 'refused' });
});

test('a packed stream that is given up in the middle does no harm', async () => {
  const server = await serve((_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' });
    response.write(gzipSync(Buffer.alloc(1_000_000, 'abc')).subarray(0, 900));
  });
  const one = client({ customerRequestsMax: 1 });
  const open = await one.open(get(server.url));
  for await (const piece of open.body) {
    expect(piece.byteLength).toBeGreaterThan(0);
    break;
  }
  const again = await one.open(get(server.url));
  again.close();
  expect(again.status).toBe(200);
});
