import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { unzipSync } from 'fflate';
import type { SpawnedServer } from 'gb-cli/testing';
import { createHttp, createRest } from 'gb-client';
import type { ClientId } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';
import { startService } from 'tools/services';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually, type Person, type World, world } from './world.ts';

// The whole server is killed between an event and its task, between a task and its end, and in the middle of an export;
// with the queue in the database, and with the queue at a real RabbitMQ.

const broker = await startService('rabbitmq');
const engines = [
  { name: 'the database', env: {} },
  { name: 'rabbitmq', env: { RABBIT_URL: broker?.env['RABBIT_URL'] ?? '' } },
];

interface Heard {
  readonly id: string;
  readonly text: string;
}

let receiver: Server;
let heard: Heard[] = [];
/** Called with each request before it is answered. */
let onRequest: (one: Heard) => void = () => {};

beforeAll(async () => {
  receiver = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { data } = JSON.parse(Buffer.concat(chunks).toString());
    const one = { id: String(request.headers['webhook-id']), text: String(data.event?.message?.text) };
    heard.push(one);
    onRequest(one);
    setTimeout(() => response.end(), 20);
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  receiver?.closeAllConnections();
  await new Promise((resolve) => receiver?.close(resolve));
  await broker?.close();
}, 60_000);

// Left out where RabbitMQ cannot be had; `startService` has said why, and where CI is set that is a failure.
describe.each(engines.filter(({ name }) => name !== 'rabbitmq' || broker !== null))('with the queue at $name', ({ env }) => {
  let w: World;
  let server: SpawnedServer;
  let ana: Person;
  /** On the server that runs now: each kill leaves another, on the same port. */
  const restOf = () => createRest(createHttp({ baseUrl: server.url, fetch, token: () => ana.token, timeoutMs: 20_000 }));

  beforeEach(async () => {
    heard = [];
    onRequest = () => {};
    w = await world({ env: { GB_BOT_ALLOW_HOSTS: '127.0.0.0/8', ...env } });
    server = w.server;
    ana = await w.signUp();
  }, 120_000);
  afterEach(async () => {
    onRequest = () => {};
    await server?.dispose();
  }, 60_000);

  test('every message that was acknowledged is told, whenever the server is killed, and its repetitions are known by their id', async () => {
    const { port } = receiver.address() as AddressInfo;
    const general = await w.general(ana);
    await ana.rest.createWebhook({ name: 'CRM', address: `http://127.0.0.1:${port}/`, kinds: ['message.posted'] });
    const said: string[] = [];
    const say = async (text: string) => {
      await restOf().postMessage(general, { clientId: uuidv7() as ClientId, text });
      said.push(text);
    };
    const restart = async () => {
      await server.kill();
      server = await server.restart();
    };
    // Killed right after the acknowledgement: no task was put.
    for (let i = 0; i < 10; i++) await say(`before ${i}`);
    await restart();
    // Killed while an address answers: the task has no end.
    let isKilled = false;
    const killed = new Promise<void>((resolve, reject) => {
      onRequest = () => {
        if (isKilled) return;
        isKilled = true;
        restart().then(resolve, reject);
      };
    });
    await say('killed by this').catch((error: unknown) => expect(error).toBeInstanceOf(Error));
    await killed;
    for (let i = 0; i < 10; i++) await say(`after ${i}`);
    await eventually(async () => said.every((text) => heard.some((one) => one.text === text)), 'all of them are told', 150_000);
    for (const text of said) expect(new Set(heard.filter((one) => one.text === text).map(({ id }) => id)).size).toBe(1);
  }, 240_000);

  test('an export goes on after its server was killed, and the file is whole', async () => {
    const general = await w.general(ana);
    const texts = Array.from({ length: 1_500 }, (_, i) => `message ${i} ${'word '.repeat(200)}`);
    for (let from = 0; from < texts.length; from += 50) {
      const some = texts.slice(from, from + 50);
      await Promise.all(some.map((text) => ana.rest.postMessage(general, { clientId: uuidv7() as ClientId, text })));
    }
    const { id } = await ana.rest.createExport({ channelId: general });
    await server.kill();
    server = await server.restart();
    const mine = async () => (await restOf().exports()).exports.find((one) => one.id === id);
    await eventually(async () => ['running', 'done'].includes((await mine())?.status ?? ''), 'the export goes on', 120_000);
    await server.kill();
    server = await server.restart();
    await eventually(async () => (await mine())?.status === 'done', 'the export is done', 150_000);
    const { path } = await restOf().exportLink(id);
    const zip = new Uint8Array(await (await fetch(server.url + path)).arrayBuffer());
    const files = Object.entries(unzipSync(zip));
    const [, lines] = files.find(([name]) => name.endsWith('messages.jsonl'))!;
    const found = new Set(
      new TextDecoder()
        .decode(lines)
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line).text),
    );
    for (const text of texts) expect(found.has(text)).toBe(true);
  }, 360_000);
});
