import type { UserId } from 'gb-protocol';
import { expect, test } from 'vitest';
import type { PageQuery, Store } from '../store.ts';
import { newId, world } from './world.ts';

export function storeMessagesContract(store: () => Store): void {
  test('a message comes back as it was sent', async () => {
    const w = await world(store());
    const bea = (await w.person('Bea')).id;
    const general = await w.channel('general');
    const sent = w.message(general, {
      text: 'hi @bea',
      mentions: [bea],
      mentionsChannel: true,
      suggestions: ['Yes', 'No "way"'],
    });
    const { seq, at } = await store().appendMessage(w.customerId, sent);
    expect(await store().read(w.customerId, (tx) => tx.messages.get(general, seq))).toEqual({
      channelId: general,
      seq,
      clientId: sent.clientId,
      authorId: w.owner,
      text: 'hi @bea',
      at,
      editedAt: null,
      deletedAt: null,
      threadSeq: null,
      mentions: [bea],
      mentionsChannel: true,
      reactions: [],
      thread: null,
      suggestions: ['Yes', 'No "way"'],
    });
    expect(await store().read(w.customerId, (tx) => tx.messages.get(general, 99))).toBeNull();
  });

  test('pages go back, forward and around, with the truth about what is beyond', async () => {
    const w = await world(store());
    const general = await w.channel('general');
    for (let i = 1; i <= 10; i++) await w.say(general, `m${i}`);
    const page = async (query: PageQuery) => {
      const { messages, hasOlder, hasNewer } = await store().read(w.customerId, (tx) => tx.messages.page(general, query));
      return [messages.map((message) => message.seq), hasOlder, hasNewer];
    };
    expect(await page({ limit: 3 })).toEqual([[8, 9, 10], true, false]);
    expect(await page({ limit: 10 })).toEqual([[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], false, false]);
    expect(await page({ before: 8, limit: 3 })).toEqual([[5, 6, 7], true, true]);
    expect(await page({ before: 3, limit: 3 })).toEqual([[1, 2], false, true]);
    expect(await page({ before: 1, limit: 3 })).toEqual([[], false, true]);
    expect(await page({ after: 0, limit: 3 })).toEqual([[1, 2, 3], false, true]);
    expect(await page({ after: 7, limit: 3 })).toEqual([[8, 9, 10], true, false]);
    expect(await page({ after: 10, limit: 3 })).toEqual([[], true, false]);
    expect(await page({ around: 5, limit: 4 })).toEqual([[4, 5, 6, 7], true, true]);
    expect(await page({ around: 1, limit: 4 })).toEqual([[1, 2, 3, 4], false, true]);
    expect(await page({ around: 99, limit: 4 })).toEqual([[9, 10], true, false]);
  });

  test('replies stay out of the channel’s page and make their thread’s', async () => {
    const w = await world(store());
    const [bea, cleo] = [(await w.person('Bea')).id, (await w.person('Cleo')).id];
    const general = await w.channel('general');
    const parent = await w.say(general, 'parent');
    await w.say(general, 'other');
    const replies = [
      await w.say(general, 'r1', { authorId: bea, threadSeq: parent }),
      await w.say(general, 'r2', { authorId: cleo, threadSeq: parent }),
      await w.say(general, 'r3', { authorId: bea, threadSeq: parent }),
    ];
    await store().read(w.customerId, async (tx) => {
      const { messages } = await tx.messages.page(general, { limit: 10 });
      expect(messages.map((message) => message.text)).toEqual(['parent', 'other']);
      expect(messages[0]!.thread).toEqual({
        replyCount: 3,
        lastReplyAt: (await tx.messages.get(general, replies[2]!))!.at,
        userIds: [bea, cleo],
      });
      expect(messages[1]!.thread).toBeNull();
      const thread = await tx.messages.page(general, { threadSeq: parent, limit: 2 });
      expect(thread.messages.map((message) => message.text)).toEqual(['r2', 'r3']);
      expect(thread).toMatchObject({ hasOlder: true, hasNewer: false });
      expect((await tx.messages.page(general, { threadSeq: parent, limit: 10 })).messages.map((message) => message.seq)).toEqual([
        parent,
        ...replies,
      ]);
    });
    await store().transaction(w.customerId, async (tx) => {
      for (const seq of replies) await tx.messages.delete(general, seq);
      expect((await tx.messages.get(general, parent))?.thread).toBeNull();
    });
  });

  test('an edit keeps the earlier texts and moves the mentions', async () => {
    const w = await world(store());
    const [bea, cleo] = [(await w.person('Bea')).id, (await w.person('Cleo')).id];
    const general = await w.channel('general', [w.owner, bea, cleo]);
    const seq = await w.say(general, '@bea', { mentions: [bea] });
    const edit = (text: string, mentions: readonly UserId[], mentionsChannel = false) =>
      store().transaction(w.customerId, (tx) => tx.messages.edit(general, seq, { text, mentions, mentionsChannel }));
    await edit('@cleo', [cleo]);
    const mentionsOf = (userId: UserId) =>
      store().read(w.customerId, async (tx) => (await tx.channels.stateOf(general, userId))?.mentions);
    expect(await mentionsOf(bea)).toBe(0);
    expect(await mentionsOf(cleo)).toBe(1);
    await edit('@channel', [], true);
    expect(await mentionsOf(bea)).toBe(1);
    await edit('nobody', []);
    expect(await mentionsOf(cleo)).toBe(0);
    await store().read(w.customerId, async (tx) => {
      const message = await tx.messages.get(general, seq);
      expect(message).toMatchObject({ text: 'nobody', mentions: [], mentionsChannel: false, editedAt: expect.any(Number) });
      const versions = await tx.messages.versions(general, seq);
      expect(versions.map((version) => version.text)).toEqual(['@bea', '@cleo', '@channel', 'nobody']);
      expect(versions[0]!.at).toBe(message!.at);
      expect(versions[3]!.at).toBe(message!.editedAt);
    });
    await expect(
      store().transaction(w.customerId, (tx) =>
        tx.messages.edit(general, 99, { text: 'x', mentions: [], mentionsChannel: false }),
      ),
    ).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test('a deletion leaves a stub and nothing of what was said', async () => {
    const w = await world(store());
    const bea = (await w.person('Bea')).id;
    const general = await w.channel('general', [w.owner, bea]);
    const seq = await w.say(general, '@bea secret', { mentions: [bea], mentionsChannel: true, suggestions: ['secret'] });
    await store().transaction(w.customerId, async (tx) => {
      await tx.messages.edit(general, seq, { text: '@bea other secret', mentions: [bea], mentionsChannel: true });
      await tx.messages.addReaction(general, seq, bea, '👍');
      await tx.messages.delete(general, seq);
      await tx.messages.delete(general, seq);
    });
    await store().read(w.customerId, async (tx) => {
      expect(await tx.messages.get(general, seq)).toMatchObject({
        seq,
        authorId: w.owner,
        text: '',
        mentions: [],
        mentionsChannel: false,
        reactions: [],
        suggestions: [],
        deletedAt: expect.any(Number),
      });
      expect(await tx.messages.versions(general, seq)).toEqual([]);
      expect(await tx.channels.stateOf(general, bea)).toMatchObject({ mentions: 0, count: 1 });
    });
    await expect(
      store().transaction(w.customerId, (tx) =>
        tx.messages.edit(general, seq, { text: 'x', mentions: [], mentionsChannel: false }),
      ),
    ).rejects.toMatchObject({
      code: 'message_deleted',
    });
    await expect(store().transaction(w.customerId, (tx) => tx.messages.delete(general, 99))).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test('reactions are one per person and emoji, in the order they came', async () => {
    const w = await world(store());
    const bea = (await w.person('Bea')).id;
    const general = await w.channel('general');
    const seq = await w.say(general, 'hi');
    const react = (userId: UserId, emoji: string) =>
      store().transaction(w.customerId, (tx) => tx.messages.addReaction(general, seq, userId, emoji));
    const pause = () => new Promise((resolve) => setTimeout(resolve, 3));
    expect(await react(w.owner, '👍🏽')).toBe(true);
    await pause();
    expect(await react(bea, '🎉')).toBe(true);
    await pause();
    expect(await react(bea, '👍🏽')).toBe(true);
    expect(await react(bea, '👍🏽')).toBe(false);
    await store().transaction(w.customerId, async (tx) => {
      expect((await tx.messages.get(general, seq))?.reactions).toEqual([
        { emoji: '👍🏽', userIds: [w.owner, bea] },
        { emoji: '🎉', userIds: [bea] },
      ]);
      expect(await tx.messages.reactionKinds(general, seq)).toBe(2);
      expect(await tx.messages.removeReaction(general, seq, bea, '👍🏽')).toBe(true);
      expect(await tx.messages.removeReaction(general, seq, bea, '👍🏽')).toBe(false);
      expect((await tx.messages.page(general, { limit: 1 })).messages[0]?.reactions).toEqual([
        { emoji: '👍🏽', userIds: [w.owner] },
        { emoji: '🎉', userIds: [bea] },
      ]);
    });
    await expect(react(newId<UserId>(), '👍')).rejects.toMatchObject({ code: 'not_found' });
    await expect(
      store().transaction(w.customerId, (tx) => tx.messages.addReaction(general, 99, bea, '👍')),
    ).rejects.toMatchObject({ code: 'not_found' });
  });
}
