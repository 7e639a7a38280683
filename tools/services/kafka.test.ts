import { readFileSync } from 'node:fs';
import { Admin, type BaseOptions, Consumer, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka';
import { expect, test } from 'vitest';
import { serverStory } from './server-story.ts';

type Env = Readonly<Record<string, string>>;

const topic = 'kept';
const open = (env: Env): BaseOptions => ({
  clientId: 'test',
  bootstrapBrokers: [env['KAFKA_BROKERS']!],
  connectTimeout: 2000,
  retries: 5,
  retryDelay: 200,
});

async function withAdmin<Result>(options: BaseOptions, work: (admin: Admin) => Promise<Result>): Promise<Result> {
  const admin = new Admin(options);
  try {
    return await work(admin);
  } finally {
    await admin.close();
  }
}

async function write(env: Env): Promise<void> {
  await withAdmin(open(env), (admin) => admin.createTopics({ topics: [topic], partitions: 1, replicas: 1 }));
  const producer = new Producer({ ...open(env), serializers: stringSerializers, idempotent: true });
  try {
    await producer.send({ messages: [{ topic, key: 'k', value: 'what was acknowledged' }], acks: -1 });
  } finally {
    await producer.close();
  }
}

async function read(env: Env): Promise<string> {
  const consumer = new Consumer({ ...open(env), groupId: 'readers', deserializers: stringDeserializers });
  try {
    const stream = await consumer.consume({ topics: [topic], mode: 'earliest', autocommit: false });
    for await (const { value } of stream) return value;
    throw new Error('the stream ended');
  } finally {
    await consumer.close(true);
  }
}

serverStory('kafka', { write, read, written: 'what was acknowledged' }, (has) => {
  const secure = (env: Env): BaseOptions => ({
    ...open(env),
    bootstrapBrokers: [env['TEST_KAFKA_SECURE_BROKERS']!],
    tls: { ca: readFileSync(env['TEST_KAFKA_CA']!) },
    tlsServerName: true,
    retries: 0,
  });
  const topicsOf = (options: BaseOptions) => withAdmin(options, (admin) => admin.listTopics());
  const mechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;

  for (const mechanism of mechanisms) {
    test(`over TLS, who logs in by ${mechanism} is let in, and who does not know the word is not`, async (context) => {
      const { env } = has(context);
      const sasl = (password: string) => ({ mechanism, username: env['TEST_KAFKA_USER']!, password });
      expect(await topicsOf({ ...secure(env), sasl: sasl(env['TEST_KAFKA_PASSWORD']!) })).toContain(topic);
      await expect(topicsOf({ ...secure(env), sasl: sasl('another word') })).rejects.toThrow();
    });
  }

  test("over TLS, nobody is let in without a log-in, nor by somebody else's certificate", async (context) => {
    const { env } = has(context);
    const sasl = {
      mechanism: 'PLAIN',
      username: env['TEST_KAFKA_USER']!,
      password: env['TEST_KAFKA_PASSWORD']!,
    } as const;
    await expect(topicsOf(secure(env))).rejects.toThrow();
    await expect(topicsOf({ ...secure(env), tls: {}, sasl })).rejects.toThrow();
    expect(await topicsOf({ ...secure(env), sasl })).toContain(topic);
  });

  test('a topic that nobody made is not made by a message to it', async (context) => {
    const { env } = has(context);
    const producer = new Producer({ ...open(env), retries: 0, serializers: stringSerializers });
    await expect(producer.send({ messages: [{ topic: 'misspelt', key: 'k', value: 'v' }], acks: -1 })).rejects.toThrow();
    await producer.close();
    expect(await topicsOf(open(env))).not.toContain('misspelt');
  });
});
