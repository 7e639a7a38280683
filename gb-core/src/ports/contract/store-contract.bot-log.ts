import { type BotId, type ConversationId, limits, type UserId } from 'gb-protocol';
import { expect, test } from 'vitest';
import type { NewBotLogLine, Store } from '../store.ts';
import { newId, type World, world } from './world.ts';

const files = [{ name: 'start.bas', text: 'TALK 1' }];
const failure = (message: string, more: Partial<NewBotLogLine> = {}): NewBotLogLine => ({
  level: 'error',
  code: 'division_by_zero',
  message,
  file: 'start.bas',
  line: 12,
  column: 3,
  version: 2,
  conversationId: null,
  userId: null,
  ...more,
});

/** `later` opens a store whose clock is ahead. */
export function storeBotLogContract(store: () => Store, later: (ms: number) => Promise<Store>): void {
  async function bot(w: World, name = 'Robo'): Promise<BotId> {
    const userId = (await w.person(name, { role: 'bot' })).id;
    const id = newId<BotId>();
    await store().transaction(w.customerId, (tx) => tx.bots.insert({ id, userId, description: '', origin: 'editor', files }));
    return id;
  }
  const write = (w: World, botId: BotId, ...lines: readonly NewBotLogLine[]) =>
    store().transaction(w.customerId, async (tx) => {
      for (const line of lines) await tx.botLog.write(botId, line);
    });
  const page = (w: World, botId: BotId, query: { before?: number; limit: number } = { limit: 10 }, from = store()) =>
    from.read(w.customerId, (tx) => tx.botLog.page(botId, query));

  test('lines come back as written, newest last, each bot’s by itself', async () => {
    const w = await world(store());
    const [one, other] = [await bot(w), await bot(w, 'Other')];
    const conversationId = newId<ConversationId>();
    const published = failure('Version 1.', {
      level: 'info',
      code: 'published',
      file: null,
      line: null,
      column: null,
      version: 1,
      userId: w.owner,
    });
    await write(w, one, published);
    await write(w, other, failure('elsewhere'));
    await write(w, one, failure('ünï', { conversationId }), failure('third'));
    const { lines, hasOlder } = await page(w, one);
    expect(lines[0]).toEqual({ ...published, number: 1, at: expect.any(Number) });
    expect(lines[1]).toEqual({ ...failure('ünï', { conversationId }), number: 2, at: expect.any(Number) });
    expect([lines.length, hasOlder]).toEqual([3, false]);
    expect((await page(w, other)).lines.map((line) => [line.number, line.message])).toEqual([[1, 'elsewhere']]);
    expect((await page(w, newId<BotId>())).lines).toEqual([]);
  });

  test('older pages follow on without hole or double', async () => {
    const w = await world(store());
    const id = await bot(w);
    await write(w, id, ...Array.from({ length: 7 }, (_, i) => failure(String(i + 1))));
    const numbers = async (query: { before?: number; limit: number }) => {
      const { lines, hasOlder } = await page(w, id, query);
      return [lines.map((line) => line.number), hasOlder];
    };
    expect(await numbers({ limit: 3 })).toEqual([[5, 6, 7], true]);
    expect(await numbers({ before: 5, limit: 3 })).toEqual([[2, 3, 4], true]);
    expect(await numbers({ before: 2, limit: 3 })).toEqual([[1], false]);
    expect(await numbers({ before: 1, limit: 3 })).toEqual([[], false]);
    expect(await numbers({ limit: 7 })).toEqual([[1, 2, 3, 4, 5, 6, 7], false]);
  });

  test('two who write at once get two numbers, and a write that is rolled back gets none', async () => {
    const w = await world(store());
    const id = await bot(w);
    await Promise.all(Array.from({ length: 8 }, (_, i) => write(w, id, failure(`line ${i}`))));
    const failing = store().transaction(w.customerId, async (tx) => {
      await tx.botLog.write(id, failure('never'));
      throw new RangeError('on purpose');
    });
    await expect(failing).rejects.toThrow('on purpose');
    await write(w, id, failure('last'));
    const { lines } = await page(w, id);
    expect(lines.map((line) => line.number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(lines.at(-1)!.message).toBe('last');
  });

  test('a log keeps its newest lines and no more', async () => {
    const w = await world(store());
    const [full, other] = [await bot(w), await bot(w, 'Other')];
    await write(w, other, failure('stays'));
    await store().transaction(w.customerId, async (tx) => {
      for (let i = 1; i <= limits.botLogLinesMax + 5; i++) await tx.botLog.write(full, failure(String(i)));
    });
    const { lines, hasOlder } = await page(w, full, { limit: 5_000 });
    expect([lines.length, hasOlder]).toEqual([limits.botLogLinesMax, false]);
    expect([lines[0]!.number, lines.at(-1)!.number]).toEqual([6, limits.botLogLinesMax + 5]);
    expect((await page(w, other)).lines.length).toBe(1);
  });

  test('what is too old is not shown, goes with the next writes, and its number is not given out again', async () => {
    const w = await world(store());
    const id = await bot(w);
    await write(w, id, ...Array.from({ length: 60 }, (_, i) => failure(String(i + 1))));
    const future = await later((limits.botLogDaysMax + 1) * 86_400_000);
    expect(await page(w, id, { limit: 100 }, future)).toEqual({ lines: [], hasOlder: false });
    await future.transaction(w.customerId, (tx) => tx.botLog.write(id, failure('new')));
    expect((await page(w, id, { limit: 100 }, future)).lines.map((line) => line.number)).toEqual([61]);
    // By the clock of today they would still be shown, if they were there: fifty went, and then the other ten.
    expect((await page(w, id, { limit: 100 })).lines.map((line) => line.number)).toEqual([
      51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61,
    ]);
    await future.transaction(w.customerId, (tx) => tx.botLog.write(id, failure('newer')));
    expect((await page(w, id, { limit: 100 })).lines.map((line) => line.number)).toEqual([61, 62]);
  });

  test('a line of a bot or a person that is not there is refused, and so is one that is too long', async () => {
    const w = await world(store());
    const id = await bot(w);
    await expect(write(w, newId<BotId>(), failure('x'))).rejects.toMatchObject({ code: 'not_found' });
    await expect(write(w, id, failure('x', { userId: newId<UserId>() }))).rejects.toMatchObject({ code: 'not_found' });
    await expect(write(w, id, failure('x'.repeat(401)))).rejects.toMatchObject({ code: 'too_large' });
    expect((await page(w, id)).lines).toEqual([]);
  });

  test('another customer neither reads nor writes a bot’s log', async () => {
    const [ours, theirs] = [await world(store()), await world(store())];
    const id = await bot(ours);
    await write(ours, id, failure('ours'));
    expect((await page(theirs, id)).lines).toEqual([]);
    await expect(write(theirs, id, failure('theirs'))).rejects.toMatchObject({ code: 'not_found' });
    expect((await page(ours, id)).lines.map((line) => line.message)).toEqual(['ours']);
  });
}
