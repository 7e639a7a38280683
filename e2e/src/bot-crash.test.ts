import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SpawnedServer } from 'gb-cli/testing';
import type { ChannelId, ClientId } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type Person, type World, world } from './world.ts';

/**
 * The whole server is killed again and again while bots talk, write rows and call another system. Whatever moment it
 * hits: each conversation says each of its messages once, each row is there once, and the other system can tell every
 * repetition of a call by its key.
 */
let w: World;
/** The one that runs now: each kill leaves another. */
let server: SpawnedServer | undefined;
let ana: Person;
let shop: Server;
const orders = new Map<string, number>();

beforeAll(async () => {
  shop = createServer((request, response) => {
    const key = String(request.headers['idempotency-key']);
    orders.set(key, (orders.get(key) ?? 0) + 1);
    request.resume();
    request.on('end', () =>
      setTimeout(() => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ number: 12 }));
      }, 20),
    );
  });
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
  w = await world({ env: { GB_BOT_ALLOW_HOSTS: '127.0.0.0/8' } });
  ana = await w.signUp('Ana Prado');
});
afterAll(async () => {
  await (server ?? w?.server)?.dispose();
  shop?.closeAllConnections();
  await new Promise((resolve) => shop?.close(resolve));
});

const rounds = 6;
const conversations = 8;

test('a server killed in the middle of turns loses, doubles and halves nothing', async () => {
  const { port } = shop.address() as AddressInfo;
  const source = `TABLE visits
  who string(40)
  step integer
END TABLE
TALK "hello"
FOR i = 1 TO ${rounds}
  HEAR word
  who = word
  step = i
  SAVE "visits", who, step
  order = POST "http://127.0.0.1:${port}/orders", {who: word, step: i}
  found = FIND "visits" WHERE who = word
  TALK "${'${i}'}: order ${'${order.number}'} for ${'${word}'}, ${'${UBOUND(found)}'} visits"
NEXT
TALK "bye"`;
  const bots = [];
  for (let n = 0; n < conversations; n++) {
    const bot = await ana.rest.createBot({ name: `Shop ${n}`, handle: `shop${n}`, files: [{ name: 'start.bas', text: source }] });
    await ana.rest.publishBot(bot.id);
    const { state } = await ana.rest.openDirect({ userIds: [bot.userId] });
    bots.push({ ...bot, channelId: state.channel.id as ChannelId });
  }
  const insisting = async <T>(work: () => Promise<T>): Promise<T> => {
    for (let tries = 0; ; tries++) {
      try {
        return await work();
      } catch (error) {
        if (tries > 400) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  };
  const saidBy = async (userId: string, channelId: ChannelId) =>
    (await ana.rest.messages(channelId, { limit: 100 })).messages
      .filter(({ authorId }) => authorId === userId)
      .map(({ text }) => text);

  server = w.server;
  let isOver = false;
  const killing = (async () => {
    for (let kills = 0; kills < 8 && !isOver; kills++) {
      await new Promise((resolve) => setTimeout(resolve, 400 + Math.random() * 1_600));
      await server!.kill();
      server = await server!.restart();
    }
  })();
  await Promise.all(
    bots.map(async ({ userId, channelId }, n) => {
      for (let round = 1; round <= rounds; round++) {
        const clientId = uuidv7() as ClientId;
        await insisting(() => ana.rest.postMessage(channelId, { clientId, text: `w${n}` }));
        await eventually(
          () => insisting(async () => ((await saidBy(userId, channelId)).length > round ? true : null)),
          `answer ${round} of bot ${n}`,
          90_000,
        );
      }
    }),
  );
  isOver = true;
  await killing;
  for (const [n, { userId, channelId }] of bots.entries()) {
    const answers = Array.from({ length: rounds }, (_, i) => `${i + 1}: order 12 for w${n}, ${i + 1} visits`);
    await eventually(
      async () => ((await saidBy(userId, channelId)).length >= rounds + 2 ? true : null),
      `the end of bot ${n}`,
      60_000,
    );
    expect(await saidBy(userId, channelId)).toEqual(['hello', ...answers, 'bye']);
  }
  // As many orders as there were steps: those that were asked for twice came under the same key.
  expect(orders.size).toBe(rounds * conversations);
}, 240_000);
