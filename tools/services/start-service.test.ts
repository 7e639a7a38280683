import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest';
import { ask } from './server.ts';
import { type StartedService, startMsMax, startService } from './start-service.ts';

// What every service can do, seen at the smallest of them.

let redis: StartedService | null;
beforeAll(async () => {
  redis = await startService('redis');
}, startMsMax);
afterAll(() => redis?.close());

const has = (context: TestContext): StartedService => redis ?? context.skip('redis cannot be had here');
const portOf = ({ env }: StartedService): number => Number(new URL(env['REDIS_URL']!).port);
const answers = async (server: StartedService): Promise<boolean> =>
  (await ask(portOf(server), Buffer.from('PING\r\n'), 5))?.toString() === '+PONG\r\n';

test('a server that is held does not answer, and goes on where it was', async (context) => {
  const server = has(context);
  server.hold();
  expect(await answers(server)).toBe(false);
  server.release();
  expect(await answers(server)).toBe(true);
});

test('a server that is held can be stopped and started', async (context) => {
  const server = has(context);
  server.hold();
  await server.restart();
  expect(await answers(server)).toBe(true);
});

test('a server that was killed is killed again without harm, and comes back at its address', async (context) => {
  const server = has(context);
  await server.kill();
  await server.kill();
  expect(await answers(server)).toBe(false);
  await server.restart();
  expect(await answers(server)).toBe(true);
});

test('a server whose port somebody else took meanwhile is not taken for itself', async (context) => {
  const server = has(context);
  await server.stop();
  const thief = createServer();
  await new Promise<void>((resolve) => thief.listen(portOf(server), '127.0.0.1', resolve));
  await expect(server.restart()).rejects.toThrow('somebody else took a port of redis');
  await new Promise((resolve) => thief.close(resolve));
  await server.close();
  redis = await startService('redis');
});

test('two of the same kind know nothing of each other', async (context) => {
  const server = has(context);
  const other = (await startService('redis'))!;
  try {
    expect(portOf(other)).not.toBe(portOf(server));
    await other.kill();
    expect(await answers(server)).toBe(true);
  } finally {
    await other.close();
  }
});

test('when it is closed nobody of it is left, and closing it again does no harm', async (context) => {
  has(context);
  const other = (await startService('redis'))!;
  const pids = other.pids();
  expect(pids.length).toBeGreaterThan(0);
  await other.close();
  await other.close();
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test('what nobody knows cannot be started', async () => {
  await expect(startService('oracle')).rejects.toThrow('there is no service oracle');
});
