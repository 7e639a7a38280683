import type { DebugProtocol as Protocol } from '@vscode/debugprotocol';
import { createHttp, createRest, type Rest } from 'gb-client';
import type { BotId, ClientId, ConversationId } from 'gb-protocol';
import { sleep, uuidv7 } from 'gb-utils';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type SpawnedServer, spawnServer } from '../testing/server.ts';
import { DebugClient } from './dap/testing.ts';

const script = `order = {items: ["tea", "cake"], total: 2.5}
SUB confirm(what)
  HEAR answer
  TALK what + ": " + order.items[1] + " " + order.total
END SUB
confirm "size"
HEAR more`;

let server: SpawnedServer;
let rest: Rest;
let token: string;
beforeAll(async () => {
  server = await spawnServer();
  rest = createRest(createHttp({ baseUrl: server.url, fetch, token: () => token, timeoutMs: 20_000 }));
  await rest.signUp({ organization: 'Acme', name: 'Ana', email: 'ana@example.com', password: 'correct horse battery' });
  token = (await rest.logIn({ email: 'ana@example.com', password: 'correct horse battery' })).token!;
});
afterAll(() => server?.dispose());

async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (const endMs = performance.now() + 20_000; performance.now() < endMs; await sleep(50)) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error('It did not come.');
}

/** A bot, and a conversation with it that waits. */
async function waiting(handle: string) {
  const bot = await rest.createBot({ name: handle, handle, files: [{ name: 'start.bas', text: script }] });
  await rest.publishBot(bot.id);
  const { channel } = (await rest.openDirect({ userIds: [bot.userId] })).state;
  const conversationId = await eventually(
    async () => (await rest.botConversations(bot.id, { status: 'waiting' })).conversations[0]?.id,
  );
  const say = (text: string) => rest.postMessage(channel.id, { clientId: uuidv7() as ClientId, text });
  const answer = (text: string) =>
    eventually(async () => (await rest.messages(channel.id)).messages.find((message) => message.text.includes(text)));
  return { botId: bot.id as BotId, conversationId, say, answer };
}

async function attached(bot: string, conversation: ConversationId) {
  const client = new DebugClient([], { GB_URL: server.url, GB_TOKEN: token });
  onTestFinished(() => client.kill());
  await client.ask('initialize', { adapterID: 'gb', linesStartAt1: true, columnsStartAt1: true, locale: 'en' });
  await client.ask('attach', { bot, conversation });
  await client.event('initialized');
  await client.ask('configurationDone');
  await client.event('stopped');
  return client;
}

test('a conversation on a server is looked into, and changed when that is said', async () => {
  const { botId, conversationId, say, answer } = await waiting('shop');
  const client = await attached('@shop', conversationId);
  const { stackFrames } = await client.ask<Protocol.StackTraceResponse['body']>('stackTrace', { threadId: 1 });
  expect(stackFrames.map(({ name, line }) => `${name}:${line}`)).toEqual(['confirm:3', 'main program:6']);
  const { sourceReference } = stackFrames[0]!.source!;
  expect(await client.ask('source', { sourceReference })).toEqual({ content: script });
  await expect(client.ask('next', { threadId: 1 })).rejects.toThrow('goes on when its person answers');
  const { scopes } = await client.ask<Protocol.ScopesResponse['body']>('scopes', { frameId: 0 });
  const variables = async (variablesReference: number) =>
    (await client.ask<Protocol.VariablesResponse['body']>('variables', { variablesReference })).variables;
  const order = (await variables(scopes[1]!.variablesReference)).find(({ name }) => name === 'order')!;
  const items = (await variables(order.variablesReference)).find(({ name }) => name === 'items')!;
  const set = { variablesReference: items.variablesReference, name: '1', value: '"pie"' };
  expect(await client.ask('setVariable', set)).toMatchObject({ value: '"pie"' });
  await client.ask('evaluate', { expression: 'what = what + "!"', context: 'repl', frameId: 0 });
  // Up to here it is a copy.
  expect((await rest.botTurns(botId, conversationId)).edits).toEqual([]);
  expect(await client.ask('evaluate', { expression: 'apply', context: 'repl' })).toMatchObject({
    result: 'The real conversation was changed.',
  });
  expect(await client.ask('evaluate', { expression: 'apply', context: 'repl' })).toMatchObject({
    result: 'Nothing was changed in the copy.',
  });
  const { edits } = await rest.botTurns(botId, conversationId);
  expect(edits[0]!.changes.map(({ target, after }) => `${target} ${after}`)).toEqual(['order.items[1] "pie"', 'what "size!"']);
  await say('XL');
  expect((await answer('size')).text).toBe('size!: pie 2.5');
});

test('one that has gone on meanwhile is not changed, and the editor is told', async () => {
  const { conversationId, say, answer } = await waiting('moved');
  const client = await attached('moved', conversationId);
  await client.ask('evaluate', { expression: 'order.total = 9', context: 'repl', frameId: 1 });
  await say('XL');
  await answer('size');
  await expect(client.ask('evaluate', { expression: 'apply', context: 'repl' })).rejects.toThrow('has gone on since');
  await expect(attached('nobody', conversationId)).rejects.toThrow('There is no bot @nobody');
});
