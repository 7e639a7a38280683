import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, request as httpRequest, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { AllowList } from '../web/addresses.ts';
import { HttpFailed } from '../web/http-failed.ts';
import { type Lookup, resolveAllowed } from '../web/resolve.ts';

const idleMsMax = 60_000;
const connectMsMax = 10_000;
const connectionsMax = 500;

export interface GuardedProxy {
  readonly address: string;
  readonly user: string;
  readonly password: string;
  close(): Promise<void>;
}

/**
 * What a browser reaches goes through here: each name is resolved and checked by the rules for programs of tenants, and
 * the connection made to exactly what was checked, so a page, its frames, its redirects and its scripts get no further
 * than GET does. It listens on the loopback interface only, for whoever has its password.
 */
export async function startGuardedProxy(options: { allow: AllowList; lookup?: Lookup }): Promise<GuardedProxy> {
  const user = 'browser';
  const password = randomBytes(24).toString('base64url');
  const expected = Buffer.from(`Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`);
  const rules = { allow: options.allow, lookup: options.lookup ?? null };
  const sockets = new Set<Duplex>();

  const isKnown = ({ headers }: IncomingMessage): boolean => {
    const given = Buffer.from(headers['proxy-authorization'] ?? '');
    return given.length === expected.length && timingSafeEqual(given, expected);
  };
  const keep = (socket: Duplex): void => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()); // either side may leave whenever it likes
    socket.on('close', () => sockets.delete(socket));
  };

  const onConnect = async (request: IncomingMessage, client: Duplex, head: Buffer): Promise<void> => {
    keep(client);
    if (!isKnown(request))
      return refuse(client, '407 Proxy Authentication Required', 'Proxy-Authenticate: Basic realm="browser"\r\n');
    const target = URL.canParse(`https://${request.url}`) ? new URL(`https://${request.url}`) : null;
    if (!target) return refuse(client, '400 Bad Request');
    const [address] = await resolveAllowed(target, rules);
    const server = connect({ host: address!, port: Number(target.port || 443), timeout: connectMsMax });
    keep(server);
    server.once('connect', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      server.write(head);
      server.setTimeout(idleMsMax, () => server.destroy());
      server.pipe(client);
      client.pipe(server);
    });
    server.once('timeout', () => server.destroy());
    server.once('close', () => client.destroy());
    client.once('close', () => server.destroy());
  };

  const onRequest = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!isKnown(request)) return void response.writeHead(407, { 'proxy-authenticate': 'Basic realm="browser"' }).end();
    const target = URL.canParse(request.url ?? '') ? new URL(request.url!) : null;
    if (target?.protocol !== 'http:') return void response.writeHead(400).end();
    const [address] = await resolveAllowed(target, rules);
    const { 'proxy-authorization': _, 'proxy-connection': __, ...headers } = request.headers;
    const outgoing = httpRequest({
      host: address!,
      port: Number(target.port || 80),
      method: request.method,
      path: `${target.pathname}${target.search}`,
      headers: { ...headers, host: target.host },
      setHost: false,
      timeout: connectMsMax,
      agent: false,
    });
    outgoing.once('socket', keep);
    outgoing.setTimeout(idleMsMax, () => outgoing.destroy());
    outgoing.once('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
    outgoing.once('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    response.once('close', () => outgoing.destroy());
    request.pipe(outgoing);
  };

  const server: Server = createServer((request, response) => {
    onRequest(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(error instanceof HttpFailed ? 403 : 502);
      response.end();
    });
  });
  server.maxConnections = connectionsMax;
  server.on('connection', (socket: Socket) => keep(socket));
  server.on('connect', (request: IncomingMessage, client: Duplex, head: Buffer) => {
    onConnect(request, client, head).catch((error: unknown) =>
      refuse(client, error instanceof HttpFailed ? '403 Forbidden' : '502 Bad Gateway'),
    );
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    user,
    password,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function refuse(client: Duplex, status: string, headers = ''): void {
  client.end(`HTTP/1.1 ${status}\r\n${headers}Content-Length: 0\r\nConnection: close\r\n\r\n`);
}
