import type { BotId, ChannelId, CustomerId, FileId, MessageParts, UserId } from 'gb-protocol';
import { expect, test } from 'vitest';
import type { FilePlace, FileRow, Store } from '../store.ts';
import { newId, type World, world } from './world.ts';

const hour = 3_600_000;
const sha256 = new Uint8Array(32).fill(7);

/** `later` is another store on the same data whose clock is ahead by so many milliseconds. */
export function storeFilesContract(store: () => Store, later: (ms: number) => Promise<Store>): void {
  const bot = async (w: World, name = 'Helper'): Promise<{ id: BotId; userId: UserId }> => {
    const { id: userId } = await w.person(name, { role: 'bot' });
    const { id } = await store().transaction(w.customerId, (tx) =>
      tx.bots.insert({ id: newId<BotId>(), userId, description: '', origin: 'editor', files: [] }),
    );
    return { id, userId };
  };
  const reserve = (w: World, more: { ownerId?: UserId; botId?: BotId; size?: number; bytesMax?: number } = {}) => {
    const { ownerId = w.owner, botId = null, size = 10, bytesMax = 1e9 } = more;
    const id = newId<FileId>();
    return store()
      .transaction(w.customerId, (tx) => tx.files.reserve({ id, ownerId, botId, size, leavingAt: Date.now() + hour }, bytesMax))
      .then(() => id);
  };
  const facts = { name: 'a.png', type: 'image/png', size: 10, sha256, width: 4, height: 3 };
  const keep = async (
    w: World,
    more: Parameters<typeof reserve>[1] & { place?: FilePlace; untilMs?: number; name?: string } = {},
  ): Promise<FileRow> => {
    const id = await reserve(w, more);
    const stay = more.place ? { place: more.place } : { until: Date.now() + (more.untilMs ?? hour) };
    const row = { ...facts, size: more.size ?? 10, name: more.name ?? facts.name };
    return store().transaction(w.customerId, (tx) => tx.files.complete(id, row, stay));
  };
  const get = (w: World, id: FileId) => store().read(w.customerId, (tx) => tx.files.get(id));
  const attach = (...files: FileRow[]): { parts: MessageParts } => ({
    parts: { attachments: files.map(({ id, name, type, size }) => ({ id, name, type, size })) },
  });

  test('a file is found when its bytes are there, as it was told', async () => {
    const w = await world(store());
    const id = await reserve(w);
    expect(await get(w, id)).toBeNull();
    const row = await store().transaction(w.customerId, (tx) => tx.files.complete(id, facts, { until: Date.now() + hour }));
    expect(row).toEqual({ ...facts, id, ownerId: w.owner, botId: null, createdAt: expect.any(Number), folder: null, path: null });
    expect(await get(w, id)).toEqual(row);
    expect(await store().read(w.customerId, (tx) => tx.files.many([newId<FileId>(), id]))).toEqual([row]);
    await expect(store().transaction(w.customerId, (tx) => tx.files.complete(id, facts, { until: 0 }))).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test('room is counted from the reservation on, exactly after it, and never twice at once', async () => {
    const w = await world(store());
    const usage = () => store().read(w.customerId, (tx) => tx.files.usage());
    expect(await usage()).toBe(0);
    const id = await reserve(w, { size: 100 });
    expect(await usage()).toBe(100);
    await store().transaction(w.customerId, (tx) => tx.files.complete(id, { ...facts, size: 40 }, { until: Date.now() + hour }));
    expect(await usage()).toBe(40);
    await expect(reserve(w, { size: 61, bytesMax: 100 })).rejects.toMatchObject({ code: 'quota_exceeded' });
    expect(await usage()).toBe(40);
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => reserve(w, { size: 30, bytesMax: 100 })));
    expect(tries.filter((one) => one.status === 'fulfilled')).toHaveLength(2);
    expect(await usage()).toBe(100);
  });

  test('a message holds its files, and lets go of them when it is deleted', async () => {
    const w = await world(store());
    const general = await w.channel('general');
    const file = await keep(w);
    const [first, second] = [await w.say(general, '', attach(file)), await w.say(general, 'again', attach(file))];
    const message = await store().read(w.customerId, (tx) => tx.messages.get(general, first));
    expect(message).toMatchObject({ text: '', attachments: [{ id: file.id, name: 'a.png', type: 'image/png', size: 10 }] });
    const muchLater = await later(48 * hour);
    const found = () => muchLater.read(w.customerId, (tx) => tx.files.get(file.id));
    expect((await found())?.id).toBe(file.id);
    const channels = (userId: UserId) => store().read(w.customerId, (tx) => tx.files.channelsWith(file.id, userId, 10));
    expect(await channels(w.owner)).toEqual([general]);
    const remove = (seq: number) => store().transaction(w.customerId, (tx) => tx.messages.delete(general, seq));
    await remove(first);
    expect((await found())?.id).toBe(file.id);
    await remove(second);
    expect(await found()).toBeNull();
    expect(await channels(w.owner)).toEqual([]);
    expect(await store().read(w.customerId, (tx) => tx.messages.get(general, second))).not.toHaveProperty('attachments');
  });

  test('a file is shown in public channels and in those of the person, and where no message is, nowhere', async () => {
    const w = await world(store());
    const bea = (await w.person('Bea')).id;
    const [open, ours, theirs] = [
      await w.channel('open'),
      await w.channel('ours', [w.owner, bea], 'private'),
      await w.channel('theirs', [w.owner], 'private'),
    ];
    const file = await keep(w);
    for (const channelId of [open, ours, theirs]) await w.say(channelId, 'x', attach(file));
    const channels = (userId: UserId, limit = 10) =>
      store().read(w.customerId, async (tx) => [...(await tx.files.channelsWith(file.id, userId, limit))].sort());
    expect(await channels(bea)).toEqual([open, ours].sort());
    expect(await channels(w.owner)).toEqual([open, ours, theirs].sort());
    expect(await channels(w.owner, 1)).toHaveLength(1);
  });

  test('messages in one transaction, and messages sent again, hold their files once', async () => {
    const w = await world(store());
    const general = await w.channel('general');
    const [one, two] = [await keep(w), await keep(w)];
    const message = w.message(general, { text: 'both', ...attach(one, two) });
    const posted = await store().transaction(w.customerId, (tx) => tx.log.append([], [message]));
    const again = await store().appendMessage(w.customerId, message);
    expect(again).toMatchObject({ seq: posted.messages[0]!.seq, isDuplicate: true });
    await expect(store().appendMessage(w.customerId, { ...message, ...attach(one) })).rejects.toMatchObject({
      code: 'duplicate_client_id',
    });
    const event = await store().read(w.customerId, (tx) => tx.log.get(general, again.seq));
    expect(event).toMatchObject({ message: { attachments: [{ id: one.id }, { id: two.id }] } });
    // Many at once share a batch with plain ones.
    const seqs = await Promise.all([w.say(general, 'plain'), w.say(general, 'with', attach(one)), w.say(general, 'plain too')]);
    const texts = await store().read(w.customerId, async (tx) => (await tx.messages.page(general, { limit: 10 })).messages);
    expect(texts.filter(({ attachments }) => attachments).map(({ text }) => text)).toEqual(['both', 'with']);
    await store().transaction(w.customerId, (tx) => tx.messages.delete(general, seqs[1]!));
    expect((await get(w, one.id))?.id).toBe(one.id);
  });

  test('cards, forms and answers come back as they were sent, in pages and in the log, and stay through an edit', async () => {
    const w = await world(store());
    const general = await w.channel('general');
    const parts: MessageParts = {
      card: { title: 'Order', facts: [{ name: 'Total', value: '€ 3' }], buttons: [{ label: 'Pay', text: 'pay' }] },
      form: { name: 'f', fields: [{ name: 'age', label: 'Age', type: 'number', isRequired: true }] },
      formAnswer: { seq: 1, values: { age: 3, ok: true, none: null, text: 'a"b' } },
    };
    const seq = await w.say(general, 'x', { parts });
    await store().transaction(w.customerId, (tx) =>
      tx.messages.edit(general, seq, { text: 'y', mentions: [], mentionsChannel: false }),
    );
    await store().read(w.customerId, async (tx) => {
      expect(await tx.messages.get(general, seq)).toMatchObject({ text: 'y', ...parts });
      expect((await tx.messages.page(general, { limit: 1 })).messages[0]).toMatchObject(parts);
      expect(await tx.log.get(general, seq)).toMatchObject({ message: parts });
    });
  });

  test('an upload that is never used leaves, and the sweep is told when it may take it', async () => {
    const w = await world(store());
    const [used, unused, cut] = [await keep(w), await keep(w), await reserve(w)];
    await w.say(await w.channel('general'), 'x', attach(used));
    const after = await later(2 * hour);
    await after.read(w.customerId, async (tx) => {
      expect((await tx.files.get(used.id))?.id).toBe(used.id);
      expect(await tx.files.get(unused.id)).toBeNull();
      expect(await tx.files.many([used.id, unused.id, cut])).toHaveLength(1);
      expect([...(await tx.files.leaving(Date.now() + 2 * hour, 10))].sort()).toEqual([unused.id, cut].sort());
      expect(await tx.files.leaving(Date.now(), 10)).toEqual([]);
    });
    await after.transaction(w.customerId, (tx) => tx.files.remove([used.id, unused.id, cut]));
    expect((await get(w, used.id))?.id).toBe(used.id);
    expect(await store().read(w.customerId, (tx) => tx.files.usage())).toBe(10);
  });

  test('a file that is let go is gone at once, unless a message shows it', async () => {
    const w = await world(store());
    const [sent, unsent] = [await keep(w), await keep(w)];
    await w.say(await w.channel('general'), 'x', attach(sent));
    for (const { id } of [sent, unsent]) await store().transaction(w.customerId, (tx) => tx.files.release(id));
    expect(await get(w, unsent.id)).toBeNull();
    expect((await get(w, sent.id))?.id).toBe(sent.id);
  });

  test('a path holds one file, whatever the case; the one before leaves when nothing shows it', async () => {
    const w = await world(store());
    const { id: botId, userId } = await bot(w);
    const place = (path: string): FilePlace => ({ botId, folder: 'drive', path });
    const at = (path: string) => store().read(w.customerId, (tx) => tx.files.byPath(place(path)));
    const owner = { ownerId: userId, botId };
    const first = await keep(w, { ...owner, place: place('Reports/May.pdf') });
    expect((await at('reports/MAY.pdf'))?.id).toBe(first.id);
    expect((await (await later(1_000 * hour)).read(w.customerId, (tx) => tx.files.get(first.id)))?.id).toBe(first.id);
    const second = await keep(w, { ...owner, place: place('reports/may.pdf') });
    expect((await at('reports/may.pdf'))?.id).toBe(second.id);
    expect(await get(w, first.id)).toBeNull();
    await w.say(await w.channel('general'), 'x', attach(second));
    const third = await keep(w, { ...owner, place: place('reports/may.pdf') });
    expect(await get(w, second.id)).toMatchObject({ path: null, folder: null });
    expect(await store().read(w.customerId, (tx) => tx.files.countPlaced(botId))).toBe(1);
    expect(await store().transaction(w.customerId, (tx) => tx.files.unplace(third.id))).toBe(true);
    expect(await store().transaction(w.customerId, (tx) => tx.files.unplace(third.id))).toBe(false);
    expect(await at('reports/may.pdf')).toBeNull();
  });

  test('a drive lists its folders in order, and a file moves within it', async () => {
    const w = await world(store());
    const { id: botId, userId } = await bot(w);
    const other = await bot(w, 'Other');
    const place = (path: string, folder: FilePlace['folder'] = 'drive'): FilePlace => ({ botId, folder, path });
    const put = (path: string) => keep(w, { ownerId: userId, botId, place: place(path) });
    const a = await put('b/one.txt');
    await put('B/two_%.txt');
    await put('bb.txt');
    const list = (prefix?: string, folder: FilePlace['folder'] = 'drive', of = botId) =>
      store().read(w.customerId, async (tx) =>
        (await tx.files.list(of, folder, { ...(prefix ? { prefix } : {}), limit: 10 })).map(({ path }) => path),
      );
    expect(await list()).toEqual(['b/one.txt', 'B/two_%.txt', 'bb.txt']);
    expect(await list('b/')).toEqual(['b/one.txt', 'B/two_%.txt']);
    expect(await list('b/two_%')).toEqual(['B/two_%.txt']);
    expect(await list('%')).toEqual([]);
    expect(await list(undefined, 'drive', other.id)).toEqual([]);
    const move = (to: FilePlace) => store().transaction(w.customerId, (tx) => tx.files.move(a.id, to));
    expect(await move(place('table.csv', 'data'))).toMatchObject({
      id: a.id,
      folder: 'data',
      path: 'table.csv',
      name: 'table.csv',
    });
    expect(await list(undefined, 'data')).toEqual(['table.csv']);
    // Onto itself in another case, and onto another one.
    expect(await move(place('Table.csv', 'data'))).toMatchObject({ id: a.id, path: 'Table.csv' });
    expect(await move(place('bb.txt'))).toMatchObject({ id: a.id });
    expect(await list()).toEqual(['B/two_%.txt', 'bb.txt']);
    expect(await store().transaction(w.customerId, (tx) => tx.files.move(newId<FileId>(), place('x')))).toBeNull();
    expect(await store().transaction(w.customerId, (tx) => tx.files.move(a.id, { ...place('x'), botId: other.id }))).toBeNull();
  });

  test('files and keys of another customer are not there', async () => {
    const [a, b] = [await world(store()), await world(store())];
    const file = await keep(a);
    const general: ChannelId = await a.channel('general');
    const seq = await a.say(general, 'x', attach(file));
    await store().transaction(b.customerId, async (tx) => {
      expect(await tx.files.get(file.id)).toBeNull();
      expect(await tx.files.many([file.id])).toEqual([]);
      expect(await tx.files.channelsWith(file.id, b.owner, 10)).toEqual([]);
      expect(await tx.files.unplace(file.id)).toBe(false);
      await tx.files.release(file.id);
      await tx.files.remove([file.id]);
      expect(await tx.files.usage()).toBe(0);
    });
    // A message of theirs that names our file neither holds it nor shows it.
    const theirs = await b.channel('general');
    await b.say(theirs, 'mine', attach(file));
    await store().transaction(a.customerId, (tx) => tx.messages.delete(general, seq));
    expect(await (await later(2 * hour)).read(a.customerId, (tx) => tx.files.get(file.id))).toBeNull();
    const key = (customerId: CustomerId, fill: number) =>
      store().transaction(customerId, (tx) => tx.secrets.getOrSet('test', new Uint8Array(4).fill(fill)));
    expect(await key(a.customerId, 1)).toEqual(new Uint8Array([1, 1, 1, 1]));
    expect(await store().read(b.customerId, (tx) => tx.secrets.get('test'))).toBeNull();
    expect(await key(b.customerId, 2)).toEqual(new Uint8Array([2, 2, 2, 2]));
    expect(await key(a.customerId, 3)).toEqual(new Uint8Array([1, 1, 1, 1]));
  });
}
