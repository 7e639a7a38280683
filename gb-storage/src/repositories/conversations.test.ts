import type { CustomerId } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestDatabase, type TestDatabase } from '../testing.ts';
import { conversationPageText } from './conversations.ts';

let database: TestDatabase;
let owner: pg.Client;
let app: pg.Client;
let customerId: CustomerId;
const botId = uuidv7();
const [many, rare] = [20_000, 3];

beforeAll(async () => {
  database = await startTestDatabase();
  const store = await database.openStore();
  [owner, app] = [new pg.Client(database.postgres.owner), new pg.Client(database.postgres.app)];
  await Promise.all([owner.connect(), app.connect()]);
  const person = { userName: 'Ana', handle: 'ana', email: 'ana@example.org', passwordHash: 'x', locale: 'en' } as const;
  const made = await store.createCustomer({ organizationName: 'Shop', ...person });
  ({ customerId } = made);
  await store.transaction(customerId, async (tx) => {
    const bot = { kind: 'bot', name: 'Bot', handle: 'bot', role: 'bot', email: null, passwordHash: null, locale: 'en' } as const;
    const { id: userId } = await tx.users.insert({ id: uuidv7() as never, ...bot });
    await tx.bots.insert({
      id: botId as never,
      userId,
      description: '',
      origin: 'editor',
      files: [{ name: 'start.bas', text: '' }],
    });
    const program = { hash: 'h', wasm: new Uint8Array([0]), debugMap: '{}', abi: 1 } as const;
    await tx.bots.addVersion(botId as never, { program, files: [], publishedBy: null });
  });
  for (const client of [owner, app]) {
    await client.query('set search_path = gb');
    await client.query("select set_config('gb.customer', $1, false)", [customerId]);
  }
  // All of them are finished but a few, and those lie behind all others.
  await owner.query(
    `insert into conversations (customer_id, conversation_id, bot_id, kind, user_id, thread_seq, program_hash, status, snapshot, turn,
       last_event_seq, updated_at)
     select $1, gen_random_uuid(), $2, 'run', $3, 0, 'h', case when n <= $5 then 'parked' else 'finished' end, repeat('x', 200)::bytea, 1, 0,
       timestamptz '2026-01-01' + n * interval '1 second'
     from generate_series(1, $4::int) n`,
    [customerId, botId, made.userId, many, rare],
  );
  await owner.query('vacuum analyze conversations');
}, 60_000);

afterAll(async () => {
  await Promise.all([owner?.end(), app?.end()]);
  await database?.close();
});

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Plan[];
}

const scansIn = (plan: Plan): Plan[] => [
  ...(plan['Relation Name'] === 'conversations' ? [plan] : []),
  ...(plan.Plans ?? []).flatMap(scansIn),
];

const kinds = ['dialog', 'run'];
const statuses = ['starting', 'waiting', 'asking', 'handed', 'finished', 'failed', 'parked'];
const middle = { at: '2026-01-01T03:00:00Z', id: 'ffffffff-ffff-ffff-ffff-ffffffffffff' };
const limit = 51;

test.each([
  { name: 'the first page of a rare status', at: null, id: null, kinds, statuses: ['parked'], rows: rare },
  { name: 'the first page of all', at: null, id: null, kinds, statuses, rows: limit },
  { name: 'a page in the middle', ...middle, kinds, statuses: ['finished'], rows: limit },
  { name: 'a page of a status there is none of', at: null, id: null, kinds: ['dialog'], statuses: ['waiting'], rows: 0 },
])('$name reads no more rows than it may show, whatever else there is', async ({ at, id, kinds: k, statuses: s, rows }) => {
  const values = [customerId, botId, at, id, limit, 32, k, s];
  const result = await app.query<Record<'QUERY PLAN', [{ Plan: Plan }]>>(
    `explain (analyze, format json, timing off, costs off, summary off) ${conversationPageText}`,
    values,
  );
  expect((await app.query(conversationPageText, values)).rows).toHaveLength(rows);
  const scans = scansIn(result.rows[0]!['QUERY PLAN'][0].Plan);
  expect(scans.map((scan) => scan['Index Name'])).toEqual(['conversations_activity', 'conversations_pkey']);
  const read = scans.reduce(
    (sum, scan) => sum + (scan['Actual Rows'] + (scan['Rows Removed by Filter'] ?? 0)) * scan['Actual Loops'],
    0,
  );
  // Each status gives at most a page of its own; then those of the page are looked at once more.
  expect(read).toBeLessThanOrEqual(2 * limit + rare + 1);
  expect(read).toBeGreaterThanOrEqual(2 * rows);
});
