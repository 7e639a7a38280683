import type { BotId } from 'gb-protocol';
import { describe, expect, test } from 'vitest';
import type { ManifestColumn, ManifestTable } from '../bot-manifest.ts';
import type { Store, Tx } from '../store.ts';
import { type Condition, type Table, TableRefused, type TableRow, tableLimits } from '../tables.ts';
import { conditionCases, conditionColumns, conditionRows, orderCases } from './condition-cases.ts';
import { newId, type World, world } from './world.ts';

type Given = Partial<ManifestColumn> & Pick<ManifestColumn, 'name' | 'type'>;

const columnOf = (given: Given): ManifestColumn => ({ isKey: false, isRequired: false, isUnique: false, ...given });
const table = (name: string, columns: readonly Given[], more: Partial<ManifestTable> = {}): ManifestTable => ({
  name,
  connection: null,
  readBy: [],
  writeBy: [],
  columns: columns.map(columnOf),
  uniques: [],
  indexes: [],
  ...more,
});
const key: Given = { name: 'id', type: 'integer', isKey: true };
const where = (name: string, value: string | number | boolean | null): Condition => ({
  kind: 'compare',
  column: { name, isDay: false },
  operator: '=',
  value,
  isWord: false,
});
const everything: Condition = { kind: 'all', parts: [] };

/** Tables that bots declare. */
export function storeTablesContract(store: () => Store): void {
  async function bot(w: World, name = 'Robo'): Promise<BotId> {
    const userId = (await w.person(name, { role: 'bot' })).id;
    const id = newId<BotId>();
    await store().transaction(w.customerId, (tx) =>
      tx.bots.insert({ id, userId, description: '', origin: 'editor', files: [{ name: 'start.bas', text: '' }] }),
    );
    return id;
  }
  /** A bot with tables, and a way to work on them. */
  async function shop(...definitions: readonly ManifestTable[]) {
    const w = await world(store());
    const botId = await bot(w);
    const declare = (...tables: readonly ManifestTable[]) =>
      store().transaction(w.customerId, (tx) => tx.tables.declare(botId, tables));
    await declare(...definitions);
    const on = <T>(name: string, work: (tx: Tx, table: Table) => Promise<T>): Promise<T> =>
      store().transaction(w.customerId, async (tx) => work(tx, (await tx.tables.get(botId, name))!));
    return {
      w,
      botId,
      declare,
      on,
      rows: (name: string) => on(name, (tx, one) => tx.tables.find(one)),
      insert: (name: string, ...rows: readonly TableRow[]) => on(name, (tx, one) => tx.tables.insert(one, rows)),
    };
  }
  const refused = async (work: Promise<unknown>, text: string | RegExp) => {
    const error = await work.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(TableRefused);
    const { said } = error as TableRefused;
    expect(said.en).toMatch(text);
    expect(said.pt).not.toBe(said.en);
  };

  describe('conditions', () => {
    test('mean the same as in memory, each of the cases', async () => {
      const { on } = await shop(table('things', conditionColumns));
      await on('things', async (tx, things) => {
        await tx.tables.insert(things, conditionRows);
        expect(await tx.tables.find(things)).toEqual(conditionRows);
        for (const { name, condition, ids } of conditionCases) {
          const found = await tx.tables.find(things, { condition, columns: ['id'] });
          expect([name, found.map((row) => row['id'])]).toEqual([name, ids]);
          expect([name, await tx.tables.count(things, condition)]).toEqual([name, ids.length]);
        }
        for (const [order, ids] of orderCases)
          expect([order, (await tx.tables.find(things, { order })).map((row) => row['id'])]).toEqual([order, ids]);
      });
    });

    test('never become part of a statement, whatever is in them', async () => {
      const { on } = await shop(table('things', [key, { name: 'name', type: 'text' }, { name: 'data', type: 'json' }]));
      const evil = [
        `'; drop table gb.users; --`,
        `" or "1"="1`,
        `\\'; select pg_sleep(9); --`,
        '$1',
        '${1}',
        'x\u2028y',
        '%',
        '\\',
        'c_name',
        'customer_id',
        'row_id',
        'ctid',
      ];
      await on('things', async (tx, things) => {
        await tx.tables.insert(things, [{ name: 'one' }, { name: 'two' }]);
        for (const text of evil) {
          for (const operator of ['=', '<', 'like', 'contains'] as const)
            for (const name of ['name', 'id', 'data', `data.${text}`])
              await tx.tables.find(things, {
                condition: { kind: 'compare', column: { name, isDay: false }, operator, value: text, isWord: true },
              });
          await tx.tables.find(things, {
            condition: { kind: 'in', column: { name: 'name', isDay: true }, values: [text, 1, null] },
          });
          await tx.tables.find(things, {
            condition: where(`data.${text}`, text),
            order: [{ column: `data.${text}`, isDescending: false }],
          });
          for (const query of [
            { condition: where(text, 1) },
            { order: [{ column: text, isDescending: true }] },
            { columns: [text] },
          ])
            await refused(tx.tables.find(things, query), /has no column/);
          await refused(tx.tables.insert(things, [{ [text]: 1 }]), /has no column/);
          await refused(tx.tables.update(things, everything, { [text]: 1 }), /has no column/);
          await refused(tx.tables.merge(things, [{ name: 'x' }], [text]), /has no column/);
          await refused(tx.tables.aggregate(things, { function: 'sum', column: text }), /has no column/);
          await refused(tx.tables.aggregate(things, { function: 'count', groupBy: [text] }), /has no column/);
        }
        expect(await tx.tables.update(things, where('name', 'one'), { name: evil[0]! })).toMatchObject({ count: 1 });
        expect((await tx.tables.find(things)).map((row) => row['name'])).toEqual([evil[0], 'two']);
      });
    });
  });

  describe('rows', () => {
    const orders = table('orders', [
      key,
      { name: 'customer', type: 'text', size: 10, isRequired: true },
      { name: 'total', type: 'decimal', size: 8, scale: 2, default: { value: 0 } },
      { name: 'paid', type: 'boolean' },
      { name: 'day', type: 'date' },
      { name: 'notes', type: 'json' },
    ]);

    test('are stored as the columns say, with defaults and the next number for a key', async () => {
      const { insert, rows } = await shop(orders);
      const made = await insert(
        'Orders',
        { CUSTOMER: 'Ana', total: '12.345', paid: 'sim', day: '31/12/2026', notes: [1, { a: null }] },
        { customer: 'Bia', id: 7 },
        { customer: 'Caio' },
      );
      expect(made).toEqual([
        { id: 8, customer: 'Ana', total: 12.35, paid: true, day: '2026-12-31', notes: [1, { a: null }] },
        { id: 7, customer: 'Bia', total: 0, paid: null, day: null, notes: null },
        { id: 9, customer: 'Caio', total: 0, paid: null, day: null, notes: null },
      ]);
      expect(await rows('orders')).toEqual(made);
    });

    test('a value that does not fit is refused with its column, and the transaction goes on', async () => {
      const { on } = await shop(orders);
      await on('orders', async (tx, one) => {
        await tx.tables.insert(one, [{ id: 1, customer: 'Ana' }]);
        for (const [row, text] of [
          [{ customer: 'x', total: 'much' }, /total takes a number, not "much"/],
          [{ customer: 'x', total: 1e7 }, /total takes a number of at most 6 digits/],
          [{ customer: 'x', id: 1.5 }, /id takes a whole number/],
          [{ customer: 'x', id: 2 ** 60 }, /id takes a whole number/],
          [{ customer: 'x', day: '31/02/2026' }, /day takes a date/],
          [{ customer: 'x', day: '0000-01-01' }, /day takes a date/],
          [{ customer: 'x', paid: 'maybe' }, /paid takes true or false/],
          [{ customer: 'x'.repeat(11) }, /customer takes a text of at most 10/],
          [{ customer: 'x\0' }, /zero/],
          [{ total: 1 }, /customer of orders needs a value/],
          [{ customer: null }, /customer of orders needs a value/],
          [{ id: 1, customer: 'again' }, /already has a row with this id/],
        ] as const)
          await refused(tx.tables.insert(one, [{ customer: 'before' }, row as TableRow]), text);
        await refused(tx.tables.update(one, everything, { customer: null }), /customer of orders needs a value/);
        await refused(tx.tables.insert(one, [{ customer: 'x', notes: 'y'.repeat(tableLimits.rowBytesMax) }]), /too big/);
        await refused(
          tx.tables.insert(
            one,
            Array.from({ length: tableLimits.insertedRowsMax + 1 }, () => ({ customer: 'x' })),
          ),
          /at most/,
        );
        await tx.tables.insert(one, [{ customer: 'after' }]);
      });
      expect(await on('orders', async (tx, one) => (await tx.tables.find(one)).map((row) => row['customer']))).toEqual([
        'Ana',
        'after',
      ]);
    });

    test('any value is kept as it was written, in its order', async () => {
      const { on, insert, rows } = await shop(orders);
      const notes = { z: 1, a: { y: '\\u0000 \\ud800', b: [null, ''] }, __proto__x: true };
      await insert('orders', { customer: 'x', notes }, { customer: 'y', notes: { a: 'b\0c\ud800d' } });
      const found = (await rows('orders')).map((row) => JSON.stringify(row['notes']));
      expect(found).toEqual([JSON.stringify(notes), '{"a":"bc\ufffdd"}']);
      expect(await on('orders', (tx, one) => tx.tables.aggregate(one, { function: 'count', groupBy: ['notes'] }))).toHaveLength(
        2,
      );
    });

    test('change and go, with what they were when that is asked for', async () => {
      const { on, insert } = await shop(orders);
      await insert('orders', { customer: 'Ana', total: 5 }, { customer: 'Bia', total: 6 }, { customer: 'Caio', total: 7 });
      await on('orders', async (tx, one) => {
        expect(await tx.tables.update(one, where('customer', 'ANA'), { total: 8, paid: true }, { withRows: true })).toEqual({
          count: 1,
          rows: [
            {
              old: { id: 1, customer: 'Ana', total: 5, paid: null, day: null, notes: null },
              row: { id: 1, customer: 'Ana', total: 8, paid: true, day: null, notes: null },
            },
          ],
        });
        expect(await tx.tables.update(one, where('total', 6), {})).toEqual({ count: 0, rows: [] });
        expect(await tx.tables.delete(one, where('id', 3), { withRows: true })).toMatchObject({
          count: 1,
          rows: [{ old: { customer: 'Caio' } }],
        });
        expect(await tx.tables.delete(one, where('id', 3))).toEqual({ count: 0, rows: [] });
        expect(await tx.tables.count(one)).toBe(2);
      });
    });

    test('a change that would tell of too many rows changes none', async () => {
      const { on, insert } = await shop(orders);
      await insert('orders', ...Array.from({ length: tableLimits.changedRowsMax + 1 }, () => ({ customer: 'x' })));
      await on('orders', async (tx, one) => {
        await refused(tx.tables.update(one, everything, { paid: true }, { withRows: true }), /at most/);
        await refused(tx.tables.delete(one, everything, { withRows: true }), /at most/);
        expect(await tx.tables.count(one, where('paid', null))).toBe(tableLimits.changedRowsMax + 1);
        expect(await tx.tables.update(one, everything, { paid: true })).toMatchObject({ count: tableLimits.changedRowsMax + 1 });
      });
    });

    test('a row does not grow too big by being changed', async () => {
      const columns = ['a', 'b'].map((name) => ({ name, type: 'text' as const }));
      const { on, insert, rows } = await shop(table('wide', [key, ...columns]));
      const half = 'x'.repeat(180_000);
      await insert('wide', { a: half });
      await on('wide', async (tx, one) => {
        await refused(tx.tables.update(one, everything, { b: half }), /too big/);
        await refused(tx.tables.update(one, everything, { b: half }, { withRows: true }), /too big/);
        await refused(tx.tables.merge(one, [{ id: 1, b: half }], ['id']), /too big/);
        expect(await tx.tables.update(one, everything, { b: half.slice(0, 2_000) })).toMatchObject({ count: 1 });
      });
      expect((await rows('wide')).map((row) => String(row['b']).length)).toEqual([2_000]);
    });

    test('are merged by a column, and the counts tell what happened', async () => {
      const { on, insert, rows } = await shop(orders);
      await insert('orders', { id: 1, customer: 'Ana', total: 5 }, { id: 2, customer: 'Bia', total: 6 });
      const merged = await on('orders', (tx, one) =>
        tx.tables.merge(
          one,
          [
            { id: '1', customer: 'Ana', total: 5 },
            { ID: 2, Total: 9.999 },
            { id: 3, customer: 'Caio' },
            { id: 3, total: 4 },
            { id: 2, paid: true },
            { customer: 'Dora' },
          ],
          ['Id'],
          { withRows: true },
        ),
      );
      expect(merged).toMatchObject({ count: 3, added: 2, updated: 1, unchanged: 1 });
      expect(merged.rows).toHaveLength(3);
      expect((await rows('orders')).map(({ id, customer, total, paid }) => [id, customer, total, paid])).toEqual([
        [1, 'Ana', 5, null],
        [2, 'Bia', 10, true],
        [3, 'Caio', 4, null],
        [4, 'Dora', 0, null],
      ]);
      const again = await on('orders', (tx, one) => tx.tables.merge(one, [{ id: 2, total: 10 }], ['id']));
      expect(again).toMatchObject({ added: 0, updated: 0, unchanged: 1 });
    });

    test('two who merge the same rows at once add them once', async () => {
      const { on, rows } = await shop(
        table('goods', [
          { name: 'sku', type: 'text' },
          { name: 'n', type: 'integer' },
        ]),
      );
      const news = Array.from({ length: 20 }, (_, n) => ({ sku: `s${n}`, n }));
      const merged = await Promise.all(
        Array.from({ length: 4 }, () => on('goods', (tx, one) => tx.tables.merge(one, news, ['sku']))),
      );
      expect(merged.reduce((sum, { added }) => sum + added, 0)).toBe(20);
      expect(await rows('goods')).toHaveLength(20);
    });

    test('two who add rows at once get two numbers, and neither waits for the other to end', async () => {
      const { w, botId, insert, rows } = await shop(table('orders', [key, { name: 'n', type: 'integer' }]));
      await store().transaction(w.customerId, async (tx) => {
        const orders = (await tx.tables.get(botId, 'orders'))!;
        expect(await tx.tables.insert(orders, [{ n: 1 }])).toEqual([{ id: 1, n: 1 }]);
        // This transaction is still open, and has the number 1.
        expect(await insert('orders', { n: 2 }, { n: 3 })).toEqual([
          { id: 2, n: 2 },
          { id: 3, n: 3 },
        ]);
        expect(await tx.tables.insert(orders, [{ n: 4 }])).toEqual([{ id: 4, n: 4 }]);
      });
      const made = await Promise.all(Array.from({ length: 8 }, (_, n) => insert('orders', { n }, { n })));
      expect(new Set(made.flat().map(({ id }) => id)).size).toBe(16);
      expect(await rows('orders')).toHaveLength(20);
    });

    test('a number is given once, whatever becomes of the row that got it', async () => {
      const { on, insert, w, botId } = await shop(
        table('orders', [key, { name: 'ticket', type: 'bigint', default: { made: 'next' } }]),
      );
      await insert('orders', {}, {});
      const undone = store().transaction(w.customerId, async (tx) => {
        await tx.tables.insert((await tx.tables.get(botId, 'orders'))!, [{}]);
        throw new Error('undo');
      });
      await expect(undone).rejects.toThrow('undo');
      expect(await insert('orders', {})).toEqual([{ id: 4, ticket: 4 }]);
      await on('orders', (tx, orders) => tx.tables.delete(orders, where('id', 4)));
      expect(await insert('orders', {})).toEqual([{ id: 5, ticket: 5 }]);
    });

    test('numbers go on behind those that were written by hand, in whatever way', async () => {
      const { on, insert } = await shop(
        table('orders', [key, { name: 'ticket', type: 'integer', default: { made: 'next' } }, { name: 'n', type: 'integer' }]),
      );
      expect(await insert('orders', { id: 10, ticket: 3 }, {}, { id: 7 })).toEqual([
        { id: 10, ticket: 3, n: null },
        { id: 11, ticket: 4, n: null },
        { id: 7, ticket: 5, n: null },
      ]);
      await on('orders', (tx, orders) => tx.tables.update(orders, where('id', 7), { id: 20 }));
      expect(await insert('orders', {})).toMatchObject([{ id: 21, ticket: 6 }]);
      await on('orders', (tx, orders) => tx.tables.merge(orders, [{ id: 30 }, { id: 21, ticket: 50 }], ['id']));
      expect(await insert('orders', {})).toMatchObject([{ id: 31, ticket: 51 }]);
      // Numbers below, zero and less move nothing.
      await insert('orders', { id: 12 }, { id: 0 }, { id: -5 });
      expect(await insert('orders', {})).toMatchObject([{ id: 32 }]);
      await insert('orders', { id: Number.MAX_SAFE_INTEGER });
      await refused(insert('orders', {}), /no numbers left/);
      expect(await insert('orders', { id: 33 })).toMatchObject([{ id: 33 }]);
    });

    test('lists hold values of their type', async () => {
      const { insert, rows, on } = await shop(
        table('people', [
          key,
          { name: 'tags', type: 'json', items: 'text', size: 10 },
          { name: 'marks', type: 'json', items: 'integer' },
          { name: 'days', type: 'json', items: 'date' },
          { name: 'prices', type: 'json', items: 'decimal', scale: 2 },
          { name: 'opens', type: 'json', items: 'time' },
        ]),
      );
      await insert('people', {
        tags: ['vip', 7, null],
        marks: ['1', 2],
        days: ['31/12/2026'],
        prices: ['1.239', 2],
        opens: ['8:30', '14:00:05'],
      });
      await insert('people', { tags: 'alone', marks: [] });
      expect(await rows('people')).toEqual([
        {
          id: 1,
          tags: ['vip', '7', null],
          marks: [1, 2],
          days: ['2026-12-31'],
          prices: [1.24, 2],
          opens: ['08:30', '14:00:05'],
        },
        { id: 2, tags: ['alone'], marks: [], days: null, prices: null, opens: null },
      ]);
      const vip: Condition = {
        kind: 'compare',
        column: { name: 'tags', isDay: false },
        operator: 'contains',
        value: 'VIP',
        isWord: false,
      };
      expect(await on('people', (tx, people) => tx.tables.count(people, vip))).toBe(1);
      await refused(insert('people', { marks: [1, 'x'] }), /marks takes a whole number, not "x"/);
      await refused(insert('people', { tags: ['longer than ten'] }), /tags takes a text of at most 10/);
      await refused(insert('people', { marks: [[1]] }), /marks takes a whole number/);
    });

    test('computed columns are worked out by every change, and written by nobody', async () => {
      const times = {
        op: '*',
        of: [
          { op: 'exact', of: [{ column: 'price' }] },
          { op: 'exact', of: [{ column: 'count' }] },
        ],
      };
      const label = { op: '||', of: [{ column: 'name' }, { text: "'); drop table gb.users; --" }] };
      const half = {
        op: '/',
        of: [
          { op: 'exact', of: [{ number: '1' }] },
          { op: 'exact', of: [{ column: 'count' }] },
        ],
      };
      const { insert, on, rows } = await shop(
        table('lines', [
          key,
          { name: 'total', type: 'decimal', size: 12, scale: 2, computed: times, isRequired: true },
          { name: 'name', type: 'text' },
          { name: 'price', type: 'decimal', size: 10, scale: 2, isRequired: true },
          { name: 'count', type: 'integer', isRequired: true },
          { name: 'label', type: 'text', computed: label },
          { name: 'part', type: 'number', computed: half },
        ]),
      );
      const first = { id: 1, total: 31.5, name: 'tea', price: 10.5, count: 3, label: "tea'); drop table gb.users; --" };
      expect(await insert('lines', { name: 'tea', price: 10.5, count: 3 })).toMatchObject([first]);
      await on('lines', (tx, lines) => tx.tables.update(lines, where('id', 1), { count: 2, total: 999 }));
      expect(await rows('lines')).toMatchObject([{ total: 21, part: 0.5 }]);
      await on('lines', (tx, lines) => tx.tables.merge(lines, [{ id: 1, price: 2 }], ['id']));
      expect(await on('lines', (tx, lines) => tx.tables.find(lines, { condition: where('total', 4) }))).toHaveLength(1);
      await refused(
        on('lines', (tx, lines) => tx.tables.update(lines, where('id', 1), { total: 5 })),
        /total of lines is computed/,
      );
      await refused(
        on('lines', (tx, lines) => tx.tables.merge(lines, [{ total: 5 }], ['total'])),
        /computed|merged by columns/,
      );
      await refused(insert('lines', { price: 1, count: 0 }), /divided by zero/);
    });

    test('are merged and named by several columns together', async () => {
      const { on, insert, rows } = await shop(
        table('orders', [key]),
        table('lines', [
          { name: 'order', type: 'integer', isKey: true },
          { name: 'line', type: 'text', isKey: true, size: 9 },
          { name: 'what', type: 'text' },
        ]),
        table('notes', [key, { name: 'o', type: 'integer' }, { name: 'l', type: 'text', size: 9 }], {
          references: [{ columns: ['o', 'l'], table: 'Lines', otherColumns: null }],
        }),
      );
      const merge = (...given: readonly TableRow[]) =>
        on('lines', (tx, lines) => tx.tables.merge(lines, given, ['order', 'Line'], { withRows: true }));
      expect(
        await merge({ order: 1, line: 'a', what: 'x' }, { order: 1, line: 'b' }, { order: 1, line: 'a', what: 'y' }),
      ).toMatchObject({
        added: 2,
        updated: 0,
      });
      expect(await merge({ order: '1', line: 'a', what: 'z' }, { order: 2, line: 'a' }, { order: 1, line: 'b' })).toMatchObject({
        added: 1,
        updated: 1,
        unchanged: 1,
      });
      expect(await rows('lines')).toEqual([
        { order: 1, line: 'a', what: 'z' },
        { order: 1, line: 'b', what: null },
        { order: 2, line: 'a', what: null },
      ]);
      await insert('notes', { o: 1, l: 'b' }, { o: 9 });
      await refused(insert('notes', { o: 2, l: 'b' }), /o, l of notes names a row that is not there/);
      await refused(
        on('lines', (tx, lines) => tx.tables.delete(lines, where('line', 'b'))),
        /still needed by another table/,
      );
      await refused(merge({ line: 'c' }), /order of lines needs a value/);
    });

    test('without a key each has a number of its own, which names it', async () => {
      const { on, insert, rows } = await shop(table('notes', [{ name: 'text', type: 'text' }]));
      await insert('notes', { text: 'a' }, { text: 'b', id: 99 });
      expect(await rows('notes')).toEqual([
        { id: 1, text: 'a' },
        { id: 2, text: 'b' },
      ]);
      await on('notes', (tx, one) => tx.tables.update(one, where('id', 2), { text: 'c' }));
      expect(await on('notes', (tx, one) => tx.tables.find(one, { condition: where('id', '2') }))).toEqual([
        { id: 2, text: 'c' },
      ]);
    });

    test('are limited, skipped and summed up', async () => {
      const { on, insert } = await shop(
        table('sales', [
          { name: 'city', type: 'text' },
          { name: 'total', type: 'number' },
          { name: 'as_text', type: 'text' },
        ]),
      );
      await insert('sales', ...[5, 7, null, 1].map((total, n) => ({ city: n % 2 ? 'B' : 'A', total, as_text: `${n}` })));
      await on('sales', async (tx, sales) => {
        const find = (limit?: number, offset?: number) =>
          tx.tables.find(sales, {
            columns: ['total'],
            ...(limit === undefined ? {} : { limit }),
            ...(offset === undefined ? {} : { offset }),
          });
        expect(await find(2, 1)).toEqual([{ total: 7 }, { total: null }]);
        expect(await find(0)).toEqual([]);
        expect(await find(99, 3)).toEqual([{ total: 1 }]);
        expect(await tx.tables.aggregate(sales, { function: 'sum', column: 'total', groupBy: ['city'] })).toEqual([
          { city: 'A', value: 5 },
          { city: 'B', value: 8 },
        ]);
        expect(await tx.tables.aggregate(sales, { function: 'count', condition: where('city', 'a') })).toEqual([{ value: 2 }]);
        expect(await tx.tables.aggregate(sales, { function: 'count', column: 'total' })).toEqual([{ value: 3 }]);
        expect(await tx.tables.aggregate(sales, { function: 'max', column: 'city' })).toEqual([{ value: 'B' }]);
        expect(await tx.tables.aggregate(sales, { function: 'avg', column: 'as_text' })).toEqual([{ value: 1.5 }]);
        expect(await tx.tables.aggregate(sales, { function: 'min', column: 'total' })).toEqual([{ value: 1 }]);
        await refused(tx.tables.aggregate(sales, { function: 'sum' }), /needs a column/);
      });
    });

    test('more than a FIND may give is refused, not cut', async () => {
      const { on, insert } = await shop(
        table('big', [
          { name: 'n', type: 'integer' },
          { name: 'text', type: 'text' },
        ]),
      );
      const many = Array.from({ length: tableLimits.foundRowsMax }, (_, n) => ({ n }));
      await insert('big', ...many);
      await on('big', async (tx, big) => {
        expect(await tx.tables.find(big)).toHaveLength(tableLimits.foundRowsMax);
        await tx.tables.insert(big, [{ n: -1 }]);
        await refused(tx.tables.find(big), /more than 10000 rows/);
        expect(await tx.tables.find(big, { limit: 10_001 })).toHaveLength(10_001);
        await tx.tables.delete(big, everything);
        await tx.tables.insert(
          big,
          Array.from({ length: 6 }, () => ({ text: 'x'.repeat(180_000) })),
        );
        await refused(tx.tables.find(big), /1024 KB/);
        expect(await tx.tables.find(big, { limit: 6 })).toHaveLength(6);
      });
    });
  });

  describe('declarations', () => {
    test('a table is found among those of its bot, in any case', async () => {
      const { w, botId, declare } = await shop(table('Orders', [key], { readBy: ['admin'], writeBy: ['owner'] }));
      const other = await bot(w, 'Other');
      await store().read(w.customerId, async (tx) => {
        expect(await tx.tables.get(botId, ' .ORDERS')).toMatchObject({
          name: 'Orders',
          key: ['id'],
          readBy: ['admin'],
          writeBy: ['owner'],
        });
        expect(await tx.tables.get(other, 'orders')).toBeNull();
        expect(await tx.tables.list(other)).toEqual([]);
      });
      expect(await declare(table('orders', [key], { readBy: ['admin'], writeBy: ['owner'] }))).toEqual([
        { table: 'orders', kind: 'unchanged' },
      ]);
    });

    test('a table of another database is not made', async () => {
      const { w, botId, declare } = await shop();
      expect(await declare(table('t', [key], { connection: 'erp' }))).toEqual([]);
      expect(await store().read(w.customerId, (tx) => tx.tables.get(botId, 't'))).toBeNull();
    });

    test('new columns come, types become wider, rows stay', async () => {
      const { declare, insert, rows } = await shop(
        table('t', [
          key,
          { name: 'n', type: 'integer' },
          { name: 's', type: 'text', size: 5 },
          { name: 'd', type: 'date' },
          { name: 'p', type: 'decimal', size: 5, scale: 1 },
        ]),
      );
      await insert('t', { n: 3, s: 'five5', d: '2026-01-02', p: 12.5 });
      const wider = table('t', [
        { name: 'added', type: 'text', isRequired: true, default: { value: "it's" } },
        key,
        { name: 'n', type: 'number' },
        { name: 's', type: 'text', size: 50 },
        { name: 'd', type: 'timestamp' },
        { name: 'p', type: 'decimal', size: 9, scale: 3 },
      ]);
      expect(await declare(wider)).toEqual([{ table: 't', kind: 'changed' }]);
      expect(await declare(wider)).toEqual([{ table: 't', kind: 'unchanged' }]);
      expect(await rows('t')).toEqual([{ added: "it's", id: 1, n: 3, s: 'five5', d: '2026-01-02 00:00:00', p: 12.5 }]);
      await declare(
        table('t', [
          key,
          { name: 'n', type: 'text' },
          { name: 's', type: 'text' },
          { name: 'd', type: 'text' },
          { name: 'p', type: 'text' },
        ]),
      );
      expect(await rows('t')).toEqual([{ id: 1, n: '3', s: 'five5', d: '2026-01-02 00:00:00', p: '12.500' }]);
    });

    test('a column that is no longer declared is hidden, needs nothing, and comes back as it was', async () => {
      const full = table('t', [
        key,
        { name: 'a', type: 'text', isRequired: true },
        { name: 'b', type: 'integer', isUnique: true },
      ]);
      const { declare, insert, rows, on } = await shop(full);
      await insert('t', { a: 'x', b: 1 });
      await declare(table('t', [key]));
      await insert('t', { id: 2 });
      expect(await rows('t')).toEqual([{ id: 1 }, { id: 2 }]);
      await refused(
        on('t', (tx, t) => tx.tables.find(t, { condition: where('a', 'x') })),
        /has no column a/,
      );
      await refused(declare(full), /rows that have none/);
      expect(await rows('t')).toEqual([{ id: 1 }, { id: 2 }]);
      await declare(table('t', [key, { name: 'a', type: 'text' }, { name: 'b', type: 'integer' }]));
      expect(await rows('t')).toEqual([
        { id: 1, a: 'x', b: 1 },
        { id: 2, a: null, b: null },
      ]);
    });

    test('what a column is computed from changes, and what was computed becomes a column of its own', async () => {
      const of = (op: string): ManifestColumn['computed'] => ({
        op,
        of: [
          { op: 'exact', of: [{ column: 'a' }] },
          { op: 'exact', of: [{ column: 'b' }] },
        ],
      });
      const [a, b]: Given[] = [
        { name: 'a', type: 'integer' },
        { name: 'b', type: 'integer' },
      ];
      const sum = (op: string): Given => ({ name: 'sum', type: 'integer', isUnique: true, computed: of(op)! });
      const { declare, insert, rows } = await shop(table('t', [key, a!, b!, sum('+')]));
      await insert('t', { a: 2, b: 3 });
      expect(await declare(table('t', [key, a!, b!, sum('+')]))).toEqual([{ table: 't', kind: 'unchanged' }]);
      expect(await declare(table('t', [key, a!, b!, sum('*')]))).toEqual([{ table: 't', kind: 'changed' }]);
      expect(await rows('t')).toEqual([{ id: 1, a: 2, b: 3, sum: 6 }]);
      await refused(insert('t', { a: 6, b: 1 }), /already has a row with this sum/);
      // What it is computed from becomes wider; it comes back with its index.
      await declare(table('t', [key, { name: 'a', type: 'decimal', size: 20, scale: 2 }, b!, sum('*')]));
      await insert('t', { a: 2.5, b: 4 });
      await refused(insert('t', { a: 5, b: 2 }), /already has a row with this sum/);
      await declare(table('t', [key, { name: 'a', type: 'decimal', size: 20, scale: 2 }, b!, { name: 'sum', type: 'integer' }]));
      expect(await rows('t')).toMatchObject([{ sum: 6 }, { sum: 10 }]);
      await insert('t', { sum: 7 });
      await refused(
        declare(table('t', [key, { name: 'a', type: 'decimal', size: 20, scale: 2 }, b!, sum('+')])),
        /values of its own/,
      );
      await declare(
        table('t', [key, b!, { name: 'twice', type: 'integer', computed: { op: '+', of: [{ column: 'b' }, { column: 'b' }] } }]),
      );
      expect(await rows('t')).toMatchObject([{ twice: 6 }, { twice: 8 }, { twice: null }]);
      await declare(table('t', [key, b!]));
      expect(Object.keys((await rows('t'))[0]!)).toEqual(['id', 'b']);
      for (const bad of [
        { op: 'pg_sleep', of: [{ number: '9' }] },
        { op: '+', of: [{ column: 'b' }] },
        { op: '+', of: [{ column: 'b' }, { column: 'customer_id' }] },
        { op: '+', of: [{ column: 'b' }, { number: '1); drop table gb.users; --' }] },
        { op: '+', of: [{ column: 'b' }, { text: 'x' }] },
        { column: 'twice' },
      ] as const)
        await refused(declare(table('t', [key, b!, { name: 'bad', type: 'integer', computed: bad }])), /TABLE t/);
    });

    test('a change that could lose something stops all of it, and leaves everything as it was', async () => {
      const { declare, insert, rows, w, botId } = await shop(
        table('t', [key, { name: 'n', type: 'number' }, { name: 's', type: 'text' }, { name: 'j', type: 'json' }]),
      );
      await insert('t', { n: 1.5, s: 'x', j: [1] });
      const changed = (...columns: readonly Given[]) => declare(table('fresh', [key]), table('t', columns));
      const [n, s, j] = [
        { name: 'n', type: 'number' },
        { name: 's', type: 'text' },
        { name: 'j', type: 'json' },
      ] as const;
      for (const [columns, text] of [
        [[key, { name: 'n', type: 'integer' }, s, j], /n cannot become integer/],
        [[key, n, { name: 's', type: 'text', size: 100 }, j], /s cannot become text\(100\)/],
        [[key, n, { name: 's', type: 'date' }, j], /s cannot become date/],
        [[key, n, s, { name: 'j', type: 'text' }], /j cannot become text/],
        [[n, s, j], /id is part of the key/],
        [[key, { ...n, isKey: true }, s, j], /n is part of the key or becomes one/],
        [[key, n, s, j, { name: 'k', type: 'integer', isKey: true }], /k would become part of the key/],
        [[key, n, s, j, { name: 'k', type: 'integer', isRequired: true }], /rows that have none/],
        [[key, n, s, j, { name: 'k', type: 'integer', default: { value: 'abc' } }], /default value does not fit/],
        [[key, n, s, j, { name: 'k', type: 'integer', references: { table: 'nowhere', column: null } }], /refers to nowhere/],
      ] as const)
        await refused(changed(...(columns as readonly Given[])), text);
      expect(await rows('t')).toEqual([{ id: 1, n: 1.5, s: 'x', j: [1] }]);
      expect(await store().read(w.customerId, (tx) => tx.tables.get(botId, 'fresh'))).toBeNull();
      // The name is free, and so is the rest of the transaction.
      await store().transaction(w.customerId, async (tx) => {
        await refused(tx.tables.declare(botId, [table('t', [n])]), /key/);
        await tx.tables.declare(botId, [table('fresh', [key])]);
      });
    });

    test('references between tables hold, in whatever order they are declared', async () => {
      const people = table('people', [{ name: 'mail', type: 'text', isKey: true }]);
      const lines = table('lines', [
        key,
        { name: 'who', type: 'text', references: { table: 'people', column: null } },
        { name: 'above', type: 'integer', references: { table: 'lines', column: 'id' } },
      ]);
      const { declare, insert, on, rows } = await shop(lines, people);
      await insert('people', { mail: 'Ana@example.org' });
      await insert('lines', { who: 'Ana@example.org' }, { who: null, above: 1 });
      await refused(insert('lines', { who: 'nobody' }), /who of lines names a row that is not there/);
      await refused(
        on('people', (tx, one) => tx.tables.delete(one, everything)),
        /still needed by another table/,
      );
      // A key that is a text is found in any case, as everything is.
      expect(await on('people', (tx, one) => tx.tables.count(one, where('mail', 'ana@EXAMPLE.org')))).toBe(1);
      await declare(people, table('lines', [key, { name: 'who', type: 'text' }, { name: 'above', type: 'integer' }]));
      await insert('lines', { who: 'nobody' });
      await refused(declare(people, lines), /refer to something that is not there/);
      expect(await rows('lines')).toHaveLength(3);
    });

    test('what is unique is unique, and what is no longer need not be', async () => {
      const one = (isUnique: boolean) =>
        table('t', [key, { name: 'a', type: 'text', isUnique }, { name: 'b', type: 'text' }], {
          uniques: isUnique ? [['a', 'b']] : [],
          indexes: [{ name: 'i', columns: ['b', 'a'], isUnique: false }],
        });
      const { declare, insert } = await shop(one(true));
      await insert('t', { a: 'x', b: 'y'.repeat(1_000) });
      await refused(insert('t', { a: 'x' }), /already has a row with this a/);
      await declare(one(false));
      await insert('t', { a: 'x' });
      await refused(declare(one(true)), /same values/);
    });

    test('names that mean something to PostgreSQL are only names', async () => {
      const names = [
        'customer_id',
        'row_id',
        'ctid',
        'xmin',
        'user',
        'select',
        'table',
        'oid',
        'tableoid',
        'preço',
        'preco',
        'c_x',
        'x',
      ];
      const { insert, rows } = await shop(
        table(
          'user',
          names.map((name) => ({ name, type: 'text' })),
        ),
      );
      await insert('user', Object.fromEntries(names.map((name) => [name, name])));
      expect(await rows('user')).toEqual([{ id: 1, ...Object.fromEntries(names.map((name) => [name, name])) }]);
    });

    test('hostile names, sizes and numbers of them are refused', async () => {
      const { declare } = await shop();
      const text = { name: 'a', type: 'text' } as const;
      for (const [definition, reason] of [
        [table('x; drop table gb.users', [text]), /name of a table/],
        [table('', [text]), /name of a table/],
        [table('t"', [text]), /name of a table/],
        [table('t', []), /1 to 100 columns/],
        [table('t', [{ name: 'a" text); drop table gb.users; --', type: 'text' }]), /name of a column/],
        [table('t', [text, { name: 'A', type: 'text' }]), /twice/],
        [
          table(
            't',
            Array.from({ length: 101 }, (_, n) => ({ name: `c${n}`, type: 'text' as const })),
          ),
          /1 to 100 columns/,
        ],
        [table('t', [{ name: 'a', type: 'text; drop' as 'text' }]), /type/],
        [table('t', [{ name: 'a', type: 'text', size: 1e9 }]), /type/],
        [table('t', [{ name: 'a', type: 'decimal', size: 99, scale: 1 }]), /type/],
        [table('t', [{ name: 'a', type: 'json', isKey: true }]), /cannot be a key/],
        [table('t', [{ name: 'a', type: 'json', isUnique: true }]), /cannot be a key or in an index/],
        [table('t', [text], { indexes: [{ name: 'i', columns: ['b'], isUnique: false }] }), /an index names the column b/],
        [
          table('t', [text], {
            indexes: Array.from({ length: 11 }, (_, n) => ({ name: `i${n}`, columns: ['a'], isUnique: false })),
          }),
          /at most 10 indexes/,
        ],
      ] as const)
        await refused(declare(definition), reason);
      await refused(declare(table('t', [text]), table('T', [text])), /twice/);
    });
  });

  describe('transactions within', () => {
    test('are undone or kept as a whole, and nest', async () => {
      const { on, rows } = await shop(table('t', [{ name: 'n', type: 'integer' }]));
      await on('t', async (tx, t) => {
        expect([await tx.tables.commit(), await tx.tables.rollback()]).toEqual([false, false]);
        await tx.tables.insert(t, [{ n: 1 }]);
        await tx.tables.begin();
        await tx.tables.insert(t, [{ n: 2 }]);
        await tx.tables.begin();
        await tx.tables.insert(t, [{ n: 3 }]);
        await refused(tx.tables.insert(t, [{ n: 'x' }]), /whole number/);
        expect(await tx.tables.rollback()).toBe(true);
        expect(await tx.tables.commit()).toBe(true);
        await tx.tables.begin();
        await tx.tables.insert(t, [{ n: 4 }]);
        await tx.tables.rollback();
        await tx.tables.insert(t, [{ n: 5 }]);
      });
      expect((await rows('t')).map((row) => row['n'])).toEqual([1, 2, 5]);
    });
  });

  test('another customer finds, changes and declares nothing of a table, though it holds it in its hands', async () => {
    const { on, botId, rows } = await shop(table('t', [key, { name: 's', type: 'text' }]));
    const theirs = await on('t', async (tx, t) => {
      await tx.tables.insert(t, [{ s: 'ours' }]);
      return t;
    });
    const w = await world(store());
    await store().transaction(w.customerId, async (tx) => {
      expect(await tx.tables.get(botId, 't')).toBeNull();
      expect(await tx.tables.list(botId)).toEqual([]);
    });
    // Where the other customer is in another database, there is not even a table to find nothing in.
    const nothing = async (empty: unknown, work: (tx: Tx) => Promise<unknown>) => {
      const [done] = await Promise.allSettled([store().transaction(w.customerId, work)]);
      if (done.status === 'fulfilled') expect(done.value).toMatchObject(empty as object);
    };
    await nothing([], (tx) => tx.tables.find(theirs));
    await nothing({ count: 0 }, async (tx) => ({ count: await tx.tables.count(theirs) }));
    await nothing({ count: 0 }, (tx) => tx.tables.update(theirs, everything, { s: 'mine' }));
    await nothing({ count: 0 }, (tx) => tx.tables.delete(theirs, everything));
    await expect(store().transaction(w.customerId, (tx) => tx.tables.insert(theirs, [{ s: 'mine' }]))).rejects.toThrow();
    await expect(store().transaction(w.customerId, (tx) => tx.tables.declare(botId, [table('mine', [key])]))).rejects.toThrow();
    expect(await rows('t')).toEqual([{ id: 1, s: 'ours' }]);
  });
}
