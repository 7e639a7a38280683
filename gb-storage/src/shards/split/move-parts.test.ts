import { world } from 'gb-core/contract';
import type { ChannelId, CustomerId, LogEvent, Seq } from 'gb-protocol';
import { GbError, sleep } from 'gb-utils';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bucketOf } from '../bucket.ts';
import { moveBucket } from '../move/move-bucket.ts';
import type { ShardMap } from '../shard-map.ts';
import type { ShardedStore } from '../sharded-store.ts';
import type { TestShards } from '../testing.ts';
import { partOf } from './part.ts';
import { makeTestParts, startSplittableShards } from './testing/index.ts';

let shards: TestShards;
let opened: { store: ShardedStore; map: ShardMap };
let other: { store: ShardedStore; map: ShardMap };
let isOver = false;
let relaying: Promise<void>;
beforeAll(async () => {
  shards = await startSplittableShards();
  for (const database of shards.databases.values())
    await database.asSuperuser('grant set on parameter session_replication_role to gb_owner');
  [opened, other] = [await shards.openStore(), await shards.openStore()];
  relaying = (async () => {
    while (!isOver) {
      const entries = await opened.store.outbox.take(200);
      await opened.store.outbox.done(entries.map(({ id }) => id));
      if (entries.length === 0) await sleep(5);
    }
  })();
}, 60_000);
afterAll(async () => {
  isOver = true;
  await relaying;
  await shards?.close();
}, 60_000);

/** By whoever may tell the caller to come back: under the same client id, as clients do. */
async function insist<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof GbError) || !error.retryable) throw error;
      await sleep(20);
    }
  }
}

test('parts and their home are moved like any bucket, while changes over all of them go on', async () => {
  const w = await world(opened.store);
  const parts = await makeTestParts(shards, opened, w.customerId, 2);
  const channels: ChannelId[] = [];
  for (let n = 0; n < 12; n++) channels.push(await w.channel(`channel ${n}`));
  // One of each part: what writes to both and home.
  const pair = parts.map((part) => channels.find((channelId) => partOf(parts, channelId) === part)!);
  const said = new Map<string, { channelId: ChannelId; seq: Seq }>();
  let [isWritten, changes] = [false, 0];
  const post = async (by: ShardedStore) => {
    for (let n = 0; !isWritten; n++) {
      const channelId = channels[n % channels.length]!;
      const message = w.message(channelId, { text: `number ${n}` });
      const { seq } = await insist(() => by.appendMessage(w.customerId, message));
      said.set(message.clientId, { channelId, seq });
    }
  };
  const change = async () => {
    for (; !isWritten; changes++) {
      const name = `change ${changes}`;
      await insist(() =>
        other.store.transaction(w.customerId, async (tx) => {
          await tx.users.update(w.owner, { name });
          const messages = pair.map((channelId) => w.message(channelId, { text: name }));
          await tx.log.append([], messages);
        }),
      );
    }
  };
  const writers = [post(opened.store), post(other.store), change()];
  const databases = new Map([...shards.databases].map(([name, { postgres }]) => [name, postgres.owner]));
  const move = async (customerId: CustomerId) => {
    await opened.map.refresh();
    const to = opened.map.place(customerId).shard === 'one' ? 'two' : 'one';
    await moveBucket({ shards: databases, bucket: bucketOf(customerId), to });
    const before = [said.size, changes];
    await expect.poll(() => said.size > before[0]! && changes > before[1]!, { timeout: 60_000 }).toBe(true);
    await opened.map.refresh();
    expect(opened.map.place(customerId).shard).toBe(to);
  };
  try {
    await expect.poll(() => said.size > 100 && changes > 5, { timeout: 60_000 }).toBe(true);
    for (const one of [parts[0]!, w.customerId, parts[1]!, w.customerId]) await move(one);
  } finally {
    isWritten = true;
    await Promise.all(writers);
  }
  const logs = new Map<ChannelId, readonly LogEvent[]>();
  for (const channelId of channels) {
    const head = (await opened.store.read(w.customerId, (tx) => tx.log.position(channelId)))!.seq;
    const events = await opened.store.read(w.customerId, (tx) => tx.log.read(channelId, 0, head));
    expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: head }, (_, i) => i + 1));
    logs.set(channelId, events);
  }
  for (const [clientId, { channelId, seq }] of said)
    expect(logs.get(channelId)![seq - 1]).toMatchObject({ kind: 'message.posted', message: { clientId } });
  // All of a change or nothing: in both logs the same ones, as many as the last name says.
  const texts = pair.map((channelId) =>
    logs.get(channelId)!.flatMap((event) => (event.kind === 'message.posted' ? [event.message.text] : [])),
  );
  const [first, second] = texts.map((own) => own.filter((text) => text.startsWith('change')));
  expect(first).toEqual(second);
  const owner = await opened.store.read(w.customerId, (tx) => tx.users.get(w.owner));
  expect(owner?.name).toBe(first!.at(-1));
}, 240_000);
