import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { abortMove, type MoveOptions, type MoveStep, moveBucket, moveSteps } from './move-bucket.ts';
import { MoveRefused } from './refused.ts';
import { furnish } from './testing/customer.ts';
import { startTraffic, type Traffic } from './testing/traffic.ts';
import { type MoveWorld, startMoveWorld } from './testing/world.ts';

let w: MoveWorld;
const children: ChildProcess[] = [];
beforeAll(async () => {
  w = await startMoveWorld();
}, 120_000);
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(async () => {
  await w?.close();
}, 120_000);

/** Of the first database. */
let last = 98;
const freshBucket = () => (last += 2);
const quick = { readingMsMax: 0, handOverMsMax: 200, patienceMs: 60_000 };
const move = (bucket: number, more: Partial<MoveOptions> = {}) =>
  moveBucket({ shards: w.owners, bucket, to: 'two', ...quick, ...more });

/** People at work in a bucket, with something in each of its rooms. */
async function busy(bucket: number): Promise<Traffic> {
  const ana = await w.customerIn(bucket);
  const { botId, guests } = await furnish(ana);
  const traffic = await startTraffic(ana, { inFlight: 2, bot: { botId, table: guests } });
  await more(traffic);
  return traffic;
}

async function more(traffic: Traffic): Promise<void> {
  const before = [traffic.acknowledged(), traffic.rows()] as const;
  await expect
    .poll(() => traffic.acknowledged() > before[0] + 30 && traffic.rows() > before[1] + 1, { timeout: 60_000 })
    .toBe(true);
}

/** The bucket is in one place, nothing is left elsewhere, and everything that was acknowledged is there. */
async function isWhole(bucket: number, traffic: Traffic, place: 'one' | 'two'): Promise<void> {
  await more(traffic);
  await traffic.stop();
  await traffic.check();
  const other = place === 'one' ? 'two' : 'one';
  expect(await w.ask('one', 'select shard from control.bucket_map where bucket = $1', [bucket])).toEqual([{ shard: place }]);
  expect(await w.ask('one', 'select 1 from control.bucket_moves where bucket = $1', [bucket])).toEqual([]);
  const state = 'select state, holds_outbox from control.buckets where bucket = $1';
  expect(await w.ask(place, state, [bucket])).toEqual([{ state: 'open', holds_outbox: false }]);
  expect(await w.ask(other, state, [bucket])).toEqual(
    place === 'one' && (await w.ask(other, state, [bucket])).length === 0 ? [] : [{ state: 'gone', holds_outbox: false }],
  );
  for (const shard of ['one', 'two']) {
    for (const text of [
      `select 1 from pg_trigger where tgname like 'moving\\_${bucket}\\_%'`,
      `select 1 from pg_proc where proname like 'moving\\_${bucket}\\_%'`,
      `select 1 from control.bucket_changes where bucket = ${bucket}`,
      `select 1 from control.bucket_arrivals where bucket = ${bucket}`,
      `select 1 from control.arrived_tables where bucket = ${bucket}`,
    ])
      expect([shard, text, await w.ask(shard, text)]).toEqual([shard, text, []]);
  }
  expect(
    await w.ask(
      other,
      `select relname from pg_class c where relname ~ '^t_[0-9a-f]{32}$' and not exists
         (select from control.tables t where 't_' || replace(t.table_id::text, '-', '') = c.relname)`,
    ),
  ).toEqual([]);
  expect(await w.ask(other, 'select 1 from control.customers where control.bucket_of(customer_id) = $1', [bucket])).toEqual([]);
}

class Killed extends Error {}
/** Dies at a step, the given time it comes there. */
const dyingAt = (step: MoveStep, times = 1) => {
  let left = times;
  return (at: MoveStep) => {
    if (at === step && --left === 0) throw new Killed(step);
  };
};

/** Where a process of its own is killed, below, and where it only ends in the middle: together they are all. */
const killedAt: readonly MoveStep[] = [
  'batch',
  'compared',
  'locked',
  'closed',
  'committed',
  'opened',
  'taken over',
  'batch swept',
];
const endingAt = moveSteps.filter((step) => !killedAt.includes(step));

describe('cut at any step', () => {
  test.for(endingAt)('a move that ends at "%s" goes on when it is run again', async (step) => {
    const bucket = freshBucket();
    const traffic = await busy(bucket);
    await expect(move(bucket, { onStep: dyingAt(step) })).rejects.toThrow(Killed);
    // The bucket takes writers where it is, but between closing and opening, when it takes none anywhere.
    if (!['closed', 'committed'].includes(step)) await more(traffic);
    await move(bucket);
    await isWhole(bucket, traffic, 'two');
  });

  test.for<MoveStep>(['captured', 'batch', 'compared', 'last changes', 'closed'])(
    'a move that ends at "%s" is taken back, also when that is cut, and may begin anew',
    async (step) => {
      const bucket = freshBucket();
      const traffic = await busy(bucket);
      await expect(move(bucket, { onStep: dyingAt(step, step === 'batch' ? 7 : 1) })).rejects.toThrow(Killed);
      const abort = (onStep?: (at: MoveStep) => void) =>
        abortMove({ shards: w.owners, bucket, ...quick, ...(onStep ? { onStep } : {}) });
      if (step !== 'captured') await expect(abort(dyingAt('batch swept'))).rejects.toThrow(Killed);
      await more(traffic);
      await abort();
      await more(traffic);
      await isWhole(bucket, traffic, 'one');
      expect(await move(bucket)).toMatchObject({ source: 'one', target: 'two' });
    },
  );

  test('one that was being taken back is taken back to the end before it begins anew', async () => {
    const bucket = freshBucket();
    const traffic = await busy(bucket);
    await expect(move(bucket, { onStep: dyingAt('compared') })).rejects.toThrow(Killed);
    await expect(abortMove({ shards: w.owners, bucket, ...quick, onStep: dyingAt('batch swept') })).rejects.toThrow(Killed);
    await move(bucket);
    await isWhole(bucket, traffic, 'two');
  });

  test.for<MoveStep>(['committed', 'swept'])('a move that ends at "%s" cannot be taken back', async (step) => {
    const bucket = freshBucket();
    await w.customerIn(bucket);
    await expect(move(bucket, { onStep: dyingAt(step) })).rejects.toThrow(Killed);
    await expect(abortMove({ shards: w.owners, bucket })).rejects.toThrow(MoveRefused);
    await move(bucket);
  });
});

describe('a process of its own', () => {
  const mover = fileURLToPath(new URL('./testing/mover.ts', import.meta.url));

  /** Starts one that waits at a step, and gives the steps it tells. */
  function spawnMover(bucket: number, waitAt: MoveStep | null, silenceMsMax = 30_000) {
    const orders = { shards: [...w.owners], bucket, to: 'two', waitAt, silenceMsMax };
    const child = spawn(process.execPath, [mover, JSON.stringify(orders)], { stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    const steps: string[] = [];
    let complaint = '';
    createInterface({ input: child.stdout! }).on('line', (line) => steps.push(line));
    child.stderr!.on('data', (data: Buffer) => {
      complaint += data.toString();
    });
    const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
    return {
      child,
      steps,
      ended,
      complaint: () => complaint,
      at: (step: MoveStep) => expect.poll(() => steps.includes(step) || complaint, { timeout: 60_000 }).toBe(true),
    };
  }

  test.for(killedAt)('is killed at "%s"; the next one finishes its work', async (step) => {
    const bucket = freshBucket();
    const traffic = await busy(bucket);
    const { child, at, ended } = spawnMover(bucket, step);
    await at(step);
    child.kill('SIGKILL');
    await ended;
    const next = spawnMover(bucket, null);
    expect([await next.ended, next.complaint()]).toEqual([0, '']);
    await isWhole(bucket, traffic, 'two');
  });

  test('is the only one that moves a bucket at a time', async () => {
    const bucket = freshBucket();
    await w.customerIn(bucket);
    const first = spawnMover(bucket, 'copied');
    await first.at('copied');
    await expect(move(bucket)).rejects.toThrow(`Bucket ${bucket} is being moved by somebody at this moment.`);
    await expect(abortMove({ shards: w.owners, bucket })).rejects.toThrow(MoveRefused);
    await expect(move(bucket, { to: 'three' })).rejects.toThrow(MoveRefused);
    first.child.kill('SIGKILL');
    await first.ended;
    // Not to another place either, before that one is finished or taken back.
    await expect(move(bucket, { to: 'one' })).rejects.toThrow('is on its way to two');
    await move(bucket);
  });

  test('that was asleep with the lock keeps nobody waiting, and finds its work taken when it wakes up', async () => {
    const bucket = freshBucket();
    const traffic = await busy(bucket);
    const sleeper = spawnMover(bucket, 'locked', 3_000);
    await sleeper.at('locked');
    sleeper.child.kill('SIGSTOP');
    // The database ends a transaction in which nothing happens.
    await more(traffic);
    await expect
      .poll(() => move(bucket).catch((error: unknown) => String(error)), { timeout: 60_000, interval: 500 })
      .toMatchObject({ target: 'two' });
    sleeper.child.kill('SIGCONT');
    await more(traffic);
    sleeper.child.kill('SIGKILL');
    await isWhole(bucket, traffic, 'two');
  });
});

describe('a database that is killed', () => {
  const kill = (name: string) => {
    const { pid } = w.shards.databases.get(name)!.postgres;
    if (pid !== null) process.kill(pid, 'SIGKILL');
  };

  // The first is the control database, too. Both are started again at once.
  test.for<[name: string, step: MoveStep]>([
    ['two', 'batch'],
    ['one', 'last changes'],
    ['two', 'last changes'],
    ['one', 'closed'],
    ['two', 'committed'],
    ['one', 'taken over'],
    ['one', 'batch swept'],
  ])('%s at "%s": the move goes on by itself, and nothing is lost', async ([name, step]) => {
    const bucket = freshBucket();
    const traffic = await busy(bucket);
    let isKilled = false;
    const report = await move(bucket, {
      onStep: (at) => {
        if (at !== step || isKilled) return;
        isKilled = true;
        kill(name);
      },
    });
    expect(isKilled).toBe(true);
    expect(report.target).toBe('two');
    await isWhole(bucket, traffic, 'two');
  });
});
