import type { ChannelId } from 'gb-protocol';
import { expect, test } from 'vitest';
import type { NewEntry, Store } from '../store.ts';
import { newId, world } from './world.ts';

export function storeLogContract(store: () => Store): void {
  test('messages and events share one numbering, and are read back in it', async () => {
    const w = await world(store());
    const general = await w.channel('general');
    const joined: NewEntry = { channelId: general, actorId: w.owner, body: { kind: 'member.joined', userId: w.owner } };
    const { events } = await store().transaction(w.customerId, (tx) => tx.log.append([joined]));
    expect(events).toEqual([
      { kind: 'member.joined', userId: w.owner, channelId: general, epoch: 1, seq: 1, actorId: w.owner, at: expect.any(Number) },
    ]);
    await w.say(general, 'hi');
    await store().transaction(w.customerId, (tx) =>
      tx.log.append([
        {
          channelId: general,
          actorId: w.owner,
          body: { kind: 'message.edited', target: 2, text: 'ho', mentions: [], mentionsChannel: false },
        },
        { channelId: general, actorId: w.owner, body: { kind: 'reaction.added', target: 2, emoji: '👍' } },
      ]),
    );
    await store().read(w.customerId, async (tx) => {
      const read = await tx.log.read(general, 0, 10);
      expect(read.map((event) => [event.seq, event.kind])).toEqual([
        [1, 'member.joined'],
        [2, 'message.posted'],
        [3, 'message.edited'],
        [4, 'reaction.added'],
      ]);
      expect(read[0]).toEqual(events[0]);
      expect(read[1]).toMatchObject({
        kind: 'message.posted',
        count: 1,
        epoch: 1,
        actorId: w.owner,
        message: { text: 'hi', seq: 2 },
      });
      expect((await tx.log.read(general, 1, 2)).map((event) => event.seq)).toEqual([2, 3]);
      expect(await tx.log.read(general, 4, 10)).toEqual([]);
      expect(await tx.log.get(general, 3)).toEqual(read[2]);
      expect(await tx.log.get(general, 2)).toEqual(read[1]);
      expect(await tx.log.get(general, 5)).toBeNull();
      expect(await tx.log.position(general)).toEqual({ channelId: general, epoch: 1, seq: 4 });
      expect(await tx.log.position(newId<ChannelId>())).toBeNull();
    });
  });

  test('a message is read in its present state', async () => {
    const w = await world(store());
    const general = await w.channel('general');
    const seq = await w.say(general, 'before');
    await store().transaction(w.customerId, (tx) =>
      tx.messages.edit(general, seq, { text: 'after', mentions: [], mentionsChannel: false }),
    );
    expect(await store().read(w.customerId, (tx) => tx.log.get(general, seq))).toMatchObject({ message: { text: 'after' } });
  });

  test('entries and messages of several logs are appended together, or not at all', async () => {
    const w = await world(store());
    const [one, two] = [await w.channel('one'), await w.channel('two')];
    const entry = (channelId: ChannelId, emoji: string): NewEntry => ({
      channelId,
      actorId: w.owner,
      body: { kind: 'reaction.added', target: 1, emoji },
    });
    const first = w.message(two, { text: 'first' });
    await store().transaction(w.customerId, async (tx) => {
      const appended = await tx.log.append(
        [entry(two, 'a'), entry(one, 'b'), entry(two, 'c')],
        [first, w.message(one, { text: 'second', threadSeq: 1 })],
      );
      expect(appended.events.map((event) => [event.channelId, event.seq, 'emoji' in event && event.emoji])).toEqual([
        [two, 1, 'a'],
        [one, 1, 'b'],
        [two, 2, 'c'],
      ]);
      expect(appended.messages).toEqual([
        { epoch: 1, seq: 3, count: 1, at: expect.any(Number), isDuplicate: false },
        { epoch: 1, seq: 2, count: 0, at: expect.any(Number), isDuplicate: false },
      ]);
    });
    await expect(
      store().transaction(w.customerId, (tx) => tx.log.append([entry(one, 'd')], [w.message(newId<ChannelId>())])),
    ).rejects.toMatchObject({ code: 'not_found' });
    await expect(
      store().transaction(w.customerId, (tx) => tx.log.append([entry(one, 'd')], [{ ...first, text: 'other' }])),
    ).rejects.toMatchObject({
      code: 'duplicate_client_id',
    });
    const again = await store().transaction(w.customerId, (tx) => tx.log.append([], [first, w.message(two, { text: 'new' })]));
    expect(again.messages.map((message) => [message.seq, message.isDuplicate])).toEqual([
      [3, true],
      [4, false],
    ]);
    await store().read(w.customerId, async (tx) => {
      const positions = await tx.log.positions([two, newId<ChannelId>(), one]);
      expect(positions.map((position) => [position.channelId, position.seq])).toEqual([
        [two, 4],
        [one, 2],
      ]);
      expect((await tx.log.read(two, 0, 10)).map((event) => event.kind)).toEqual([
        'reaction.added',
        'reaction.added',
        'message.posted',
        'message.posted',
      ]);
    });
  });

  test('transactions and messages that append to the same logs at once leave no holes and no locks', async () => {
    const w = await world(store());
    const channels = [await w.channel('one'), await w.channel('two'), await w.channel('three')];
    const jobs = Array.from({ length: 120 }, (_, i) => {
      const [a, b] = [channels[i % 3]!, channels[(i + 1) % 3]!];
      if (i % 2 === 0) return w.say(a, `m${i}`);
      return store().transaction(w.customerId, (tx) =>
        tx.log.append(
          [{ channelId: b, actorId: w.owner, body: { kind: 'message.deleted', target: i } }],
          [w.message(a, { text: `t${i}` })],
        ),
      );
    });
    await Promise.all(jobs);
    let total = 0;
    for (const id of channels) {
      const events = await store().read(w.customerId, (tx) => tx.log.read(id, 0, 1_000));
      expect(events.map((event) => event.seq)).toEqual(events.map((_, i) => i + 1));
      total += events.length;
    }
    expect(total).toBe(60 + 60 * 2);
  });

  test('a transaction and other writers that offer the same message at once agree on its number', async () => {
    const w = await world(store());
    const general = await w.channel('general');
    for (let round = 1; round <= 20; round++) {
      const message = w.message(general, { text: `round ${round}` });
      const answers = await Promise.all([
        ...Array.from({ length: 3 }, () =>
          store().transaction(w.customerId, async (tx) => (await tx.log.append([], [message])).messages[0]!),
        ),
        store().appendMessage(w.customerId, message),
      ]);
      for (const answer of answers) expect(answer.seq).toBe(round);
      expect(answers.filter((answer) => !answer.isDuplicate)).toHaveLength(1);
    }
  });

  test('an entry that cannot be stored as it is, is refused', async () => {
    const w = await world(store());
    const general = await w.channel('general');
    const append = (emoji: string) =>
      store().transaction(w.customerId, (tx) =>
        tx.log.append([{ channelId: general, actorId: w.owner, body: { kind: 'reaction.added', target: 1, emoji } }]),
      );
    await expect(append('\0')).rejects.toMatchObject({ code: 'malformed' });
    await expect(append('half \ud83d')).rejects.toMatchObject({ code: 'malformed' });
    await append(`it's "quoted" \\u0000 {,}`);
    expect(await store().read(w.customerId, (tx) => tx.log.get(general, 1))).toMatchObject({
      emoji: `it's "quoted" \\u0000 {,}`,
    });
  });
}
