import type { FigureSource } from 'gb-api';
import type { EventLog } from 'gb-core';
import { createKafkaEventLog, type KafkaEventLogOptions } from 'gb-messaging/kafka';
import type { Logger } from 'gb-utils';
import type { Config } from './config.ts';
import { one, recent } from './figures.ts';

/** The event log over Kafka, which a process with the role `relay` fills from the outbox. */
export function composeKafka(
  { replicas, ...settings }: NonNullable<Config['kafka']>,
  log: Logger,
  store: KafkaEventLogOptions['store'],
  isRelay: boolean,
  figures: FigureSource[],
): EventLog {
  const eventLog = createKafkaEventLog({
    ...settings,
    ...(replicas === null ? {} : { replicas }),
    store,
    isRelay,
    log,
  });
  const now = recent(() => eventLog.figures());
  figures.push(
    one('log_sent_total', 'Entries this process brought from the outbox to Kafka', async () => (await now()).sent),
    one('log_relay_failing', 'Whether entries do not get into Kafka at present', async () =>
      Number((await now()).relayFailure !== null),
    ),
    one('log_dead_letters', 'Entries that were given up, of all processes', async () => (await now()).deadLetters),
    {
      name: 'log_lag',
      help: 'Entries in Kafka that a group has not finished, by partition',
      labels: ['group', 'partition'],
      read: async () =>
        (await now()).lags
          .filter(({ isHere }) => isHere)
          .map(({ group, partition, lag }) => ({ value: lag, labels: { group, partition: String(partition) } })),
    },
    {
      name: 'log_parked_total',
      help: 'Entries that this process gave up, by group and cause',
      labels: ['group', 'cause'],
      read: async () => (await now()).parked.map(({ group, cause, count }) => ({ value: count, labels: { group, cause } })),
    },
  );
  return eventLog;
}
