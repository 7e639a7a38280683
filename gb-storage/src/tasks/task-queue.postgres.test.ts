import { taskQueueContract } from 'gb-core/contract';
import { startTestDatabase } from 'gb-storage/testing';
import { silentLogger, uuidv7 } from 'gb-utils';
import { createPostgresTaskQueue } from './task-queue.postgres.ts';

taskQueueContract('postgresql', async () => {
  const database = await startTestDatabase();
  const store = await database.openStore();
  return {
    open: () =>
      createPostgresTaskQueue({ app: database.postgres.app, log: silentLogger, pollMs: 50, holdMs: 2_000, graceMs: 300 }),
    newCustomer: async () => {
      const { customerId } = await store.createCustomer({
        organizationName: 'Acme',
        userName: 'Ana',
        handle: 'ana',
        email: `${uuidv7()}@example.org`,
        passwordHash: 'hash',
        locale: 'en',
      });
      return customerId;
    },
    close: () => database.close(),
  };
});
