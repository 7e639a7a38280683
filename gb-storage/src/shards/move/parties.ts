import { assert } from 'gb-utils';
import { sqlState } from '../../database-errors.ts';
import type { Link } from './link.ts';
import type { Move, MoveRecord } from './move.ts';
import { movedTables } from './moved-tables.ts';
import { MoveRefused } from './refused.ts';

export async function readRecord(move: Move): Promise<MoveRecord | null> {
  return move.control.row<MoveRecord & { bucket: number }>(
    'select source, target, epoch, phase from control.bucket_moves where bucket = $1',
    [move.options.bucket],
  );
}

export function isElsewhere(move: Move, { target }: MoveRecord): MoveRefused {
  const { bucket } = move.options;
  return new MoveRefused({
    en: `Bucket ${bucket} is on its way to ${target}: finish that move, or take it back with --abort.`,
    pt: `O bucket ${bucket} está a caminho de ${target}: termine esse move, ou desfaça-o com --abort.`,
  });
}

/** What is asked for, if it may be: nothing is written yet. */
export async function plan(move: Move): Promise<MoveRecord> {
  const { bucket, to } = move.options;
  const shard = await move.control.row<{ state: string }>('select state from control.shards where shard = $1', [to]);
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
  const here = await move.control.row<{ shard: string; epoch: number }>(
    'select shard, epoch from control.bucket_map where bucket = $1',
    [bucket],
  );
  assert(here, `the map has bucket ${bucket}`);
  if (here.shard === to)
    throw new MoveRefused({ en: `Bucket ${bucket} is at ${to} already.`, pt: `O bucket ${bucket} já está em ${to}.` });
  return { source: here.shard, target: to, epoch: here.epoch, phase: 'copying' };
}

export async function register(move: Move, { source, target, epoch }: MoveRecord): Promise<void> {
  const registered = await move.control.change(
    `insert into control.bucket_moves (bucket, source, target, epoch, phase)
     select m.bucket, m.shard, $3, m.epoch, 'copying' from control.bucket_map m
     where m.bucket = $1 and m.shard = $2 and m.epoch = $4`,
    [move.options.bucket, source, target, epoch],
  );
  assert(registered === 1, 'whoever has the lock of a bucket is the only one to move it');
}

/** Connects both ends and looks whether rows can go from one to the other. */
export async function openBoth(move: Move, { source, target }: MoveRecord): Promise<void> {
  move.source = await move.open(source, 'source');
  move.target = await move.open(target, 'target');
  await checkVersions(move);
  for (const [name, link] of [
    [source, move.source],
    [target, move.target],
  ] as const)
    await checkReplay(link, name);
  move.tables = await movedTables(move.source, move.options.bucket);
}

/** Rows are copied column by column: both ends must have the same ones. */
async function checkVersions(move: Move): Promise<void> {
  const [here, there] = await Promise.all(
    [move.source, move.target].map((link) =>
      link.row<{ n: number }>('select coalesce(max(number), 0) as n from control.migrations'),
    ),
  );
  if (here?.n !== there?.n)
    throw new MoveRefused({
      en: 'The two databases are not at the same version: run gb migrate first.',
      pt: 'Os dois bancos não estão na mesma versão: execute gb migrate antes.',
    });
}

/** Not everybody may put rows in as they are. */
export async function checkReplay(link: Link, shard: string): Promise<void> {
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
