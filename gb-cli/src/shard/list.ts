import { overlookShards, type ShardFacts } from 'gb-storage';
import { exit, readArguments } from '../basic/command-line.ts';
import type { Session } from './session.ts';

export async function list({ words, owners, say, number }: Session, args: readonly string[]): Promise<number> {
  const { values } = readArguments(args, { json: { type: 'boolean' } });
  const { shards, moves, sizes } = await overlookShards(owners);
  if (values.json) {
    const buckets = Map.groupBy(sizes, ({ shard }) => shard);
    say(
      JSON.stringify(
        {
          shards: shards.map((one) => ({
            ...one,
            largest: (buckets.get(one.name) ?? [])
              .toSorted((a, b) => b.entries - a.entries)
              .slice(0, 10)
              .map(({ bucket, entries }) => ({ bucket, entries })),
          })),
          moves,
        },
        null,
        2,
      ),
    );
    return exit.finished;
  }
  const rows = shards.map((one) => [
    one.name,
    one.region ?? '',
    words.states[stateOf(one)],
    number(one.buckets),
    ...(one.inside ? [number(one.inside.customers), number(one.inside.entries), bytes(one.inside.bytes)] : ['', '', '']),
  ]);
  for (const line of table([words.columns, ...rows])) say(line);
  for (const move of moves) say(words.moving({ ...move, since: new Date(move.startedAtMs).toISOString() }));
  return exit.finished;
}

function stateOf({ state, problem, buckets }: ShardFacts) {
  return problem ?? (state === 'draining' && buckets === 0 ? 'drained' : state);
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows.map((row) =>
    row
      .map((cell, i) => (i < 3 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd(),
  );
}

function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, count < 1 ? 0 : Math.floor(Math.log10(count) / 3));
  return `${Math.round(count / 1000 ** power)} ${units[power]}`;
}
