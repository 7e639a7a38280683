import { afterAll, describe } from 'vitest';
import { startClusterEngines } from './cluster-engines.ts';
import { makeWorldsOn } from './world.ts';

// Stories that others tell about one process, told again on four of them over PostgreSQL, Redis, Kafka and RabbitMQ.

const engines = await startClusterEngines();
if (engines) makeWorldsOn(() => engines.install());
afterAll(() => engines?.close(), 120_000);

// Left out where an engine cannot be had; `startService` has said why, and where CI is set that is a failure.
describe.skipIf(engines === null)('on a cluster over all engines', () => {
  describe('a newcomer', async () => void (await import('./newcomer.story.ts')));
  describe('two tabs', async () => void (await import('./tabs.story.ts')));
});
