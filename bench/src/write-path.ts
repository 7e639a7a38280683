import { randomUUID } from 'node:crypto';
import type { ChannelId, ClientId, CustomerId, UserId } from 'gb-protocol';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { assert, uuidv7 } from 'gb-utils';
import pg from 'pg';

/**
 * What the write path is worth, measured beside what it is made of. In one run, on one server, in turns: a transaction of
 * its own for each message; the batching writer of the Store; and the same writer reduced to its bones (three plain
 * tables, no wall, no text ids), which is as fast as this machine goes. Acknowledgements are compared with rows.
 */
export async function benchWritePath(
  options: { cellMs?: number; rounds?: number; cells?: number } = {},
): Promise<WritePathResult> {
  const { cellMs = 1_500, rounds = 5, cells = 100 } = options;
  const database = await startTestDatabase();
  try {
    const subjects = await open(database);
    const hot = { senders: 100, channels: 1 };
    const wide = { senders: 1_000, channels: 200 };
    const rates: Record<string, Cell[]> = {};
    for (let round = 0; round < rounds + 1; round++) {
      for (const [name, subject, load] of [
        ['naive', subjects.naive, hot],
        ['bare', subjects.bare, hot],
        ['store', subjects.store, hot],
        ['bare wide', subjects.bare, wide],
        ['store wide', subjects.store, wide],
        ['store alone', subjects.store, { senders: 1, channels: 1 }],
      ] as const) {
        const cell = await closedLoop(subject.send, { ...load, ms: cellMs });
        if (round > 0) (rates[name] ??= []).push(cell); // The first round warms up plans and caches.
      }
    }
    const plain = await manyCells(subjects.store.send, cells, { ...hot, ms: 300 });
    // Clients that send again what was acknowledged, while the table goes on growing under the plans made for it.
    const repeating = await manyCells(subjects.store.send, Math.ceil(cells / 4), { ...hot, ms: 300, repeats: 0.02 });
    for (const subject of Object.values(subjects)) {
      const rows = await subject.rows();
      assert(rows === subject.acknowledged(), `acknowledged is stored: ${subject.acknowledged()} acknowledged, ${rows} rows`);
    }
    const medians = Object.fromEntries(Object.entries(rates).map(([name, list]) => [name, median(list)]));
    const result: WritePathResult = {
      rows: medians,
      timesNaive: medians['store']!.perSecond / medians['naive']!.perSecond,
      shareOfBare: medians['store']!.perSecond / medians['bare']!.perSecond,
      shareOfBareWide: medians['store wide']!.perSecond / medians['bare wide']!.perSecond,
      plain,
      repeating,
    };
    await subjects.bare.close();
    return result;
  } finally {
    await database.close();
  }
}

export interface Cell {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface WritePathResult {
  readonly rows: Readonly<Record<string, Cell>>;
  readonly timesNaive: number;
  readonly shareOfBare: number;
  readonly shareOfBareWide: number;
  readonly plain: ManyCells;
  readonly repeating: ManyCells;
}

export interface ManyCells {
  readonly cells: number;
  readonly slowest: number;
  readonly median: number;
}

const titles: Readonly<Record<string, string>> = {
  naive: 'one transaction a message, 100 senders, one channel',
  bare: 'bare loop, 100 senders, one channel',
  store: 'appendMessage, 100 senders, one channel',
  'bare wide': 'bare loop, 1,000 senders, 200 channels',
  'store wide': 'appendMessage, 1,000 senders, 200 channels',
  'store alone': 'appendMessage, one sender',
};

/** The result as a small table, and whether it is what we aim for. */
export function writePathReport(result: WritePathResult): { text: string; isGood: boolean } {
  const lines = Object.entries(result.rows).map(
    ([name, cell]) =>
      `${titles[name]!.padEnd(54)}${String(Math.round(cell.perSecond)).padStart(8)}/s   p50 ${cell.p50Ms.toFixed(1).padStart(6)} ms   p99 ${cell.p99Ms.toFixed(1).padStart(6)} ms`,
  );
  const aims: [boolean, string][] = [
    [result.timesNaive >= 20, `${result.timesNaive.toFixed(1)} times one transaction a message (aim: 20)`],
    [result.shareOfBare >= 0.6, `${Math.round(result.shareOfBare * 100)} % of the bare loop (aim: 60 %)`],
    [steady(result.plain), `${inWords(result.plain)} (aim: none ten times slower)`],
    [steady(result.repeating), `${inWords(result.repeating)}, with 2 % sent again (aim: none ten times slower)`],
  ];
  for (const [isMet, text] of aims) lines.push(`${isMet ? 'ok  ' : 'MISS'} ${text}`);
  return { text: lines.join('\n'), isGood: aims.every(([isMet]) => isMet) };
}

function steady(many: ManyCells): boolean {
  return many.slowest * 10 > many.median;
}

function inWords({ cells, slowest, median: middle }: ManyCells): string {
  return `${cells} cells: slowest ${Math.round(slowest)}/s, median ${Math.round(middle)}/s`;
}

interface Subject {
  /** Stores one message of a sender in a channel, or the sender's last one again; resolves when it is durable. */
  send(sender: number, channel: number, isRepeat: boolean): Promise<void>;
  acknowledged(): number;
  rows(): Promise<number>;
}

const text = 'm'.repeat(200);

async function open(
  database: TestDatabase,
): Promise<{ naive: Subject; store: Subject; bare: Subject & { close(): Promise<void> } }> {
  const store = await database.openStore();
  const { customerId, userId } = await store.createCustomer({
    organizationName: 'Bench',
    userName: 'Ana',
    handle: 'ana',
    email: 'ana@example.org',
    passwordHash: '',
    locale: 'en',
  });
  const authors = Array.from({ length: 1_000 }, () => uuidv7() as UserId);
  const makeChannels = (name: string) =>
    Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        store.transaction(customerId, async (tx) => {
          const id = uuidv7() as ChannelId;
          await tx.channels.insert({ id, kind: 'public', name: `${name} ${i}`, topic: '', directKey: null, createdBy: userId });
          return id;
        }),
      ),
    );
  const message = (channelId: ChannelId, sender: number) => ({
    channelId,
    authorId: authors[sender]!,
    clientId: uuidv7() as ClientId,
    text,
    threadSeq: null,
    mentions: [],
    mentionsChannel: false,
    suggestions: [],
  });
  const headsOf = (customer: CustomerId, channels: readonly ChannelId[]) =>
    store.read(customer, async (tx) => {
      let rows = 0;
      for (const { channelId, seq } of await tx.log.positions(channels)) {
        rows += seq;
        // Numbers have no holes: the last page ends at the head.
        const last = await tx.log.read(channelId, Math.max(0, seq - 100), 200);
        assert(last.length === Math.min(100, seq), 'the log has no holes');
      }
      return rows;
    });

  const [own, other] = [await makeChannels('writer'), await makeChannels('naive')];
  const last: { item: ReturnType<typeof message>; seq: number }[] = [];
  let written = 0;
  let transacted = 0;
  return {
    store: {
      async send(sender, channel, isRepeat) {
        const known = last[sender];
        if (isRepeat && known) {
          const again = await store.appendMessage(customerId, known.item);
          assert(again.isDuplicate && again.seq === known.seq, 'a message sent again keeps its number');
          return;
        }
        const item = message(own[channel]!, sender);
        const { seq } = await store.appendMessage(customerId, item);
        last[sender] = { item, seq };
        written += 1;
      },
      acknowledged: () => written,
      rows: () => headsOf(customerId, own),
    },
    naive: {
      async send(sender, channel) {
        await store.transaction(customerId, (tx) => tx.log.append([], [message(other[channel]!, sender)]));
        transacted += 1;
      },
      acknowledged: () => transacted,
      rows: () => headsOf(customerId, other),
    },
    bare: await openBare(database),
  };
}

/** The least that stores a numbered message once, with its outbox row: the measure of what the rest costs. */
async function openBare(database: TestDatabase): Promise<Subject & { close(): Promise<void> }> {
  const client = new pg.Client({ ...database.postgres.owner, options: '-c search_path=bare' });
  await client.connect();
  const partitions = Array.from(
    { length: 8 },
    (_, i) => `create table msg_${i} partition of msg for values with (modulus 8, remainder ${i});`,
  );
  await client.query(`create schema bare;
    create table room_head (tenant int, room bigint, head bigint not null default 0, primary key (tenant, room)) with (fillfactor = 50);
    create table msg (tenant int not null, room bigint not null, seq bigint not null, sender bigint not null, client_id uuid not null,
      body text not null, at timestamptz not null default now(), primary key (tenant, room, seq)) partition by hash (tenant, room);
    create table outbox (id bigint generated always as identity primary key, tenant int not null, room bigint not null, seq bigint not null, payload text not null);
    ${partitions.join('\n')}
    alter table msg add unique (client_id, sender, room, tenant);
    create function append_batch(t int[], r bigint[], s bigint[], c uuid[], b text[]) returns table (i int, seq bigint, dup boolean) language plpgsql as $$
    #variable_conflict use_column
    begin
      return query with x as materialized (select u.ord::int i, u.t, u.r, u.s, u.c, u.b from unnest(t, r, s, c, b) with ordinality u (t, r, s, c, b, ord)),
      cnt as (select t, r, count(*) n from x group by t, r order by t, r),
      up as (insert into room_head as h (tenant, room, head) select t, r, n from cnt order by t, r
        on conflict (tenant, room) do update set head = h.head + excluded.head returning h.tenant, h.room, h.head),
      num as materialized (select x.i, x.t, x.r, x.s, x.c, x.b, up.head - cnt.n + row_number() over (partition by x.t, x.r order by x.i) sq
        from x join cnt on cnt.t = x.t and cnt.r = x.r join up on up.tenant = x.t and up.room = x.r),
      ins as (insert into msg (tenant, room, seq, sender, client_id, body) select num.t, num.r, num.sq, num.s, num.c, num.b from num),
      ob as (insert into outbox (tenant, room, seq, payload) select t, r, sq, b from num)
      select num.i, num.sq, false from num;
    end $$;`);

  const queue: { sender: number; room: number; id: string; resolve: () => void; reject: (error: unknown) => void }[] = [];
  let isBusy = false;
  let acknowledged = 0;
  const pump = async () => {
    while (queue.length > 0) {
      const batch = queue.splice(0, 512);
      try {
        const { rows } = await client.query<{ i: number; seq: string | null }>({
          name: 'append',
          text: 'select * from append_batch($1::int[], $2::bigint[], $3::bigint[], $4::uuid[], $5::text[])',
          values: [
            batch.map(() => 1),
            batch.map((one) => one.room),
            batch.map((one) => one.sender),
            batch.map((one) => one.id),
            batch.map(() => text),
          ],
        });
        for (const row of rows) {
          if (row.seq === null) throw new Error('no number');
          batch[row.i - 1]!.resolve();
        }
      } catch (error) {
        for (const one of batch) one.reject(error);
      }
    }
    isBusy = false;
  };
  return {
    async send(sender, channel) {
      await new Promise<void>((resolve, reject) => {
        queue.push({ sender, room: channel + 1, id: randomUUID(), resolve, reject });
        if (isBusy) return;
        isBusy = true;
        setImmediate(pump);
      });
      acknowledged += 1;
    },
    acknowledged: () => acknowledged,
    async rows() {
      return Number((await client.query<{ n: string }>('select count(*) as n from msg')).rows[0]!.n);
    },
    close: () => client.end(),
  };
}

async function manyCells(send: Subject['send'], cells: number, load: Load): Promise<ManyCells> {
  const rates: number[] = [];
  for (let i = 0; i < cells; i++) rates.push((await closedLoop(send, load)).perSecond);
  rates.sort((a, b) => a - b);
  return { cells, slowest: rates[0] ?? 0, median: rates[rates.length >> 1] ?? 0 };
}

interface Load {
  readonly senders: number;
  readonly channels: number;
  readonly ms: number;
  /** Share of messages that are sent a second time. */
  readonly repeats?: number;
}

/** Each sender waits for its answer before it sends again. */
async function closedLoop(send: Subject['send'], load: Load): Promise<Cell> {
  const latencies: number[] = [];
  const startedAt = performance.now();
  const end = startedAt + load.ms;
  await Promise.all(
    Array.from({ length: load.senders }, async (_, sender) => {
      for (let n = 0; performance.now() < end; n++) {
        const sentAt = performance.now();
        await send(sender, (sender * 7 + n * 13) % load.channels, Math.random() < (load.repeats ?? 0));
        latencies.push(performance.now() - sentAt);
      }
    }),
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  latencies.sort((a, b) => a - b);
  return {
    perSecond: latencies.length / seconds,
    p50Ms: latencies[latencies.length >> 1] ?? 0,
    p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
  };
}

function median(cells: readonly Cell[]): Cell {
  return [...cells].sort((a, b) => a.perSecond - b.perSecond)[cells.length >> 1]!;
}
