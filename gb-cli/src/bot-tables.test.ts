import type { PlainValue, TurnScope } from 'gb-core';
import type { UserId } from 'gb-protocol';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { dataHooks, dataOperations, memoryOperations } from 'gb-vm/host';
import { createMemoryOperations } from 'gb-vm/in-process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BotWorld, type TestBot } from './testing/bots.ts';

let database: TestDatabase;
const worlds: BotWorld[] = [];
/** Most stories need nothing but a bot of their own. */
let shared: BotWorld;
let bea: UserId;
beforeAll(async () => {
  database = await startTestDatabase();
  shared = await open();
  bea = await shared.person('Bea');
});
afterAll(async () => {
  for (const world of worlds) await world.close();
  await database?.close();
});

async function open(): Promise<BotWorld> {
  const world = await BotWorld.open(database, {
    sets: [
      dataOperations({ readRows: async (address) => (address === 'https://shop.example/products' ? products : null) }),
      memoryOperations(),
    ],
  });
  worlds.push(world);
  return world;
}
let products: PlainValue = [];

/** What a bot says to one word of a person. */
async function ask(w: BotWorld, bot: TestBot, who: UserId = w.ana, text = 'go'): Promise<string[]> {
  const room = await w.direct(who, bot.userId);
  const before = (await w.said(bot.userId, room)).length;
  await w.say(who, room, text);
  await w.settle();
  return (await w.said(bot.userId, room)).slice(before);
}

/** What a program says, all of it. */
async function run(source: string, settings: Readonly<Record<string, string>> = {}): Promise<string> {
  return (await ask(shared, await shared.bot(source, settings))).join('\n');
}

const orders = `TABLE orders
  id integer key
  customer string(40)*
  total decimal(10,2)
  paid boolean
  day date
END TABLE
`;

describe('tables that scripts declare', () => {
  test('are filled, asked, changed and emptied', async () => {
    const said = await run(`${orders}
      customer = "Ana"
      total = 10.5
      TALK SAVE("orders", customer, total)
      INSERT INTO "orders" VALUES {customer: "Bia", total: 20, paid: TRUE, day: "31/12/2026"}
      more = [{customer: "Caio", total: 30}, {customer: "Dora", total: 40}]
      SAVE "orders", more
      big = FIND "orders" WHERE total > 15 AND NOT customer = "Dora" ORDER BY total DESC
      FOR EACH one IN big
        TALK one.customer + " " + one.total + " " + one.day
      NEXT
      one = FIND "orders", "customer=ana"
      TALK one.id
      TALK UPDATE "orders" SET paid = TRUE WHERE customer = "Ana"
      UPDATE "orders", "4", {total: 41}
      caio = FIND "orders", 3
      caio.total = 31
      UPDATE "orders", caio
      SET "orders", "customer=Bia", "total=21"
      all = FIND "orders" ORDER BY id
      TALK PLUCK(all, "total")
      TALK DELETE "orders", "total > 30"
      TALK (FIND "orders" WHERE total > 30) IS NULL
      TALK DELETE FROM "orders"`);
    expect(said.split('\n')).toEqual(['1', 'Caio 30 ', 'Bia 20 2026-12-31', '1', '1', '[10.5,21,31,41]', '2', 'true', '2']);
  });

  test('refuse what does not fit, with the column, and the script goes on', async () => {
    const said = await run(`${orders}
      TRY
        INSERT INTO "orders" VALUES {customer: "Ana", total: "much"}
      CATCH e
        TALK e.message
      END TRY
      TRY
        total = 1
        SAVE "orders", total
      CATCH e
        TALK e.message
      END TRY
      TRY
        x = FIND "orders", "colour=red"
      CATCH e
        TALK e.message
      END TRY
      INSERT INTO "orders" VALUES {id: 7, customer: "Ana"}
      TRY
        INSERT INTO "orders" VALUES {id: 7, customer: "Bia"}
      CATCH e
        TALK e.message
      END TRY
      TALK COUNT(FIND "orders")`);
    expect(said.split('\n')).toEqual([
      expect.stringContaining('total takes a number, not "much"'),
      expect.stringContaining('customer of orders needs a value'),
      expect.stringContaining('the table orders has no column colour'),
      expect.stringContaining('already has a row with this id'),
      '1',
    ]);
  });

  test('what people write is a value, whatever it looks like', async () => {
    const w = shared;
    const bot = await w.bot(`${orders}
      INSERT INTO "orders" VALUES {customer: "Ana"}
      DO
        HEAR who
        found = FIND "orders" WHERE customer = who
        TALK found IS NULL
        TALK DELETE FROM "orders" WHERE customer = who
        INSERT INTO "orders" VALUES {customer: who}
      LOOP`);
    const room = await w.direct(w.ana, bot.userId);
    await w.say(w.ana, room, 'go');
    for (const evil of ["x' or '1'='1", '"; drop table gb.users; --', '\\', "'", '${who}', '%', '_'])
      await w.say(w.ana, room, evil);
    await w.settle();
    const said = await w.said(bot.userId, room);
    expect(said.filter((_, index) => index % 2 === 0)).toEqual(Array.from({ length: 7 }, () => 'true'));
    await w.say(w.ana, room, 'Ana');
    expect((await w.said(bot.userId, room)).slice(-2)).toEqual(['false', '1']);
  });

  test('are read and written by those who may', async () => {
    const w = shared;
    const bot = await w.bot(`TABLE secrets READ BY "member" WRITE BY "admin"
  name string(40)
END TABLE
TRY
  SAVE "secrets", {name: "x"}
  TALK "written"
CATCH e
  TALK e.code
END TRY
TRY
  TALK COUNT(FIND "secrets")
CATCH e
  TALK e.code
END TRY`);
    expect(await ask(w, bot)).toEqual(['written', '1']);
    expect(await ask(w, bot, bea)).toEqual(['not_allowed', '1']);
    await w.ctx.store.transaction(w.customerId, (tx) => tx.users.update(bea, { role: 'guest' }));
    expect(await ask(w, bot, bea)).toEqual(['not_allowed', 'not_allowed']);
    await w.ctx.store.transaction(w.customerId, (tx) => tx.users.update(bea, { role: 'member' }));
  });

  test('are merged, and the report adds up until it is reset', async () => {
    const said = await run(`TABLE products
  id integer key
  name string(40)
END TABLE
items = [{id: 1, name: "tea"}, {id: 2, name: "cake"}]
TALK MERGE "products" WITH items BY "id"
items[0].name = "green tea"
TALK MERGE "products", items, "id"
RESET REPORT`);
    expect(said.split('\n')).toEqual(['{"added":2,"updated":0,"unchanged":0}', '{"added":0,"updated":1,"unchanged":1}']);
  });

  test('run the scripts that wait for their rows, which are bounded', async () => {
    const w = shared;
    const bot = await w.bot({
      'start.bas': `TABLE jobs
  id integer key
  name string(40)
  state string(10)
END TABLE
TABLE log
  text string(200)
END TABLE
SAVE "jobs", {name: "one", state: "new"}
UPDATE "jobs" SET state = "done" WHERE name = "one"
DELETE FROM "jobs"
TRY
  rows = []
  FOR i = 1 TO 201
    PUSH rows, {name: "n" + i}
  NEXT
  INSERT INTO "jobs", rows
CATCH e
  TALK e.code
END TRY
TALK COUNT(FIND "jobs")`,
      'came.bas': 'ON INSERT OF "jobs"\nSAVE "log", {text: "came " + row.name + " " + row.state}',
      'changed.bas': 'ON UPDATE OF "jobs"\nSAVE "log", {text: "changed " + old.state + " to " + row.state}',
      'went.bas': 'ON DELETE OF "jobs"\nSAVE "log", {text: "went " + row.name + " from " + table}',
      'round.bas': 'ON INSERT OF "log"\nSAVE "echo", {text: row.text}',
      'forever.bas': 'ON INSERT OF "echo"\nSAVE "echo", {text: row.text}',
    });
    expect(await ask(w, bot)).toEqual(['limit_reached', '0']);
    await w.pass(1_000);
    const rows = (name: string) =>
      w.ctx.store.read(w.customerId, async (tx) => tx.tables.find((await tx.tables.get(bot.botId, name))!, {}));
    expect((await rows('log')).map((row) => row['text']).sort()).toEqual([
      'came one new',
      'changed new to done',
      'went one from jobs',
    ]);
    // Each row of the log made a row that made a row, and so on, until the bound.
    const echo = await w.ctx.store.read(w.customerId, async (tx) => tx.sheets.get(bot.botId, 'echo'));
    expect(echo!.rowCount).toBeGreaterThanOrEqual(3 * 6);
    expect(echo!.rowCount).toBeLessThanOrEqual(3 * 16);
  });

  test('are rolled back with what they started, or kept as a whole', async () => {
    const w = shared;
    const bot = await w.bot({
      'start.bas': `${orders}
      BEGIN TRANSACTION
      INSERT INTO "orders" VALUES {customer: "Ana"}
      ROLLBACK TRANSACTION
      BEGIN TRANSACTION
      INSERT INTO "orders" VALUES {customer: "Bia"}
      COMMIT TRANSACTION
      TALK PLUCK(FIND("orders"), "customer")
      TRY
        COMMIT TRANSACTION
      CATCH e
        TALK e.message
      END TRY
      BEGIN TRANSACTION
      INSERT INTO "orders" VALUES {customer: "Caio"}
      HEAR x
      TRY
        ROLLBACK TRANSACTION
      CATCH e
        TALK e.message
      END TRY
      TALK COUNT(FIND "orders")`,
      'came.bas': 'ON INSERT OF "orders"\nSAVE "log", {who: row.customer}',
    });
    const room = await w.direct(w.ana, bot.userId);
    await w.say(w.ana, room, 'go');
    await w.say(w.ana, room, 'on');
    await w.settle();
    expect(await w.said(bot.userId, room)).toEqual([
      '["Bia"]',
      expect.stringContaining('there is no BEGIN TRANSACTION'),
      expect.stringContaining('is saved already'),
      '2',
    ]);
    const log = await w.ctx.store.read(w.customerId, async (tx) =>
      tx.sheets.scan((await tx.sheets.get(bot.botId, 'log'))!, 0, 10),
    );
    expect(log.map(({ row }) => row['who'])).toEqual(['Bia', 'Caio']);
  });
});

describe('sheets nobody declared', () => {
  test('are made by the first row, and mean what tables mean', async () => {
    const said = await run(`
      name = "Ana"
      age = 30
      TALK (FIND "people") IS NULL
      SAVE "people", name, age
      SAVE "People", "Bia", 17
      INSERT INTO "people" VALUES {NAME: "Caio", city: "Recife"}
      TALK FIND "people", "age >= 18"
      TALK UPDATE "people" SET age = 18 WHERE name = "bia"
      found = FIND "people" WHERE age > 1 ORDER BY age LIMIT 1
      TALK found.name
      TALK DELETE "people", "name=Ana"
      more = [{name: "Bia", age: 19}, {name: "Dora"}]
      TALK MERGE "people" WITH more BY "name"
      TALK PLUCK(FIND("people"), "name")
      city = FIND "people", "city=recife"
      TALK city.name`);
    expect(said.split('\n')).toEqual([
      'true',
      ...['| name | age |', '| --- | --- |', '| Ana | 30 |'],
      '1',
      'Bia',
      '1',
      '{"added":1,"updated":1,"unchanged":0}',
      '["Bia","Caio","Dora"]',
      'Caio',
    ]);
  });

  test('those of a file are found with and without its ending, and offered as a menu', async () => {
    const w = shared;
    const bot = await w.bot(
      'HEAR drink AS drinks.csv\nrow = FIND "drinks", "name=" + drink\nTALK row.price\nSAVE "drinks.csv", "milk", 3\nTALK COUNT(FIND "DRINKS.CSV")',
    );
    const importing = (digest: string, ...rows: readonly (readonly [string, number])[]) =>
      w.ctx.store.transaction(w.customerId, (tx) =>
        tx.sheets.importSheet(bot.botId, {
          name: 'Drinks.csv',
          digest,
          columns: ['name', 'price'],
          rows: rows.map(([name, price]) => ({ name, price })),
        }),
      );
    expect(await importing('1', ['tea', 10], ['coffee', 12])).toEqual({ isChanged: true, rowCount: 2 });
    const room = await w.direct(w.ana, bot.userId);
    await w.say(w.ana, room, 'go');
    expect((await w.messages(room)).at(-1)!.suggestions).toEqual(['tea', 'coffee']);
    await w.say(w.ana, room, 'coffee');
    expect((await w.said(bot.userId, room)).slice(-2)).toEqual(['12', '3']);
    expect(await importing('1', ['nothing', 0])).toEqual({ isChanged: false, rowCount: 3 });
    // What came from the file is replaced, what the bot added stays.
    expect(await importing('2', ['tea', 11])).toEqual({ isChanged: true, rowCount: 2 });
    const rows = await w.ctx.store.read(w.customerId, async (tx) =>
      tx.sheets.scan((await tx.sheets.get(bot.botId, 'drinks.csv'))!, 0, 10),
    );
    expect(rows.map(({ row }) => row)).toEqual([
      { name: 'milk', price: 3 },
      { name: 'tea', price: 11 },
    ]);
  });

  test('belong to their bot, and to their customer', async () => {
    const [a, b] = [shared, await open()];
    const bot = await a.bot('SAVE "t", {n: 1}');
    await ask(a, bot);
    await a.ctx.store.read(a.customerId, async (tx) =>
      expect((await tx.sheets.list(bot.botId)).map(({ name }) => name)).toEqual(['t']),
    );
    await b.ctx.store.read(b.customerId, async (tx) => {
      expect(await tx.sheets.list(bot.botId)).toEqual([]);
      expect(await tx.sheets.get(bot.botId, 't')).toBeNull();
    });
    const other = await a.bot('TALK (FIND "t") IS NULL');
    expect(await ask(a, other)).toEqual(['true']);
  });

  test('have an end, and names and texts of any kind', async () => {
    const said = await run(`
      rows = []
      FOR i = 1 TO 8000
        PUSH rows, {n: i}
      NEXT
      SAVE "big", rows
      SAVE "big", rows
      TRY
        SAVE "big", rows
      CATCH e
        TALK e.code
      END TRY
      TALK COUNT(FIND "big" WHERE n = 8000)
      SAVE "__proto__", {constructor: 1}
      one = FIND "__proto__", "constructor=1"
      TALK one.constructor
      SAVE "odd", {text: CHR(0) + "a" + CHR(55296)}
      TALK COUNT(FIND "odd")`);
    expect(said.split('\n')).toEqual(['limit_reached', '2', '1', '1']);
  });
});

describe('questions in the words of SQL', () => {
  const tables = `TABLE orders
  id integer key
  customer integer
  total decimal(10,2)
  city string(20)
END TABLE
TABLE customers
  id integer key
  name string(40)
END TABLE
SAVE "customers", [{name: "Ana"}, {name: "Bia"}, {name: "Caio"}]
SAVE "orders", [{customer: 1, total: 10, city: "Recife"}, {customer: 1, total: 20, city: "Olinda"}, {customer: 2, total: 5, city: "Recife"}]
`;

  test('are answered from the tables of the bot', async () => {
    const said = await run(`${tables}
      TALK QUERY "SELECT total FROM orders WHERE city = ? ORDER BY total DESC", "recife"
      TALK QUERY "SELECT city, SUM(total) AS sum, COUNT(*) AS n FROM orders GROUP BY city ORDER BY sum DESC;"
      TALK QUERY "select distinct city from orders order by city limit 1"
      TALK QUERY "SELECT c.name, o.total FROM orders AS o JOIN customers c ON o.customer = c.id WHERE o.total >= ? ORDER BY o.total", 10
      TALK QUERY "SELECT c.name, COUNT(o.id) AS n FROM customers c LEFT JOIN orders o ON o.customer = c.id GROUP BY c.name ORDER BY c.name"
      TALK QUERY("SELECT id FROM orders WHERE city IN (?, 'Olinda') AND total < ?", "x' or 1=1 --", 100)
      TALK (QUERY "SELECT id FROM orders WHERE city = ?", "x' or '1'='1") IS NULL
      TALK QUERY "SELECT MAX(total) AS most, AVG(total) AS mean FROM orders"`);
    expect(said.split('\n')).toEqual([
      ...['| total |', '| --- |', '| 10 |', '| 5 |'],
      ...['| city | sum | n |', '| --- | --- | --- |', '| Olinda | 20 | 1 |', '| Recife | 15 | 2 |'],
      ...['| city |', '| --- |', '| Olinda |'],
      ...['| name | total |', '| --- | --- |', '| Ana | 10 |', '| Ana | 20 |'],
      ...['| name | n |', '| --- | --- |', '| Ana | 2 |', '| Bia | 1 |', '| Caio | 0 |'],
      ...['| id |', '| --- |', '| 2 |'],
      'true',
      ...['| most | mean |', '| --- | --- |', '| 20 | 11.666666666666666 |'],
    ]);
  });

  test.each([
    'DROP TABLE orders',
    'SELECT * FROM orders; DELETE FROM orders',
    'SELECT * FROM gb.users',
    'SELECT pg_sleep(10) FROM orders',
    'SELECT * FROM (SELECT 1)',
    'WITH x AS (DELETE FROM orders) SELECT * FROM x',
    'SELECT 1',
    'SELECT * FROM orders WHERE id = ?',
    'SELECT * FROM orders UNION SELECT * FROM customers',
    'UPDATE orders SET total = 0',
    'SELECT password_hash FROM orders',
    'SELECT * FROM orders WHERE password_hash = 1',
    '',
  ])('%s is refused or finds nothing', async (text) => {
    const w = shared;
    const bot = await w.bot(
      `${tables}HEAR text\nTRY\n  x = QUERY text\n  TALK x\nCATCH e\n  TALK e.code\nEND TRY\nTALK COUNT(FIND "orders")`,
    );
    const room = await w.direct(w.ana, bot.userId);
    await w.say(w.ana, room, 'go');
    await w.say(w.ana, room, text || ' ');
    const said = await w.said(bot.userId, room);
    expect(said.at(-1)).toBe('3');
    expect(said.join(' ')).not.toMatch(/Recife|argon|example\.org/);
  });

  test('may be asked by a model too, of what the person may read, and nothing is written twice', async () => {
    const w = shared;
    const bot = await w.bot(
      `TABLE pay READ BY "admin"\n  salary integer\nEND TABLE\nTABLE orders\n  total integer\nEND TABLE\nSAVE "orders", {total: 3}`,
    );
    await ask(w, bot);
    const call = {
      customerId: w.customerId,
      botId: bot.botId,
      botUserId: bot.userId,
      userId: bea,
      key: 'k1',
      nowMs: w.clock.now,
      state: {},
      settings: {},
      read: (work: never) => w.ctx.store.read(w.customerId, work),
      write: (work: never) => w.ctx.store.transaction(w.customerId, work),
    } as unknown as Parameters<typeof dataHooks.select>[1];
    expect(await dataHooks.describeTables(call)).toBe('orders(total integer)');
    expect(await dataHooks.select('SELECT total FROM orders', call)).toEqual([{ total: 3 }]);
    await expect(dataHooks.select('SELECT salary FROM pay', call)).rejects.toMatchObject({ code: 'not_allowed' });
    expect(await dataHooks.columnsOf('orders', call)).toEqual([{ name: 'total', type: 'integer' }]);
    expect([
      await dataHooks.saveRow('orders', { total: '4' }, call),
      await dataHooks.saveRow('orders', { total: '4' }, call),
    ]).toEqual([1, 1]);
    expect(await dataHooks.select('SELECT total FROM orders ORDER BY total', call)).toEqual([{ total: 3 }, { total: 4 }]);
  });
});

describe('other operations on data', () => {
  test('SET FILTER and SET MAX LINES hold for the reads that follow', async () => {
    const said = await run(`${orders}
      SAVE "orders", [{customer: "Ana", paid: TRUE}, {customer: "Bia", paid: FALSE}, {customer: "Caio", paid: TRUE}]
      SAVE "other", [{n: 1}, {n: 2}]
      SET FILTER "paid=true"
      TALK PLUCK(FIND("orders"), "customer")
      TALK COUNT(FIND "other")
      SET MAX LINES 1
      TALK PLUCK(FIND("orders"), "customer")
      SET FILTER ""
      SET MAX LINES 0
      TALK COUNT(FIND "orders")`);
    expect(said.split('\n')).toEqual(['["Ana","Caio"]', '2', '["Ana"]', '3']);
  });

  test('SYNCHRONIZE brings rows of another system, and doing it again changes nothing', async () => {
    products = {
      items: [
        { id: 1, name: 'tea' },
        { id: 2, name: 'cake' },
      ],
      total: 2,
    };
    const said = await run(`TABLE products
  id integer key
  name string(40)
END TABLE
TALK SYNCHRONIZE "https://shop.example/products", "products", "id"
TALK SYNCHRONIZE "https://shop.example/products", "products", "id"
TALK SYNCHRONIZE "products", "copy"
TALK PLUCK(FIND("copy"), "name")
TRY
  SYNCHRONIZE "https://nowhere.example/", "products", "id"
CATCH e
  TALK e.code
END TRY`);
    expect(said.split('\n')).toEqual([
      '{"added":2,"updated":0,"unchanged":0}',
      '{"added":0,"updated":0,"unchanged":2}',
      '{"added":2,"updated":0,"unchanged":0,"removed":0}',
      '["tea","cake"]',
      'operation_failed',
    ]);
  });

  test('QUERY METRICS counts by intervals', async () => {
    const said = await run(`
      rows = QUERY METRICS "messages" FOR "3d" BY "1d"
      TALK COUNT(rows) + " " + (rows[2].value > 0) + " " + rows[0].value
      TRY
        x = QUERY METRICS "passwords"
      CATCH e
        TALK e.code
      END TRY
      TRY
        x = QUERY METRICS "turns" FOR "9999d" BY "1m"
      CATCH e
        TALK e.code
      END TRY`);
    expect(said.split('\n')).toEqual(['3 true 0', 'operation_failed', 'operation_failed']);
  });
});

describe('memories', () => {
  test('come back where they belong, and run out', async () => {
    const w = shared;
    const bot = await w.bot(
      `
      IF GET BOT MEMORY("n") IS NULL THEN
        SET BOT MEMORY "n", {a: [1, 2]}
        SET USER MEMORY "size", "M"
        REMEMBER "coupon", "TEA", 60
        CACHE SET "rate", 5.2, 60
        SET SESSION "step", 2
        SET "user.name", "Ana"
        SET "session.order", {item: {name: "tea"}}
      END IF
      TALK GET BOT MEMORY("n")
      TALK GET USER MEMORY("size")
      TALK RECALL("coupon")
      TALK CACHE GET("rate")
      TALK GET SESSION("step")
      TALK GET "user.name"
      TALK GET "session.order.item.NAME"
      TALK GET CONFIG "Shop Name"
      SET PARAM limit AS 10
      TALK GET CONFIG "limit"
      HEAR x`,
      { 'shop-name': 'Tea & Co' },
    );
    expect(await ask(w, bot)).toEqual(['{"a":[1,2]}', 'M', 'TEA', '5.2', '2', 'Ana', 'tea', 'Tea & Co', '10']);
    expect(await ask(w, bot, bea)).toEqual(['{"a":[1,2]}', '5.2', 'Bea', 'Tea & Co', '10']);
    await w.pass(61_000);
    await ask(w, bot, w.ana, 'end');
    expect(await ask(w, bot)).toEqual(['{"a":[1,2]}', 'M', 'Ana', 'Tea & Co', '10']);
  });

  test('are bounded, in keys and in size', async () => {
    const said = await run(`
      TRY
        SET BOT MEMORY "big", REPEAT("x", 65537)
      CATCH e
        TALK e.code
      END TRY
      TRY
        SET BOT MEMORY "", 1
      CATCH e
        TALK e.message
      END TRY
      TRY
        SET SESSION "big", REPEAT("x", 40000)
      CATCH e
        TALK e.code
      END TRY
      SET BOT MEMORY "'; drop table gb.bot_memory; --", 1
      TALK GET BOT MEMORY("'; drop table gb.bot_memory; --")
      SET BOT MEMORY "gone", 1
      SET BOT MEMORY "gone", NULL
      TALK GET BOT MEMORY("gone") IS NULL`);
    expect(said.split('\n')).toEqual([
      'limit_reached',
      expect.stringContaining('1 to 200 characters'),
      'limit_reached',
      '1',
      'true',
    ]);
  });

  test('go from bot to bot of one customer, and no further', async () => {
    const [w, elsewhere] = [shared, await open()];
    const other = await w.bot('HEAR x\nTALK GET BOT MEMORY("prices")\nTALK BOT SYNC MEMORY FROM x\nTALK GET BOT MEMORY("own")');
    const shop = await w.bot(
      `SET BOT MEMORY "prices", {tea: 10}\nSET BOT MEMORY "own", 1\nBOT SHARE MEMORY "prices" WITH "${other.handle}"`,
    );
    await ask(w, shop);
    await ask(w, other);
    expect(await ask(w, other, w.ana, shop.handle)).toEqual(['{"tea":10}', '2', '1']);
    const stranger = await elsewhere.bot(`TRY\n  BOT SYNC MEMORY FROM "${shop.handle}"\nCATCH e\n  TALK e.code\nEND TRY`);
    expect(await ask(elsewhere, stranger)).toEqual(['operation_failed']);
  });
});

test('a filter means the same over rows in memory and over a table, whatever the values', async () => {
  const pool: readonly PlainValue[] = [
    ...[null, '', ' ', 0, 1, -1, 7, 10, 1.5, 1e21, 0.1, true, false],
    ...[
      '7',
      '007',
      ' 7 ',
      '7.0',
      '1e1',
      '-1',
      '.5',
      '5.',
      '+3',
      '9a',
      'a',
      'A',
      'É',
      'é',
      'ção',
      'ÇÃO',
      'ß',
      '%',
      '_',
      '\\',
      "'",
      '"',
    ],
    ...[
      'true',
      'Sim',
      'não',
      'off',
      '2026-03-04',
      '4/3/2026',
      '04.03.2026',
      '2026-3-4 10:00',
      '2026-03-04T10:00:30Z',
      '31/02/2026',
    ],
    ...['2026-02-29', '2024-02-29', '10:00', 'null', '{"a":1}', '0x10', 'Infinity', 'NaN', '1,5', '12e', '١'],
  ];
  const bot = await shared.bot(
    'TABLE t\n  id integer key\n  a text\n  n number\n  b boolean\n  d timestamp\n  j json\nEND TABLE',
  );
  const memory = createMemoryOperations();
  await shared.ctx.store.transaction(shared.customerId, async (tx) => {
    const table = (await tx.tables.get(bot.botId, 't'))!;
    const given = pool.flatMap((value, id) => [
      {
        id,
        a: value === null || typeof value === 'string' ? value : JSON.stringify(value),
        n: typeof value === 'number' ? value : null,
        b: typeof value === 'boolean' ? value : null,
        d: typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) && value !== '2026-02-29' ? value : null,
        j: value,
      },
    ]);
    const rows = await tx.tables.insert(table, given);
    memory('SAVE', { table: 't', columns: { rows: rows as never } });
    const call = {
      tx,
      botId: bot.botId,
      botUserId: bot.userId,
      userId: bot.userId,
      state: {},
      nowMs: 0,
      key: 'k',
    } as unknown as TurnScope;
    const { FIND } = dataOperations().inTurn!;
    const differences: unknown[] = [];
    for (const column of ['a', 'n', 'b', 'd', 'j', 'DATE(a)', 'DATE(d)', 'DATE(j)'])
      for (const operator of column.startsWith('DATE') ? ['=', '<'] : ['=', '<>', '<', '>=', 'not contains', 'in'])
        for (const value of pool) {
          // Only texts have days.
          if (column.startsWith('DATE') && typeof value !== 'string') continue;
          const where = [{ column, operator, value: operator.endsWith('in') ? [value, 'x'] : value }];
          const ids = (found: PlainValue): unknown => (found as readonly { id: number }[] | null)?.map((row) => row.id) ?? null;
          const [a, b] = [
            ids((memory('FIND', { table: 't', where: where as never }) as { value: PlainValue }).value),
            ids(await FIND!({ table: 't', where: where as never }, call)),
          ];
          if (JSON.stringify(a) !== JSON.stringify(b)) differences.push([where[0], a, b]);
        }
    expect(differences).toEqual([]);
    for (const column of ['a', 'n', 'b', 'd', 'j'])
      for (const isDescending of [false, true]) {
        const order = [{ column, isDescending }];
        expect([order, await FIND!({ table: 't', order } as never, call)]).toEqual([
          order,
          (memory('FIND', { table: 't', order } as never) as { value: PlainValue }).value,
        ]);
      }
  });
}, 120_000);
