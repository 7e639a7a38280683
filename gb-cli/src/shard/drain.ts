import { markShard, overlookShards, planDrain } from 'gb-storage';
import { exit, readArguments, UsageError } from '../basic/command-line.ts';
import { report } from '../basic/terminal.ts';
import { areAllThere, carryAll } from './rebalance.ts';
import type { Session } from './session.ts';

export async function drain(session: Session, args: readonly string[]): Promise<number> {
  const { words, owners, say } = session;
  const { values, positionals } = readArguments(args, { 'dry-run': { type: 'boolean' }, undo: { type: 'boolean' } });
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0) throw new UsageError(words.noName);
  if (values.undo) {
    await markShard(owners, name, 'open');
    return exit.finished;
  }
  const before = await overlookShards(owners);
  if (!before.shards.some((one) => one.name === name)) throw new UsageError(words.noName);
  if (!(await areAllThere(session, before))) return exit.failed;
  const others = before.shards.filter((one) => one.name !== name && one.state === 'open').map((one) => one.name);
  if (others.length === 0) {
    report(`gb: ${words.noOther}\n`);
    return exit.failed;
  }
  if (!values['dry-run']) {
    await markShard(owners, name, 'draining');
    say(words.draining(name));
  }
  // What was on its way elsewhere when an earlier run was cut goes there.
  const begun = new Map(before.moves.filter(({ source }) => source === name).map(({ bucket, target }) => [bucket, target]));
  const moves = planDrain(name, others, before.sizes).map((move) => ({ ...move, to: begun.get(move.bucket) ?? move.to }));
  const finishing = before.moves
    .filter(({ bucket }) => !moves.some((move) => move.bucket === bucket))
    .filter(({ source }) => source === name)
    .map(({ bucket, source, target }) => ({ bucket, from: source, to: target, entries: 0 }));
  const code =
    moves.length + finishing.length === 0
      ? exit.finished
      : await carryAll(session, [...finishing, ...moves], values['dry-run'] ?? false);
  if (code === exit.finished && !values['dry-run']) say(words.drained(name));
  return code;
}
