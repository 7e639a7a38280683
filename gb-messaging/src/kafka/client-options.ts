import type { BaseOptions } from '@platformatic/kafka';
import type { KafkaConnection } from './connection.ts';

/** What all clients of one log have in common. Each decides itself how often it tries again. */
export function clientOptions(connection: KafkaConnection, clientId: string): BaseOptions {
  const { brokers, sasl, tls } = connection;
  return {
    clientId,
    bootstrapBrokers: brokers.map(({ host, port }) => ({ host, port })),
    // Topics are made by us, with the partitions and the copies that were asked for, or not at all.
    autocreateTopics: false,
    connectTimeout: 5_000,
    timeout: 10_000,
    retries: 3,
    retryDelay: 200,
    metadataMaxAge: 30_000,
    ...(sasl ? { sasl: { ...sasl } } : {}),
    ...(tls ? { tls: { ...tls }, tlsServerName: true } : {}),
  };
}
