import { eventLogContract } from 'gb-core/contract';
import { startTestDatabase } from 'gb-storage/testing';
import { silentLogger } from 'gb-utils';
import { createOutboxEventLog } from './event-log.outbox.ts';

eventLogContract('outbox', async () => {
  const database = await startTestDatabase();
  const store = await database.openStore();
  const options = { log: silentLogger, attemptsMax: 4, retryMsMin: 10, retryMsMax: 40 };
  return {
    store,
    openLog: () => createOutboxEventLog({ ...options, outbox: store.outbox, pollMs: 60_000 }),
    openLogElsewhere: async () => createOutboxEventLog({ ...options, outbox: (await database.openStore()).outbox, pollMs: 50 }),
    close: () => database.close(),
  };
});
