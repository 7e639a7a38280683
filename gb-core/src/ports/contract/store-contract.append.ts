import type { ChannelId, ClientId, CustomerId, UserId } from 'gb-protocol';
import { expect, test } from 'vitest';
import type { AppendedMessage, NewMessage, Store } from '../store.ts';
import { newId, type World, world } from './world.ts';

export function storeAppendContract(store: () => Store, openAnother: () => Promise<Store>): void {
  const stored = (w: World, channelId: ChannelId) =>
    store().read(w.customerId, async (tx) =>
      (await tx.log.read(channelId, 0, 100_000)).filter((event) => event.kind === 'message.posted'),
    );

  test('many at once are numbered without holes, and what is acknowledged is what is stored', async () => {
    const [a, b] = [await world(store()), await world(store())];
    const channels = [
      { w: a, id: await a.channel('one') },
      { w: a, id: await a.channel('two') },
      { w: b, id: await b.channel('one') },
    ];
    const sent: { w: World; message: NewMessage; answer: AppendedMessage }[] = [];
    await Promise.all(
      Array.from({ length: 900 }, async (_, i) => {
        const { w, id } = channels[i % 3]!;
        const message = w.message(id, { text: `m${i}`, threadSeq: i % 7 === 0 ? 1 : null });
        sent.push({ w, message, answer: await store().appendMessage(w.customerId, message) });
      }),
    );
    for (const { w, id } of channels) {
      const events = await stored(w, id);
      const acks = sent.filter((one) => one.message.channelId === id).sort((x, y) => x.answer.seq - y.answer.seq);
      expect(events.map((event) => event.seq)).toEqual(Array.from({ length: 300 }, (_, i) => i + 1));
      expect(events.map((event) => [event.seq, event.message.clientId, event.message.text, event.at, event.count])).toEqual(
        acks.map(({ message, answer }) => [answer.seq, message.clientId, message.text, answer.at, answer.count]),
      );
      let count = 0;
      for (const event of events) expect(event.count).toBe(event.message.threadSeq === null ? ++count : count);
    }
  });

  test('messages of one sender to one channel keep their order', async () => {
    const w = await world(store());
    const general = await w.channel('general');
    await Promise.all(Array.from({ length: 200 }, (_, i) => w.say(general, String(i))));
    expect((await stored(w, general)).map((event) => event.message.text)).toEqual(
      Array.from({ length: 200 }, (_, i) => String(i)),
    );
  });

  test('the same message again is the first result, in one batch and later', async () => {
    const w = await world(store());
    const general = await w.channel('general');
    const message = w.message(general, { mentions: [(await w.person('Bea')).id] });
    const answers = await Promise.all(Array.from({ length: 5 }, () => store().appendMessage(w.customerId, message)));
    const later = await store().appendMessage(w.customerId, message);
    const [first] = answers.filter((answer) => !answer.isDuplicate);
    expect(answers.filter((answer) => answer.isDuplicate)).toHaveLength(4);
    for (const answer of [...answers, later]) expect(answer).toEqual({ ...first, isDuplicate: answer.isDuplicate });
    expect(later.isDuplicate).toBe(true);
    expect(await stored(w, general)).toHaveLength(1);
  });

  test('a duplicate does not hinder the others of its batch', async () => {
    const w = await world(store());
    const general = await w.channel('general');
    const old = w.message(general, { text: 'old' });
    const first = await store().appendMessage(w.customerId, old);
    const answers = await Promise.all(
      [w.message(general), old, w.message(general)].map((message) => store().appendMessage(w.customerId, message)),
    );
    expect(answers.map((answer) => answer.seq)).toEqual([2, first.seq, 3]);
    expect(answers.map((answer) => answer.isDuplicate)).toEqual([false, true, false]);
  });

  test('a client id that was used with other text is refused, and the first text stands', async () => {
    const w = await world(store());
    const general = await w.channel('general');
    const message = w.message(general, { text: 'first' });
    const [one, two] = await Promise.allSettled(
      [message, { ...message, text: 'second' }].map((each) => store().appendMessage(w.customerId, each)),
    );
    expect(one?.status).toBe('fulfilled');
    expect(two).toMatchObject({ status: 'rejected', reason: { code: 'duplicate_client_id' } });
    await expect(store().appendMessage(w.customerId, { ...message, text: 'third' })).rejects.toMatchObject({
      code: 'duplicate_client_id',
    });
    expect((await stored(w, general)).map((event) => event.message.text)).toEqual(['first']);
  });

  test('a retry that comes after an edit or a deletion is still the same message', async () => {
    const w = await world(store());
    const general = await w.channel('general');
    const message = w.message(general, { text: 'first' });
    const { seq } = await store().appendMessage(w.customerId, message);
    for (const text of ['once', 'edited']) {
      await store().transaction(w.customerId, (tx) =>
        tx.messages.edit(general, seq, { text, mentions: [], mentionsChannel: false }),
      );
    }
    expect(await store().appendMessage(w.customerId, message)).toMatchObject({ seq, isDuplicate: true });
    await expect(store().appendMessage(w.customerId, { ...message, text: 'edited' })).rejects.toMatchObject({
      code: 'duplicate_client_id',
    });
    await store().transaction(w.customerId, (tx) => tx.messages.delete(general, seq));
    expect(await store().appendMessage(w.customerId, message)).toMatchObject({ seq, isDuplicate: true });
  });

  test('a client id is one author’s in one channel of one customer', async () => {
    const [a, b] = [await world(store()), await world(store())];
    const clientId = newId<ClientId>();
    const [one, two] = [await a.channel('one'), await a.channel('two')];
    const bea = (await a.person('Bea')).id;
    const other = await b.channel('one');
    const answers = [
      await store().appendMessage(a.customerId, a.message(one, { clientId })),
      await store().appendMessage(a.customerId, a.message(two, { clientId })),
      await store().appendMessage(a.customerId, a.message(one, { clientId, authorId: bea })),
      await store().appendMessage(b.customerId, b.message(other, { clientId })),
    ];
    expect(answers.map((answer) => [answer.seq, answer.isDuplicate])).toEqual([
      [1, false],
      [1, false],
      [2, false],
      [1, false],
    ]);
  });

  test('two stores that offer the same ids at once agree on every number', async () => {
    const w = await world(store());
    const another = await openAnother();
    const channels = [await w.channel('one'), await w.channel('two')];
    for (let round = 0; round < 20; round++) {
      const messages = Array.from({ length: 40 }, (_, i) => w.message(channels[i % 2]!, { text: `${round} ${i}` }));
      const shuffled = [...messages].reverse();
      const [here, there] = await Promise.all([
        Promise.all(messages.map((message) => store().appendMessage(w.customerId, message))),
        Promise.all(shuffled.map((message) => another.appendMessage(w.customerId, message))),
      ]);
      there.reverse();
      for (const [i, answer] of here.entries()) {
        expect(there[i]!.seq).toBe(answer.seq);
        expect([answer.isDuplicate, there[i]!.isDuplicate].filter(Boolean)).toHaveLength(1);
      }
    }
    for (const id of channels)
      expect((await stored(w, id)).map((event) => event.seq)).toEqual(Array.from({ length: 400 }, (_, i) => i + 1));
  });

  test('a bad message fails alone, whatever is wrong with it', async () => {
    const w = await world(store());
    const general = await w.channel('general');
    const bad: [NewMessage, string][] = [
      [w.message(newId<ChannelId>()), 'not_found'],
      [w.message('nonsense' as ChannelId), 'malformed'],
      [w.message(general, { text: 'x'.repeat(16_001) }), 'too_large'],
      [w.message(general, { text: 'zero \0 character' }), 'malformed'],
      [w.message(general, { clientId: '' as ClientId }), 'malformed'],
      [w.message(general, { mentions: [newId<UserId>()] }), 'not_found'],
      [w.message(general, { suggestions: ['\0'] }), 'malformed'],
    ];
    const mixed = bad.flatMap(([message]) => [w.message(general), message, w.message(general)]);
    const answers = await Promise.allSettled(mixed.map((message) => store().appendMessage(w.customerId, message)));
    const failures = answers.filter((_, i) => i % 3 === 1);
    expect(failures.map((answer) => answer.status === 'rejected' && (answer.reason as { code: string }).code)).toEqual(
      bad.map(([, code]) => code),
    );
    const good = answers.filter((_, i) => i % 3 !== 1).map((answer) => answer.status === 'fulfilled' && answer.value.seq);
    expect(good).toEqual(Array.from({ length: bad.length * 2 }, (_, i) => i + 1));
    expect(await stored(w, general)).toHaveLength(bad.length * 2);
  });

  test('any text that can be stored comes back unchanged', async () => {
    const w = await world(store());
    const general = await w.channel('general');
    const texts = [
      `quotes ' " \` $1 \\ {a,b} NULL ; drop table messages; --`,
      '',
      '{}',
      'NULL',
      '"',
      '\\',
      '{"a":[1,null]}',
      '👩‍👩‍👧‍👦 🏳️‍🌈 e\u0301 \u202Eright to left\u202C \uFEFF',
      'tab\tline\nreturn\r\nbell\u0007',
      '🙂'.repeat(8_000),
      'é'.repeat(16_000),
    ];
    const seqs = await Promise.all(texts.map((text) => w.say(general, text, { suggestions: [text.slice(0, 100)] })));
    for (const [i, seq] of seqs.entries()) {
      const message = await store().read(w.customerId, (tx) => tx.messages.get(general, seq));
      expect(message?.text).toBe(texts[i]);
      expect(message?.suggestions).toEqual([texts[i]!.slice(0, 100)]);
    }
  });

  test('an unknown customer has no channels', async () => {
    const w = await world(store());
    const general = await w.channel('general');
    await expect(store().appendMessage(newId<CustomerId>(), w.message(general))).rejects.toMatchObject({ code: 'not_found' });
    await expect(store().appendMessage('nonsense' as CustomerId, w.message(general))).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test('the queue is bounded: beyond it, appends are refused at once and may be tried again', async () => {
    const another = await openAnother();
    const w = await world(another);
    const general = await w.channel('general');
    const text = 'x'.repeat(16_000);
    const answers = await Promise.allSettled(
      Array.from({ length: 25_000 }, () => another.appendMessage(w.customerId, w.message(general, { text }))),
    );
    const refused = answers.filter((answer) => answer.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'overloaded', retryable: true });
    const head = await another.read(w.customerId, (tx) => tx.log.position(general));
    expect(head?.seq).toBe(answers.length - refused.length);
  }, 60_000);
}
