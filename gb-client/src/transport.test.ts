import { expect, test } from 'vitest';
import { connect, makeClient, pause, scene, until } from './testing/harness.ts';
import type { Status } from './types.ts';

test('the delay between tries is random up to a ceiling that doubles and then stays', async () => {
  const { server, ana } = await scene();
  const client = await connect(server, ana, {
    random: () => 0.999,
    tuning: { backoffBaseMs: 10, backoffMaxMs: 60, stableMs: 10_000 },
  });
  const delays: number[] = [];
  client.subscribe('status', () => {
    const { phase, retryAtMs } = client.status();
    if (phase === 'waiting') delays.push(retryAtMs! - Date.now());
  });
  await server.stop();
  await until(() => delays.length >= 6, 'six tries');
  await client.close();

  const ceilings = [10, 20, 40, 60, 60, 60];
  for (const [i, ceiling] of ceilings.entries()) {
    expect(delays[i]).toBeLessThanOrEqual(ceiling);
    expect(delays[i]).toBeGreaterThanOrEqual(ceiling - 8);
  }
});

test('with the luckiest dice the next try is at once, whatever the ceiling', async () => {
  const { server, ana } = await scene();
  const client = await connect(server, ana, { random: () => 0, tuning: { backoffBaseMs: 20_000, backoffMaxMs: 20_000 } });
  server.cut();
  const startedMs = performance.now();
  await until(() => server.connects === 2, 'back', 10_000);
  expect(performance.now() - startedMs).toBeLessThan(10_000);
  await client.live();
});

test('a connection that is accepted and dropped at once still backs off', async () => {
  const { server, ana } = await scene();
  let closes = 0;
  server.faults.helloClose = () => (closes++ < 8 ? 4003 : null);
  const client = await connect(server, ana, { random: () => 0.999, tuning: { backoffBaseMs: 5, backoffMaxMs: 40 } });
  const statuses: Status[] = [client.status()];
  expect(closes).toBeGreaterThanOrEqual(9);
  // Up for an instant is not up: the count goes on until a connection lasted.
  server.cut();
  await until(() => client.status().phase === 'waiting', 'the loss');
  expect(client.status().attempt).toBeGreaterThanOrEqual(8);
  expect(statuses[0]!.phase).toBe('live');
});

test('a server that asks for time gets it', async () => {
  const { server, ana } = await scene();
  const client = await connect(server, ana, { random: () => 0 });
  server.tell({ type: 'error', code: 'overloaded', message: 'later', retryable: true, retryAfterMs: 120 });
  server.closeAll(4003);
  const startedMs = performance.now();
  await until(() => server.connects === 2, 'back');
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(110);
  await client.live();
});

test('a draining server is left when it closes, and looked for after the time it gave', async () => {
  const { server, ana, general } = await scene();
  const client = await connect(server, ana, { random: () => 0 });
  server.tell({ type: 'drain', reconnectAfterMs: 150 });
  const startedMs = performance.now();
  await client.sendAndWait(general, 'still taken');
  server.closeAll(4000, 'restarting');
  await until(() => server.connects === 2, 'back');
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(140);
  await client.live();
});

test('a draining server that forgets to close is left all the same', async () => {
  const { server, ana } = await scene();
  await connect(server, ana);
  server.tell({ type: 'drain', reconnectAfterMs: 30 });
  await until(() => server.connects === 2, 'another connection');
  await until(() => server.connectionCount === 1, 'the first is closed');
});

test('silence ends a connection that looks open', async () => {
  const { server, ana } = await scene();
  await connect(server, ana, { tuning: { silenceMs: 150, pingMs: 40 } });
  server.faults.frame = (frame) => (frame.type === 'pong' ? 'drop' : 'deliver');
  await until(() => server.connects === 2, 'a new connection');
});

test('pings keep a quiet connection', async () => {
  const { server, ana } = await scene();
  // Much longer than a busy machine holds a process up.
  const client = await connect(server, ana, { tuning: { silenceMs: 3_000, pingMs: 100 } });
  await pause(4_500);
  expect(server.connects).toBe(1);
  expect(client.status().phase).toBe('live');
});

test('asked whether the connection is still there, the client finds out soon', async () => {
  const { server, ana } = await scene();
  const client = await connect(server, ana, { tuning: { probeMs: 2_000 } });
  client.probe();
  await pause(2_500);
  expect(server.connects).toBe(1);

  server.faults.frame = (frame) => (frame.type === 'pong' ? 'drop' : 'deliver');
  client.probe();
  await until(() => server.connects === 2, 'a new connection', 20_000);
});

test('frames that are not JSON, have no type, or one we do not know change nothing', async () => {
  const { server, ana, bob, general } = await scene();
  const client = await connect(server, ana);
  const warnings: string[] = [];
  client.on('warning', ({ message }) => warnings.push(message));
  for (const text of ['{', 'null', '[]', '{"type":7}', '{"type":"hologram","of":"you"}']) server.raw(text);
  server.world.post(general, bob, 'hi');
  await until(() => client.channel(general)!.count === 1, 'still live');
  expect(warnings.length).toBe(4);
  expect(server.connects).toBe(1);
});

test('an ended session seen by a REST call ends the connection too', async () => {
  const { server, ana, general } = await scene();
  const client = await connect(server, ana);
  server.faults.http = () => ({ code: 'unauthenticated' });
  await client.open(general);
  expect(client.status()).toMatchObject({ phase: 'stopped', reason: { code: 'unauthenticated' } });
});

test('closing ends waiting, timers and callers, also twice', async () => {
  const { server, ana, general } = await scene();
  await server.stop();
  const waiting = makeClient(server, ana);
  const started = waiting.start();
  started.catch(() => {});
  await until(() => waiting.status().phase === 'waiting', 'waiting');
  await Promise.all([waiting.close(), waiting.close()]);
  await expect(started).rejects.toMatchObject({ code: 'closed' });

  await server.start();
  const client = await connect(server, ana);
  server.faults.frame = () => 'drop';
  const sent = client.sendAndWait(general, 'never acked');
  const settled = expect(sent).rejects.toMatchObject({ code: 'closed' });
  await client.close();
  await settled;
  await until(() => server.connectionCount === 0, 'the socket closes');
});

test('five hundred and more channels are told in frames that fit', async () => {
  const { server, ana, bob } = await scene();
  const ids = Array.from({ length: 1_200 }, (_, i) => server.world.addChannel(`c${i}`, [ana, bob]));
  const client = await connect(server, ana);
  await until(() => server.frames.filter((frame) => frame.type === 'subscribe').length === 2, 'two more frames');
  for (const frame of server.frames) expect(JSON.stringify(frame).length).toBeLessThan(65_536);
  server.world.post(ids.at(-1)!, bob, 'hi');
  await until(() => client.channel(ids.at(-1)!)!.unread === 1, 'the last one is followed');
});
