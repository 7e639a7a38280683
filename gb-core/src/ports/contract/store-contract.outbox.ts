import { expect, test } from 'vitest';
import type { OutboxEntry, Store } from '../store.ts';
import { type World, world } from './world.ts';

export function storeOutboxContract(store: () => Store, openAnother: () => Promise<Store>): void {
  /** The outbox is everybody's: look at what is this test's own. */
  const own = async (w: World): Promise<OutboxEntry[]> =>
    (await store().outbox.take(100_000)).filter((entry) => entry.customerId === w.customerId);

  test('every committed entry is in the outbox, in the order of its log, until it is done', async () => {
    const w = await world(store());
    const general = await w.channel('general');
    await Promise.all(Array.from({ length: 50 }, (_, i) => w.say(general, `m${i}`)));
    await store().transaction(w.customerId, (tx) =>
      tx.log.append(
        [{ channelId: general, actorId: w.owner, body: { kind: 'message.deleted', target: 1 } }],
        [w.message(general)],
      ),
    );
    const entries = await own(w);
    expect(entries.map((entry) => entry.seq)).toEqual(Array.from({ length: 52 }, (_, i) => i + 1));
    expect(entries.map((entry) => entry.kind)).toEqual([
      ...Array.from({ length: 50 }, () => 'message.posted'),
      'message.deleted',
      'message.posted',
    ]);
    expect(new Set(entries.map((entry) => entry.id)).size).toBe(52);
    expect(entries[0]).toEqual({
      id: entries[0]!.id,
      customerId: w.customerId,
      channelId: general,
      seq: 1,
      kind: 'message.posted',
    });
    await store().outbox.done(entries.slice(0, 51).map((entry) => entry.id));
    expect((await own(w)).map((entry) => entry.seq)).toEqual([52]);
    await store().outbox.done([]);
    await store().outbox.done(entries.map((entry) => entry.id));
    expect(await own(w)).toEqual([]);
  });

  test('a limit takes the oldest', async () => {
    const w = await world(store());
    const general = await w.channel('general');
    await w.say(general, 'one');
    await w.say(general, 'two');
    const [first] = await store().outbox.take(1);
    const [same] = await store().outbox.take(1);
    expect(first).toEqual(same);
    const all = await store().outbox.take(100_000);
    expect(all[0]).toEqual(first);
    await store().outbox.done(all.map((entry) => entry.id));
    expect(await store().outbox.take(1)).toEqual([]);
  });

  test('what was rolled back, or was there already, is not in it', async () => {
    const w = await world(store());
    const general = await w.channel('general');
    const message = w.message(general);
    await store().appendMessage(w.customerId, message);
    await store().appendMessage(w.customerId, message);
    await store()
      .transaction(w.customerId, async (tx) => {
        await tx.log.append([], [w.message(general)]);
        throw new RangeError('on purpose');
      })
      .catch((error) => expect(error).toBeInstanceOf(RangeError));
    expect(await own(w)).toHaveLength(1);
  });

  test('listeners hear of commits, of both ways to write, and stop hearing', async () => {
    const w = await world(store());
    const general = await w.channel('general');
    let heard = 0;
    const stop = store().outbox.onCommitted(() => {
      heard += 1;
    });
    await w.say(general, 'one');
    expect(heard).toBe(1);
    await store().transaction(w.customerId, (tx) =>
      tx.log.append([{ channelId: general, actorId: w.owner, body: { kind: 'message.deleted', target: 1 } }]),
    );
    expect(heard).toBe(2);
    await store().transaction(w.customerId, (tx) => tx.users.update(w.owner, { name: 'Ana' }));
    expect(heard).toBe(2);
    stop();
    await w.say(general, 'two');
    expect(heard).toBe(2);
  });

  test('a parked entry is recorded, and leaves when it is done', async () => {
    const w = await world(store());
    await w.say(await w.channel('general'), 'poison');
    const [entry] = await own(w);
    await store().outbox.park(entry!, 'bots', 'Error: it\'s "broken" \0');
    await store().outbox.park(entry!, 'bots', 'again');
    await store().outbox.park(entry!, 'live', 'too');
    await store().outbox.done([entry!.id]);
    expect(await own(w)).toEqual([]);
  });

  test('one relay at a time: a second gets nothing while the first lives', async () => {
    const first = await openAnother();
    const second = await openAnother();
    // The store of the other tests may be the relay now: what matters is that there is never more than one.
    const w = await world(store());
    await w.say(await w.channel('general'), 'one');
    const holders = async () => {
      const taken = await Promise.all([store(), first, second].map(async (one) => (await one.outbox.take(10)).length > 0));
      return taken.filter(Boolean).length;
    };
    expect(await holders()).toBe(1);
    expect(await holders()).toBe(1);
    const relay = await openAnother();
    expect(await relay.outbox.take(10)).toEqual([]);
  });
}
