import { expect, test } from 'vitest';
import type { Client } from './api.ts';
import { connect, record, type Scene, scene, texts, until } from './testing/harness.ts';

/** Every phase the client was in since now. */
function phases(client: Client): string[] {
  const seen: string[] = [];
  client.subscribe('status', () => seen.push(client.status().phase));
  return seen;
}

const drain = ({ server }: Scene, reconnectAfterMs = 0) => server.tell({ type: 'drain', reconnectAfterMs });

test('a server that drains is left for another connection without a moment of not being live', async () => {
  const all = await scene();
  const { server, ana, bob, general } = all;
  const client = await connect(server, ana);
  await client.open(general);
  const [seen, events] = [phases(client), record(client, general)];
  drain(all);
  for (let n = 0; n < 20; n++) {
    server.world.post(general, bob, `bob ${n}`);
    await client.sendAndWait(general, `ana ${n}`);
  }
  await until(() => server.connects === 2 && server.connectionCount === 1, 'only the second is left');
  server.world.post(general, bob, 'last');
  await until(() => texts(client, general).includes('last'), 'heard over the second');
  expect(texts(client, general)).toEqual(server.world.texts(general).slice(-texts(client, general).length));
  const seqs = events.map(({ seq }) => seq);
  expect(seqs).toEqual(seqs.map((_, i) => seqs[0]! + i));
  expect(seen.filter((phase) => phase !== 'live')).toEqual([]);
  expect(server.sends.length).toBe(20);
});

test('what the first connection was asked and did not answer is asked again over the second, and stored once', async () => {
  const all = await scene();
  const { server, ana, general } = all;
  const client = await connect(server, ana);
  server.faults.frame = (frame, index) => (index === 0 && (frame.type === 'ack' || frame.type === 'event') ? 'drop' : 'deliver');
  const sent = client.sendAndWait(general, 'hello');
  await until(() => server.sends.length === 1, 'it is on its way');
  drain(all);
  await sent;
  await until(() => server.connectionCount === 1, 'the first was left');
  expect(server.world.texts(general)).toEqual(['hello']);
});

test('while nobody else takes it, the first connection goes on, and the client tries again', async () => {
  const all = await scene();
  const { server, ana, general } = all;
  const client = await connect(server, ana);
  const seen = phases(client);
  let refusals = 0;
  server.faults.helloClose = () => (refusals++ < 4 ? 4003 : null);
  drain(all);
  await until(() => refusals >= 2, 'two tries');
  await client.sendAndWait(general, 'still here');
  await until(() => server.connectionCount === 1 && refusals >= 5, 'gone over');
  expect(seen.filter((phase) => phase !== 'live')).toEqual([]);
});

test('a first connection that closes while the second is being opened hands over to it', async () => {
  const all = await scene();
  const { server, ana, bob, general } = all;
  const client = await connect(server, ana);
  await client.open(general);
  server.faults.frame = (frame, index) => (index === 1 && frame.type === 'subscribed' ? { delayMs: 60 } : 'deliver');
  drain(all);
  await until(() => server.connects === 2, 'the second is opened');
  server.closeFirst(4000);
  server.world.post(general, bob, 'between');
  await until(() => texts(client, general).includes('between'), 'heard');
  await client.live();
  expect(server.connects).toBe(2);
});

test('a channel that is joined while going over is followed on the other side', async () => {
  const all = await scene();
  const { server, ana, bob } = all;
  const client = await connect(server, ana);
  const other = server.world.addChannel('other', [bob]);
  server.faults.frame = (frame, index) => (index === 1 && frame.type === 'subscribed' ? { delayMs: 60 } : 'deliver');
  drain(all);
  await until(() => server.frames.filter(({ type }) => type === 'hello').length === 2, 'hello to the second');
  server.world.join(other, ana);
  await until(() => server.connectionCount === 1, 'gone over');
  server.world.post(other, bob, 'hi');
  await until(() => client.channel(other)?.unread === 1, 'followed');
});

test('a session that ended meanwhile ends the client', async () => {
  const all = await scene();
  const { server, ana } = all;
  const client = await connect(server, ana);
  server.faults.helloClose = () => 4401;
  drain(all);
  await until(() => client.status().phase === 'stopped', 'stopped');
  expect(client.status().reason?.code).toBe('unauthenticated');
  await until(() => server.connectionCount === 0, 'both are closed');
});
