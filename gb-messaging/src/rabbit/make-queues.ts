import type { Channel, ChannelModel } from 'amqplib';
import { backoffMs, sleep } from 'gb-utils';
import type { Queue } from './queues.ts';

const lockMsMax = 10_000;
/** Each refusal is a line in the broker's log. */
const pauseMs = 100;
const resourceLocked = 405;

/**
 * Makes queues that are missing, one maker at a time over the whole installation: two that make the same quorum queue in
 * the same moment leave RabbitMQ 3.10 with one that is listed and never answers. The lock is a queue that only one
 * connection may have; it goes with the connection.
 */
export async function makeQueues(model: ChannelModel, prefix: string, queues: readonly Queue[]): Promise<void> {
  const lock = `${prefix}.lock`;
  const channel = await takeLock(model, lock);
  for (const { name, options } of queues) await channel.assertQueue(name, options);
  await channel.deleteQueue(lock);
  await channel.close();
}

async function takeLock(model: ChannelModel, lock: string): Promise<Channel> {
  for (const beganAt = performance.now(); ; await sleep(pauseMs + backoffMs(0, { baseMs: pauseMs, maxMs: pauseMs }))) {
    const channel = await model.createChannel();
    channel.on('error', () => {}); // The answer below says the same.
    try {
      await channel.assertQueue(lock, { exclusive: true, durable: false, autoDelete: false });
      return channel;
    } catch (error) {
      const isTaken = (error as { code?: unknown }).code === resourceLocked;
      if (!isTaken || performance.now() - beganAt > lockMsMax) throw error;
    }
  }
}
