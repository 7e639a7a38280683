import { assert } from 'gb-utils';
import { sweepFrom } from './after-commit.ts';
import { releaseCapture } from './capture.ts';
import type { Move, MoveRecord } from './move.ts';
import { customersOf, movedTables } from './moved-tables.ts';
import { checkReplay } from './parties.ts';

/** The source goes on first; what the target has is taken away afterwards. */
export async function takeBack(move: Move, record: MoveRecord): Promise<void> {
  const { bucket } = move.options;
  await move.control.change(`update control.bucket_moves set phase = 'aborting' where bucket = $1 and phase = 'copying'`, [
    bucket,
  ]);
  const here = await move.control.row<{ epoch: number }>(
    'select epoch from control.bucket_map where bucket = $1 and shard = $2',
    [bucket, record.source],
  );
  assert(here, 'a move that is taken back is not past its commit');
  move.source = await move.open(record.source, 'source');
  await move.source.change(
    // Not past the commit, so the map still says where it is, and since when.
    `update control.buckets set state = 'open', epoch = $2 where bucket = $1 and state = 'closed'`,
    [bucket, here.epoch],
  );
  await releaseCapture(move.source, bucket);
  move.target = await move.open(record.target, 'target');
  await checkReplay(move.target, record.target);
  // Nothing of a bucket that is open there may go.
  const row = await move.target.row<{ state: string }>('select state from control.buckets where bucket = $1', [bucket]);
  if (row && row.state !== 'open') {
    const customers = new Set([...(await customersOf(move.source, bucket)), ...(await customersOf(move.target, bucket))]);
    move.tables = await movedTables(move.target, bucket);
    await sweepFrom(move, move.target, [...customers], false);
    await move.target.change(
      `update control.buckets set state = 'gone', holds_outbox = false where bucket = $1 and state = 'closed'`,
      [bucket],
    );
  }
  await move.control.change('delete from control.bucket_moves where bucket = $1', [bucket]);
  // A move that begins anew takes the locks anew.
  await Promise.all([move.source.close(), move.target.close()]);
}
