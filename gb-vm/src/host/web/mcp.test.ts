import { createServer, type Server } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createBot, json, listen, startServer, stop } from './testing.ts';

const closers: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closers) await close();
});

interface Crm {
  readonly url: string;
  readonly seen: { readonly method: string; readonly headers: Readonly<Record<string, string | string[] | undefined>> }[];
  open(): number;
}

/** A real MCP server over streamable HTTP, with sessions, answering as a stream or as JSON. */
async function serveCrm(enableJsonResponse: boolean): Promise<Crm> {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const seen: Crm['seen'] = [];
  const server: Server = createServer(async (request, response) => {
    seen.push({ method: request.method ?? '', headers: request.headers });
    if (request.headers.authorization !== 'Bearer k') return void response.writeHead(401).end('who are you?');
    const known = sessions.get(String(request.headers['mcp-session-id']));
    if (known) return await known.handleRequest(request, response);
    const transport = new StreamableHTTPServerTransport({
      enableJsonResponse,
      sessionIdGenerator: () => crypto.randomUUID(),
      onsessioninitialized: (id) => void sessions.set(id, transport),
      onsessionclosed: (id) => void sessions.delete(id),
    });
    await crmTools().connect(transport as never);
    await transport.handleRequest(request, response);
  });
  const port = await listen(server);
  closers.push(() => stop(server));
  return { url: `http://127.0.0.1:${port}/mcp`, seen, open: () => sessions.size };
}

function crmTools(): McpServer {
  const crm = new McpServer({ name: 'crm', version: '1.0.0' });
  crm.registerTool(
    'find-customer',
    { inputSchema: { name: z.string(), limit: z.number().optional() } },
    async ({ name, limit }) => ({
      content: [{ type: 'text', text: JSON.stringify({ found: name, limit: limit ?? null }) }],
    }),
  );
  crm.registerTool('count', { inputSchema: {}, outputSchema: { total: z.number() } }, async () => ({
    content: [{ type: 'text', text: 'three' }],
    structuredContent: { total: 3 },
  }));
  crm.registerTool('fail', { inputSchema: {} }, async () => ({
    isError: true,
    content: [{ type: 'text', text: 'the index is locked' }],
  }));
  crm.registerTool('photo', { inputSchema: {} }, async () => ({
    content: [
      { type: 'text', text: 'Ana' },
      { type: 'image', data: Buffer.from('png!').toString('base64'), mimeType: 'image/png' },
    ],
  }));
  return crm;
}

function bot(url: string) {
  const made = createBot({ settings: { 'mcp-my-crm-url': url, 'mcp-my-crm-key': 'k' } });
  closers.push(made.close);
  return made;
}

test.each([false, true])('a tool of a real MCP server is called, by position and by name (JSON answers: %s)', async (asJson) => {
  const crm = await serveCrm(asJson);
  const one = bot(crm.url);
  const call = (tool: string, ...values: never[]) => one.run('MCP', { server: 'My CRM', tool, values });
  expect(await call('find-customer', 'Ana' as never, '5' as never)).toEqual({ found: 'Ana', limit: 5 });
  expect(await call('find-customer', { name: 'Bia', limit: 2 } as never)).toEqual({ found: 'Bia', limit: 2 });
  expect(await call('find-customer', 7 as never)).toEqual({ found: '7', limit: null });
  expect(await call('count')).toEqual({ total: 3 });
  expect(crm.open()).toBe(0);
  expect(crm.seen.find(({ headers }) => headers['idempotency-key'])?.headers['idempotency-key']).toBe('conversation:7:1');
});

test('pictures become files, and what fails says why', async () => {
  const crm = await serveCrm(false);
  const one = bot(crm.url);
  const call = (tool: string, ...values: never[]) => one.run('MCP', { server: 'my_crm', tool, values });
  const [name, photo] = (await call('photo')) as [string, never];
  expect([name, Buffer.from(one.drive.bytes(photo)).toString()]).toEqual(['Ana', 'png!']);
  await expect(call('fail')).rejects.toThrow('the tool failed: the index is locked');
  await expect(call('sell', 1 as never)).rejects.toThrow('has no tool "sell"; it has find-customer, count, fail, photo');
  await expect(call('count', 1 as never)).rejects.toThrow('takes at most 0 values');
  await expect(call('find-customer', { nome: 'Ana' } as never)).rejects.toThrow(/find-customer/);
  expect(crm.open()).toBe(0);
});

test('without its address the setting is named; without its key the server is asked and refuses', async () => {
  const crm = await serveCrm(false);
  await expect(bot(crm.url).run('MCP', { server: 'erp', tool: 'x' })).rejects.toMatchObject({
    code: 'setting_missing',
    message: 'mcp-erp-url is not set',
  });
  await expect(bot(crm.url).run('MCP', { server: crm.url, tool: 'count' })).rejects.toThrow(/says: 401 who are you\?/);
});

test('a server that speaks something else is said to', async () => {
  const answers: ((id: number) => unknown)[] = [
    () => ({ hello: 1 }),
    (id) => ({ jsonrpc: '2.0', id: id + 1, result: {} }),
    (id) => ({ jsonrpc: '2.0', id, result: {} }),
  ];
  for (const answer of answers) {
    const server = await startServer(({ body }, response) =>
      json(response, answer((JSON.parse(body.toString()) as { id: number }).id)),
    );
    await expect(bot(server.url).run('MCP', { server: 'my-crm', tool: 'x' })).rejects.toThrow(/does not answer as an MCP server/);
    await server.close();
  }
  const stream = await startServer((_, response) =>
    response
      .writeHead(200, { 'content-type': 'text/event-stream' })
      .end(': hi\n\nevent: message\ndata: {"jsonrpc":"2.0","method":"ping"}\n\n'),
  );
  await expect(bot(stream.url).run('MCP', { server: 'my-crm', tool: 'x' })).rejects.toThrow(/does not answer as an MCP server/);
  await stream.close();
});
