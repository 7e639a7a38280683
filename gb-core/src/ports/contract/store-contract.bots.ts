import type { BotId, ConversationId, UserId } from 'gb-protocol';
import type { Clock } from 'gb-utils';
import { expect, test } from 'vitest';
import type { BotManifest } from '../bot-manifest.ts';
import type { CompiledProgram } from '../bot-runtime.ts';
import type { ConversationRow, Store } from '../store.ts';
import { newId, type World, world } from './world.ts';

const program = (hash: string): CompiledProgram => ({
  hash,
  wasm: new Uint8Array([0, 97, 115, 109, 255]),
  debugMap: `{"of":"${hash}"}`,
});
const files = [{ name: 'start.bas', text: 'TALK "hi"\n\' ünï' }];

export function storeBotsContract(store: () => Store, openAnother: (options: { clock: Clock }) => Promise<Store>): void {
  async function robo(w: World): Promise<{ botId: BotId; userId: UserId }> {
    const userId = (await w.person('Robo', { role: 'bot' })).id;
    const botId = newId<BotId>();
    await store().transaction(w.customerId, (tx) =>
      tx.bots.insert({ id: botId, userId, description: 'greets', origin: 'editor', files }),
    );
    return { botId, userId };
  }

  test('a bot is inserted, listed, changed', async () => {
    const w = await world(store());
    const { botId, userId } = await robo(w);
    await store().transaction(w.customerId, async (tx) => {
      const bot = await tx.bots.get(botId);
      expect(bot).toEqual({
        id: botId,
        userId,
        name: 'Robo',
        handle: 'robo',
        description: 'greets',
        origin: 'editor',
        publishedVersion: null,
        updatedAt: expect.any(Number),
      });
      expect(await tx.bots.list()).toEqual([bot]);
      expect(await tx.bots.byUser(userId)).toEqual(bot);
      expect(await tx.bots.byUser(w.owner)).toBeNull();
      expect(await tx.bots.get(newId<BotId>())).toBeNull();
      expect(await tx.bots.files(botId)).toEqual(files);
      const changed = await tx.bots.update(botId, { description: 'waves', files: [{ name: 'a.bas', text: '' }] });
      expect(changed).toMatchObject({ description: 'waves', publishedVersion: null });
      expect(await tx.bots.files(botId)).toEqual([{ name: 'a.bas', text: '' }]);
      expect(await tx.bots.update(newId<BotId>(), { description: 'x' })).toBeNull();
      await tx.users.update(userId, { isActive: false });
      expect(await tx.bots.list()).toEqual([]);
    });
    await expect(
      store().transaction(w.customerId, (tx) =>
        tx.bots.insert({ id: newId<BotId>(), userId: newId<UserId>(), description: '', origin: 'editor', files }),
      ),
    ).rejects.toMatchObject({ code: 'not_found' });
  });

  test('versions are numbered, keep their files, and share programs by hash', async () => {
    const w = await world(store());
    const { botId } = await robo(w);
    const add = (hash: string) =>
      store().transaction(w.customerId, (tx) =>
        tx.bots.addVersion(botId, { program: program(hash), files, publishedBy: w.owner }),
      );
    expect([...(await Promise.all([add('h1'), add('h1'), add('h2')]))].sort()).toEqual([1, 2, 3]);
    await store().transaction(w.customerId, async (tx) => {
      expect(await tx.bots.publishedHash(botId)).toBeNull();
      const versions = await tx.bots.versions(botId);
      expect(versions.map((version) => [version.version, version.publishedBy])).toEqual([
        [3, w.owner],
        [2, w.owner],
        [1, w.owner],
      ]);
      expect(await tx.bots.versionFiles(botId, 2)).toEqual(files);
      expect(await tx.bots.versionFiles(botId, 9)).toBeNull();
      expect(await tx.bots.addVersion(botId, { program: program('h3'), files, publishedBy: null })).toBe(4);
      expect((await tx.bots.update(botId, { publishedVersion: 4 }))?.publishedVersion).toBe(4);
      expect(await tx.bots.publishedHash(botId)).toBe('h3');
      expect(await tx.bots.program('h3')).toEqual(program('h3'));
      expect(await tx.bots.program('h9')).toBeNull();
      expect(await tx.bots.versionOf(botId, 'h3')).toBe(4);
      const [last, before] = [await tx.bots.versionOf(botId, 'h1'), await tx.bots.versionOf(botId, 'h2')];
      // Of the two versions that are the same program, the newer one.
      expect([last, before].sort()).toContain(3);
      expect(last).toBeGreaterThan(1);
      expect([await tx.bots.versionOf(botId, 'h9'), await tx.bots.versionOf(newId<BotId>(), 'h1')]).toEqual([null, null]);
    });
    await expect(store().transaction(w.customerId, (tx) => tx.bots.update(botId, { publishedVersion: 9 }))).rejects.toMatchObject(
      { code: 'not_found' },
    );
  });

  test('a bot looks as its published version says, and as nothing when that says nothing', async () => {
    const w = await world(store());
    const { botId, userId } = await robo(w);
    await store().transaction(w.customerId, async (tx) => {
      const theme = { color: '#0f766e', title: 'Shop' };
      const version = (manifest: object) =>
        tx.bots.addVersion(botId, {
          program: program('p1'),
          files,
          publishedBy: null,
          about: { manifest: manifest as BotManifest, settings: {} },
        });
      const [themed, plain] = [await version({ theme }), await version({})];
      expect((await tx.bots.get(botId))?.theme).toBeUndefined();
      expect((await tx.bots.update(botId, { publishedVersion: themed }))?.theme).toEqual(theme);
      expect((await tx.bots.list()).map((bot) => bot.theme)).toEqual([theme]);
      expect((await tx.bots.byUser(userId))?.theme).toEqual(theme);
      expect(await tx.bots.update(botId, { publishedVersion: plain })).not.toHaveProperty('theme');
    });
  });

  test('active bots of a channel are found, and the channels of a bot', async () => {
    const w = await world(store());
    const { botId, userId } = await robo(w);
    const general = await w.channel('general', [w.owner, userId]);
    await w.channel('other');
    await store().transaction(w.customerId, async (tx) => {
      expect(await tx.channels.botsIn(general)).toEqual([{ botId, userId }]);
      expect(await tx.bots.channelIds(botId)).toEqual([general]);
      await tx.users.update(userId, { isActive: false });
      expect(await tx.channels.botsIn(general)).toEqual([]);
    });
  });

  test('a conversation is saved only over the state it was read in', async () => {
    const w = await world(store());
    const { botId, userId } = await robo(w);
    const channelId = await w.channel('general', [w.owner, userId]);
    await store().transaction(w.customerId, (tx) =>
      tx.bots.addVersion(botId, { program: program('h1'), files, publishedBy: null }),
    );
    const key = { botId, channelId, userId: w.owner, threadSeq: 0 };
    const row: ConversationRow = {
      ...newConversation,
      ...key,
      id: newId<ConversationId>(),
      programHash: 'h1',
      status: 'waiting',
      snapshot: new Uint8Array([1, 2, 0, 255]),
      turn: 1,
      lastEventSeq: 7,
    };
    const save = (next: ConversationRow, previous: ConversationRow | null) =>
      store().transaction(w.customerId, (tx) => tx.conversations.save(next, previous));
    const find = () => store().read(w.customerId, (tx) => tx.conversations.find(key));
    expect(await find()).toBeNull();
    expect(await save(row, null)).toBe(true);
    expect(await save({ ...row, id: newId<ConversationId>() }, null)).toBe(false);
    expect(await find()).toEqual(row);
    const second: ConversationRow = { ...row, revision: 2, turn: 2, lastEventSeq: 9, snapshot: null, status: 'finished' };
    expect(await save(second, row)).toBe(true);
    expect(await save({ ...second, turn: 3 }, row)).toBe(false);
    const fresh: ConversationRow = { ...row, id: newId<ConversationId>(), revision: 3, turn: 1, lastEventSeq: 12 };
    expect(await save(fresh, { ...second, id: newId<ConversationId>() })).toBe(false);
    expect(await save(fresh, second)).toBe(true);
    expect(await find()).toEqual(fresh);
    expect(await store().read(w.customerId, (tx) => tx.conversations.find({ ...key, threadSeq: 3 }))).toBeNull();
  });

  test('the conversations of a bot are listed, the last active first, without what they remember', async () => {
    const w = await world(store());
    const { botId, userId } = await robo(w);
    const [open, secret] = [await w.channel('general', [w.owner, userId]), await w.channel('x', [w.owner, userId], 'direct')];
    await store().transaction(w.customerId, async (tx) => {
      await tx.bots.addVersion(botId, { program: program('h1'), files, publishedBy: null });
      await tx.bots.addVersion(botId, { program: program('h2'), files, publishedBy: null });
      await tx.bots.addVersion(botId, { program: program('h1'), files, publishedBy: null });
    });
    const base = Date.now();
    const saveAt = async (atMs: number, more: Partial<ConversationRow>) => {
      const row: ConversationRow = {
        ...newConversation,
        id: newId<ConversationId>(),
        botId,
        channelId: open,
        userId: w.owner,
        threadSeq: 0,
        programHash: 'h1',
        status: 'waiting',
        snapshot: null,
        turn: 1,
        lastEventSeq: 1,
        ...more,
      };
      const dated = await openAnother({ clock: { nowMs: () => atMs } });
      expect(await dated.transaction(w.customerId, (tx) => tx.conversations.save(row, null))).toBe(true);
      await dated.close();
      return row;
    };
    const old = await saveAt(base, { snapshot: new Uint8Array([9, 8, 7, 0, 255]), turn: 4 });
    const [a, b] = [
      await saveAt(base + 1_000, { threadSeq: 5, programHash: 'h2', status: 'failed' }),
      await saveAt(base + 1_000, { threadSeq: 6, status: 'finished' }),
    ].sort((x, y) => (x.id < y.id ? 1 : -1));
    const newest = await saveAt(base + 2_000, { channelId: secret, snapshot: new Uint8Array(5_000) });
    const read = (query: { before?: { updatedAt: number; id: ConversationId }; limit: number }) =>
      store().read(w.customerId, (tx) => tx.conversations.page(botId, { ...query, snapshotHeadBytes: 3 }));
    const all = await read({ limit: 10 });
    expect(all.hasMore).toBe(false);
    expect(all.conversations.map(({ id }) => id)).toEqual([newest.id, a!.id, b!.id, old.id]);
    expect(all.conversations[3]).toEqual({
      id: old.id,
      userId: w.owner,
      kind: 'dialog',
      channelId: open,
      channelKind: 'public',
      script: 'start.bas',
      wakeAt: null,
      waitsFor: null,
      asks: null,
      threadSeq: 0,
      programHash: 'h1',
      version: 3,
      status: 'waiting',
      turn: 4,
      updatedAt: base,
      snapshotBytes: 5,
      snapshotHead: new Uint8Array([9, 8, 7]),
    });
    expect(all.conversations[0]).toMatchObject({ channelKind: 'direct', snapshotBytes: 5_000 });
    expect(all.conversations.find(({ status }) => status === 'failed')).toMatchObject({
      version: 2,
      snapshotBytes: 0,
      snapshotHead: null,
    });
    // Two of the same moment are not torn apart by the end of a page.
    const first = await read({ limit: 2 });
    expect([first.conversations.map(({ id }) => id), first.hasMore]).toEqual([[newest.id, a!.id], true]);
    const rest = await read({ before: first.conversations[1]!, limit: 2 });
    expect([rest.conversations.map(({ id }) => id), rest.hasMore]).toEqual([[b!.id, old.id], false]);
    const other = await world(store());
    expect(
      await store().read(other.customerId, (tx) => tx.conversations.page(botId, { limit: 9, snapshotHeadBytes: 3 })),
    ).toEqual({ conversations: [], hasMore: false });
  });

  test('of turns that race, the first ones too, one is stored', async () => {
    const w = await world(store());
    const { botId, userId } = await robo(w);
    const channelId = await w.channel('general', [w.owner, userId]);
    await store().transaction(w.customerId, (tx) =>
      tx.bots.addVersion(botId, { program: program('h1'), files, publishedBy: null }),
    );
    const key = { botId, channelId, userId: w.owner, threadSeq: 0 };
    const find = () => store().read(w.customerId, (tx) => tx.conversations.find(key));
    const race = (previous: ConversationRow | null) =>
      Promise.all(
        Array.from({ length: 5 }, () =>
          store().transaction(w.customerId, (tx) => {
            const first: ConversationRow = {
              ...newConversation,
              ...key,
              id: newId<ConversationId>(),
              programHash: 'h1',
              status: 'waiting',
              snapshot: null,
              turn: 1,
              lastEventSeq: 0,
            };
            return tx.conversations.save(previous ? { ...previous, turn: previous.turn + 1 } : first, previous);
          }),
        ),
      );
    for (let turn = 1; turn <= 3; turn++) {
      expect((await race(await find())).filter(Boolean)).toHaveLength(1);
      expect(await find()).toMatchObject({ turn, revision: turn });
    }
  });

  test('the conversations of one status or kind are listed as all of them are', async () => {
    const w = await world(store());
    const { botId } = await robo(w);
    await store().transaction(w.customerId, (tx) =>
      tx.bots.addVersion(botId, { program: program('h1'), files, publishedBy: null }),
    );
    const statuses = ['starting', 'waiting', 'asking', 'handed', 'finished', 'failed', 'parked'] as const;
    const made: ConversationRow[] = [];
    for (let n = 0; n < 21; n++) {
      const row: ConversationRow = {
        ...newConversation,
        kind: 'run',
        id: newId<ConversationId>(),
        botId,
        channelId: null,
        userId: w.owner,
        threadSeq: 0,
        programHash: 'h1',
        status: statuses[n % statuses.length]!,
        snapshot: null,
        turn: 1,
        lastEventSeq: 0,
      };
      const dated = await openAnother({ clock: { nowMs: () => 1_700_000_000_000 + n * 1_000 } });
      await dated.transaction(w.customerId, (tx) => tx.conversations.save(row, null));
      await dated.close();
      made.unshift(row);
    }
    const page = async (query: { status?: ConversationRow['status']; kind?: ConversationRow['kind'] }) => {
      const found: string[] = [];
      for (let before: { updatedAt: number; id: ConversationId } | undefined; ; ) {
        const { conversations, hasMore } = await store().read(w.customerId, (tx) =>
          tx.conversations.page(botId, { ...query, ...(before ? { before } : {}), limit: 2, snapshotHeadBytes: 0 }),
        );
        found.push(...conversations.map(({ id }) => id));
        if (!hasMore) return found;
        before = conversations.at(-1);
      }
    };
    const ids = (rows: readonly ConversationRow[]) => rows.map(({ id }) => id);
    expect(await page({})).toEqual(ids(made));
    expect(await page({ kind: 'run' })).toEqual(ids(made));
    expect(await page({ kind: 'dialog' })).toEqual([]);
    for (const status of statuses) expect(await page({ status })).toEqual(ids(made.filter((row) => row.status === status)));
    expect(await page({ status: 'parked', kind: 'run' })).toHaveLength(3);
    expect(await page({ status: 'parked', kind: 'dialog' })).toEqual([]);
  });

  test('a password is awaited where a conversation says so, lies under its message, and is gone when it is old', async () => {
    const w = await world(store());
    const { botId, userId } = await robo(w);
    const channelId = await w.channel('direct', [w.owner, userId], 'direct');
    const place = { channelId, userId: w.owner, threadSeq: 0 };
    const isAwaited = (at: object = {}) => store().read(w.customerId, (tx) => tx.secretAnswers.isAwaited({ ...place, ...at }));
    const get = (seq: number) => store().read(w.customerId, (tx) => tx.secretAnswers.get(channelId, seq));
    const row: ConversationRow = {
      ...newConversation,
      ...place,
      botId,
      id: newId<ConversationId>(),
      programHash: 'h1',
      status: 'waiting',
      state: { secret: { asks: true } },
      snapshot: null,
      turn: 1,
      lastEventSeq: 1,
    };
    await store().transaction(w.customerId, async (tx) => {
      await tx.bots.addVersion(botId, { program: program('h1'), files, publishedBy: null });
      await tx.conversations.save(row, null);
      await tx.secretAnswers.put(channelId, 2, 'hush "ü"');
      await tx.secretAnswers.put(channelId, 3, 'other');
    });
    expect(await isAwaited()).toBe(true);
    for (const elsewhere of [{ threadSeq: 1 }, { userId }, { channelId: w.customerId as never }])
      expect(await isAwaited(elsewhere)).toBe(false);
    await store().transaction(w.customerId, (tx) => tx.conversations.save({ ...row, state: { secret: { heard: true } } }, row));
    expect(await isAwaited()).toBe(false);

    expect([await get(2), await get(9)]).toEqual(['hush "ü"', null]);
    await store().transaction(w.customerId, (tx) => tx.secretAnswers.delete(channelId, 2));
    expect([await get(2), await get(3)]).toEqual([null, 'other']);
    await store().transaction(w.customerId, (tx) => tx.secretAnswers.deleteBefore(Date.now() - 60_000));
    expect(await get(3)).toBe('other');
    const tomorrow = await openAnother({ clock: { nowMs: () => Date.now() + 86_400_000 } });
    await tomorrow.transaction(w.customerId, (tx) => tx.secretAnswers.deleteBefore(Date.now() + 3_600_000));
    expect(await get(3)).toBeNull();
  });
}

const newConversation = {
  kind: 'dialog',
  script: 'start.bas',
  wakeAt: null,
  waitsFor: null,
  request: null,
  result: null,
  state: {},
  inbox: [],
  calls: 0,
  failures: 0,
  revision: 1,
} as const satisfies Partial<ConversationRow>;
