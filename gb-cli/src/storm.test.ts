import type { ClientId } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Crowd, type Person } from './testing/crowd.ts';

const hellos = { burst: 100, perSecond: 500 };
const count = 5_000;

let crowd: Crowd;
beforeAll(async () => {
  crowd = await Crowd.open({ hellos });
});
afterAll(() => crowd?.close());

/** Comes again when it is told to, until it is in. Gives how often it was sent away. */
async function comeIn(person: Person): Promise<number> {
  for (let times = 0; ; times++) {
    const socket = await crowd.socket();
    socket.hello(person.token, [person.general]);
    const answer = await Promise.race([socket.heard('subscribed'), socket.heard('error')]);
    if (answer.type === 'subscribed') return times;
    expect(answer).toMatchObject({ code: 'overloaded', retryable: true });
    const [code] = await Promise.all([socket.closed, new Promise((resolve) => setTimeout(resolve, answer.retryAfterMs))]);
    expect(code).toBe(4005);
  }
}

test('while five thousand come back at once, those who are in go on writing, and everybody gets in', {
  timeout: 300_000,
}, async () => {
  const ana = await crowd.owner();
  // Apart from where the others go: what is told to thousands would be the storm otherwise.
  const { state } = await crowd.rest(ana.token).createChannel({ kind: 'private', name: 'apart', memberIds: [] });
  const channelId = state.channel.id;
  const writer = await crowd.follow(ana, [channelId]);
  let isStorm = true;
  let acked = 0;
  const writing = (async () => {
    for (let id = 1; isStorm; id++) {
      writer.send({ type: 'send', id, channelId, clientId: uuidv7() as ClientId, text: `message ${id}` });
      await expect.poll(() => writer.of('ack').length, { timeout: 60_000, interval: 5 }).toBe(id);
      acked = id;
    }
  })();
  const coming: Promise<number>[] = [];
  while (coming.length < count) {
    for (let n = 0; n < 250; n++) coming.push(comeIn(ana));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const times = await Promise.all(coming);
  isStorm = false;
  await writing;
  expect(times.length).toBe(count);
  // The storm lasts at least as long as the rate makes it: ten seconds of it, however fast the machine.
  expect(acked).toBeGreaterThan(20);
  expect(writer.of('error')).toEqual([]);
});
