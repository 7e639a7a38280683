import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'amqplib';
import { serverStory } from './server-story.ts';

type Env = Readonly<Record<string, string>>;

const queue = 'kept';
/**
 * A trap of the broker's: which quorum queues there are it writes down up to three seconds later than it says so. One that
 * was declared just before a kill is there afterwards, and answers nobody for ever.
 */
const declaredMs = 5000;

async function withChannel<Result>(
  env: Env,
  work: (channel: Awaited<ReturnType<Awaited<ReturnType<typeof connect>>['createConfirmChannel']>>) => Promise<Result>,
): Promise<Result> {
  const connection = await connect(env['RABBIT_URL']!);
  connection.on('error', () => {}); // What is asked of it fails too, and says so.
  try {
    const channel = await connection.createConfirmChannel();
    channel.on('error', () => {});
    await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
    return await work(channel);
  } finally {
    await connection.close();
  }
}

serverStory('rabbitmq', {
  written: 'what was acknowledged',
  write: (env) =>
    withChannel(env, async (channel) => {
      channel.sendToQueue(queue, Buffer.from('what was acknowledged'), { persistent: true });
      await channel.waitForConfirms();
      await sleep(declaredMs);
    }),
  read: (env) =>
    withChannel(env, async (channel) => {
      const got = await channel.get(queue, { noAck: false });
      if (got === false) throw new Error('the queue is empty');
      channel.nack(got, false, true);
      return got.content.toString();
    }),
});
