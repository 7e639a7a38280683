import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { BotId, ChannelId, ContactConversation } from 'gb-protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { eventually, type Person, type World, world } from './world.ts';

/** A bot as connectors and language models reach it: over one socket, and over the Model Context Protocol. */
let w: World;
let ana: Person;
beforeAll(async () => {
  w = await world();
  ana = await w.signUp('Ana Prado');
});
afterAll(() => w?.close());

let handles = 0;

async function botWithKey(scripts: Readonly<Record<string, string>>): Promise<{ id: BotId; token: string; keyId: string }> {
  const handle = `live${++handles}`;
  const files = Object.entries(scripts).map(([name, text]) => ({ name, text }));
  const bot = await ana.rest.createBot({ name: `Bot ${handle}`, handle, description: 'Helps with tests', files });
  await ana.rest.publishBot(bot.id);
  const { token, key } = await ana.rest.createBotKey(bot.id, 'Connector');
  return { id: bot.id, token, keyId: key.id };
}

async function open(token: string, id: string): Promise<ContactConversation> {
  const response = await fetch(`${w.server.url}/api/conversations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ contact: { id } }),
  });
  return (await response.json()) as ContactConversation;
}

interface Frame {
  readonly type: string;
  readonly conversationId?: ChannelId;
  readonly text?: string;
  readonly from?: string;
  readonly seq?: number;
  readonly code?: string;
  readonly id?: number;
}

class Socket {
  readonly frames: Frame[] = [];
  readonly ws: WebSocket;
  closeCode: number | null = null;
  /** Of a handshake that was refused. */
  status: number | null = null;

  constructor(token: string) {
    this.ws = new WebSocket(`${w.server.url.replace('http', 'ws')}/api/conversations/stream`, {
      headers: { authorization: `Bearer ${token}` },
    });
    this.ws.on('message', (data) => this.frames.push(JSON.parse(String(data)) as Frame));
    this.ws.on('close', (code) => {
      this.closeCode = code;
    });
    this.ws.on('unexpected-response', (_request, response) => {
      this.status = response.statusCode ?? 0;
      this.ws.terminate();
    });
    this.ws.on('error', () => {});
  }

  async ready(): Promise<this> {
    await this.until(({ type }) => type === 'welcome');
    return this;
  }

  send(frame: object): void {
    this.ws.send(JSON.stringify(frame));
  }

  until(wanted: (frame: Frame) => boolean): Promise<Frame> {
    return eventually(async () => this.frames.find(wanted), `a frame among ${JSON.stringify(this.frames)}`);
  }

  said(id: ChannelId): string[] {
    return this.frames
      .filter(({ type, conversationId, from }) => type === 'message' && conversationId === id && from === 'bot')
      .map(({ text }) => text!);
  }
}

const echo = { 'start.bas': 'TALK "ready"\nDO\n  HEAR x\n  TALK "you said ${x}"\nLOOP' };

describe('the stream of a bot’s conversations', () => {
  test('everything of all contacts comes on one socket, in order, and what is sent is acknowledged', async () => {
    const { token } = await botWithKey(echo);
    const socket = await new Socket(token).ready();
    const [one, two] = [await open(token, 'one'), await open(token, 'two')];
    await eventually(async () => socket.said(one.id).length + socket.said(two.id).length === 2, 'both greetings');
    for (let n = 1; n <= 5; n++) socket.send({ type: 'send', id: n, conversationId: one.id, clientId: `m${n}`, text: `${n}` });
    socket.send({ type: 'send', id: 9, conversationId: two.id, clientId: 'm9', text: 'nine' });
    await eventually(async () => socket.said(one.id).length >= 6 && socket.said(two.id).length >= 2, 'all answers');
    expect(new Set(socket.said(one.id)).size).toBe(socket.said(one.id).length);
    expect(socket.said(two.id)).toEqual(['ready', 'you said nine']);
    const seqs = socket.frames
      .filter(({ type, conversationId }) => type === 'message' && conversationId === one.id)
      .map(({ seq }) => seq!);
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
    expect(
      socket.frames
        .filter(({ type }) => type === 'ack')
        .map(({ id }) => id!)
        .sort(),
    ).toEqual([1, 2, 3, 4, 5, 9]);
    socket.ws.close();
  });

  test('who comes back says where they stand and gets what they missed', async () => {
    const { token } = await botWithKey(echo);
    const { id } = await open(token, 'comes back');
    const first = await new Socket(token).ready();
    first.send({ type: 'follow', conversations: [{ id, after: 0 }] });
    const greeting = await first.until(({ type }) => type === 'message');
    first.ws.terminate();
    const response = await fetch(`${w.server.url}/api/conversations/${id}/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ clientId: 'missed', text: 'missed' }),
    });
    expect(response.status).toBe(200);
    const second = await new Socket(token).ready();
    second.send({ type: 'follow', conversations: [{ id, after: greeting.seq }] });
    const missed = await second.until(({ text }) => text === 'you said missed');
    // It may also have come by itself, between `welcome` and `follow`; by its number it is known for the same.
    expect(second.frames.filter(({ type, from, seq }) => type === 'message' && from === 'bot' && seq !== missed.seq)).toEqual([]);
    second.ws.close();
  });

  test('a stream is of one bot: others’ conversations are refused, and never announced', async () => {
    const [mine, theirs] = [await botWithKey(echo), await botWithKey(echo)];
    const socket = await new Socket(mine.token).ready();
    const foreign = await open(theirs.token, 'theirs');
    const own = await open(mine.token, 'mine');
    socket.send({ type: 'follow', conversations: [{ id: foreign.id, after: 0 }] });
    socket.send({ type: 'send', id: 1, conversationId: foreign.id, clientId: 'x', text: 'x' });
    socket.send({ type: 'typing', conversationId: foreign.id });
    expect(await socket.until(({ type }) => type === 'refused')).toMatchObject({ conversationId: foreign.id, code: 'not_found' });
    expect(await socket.until(({ type, id }) => type === 'error' && id === 1)).toMatchObject({ code: 'not_found' });
    await eventually(async () => socket.said(own.id).length === 1, 'the own greeting');
    expect(socket.frames.filter(({ type, conversationId }) => type === 'message' && conversationId === foreign.id)).toEqual([]);
    for (const bad of ['not json', '[]', '{"type":"dance"}', '{"type":"send","id":3}']) socket.ws.send(bad);
    await eventually(async () => socket.frames.filter(({ type }) => type === 'error').length >= 5, 'refusals of bad frames');
    expect(socket.closeCode).toBeNull();
    socket.ws.close();
  });

  test('no key, no stream; a key taken back closes its streams', async () => {
    const bot = await botWithKey(echo);
    for (const token of ['', 'gbk_nonsense', ana.token, `${bot.token}x`]) {
      const refused = new Socket(token);
      await eventually(async () => refused.status !== null, 'a refusal');
      expect([token, refused.status]).toEqual([token, 401]);
    }
    const socket = await new Socket(bot.token).ready();
    await ana.rest.revokeBotKey(bot.id, bot.keyId);
    await eventually(async () => socket.closeCode !== null, 'the close');
    expect(socket.closeCode).toBe(4401);
  });
});

describe('the tools of a bot over the Model Context Protocol', () => {
  const scripts = {
    'start.bas': 'TALK 1',
    'add.bas':
      'PARAM a AS NUMBER DESCRIPTION "First"\nPARAM b AS NUMBER DESCRIPTION "Second"\nDESCRIPTION "Adds two numbers"\nRETURN { "sum": a + b }',
    'say.bas': 'PARAM word AS TEXT DESCRIPTION "Word"\nDESCRIPTION "Says a word"\nTALK "said ${word}"',
    'fail.bas': 'DESCRIPTION "Fails"\nPARAM a AS NUMBER DESCRIPTION "a"\nRETURN a / 0',
  };
  const connect = async (botId: BotId, token: string) => {
    const client = new Client({ name: 'tests', version: '1' });
    const requestInit = { headers: { authorization: `Bearer ${token}` } };
    const transport = new StreamableHTTPClientTransport(new URL(`${w.server.url}/api/mcp/${botId}`), { requestInit });
    // The SDK types its own transport without exactOptionalPropertyTypes.
    await client.connect(transport as unknown as Parameters<Client['connect']>[0]);
    return client;
  };
  const rpc = async (botId: BotId, token: string, body: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${w.server.url}/api/mcp/${botId}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: text === '' ? null : (JSON.parse(text) as { error?: { code: number }; result?: unknown }),
    };
  };

  test('the official client lists them and calls them', async () => {
    const { id, token } = await botWithKey(scripts);
    const client = await connect(id, token);
    expect(client.getServerVersion()).toMatchObject({ title: expect.stringMatching(/^Bot live/) });
    expect(client.getInstructions()).toBe('Helps with tests');
    await client.ping();
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name).sort()).toEqual(['add', 'fail', 'say']);
    expect(tools.find(({ name }) => name === 'add')!.inputSchema).toMatchObject({ type: 'object', required: ['a', 'b'] });
    const sum = await client.callTool({ name: 'add', arguments: { a: 2, b: 3 } });
    expect(sum).toMatchObject({ content: [{ type: 'text', text: '{"sum":5}' }], structuredContent: { sum: 5 }, isError: false });
    expect(await client.callTool({ name: 'say', arguments: { word: 'tea' } })).toMatchObject({ content: [{ text: 'said tea' }] });
    expect(await client.callTool({ name: 'fail', arguments: { a: 1 } })).toMatchObject({ isError: true });
    expect(await client.callTool({ name: 'add', arguments: { a: 'two' } })).toMatchObject({ isError: true });
    await expect(client.callTool({ name: 'nothing', arguments: {} })).rejects.toMatchObject({ code: -32602 });
    await client.close();
  });

  test('what is no request is refused as JSON-RPC has it, and versions are agreed on', async () => {
    const { id, token } = await botWithKey(scripts);
    const initialize = (protocolVersion: string) => ({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion, capabilities: {} },
    });
    expect((await rpc(id, token, initialize('2025-03-26'))).body).toMatchObject({ result: { protocolVersion: '2025-03-26' } });
    expect((await rpc(id, token, initialize('1999-01-01'))).body).toMatchObject({ result: { protocolVersion: '2025-11-25' } });
    expect(await rpc(id, token, { jsonrpc: '2.0', method: 'notifications/initialized' })).toEqual({ status: 202, body: null });
    expect((await rpc(id, token, { jsonrpc: '2.0', id: 2, method: 'resources/list' })).body).toMatchObject({
      error: { code: -32601 },
    });
    expect((await rpc(id, token, { id: 2, method: 'ping' })).body).toMatchObject({ error: { code: -32600 } });
    expect((await rpc(id, token, { jsonrpc: '2.0', id: {}, method: 'ping' })).body).toMatchObject({ error: { code: -32600 } });
    expect((await rpc(id, token, [initialize('2025-03-26'), { jsonrpc: '2.0', id: 7, method: 'ping' }])).body).toMatchObject([
      { id: 1 },
      { id: 7, result: {} },
    ]);
    expect((await rpc(id, token, initialize('2025-11-25'), { 'mcp-protocol-version': '1999-01-01' })).status).toBe(400);
    expect((await rpc(id, token, initialize('2025-11-25'), { origin: 'https://evil.example' })).status).toBe(403);
  });

  test('a session or another bot’s key is not let in', async () => {
    const [bot, other] = [await botWithKey(scripts), await botWithKey(scripts)];
    const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
    expect((await rpc(bot.id, ana.token, ping)).status).toBe(401);
    expect((await rpc(bot.id, other.token, ping)).status).toBe(404);
    const listening = await fetch(`${w.server.url}/api/mcp/${bot.id}`, { headers: { authorization: `Bearer ${bot.token}` } });
    expect([listening.status, listening.headers.get('allow')]).toEqual([405, 'POST']);
  });
});
