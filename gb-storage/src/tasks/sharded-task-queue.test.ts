import { taskQueueContract } from 'gb-core/contract';
import type { CustomerId } from 'gb-protocol';
import { silentLogger, uuidv7 } from 'gb-utils';
import pg from 'pg';
import { expect, test } from 'vitest';
import { bucketOf } from '../shards/bucket.ts';
import { startTestShards, type TestShards } from '../shards/testing.ts';
import { createShardedTaskQueue } from './sharded-task-queue.ts';
import { createPostgresTaskQueue } from './task-queue.postgres.ts';

/** A queue over all databases, as a process would open it, and a new customer of any of them. */
async function prepare(shards: TestShards) {
  const { store, map } = await shards.openStore();
  const fence = { epochOf: (customerId: CustomerId) => map.place(customerId).epoch };
  const timing = { pollMs: 50, holdMs: 2_000, graceMs: 300 };
  const open = () =>
    createShardedTaskQueue(
      new Map(
        [...shards.databases].map(([name, { postgres }]) => [
          name,
          createPostgresTaskQueue({ app: postgres.app, log: silentLogger, fence, ...timing }),
        ]),
      ),
      store.at.bind(store),
    );
  const newCustomer = async () => {
    const { customerId } = await store.createCustomer({
      organizationName: 'Acme',
      userName: 'Ana',
      handle: 'ana',
      email: `${uuidv7()}@example.org`,
      passwordHash: 'hash',
      locale: 'en',
    });
    return customerId;
  };
  return { open, newCustomer, map };
}

taskQueueContract('two databases', async () => {
  const shards = await startTestShards();
  const { open, newCustomer } = await prepare(shards);
  return { open, newCustomer, close: () => shards.close() };
});

test('a task is put where its customer is, also by who does not know yet that its bucket came back in a later epoch', async () => {
  const shards = await startTestShards(['one']);
  try {
    const { open, newCustomer, map } = await prepare(shards);
    const customerId = await newCustomer();
    const { epoch } = map.place(customerId);
    const owner = new pg.Client(shards.databases.get('one')!.postgres.owner);
    await owner.connect();
    for (const table of ['buckets', 'bucket_map'])
      await owner.query(`update control.${table} set epoch = epoch + 1 where bucket = $1`, [bucketOf(customerId)]);
    await owner.end();
    const queue = open();
    await queue.put({ kind: 'greet', customerId, key: 'k', payload: 'hello' });
    expect(map.place(customerId).epoch).toBe(epoch + 1);
    expect(await queue.figures(customerId)).toMatchObject([{ kind: 'greet', ready: 1, dead: 0 }]);
    await queue.close();
  } finally {
    await shards.close();
  }
});
