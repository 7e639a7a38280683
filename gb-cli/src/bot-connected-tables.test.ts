import { connect, createServer, type Server } from 'node:net';
import { readBotSettings } from 'gb-core';
import type { UserId } from 'gb-protocol';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { createConnections, dataOperations, memoryOperations } from 'gb-vm/host';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BotWorld, type TestBot } from './testing/bots.ts';

let database: TestDatabase;
/** What somebody else runs. */
let erp: TestDatabase;
let door: Server;
let w: BotWorld;
let settings: Readonly<Record<string, string>>;
const withSession = createConnections({ allow: ['127.0.0.1'] });

beforeAll(async () => {
  [database, erp] = await Promise.all([startTestDatabase(), startTestDatabase()]);
  const { host, port, user, password, database: name } = erp.postgres.owner;
  door = createServer((socket) => {
    const inner = connect(`${host}/.s.PGSQL.${port}`);
    for (const one of [socket, inner]) one.on('error', () => {});
    socket.pipe(inner).pipe(socket);
    socket.once('close', () => inner.destroy());
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  const own = (door.address() as { port: number }).port;
  settings = {
    'erp-server': '127.0.0.1',
    'erp-port': String(own),
    'erp-name': name,
    'erp-username': user,
    'erp-password': password,
    'erp-driver': 'postgres',
  };
  w = await BotWorld.open(database, { sets: [dataOperations({ withSession }), memoryOperations()] });
  await there(
    'create table clients (id serial primary key, name text, city text, since date)',
    'create table visits (id uuid primary key, client int references clients (id), note text)',
  );
});
afterAll(async () => {
  await w?.close();
  door?.close();
  await Promise.all([database?.close(), erp?.close()]);
});

async function there(...statements: readonly string[]): Promise<void> {
  const call = { customerId: 'c', key: 'k', settings, signal: AbortSignal.timeout(30_000) } as never;
  await withSession(call, 'erp', async (session) => {
    for (const statement of statements) await session.change(statement, []);
  });
}

const tables = `TABLE clients ON erp
  id integer key
  name string(60)
  city string
  since date
END TABLE
TABLE visits ON ERP WRITE BY "admin"
  id uuid key
  client integer references clients
  note text
END TABLE
TABLE notes
  id integer key
  client integer
  text string
END TABLE
`;

async function ask(bot: TestBot, who: UserId = w.ana): Promise<string[]> {
  const room = await w.direct(who, bot.userId);
  const before = (await w.said(bot.userId, room)).length;
  await w.say(who, room, 'go');
  await w.settle();
  return (await w.said(bot.userId, room)).slice(before);
}

test('a table of another database is found, filled, changed and summed up like any other', async () => {
  const bot = await w.bot(
    `${tables}
    SAVE "clients", [{name: "Ana", city: "Recife", since: "2020-01-31"}, {name: "Bia", city: "Olinda", since: "01/02/2021"}]
    name = "Caio"
    city = "recife"
    TALK SAVE("clients", name, city)
    found = FIND "clients" WHERE city = "Recife" ORDER BY name DESC
    TALK found[0].name + " " + UBOUND(found)
    which = "CLIENTS"
    bia = FIND which, "name=bia"
    TALK bia.since
    bia.city = "Natal"
    TALK UPDATE("clients", bia)
    TALK UPDATE "clients" SET since = "2026-05-01" WHERE since IS NULL
    TALK MERGE "clients" WITH [{id: 1, city: "Belém"}, {name: "Dora"}] BY "id"
    TALK DELETE("clients", "name=dora")
    TALK AGGREGATE("COUNT", "clients", "id", "city <> Natal")
    rows = QUERY "SELECT city, COUNT(*) AS n FROM clients WHERE id < ? GROUP BY city ORDER BY city", 3
    TALK rows[0].city + rows[0].n
    nobody = FIND "clients", 99
    TALK nobody IS NULL
    SAVE "notes", {client: bia.id, text: "near"}
    TALK FIND("notes", 1).text`,
    settings,
  );
  expect(await ask(bot)).toEqual([
    '1',
    'Caio 2',
    '2021-02-01',
    '1',
    '1',
    '{"added":1,"updated":1,"unchanged":0}',
    '1',
    '2',
    'Belém1',
    'true',
    'near',
  ]);
});

test('a table is copied from another database, and into it', async () => {
  await there('create table goods (id int primary key, name text)', "insert into goods values (1, 'tea'), (2, 'cake')");
  const bot = await w.bot(
    `TABLE goods ON erp
  id integer key
  name text
END TABLE
TALK SYNCHRONIZE("goods", "copies", "id")
UPDATE "copies" SET name = "pie" WHERE id = 2
SAVE "copies", {id: 3, name: "jam"}
TALK SYNCHRONIZE("copies", "goods", "id")
TALK PLUCK(SORT BY("goods", "id"), "name")
TRY
  SYNCHRONIZE "copies", "goods"
CATCH
  TALK ERROR MESSAGE
END TRY`,
    settings,
  );
  expect(await ask(bot)).toEqual([
    '{"added":2,"updated":0,"unchanged":0}',
    '{"added":1,"updated":1,"unchanged":1}',
    '["tea","pie","jam"]',
    expect.stringContaining('is synchronized by a key'),
  ]);
});

test('what a person says between two of them is heard in its place', async () => {
  const bot = await w.bot(
    `${tables}HEAR city
    INSERT INTO "clients" VALUES {name: "Eva", city: city}
    HEAR other
    UPDATE "clients" SET city = other WHERE name = "Eva"
    TALK FIND("clients", "name=Eva").city`,
    settings,
  );
  const room = await w.direct(w.ana, bot.userId);
  for (const text of ['go', 'Natal', 'Olinda']) {
    await w.say(w.ana, room, text);
    await w.settle();
  }
  expect(await w.said(bot.userId, room)).toEqual(['Olinda']);
});

test('whoever reads the settings of a bot reads no password, also not in an address', async () => {
  const addresses = {
    'erp-url': 'postgres://shop:hush@db.example.com/shop',
    'crm-url': 'mysql://hush@db.example.com/crm',
    'erp-password': 'hush',
  };
  const bot = await w.bot('TALK "hi"', { ...addresses, 'shop-site': 'https://example.com/~ana@home' });
  const owner = { customerId: w.customerId, userId: w.ana, role: 'owner', sessionId: null } as const;
  const shown = new Map((await readBotSettings(w.ctx, owner, bot.botId)).map(({ name, value }) => [name, value]));
  for (const name of Object.keys(addresses)) expect([name, shown.get(name)]).toEqual([name, null]);
  expect(shown.get('shop-site')).toBe('https://example.com/~ana@home');
});

test('roles, mistakes and what is missing are errors of the program, without what is secret', async () => {
  const bea = await w.person('Bea');
  const source = `${tables}
    TRY
      SAVE "visits", {client: 1, note: "x"}
      TALK "saved"
    CATCH
      TALK ERROR MESSAGE
    END TRY
    TRY
      SAVE "visits", {client: 12345, note: "x"}
    CATCH
      TALK ERROR MESSAGE
    END TRY
    TRY
      SET "clients", "id=1", "city=x"
    CATCH
      TALK ERROR MESSAGE
    END TRY
    TRY
      x = QUERY "SELECT c.name FROM clients c JOIN notes n ON c.id = n.client"
    CATCH
      TALK ERROR MESSAGE
    END TRY`;
  const bot = await w.bot(source, settings);
  const said = await ask(bot);
  expect(said[0]).toBe('saved');
  expect(said[1]).toContain('another table refers to the row, or a row it refers to is not there');
  expect(said[2]).toContain('where only FIND, SAVE, INSERT, UPDATE, DELETE, MERGE, QUERY and SYNCHRONIZE reach it');
  expect(said[3]).toContain('notes is in another database');
  expect((await ask(bot, bea))[0]).toContain('may not change visits');
  const lost = await w.bot(`${tables}TRY\nx = FIND "clients"\nCATCH\nTALK ERROR MESSAGE\nEND TRY`, {
    ...settings,
    'erp-password': 'secret',
    'erp-port': '1',
  });
  expect((await ask(lost)).join()).toMatch(/the database erp does not answer/);
  const missing = await w.bot(`${tables}TRY\nx = FIND "clients"\nCATCH\nTALK ERROR MESSAGE\nEND TRY`);
  expect((await ask(missing)).join()).toMatch(/erp-server is not set/);
});

test('computed columns, lists and rows of several keys work in a script', async () => {
  const bot = await w.bot(`TABLE lines
  order integer
  line integer
  price decimal(10,2) default 0
  count integer
  total decimal(12,2) GENERATED ALWAYS AS (price * count) STORED
  label string AS (CASE WHEN count > 1 THEN CONCAT(count, ' pieces') ELSE 'one' END)
  tags string(20)[]
  PRIMARY KEY (order, line)
END TABLE
TABLE notes
  id integer key
  o integer
  l integer
  FOREIGN KEY (o, l) REFERENCES lines
END TABLE
SAVE "lines", {order: 1, line: 1, price: 2.5, count: 3, tags: ["new", "vip"]}
SAVE "lines", {order: 1, line: 2, price: 10, count: 1}
one = FIND "lines" WHERE order = 1 AND line = 1
TALK one.total + " " + one.label + " " + one.tags[1]
one.count = 4
TALK UPDATE("lines", one)
TALK MERGE "lines" WITH [{order: 1, line: 2, price: 11}, {order: 2, line: 1, count: 1}] BY "order, line"
TALK AGGREGATE("SUM", "lines", "total")
TALK COUNT(FILTER("lines", "tags contains vip"))
SAVE "notes", {o: 2, l: 1}
TRY
  SAVE "notes", {o: 9, l: 9}
CATCH
  TALK ERROR MESSAGE
END TRY
TRY
  UPDATE "lines" SET total = 1 WHERE line = 1
CATCH
  TALK ERROR MESSAGE
END TRY`);
  expect(await ask(bot)).toEqual([
    '7.5 3 pieces vip',
    '1',
    '{"added":1,"updated":1,"unchanged":0}',
    '21',
    '1',
    expect.stringContaining('o, l of notes names a row that is not there'),
    expect.stringContaining('total of lines is computed'),
  ]);
});
