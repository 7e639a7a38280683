import { type SpawnedServer, spawnServer } from 'gb-cli/testing';
import { childrenOf } from 'gb-cli/testing/processes';
import { Traffic } from 'gb-cli/testing/traffic';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EngineName, startClusterEngines } from './cluster-engines.ts';
import { Told } from './told.ts';

// Four processes over two PostgreSQL, Redis, Kafka and RabbitMQ, with people in it, while each of all these is killed in turn.

const engines = await startClusterEngines();
const waitMsMax = 240_000;

// Left out where an engine cannot be had; `startService` has said why, and where CI is set that is a failure.
describe.skipIf(engines === null)('four processes over all engines, under traffic', () => {
  let server: SpawnedServer;
  let told: Told;
  const traffics: Traffic[] = [];
  /** Every organization goes on, wherever it lies. */
  const goOn = async (count: number) => {
    for (const traffic of traffics) await traffic.goOn(count);
  };

  beforeAll(async () => {
    const { args, env } = await engines!.install({
      GB_OPEN_SIGNUP: 'true',
      GB_RATE_FACTOR: '1000',
      GB_BOT_ALLOW_HOSTS: '127.0.0.0/8',
    });
    server = await spawnServer({ args: args!, env: env! });
    // With six it is most likely that both databases have some.
    for (let n = 0; n < 6; n++) traffics.push(await Traffic.start(server.url, 2));
    told = await Told.start(server);
    await goOn(20);
  }, 600_000);
  afterAll(async () => {
    await told?.close();
    await Promise.all(traffics.map((traffic) => traffic.close()));
    await server?.dispose();
    await engines?.close();
  }, 180_000);

  test('each process is killed, and another one takes its place', async () => {
    const first = childrenOf(server.pid);
    expect(first).toHaveLength(4);
    for (const [killed, pid] of first.entries()) {
      // On a busy machine those that are started again take their time: never the last one that is there.
      await expect.poll(() => readyIn(server) - killed, { timeout: waitMsMax }).toBeGreaterThanOrEqual(2);
      process.kill(pid, 'SIGKILL');
      await goOn(20);
    }
    await expect.poll(() => readyIn(server), { timeout: waitMsMax }).toBe(8);
  }, 900_000);

  test.each(['redis', 'kafka', 'rabbitmq'] as const)(
    '%s is killed, people go on without it, and it comes back',
    async (name) => {
      const service = engines!.services.get(name)!;
      await service.kill();
      await goOn(20);
      await service.restart();
      await goOn(20);
    },
    600_000,
  );

  test.each(['postgres-1', 'postgres-2'] as const)(
    '%s is killed, and its people go on when it is back',
    async (name: EngineName) => {
      const service = engines!.services.get(name)!;
      await service.kill();
      await service.restart();
      await goOn(20);
    },
    600_000,
  );

  test('everything that was acknowledged is there once and in order, everybody saw it so, and programs outside were told', async () => {
    for (const traffic of traffics) await traffic.check();
    await told.check(waitMsMax);
    expect(await server.stop()).toBe(0);
  }, 900_000);
});

/** How many processes became ready since the start. */
const readyIn = (server: SpawnedServer) => [...server.log().matchAll(/"process":\d+,"msg":"Ready"/g)].length;
