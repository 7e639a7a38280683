import type { CustomerId } from 'gb-protocol';
import { assert, backoffMs, sleep } from 'gb-utils';
import type { ClientConfig } from 'pg';
import { time } from '../../connection.ts';
import { sqlState } from '../../database-errors.ts';
import { botTables, makeBotTables, makeReferences, passSequences, sequencesOf, setSequences } from './bot-tables.ts';
import { capture, isLocked, releaseCapture } from './capture.ts';
import { bringChanges, changesWaiting, type Round } from './changes.ts';
import { CopyDiffers, compareBucket } from './compare.ts';
import { copyBucket } from './copy.ts';
import { handOver, outboxOf, reserveNumbers, waitingMax } from './hand-over.ts';
import { isAway, Link, moveLocks } from './link.ts';
import { customersOf, isInBucket, type MovedTable, movedTables } from './moved-tables.ts';
import { MoveRefused } from './refused.ts';
import { sweep } from './sweep.ts';

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
export const moveSteps = [
  'registered',
  'captured',
  'batch',
  'copied',
  'compared',
  'locked',
  'last changes',
  'closed',
  'committed',
  'opened',
  'released',
  'taken over',
  'handed over',
  'batch swept',
  'swept',
] as const;
export type MoveStep = (typeof moveSteps)[number];

export interface MoveProgress {
  readonly step: MoveStep | 'waiting' | 'again';
  /** Of the step that is under way: rows copied, compared, swept; changes that wait; entries not handed out yet. */
  readonly rows?: number;
  readonly table?: string;
  /** Why it begins again where it was. */
  readonly error?: unknown;
}

export interface MoveOptions {
  /** Log-ins of owners, by the names of the map; the first is the control database. */
  readonly shards: ReadonlyMap<string, ClientConfig>;
  readonly bucket: number;
  readonly to: string;
  readonly onProgress?: (progress: MoveProgress) => void;
  /** Counts and sums up everything once more while writers wait. Their pause is as long as that takes. */
  readonly comparesInPause?: boolean;
  /** How long databases may be away before it gives up; the command can be run again. */
  readonly patienceMs?: number;
  /** How long the source's relay may take to hand out what is left. */
  readonly handOverMsMax?: number;
  /** Readings that began before the bucket went may need tables of bots for so long; rows they see in any case. */
  readonly readingMsMax?: number;
  /** Who is stopped for so long loses the move to whoever runs it again. */
  readonly silenceMsMax?: number;
  readonly signal?: AbortSignal;
  /** Where a test lets it die. */
  readonly onStep?: (step: MoveStep) => void | Promise<void>;
}

export interface MoveReport {
  readonly source: string;
  readonly target: string;
  readonly rows: number;
  readonly compared: number;
  readonly tookMs: number;
  /** Until the target took writers; what is left at the source is cleared afterwards. */
  readonly openedAfterMs: number;
  /** From asking for the lock until the target took writers; null when that was before this run. */
  readonly pauseMs: number | null;
}

interface Record {
  readonly source: string;
  readonly target: string;
  readonly epoch: number;
  readonly phase: 'copying' | 'committed' | 'aborting';
}

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
const answerMsMax = 10_000;

/** Between these the bucket is closed, or about to be: who asks to stop is heard when it is open again. */
const uninterrupted: ReadonlySet<MoveStep> = new Set(['last changes', 'closed', 'committed']);

/** Moves a bucket, or goes on where an earlier run was cut. Resolves when nothing of it is left at the source. */
export async function moveBucket(options: MoveOptions): Promise<MoveReport> {
  return persist(options, (tally) => new Move(options, tally).run());
}

/** Takes back a move that is not past its commit: the source goes on as if nothing had been. */
export async function abortMove(options: Omit<MoveOptions, 'to'>): Promise<void> {
  await persist(options, (tally) => new Move({ ...options, to: '' }, tally).abort());
}

interface Tally {
  rows: number;
  compared: number;
  openedAfterMs: number;
  /** When the source was closed, on the clock that only goes forward. */
  closedAtMs: number | null;
  pauseMs: number | null;
}

/** What was begun is begun again while databases are away: every step may be made twice. */
async function persist<T>(
  { patienceMs = 120_000, signal, onProgress }: Pick<MoveOptions, 'patienceMs' | 'signal' | 'onProgress'>,
  attempt: (tally: Tally) => Promise<T>,
): Promise<T> {
  const tally: Tally = { rows: 0, compared: 0, openedAfterMs: 0, closedAtMs: null, pauseMs: null };
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

class Move {
  readonly #options: MoveOptions;
  readonly #tally: Tally;
  readonly #links: Link[] = [];
  #control!: Link;
  #source!: Link;
  #target!: Link;
  #tables: readonly MovedTable[] = [];
  #startedMs = 0;

  constructor(options: MoveOptions, tally: Tally) {
    this.#options = options;
    this.#tally = tally;
  }

  async run(): Promise<MoveReport> {
    this.#startedMs = performance.now();
    try {
      this.#control = await this.#open([...this.#options.shards.keys()][0]!, 'control');
      let record = await this.#record();
      if (record && record.target !== this.#options.to && record.phase !== 'aborting') throw this.#isElsewhere(record);
      if (record?.phase === 'aborting') {
        await this.#takeBack(record);
        record = null;
      }
      const planned = record ?? (await this.#plan());
      await this.#openBoth(planned);
      if (!record) await this.#register(planned);
      record = planned;
      await this.#step('registered');
      if (record.phase === 'copying') await this.#copyAndCommit(record);
      await this.#finish(record);
      const { rows, compared, pauseMs, openedAfterMs } = this.#tally;
      return {
        source: record.source,
        target: record.target,
        rows,
        compared,
        pauseMs,
        openedAfterMs,
        tookMs: performance.now() - this.#startedMs,
      };
    } finally {
      await this.#close();
    }
  }

  async abort(): Promise<void> {
    try {
      this.#control = await this.#open([...this.#options.shards.keys()][0]!, 'control');
      const record = await this.#record();
      if (!record)
        throw new MoveRefused({
          en: `Bucket ${this.#options.bucket} is not being moved.`,
          pt: `O bucket ${this.#options.bucket} não está sendo movido.`,
        });
      if (record.phase === 'committed')
        throw new MoveRefused({
          en: `Bucket ${this.#options.bucket} is at ${record.target} already; run the move again to finish it.`,
          pt: `O bucket ${this.#options.bucket} já está em ${record.target}; execute o move de novo para terminar.`,
        });
      await this.#takeBack(record);
    } finally {
      await this.#close();
    }
  }

  // Who, where, and whether.

  async #open(shard: string, part: keyof typeof moveLocks): Promise<Link> {
    const owner = this.#options.shards.get(shard);
    if (!owner)
      throw new MoveRefused({
        en: `There is no address of the database ${shard} in DATABASE_SHARDS.`,
        pt: `Não há endereço do banco ${shard} em DATABASE_SHARDS.`,
      });
    const { bucket, silenceMsMax } = this.#options;
    const link = await Link.open(
      owner,
      { key: moveLocks[part], bucket },
      {
        ...(silenceMsMax === undefined ? {} : { silenceMs: silenceMsMax }),
        // What is said to it is said at once; at the commit people wait for its answer.
        ...(part === 'control' ? { answerMs: answerMsMax } : {}),
      },
    );
    this.#links.push(link);
    return link;
  }

  async #close(): Promise<void> {
    await Promise.all(this.#links.splice(0).map((link) => link.close()));
  }

  async #openBoth({ source, target }: Record): Promise<void> {
    this.#source = await this.#open(source, 'source');
    this.#target = await this.#open(target, 'target');
    await this.#checkVersions();
    for (const [name, link] of [
      [source, this.#source],
      [target, this.#target],
    ] as const)
      await checkReplay(link, name);
    this.#tables = await movedTables(this.#source, this.#options.bucket);
  }

  async #record(): Promise<Record | null> {
    return this.#control.row<Record & { bucket: number }>(
      'select source, target, epoch, phase from control.bucket_moves where bucket = $1',
      [this.#options.bucket],
    );
  }

  #isElsewhere({ target }: Record): MoveRefused {
    const { bucket } = this.#options;
    return new MoveRefused({
      en: `Bucket ${bucket} is on its way to ${target}: finish that move, or take it back with --abort.`,
      pt: `O bucket ${bucket} está a caminho de ${target}: termine esse move, ou desfaça-o com --abort.`,
    });
  }

  async #plan(): Promise<Record> {
    const { bucket, to } = this.#options;
    const shard = await this.#control.row<{ state: string }>('select state from control.shards where shard = $1', [to]);
    if (!shard)
      throw new MoveRefused({
        en: `There is no shard ${to}: gb shard add ${to}=postgres://... registers one.`,
        pt: `Não há shard ${to}: gb shard add ${to}=postgres://... registra um.`,
      });
    if (shard.state === 'draining')
      throw new MoveRefused({
        en: `The shard ${to} is being drained: nothing moves there.`,
        pt: `O shard ${to} está sendo esvaziado: nada vai para lá.`,
      });
    const here = await this.#control.row<{ shard: string; epoch: number }>(
      'select shard, epoch from control.bucket_map where bucket = $1',
      [bucket],
    );
    assert(here, `the map has bucket ${bucket}`);
    if (here.shard === to)
      throw new MoveRefused({ en: `Bucket ${bucket} is at ${to} already.`, pt: `O bucket ${bucket} já está em ${to}.` });
    return { source: here.shard, target: to, epoch: here.epoch, phase: 'copying' };
  }

  async #register({ source, target, epoch }: Record): Promise<void> {
    const registered = await this.#control.change(
      `insert into control.bucket_moves (bucket, source, target, epoch, phase)
       select m.bucket, m.shard, $3, m.epoch, 'copying' from control.bucket_map m
       where m.bucket = $1 and m.shard = $2 and m.epoch = $4`,
      [this.#options.bucket, source, target, epoch],
    );
    assert(registered === 1, 'whoever has the lock of a bucket is the only one to move it');
  }

  /** Rows are copied column by column: both ends must have the same ones. */
  async #checkVersions(): Promise<void> {
    const [here, there] = await Promise.all(
      [this.#source, this.#target].map((link) =>
        link.row<{ n: number }>('select coalesce(max(number), 0) as n from control.migrations'),
      ),
    );
    if (here?.n !== there?.n)
      throw new MoveRefused({
        en: 'The two databases are not at the same version: run gb migrate first.',
        pt: 'Os dois bancos não estão na mesma versão: execute gb migrate antes.',
      });
  }

  // Until the commit.

  async #copyAndCommit(record: Record): Promise<void> {
    const { bucket } = this.#options;
    const here = await this.#source.row<{ epoch: number; state: string }>(
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
      await this.#announce(record);
      if (!(await this.#closeEmpty(record))) {
        await this.#copy();
        await this.#closeSource(record);
      }
    }
    await this.#step('closed');
    await this.#control.transaction(async () => {
      const moved = await this.#control.change(
        'update control.bucket_map set shard = $3, epoch = $4 where bucket = $1 and shard = $2 and epoch = $5',
        [bucket, record.source, record.target, record.epoch + 1, record.epoch],
      );
      const noted = await this.#control.change(
        `update control.bucket_moves set phase = 'committed' where bucket = $1 and phase = 'copying'`,
        [bucket],
      );
      assert(moved === 1 && noted === 1, 'nobody else changes the map of a bucket that is being moved');
    });
    await this.#step('committed');
  }

  /** The target knows of the bucket, and that it is not here yet. */
  async #announce(record: Record): Promise<void> {
    const { bucket } = this.#options;
    await this.#target.change(
      `insert into control.buckets (bucket, epoch, state) values ($1, $2, 'closed')
       on conflict (bucket) do update set state = 'closed', epoch = least(buckets.epoch, $2), holds_outbox = false where buckets.state <> 'open'`,
      [bucket, record.epoch],
    );
    const arriving = await this.#target.row('select from control.buckets where bucket = $1 and state = $2', [bucket, 'closed']);
    assert(arriving, 'the target does not believe to have the bucket');
  }

  /** Most buckets of a small installation have nobody in them: there is nothing to copy, and nothing to note. */
  async #closeEmpty(record: Record): Promise<boolean> {
    const { bucket } = this.#options;
    const isEmpty = async () => (await customersOf(this.#source, bucket)).length === 0;
    if (!(await isEmpty())) return false;
    const startedMs = performance.now();
    try {
      return await this.#withBucketLock(async () => {
        if (!(await isEmpty())) return false;
        await this.#markClosed(record);
        this.#tally.closedAtMs = startedMs;
        return true;
      });
    } catch (error) {
      if (isLocked(error)) return false;
      throw error;
    }
  }

  async #copy(): Promise<void> {
    const { bucket } = this.#options;
    await capture(this.#source, bucket, this.#tables);
    await this.#step('captured');
    await this.#prepareBotTables();
    await this.#copyRows();
    await this.#step('copied');
    await this.#catchUp();
    this.#tally.compared = 0;
    await this.#source.transaction(async () => {
      for (;;) {
        const round = await this.#round(changesPerRound);
        if (round.changes === 0) break;
      }
      this.#tally.compared = await compareBucket(this.#source, this.#target, bucket, this.#tables, async (rows) => {
        this.#tell({ step: 'compared', rows });
      });
    }, 'begin isolation level repeatable read');
    await this.#step('compared');
  }

  async #copyRows(): Promise<void> {
    const copied = new Map<string, number>();
    await copyBucket({
      source: this.#source,
      target: this.#target,
      bucket: this.#options.bucket,
      tables: this.#tables,
      onRows: async (rows, table) => {
        this.#tally.rows += rows;
        copied.set(table, (copied.get(table) ?? 0) + rows);
        this.#tell({ step: 'batch', rows, table });
        await this.#step('batch');
      },
    });
    // The first who read there shall not have plans for tables that were nearly empty.
    for (const [table, rows] of copied) if (rows >= manyRows) await this.#target.change(`analyze ${table}`);
  }

  /** Tables that bots made are there at the target as they are at the source, and whatever changes in them is noted. */
  async #prepareBotTables(): Promise<void> {
    const { bucket } = this.#options;
    this.#tables = await movedTables(this.#source, bucket);
    await capture(this.#source, bucket, this.#tables);
    await makeBotTables(this.#target, bucket, await botTables(this.#source, bucket));
  }

  async #catchUp(): Promise<void> {
    for (;;) {
      const startedMs = performance.now();
      const round = await this.#source.transaction(() => this.#round(changesPerRound), 'begin isolation level repeatable read');
      this.#tell({ step: 'copied', rows: round.changes });
      if (round.hasNewTables) {
        await this.#prepareBotTables();
        await this.#copyRows();
      } else if (round.changes <= fewChanges || performance.now() - startedMs < shortRoundMs) return;
    }
  }

  #round(changesMax: number): Promise<Round> {
    return bringChanges(this.#source, this.#target, this.#options.bucket, this.#tables, changesMax);
  }

  async #closeSource(record: Record): Promise<void> {
    const { bucket } = this.#options;
    for (let attempt = 1; ; attempt++) {
      await this.#catchUp();
      await makeReferences(this.#target, await botTables(this.#source, bucket));
      await this.#reserve();
      const startedMs = performance.now();
      try {
        if (await this.#closeNow(record)) {
          this.#tally.closedAtMs = startedMs;
          return;
        }
      } catch (error) {
        if (!isLocked(error) || attempt === closeAttemptsMax) throw error;
      }
      this.#tell({ step: 'waiting' });
      // As long again as writers may have waited for us.
      await sleep(lockMsMax + Math.random() * lockMsMax, this.#options.signal);
    }
  }

  async #reserve(): Promise<void> {
    const { bucket } = this.#options;
    for (;;) {
      const waiting = await outboxOf(this.#source, await customersOf(this.#source, bucket));
      if (waiting <= waitingMax) {
        await reserveNumbers(this.#target, bucket, waiting);
        break;
      }
      // Somebody who hands out nothing at all is a fault that has to be seen to first.
      this.#tell({ step: 'waiting', rows: waiting });
      await sleep(1_000, this.#options.signal);
      this.#options.signal?.throwIfAborted();
    }
    await passSequences(this.#target, await sequencesOf(this.#source, sharedTables(this.#tables)));
  }

  /** With the bucket's lock: what is left goes over, and the source closes. false when there was more than goes over in a moment. */
  async #closeNow(record: Record): Promise<boolean> {
    const { bucket, comparesInPause = false } = this.#options;
    const source = this.#source;
    const tables = this.#tables;
    return this.#withBucketLock(async () => {
      await this.#step('locked');
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
      for (;;) {
        const round = await this.#round(changesPerRound);
        if (round.hasNewTables) return false;
        if (round.changes === 0) break;
      }
      await this.#step('last changes');
      const bots = tables.filter(({ bot }) => bot !== null).map(({ name }) => name);
      await setSequences(this.#target, await sequencesOf(source, bots));
      if (!(await passSequences(this.#target, await sequencesOf(source, sharedTables(tables))))) return false;
      if (comparesInPause)
        this.#tally.compared = await compareBucket(source, this.#target, bucket, tables, async (rows) =>
          this.#tell({ step: 'compared', rows }),
        );
      await this.#markClosed(record);
      return true;
    });
  }

  /** Writers wait as long as this takes. If we hang, the database ends it, and they go on. */
  async #withBucketLock(work: () => Promise<boolean>): Promise<boolean> {
    const { bucket, comparesInPause = false } = this.#options;
    const source = this.#source;
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

  async #markClosed({ epoch }: Record): Promise<void> {
    const closed = await this.#source.change(
      `update control.buckets set state = 'closed', epoch = $2 where bucket = $1 and state = 'open' and epoch = $3`,
      [this.#options.bucket, epoch + 1, epoch],
    );
    assert(closed === 1, 'the source has the bucket in the epoch it is moved from');
  }

  // After the commit.

  async #finish(record: Record): Promise<void> {
    const { bucket, handOverMsMax = 60_000 } = this.#options;
    await this.#target.change(
      `update control.buckets set state = 'open', epoch = $2, holds_outbox = true where bucket = $1 and epoch < $2`,
      [bucket, record.epoch + 1],
    );
    if (this.#tally.closedAtMs !== null) this.#tally.pauseMs ??= performance.now() - this.#tally.closedAtMs;
    this.#tally.openedAfterMs = performance.now() - this.#startedMs;
    await this.#step('opened');
    await releaseCapture(this.#source, bucket);
    await this.#step('released');
    const customers = await customersOf(this.#source, bucket);
    await handOver({
      source: this.#source,
      target: this.#target,
      bucket,
      tables: this.#tables,
      customers,
      waitMsMax: handOverMsMax,
      onWaiting: async (rows) => {
        this.#tell({ step: 'handed over', rows });
        await this.#step('taken over');
      },
    });
    await this.#step('handed over');
    if (this.#tables.some(({ bot }) => bot !== null)) await this.#waitForReaders();
    await this.#sweep(this.#source, customers, true);
    await this.#source.change(
      `update control.buckets set state = 'gone', holds_outbox = false where bucket = $1 and state = 'closed'`,
      [bucket],
    );
    await this.#target.change('delete from control.bucket_arrivals where bucket = $1', [bucket]);
    await this.#target.change('delete from control.arrived_tables where bucket = $1', [bucket]);
    await this.#step('swept');
    await this.#control.change('delete from control.bucket_moves where bucket = $1', [bucket]);
  }

  /**
   * Tables of bots go whole, and who began to read before the bucket went may not have come to one yet. Rows need no such
   * care: a reading sees them as they were. Where the owner may not see who is at work, the longest reading is waited for.
   */
  async #waitForReaders(): Promise<void> {
    const { readingMsMax = 60_000, signal } = this.#options;
    const sinceMs = performance.now();
    const now = await this.#source.row<{ at: number }>('select clock_timestamp() as at');
    while (performance.now() - sinceMs < readingMsMax) {
      const others = await this.#source.row<{ n: number }>(
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

  /** The source goes on first; what the target has is taken away afterwards. */
  async #takeBack(record: Record): Promise<void> {
    const { bucket } = this.#options;
    await this.#control.change(`update control.bucket_moves set phase = 'aborting' where bucket = $1 and phase = 'copying'`, [
      bucket,
    ]);
    const here = await this.#control.row<{ epoch: number }>(
      'select epoch from control.bucket_map where bucket = $1 and shard = $2',
      [bucket, record.source],
    );
    assert(here, 'a move that is taken back is not past its commit');
    this.#source = await this.#open(record.source, 'source');
    await this.#source.change(
      // Not past the commit, so the map still says where it is, and since when.
      `update control.buckets set state = 'open', epoch = $2 where bucket = $1 and state = 'closed'`,
      [bucket, here.epoch],
    );
    await releaseCapture(this.#source, bucket);
    this.#target = await this.#open(record.target, 'target');
    await checkReplay(this.#target, record.target);
    // Nothing of a bucket that is open there may go.
    const row = await this.#target.row<{ state: string }>('select state from control.buckets where bucket = $1', [bucket]);
    if (row && row.state !== 'open') {
      const customers = new Set([...(await customersOf(this.#source, bucket)), ...(await customersOf(this.#target, bucket))]);
      this.#tables = await movedTables(this.#target, bucket);
      await this.#sweep(this.#target, [...customers], false);
      await this.#target.change(
        `update control.buckets set state = 'gone', holds_outbox = false where bucket = $1 and state = 'closed'`,
        [bucket],
      );
    }
    await this.#control.change('delete from control.bucket_moves where bucket = $1', [bucket]);
    // A move that begins anew takes the locks anew.
    await Promise.all([this.#source.close(), this.#target.close()]);
  }

  async #sweep(link: Link, customers: readonly CustomerId[], isGentle: boolean): Promise<void> {
    await sweep({
      link,
      bucket: this.#options.bucket,
      tables: this.#tables,
      customers,
      isGentle,
      onRows: async (rows) => {
        this.#tell({ step: 'batch swept', rows });
        await this.#step('batch swept');
      },
    });
  }

  #tell(progress: MoveProgress): void {
    this.#options.onProgress?.(progress);
  }

  async #step(step: MoveStep): Promise<void> {
    if (!uninterrupted.has(step)) this.#options.signal?.throwIfAborted();
    this.#tell({ step });
    await this.#options.onStep?.(step);
  }
}

function sharedTables(tables: readonly MovedTable[]): string[] {
  return tables
    .filter(({ bot, kind, columns }) => bot === null && kind !== 'relayed' && columns.some(({ isIdentity }) => isIdentity))
    .map(({ name }) => name);
}

/** Not everybody may put rows in as they are. */
async function checkReplay(link: Link, shard: string): Promise<void> {
  try {
    await link.replay(async () => {});
  } catch (error) {
    if (sqlState((error as { cause?: unknown }).cause ?? error) !== '42501') throw error;
    const owner = await link.row<{ name: string }>("select format('%I', current_user) as name");
    const grant = `grant set on parameter session_replication_role to ${owner?.name ?? 'the owner'}`;
    throw new MoveRefused({
      en: `The owner's log-in of ${shard} may not move rows. As a superuser of that server, once: ${grant} (before PostgreSQL 15 the owner has to be a superuser while buckets move).`,
      pt: `O login do dono de ${shard} não pode mover linhas. Como superusuário desse servidor, uma vez: ${grant} (antes do PostgreSQL 15, o dono precisa ser superusuário enquanto buckets se movem).`,
    });
  }
}

export { CopyDiffers };
