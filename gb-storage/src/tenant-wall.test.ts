import { readFileSync } from 'node:fs';
import type { ManifestTable, NewMessage } from 'gb-core';
import type { ChannelId, ClientId, CustomerId, FileId, UserId } from 'gb-protocol';
import { silentLogger, uuidv7 } from 'gb-utils';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { catalogDefects } from './catalog-check.ts';
import { ColdMover } from './cold/cold-mover.ts';
import { openPostgresKeyValueStore } from './key-value/key-value-store.postgres.ts';
import { QuotaAdmin } from './quotas/quota-admin.ts';
import { createPostgresTaskQueue } from './tasks/task-queue.postgres.ts';
import { startTestDatabase, type TestDatabase } from './testing.ts';

let database: TestDatabase;
let owner: pg.Client;
/** A connection as the application has it, without the application: what an injected statement could do. */
let app: pg.Client;
let relay: pg.Client;
let ours: { customerId: CustomerId; userId: UserId; channelId: ChannelId; tableId: string; table: string };
let theirs: typeof ours;

beforeAll(async () => {
  database = await startTestDatabase();
  owner = new pg.Client(database.postgres.owner);
  app = new pg.Client(database.postgres.app);
  relay = new pg.Client(database.postgres.relay);
  await Promise.all([owner.connect(), app.connect(), relay.connect()]);
  ours = await customer('ours');
  theirs = await customer('theirs');
}, 60_000);

afterAll(async () => {
  await Promise.all([owner?.end(), app?.end(), relay?.end()]);
  await database?.close();
}, 60_000);

const declaredTable: ManifestTable = {
  name: 'orders',
  connection: null,
  readBy: [],
  writeBy: [],
  columns: [
    { name: 'id', type: 'integer', isKey: true, isRequired: true, isUnique: false },
    { name: 'a', type: 'text', isKey: false, isRequired: false, isUnique: false },
  ],
  uniques: [],
  indexes: [],
};

/** A customer with a row in every table there is. */
async function customer(name: string): Promise<typeof ours> {
  const store = await database.openStore();
  const { customerId, userId } = await store.createCustomer({
    organizationName: name,
    userName: name,
    handle: name,
    email: `${name}@example.org`,
    passwordHash: 'x',
    locale: 'en',
  });
  const id = () => uuidv7() as never;
  const channelId = uuidv7() as ChannelId;
  await new QuotaAdmin([database.postgres.owner]).set(customerId, new Map([['bots', 100]]));
  let tableId = '';
  const hash = new Uint8Array([1]);
  const fileId = uuidv7() as FileId;
  await store.transaction(customerId, async (tx) => {
    await tx.channels.insert({ id: channelId, kind: 'public', name: 'general', topic: '', directKey: null, createdBy: userId });
    await tx.channels.saveDraft(channelId, userId, null, 'draft');
    const botUser = await tx.users.insert({
      id: id(),
      kind: 'bot',
      name: 'Bot',
      handle: 'bot',
      role: 'bot',
      email: null,
      passwordHash: null,
      locale: 'en',
    });
    await tx.channels.addMember(channelId, userId);
    await tx.sessions.insert({ id: id(), userId, tokenHash: hash, createdAt: 1, lastSeenAt: 1, expiresAt: 2, userAgent: '' });
    await tx.invitations.insert({
      codeHash: hash,
      code: 'c',
      role: 'member',
      createdBy: userId,
      createdAt: 1,
      expiresAt: 2,
      usesMax: 1,
      uses: 0,
    });
    await tx.audit.write({ actorId: userId, action: 'a', target: 't', facts: {} });
    await tx.quotas.countMessages(1);
    const bot = await tx.bots.insert({ id: id(), userId: botUser.id, description: '', origin: 'editor', files: [] });
    await tx.bots.addVersion(bot.id, { program: { hash: 'h', wasm: hash, debugMap: '' }, files: [], publishedBy: null });
    await tx.conversations.save(
      {
        id: id(),
        botId: bot.id,
        channelId,
        userId,
        threadSeq: 0,
        programHash: 'h',
        status: 'waiting',
        snapshot: null,
        turn: 1,
        lastEventSeq: 0,
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
      },
      null,
    );
    await tx.knowledge.replaceDocument(bot.id, {
      collection: 'c',
      name: 'n',
      title: 't',
      address: null,
      sha256: '0'.repeat(64),
      language: 'simple',
      embeddingModel: 'm',
      passages: [{ heading: '', text: 'x', embedding: [1] }],
    });
    await tx.botLog.write(bot.id, {
      level: 'info',
      code: 'published',
      message: 'm',
      file: null,
      line: null,
      column: null,
      version: 1,
      conversationId: null,
      userId,
    });
    const key = { id: id(), botId: bot.id, name: 'k', createdBy: userId, createdAt: Date.now(), tokenHash: new Uint8Array([1]) };
    await tx.botKeys.insert(key);
    await tx.tables.declare(bot.id, [declaredTable]);
    const table = (await tx.tables.get(bot.id, 'orders'))!;
    tableId = table.id;
    await tx.tables.insert(table, [{ a: name }]);
    await tx.sheets.append(await tx.sheets.open(bot.id, 'notes'), [{ a: name }], ['a']);
    await tx.memories.set({ botId: bot.id, kind: 'bot' }, 'a', name);
    const clock = {
      script: 's',
      text: '',
      label: '',
      origin: 'asked',
      params: {},
      timeZone: 'UTC',
      wakeAt: null,
      lastAt: null,
    } as const;
    await tx.schedules.put({ ...clock, id: id(), botId: bot.id, rule: null });
    await tx.triggers.replace(bot.id, [{ kind: 'event', name: 'e', script: 's', details: {} }]);
    const input = { answer: null, result: null, nowMs: 1, seed: 1, locale: 'en', variables: {}, results: null } as const;
    const output = { status: 'finished', replies: [], request: null, error: null } as const;
    const turn = {
      conversationId: id(),
      botId: bot.id,
      turn: 1,
      at: Date.now(),
      cause: 'start',
      programHash: 'h',
      fuel: 0,
    } as const;
    await tx.journal.write({ ...turn, snapshot: null, input, output });
    await tx.journal.writeEdit({ id: id(), conversationId: id(), botId: bot.id, turn: 1, at: 1, userId, changes: [] });
    await tx.secretAnswers.put(channelId, 1, name);
    const webhookId = id();
    await tx.webhooks.insert({
      id: webhookId,
      name,
      address: 'https://example.com/',
      kinds: ['message.posted'],
      isEverywhere: false,
      channels: [{ channelId, chosenBy: userId }],
      secret: hash,
      oldSecret: null,
      createdBy: userId,
      createdAt: 1,
      offReason: null,
      failures: 0,
      failingSince: null,
    });
    await tx.webhooks.addDelivery({ id: id(), webhookId, kind: 'webhook.test', entry: null });
    const exportId = id();
    await tx.exports.insert({
      id: exportId,
      channelId,
      requestedBy: userId,
      status: 'waiting',
      state: { locale: 'en', channels: null, afterSeq: 0, page: 0, onPage: 0, parts: 0, packed: 0, entries: 0 },
      written: 0,
      total: 0,
      revision: 0,
      fileId: null,
      bytes: null,
      reason: null,
      createdAt: 1,
      changedAt: 1,
      endsAt: null,
    });
    await tx.exports.putEntries(exportId, [{ number: 0, name, crc: 0, size: 0, packed: 0, parts: [0] }]);
    const work = { botId: bot.id, title: 't', details: null };
    await tx.tasks.insert({ ...work, id: id(), assigneeId: userId, createdBy: userId, dueAt: 1 });
    await tx.appointments.book({ ...work, id: id(), calendars: ['c'], personId: userId, startsAt: 0, endsAt: 600_000 });
    await tx.people.setAttendance(userId, 'away');
    await tx.handovers.insert({
      id: id(),
      code: 'A',
      botId: bot.id,
      conversationId: id(),
      personId: userId,
      deskId: channelId,
      rootClientId: id(),
      queue: '',
      reason: '',
      priority: 'normal',
      tags: [],
      openedAt: 1,
    });
    const asked = { botId: bot.id, conversationId: id(), approverId: userId, text: '', askedAt: 1, expiresAt: null };
    await tx.approvals.insert({ ...asked, id: id(), code: 'A' });
    await tx.contacts.put({ key: 'k', name, email: '', phone: '', score: 0, details: {} });
    await tx.contacts.note({ id: id(), key: 'k', botId: bot.id, kind: 'note', text: 't', amount: null, at: 1, details: null });
    await tx.counters.count({ botId: bot.id, day: '2026-01-01', name: 'n', labels: '{}', amount: 1 });
    await tx.secrets.getOrSet('test', hash);
    await tx.files.reserve({ id: fileId, ownerId: userId, botId: null, size: 1, leavingAt: Date.now() + 60_000 }, 10);
    await tx.files.complete(
      fileId,
      { name: 'f', type: 'text/plain', size: 1, sha256: hash, width: null, height: null },
      { until: Date.now() + 60_000 },
    );
    await tx.log.append([{ channelId, actorId: userId, body: { kind: 'member.joined', userId } }]);
  });
  const message = (text: string): NewMessage => ({
    channelId,
    authorId: uuidv7() as UserId,
    clientId: uuidv7() as ClientId,
    text,
    threadSeq: null,
    mentions: [userId],
    mentionsChannel: false,
    suggestions: [],
    parts: { attachments: [{ id: fileId, name: 'f', type: 'text/plain', size: 1 }] },
  });
  const tasks = createPostgresTaskQueue({ app: database.postgres.app, log: silentLogger });
  await tasks.put({ kind: 'any', customerId, key: name, payload: name });
  await tasks.close();
  await store.appendMessage(customerId, message(`${name} old`));
  await goCold(customerId);
  await decide(customerId);
  const { seq } = await store.appendMessage(customerId, message(name));
  await store.transaction(customerId, async (tx) => {
    await tx.messages.edit(channelId, seq, { text: `${name} edited`, mentions: [userId], mentionsChannel: false });
    await tx.messages.addReaction(channelId, seq, userId, '👍');
  });
  const [entry] = (await store.outbox.take(100)).filter((one) => one.customerId === customerId);
  await store.outbox.park(entry!, 'test', 'why');
  await store.close();
  return { customerId, userId, channelId, tableId, table: `gb.t_${tableId.replaceAll('-', '')}` };
}

/** As if a transaction of the customer had been in several databases. */
async function decide(customerId: CustomerId): Promise<void> {
  await app.query('begin');
  await app.query("select set_config('gb.customer', $1, true)", [customerId]);
  await app.query("insert into gb.split_decisions (customer_id, transaction_id, is_commit, parts) values ($1, $2, false, '{}')", [
    customerId,
    uuidv7(),
  ]);
  await app.query('commit');
}

/** Moves what the customer wrote to cold history, once cut short and once to the end, so that every table of it has rows. */
async function goCold(customerId: CustomerId): Promise<void> {
  const { app } = database.postgres;
  const keyValues = await openPostgresKeyValueStore({ app, log: silentLogger });
  const cut = () => {
    throw new RangeError('cut short');
  };
  for (const onStep of [cut, undefined]) {
    const policy = { ageMsMin: -60_000, messagesMin: 1 };
    const mover = new ColdMover({ app, keyValues, log: silentLogger, policy, ...(onStep ? { onStep } : {}) });
    const running = mover.runFor(customerId);
    if (onStep) await expect(running).rejects.toThrow('cut short');
    else expect(await running).toMatchObject({ moved: 1 });
    await mover.close();
  }
  await keyValues.close();
}

/** One statement in a transaction bound to `customerId`, or to nobody. */
async function as(
  client: pg.Client,
  customerId: string | null,
  sql: string,
  values: unknown[] = [],
): Promise<pg.QueryResult<Record<string, unknown>>> {
  await client.query('begin');
  try {
    if (customerId !== null) await client.query("select set_config('gb.customer', $1, true)", [customerId]);
    return await client.query(sql, values);
  } finally {
    await client.query('rollback');
  }
}

async function tables(): Promise<string[]> {
  const { rows } = await owner.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'gb' and c.relkind in ('r', 'p') and not c.relispartition order by 1`,
  );
  return rows.map((row) => row.name);
}

/** What the application does not read, so that the wall is looked at through the roles that do. */
const readerOf = (table: string) => (table === 'gb.outbox' || table === 'gb.dead_letters' ? null : app);

describe('row-level security', () => {
  test('a statement without a where clause sees one customer, in every table', async () => {
    const names = await tables();
    expect(names.length).toBeGreaterThanOrEqual(22);
    for (const table of names) {
      const reader = readerOf(table);
      if (!reader) continue;
      const { rows } = await as(reader, ours.customerId, `select distinct customer_id from ${table}`);
      const seen = table === theirs.table ? [] : [ours.customerId];
      expect([table, rows.map((row) => row['customer_id'])]).toEqual([table, seen]);
    }
  });

  test('without a customer nothing is seen, and the owner of the tables is no exception', async () => {
    for (const table of await tables()) {
      for (const client of [readerOf(table), owner]) {
        if (!client) continue;
        for (const nobody of [null, '']) {
          const { rows } = await as(client, nobody, `select count(*)::int as n from ${table}`);
          expect([table, rows[0]?.['n']]).toEqual([table, 0]);
        }
      }
    }
  });

  test('a row of another customer is neither inserted nor moved nor changed', async () => {
    const insert = 'insert into gb.channel_heads (customer_id, channel_id) values ($1, $2)';
    await expect(as(app, ours.customerId, insert, [theirs.customerId, theirs.channelId])).rejects.toMatchObject({
      code: '42501',
    });
    await expect(as(app, null, insert, [ours.customerId, ours.channelId])).rejects.toMatchObject({ code: '42501' });
    await expect(as(app, ours.customerId, 'update gb.users set customer_id = $1', [theirs.customerId])).rejects.toMatchObject({
      code: '42501',
    });
    expect(
      (await as(app, ours.customerId, 'update gb.users set name = name where customer_id = $1', [theirs.customerId])).rowCount,
    ).toBe(0);
    expect((await as(app, ours.customerId, 'delete from gb.drafts where customer_id = $1', [theirs.customerId])).rowCount).toBe(
      0,
    );
  });

  test('a foreign key does not reach over the wall', async () => {
    const insert = `insert into gb.members (customer_id, channel_id, user_id, read_seq, read_count, joined_at) values ($1, $2, $3, 0, 0, now())`;
    await expect(as(app, ours.customerId, insert, [ours.customerId, theirs.channelId, ours.userId])).rejects.toMatchObject({
      code: '23503',
    });
    await expect(as(app, ours.customerId, insert, [ours.customerId, ours.channelId, theirs.userId])).rejects.toMatchObject({
      code: '23503',
    });
  });

  test('a connection that is used again does not remember the customer', async () => {
    const single = await database.openStore();
    const read = () => single.read(ours.customerId, (tx) => tx.users.list());
    await Promise.all(Array.from({ length: 40 }, read));
    const pool = new pg.Pool({ ...database.postgres.app, max: 1 });
    const client = await pool.connect();
    await client.query('begin');
    await client.query("select set_config('gb.customer', $1, true)", [ours.customerId]);
    expect((await client.query('select count(*)::int as n from gb.users')).rows[0].n).toBeGreaterThan(0);
    await client.query('commit');
    client.release();
    expect((await pool.query('select count(*)::int as n from gb.users')).rows[0].n).toBe(0);
    await pool.end();
  });

  test('a batch of the writer leaves no customer set on its connection', async () => {
    await app.query(
      `select * from gb.append_messages($1, '{1}', '{1}', $2, '{1}', '{1}', '{1}', '{1}', '{1}', $3, $4, '{hi}', '{}', '{}', '{}', '{}', '{}', now())`,
      [[ours.customerId], [ours.channelId], [ours.userId], [uuidv7()]],
    );
    expect((await app.query('select count(*)::int as n from gb.messages')).rows[0].n).toBe(0);
  });

  test('a writer that names the wrong customer for a channel stores nothing', async () => {
    const call = `select * from gb.append_messages($1, '{1}', '{1}', $2, '{1}', '{1}', '{1}', '{1}', '{1}', $3, $4, '{hi}', '{}', '{}', '{}', '{}', '{}', now())`;
    await expect(app.query(call, [[ours.customerId], [theirs.channelId], [ours.userId], [uuidv7()]])).rejects.toMatchObject({
      code: '23503',
    });
  });

  test('partitions, the outbox and the directory are out of reach for the application', async () => {
    for (const sql of [
      'select 1 from gb.messages_0',
      'insert into gb.log_entries_3 default values',
      'select 1 from gb.outbox',
      'delete from gb.outbox',
      'select 1 from gb.dead_letters',
      'select 1 from control.logins',
      'select 1 from control.customers',
      'select 1 from control.migrations',
      'delete from gb.messages',
      'truncate gb.messages',
      'update gb.log_entries set seq = 0',
      'update gb.audit_entries set action = null',
      'delete from gb.audit_entries',
      'alter table gb.messages no force row level security',
      'create table gb.mine (id int)',
      'set role gb_owner',
      "select control.raise_wall('gb.users')",
    ]) {
      await expect(as(app, ours.customerId, sql), sql).rejects.toMatchObject({ code: '42501' });
    }
  });

  test('the relay sees references of all customers, and nothing else', async () => {
    const { rows } = await as(relay, null, 'select distinct customer_id from gb.outbox');
    expect(rows.map((row) => row['customer_id']).sort()).toEqual([ours.customerId, theirs.customerId].sort());
    for (const sql of [
      'select 1 from gb.messages',
      'select 1 from gb.users',
      'select 1 from gb.channel_heads',
      'select * from control.list_customers()',
    ]) {
      await expect(as(relay, ours.customerId, sql), sql).rejects.toMatchObject({ code: '42501' });
    }
    await expect(
      as(relay, null, "insert into gb.outbox (customer_id, channel_id, seq, kind) select $1, $1, 1, 'x'", [ours.customerId]),
    ).rejects.toMatchObject({
      code: '42501',
    });
  });

  test('a where clause that leaks what it sees is not asked about rows of others', async () => {
    // The function would tell by an error that a row with this text exists.
    const { rows } = await as(
      app,
      ours.customerId,
      "select text from gb.messages where 1 / (case when text like 'theirs%' then 0 else 1 end) = 1",
    );
    expect(rows.map((row) => row['text'])).toContain('ours edited');
  });
});

describe('a table that a bot declared', () => {
  const column = (more: object = {}) => JSON.stringify({ name: 'c_x', type: 'text', isRequired: false, ...more });

  test('shows nothing to another customer who knows its name, and takes nothing from them', async () => {
    const insert = `insert into ${theirs.table} (customer_id, c_id, c_a) values ($1, 9, 'mine')`;
    await expect(as(app, ours.customerId, insert, [ours.customerId])).rejects.toMatchObject({ code: '23514' });
    await expect(as(app, ours.customerId, insert, [theirs.customerId])).rejects.toMatchObject({ code: '42501' });
    for (const sql of [`select 1 from ${theirs.table}`, `update ${theirs.table} set c_a = 'mine'`, `delete from ${theirs.table}`])
      expect([sql, (await as(app, ours.customerId, sql)).rowCount]).toEqual([sql, 0]);
    expect((await as(app, theirs.customerId, `select c_a from ${theirs.table}`)).rows).toEqual([{ c_a: 'theirs' }]);
    // Not even the owner of the tables puts a row of one customer into the table of another.
    await expect(as(owner, ours.customerId, insert, [ours.customerId])).rejects.toMatchObject({ code: '23514' });
  });

  test('is neither referred to nor changed nor taken over by another customer', async () => {
    const calls: readonly (readonly [sql: string, values: unknown[]])[] = [
      ["select control.add_reference($1, 1, 'c_id', $2, 'c_id')", [ours.tableId, theirs.tableId]],
      ["select control.add_reference($1, 1, 'c_id', $2, 'c_id')", [theirs.tableId, ours.tableId]],
      ['select control.add_column($1, $2)', [theirs.tableId, column()]],
      ['select control.change_column($1, $2)', [theirs.tableId, column({ name: 'c_a' })]],
      ["select control.add_index($1, 5, '{c_a}', false)", [theirs.tableId]],
      ['select control.drop_part($1, 1)', [theirs.tableId]],
      ["select control.count_column($1, 'c_id')", [theirs.tableId]],
      ["select control.next_numbers($1, 'c_id', 1)", [theirs.tableId]],
      ["select control.number_taken($1, 'c_id', 9000000)", [theirs.tableId]],
      ["select control.drop_computed($1, 'c_id')", [theirs.tableId]],
      ["select control.settle_computed($1, 'c_id')", [theirs.tableId]],
      ["select control.add_references($1, 1, '{c_id}', $2, '{c_id}')", [ours.tableId, theirs.tableId]],
    ];
    for (const [sql, values] of calls) {
      await expect(as(app, ours.customerId, sql, values), sql).rejects.toMatchObject({ code: '42501' });
      await expect(as(app, null, sql, values), sql).rejects.toMatchObject({ code: '42501' });
      await expect(as(relay, theirs.customerId, sql, values), sql).rejects.toMatchObject({ code: '42501' });
    }
    const make = "select control.make_table($1, $2, '{}')";
    await expect(as(app, ours.customerId, make, [theirs.tableId, `[${column()}]`])).rejects.toMatchObject({ code: '23505' });
    await expect(as(app, null, make, [uuidv7(), `[${column()}]`])).rejects.toMatchObject({ code: '42501' });
    for (const sql of [
      `alter table ${ours.table} add column x int references ${theirs.table}`,
      `alter table ${ours.table} disable row level security`,
      `alter table ${ours.table} drop constraint if exists t_check`,
      `create index on ${ours.table} (c_a)`,
      `create trigger t after insert on ${ours.table} execute function pg_catalog.suppress_redundant_updates_trigger()`,
      `truncate ${ours.table}`,
      `drop table ${ours.table}`,
      'insert into control.tables values (gen_random_uuid(), gen_random_uuid())',
      'select 1 from control.tables',
      "select control.own_table('00000000-0000-0000-0000-000000000000')",
      "select control.column_type('{}')",
      "select control.computed('{}', 0)",
      `select nextval(pg_get_serial_sequence('${ours.table}', 'c_id'))`,
      `select setval(pg_get_serial_sequence('${theirs.table}', 'c_id'), 1)`,
    ])
      await expect(as(app, ours.customerId, sql), sql).rejects.toMatchObject({ code: '42501' });
  });

  test('has only columns of known shapes, whoever asks', async () => {
    for (const bad of [
      { name: 'x' },
      { name: 'customer_id' },
      { name: 'c_x" text); drop table gb.users; --' },
      { name: `c_${'x'.repeat(61)}` },
      { name: 'C_X' },
      { name: null },
      { type: 'text; drop table gb.users' },
      { type: 'serial' },
      { type: 'regclass' },
      { type: 'oid' },
      { type: null },
      { type: 'text', size: 0 },
      { type: 'text', size: 10_001 },
      { type: 'text', size: '5) default (1' },
      { type: 'decimal', size: 39 },
      { type: 'decimal', size: 5, scale: 6 },
      { default: { made: "now'); drop table gb.users; --" } },
      { default: { made: 'uuid', more: 1 } },
      { default: { made: 'now' } },
      { default: ['x'] },
      { default: 'x'.repeat(1_001) },
      { type: 'integer', default: '(select 1)' },
      { type: 'integer', default: "1'; drop table gb.users; --" },
      { isRequired: 'yes; drop' },
      { computed: { text: "'); drop table gb.users; --", op: 1 }, default: 'x' },
      { computed: { op: 'pg_sleep', of: [{ number: '1' }] } },
      { computed: { op: 'upper(%s) || pg_sleep', of: [{ text: 'x' }] } },
      { computed: { op: 'upper', of: [] } },
      { computed: { op: 'upper', of: [{ column: 'customer_id' }] } },
      { computed: { op: 'upper', of: [{ column: 'c_a"), (select 1' }] } },
      { computed: { number: "1'; drop table gb.users; --" } },
      { computed: { date: "2026-01-01'); drop table gb.users; --" }, type: 'date' },
      { computed: { boolean: 'true); drop table gb.users; --' }, type: 'boolean' },
      { computed: [] },
    ]) {
      const given = column(bad);
      const error = await as(app, ours.customerId, 'select control.add_column($1, $2)', [ours.tableId, given]).catch((e) => e);
      expect([given, error.code]).toEqual([given, expect.stringMatching(/^(22|42|54)/)]);
      const made = await as(app, ours.customerId, "select control.make_table($1, $2, '{}')", [uuidv7(), `[${given}]`]).catch(
        (e) => e,
      );
      expect([given, made.code]).toEqual([given, expect.stringMatching(/^(22|42|54)/)]);
    }
    // A default is a value, whatever it looks like.
    const text = "(select current_setting('gb.customer'))";
    await owner.query('begin');
    await owner.query("select set_config('gb.customer', $1, true)", [ours.customerId]);
    await owner.query('select control.add_column($1, $2)', [ours.tableId, column({ default: text })]);
    expect((await owner.query(`select c_x from ${ours.table}`)).rows).toEqual([{ c_x: text }]);
    await owner.query('rollback');
  });

  test('has keys, indexes and parts of known shapes only', async () => {
    const many = `[${Array.from({ length: 101 }, (_, n) => column({ name: `c_x${n}` })).join(',')}]`;
    for (const [sql, values] of [
      ["select control.make_table($1, $2, '{}')", [uuidv7(), many]],
      ["select control.make_table($1, '[]', '{}')", [uuidv7()]],
      ["select control.make_table($1, '{}', '{}')", [uuidv7()]],
      ["select control.make_table($1, $2, '{c_x,c_x}')", [uuidv7(), `[${column()}]`]],
      ["select control.make_table($1, $2, '{customer_id}')", [uuidv7(), `[${column()}]`]],
      [`select control.make_table($1, $2, array['c_x") ; drop table gb.users; --'])`, [uuidv7(), `[${column()}]`]],
      ["select control.add_index($1, 5, '{}', true)", [ours.tableId]],
      ["select control.add_index($1, 5, '{c_nothing}', true)", [ours.tableId]],
      ["select control.add_index($1, 0, '{c_a}', true)", [ours.tableId]],
      ["select control.add_index($1, null, '{c_a}', true)", [ours.tableId]],
      ["select control.add_index($1, 5, array['lower(c_a)'], true)", [ours.tableId]],
      ['select control.change_column($1, $2)', [ours.tableId, column({ name: 'row_id', type: 'integer' })]],
      ['select control.change_column($1, $2)', [ours.tableId, column({ name: 'c_nothing' })]],
      ["select control.add_reference($1, 5, 'c_a', $1, 'c_a; drop')", [ours.tableId]],
      ["select control.add_reference($1, 5, 'c_a', $1, 'c_a')", [ours.tableId]],
    ] as const) {
      const error = await as(app, ours.customerId, sql, [...values]).catch((e) => e);
      expect([sql, error.code]).toEqual([sql, expect.stringMatching(/^(22|42|54)/)]);
    }
  });

  test('is one of at most two hundred', async () => {
    await app.query('begin');
    await app.query("select set_config('gb.customer', $1, true)", [ours.customerId]);
    for (let n = 1; n < 200; n++) await app.query("select control.make_table($1, $2, '{}')", [uuidv7(), `[${column()}]`]);
    await expect(app.query("select control.make_table($1, $2, '{}')", [uuidv7(), `[${column()}]`])).rejects.toMatchObject({
      code: '54000',
    });
    await app.query('rollback');
  });

  test('passes the catalogue check, and would not without what keeps others out', async () => {
    await owner.query('begin');
    await owner.query(`alter table ${ours.table} drop constraint t_${ours.tableId.replaceAll('-', '')}_customer_id_check`);
    expect(await catalogDefects(owner)).toEqual([{ defect: 'a table of a bot takes rows of any customer', object: ours.table }]);
    await owner.query('rollback');
  });
});

describe('the catalogue check', () => {
  test('finds nothing after the migrations', async () => {
    expect(await catalogDefects(owner)).toEqual([]);
    expect(await catalogDefects(app)).toEqual([]);
  });

  const good = `create table gb.t (customer_id uuid not null references gb.customers, id int, primary key (customer_id, id)); select control.raise_wall('gb.t')`;
  test.each([
    ['nothing in a table that is made right', good, []],
    [
      'a forgotten wall',
      good.replace(/select.*/, ''),
      [
        'row-level security is off',
        'row-level security is not forced',
        'the customer policy is missing or not the customer policy',
      ],
    ],
    ['a wall that is off', 'alter table gb.users disable row level security', ['row-level security is off']],
    ['a wall that is not forced', 'alter table gb.users no force row level security', ['row-level security is not forced']],
    ['a partition without a wall', 'alter table gb.messages_3 disable row level security', ['row-level security is off']],
    [
      'a new partition',
      'create table gb.p partition of gb.messages_wide for values with (modulus 1, remainder 0)',
      [
        'row-level security is off',
        'row-level security is not forced',
        'the customer policy is missing or not the customer policy',
      ],
      `create table gb.messages_wide (customer_id uuid not null, id int, primary key (customer_id, id)) partition by hash (customer_id); select control.raise_wall('gb.messages_wide')`,
    ],
    [
      'a key in the wrong order',
      good.replace('(customer_id, id)', '(id, customer_id)'),
      ['the primary key does not start with customer_id'],
    ],
    ['no key', good.replace(', primary key (customer_id, id)', ''), ['the primary key does not start with customer_id']],
    [
      'a policy that lets everything through',
      'drop policy customer on gb.users; create policy customer on gb.users using (true)',
      ['the customer policy is missing or not the customer policy'],
    ],
    [
      'a policy that checks reading only',
      "drop policy customer on gb.users; create policy customer on gb.users using (customer_id = (select nullif(current_setting('gb.customer', true), '')::uuid)) with check (true)",
      ['the customer policy is missing or not the customer policy'],
    ],
    ['a second policy', 'create policy also on gb.users using (true)', ['a policy opens the wall']],
    ['a relay policy elsewhere', 'create policy relay on gb.users to gb_relay using (true)', ['a policy opens the wall']],
    [
      'a foreign key without the customer',
      'create unique index on gb.users (user_id); alter table gb.drafts add foreign key (user_id) references gb.users (user_id)',
      ['a foreign key does not carry customer_id', 'a unique index does not carry customer_id'],
    ],
    [
      'a foreign key that crosses customers',
      good.replace('references gb.customers', '').replace('id int', 'id uuid') +
        '; create unique index on gb.users (user_id, customer_id); alter table gb.t add foreign key (customer_id, id) references gb.users (user_id, customer_id)',
      ['a foreign key does not carry customer_id'],
    ],
    ['a right on a partition', 'grant select on gb.messages_0 to gb_app', ['a right on a partition']],
    ['a right for everybody', 'grant select on gb.users to public', ['a right everybody has']],
    ['truncate', 'grant truncate on gb.users to gb_app', ['a right that looks or reaches past the wall']],
    ['a right on the directory', 'grant select on control.logins to gb_app', ['a right on the directory']],
    [
      'an application that reads the outbox',
      'grant select on gb.outbox to gb_app',
      ['the application reads the outbox, or the relay something else'],
    ],
    [
      'a relay that reads messages',
      'grant select on gb.messages to gb_relay',
      ['the application reads the outbox, or the relay something else'],
    ],
    ['a view', 'create view gb.v as select * from gb.users', ["a view looks with its owner's eyes"]],
    ['a materialized view', 'create materialized view gb.v as select 1 as x', ["a view looks with its owner's eyes"]],
    [
      'a function with its owner’s rights',
      "create function gb.f() returns int language sql security definer as 'select 1'; revoke all on function gb.f() from public",
      ["a function acts with its owner's rights"],
    ],
    [
      'a function of the directory with an open search path',
      "create function control.f() returns int language sql security definer as 'select 1'; revoke all on function control.f() from public",
      ["a function with its owner's rights has no fixed search_path"],
    ],
    [
      'a function for everybody',
      "create function gb.f() returns int language sql as 'select 1'",
      ['everybody may run a function'],
    ],
    ['a schema to create in', 'grant create on schema gb to gb_app', ['a role of the server owns or may create in a schema']],
  ] as [string, string, string[], string?][])('finds %s', async (_, plant, expected, before) => {
    await owner.query('begin');
    try {
      if (before) await owner.query(before);
      await owner.query(plant);
      expect([...new Set((await catalogDefects(owner)).map((defect) => defect.defect))].sort()).toEqual([...expected].sort());
    } finally {
      await owner.query('rollback');
    }
  });

  test('finds roles that are too strong, own things or belong to others', async () => {
    const secrets = JSON.parse(readFileSync(`${database.dataDir}/postgres-secrets.json`, 'utf8'));
    const superuser = new pg.Client({ ...database.postgres.owner, user: 'postgres', password: secrets.superuser });
    await superuser.connect();
    try {
      for (const [plant, defect] of [
        ['alter role gb_app bypassrls', 'a role of the server is too strong'],
        ['alter role gb_relay superuser', 'a role of the server is too strong'],
        ['grant gb_owner to gb_app', 'a role of the server is a member of another'],
        ['alter table gb.users owner to gb_app', 'a role of the server owns something'],
        ['alter function gb.append_messages owner to gb_relay', 'a role of the server owns a function'],
      ] as const) {
        await superuser.query('begin');
        await superuser.query(plant);
        expect((await catalogDefects(superuser)).map((one) => one.defect)).toContain(defect);
        await superuser.query('rollback');
      }
    } finally {
      await superuser.end();
    }
  });
});
