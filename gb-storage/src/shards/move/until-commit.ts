import { assert, sleep } from 'gb-utils';
import { botTables, makeBotTables, makeReferences, passSequences, sequencesOf, setSequences } from './bot-tables.ts';
import { capture, isLocked } from './capture.ts';
import { bringChanges, changesWaiting, type Round } from './changes.ts';
import { compareBucket } from './compare.ts';
import { copyBucket } from './copy.ts';
import { outboxOf, reserveNumbers, waitingMax } from './hand-over.ts';
import type { Move, MoveRecord } from './move.ts';
import { customersOf, isInBucket, type MovedTable, movedTables } from './moved-tables.ts';
import { MoveRefused } from './refused.ts';

/** Bringing over what is left takes no longer than a commit or two: by number, or by how long the last ones took. */
const fewChanges = 300;
const shortRoundMs = 150;
const changesPerRound = 20_000;
/** Above this, what came while we waited for the lock goes over in another round, with writers at work. */
const lastChangesMax = 3_000;
const lockMsMax = 300;
/** A statement of the last round that hangs lets the writers go on, rather than keeping them. */
const pauseMsMax = 3_000;
/** The same, when all is compared once more meanwhile. */
const compareMsMax = 600_000;
const manyRows = 10_000;
const closeAttemptsMax = 200;

/** Until the map names the target: the source is the truth, and goes on whenever this ends before it has closed. */
export async function copyAndCommit(move: Move, record: MoveRecord): Promise<void> {
  const { bucket } = move.options;
  const here = await move.source.row<{ epoch: number; state: string }>(
    'select epoch, state from control.buckets where bucket = $1',
    [bucket],
  );
  // Closed by us: then the target has everything.
  const isClosed = here?.state === 'closed' && here.epoch === record.epoch + 1;
  if (!isClosed) {
    if (here?.state !== 'open' || here.epoch !== record.epoch)
      throw new MoveRefused({
        en: `The shard ${record.source} does not have bucket ${bucket} in epoch ${record.epoch}: take the move back with --abort and look at gb shard list.`,
        pt: `O shard ${record.source} não tem o bucket ${bucket} na época ${record.epoch}: desfaça o move com --abort e veja gb shard list.`,
      });
    await announce(move, record);
    if (!(await closeEmpty(move, record))) {
      await copy(move);
      await closeSource(move, record);
    }
  }
  await move.step('closed');
  await move.control.transaction(async () => {
    const moved = await move.control.change(
      'update control.bucket_map set shard = $3, epoch = $4 where bucket = $1 and shard = $2 and epoch = $5',
      [bucket, record.source, record.target, record.epoch + 1, record.epoch],
    );
    const noted = await move.control.change(
      `update control.bucket_moves set phase = 'committed' where bucket = $1 and phase = 'copying'`,
      [bucket],
    );
    assert(moved === 1 && noted === 1, 'nobody else changes the map of a bucket that is being moved');
  });
  await move.step('committed');
}

/** The target knows of the bucket, and that it is not here yet. */
async function announce(move: Move, record: MoveRecord): Promise<void> {
  const { bucket } = move.options;
  await move.target.change(
    `insert into control.buckets (bucket, epoch, state) values ($1, $2, 'closed')
     on conflict (bucket) do update set state = 'closed', epoch = least(buckets.epoch, $2), holds_outbox = false where buckets.state <> 'open'`,
    [bucket, record.epoch],
  );
  const arriving = await move.target.row('select from control.buckets where bucket = $1 and state = $2', [bucket, 'closed']);
  assert(arriving, 'the target does not believe to have the bucket');
}

/** Most buckets of a small installation have nobody in them: there is nothing to copy, and nothing to note. */
async function closeEmpty(move: Move, record: MoveRecord): Promise<boolean> {
  const { bucket } = move.options;
  const isEmpty = async () => (await customersOf(move.source, bucket)).length === 0;
  if (!(await isEmpty())) return false;
  const startedMs = performance.now();
  try {
    return await withBucketLock(move, async () => {
      if (!(await isEmpty())) return false;
      await markClosed(move, record);
      move.tally.closedAtMs = startedMs;
      return true;
    });
  } catch (error) {
    if (isLocked(error)) return false;
    throw error;
  }
}

async function copy(move: Move): Promise<void> {
  const { bucket } = move.options;
  await capture(move.source, bucket, move.tables);
  await move.step('captured');
  await prepareBotTables(move);
  await copyRows(move);
  await move.step('copied');
  do await catchUp(move);
  while (!(await compare(move)));
  await move.step('compared');
}

/** Of one instant: with all changes of it brought over. false when a bot made a table meanwhile. */
function compare(move: Move): Promise<boolean> {
  move.tally.compared = 0;
  return move.source.transaction(async () => {
    await bringAll(move);
    if (move.hasNewTables) return false;
    move.tally.compared = await compareBucket(move.source, move.target, move.options.bucket, move.tables, async (rows) => {
      move.tell({ step: 'compared', rows });
    });
    return true;
  }, 'begin isolation level repeatable read');
}

async function copyRows(move: Move): Promise<void> {
  const copied = new Map<string, number>();
  await copyBucket({
    source: move.source,
    target: move.target,
    bucket: move.options.bucket,
    tables: move.tables,
    onRows: async (rows, table) => {
      move.tally.rows += rows;
      copied.set(table, (copied.get(table) ?? 0) + rows);
      move.tell({ step: 'batch', rows, table });
      await move.step('batch');
    },
  });
  // The first who read there shall not have plans for tables that were nearly empty.
  for (const [table, rows] of copied) if (rows >= manyRows) await move.target.change(`analyze ${table}`);
}

/** Tables that bots made are there at the target as they are at the source, and whatever changes in them is noted. */
async function prepareBotTables(move: Move): Promise<void> {
  const { bucket } = move.options;
  move.tables = await movedTables(move.source, bucket);
  await capture(move.source, bucket, move.tables);
  await makeBotTables(move.target, bucket, await botTables(move.source, bucket));
}

async function catchUp(move: Move): Promise<void> {
  for (;;) {
    const startedMs = performance.now();
    const round = await move.source.transaction(() => bring(move), 'begin isolation level repeatable read');
    move.tell({ step: 'copied', rows: round.changes });
    if (move.hasNewTables) {
      move.hasNewTables = false;
      await prepareBotTables(move);
      await copyRows(move);
    } else if (round.changes <= fewChanges || performance.now() - startedMs < shortRoundMs) return;
  }
}

async function bring(move: Move): Promise<Round> {
  const round = await bringChanges(move.source, move.target, move.options.bucket, move.tables, changesPerRound);
  if (round.hasNewTables) move.hasNewTables = true;
  return round;
}

/** Within a transaction of the source that sees no more of them than there are. */
async function bringAll(move: Move): Promise<void> {
  while ((await bring(move)).changes > 0);
}

async function closeSource(move: Move, record: MoveRecord): Promise<void> {
  const { bucket } = move.options;
  for (let attempt = 1; ; attempt++) {
    await catchUp(move);
    await makeReferences(move.target, await botTables(move.source, bucket));
    await reserve(move);
    const startedMs = performance.now();
    try {
      if (await closeNow(move, record)) {
        move.tally.closedAtMs = startedMs;
        return;
      }
    } catch (error) {
      if (!isLocked(error) || attempt === closeAttemptsMax) throw error;
    }
    move.tell({ step: 'waiting' });
    // As long again as writers may have waited for us.
    await sleep(lockMsMax + Math.random() * lockMsMax, move.options.signal);
  }
}

async function reserve(move: Move): Promise<void> {
  const { bucket } = move.options;
  for (;;) {
    const waiting = await outboxOf(move.source, await customersOf(move.source, bucket));
    if (waiting <= waitingMax) {
      await reserveNumbers(move.target, bucket, waiting);
      break;
    }
    // Somebody who hands out nothing at all is a fault that has to be seen to first.
    move.tell({ step: 'waiting', rows: waiting });
    await sleep(1_000, move.options.signal);
    move.options.signal?.throwIfAborted();
  }
  await passSequences(move.target, await sequencesOf(move.source, sharedTables(move.tables)));
}

/** With the bucket's lock: what is left goes over, and the source closes. false when there was more than goes over in a moment. */
async function closeNow(move: Move, record: MoveRecord): Promise<boolean> {
  const { bucket, comparesInPause = false } = move.options;
  const source = move.source;
  const tables = move.tables;
  return withBucketLock(move, async () => {
    await move.step('locked');
    if ((await changesWaiting(source, bucket)) > lastChangesMax) return false;
    // Alarms and tasks are taken without the bucket's lock. Whoever is taking some has done so when we have these.
    for (const { name } of tables.filter(({ kind }) => kind === 'clock'))
      await source.rows(
        `select count(*) from (
           select from ${name} where customer_id = any (array(
             select customer_id from control.customers where ${isInBucket('customer_id', '$1')})) for update
         ) locked`,
        [bucket],
      );
    await bringAll(move);
    if (move.hasNewTables) return false;
    await move.step('last changes');
    const bots = tables.filter(({ bot }) => bot !== null).map(({ name }) => name);
    await setSequences(move.target, await sequencesOf(source, bots));
    if (!(await passSequences(move.target, await sequencesOf(source, sharedTables(tables))))) return false;
    if (comparesInPause)
      move.tally.compared = await compareBucket(source, move.target, bucket, tables, async (rows) =>
        move.tell({ step: 'compared', rows }),
      );
    await markClosed(move, record);
    return true;
  });
}

/** Writers wait as long as this takes. If we hang, the database ends it, and they go on. */
async function withBucketLock(move: Move, work: () => Promise<boolean>): Promise<boolean> {
  const { bucket, comparesInPause = false } = move.options;
  const source = move.source;
  source.isUrgent = true;
  try {
    return await source.transaction(async () => {
      await source.change(`set local lock_timeout = ${lockMsMax}`);
      await source.change(`set local idle_in_transaction_session_timeout = ${comparesInPause ? compareMsMax : pauseMsMax}`);
      await source.change(`set local statement_timeout = ${comparesInPause ? compareMsMax : pauseMsMax}`);
      await source.rows('select pg_advisory_xact_lock(control.bucket_lock(), $1)', [bucket]);
      return work();
    });
  } finally {
    source.isUrgent = false;
  }
}

async function markClosed(move: Move, { epoch }: MoveRecord): Promise<void> {
  const closed = await move.source.change(
    `update control.buckets set state = 'closed', epoch = $2 where bucket = $1 and state = 'open' and epoch = $3`,
    [move.options.bucket, epoch + 1, epoch],
  );
  assert(closed === 1, 'the source has the bucket in the epoch it is moved from');
}

function sharedTables(tables: readonly MovedTable[]): string[] {
  return tables
    .filter(({ bot, kind, columns }) => bot === null && kind !== 'relayed' && columns.some(({ isIdentity }) => isIdentity))
    .map(({ name }) => name);
}
