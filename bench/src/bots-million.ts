import { statfsSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Actor, AlarmClock, type ConversationRow, planOf, readBotConversations } from 'gb-core';
import type { ChannelId, UserId } from 'gb-protocol';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { assert, sleep } from 'gb-utils';
import type { OperationSet } from 'gb-vm/host';
import { type BenchBots, openBenchBots, percentile } from './bots-world.ts';
import { cpuSeconds, cpuSecondsOfTree, median, residentBytes } from './load/processes.ts';

/** Ten questions, then a pause of a week: as a form that somebody fills in on and off. */
const source = `TALK "Welcome"
answers = []
FOR i = 1 TO 10
  TALK "Question " + i + "?"
  HEAR answer
  PUSH answers, answer
NEXT
WAIT 604800
TALK "Are you still there, " + answers[0] + "?"
HEAR last
TALK "Goodbye"
`;
const steps = [62_500, 250_000, 1_000_000];
const dueCount = 10_000;
const freeBytesMin = 12e9;
/** Resumes a second, far below what the machine can do: what is measured is what one costs. */
const resumesPerSecond = 40;

const wait: OperationSet = {
  inTurn: {
    WAIT: async (args, scope) => {
      scope.suspend({ atMs: scope.nowMs + Number(args['seconds']) * 1000 });
      return null;
    },
  },
};

interface Step {
  readonly count: number;
  readonly bytesPerConversation: number;
  readonly firstPageMs: number;
  readonly middlePageMs: number;
  readonly rarePageMs: number;
  readonly takeMs: number;
  readonly dueCpuMs: number;
  readonly duePerSecond: number;
  readonly resumeP50: number;
  readonly resumeP99: number;
  readonly resumeCpuMs: number;
  readonly heapMiB: number;
  readonly residentMiB: number;
}

/** A million conversations that wait, each with its person, its channel and an alarm; one bot has them all. */
export async function benchMillion(options: { steps?: readonly number[] } = {}): Promise<void> {
  const { bavail, bsize } = statfsSync(tmpdir());
  assert(bavail * bsize > freeBytesMin, `there are ${freeBytesMin / 1e9} GB free in ${tmpdir()}`);
  process.stdout.write(`Suspended conversations (load ${loadavg()[0]!.toFixed(1)})\n`);
  const database = await startTestDatabase({ settings: { max_wal_size: '2GB' } });
  const bots = await openBenchBots(database, { sets: [wait] });
  try {
    const filler = await prepare(bots);
    const rows: Step[] = [];
    for (const count of options.steps ?? steps) {
      const startMs = performance.now();
      await filler.fill(count);
      process.stdout.write(`  ${count}: filled in ${((performance.now() - startMs) / 1000).toFixed(0)} s\n`);
      rows.push(await measure(database, bots, filler, count));
    }
    report(rows);
    await explain(database, bots, filler);
  } finally {
    await bots.close();
    await database.close();
  }
}

interface Filler {
  readonly botId: string;
  readonly botUserId: UserId;
  /** Goes on until there are so many. */
  fill(count: number): Promise<void>;
}

/** Real images: of the program at each of its questions and at its pause, after answers that differ. */
async function prepare(bots: BenchBots): Promise<Filler> {
  const { world, owner, ctx } = bots;
  const bot = await world.bot(source);
  const published = await world.ctx.store.read(world.customerId, async (tx) => {
    const version = await tx.bots.published(bot.botId);
    return { hash: version!.hash, program: (await tx.bots.program(version!.hash))! };
  });
  await owner.query('create temporary table images (n int, step int, status text, turn int, snapshot bytea, request jsonb)');
  let n = 0;
  const sizes: number[] = [];
  for (let person = 0; person < 40; person++) {
    let snapshot: Uint8Array | null = null;
    for (let step = 0; step <= 10; step++) {
      const output = await ctx.runtime.runTurn({
        customerId: world.customerId,
        program: { hash: published.hash, load: async () => published.program },
        takesRequests: true,
        snapshot,
        answer: step === 0 ? null : `answer ${'abcdefghij'.slice(0, (person * step) % 10)} of person ${person}`,
        nowMs: Date.now(),
        seed: person,
        locale: 'en',
        variables: { username: `Person ${person}`, id: '', message: '' },
        limits: planOf('free').turn,
      });
      assert(output.snapshot !== null, `the dialog waits: ${output.error?.message}`);
      snapshot = output.snapshot;
      sizes.push(snapshot.length);
      const request = output.request ? JSON.stringify({ name: output.request.name, args: { timedOut: null } }) : null;
      const status = output.request ? 'asking' : 'waiting';
      await owner.query('insert into images values ($1, $2, $3, $4, $5, $6)', [n++, step, status, step + 1, snapshot, request]);
    }
  }
  process.stdout.write(`  images: ${n}, median ${median(sizes)} bytes, largest ${Math.max(...sizes)}\n`);
  let filled = 0;
  return {
    botId: bot.botId,
    botUserId: bot.userId,
    async fill(count) {
      while (filled < count) {
        const until = Math.min(count, filled + 62_500);
        await fillPortion(bots, bot, published.hash, `generate_series(${filled}, ${until - 1}) i`, n);
        filled = until;
      }
      await owner.query('vacuum analyze');
    },
  };
}

const personOf = (i: string) => `('01900000-0000-7000-8000-' || lpad(to_hex(${i}), 12, '0'))::uuid`;
const channelOf = (i: string) => `('01900001-0000-7000-8000-' || lpad(to_hex(${i}), 12, '0'))::uuid`;
const idOf = (kind: 1 | 0, n: number) => `0190000${kind}-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;

async function fillPortion(
  { owner, world: { customerId } }: BenchBots,
  bot: { botId: string; userId: string },
  hash: string,
  range: string,
  images: number,
): Promise<void> {
  const values = [customerId, bot.botId];
  await owner.query(
    `insert into gb.users (customer_id, user_id, kind, name, handle, role, locale, created_at, contact_bot_id, contact_key)
     select $1, ${personOf('i')}, 'person', 'Person ' || i, 'contact-' || i, 'guest', 'en', now(), $2, 'k' || i from ${range}`,
    values,
  );
  await owner.query(
    `insert into gb.channels (customer_id, channel_id, instance_id, kind, name, topic, direct_key, created_by, created_at, member_count)
     select $1::uuid, ${channelOf('i')}, (select instance_id from gb.instances where customer_id = $1), 'direct', '', '',
       ${personOf('i')} || ',' || $2::uuid, ${personOf('i')}, now(), 2 from ${range}`,
    [customerId, bot.userId],
  );
  await owner.query(
    `insert into gb.channel_heads (customer_id, channel_id, head, count) select $1, ${channelOf('i')}, 20, 20 from ${range}`,
    [customerId],
  );
  await owner.query(
    `insert into gb.members (customer_id, channel_id, user_id, read_seq, read_count, joined_at)
     select $1::uuid, ${channelOf('i')}, u, 0, 0, now() from ${range}, unnest(array[${personOf('i')}, $2::uuid]) u`,
    [customerId, bot.userId],
  );
  // Active at some time within the last month; the alarm at some time within the next.
  await owner.query(
    `insert into gb.conversations (customer_id, conversation_id, bot_id, kind, channel_id, user_id, thread_seq, program_hash, script,
       status, snapshot, turn, last_event_seq, updated_at, wake_at, request)
     select $1, md5('conversation ' || i)::uuid, $2, 'dialog', ${channelOf('i')}, ${personOf('i')}, 0, $3, 'start.bas',
       m.status, m.snapshot, m.turn, 20, now() - interval '30 days' * random(), now() + interval '1 day' + interval '30 days' * random(), m.request
     from ${range} join images m on m.n = i % ${images}`,
    [...values, hash],
  );
}

async function measure(database: TestDatabase, bots: BenchBots, filler: Filler, count: number): Promise<Step> {
  const { ctx, world, owner, runner } = bots;
  const actor = { customerId: world.customerId, userId: world.ana, role: 'owner' } as Actor;
  const page = (query: { before?: string; status?: ConversationRow['status'] }) =>
    timed(7, () => readBotConversations(ctx, actor, filler.botId as never, { limit: 50, ...query }));
  const firstPageMs = await page({});
  const middle = `${Date.now() - 15 * 86_400_000}.${md5like}`;
  const middlePageMs = await page({ before: middle });
  const rarePageMs = await page({ status: 'parked' });

  // The clock: ten thousand are due at once.
  await owner.query(
    `update gb.conversations set wake_at = now() - interval '1 minute' where customer_id = $1 and conversation_id in (
       select conversation_id from gb.conversations where customer_id = $1 and status = 'asking' and wake_at > now() limit $2)`,
    [world.customerId, Math.min(dueCount, count / 25)],
  );
  // Who took one holds it for a while, so what is held counts as well.
  const dueNow = async () =>
    Number(
      (await owner.query("select count(*) from control.timers where wake_at <= now() + interval '1 minute'")).rows[0]!.count,
    );
  const due = await dueNow();
  const nowMs = ctx.clock.nowMs();
  // Taken for no time: they stay due.
  const takeMs = await timed(7, () => ctx.store.timers.take({ nowMs, untilMs: nowMs - 1, limit: 128, busy: [] }));
  const alarms = new AlarmClock(ctx, {
    conversation: (customerId, id) => runner.wake(customerId, id),
    schedule: async () => {},
  });
  const pid = database.postgres.pid!;
  const cpu = () => cpuSeconds(process.pid) + cpuSecondsOfTree(pid);
  let [startMs, startCpu] = [performance.now(), cpu()];
  alarms.start();
  while ((await dueNow()) > 0) await sleep(100);
  const dueCpuMs = ((cpu() - startCpu) * 1000) / due;
  const duePerSecond = (due * 1000) / (performance.now() - startMs);
  await alarms.close();
  const woken = await owner.query("select count(*) from gb.bot_turns where customer_id = $1 and cause = 'result'", [
    world.customerId,
  ]);
  assert(Number(woken.rows[0]!.count) >= due, 'each of them ran its turn');

  // People come back, anyhow.
  const times: number[] = [];
  const turns: Promise<unknown>[] = [];
  [startMs, startCpu] = [performance.now(), cpu()];
  const resumes = 800;
  let seed = count;
  for (let n = 0; n < resumes; n++) {
    const dueMs = startMs + (n * 1000) / resumesPerSecond;
    await sleep(Math.max(0, dueMs - performance.now()));
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    const i = Math.floor((seed / 2 ** 32) * count);
    const call = {
      customerId: world.customerId,
      botId: filler.botId as never,
      botUserId: filler.botUserId,
      channelId: idOf(1, i) as ChannelId,
      userId: idOf(0, i) as UserId,
      threadSeq: 0,
      eventSeq: 1_000_000 + n + count,
      heard: { text: 'an answer' },
    };
    turns.push(runner.hear(call).then(() => times.push(performance.now() - dueMs)));
  }
  await Promise.all(turns);
  const resumeCpuMs = ((cpu() - startCpu) * 1000) / resumes;
  const memory = memoryAfterCollection();
  const size = await owner.query<{ bytes: string }>(
    "select pg_total_relation_size('gb.conversations') + pg_total_relation_size('control.timers') as bytes",
  );
  return {
    count,
    bytesPerConversation: Number(size.rows[0]!.bytes) / count,
    firstPageMs,
    middlePageMs,
    rarePageMs,
    takeMs,
    dueCpuMs,
    duePerSecond,
    resumeP50: percentile(times, 0.5),
    resumeP99: percentile(times, 0.99),
    resumeCpuMs,
    ...memory,
  };
}

const md5like = '80000000-0000-0000-0000-000000000000';

async function timed(times: number, work: () => Promise<unknown>): Promise<number> {
  const values: number[] = [];
  for (let n = 0; n < times; n++) {
    const startMs = performance.now();
    await work();
    values.push(performance.now() - startMs);
  }
  return median(values);
}

function memoryAfterCollection(): { heapMiB: number; residentMiB: number } {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return { heapMiB: process.memoryUsage().heapUsed / 2 ** 20, residentMiB: residentBytes(process.pid) / 2 ** 20 };
}

function report(rows: readonly Step[]): void {
  const lines: [string, keyof Step, number][] = [
    ['conversations', 'count', 0],
    ['bytes each, with indexes and alarm', 'bytesPerConversation', 0],
    ['first page of 50, ms', 'firstPageMs', 1],
    ['page in the middle, ms', 'middlePageMs', 1],
    ['page of a status that is rare, ms', 'rarePageMs', 1],
    ['128 of those due taken, ms', 'takeMs', 1],
    ['a due one done, ms of processor', 'dueCpuMs', 1],
    ['due ones done a second', 'duePerSecond', 0],
    ['resume p50, ms', 'resumeP50', 1],
    ['resume p99, ms', 'resumeP99', 1],
    ['a resume, ms of processor', 'resumeCpuMs', 1],
    ['heap after collection, MiB', 'heapMiB', 0],
    ['resident, MiB', 'residentMiB', 0],
  ];
  for (const [title, key, digits] of lines)
    process.stdout.write(`  ${title.padEnd(38)}${rows.map((row) => row[key].toFixed(digits).padStart(10)).join('')}\n`);
}

/** How the server goes about it: each must go through an index, and read no more than it gives. */
async function explain(database: TestDatabase, { world }: BenchBots, filler: Filler): Promise<void> {
  const { default: pg } = await import('pg');
  const app = new pg.Client({ ...database.postgres.app, options: '-c search_path=gb' });
  await app.connect();
  try {
    await app.query("select set_config('gb.customer', $1, false)", [world.customerId]);
    const id = `'${world.customerId}'`;
    const statements: Readonly<Record<string, string>> = {
      'a place': `select * from conversations where customer_id = ${id} and bot_id = '${filler.botId}'
         and channel_id = '${idOf(1, 77)}' and user_id = '${idOf(0, 77)}' and thread_seq = 0 and kind = 'dialog'`,
      'a page': `select conversation_id from conversations where customer_id = ${id} and bot_id = '${filler.botId}'
         and kind = 'dialog' and status = 'waiting' and (updated_at, conversation_id) < (now() - interval '10 days', '${md5like}') order by updated_at desc, conversation_id desc limit 51`,
      'an event': `select * from conversations where customer_id = ${id} and waits_for = 'event:none' order by updated_at limit 1000`,
      'open runs': `select count(*) from conversations where customer_id = ${id} and bot_id = '${filler.botId}'
         and kind = 'run' and status not in ('finished', 'failed')`,
      'a rare status': `select conversation_id from conversations where customer_id = ${id} and bot_id = '${filler.botId}'
         and kind = 'dialog' and status = 'parked' order by updated_at desc, conversation_id desc limit 51`,
    };
    for (const [name, text] of Object.entries(statements)) {
      const { rows } = await app.query<{ 'QUERY PLAN': string }>(`explain (analyze, buffers, costs off, timing off) ${text}`);
      const plan = rows.map((row) => row['QUERY PLAN']);
      const scan = plan.find((line) => /Scan/.test(line))?.trim() ?? '?';
      const buffers = plan.find((line) => /Buffers/.test(line))?.trim() ?? '';
      process.stdout.write(`  ${name}: ${scan}; ${buffers}; ${plan.at(-1)?.trim()}\n`);
    }
  } finally {
    await app.end();
  }
}
