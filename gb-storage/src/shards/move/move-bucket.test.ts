import type { World } from 'gb-core/contract';
import type { CustomerId } from 'gb-protocol';
import { silentLogger } from 'gb-utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPostgresTaskQueue } from '../../tasks/task-queue.postgres.ts';
import { Link } from './link.ts';
import { abortMove, CopyDiffers, type MoveOptions, type MoveStep, moveBucket } from './move-bucket.ts';
import { movedTables } from './moved-tables.ts';
import { markShard } from './overview.ts';
import { furnish, guests as guestTable } from './testing/customer.ts';
import { startTraffic } from './testing/traffic.ts';
import { allowMoves, type MoveWorld, startMoveWorld } from './testing/world.ts';

let w: MoveWorld;
beforeAll(async () => {
  w = await startMoveWorld();
});
afterAll(async () => {
  await w?.close();
});

/** A bucket nobody has used yet; of the first database, since buckets are dealt by turns. */
let last = 8;
const freshBucket = () => (last += 2);
const quick = { readingMsMax: 0, handOverMsMax: 300 };
const move = (bucket: number, more: Partial<MoveOptions> = {}) =>
  moveBucket({ shards: w.owners, bucket, to: 'two', ...quick, ...more });
/** Does something when the move comes to a step for the first time. */
const once = (step: MoveStep, work: () => Promise<unknown>) => {
  let isDone = false;
  return async (at: MoveStep) => {
    if (at !== step || isDone) return;
    isDone = true;
    await work();
  };
};

/** All rows of a customer, as text, by table. */
async function contents(shard: string, { customerId }: World, bucket: number): Promise<Record<string, readonly string[]>> {
  const link = await Link.open(w.owners.get(shard)!);
  try {
    await link.actFor(customerId);
    const found: Record<string, readonly string[]> = {};
    for (const { name, columns, kind } of await movedTables(link, bucket)) {
      if (kind === 'relayed') continue;
      const row = `row(${columns.map((column) => column.name).join(', ')})::text`;
      const rows = await link.rows<{ row: string }>(`select ${row} as row from ${name} where customer_id = $1 order by 1`, [
        customerId,
      ]);
      if (rows.length > 0) found[name] = rows.map((one) => one.row);
    }
    return found;
  } finally {
    await link.close();
  }
}

async function rowsLeft(shard: string, { customerId }: { customerId: CustomerId }): Promise<string[]> {
  const tables = await w.ask<{ name: string }>(
    shard,
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     join pg_attribute a on a.attrelid = c.oid and a.attname = 'customer_id'
     where n.nspname in ('gb', 'control') and c.relkind in ('r', 'p') and not c.relispartition`,
  );
  const left: string[] = [];
  for (const { name } of tables)
    if ((await w.ask(shard, `select from ${name} where customer_id = $1 limit 1`, [customerId], customerId)).length > 0)
      left.push(name);
  return left;
}

test('everything of a customer moves, exactly as it was, and nothing stays behind', async () => {
  const bucket = freshBucket();
  const ana = await w.customerIn(bucket);
  const { channelId, guests } = await furnish(ana);
  const before = await contents('one', ana, bucket);
  expect(Object.keys(before).length).toBeGreaterThan(30);
  const report = await move(bucket, { comparesInPause: true });
  expect(report).toMatchObject({ source: 'one', target: 'two' });
  expect(await contents('two', ana, bucket)).toEqual(before);
  expect(await rowsLeft('one', ana)).toEqual([]);
  // The customer goes on there: numbers, sequences, keys and the wall are as they were.
  const seq = await ana.say(channelId, 'after');
  expect(seq).toBe(23);
  const table = await guests();
  const [row] = await w.store.transaction(ana.customerId, (tx) => tx.tables.insert(table, [{ name: 'Bia' }]));
  expect(row).toMatchObject({ id: 3 });
  await w.store.transaction(ana.customerId, (tx) => tx.audit.write({ actorId: null, action: 'b', target: 't', facts: {} }));
});

test('nothing is lost, doubled or put in another order while people write', async () => {
  const bucket = freshBucket();
  const ana = await w.customerIn(bucket);
  const { botId, guests } = await furnish(ana);
  const traffic = await startTraffic(ana, { bot: { botId, table: guests } });
  await expect.poll(traffic.acknowledged, { timeout: 30_000 }).toBeGreaterThan(200);
  const report = await move(bucket);
  const acknowledged = traffic.acknowledged();
  await expect.poll(traffic.acknowledged, { timeout: 30_000 }).toBeGreaterThan(acknowledged + 200);
  await traffic.stop();
  await traffic.check();
  expect(report.pauseMs).not.toBeNull();
});

test('every table with rows of customers moves, and what stays says so', async () => {
  const link = await Link.open(w.owners.get('one')!);
  try {
    const moved = (await movedTables(link, 0)).map(({ name }) => name);
    const all = await link.rows<{ name: string; says: string | null }>(
      `select format('%I.%I', n.nspname, c.relname) as name, obj_description(c.oid, 'pg_class') as says
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname not in ('pg_catalog', 'information_schema') and c.relkind in ('r', 'p') and not c.relispartition
         and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname in ('customer_id') and not a.attisdropped)
         and not exists (select from control.tables t where c.relname = 't_' || replace(t.table_id::text, '-', ''))`,
    );
    const left = all.filter(({ name }) => !moved.includes(name));
    expect(left.filter(({ says }) => !says?.startsWith('stays'))).toEqual([]);
    expect(moved.length).toBeGreaterThan(50);
  } finally {
    await link.close();
  }
});

test('people in other buckets of the same databases are not in it', async () => {
  const bucket = freshBucket();
  const [ana, bia] = [await w.customerIn(bucket), await w.customerIn(freshBucket())];
  const channelId = await bia.channel('general');
  await bia.say(channelId, 'before');
  const before = await contents('one', bia, bucket);
  const noted = () => w.ask('one', 'select 1 from control.bucket_changes where owner = $1', [bia.customerId]);
  await move(bucket, {
    onStep: once('copied', async () => {
      expect(await bia.say(channelId, 'meanwhile')).toBe(2);
      expect(await noted()).toEqual([]);
    }),
  });
  expect(await rowsLeft('two', bia)).toEqual([]);
  expect(Object.keys(await contents('one', bia, bucket))).toEqual(Object.keys(before));
  expect(await ana.store.read(ana.customerId, (tx) => tx.users.get(ana.owner))).toMatchObject({ name: 'Ana' });
});

test('somebody who signs up in the bucket while it moves is there afterwards', async () => {
  const bucket = freshBucket();
  await w.customerIn(bucket);
  let bia: World | undefined;
  await move(bucket, {
    onStep: once('copied', async () => {
      bia = await w.customerIn(bucket);
      await furnish(bia);
    }),
  });
  expect(Object.keys(await contents('two', bia!, bucket)).length).toBeGreaterThan(30);
  expect(await rowsLeft('one', bia!)).toEqual([]);
});

test('tables that a bot makes and changes meanwhile are as it made them', async () => {
  const bucket = freshBucket();
  const ana = await w.customerIn(bucket);
  const { botId, guests } = await furnish(ana);
  const column = { isKey: false, isRequired: false, isUnique: false } as const;
  const changed = {
    ...guestTable,
    columns: guestTable.columns
      .map((one) => (one.name === 'paid' ? { ...one, size: 20 } : one))
      .concat({ name: 'late', type: 'text', ...column }),
  };
  const made = { ...guestTable, name: 'made' };
  const declare = (...tables: (typeof guestTable)[]) =>
    ana.store.transaction(ana.customerId, (tx) => tx.tables.declare(botId, tables));
  const insert = async (name: string, row: Record<string, string>) => {
    const table = await ana.store.read(ana.customerId, async (tx) => (await tx.tables.get(botId, name))!);
    return ana.store.transaction(ana.customerId, (tx) => tx.tables.insert(table, [row]));
  };
  const [changing, making] = [
    once('copied', async () => {
      await declare(changed);
      await insert('guests', { name: 'Late', late: 'x' });
    }),
    once('compared', async () => {
      await declare(changed, made);
      await insert('made', { name: 'Made' });
    }),
  ];
  await move(bucket, {
    comparesInPause: true,
    onStep: async (step) => {
      await changing(step);
      await making(step);
    },
  });
  const rows = await ana.store.read(ana.customerId, async (tx) => tx.tables.find(await guests()));
  expect(rows).toHaveLength(3);
  expect(rows[2]).toMatchObject({ id: 3, name: 'Late', late: 'x' });
  expect(await insert('made', { name: 'Another' })).toMatchObject([{ id: 2 }]);
  // References hold there as they did here.
  const visits = await ana.store.read(ana.customerId, async (tx) => (await tx.tables.get(botId, 'visits'))!);
  await expect(ana.store.transaction(ana.customerId, (tx) => tx.tables.insert(visits, [{ guest: 99 }]))).rejects.toThrow();
});

test('a bucket with nobody in it moves without ado, and takes whoever comes', async () => {
  const bucket = freshBucket();
  const steps: string[] = [];
  expect(await move(bucket, { onStep: (step) => void steps.push(step) })).toMatchObject({ rows: 0, target: 'two' });
  expect(steps).not.toContain('captured');
  const ana = await w.customerIn(bucket);
  expect(await rowsLeft('one', ana)).toEqual([]);
  expect(await ana.say(await ana.channel('general'), 'here')).toBe(1);
});

test('two people who exchange their handles meanwhile, back and forth, do not stop it', async () => {
  const bucket = freshBucket();
  const ana = await w.customerIn(bucket);
  const bea = await ana.person('Bea');
  const name = async (id: string, handle: string) =>
    w.ask(
      'one',
      'update gb.users set handle = $3 where customer_id = $1 and user_id = $2',
      [ana.customerId, id, handle],
      ana.customerId,
    );
  await move(bucket, {
    onStep: once('copied', async () => {
      await name(bea.id, 'somebody');
      await name(ana.owner, 'bea');
      await name(bea.id, 'ana');
    }),
  });
  const handles = await w.ask(
    'two',
    'select user_id, handle from gb.users where customer_id = $1 order by handle',
    [ana.customerId],
    ana.customerId,
  );
  expect(handles).toEqual([
    { user_id: bea.id, handle: 'ana' },
    { user_id: ana.owner, handle: 'bea' },
  ]);
});

test('one who keeps a transaction open delays the move, and nobody else', async () => {
  const bucket = freshBucket();
  const ana = await w.customerIn(bucket);
  const channelId = await ana.channel('general');
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let isHeld = () => {};
  const begun = new Promise<void>((resolve) => {
    isHeld = resolve;
  });
  const long = ana.store.transaction(ana.customerId, async (tx) => {
    await tx.users.get(ana.owner);
    isHeld();
    await held;
  });
  await begun;
  let waited = 0;
  const moving = move(bucket, {
    onProgress: ({ step }) => {
      if (step === 'waiting' && ++waited === 3) release();
    },
  });
  // While it is tried, people write.
  for (let n = 1; waited < 3; n++) expect(await ana.say(channelId, 'meanwhile')).toBe(n);
  await long;
  await moving;
  expect(waited).toBeGreaterThanOrEqual(3);
});

test('what is due is handed out by one database at a time', async () => {
  const bucket = freshBucket();
  const ana = await w.customerIn(bucket);
  const { botId } = await furnish(ana);
  await ana.store.transaction(ana.customerId, (tx) =>
    tx.schedules.put({
      id: '01890000-0000-7000-8000-000000000001',
      botId,
      script: 's',
      text: '',
      label: '',
      origin: 'asked',
      params: {},
      timeZone: 'UTC',
      rule: null,
      wakeAt: 1_000,
      lastAt: null,
    }),
  );
  const { app } = w.shards.databases.get('one')!.postgres;
  const tasks = createPostgresTaskQueue({ app, log: silentLogger, fence: { epochOf: () => 1 } });
  await tasks.put({ kind: 'any', customerId: ana.customerId, key: 'k', payload: 'p' });
  await tasks.close();
  const nobody = '00000000-0000-0000-0000-000000000000';
  const take = async (shard: string) => [
    ...(await w.ask(
      shard,
      "select id from control.take_timers(now(), now() + interval '1 minute', 100, '{}') where customer_id = $1",
      [ana.customerId],
    )),
    ...(await w.ask(
      shard,
      `select task_id from control.take_tasks('any', $1, 60000, 100, 100, 100, $1, '{}', '{}') where customer_id = $2`,
      [nobody, ana.customerId],
    )),
  ];
  await move(bucket, {
    onStep: async (step) => {
      if (step === 'compared' || step === 'closed' || step === 'committed') expect([step, await take('two')]).toEqual([step, []]);
      if (step === 'closed' || step === 'opened' || step === 'handed over') expect([step, await take('one')]).toEqual([step, []]);
    },
  });
  expect(await take('two')).toHaveLength(2);
  expect(await take('two')).toEqual([]);
});

describe('the outbox', () => {
  /** Hands entries out as a relay does, until told to stop: what it took stays for a while with whom it was given to. */
  function relay(shardsAsked: readonly string[], customerId: CustomerId) {
    const seen: string[] = [];
    let isOver = false;
    const running = shardsAsked.map(async (name) => {
      const store = await w.shards.databases.get(name)!.openStore();
      while (!isOver) {
        const entries = await store.outbox.take(50);
        for (const entry of entries) if (entry.customerId === customerId) seen.push(`${entry.channelId} ${entry.seq}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
        await store.outbox.done(entries.map(({ id }) => id));
      }
      await store.close();
    });
    return {
      seen,
      stop: async () => {
        isOver = true;
        await Promise.all(running);
      },
    };
  }
  /** The first time each was seen. */
  const firsts = (seen: readonly string[]) => [...new Set(seen)];
  const ordered = (seen: readonly string[], channelId: string) => {
    const own = seen.filter((one) => one.startsWith(channelId)).map((one) => Number(one.split(' ')[1]));
    expect(own).toEqual(own.toSorted((a, b) => a - b));
    return own;
  };

  test('is handed out once and in order, by the old database to the end and then by the new one', async () => {
    const bucket = freshBucket();
    const ana = await w.customerIn(bucket);
    const channelId = await ana.channel('general');
    const handed = relay(['one', 'two'], ana.customerId);
    let isOver = false;
    let sent = 0;
    const sending = (async () => {
      while (!isOver) sent = await ana.say(channelId, 'entry');
    })();
    await expect.poll(() => sent, { timeout: 30_000 }).toBeGreaterThan(50);
    await move(bucket, { handOverMsMax: 60_000 });
    const at = sent;
    await expect.poll(() => sent, { timeout: 30_000 }).toBeGreaterThan(at + 50);
    isOver = true;
    await sending;
    await expect.poll(() => ordered(handed.seen, channelId).length, { timeout: 30_000 }).toBe(sent);
    await handed.stop();
    expect(handed.seen).toEqual(firsts(handed.seen));
  });

  test('of a database whose relay is away goes over, in order, and parked entries with it', async () => {
    const bucket = freshBucket();
    const ana = await w.customerIn(bucket);
    const channelId = await ana.channel('general');
    for (let n = 0; n < 20; n++) await ana.say(channelId, 'before');
    const park = `insert into gb.dead_letters (customer_id, outbox_id, consumer, channel_id, seq, kind, reason, parked_at)
      values ($1, $2, 'bots', $3, 1, 'message.posted', 'why', now())`;
    await w.ask('one', park, [ana.customerId, 5, channelId], ana.customerId);
    await move(bucket, { onStep: once('opened', () => ana.say(channelId, 'after')) });
    const handed = relay(['two'], ana.customerId);
    await expect.poll(() => handed.seen.length, { timeout: 30_000 }).toBe(21);
    await handed.stop();
    expect(ordered(handed.seen, channelId)).toHaveLength(21);
    const parked = await w.ask(
      'two',
      'select outbox_id, reason from gb.dead_letters where customer_id = $1',
      [ana.customerId],
      ana.customerId,
    );
    expect(parked).toMatchObject([{ reason: 'why' }]);
    expect(await rowsLeft('one', ana)).toEqual([]);
  });
});

describe('it is refused', () => {
  test('when the copy is not what the source has; the source goes on', async () => {
    const bucket = freshBucket();
    const ana = await w.customerIn(bucket);
    const channelId = await ana.channel('general');
    await ana.say(channelId, 'one');
    await expect(
      move(bucket, {
        onStep: once('copied', () =>
          w.ask('two', 'update gb.messages set text = $2 where customer_id = $1', [ana.customerId, 'other'], ana.customerId),
        ),
      }),
    ).rejects.toThrow(CopyDiffers);
    expect(await ana.say(channelId, 'two')).toBe(2);
    await abortMove({ shards: w.owners, bucket });
    expect(await ana.say(channelId, 'three')).toBe(3);
    expect(await rowsLeft('two', ana)).toEqual([]);
  });

  test('to where it is, to nowhere, and to a database that is being emptied', async () => {
    const bucket = freshBucket();
    await expect(move(bucket, { to: 'one' })).rejects.toThrow(`Bucket ${bucket} is at one already.`);
    await expect(move(bucket, { to: 'nowhere' })).rejects.toThrow('There is no shard nowhere');
    await markShard(w.owners, 'two', 'draining');
    await expect(move(bucket)).rejects.toThrow('is being drained');
    await markShard(w.owners, 'two', 'open');
    await expect(abortMove({ shards: w.owners, bucket })).rejects.toThrow('is not being moved');
  });

  test('while the databases are of different versions, or the owner may not replay', async () => {
    const bucket = freshBucket();
    await w.ask('two', "insert into control.migrations (number, name, sha256) values (9999, 'x', 'x')");
    await expect(move(bucket)).rejects.toThrow('not at the same version');
    await w.ask('two', 'delete from control.migrations where number = 9999');
    const database = w.shards.databases.get('two')!;
    await database.asSuperuser('revoke set on parameter session_replication_role from gb_owner');
    await expect(move(bucket)).rejects.toThrow('grant set on parameter session_replication_role to gb_owner');
    await allowMoves(database);
    expect(await w.ask('one', 'select 1 from control.bucket_moves where bucket = $1', [bucket])).toEqual([]);
  });
});
