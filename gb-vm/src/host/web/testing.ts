import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import type { ConversationState, OutsideCall, PlainValue, TurnScope } from 'gb-core';
import type { OperationSet } from '../operation.ts';
import { createMemoryDrive, type MemoryDrive } from '../testing/memory-drive.ts';
import { createHttpClient, type HttpClientOptions } from './http-client.ts';
import { type WebOperationsOptions, webOperations } from './index.ts';
import { createPageReader } from './page-reader.ts';

/** What a server was asked. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface TestServer {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly received: Received[];
  close(): Promise<void>;
}

/** A real server on this machine; `answer` gets the request with its whole body. */
export async function startServer(
  answer: (request: Received, response: ServerResponse, message: IncomingMessage) => void,
): Promise<TestServer> {
  const received: Received[] = [];
  const listener: RequestListener = async (message, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    const { method = '', url = '', headers } = message;
    const request = { method, url, headers, body: Buffer.concat(chunks) };
    received.push(request);
    answer(request, response, message);
  };
  const server = createServer(listener);
  const port = await listen(server);
  return { url: `http://127.0.0.1:${port}`, host: `127.0.0.1:${port}`, port, received, close: () => stop(server) };
}

export function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

export function stop(server: Server & { closeAllConnections?(): void }): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections?.();
  });
}

export function json(response: ServerResponse, value: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
}

export interface TestBot {
  readonly state: ConversationState;
  readonly drive: MemoryDrive;
  readonly operations: OperationSet;
  readonly call: OutsideCall & TurnScope;
  /** Does an operation as the host would. */
  run(name: string, args: Readonly<Record<string, PlainValue>>): Promise<PlainValue>;
  close(): Promise<void>;
}

export interface TestBotOptions {
  readonly http?: HttpClientOptions;
  readonly settings?: Readonly<Record<string, string>>;
  readonly localGet?: WebOperationsOptions['localGet'];
}

/** A conversation of a bot that may reach this machine. */
export function createBot({ http = {}, settings = {}, localGet }: TestBotOptions = {}): TestBot {
  const client = createHttpClient({ allow: ['127.0.0.0/8'], retryBaseMs: 1, ...http });
  const pages = createPageReader();
  const operations = webOperations({ http: client, pages, ...(localGet ? { localGet } : {}) });
  const drive = createMemoryDrive();
  const state: ConversationState = {};
  const call = {
    customerId: 'c1',
    locale: 'en',
    key: 'conversation:7:1',
    settings,
    state,
    drive,
    signal: new AbortController().signal,
  } as unknown as OutsideCall & TurnScope;
  return {
    state,
    drive,
    operations,
    call,
    async run(name, args) {
      const operation = operations.inTurn?.[name] ?? operations.outside?.[name];
      if (!operation) throw new Error(`there is no operation ${name}`);
      return await operation(args, call);
    },
    async close() {
      client.close();
      await pages.close();
    },
  };
}
