import type { BotId } from 'gb-protocol';
import { expect, test } from 'vitest';
import type { Store, Tx } from '../store.ts';
import { TableRefused, type TableRow, tableLimits } from '../tables.ts';
import { newId, type World, world } from './world.ts';

/** Rows nobody declared, and what bots keep under a key. `later` opens a store whose clock is ahead. */
export function storeSheetsContract(store: () => Store, later: (ms: number) => Promise<Store>): void {
  async function bot(w: World, name = 'Robo'): Promise<BotId> {
    const userId = (await w.person(name, { role: 'bot' })).id;
    const id = newId<BotId>();
    await store().transaction(w.customerId, (tx) => tx.bots.insert({ id, userId, description: '', origin: 'editor', files: [] }));
    return id;
  }
  const add = async (tx: Tx, botId: BotId, name: string, rows: readonly TableRow[], columns: readonly string[] = ['a']) =>
    tx.sheets.append(await tx.sheets.open(botId, name), rows, columns);
  const refusedAsLimit = (work: Promise<unknown>) =>
    expect(work).rejects.toSatisfy((error) => error instanceof TableRefused && error.isLimit && error.said.pt !== error.said.en);

  test('a sheet is made by the first who writes, and found in any case', async () => {
    const w = await world(store());
    const botId = await bot(w);
    await store().transaction(w.customerId, async (tx) => {
      expect(await tx.sheets.get(botId, 'Notes')).toBeNull();
      const rows = [{ z: 1, a: 'x' }, { a: { b: [null] } }];
      expect(await add(tx, botId, ' Notes', rows, ['z', 'a'])).toEqual({
        botId,
        name: 'Notes',
        columns: ['z', 'a'],
        rowCount: 2,
      });
      const sheet = (await tx.sheets.get(botId, '.NOTES'))!;
      const found = await tx.sheets.scan(sheet, 0, 10);
      expect(JSON.stringify(found.map(({ row }) => row))).toBe(JSON.stringify(rows));
      expect((await tx.sheets.list(botId)).map(({ name }) => name)).toEqual(['Notes']);
    });
  });

  test('rows keep their order and their numbers while others change and go', async () => {
    const w = await world(store());
    const botId = await bot(w);
    await store().transaction(w.customerId, async (tx) => {
      const sheet = await add(tx, botId, 't', [{ a: 1 }, { a: 2 }, { a: 3 }]);
      const [first, second, third] = await tx.sheets.scan(sheet, 0, 10);
      await tx.sheets.replace(sheet, [{ number: first!.number, row: { a: 9, b: 1 } }], ['a', 'b']);
      expect(await tx.sheets.remove(sheet, [second!.number])).toMatchObject({ rowCount: 2 });
      await add(tx, botId, 't', [{ a: 4 }], ['a', 'b']);
      const rows = await tx.sheets.scan(sheet, 0, 10);
      expect(rows.map(({ row }) => row)).toEqual([{ a: 9, b: 1 }, { a: 3 }, { a: 4 }]);
      expect(rows[2]!.number).toBeGreaterThan(third!.number);
      expect(await tx.sheets.scan(sheet, first!.number, 1)).toEqual([rows[1]]);
      expect(await tx.sheets.get(botId, 't')).toMatchObject({ columns: ['a', 'b'], rowCount: 3 });
    });
  });

  test('two who write one sheet at once both do', async () => {
    const w = await world(store());
    const botId = await bot(w);
    const write = (n: number) => store().transaction(w.customerId, (tx) => add(tx, botId, 't', [{ n }, { n }]));
    await Promise.all([1, 2, 3, 4, 5, 6].map(write));
    await store().read(w.customerId, async (tx) => {
      const sheet = (await tx.sheets.get(botId, 't'))!;
      const rows = await tx.sheets.scan(sheet, 0, 100);
      expect([sheet.rowCount, rows.length, new Set(rows.map(({ number }) => number)).size]).toEqual([12, 12, 12]);
    });
  });

  test('a sheet has an end, in rows and in bytes, and what is refused leaves no trace', async () => {
    const w = await world(store());
    const botId = await bot(w);
    await store().transaction(w.customerId, async (tx) => {
      const many = Array.from({ length: tableLimits.rowsPerSheetMax }, (_, a) => ({ a }));
      await refusedAsLimit(add(tx, botId, 'rows', [...many, { a: -1 }]));
      expect(await add(tx, botId, 'rows', many)).toMatchObject({ rowCount: many.length });
      await refusedAsLimit(add(tx, botId, 'rows', [{ a: -1 }]));
      await refusedAsLimit(add(tx, botId, 'wide', [{ a: 'x'.repeat(tableLimits.rowBytesMax) }]));
      await refusedAsLimit(
        add(
          tx,
          botId,
          'wide',
          [{ a: 1 }],
          Array.from({ length: tableLimits.columnsPerSheetMax + 1 }, (_, n) => `c${n}`),
        ),
      );
      const big = { a: 'x'.repeat(200_000) };
      const full = Math.floor(tableLimits.bytesPerSheetMax / 200_020);
      await add(
        tx,
        botId,
        'bytes',
        Array.from({ length: full }, () => big),
      );
      await refusedAsLimit(add(tx, botId, 'bytes', [big]));
      // Room that was given back can be used again.
      const sheet = (await tx.sheets.get(botId, 'bytes'))!;
      const [first] = await tx.sheets.scan(sheet, 0, 1);
      await tx.sheets.remove(sheet, [first!.number]);
      expect(await add(tx, botId, 'bytes', [big])).toMatchObject({ rowCount: full });
      for (const name of ['', ' . ', 'x'.repeat(201), 'a\0b'])
        await expect(tx.sheets.open(botId, name)).rejects.toThrow(TableRefused);
      expect(await tx.sheets.get(botId, 'wide')).toMatchObject({ rowCount: 0 });
    });
  });

  test('what a bot keeps comes back as it was, where it belongs, until its time is over', async () => {
    const w = await world(store());
    const [one, other] = [await bot(w), await bot(w, 'Other')];
    const ana = { botId: one, kind: 'user', userId: w.owner } as const;
    const bea = { botId: one, kind: 'user', userId: (await w.person('Bea')).id } as const;
    const value = { z: 1, a: [null, 'ü\\u0000', { '': true }] };
    const until = Date.now() + 60_000;
    await store().transaction(w.customerId, async (tx) => {
      await tx.memories.set(ana, 'k', value);
      await tx.memories.set(ana, 'k2', 'x\0y\ud800');
      await tx.memories.set(ana, 'soon', 1, until);
      await tx.memories.set({ botId: one, kind: 'bot' }, 'k', 2);
    });
    const kept = (s: Store, place: Parameters<Tx['memories']['get']>[0], key: string) =>
      s.read(w.customerId, (tx) => tx.memories.get(place, key));
    expect(JSON.stringify(await kept(store(), ana, 'k'))).toBe(JSON.stringify(value));
    expect(await kept(store(), ana, 'k2')).toBe('xy\ufffd');
    expect(await kept(store(), { botId: one, kind: 'bot' }, 'k')).toBe(2);
    for (const place of [bea, { botId: other, kind: 'bot' }, { botId: one, kind: 'cache' }] as const)
      expect(await kept(store(), place, 'k')).toBeNull();
    expect(await kept(store(), ana, 'soon')).toBe(1);
    const future = await later(61_000);
    expect(await kept(future, ana, 'soon')).toBeNull();
    await future.transaction(w.customerId, async (tx) => {
      expect((await tx.memories.list(ana)).map(({ key }) => key)).toEqual(['k', 'k2']);
      await tx.memories.set(ana, 'k', null);
      expect(await tx.memories.get(ana, 'k')).toBeNull();
    });
  });

  test('what is kept has bounds; a cache makes room by itself', async () => {
    const w = await world(store());
    const botId = await bot(w);
    const user = { botId, kind: 'user', userId: w.owner } as const;
    await store().transaction(w.customerId, async (tx) => {
      const big = 'x'.repeat(tableLimits.memoryValueBytesMax - 2);
      await refusedAsLimit(tx.memories.set(user, 'k', `${big}x`));
      for (const key of ['', 'x'.repeat(tableLimits.memoryKeyMax + 1), 'a\0b'])
        await expect(tx.memories.set(user, key, 1)).rejects.toThrow(TableRefused);
      const most = Math.floor(tableLimits.memoryBytesPerUserMax / (big.length + 2));
      for (let n = 0; n < most; n++) await tx.memories.set(user, `k${n}`, big);
      await refusedAsLimit(tx.memories.set(user, 'one more', big));
      expect(await tx.memories.get(user, 'one more')).toBeNull();
      const cache = { botId, kind: 'cache' } as const;
      const room = Math.floor(tableLimits.memoryBytesPerBotMax / (big.length + 2));
      for (let n = 0; n <= room; n++) await tx.memories.set(cache, `k${n}`, big, Date.now() + 60_000 + n);
      expect([await tx.memories.get(cache, 'k0'), await tx.memories.get(cache, `k${room}`)]).toEqual([null, big]);
    });
  });

  test('another customer finds and keeps nothing of it', async () => {
    const [ours, theirs] = [await world(store()), await world(store())];
    const botId = await bot(ours);
    const place = { botId, kind: 'bot' } as const;
    const sheet = await store().transaction(ours.customerId, async (tx) => {
      await tx.memories.set(place, 'k', 'ours');
      return add(tx, botId, 't', [{ a: 'ours' }]);
    });
    await store().read(theirs.customerId, async (tx) => {
      expect(await tx.sheets.get(botId, 't')).toBeNull();
      expect(await tx.sheets.scan(sheet, 0, 10)).toEqual([]);
      expect([await tx.memories.get(place, 'k'), await tx.memories.list(place)]).toEqual([null, []]);
    });
    await expect(store().transaction(theirs.customerId, (tx) => add(tx, botId, 't', [{ a: 1 }]))).rejects.toThrow();
    await expect(store().transaction(theirs.customerId, (tx) => tx.memories.set(place, 'k', 'theirs'))).rejects.toThrow();
    expect(await store().read(ours.customerId, (tx) => tx.memories.get(place, 'k'))).toBe('ours');
  });

  test('figures are counted by intervals, of one customer', async () => {
    const [w, other] = [await world(store()), await world(store())];
    const channelId = await w.channel('general');
    await w.say(channelId, 'one');
    await w.say(channelId, 'two');
    const now = Date.now();
    const [from, to] = [now - 3_600_000, now + 3_600_000];
    const count = (who: World, figure: 'messages' | 'people' | 'turns' | 'conversations') =>
      store().read(who.customerId, (tx) => tx.figures.count(figure, from, to, 7_200_000));
    expect(await count(w, 'messages')).toEqual([{ atMs: from, value: 2 }]);
    expect(await count(w, 'people')).toEqual([{ atMs: from, value: 1 }]);
    expect([await count(w, 'turns'), await count(w, 'conversations'), await count(other, 'messages')]).toEqual([[], [], []]);
    expect(await store().read(w.customerId, (tx) => tx.figures.count('messages', 0, from, 1_000))).toEqual([]);
  });
}
