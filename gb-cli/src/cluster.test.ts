import { type AddressInfo, createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { childrenOf, isThere, metricsOf } from './testing/processes.ts';
import { type SpawnedServer, spawnServer } from './testing/server.ts';
import { Traffic } from './testing/traffic.ts';

// Real processes behind one port, over the embedded database, with links for a bus.

const waits = { timeout: 240_000 };
const env = { GB_RATE_FACTOR: '1000', GB_BOT_WORKERS: '1', GB_DRAIN_SECONDS: '3', GB_LOG_LEVEL: 'info' };
const started: SpawnedServer[] = [];
const traffics: Traffic[] = [];

afterEach(async () => {
  await Promise.all(traffics.splice(0).map((traffic) => traffic.close()));
  await Promise.all(started.splice(0).map((server) => server.dispose()));
}, 120_000);

async function startCluster(count: number): Promise<SpawnedServer> {
  const server = await spawnServer({ args: ['--cluster', String(count)], env });
  started.push(server);
  return server;
}

async function startTraffic(server: SpawnedServer, senders: number): Promise<Traffic> {
  const traffic = await Traffic.start(server.url, senders);
  traffics.push(traffic);
  return traffic;
}

/** How many processes became ready since the start. */
const readyIn = (server: SpawnedServer) => [...server.log().matchAll(/"process":\d+,"msg":"Ready"/g)].length;

/** As many answer, each knows as many, and none is another's stranger. */
async function complete(server: SpawnedServer, count: number): Promise<void> {
  const seen = new Map<string, ReadonlyMap<string, number>>();
  await expect
    .poll(async () => {
      // In the middle of a kill a connection may be cut.
      const metrics = await metricsOf(server.url).catch(() => new Map<string, number>());
      const name = [...metrics.keys()].find((key) => key.startsWith('gb_node_info'));
      if (name === undefined) return 0;
      const isLinked = ['reached', 'heard'].every((what) => metrics.get(`gb_links{what="${what}"}`) === count - 1);
      if (isLinked && metrics.get('gb_nodes{role="gateway"}') === count) seen.set(name, metrics);
      else seen.delete(name);
      return seen.size;
    }, waits)
    .toBeGreaterThanOrEqual(count);
}

describe('a cluster of four', () => {
  test('carries people on different processes, and loses nothing while each of them is killed in turn', async () => {
    const server = await startCluster(4);
    await complete(server, 4);
    const traffic = await startTraffic(server, 6);
    await traffic.goOn(200);
    const first = childrenOf(server.pid);
    expect(first).toHaveLength(4);
    for (const [killed, pid] of first.entries()) {
      // On a busy machine those that are started again take their time: never the last one that is there.
      await expect.poll(() => readyIn(server) - killed, waits).toBeGreaterThanOrEqual(2);
      process.kill(pid, 'SIGKILL');
      await traffic.goOn(100);
    }
    await expect.poll(() => readyIn(server), waits).toBe(8);
    expect(childrenOf(server.pid).some((pid) => first.includes(pid))).toBe(false);
    await complete(server, 4);
    await traffic.goOn(100);
    await traffic.check();
    expect(await server.stop()).toBe(0);
  }, 600_000);

  test('is replaced process by process under traffic, and nobody notices', async () => {
    const server = await startCluster(2);
    const traffic = await startTraffic(server, 4);
    await traffic.goOn(100);
    const before = childrenOf(server.pid);
    process.kill(server.pid, 'SIGHUP');
    await expect.poll(() => before.some(isThere), waits).toBe(false);
    expect(childrenOf(server.pid)).toHaveLength(2);
    await traffic.goOn(100);
    await traffic.check();
    expect(server.log()).not.toContain('"level":"error"');
  }, 600_000);
});

test('all processes end in order when their supervisor is killed, and the next one finds everything', async () => {
  const server = await startCluster(2);
  const traffic = await startTraffic(server, 3);
  await traffic.goOn(100);
  const children = childrenOf(server.pid);
  await server.kill();
  await expect.poll(() => children.some(isThere), waits).toBe(false);
  const again = await server.restart();
  started.push(again);
  await traffic.goOn(100);
  await traffic.check();
}, 600_000);

test('what cannot start says why, once, and leaves nothing behind', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = other.address() as AddressInfo;
    await expect(spawnServer({ port, args: ['--cluster', '3'], env })).rejects.toThrow(`Port ${port} is in use.`);
  } finally {
    other.close();
  }
  await expect(spawnServer({ args: ['--cluster', 'many'], env })).rejects.toThrow('from 1 to 64, not "many"');
  await expect(spawnServer({ args: ['--clusters', '2'], env })).rejects.toThrow('gb serve knows "--cluster n"');
  const alone = { ...env, GB_ROLES: 'gateway,api' };
  await expect(spawnServer({ env: alone })).rejects.toThrow('GB_ROLES leaves out relay, bots, jobs');
}, 400_000);
