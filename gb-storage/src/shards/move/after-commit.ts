import type { CustomerId } from 'gb-protocol';
import { sleep } from 'gb-utils';
import { time } from '../../connection.ts';
import { releaseCapture } from './capture.ts';
import { handOver } from './hand-over.ts';
import type { Link } from './link.ts';
import type { Move, MoveRecord } from './move.ts';
import { customersOf } from './moved-tables.ts';
import { sweep } from './sweep.ts';

/** The target takes writers; then nothing is left to hand out at the source, and then nothing at all. */
export async function finish(move: Move, record: MoveRecord): Promise<void> {
  const { bucket, handOverMsMax = 60_000 } = move.options;
  await move.target.change(
    `update control.buckets set state = 'open', epoch = $2, holds_outbox = true where bucket = $1 and epoch < $2`,
    [bucket, record.epoch + 1],
  );
  if (move.tally.closedAtMs !== null) move.tally.pauseMs ??= performance.now() - move.tally.closedAtMs;
  move.tally.openedAfterMs = performance.now() - move.startedMs;
  await move.step('opened');
  await releaseCapture(move.source, bucket);
  await move.step('released');
  const customers = await customersOf(move.source, bucket);
  await handOver({
    source: move.source,
    target: move.target,
    bucket,
    tables: move.tables,
    customers,
    waitMsMax: handOverMsMax,
    onWaiting: async (rows) => {
      move.tell({ step: 'handed over', rows });
      await move.step('taken over');
    },
  });
  await move.step('handed over');
  if (move.tables.some(({ bot }) => bot !== null)) await waitForReaders(move);
  await sweepFrom(move, move.source, customers, true);
  await move.source.change(
    `update control.buckets set state = 'gone', holds_outbox = false where bucket = $1 and state = 'closed'`,
    [bucket],
  );
  await move.target.change('delete from control.bucket_arrivals where bucket = $1', [bucket]);
  await move.target.change('delete from control.arrived_tables where bucket = $1', [bucket]);
  await move.step('swept');
  await move.control.change('delete from control.bucket_moves where bucket = $1', [bucket]);
}

/**
 * Tables of bots go whole, and who began to read before the bucket went may not have come to one yet. Rows need no such
 * care: a reading sees them as they were. Where the owner may not see who is at work, the longest reading is waited for.
 */
async function waitForReaders(move: Move): Promise<void> {
  const { readingMsMax = 60_000, signal } = move.options;
  const sinceMs = performance.now();
  const now = await move.source.row<{ at: number }>('select clock_timestamp() as at');
  while (performance.now() - sinceMs < readingMsMax) {
    const others = await move.source.row<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity
       where datname = current_database() and usesysid is not null and pid <> pg_backend_pid()
         and (xact_start <= $1 or state is null)`,
      [time(now!.at)],
    );
    if (others?.n === 0) return;
    await sleep(100, signal);
    signal?.throwIfAborted();
  }
}

export async function sweepFrom(move: Move, link: Link, customers: readonly CustomerId[], isGentle: boolean): Promise<void> {
  await sweep({
    link,
    bucket: move.options.bucket,
    tables: move.tables,
    customers,
    isGentle,
    onRows: async (rows) => {
      move.tell({ step: 'batch swept', rows });
      await move.step('batch swept');
    },
  });
}
