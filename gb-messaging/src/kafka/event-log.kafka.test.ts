import { eventLogContract } from 'gb-core/contract';
import { startTestDatabase } from 'gb-storage/testing';
import { silentLogger } from 'gb-utils';
import { startService } from 'tools/services';
import { readKafkaConnection } from './connection.ts';
import { createKafkaEventLog } from './event-log.kafka.ts';

eventLogContract('Kafka', async () => {
  const kafka = await startService('kafka');
  if (!kafka) return null;
  const database = await startTestDatabase();
  const store = await database.openStore();
  let tests = 1;
  const options = () => ({
    connection: readKafkaConnection(kafka.env['KAFKA_BROKERS']!),
    log: silentLogger,
    prefix: `test${tests}.`,
    partitions: 4,
    attemptsMax: 4,
    retryMsMin: 10,
    retryMsMax: 40,
    sessionMs: 10_000,
  });
  return {
    store,
    openLog: () => createKafkaEventLog({ ...options(), store, pollMs: 60_000 }),
    openLogElsewhere: async () => createKafkaEventLog({ ...options(), store: await database.openStore(), pollMs: 50 }),
    async forget() {
      tests += 1;
    },
    async close() {
      await database.close();
      await kafka.close();
    },
  };
});
