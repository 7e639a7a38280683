import { overlookShards, type PlannedMove, planRebalance, type ShardOverview } from 'gb-storage';
import { exit, readArguments } from '../basic/command-line.ts';
import { report } from '../basic/terminal.ts';
import { carry } from './carry.ts';
import type { Session } from './session.ts';

export async function rebalance(session: Session, args: readonly string[]): Promise<number> {
  const { words, owners, say } = session;
  const { values } = readArguments(args, { 'dry-run': { type: 'boolean' } });
  const overview = await overlookShards(owners);
  if (!(await areAllThere(session, overview))) return exit.failed;
  const names = overview.shards.filter(({ state }) => state === 'open').map(({ name }) => name);
  const moving = new Set(overview.moves.map(({ bucket }) => bucket));
  const moves = planRebalance(
    names,
    overview.sizes.filter(({ bucket }) => !moving.has(bucket)),
  );
  if (moves.length === 0) {
    say(words.isEven);
    return exit.finished;
  }
  return carryAll(session, moves, values['dry-run'] ?? false);
}

/** Without knowing what is in one of them, a plan would be a guess. */
export async function areAllThere({ words }: Session, { shards }: ShardOverview): Promise<boolean> {
  const silent = shards.filter(({ problem }) => problem !== null).map(({ name }) => name);
  if (silent.length > 0) report(`gb: ${words.notAll(silent.join(', '))}\n`);
  return silent.length === 0;
}

/** Says the plan, then follows it, one bucket after the other. */
export async function carryAll(session: Session, moves: readonly PlannedMove[], isDryRun: boolean): Promise<number> {
  const { words, say, number } = session;
  say(words.plan(moves.length, number(moves.reduce((sum, { entries }) => sum + entries, 0))));
  for (const move of moves) say(words.planned({ ...move, entries: number(move.entries) }));
  if (isDryRun) return exit.finished;
  for (const { bucket, to } of moves) if (!(await carry(session, { bucket, to }))) return exit.failed;
  return exit.finished;
}
