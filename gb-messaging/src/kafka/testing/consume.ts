// A process of its own that consumes one group and says what it does, a line each: what happened, when, channel, seq. For
// tests that kill it. Arguments: brokers, prefix, group, milliseconds a handler takes.
import type { Outbox, Store } from 'gb-core';
import { silentLogger } from 'gb-utils';
import { readKafkaConnection } from '../connection.ts';
import { createKafkaEventLog } from '../event-log.kafka.ts';

const [brokers, prefix, group, handlerMs] = process.argv.slice(2) as [string, string, string, string];

/** It relays nothing: another process does. */
const outbox: Outbox = {
  take: async () => [],
  done: async () => {},
  park: async () => {},
  onCommitted: () => () => {},
};
const read: Store['read'] = () => Promise.reject(new Error('There is nothing to look up without entries.'));
const log = createKafkaEventLog({
  connection: readKafkaConnection(brokers),
  store: { outbox, read },
  log: silentLogger,
  prefix,
  partitions: 4,
  sessionMs: 3_000,
  pollMs: 60_000,
});
const say = (what: string, channelId: string, seq: number) =>
  process.stdout.write(`${what} ${performance.timeOrigin + performance.now()} ${channelId} ${seq}\n`);
log.consume(group, async ({ channelId, seq }) => {
  say('begin', channelId, seq);
  await new Promise((resolve) => setTimeout(resolve, Number(handlerMs)));
  say('end', channelId, seq);
});
log.start();
process.once('SIGTERM', () => void log.close().then(() => process.exit(0)));
