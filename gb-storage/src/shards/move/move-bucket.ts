import { backoffMs, sleep } from 'gb-utils';
import { finish } from './after-commit.ts';
import { isAway } from './link.ts';
import { Move, type MoveOptions, type MoveReport, type MoveTally } from './move.ts';
import { isElsewhere, openBoth, plan, readRecord, register } from './parties.ts';
import { MoveRefused } from './refused.ts';
import { takeBack } from './take-back.ts';
import { copyAndCommit } from './until-commit.ts';

export { CopyDiffers } from './compare.ts';
export { type MoveOptions, type MoveProgress, type MoveReport, type MoveStep, moveSteps } from './move.ts';

/*
 * A bucket goes to another database while its customers write. In the order in which it happens, and what is true if it is
 * cut there:
 *
 *  1. `registered`  The control database says who moves what to where. Whoever runs the command again goes on from here.
 *  2. `captured`    The target knows the bucket as closed; triggers at the source note the keys of rows that change.
 *  3. `copied`      Rows go over in batches. The source is the truth; nobody reads what the target has.
 *  4. `compared`    Changes went over in rounds until few were left, then all rows were counted and summed up at both ends.
 *  5. `locked`      The bucket's lock is ours alone: writers wait, for a moment, and go on at the source if we die.
 *  6. `closed`      The last changes are over and the source has closed the bucket. Nobody writes anywhere until somebody
 *                   goes on: the target is complete.
 *  7. `committed`   The map names the target, in the next epoch. From here on there is no way back.
 *  8. `opened`      The target takes writers. Its outbox is held until the source's is empty (hand-over.ts).
 *  9. `handed over` Nothing of the bucket is handed out by the source any more.
 * 10. `swept`       Nothing of it is left there.
 */
/** Moves a bucket, or goes on where an earlier run was cut. Resolves when nothing of it is left at the source. */
export async function moveBucket(options: MoveOptions): Promise<MoveReport> {
  return persist(options, async (tally) => {
    const move = new Move(options, tally);
    try {
      return await run(move);
    } finally {
      await move.close();
    }
  });
}

/** Takes back a move that is not past its commit: the source goes on as if nothing had been. */
export async function abortMove(options: Omit<MoveOptions, 'to'>): Promise<void> {
  await persist(options, async (tally) => {
    const move = new Move({ ...options, to: '' }, tally);
    try {
      await abort(move);
    } finally {
      await move.close();
    }
  });
}

async function run(move: Move): Promise<MoveReport> {
  await move.openControl();
  let record = await readRecord(move);
  if (record?.phase === 'aborting') {
    await takeBack(move, record);
    record = null;
  } else if (record && record.target !== move.options.to) {
    throw isElsewhere(move, record);
  }
  const planned = record ?? (await plan(move));
  await openBoth(move, planned);
  if (!record) await register(move, planned);
  await move.step('registered');
  if (planned.phase === 'copying') await copyAndCommit(move, planned);
  await finish(move, planned);
  return move.report(planned);
}

async function abort(move: Move): Promise<void> {
  const { bucket } = move.options;
  await move.openControl();
  const record = await readRecord(move);
  if (!record)
    throw new MoveRefused({
      en: `Bucket ${bucket} is not being moved.`,
      pt: `O bucket ${bucket} não está sendo movido.`,
    });
  if (record.phase === 'committed')
    throw new MoveRefused({
      en: `Bucket ${bucket} is at ${record.target} already; run the move again to finish it.`,
      pt: `O bucket ${bucket} já está em ${record.target}; execute o move de novo para terminar.`,
    });
  await takeBack(move, record);
}

/** What was begun is begun again while databases are away: every step may be made twice. */
async function persist<T>(
  { patienceMs = 120_000, signal, onProgress }: Pick<MoveOptions, 'patienceMs' | 'signal' | 'onProgress'>,
  attempt: (tally: MoveTally) => Promise<T>,
): Promise<T> {
  const tally: MoveTally = { rows: 0, compared: 0, openedAfterMs: 0, closedAtMs: null, pauseMs: null };
  let awaySinceMs: number | null = null;
  for (let failures = 0; ; failures++) {
    const startedMs = performance.now();
    try {
      return await attempt(tally);
    } catch (error) {
      if (!isAway(error) || signal?.aborted) throw error;
      // One that worked for a while was not away all that time.
      if (awaySinceMs === null || performance.now() - startedMs > 10_000) awaySinceMs = performance.now();
      if (performance.now() - awaySinceMs > patienceMs) throw error;
      onProgress?.({ step: 'again', error });
      await sleep(100 + backoffMs(failures, { baseMs: 100, maxMs: 3_000 }), signal);
    }
  }
}
