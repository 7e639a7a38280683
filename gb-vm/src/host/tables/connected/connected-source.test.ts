import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Condition, ManifestColumn, ManifestTable, OutsideCall, PlainValue } from 'gb-core';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCondition } from '../../../runtime/operations/read-condition.ts';
import { OperationFailed } from '../../operation.ts';
import { connectedSource } from './connected-source.ts';
import { createConnections, type WithSession } from './connections.ts';
import { readConnection } from './settings.ts';

// The same stories at a PostgreSQL of our own and at a MariaDB that Debian has, which is started here or found by the environment.

const tool = fileURLToPath(new URL('../../../../../tools/test-services.ts', import.meta.url));
const scratch = mkdtempSync(path.join(tmpdir(), 'gb-mariadb-'));
const settings: Record<string, string> = {};
const withSession: WithSession = createConnections({ allow: ['127.0.0.1', 'localhost'] });
let database: TestDatabase;
let door: Server;
let isMysql = false;

beforeAll(async () => {
  chmodSync(scratch, 0o711);
  database = await startTestDatabase();
  const { host, port, user, password, database: shop } = database.postgres.owner;
  // It listens at a file; bots reach databases over the network.
  door = createServer((socket) => {
    const inner = connect(`${host}/.s.PGSQL.${port}`);
    for (const one of [socket, inner]) one.on('error', () => {});
    socket.pipe(inner).pipe(socket);
    socket.once('close', () => inner.destroy());
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  const { port: own } = door.address() as { port: number };
  const url = `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@127.0.0.1:${own}/${shop}`;
  settings['postgres-url'] = url;
  const { out, err } = process.env['TEST_MYSQL_URL']
    ? { out: `export TEST_MYSQL_URL='${process.env['TEST_MYSQL_URL']}'`, err: '' }
    : await services('mariadb');
  const found = /^export TEST_MYSQL_URL='(.*)'$/m.exec(out)?.[1];
  if (found) settings['mysql-url'] = found;
  else process.stderr.write(`skipped: MariaDB: ${err.trim()}\n`);
  isMysql = found !== undefined;
}, 400_000);

afterAll(async () => {
  if (!process.env['TEST_MYSQL_URL']) await services('--down', 'mariadb');
  rmSync(scratch, { recursive: true, force: true });
  door?.close();
  await database?.close();
}, 60_000);

function services(...args: readonly string[]): Promise<{ out: string; err: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [tool, '--dir', scratch, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, err] = ['', ''];
    child.stdout.on('data', (data) => (out += data));
    child.stderr.on('data', (data) => (err += data));
    child.once('error', reject);
    child.once('close', () => resolve({ out, err }));
  });
}

const callOf = (more: Partial<OutsideCall> = {}): OutsideCall =>
  ({ customerId: 'c', key: 'conversation:1', settings, signal: AbortSignal.timeout(60_000), ...more }) as OutsideCall;

const column = (name: string, type: ManifestColumn['type'], more: Partial<ManifestColumn> = {}): ManifestColumn => ({
  name,
  type,
  isKey: false,
  isRequired: false,
  isUnique: false,
  ...more,
});
const declared = (name: string, columns: readonly ManifestColumn[], connection = 'postgres'): ManifestTable => ({
  name,
  connection,
  readBy: [],
  writeBy: [],
  columns,
  uniques: [],
  indexes: [],
});

/** What an administrator of that database does. */
async function there(connection: string, ...statements: readonly string[]): Promise<void> {
  await withSession(callOf(), connection, async (session) => {
    for (const statement of statements) await session.change(statement, []);
  });
}

const where = (text: string): Condition => readCondition(text)!;
const refusal = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Error);
  const { said } = error as { said: { en: string; pt: string } };
  expect(said.pt).not.toBe(said.en);
  expect(said.en + said.pt).not.toContain('secret');
  return said.en;
};

describe.each(['postgres', 'mysql'] as const)('%s', (engine) => {
  const number = engine === 'postgres' ? 'serial primary key' : 'int auto_increment primary key';
  const columns = [
    column('id', 'integer', { isKey: true }),
    column('name', 'text', { size: 40 }),
    column('price', 'decimal', { size: 10, scale: 2 }),
    column('weight', 'number'),
    column('Sold', 'boolean'),
    column('born', 'date'),
    column('seen', 'timestamp'),
    column('opens', 'time'),
    column('data', 'json'),
    column('code', 'text'),
  ];
  const json = engine === 'postgres' ? 'jsonb' : 'json';
  const goods = (more: Partial<OutsideCall> = {}) =>
    connectedSource((work) => withSession(callOf(more), engine, work), declared('goods', columns, engine), callOf(more).key);
  const rows: readonly Record<string, PlainValue>[] = [
    {
      name: 'Tea',
      price: 10.5,
      weight: 0.1,
      Sold: true,
      born: '2000-05-17',
      seen: '2026-03-04 10:00:00',
      opens: '08:30',
      data: { a: [1, 'x'] },
      code: '007',
    },
    {
      name: "O'Brien é",
      price: 30,
      weight: 1e21,
      Sold: false,
      born: '1999-12-31',
      seen: '2026-03-04 00:00:00',
      opens: '14:30:05',
      data: [],
      code: '10',
    },
    { name: '50%_off\\', price: null, weight: null, Sold: null, born: null, seen: null, opens: null, data: null, code: 'zz' },
  ];

  test('rows are written, found and told as those of a table of the bot are', async (context) => {
    if (engine === 'mysql' && !isMysql) return context.skip('no MariaDB could be had; what is missing stands above');
    await there(
      engine,
      `create table "Goods" (id ${number}, name varchar(40), price decimal(10,2), weight double precision, sold boolean, born date, seen timestamp null, opens time, data ${json}, code varchar(20), hidden int)`,
    );
    const source = goods();
    expect(await source.insert(rows)).toHaveLength(3);
    const found = await source.find({});
    expect(found).toEqual(rows.map((row, index) => ({ id: index + 1, ...row })));
    const ids = async (text: string) => (await source.find({ condition: where(text) })).map(({ id }) => id);
    for (const [text, expected] of [
      ['name = tea', [1]],
      ['name = "o\'brien é"', [2]],
      ['name like "t%"', [1]],
      ['name like "50%"', [3]],
      ['name contains "%_off\\"', [3]],
      ['price > 10 and price <= 10.50', [1]],
      ['price is null', [3]],
      ['not (price > 20)', [1, 3]],
      ['sold = true', [1]],
      ['SOLD = sim', [1]],
      ['born < 2000-01-01', [2]],
      ['born = 17/05/2000', [1]],
      ['seen >= "2026-03-04 09:00"', [1]],
      ['opens = 8:30', [1]],
      ['opens > 9:00', [2]],
      ['id in (1, 3)', [1, 3]],
      ['code = 7', [1]],
      ['code > 8', [2]],
      ['weight > 1', [2]],
      ['data contains "x"', [1]],
      ['name = x or id = 2', [2]],
    ] as const)
      expect([text, await ids(text)]).toEqual([text, expected]);
    expect(await source.find({ order: [{ column: 'price', isDescending: true }], limit: 2, columns: ['Name'] })).toEqual([
      { name: "O'Brien é" },
      { name: 'Tea' },
    ]);
  });

  test('nothing that is written becomes part of a statement', async (context) => {
    if (engine === 'mysql' && !isMysql) return context.skip('no MariaDB could be had; what is missing stands above');
    const source = goods();
    const before = (await source.find({})).length;
    for (const evil of [
      `'; drop table goods; --`,
      `\\'; drop table goods; #`,
      `" or "1"="1`,
      '$1',
      '?',
      '`x`',
      '/*!50000 x*/',
      '\\',
    ]) {
      await source.insert([{ name: evil }]);
      const condition: Condition = {
        kind: 'compare',
        column: { name: 'name', isDay: false },
        operator: '=',
        value: evil,
        isWord: false,
      };
      expect([evil, await source.find({ condition, columns: ['name'] })]).toEqual([evil, [{ name: evil }]]);
      expect((await source.delete(condition)).count).toBe(1);
      expect(await refusal(source.find({ condition: { ...condition, column: { name: evil, isDay: false } } }))).toMatch(
        /has no column/,
      );
    }
    expect(await source.find({})).toHaveLength(before);
  });

  test('rows change, go and are merged, and what fails leaves nothing', async (context) => {
    if (engine === 'mysql' && !isMysql) return context.skip('no MariaDB could be had; what is missing stands above');
    const source = goods();
    expect(await source.update(where('id = 1'), { name: 'Green tea', Sold: false, data: { b: 2 } })).toEqual({
      count: 1,
      rows: [],
    });
    expect(await source.find({ condition: where('id = 1') })).toMatchObject([{ name: 'Green tea', Sold: false, data: { b: 2 } }]);
    const merged = await source.merge(
      [
        { id: 1, name: 'Green tea', price: 10.5 },
        { id: 2, price: 31 },
        { id: 99, name: 'Pie' },
      ],
      ['id'],
    );
    expect(merged).toMatchObject({ added: 1, updated: 1, unchanged: 1 });
    const all = await source.find({});
    expect(await refusal(source.insert([{ name: 'fresh' }, { name: 'x'.repeat(41) }]))).toMatch(/at most 40/);
    expect(await refusal(source.insert([{ name: 'fresh' }, { price: 1, born: 'never' }]))).toMatch(/born takes a date/);
    expect(await source.find({})).toEqual(all);
    expect((await source.delete(where('name = pie'))).count).toBe(1);
  });

  test('a row without its key gets one that is the same when it is done again', async (context) => {
    if (engine === 'mysql' && !isMysql) return context.skip('no MariaDB could be had; what is missing stands above');
    await there(engine, `create table tickets (id ${engine === 'postgres' ? 'uuid' : 'char(36)'} primary key, n int not null)`);
    const tickets = (key: string) =>
      connectedSource(
        (work) => withSession(callOf(), engine, work),
        declared('tickets', [column('id', 'uuid', { isKey: true }), column('n', 'integer')], engine),
        key,
      );
    for (const key of ['turn:1', 'turn:1', 'turn:2']) await tickets(key).insert([{ n: 1 }, { n: 2 }]);
    expect(await tickets('').find({})).toHaveLength(4);
    const [one] = await tickets('').find({ limit: 1 });
    expect(await refusal(tickets('x').insert([{ n: 5 }, { id: one!['id']!, n: 6 }]))).toMatch(/already has a row/);
    expect(await refusal(tickets('x').insert([{}]))).toMatch(/needs a value/);
    expect(await tickets('').find({})).toHaveLength(4);
  });

  test('more than may be read is refused, and a slow answer given up', async (context) => {
    if (engine === 'mysql' && !isMysql) return context.skip('no MariaDB could be had; what is missing stands above');
    await there(
      engine,
      `create table many (n int, t ${engine === 'postgres' ? 'text' : 'longtext'})`,
      `insert into many with recursive s (n) as (select 1 union all select n + 1 from s where n < 999) select n, repeat('x', 2000) from s`,
      `insert into many select 1000 + n, repeat('y', 300000) from many where n = 1`,
    );
    const many = connectedSource(
      (work) => withSession(callOf(), engine, work),
      declared('many', [column('n', 'integer'), column('t', 'text')], engine),
      'k',
    );
    expect(await refusal(many.find({ condition: where('n < 1000') }))).toMatch(/gives more than 10000 rows or 1024 KB/);
    expect(await many.find({ columns: ['n'] })).toHaveLength(1000);
    expect(await refusal(many.find({ condition: where('n > 1000') }))).toMatch(/too long to be read/);
    // Somebody who asked gave up.
    const stop = new AbortController();
    const slow = withSession(callOf({ signal: stop.signal }), engine, (session) => {
      setTimeout(() => stop.abort(), 50);
      return session.change(engine === 'postgres' ? 'select pg_sleep(60)' : 'select sleep(60)', []);
    });
    expect(await refusal(slow)).toMatch(/took too long/);
  });

  test('what is not there, not allowed or not right is said without what is secret', async (context) => {
    if (engine === 'mysql' && !isMysql) return context.skip('no MariaDB could be had; what is missing stands above');
    const ask = (table: ManifestTable, more: Record<string, string> = {}) =>
      connectedSource((work) => withSession(callOf({ settings: { ...settings, ...more } }), engine, work), table, 'k').find({});
    expect(await refusal(ask(declared('nowhere', columns, engine)))).toMatch(/has no table nowhere/);
    expect(await refusal(ask(declared('goods', [column('gone', 'text')], engine)))).toMatch(/has no column gone/);
    const wrong = new URL(settings[`${engine}-url`]!);
    wrong.password = 'secret-wrong';
    if (engine === 'mysql') {
      expect(await refusal(ask(declared('goods', columns, engine), { [`${engine}-url`]: wrong.href }))).toMatch(
        /user or the password/,
      );
    }
    wrong.pathname = '/secret_none';
    wrong.password = new URL(settings[`${engine}-url`]!).password;
    expect(await refusal(ask(declared('goods', columns, engine), { [`${engine}-url`]: wrong.href }))).toMatch(/no such database/);
    wrong.port = '1';
    expect(await refusal(ask(declared('goods', columns, engine), { [`${engine}-url`]: wrong.href }))).toMatch(/does not answer/);
  });
});

test('only what may be reached is reached, and over the internet only encrypted', async () => {
  const open = createConnections({
    allow: ['10.0.0.0/8'],
    lookup: async (host) => (host === 'rebound.example' ? ['127.0.0.1'] : ['9.9.9.9']),
  });
  const tried = (more: Record<string, string>) => refusal(open(callOf({ settings: more }), 'erp', async () => null));
  for (const host of ['127.0.0.1', 'localhost', '169.254.169.254', '192.168.0.1', '[::1]', '0.0.0.0', 'rebound.example'])
    expect([host, await tried({ 'erp-url': `postgres://u:secret@${host}/db` })]).toEqual([
      host,
      expect.stringMatching(/may not be reached|no name of a server/),
    ]);
  expect(await tried({ 'erp-server': 'db.example.com', 'erp-name': 'x', 'erp-username': 'u', 'erp-tls': 'off' })).toMatch(
    /only encrypted/,
  );
  expect(await tried({})).toBe('erp-server is not set');
  expect(await tried({ 'erp-server': 'db.example.com' })).toBe('erp-name is not set');
  expect(await tried({ 'erp-server': 'db.example.com', 'erp-name': 'x' })).toBe('erp-username is not set');
  expect(await tried({ 'erp-url': 'oracle://u:secret@h/db' })).toMatch(/is written like/);
  expect(await tried({ 'erp-server': 'a/b?c', 'erp-name': 'x', 'erp-user': 'u' })).toMatch(/no name of a server/);
});

test('a server that sends without end, or says nothing, is left', async () => {
  const flood = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      // Authenticated, then one message that says it is a gigabyte long.
      socket.write(Buffer.from('5200000008000000005a0000000549', 'hex'));
      const head = Buffer.alloc(5);
      head.write('D');
      head.writeUInt32BE(1_000_000_000, 1);
      socket.write(head);
      const piece = Buffer.alloc(1_048_576);
      const more = (): void => {
        while (!socket.destroyed && socket.write(piece));
        if (!socket.destroyed) socket.once('drain', more);
      };
      more();
    });
  });
  await new Promise<void>((resolve) => flood.listen(0, '127.0.0.1', resolve));
  const { port } = flood.address() as { port: number };
  try {
    const call = callOf({ settings: { 'erp-url': `postgres://u:secret@127.0.0.1:${port}/db` } });
    const asked = withSession(call, 'erp', (session) => session.change('select 1', []));
    expect(await refusal(asked)).toMatch(/gives too much/);
  } finally {
    flood.close();
  }
});

test('a connection is described in rows or in one address', () => {
  const rows = {
    'my-erp-server': 'db.example.com',
    'my-erp-name': 'sales',
    'my-erp-username': 'bot',
    'my-erp-password': 'p@ss',
    'my-erp-driver': 'MariaDB',
  };
  const erp = {
    engine: 'mysql',
    host: 'db.example.com',
    port: 3306,
    database: 'sales',
    user: 'bot',
    password: 'p@ss',
    tls: null,
  };
  expect(readConnection(rows, 'My ERP')).toEqual({ name: 'my-erp', ...erp });
  expect(readConnection({ 'conn-erp-url': 'mysql://bot:p%40ss@db.example.com/sales' }, 'erp')).toEqual({ name: 'erp', ...erp });
  expect(readConnection({ 'x-server': 'h', 'x-db': 'd', 'x-user': 'u', 'x-port': '3306', 'x-ssl': 'Yes' }, 'x')).toMatchObject({
    engine: 'mysql',
    tls: 'on',
  });
  expect(readConnection({ 'x-server': 'h', 'x-db': 'd', 'x-user': 'u' }, 'x')).toMatchObject({ engine: 'postgres', port: 5432 });
  for (const bad of ['constructor', 'oracle'])
    expect(() => readConnection({ 'x-server': 'h', 'x-db': 'd', 'x-user': 'u', 'x-driver': bad }, 'x')).toThrow(OperationFailed);
  expect(() => readConnection({ 'x-server': 'h', 'x-db': 'd', 'x-user': 'u', 'x-port': '70000' }, 'x')).toThrow(/65535/);
});
