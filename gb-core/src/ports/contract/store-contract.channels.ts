import type { ChannelId, UserId } from 'gb-protocol';
import { expect, test } from 'vitest';
import type { Store } from '../store.ts';
import { newId, type World, world } from './world.ts';

export function storeChannelsContract(store: () => Store): void {
  test('a channel is inserted, found, changed', async () => {
    const w = await world(store());
    const id = newId<ChannelId>();
    await store().transaction(w.customerId, async (tx) => {
      const channel = await tx.channels.insert({
        id,
        kind: 'private',
        name: 'Design',
        topic: 'colours',
        directKey: null,
        createdBy: w.owner,
      });
      expect(channel).toEqual({
        id,
        kind: 'private',
        name: 'Design',
        topic: 'colours',
        isArchived: false,
        createdAt: expect.any(Number),
      });
      expect(await tx.channels.get(id)).toEqual(channel);
      expect(await tx.channels.byName('dESIGN')).toEqual(channel);
      expect(await tx.channels.byName('nothing')).toBeNull();
      expect(await tx.log.position(id)).toEqual({ channelId: id, epoch: 1, seq: 0 });
      expect(await tx.channels.update(id, { name: 'Desenho' })).toEqual({ ...channel, name: 'Desenho' });
      expect(await tx.channels.update(id, { topic: '', isArchived: true })).toEqual({
        ...channel,
        name: 'Desenho',
        topic: '',
        isArchived: true,
      });
      expect(await tx.channels.update(newId<ChannelId>(), { name: 'x' })).toBeNull();
      expect(await tx.channels.get(newId<ChannelId>())).toBeNull();
    });
  });

  test('names of public and private channels are taken once, case aside; direct channels have none', async () => {
    const w = await world(store());
    const [bea, cleo] = [(await w.person('Bea')).id, (await w.person('Cleo')).id];
    await w.channel('Ações');
    await expect(w.channel('aÇÕES', [w.owner], 'private')).rejects.toMatchObject({ code: 'name_taken' });
    const other = await w.channel('other');
    await expect(store().transaction(w.customerId, (tx) => tx.channels.update(other, { name: 'AÇÕES' }))).rejects.toMatchObject({
      code: 'name_taken',
    });
    await w.channel('', [w.owner, bea], 'direct');
    await w.channel('', [w.owner, cleo], 'direct');
    expect(await store().read(w.customerId, (tx) => tx.channels.byName(''))).toBeNull();
    const elsewhere = await world(store());
    await elsewhere.channel('Ações');
  });

  test('the same people have one direct channel, also when both open it at once', async () => {
    const w = await world(store());
    const bea = (await w.person('Bea')).id;
    const key = [w.owner, bea].sort().join(',');
    const open = () =>
      store().transaction(w.customerId, async (tx) => {
        const existing = await tx.channels.byDirectKey(key);
        if (existing) return existing;
        const { id } = await tx.channels.insert({
          id: newId<ChannelId>(),
          kind: 'direct',
          name: '',
          topic: '',
          directKey: key,
          createdBy: w.owner,
        });
        return id;
      });
    const ids = await Promise.all(Array.from({ length: 6 }, open));
    expect(new Set(ids).size).toBe(1);
    expect(await store().read(w.customerId, (tx) => tx.channels.byDirectKey('nobody'))).toBeNull();
  });

  test('members come and go once, and are counted', async () => {
    const w = await world(store());
    const bea = (await w.person('Bea')).id;
    const id = await w.channel('general');
    await store().transaction(w.customerId, async (tx) => {
      expect(await tx.channels.addMember(id, bea)).toBe(true);
      expect(await tx.channels.addMember(id, bea)).toBe(false);
      expect(await tx.channels.memberIds(id)).toEqual([w.owner, bea].sort());
      expect(await tx.channels.memberCount(id)).toBe(2);
      expect(await tx.channels.access(id, bea)).toMatchObject({ isMember: true });
      const many = await tx.channels.accessMany([id, newId<ChannelId>()], bea);
      expect([...many.keys()]).toEqual([id]);
      expect(many.get(id)).toMatchObject({ channel: { id }, isMember: true });
      expect(await tx.channels.removeMember(id, bea)).toBe(true);
      expect(await tx.channels.removeMember(id, bea)).toBe(false);
      expect(await tx.channels.memberCount(id)).toBe(1);
      expect(await tx.channels.access(id, bea)).toMatchObject({ channel: { id }, isMember: false });
      expect(await tx.channels.stateOf(id, bea)).toBeNull();
    });
    await expect(store().transaction(w.customerId, (tx) => tx.channels.addMember(id, newId<UserId>()))).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(store().transaction(w.customerId, (tx) => tx.channels.addMember(newId<ChannelId>(), bea))).rejects.toMatchObject(
      { code: 'not_found' },
    );
  });

  test('ten who join at once are ten', async () => {
    const w = await world(store());
    const id = await w.channel('general', []);
    const people = await Promise.all(Array.from({ length: 10 }, (_, i) => w.person(`p${i}`)));
    await Promise.all(people.map((person) => store().transaction(w.customerId, (tx) => tx.channels.addMember(id, person.id))));
    expect(await store().read(w.customerId, (tx) => tx.channels.memberCount(id))).toBe(10);
  });

  test('every active person reads the log of the instance; a self log is one person’s', async () => {
    const w = await world(store());
    const bea = (await w.person('Bea')).id;
    const gone = (await w.person('Gone')).id;
    const bot = (await w.person('Robo', { role: 'bot' })).id;
    await store().transaction(w.customerId, async (tx) => {
      await tx.users.update(gone, { isActive: false });
      const { logChannelId } = await tx.instance.get();
      expect(await tx.channels.access(logChannelId, bea)).toMatchObject({ isMember: true });
      expect(await tx.channels.access(logChannelId, gone)).toMatchObject({ isMember: false });
      expect(await tx.channels.access(logChannelId, bot)).toMatchObject({ isMember: false });
      expect(await tx.channels.access(logChannelId, newId<UserId>())).toMatchObject({ isMember: false });
      const own = await tx.users.selfChannel(bea);
      expect(await tx.channels.access(own!, bea)).toMatchObject({ isMember: true });
      expect(await tx.channels.access(own!, w.owner)).toMatchObject({ isMember: false });
    });
  });

  test('the side bar: counts, members, drafts, and no hidden logs', async () => {
    const w = await world(store());
    const bea = (await w.person('Bea')).id;
    const general = await w.channel('general', [w.owner, bea]);
    const direct = await w.channel('', [w.owner, bea], 'direct');
    await w.channel('not mine', [bea]);
    await w.say(general, 'one', { authorId: bea });
    const parent = await w.say(general, 'two', { authorId: bea });
    await w.say(general, 'in a thread', { authorId: bea, threadSeq: parent });
    await store().transaction(w.customerId, (tx) => tx.channels.saveDraft(general, w.owner, null, 'unsent'));
    const states = await store().read(w.customerId, (tx) => tx.channels.statesOf(w.owner));
    expect(states.map((state) => state.channel.id).sort()).toEqual([general, direct].sort());
    const state = states.find((one) => one.channel.id === general)!;
    expect(state).toEqual({
      channel: expect.objectContaining({ id: general, name: 'general' }),
      epoch: 1,
      head: 3,
      count: 2,
      lastMessageAt: expect.any(Number),
      membership: { channelId: general, readSeq: 0, readCount: 0, notifications: 'mentions' },
      mentions: 0,
      memberCount: 2,
      draft: 'unsent',
    });
    expect(states.find((one) => one.channel.id === direct)).toMatchObject({
      memberIds: [w.owner, bea].sort(),
      head: 0,
      lastMessageAt: null,
    });
    expect(await store().read(w.customerId, (tx) => tx.channels.stateOf(general, w.owner))).toEqual(state);
    expect(await store().read(w.customerId, (tx) => tx.channels.stateOf(general, bea))).not.toHaveProperty('draft');
  });

  test('browsing shows public channels, and private ones to their members', async () => {
    const w = await world(store());
    const bea = (await w.person('Bea')).id;
    const open = await w.channel('open', [w.owner]);
    const closed = await w.channel('closed', [w.owner], 'private');
    await w.channel('', [w.owner, bea], 'direct');
    const seen = (userId: UserId) =>
      store().read(w.customerId, async (tx) =>
        (await tx.channels.browse(userId)).map((one) => [one.channel.id, one.memberCount, one.isMember]),
      );
    expect(await seen(w.owner)).toEqual([
      [closed, 1, true],
      [open, 1, true],
    ]);
    expect(await seen(bea)).toEqual([[open, 1, false]]);
  });

  test('a new member starts with everything read', async () => {
    const w = await world(store());
    const general = await w.channel('general');
    await w.say(general, 'one');
    await w.say(general, 'two');
    const bea = (await w.person('Bea')).id;
    await store().transaction(w.customerId, (tx) => tx.channels.addMember(general, bea));
    expect((await stateOf(w, general, bea)).membership).toMatchObject({ readSeq: 2, readCount: 2 });
  });

  test('the read mark moves forward only, stops at the head, and carries the count at its place', async () => {
    const w = await world(store());
    const bea = (await w.person('Bea')).id;
    const general = await w.channel('general', [w.owner, bea]);
    await w.say(general, 'one');
    const parent = await w.say(general, 'two');
    await w.say(general, 'reply', { threadSeq: parent });
    await store().transaction(w.customerId, (tx) =>
      tx.log.append([{ channelId: general, actorId: w.owner, body: { kind: 'reaction.added', target: 1, emoji: '👍' } }]),
    );
    await w.say(general, 'three');
    const mark = (seq: number) => store().transaction(w.customerId, (tx) => tx.channels.markRead(general, bea, seq));
    expect(await mark(3)).toEqual({
      membership: { channelId: general, readSeq: 3, readCount: 2, notifications: 'mentions' },
      mentions: 0,
    });
    expect(await mark(3)).toBeNull();
    expect(await mark(1)).toBeNull();
    expect(await mark(4)).toMatchObject({ membership: { readSeq: 4, readCount: 2 } });
    expect(await mark(1_000_000)).toMatchObject({ membership: { readSeq: 5, readCount: 3 } });
    const state = await stateOf(w, general, bea);
    expect(state.count - state.membership.readCount).toBe(0);
    expect(await store().transaction(w.customerId, (tx) => tx.channels.markRead(general, newId<UserId>(), 1))).toBeNull();
  });

  test('marking unread moves back', async () => {
    const w = await world(store());
    const general = await w.channel('general');
    for (const text of ['one', 'two', 'three']) await w.say(general, text);
    const unread = (seq: number) => store().transaction(w.customerId, (tx) => tx.channels.markUnread(general, w.owner, seq));
    await store().transaction(w.customerId, (tx) => tx.channels.markRead(general, w.owner, 3));
    expect(await unread(2)).toMatchObject({ membership: { readSeq: 1, readCount: 1 } });
    expect(await unread(1)).toMatchObject({ membership: { readSeq: 0, readCount: 0 } });
  });

  test('appending does not move one’s own read mark', async () => {
    const w = await world(store());
    const general = await w.channel('general');
    await w.say(general, 'mine');
    expect(await stateOf(w, general, w.owner)).toMatchObject({ count: 1, membership: { readSeq: 0, readCount: 0 } });
  });

  test('mentions after the read mark are counted: by name, by @channel of others, each message once', async () => {
    const w = await world(store());
    const bea = (await w.person('Bea')).id;
    const general = await w.channel('general', [w.owner, bea]);
    await w.say(general, '@bea', { mentions: [bea] });
    await w.say(general, '@channel', { mentionsChannel: true });
    await w.say(general, '@bea @channel', { mentions: [bea], mentionsChannel: true });
    await w.say(general, '@channel from bea', { authorId: bea, mentionsChannel: true });
    await w.say(general, '@bea from bea', { authorId: bea, mentions: [bea] });
    await w.say(general, '@ana', { mentions: [w.owner] });
    const parent = await w.say(general, 'parent');
    await w.say(general, '@bea in a thread', { mentions: [bea], threadSeq: parent });
    expect((await stateOf(w, general, bea)).mentions).toBe(4);
    expect((await stateOf(w, general, w.owner)).mentions).toBe(1);
    const read = await store().transaction(w.customerId, (tx) => tx.channels.markRead(general, bea, 2));
    expect(read?.mentions).toBe(2);
    const back = await store().transaction(w.customerId, (tx) => tx.channels.markUnread(general, bea, 2));
    expect(back?.mentions).toBe(3);
  });

  test('notification levels and drafts are kept per person', async () => {
    const w = await world(store());
    const bea = (await w.person('Bea')).id;
    const general = await w.channel('general', [w.owner, bea]);
    await store().transaction(w.customerId, async (tx) => {
      expect(await tx.channels.setNotifications(general, bea, 'all')).toBe(true);
      expect(await tx.channels.setNotifications(general, newId<UserId>(), 'none')).toBe(false);
      await tx.channels.saveDraft(general, bea, null, 'first');
      await tx.channels.saveDraft(general, bea, null, 'second');
      await tx.channels.saveDraft(general, bea, 7, 'in a thread');
    });
    expect(await stateOf(w, general, bea)).toMatchObject({ draft: 'second', membership: { notifications: 'all' } });
    await store().transaction(w.customerId, (tx) => tx.channels.saveDraft(general, bea, null, ''));
    expect(await stateOf(w, general, bea)).not.toHaveProperty('draft');
  });

  async function stateOf(w: World, channelId: ChannelId, userId: UserId) {
    const state = await store().read(w.customerId, (tx) => tx.channels.stateOf(channelId, userId));
    expect(state).not.toBeNull();
    return state!;
  }
}
