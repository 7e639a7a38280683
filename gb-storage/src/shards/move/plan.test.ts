import { expect, test } from 'vitest';
import { type BucketSize, type PlannedMove, planDrain, planRebalance } from './plan.ts';

const bucketsOf = (shards: Readonly<Record<string, readonly number[]>>): BucketSize[] => {
  let bucket = 0;
  return Object.entries(shards).flatMap(([shard, sizes]) => sizes.map((entries) => ({ bucket: bucket++, shard, entries })));
};

function after(buckets: readonly BucketSize[], moves: readonly PlannedMove[]): Map<string, number> {
  const place = new Map(buckets.map(({ bucket, shard }) => [bucket, shard]));
  for (const { bucket, from, to } of moves) {
    expect(place.get(bucket)).toBe(from);
    place.set(bucket, to);
  }
  const sums = new Map<string, number>();
  for (const { bucket, entries } of buckets) sums.set(place.get(bucket)!, (sums.get(place.get(bucket)!) ?? 0) + entries);
  return sums;
}

test('databases that are even stay as they are', () => {
  expect(planRebalance(['a', 'b'], bucketsOf({ a: [1_000, 5_000], b: [5_900, 200] }))).toEqual([]);
});

test('a database that is new gets its part with few moves, the large buckets first', () => {
  const buckets = bucketsOf({ a: [90_000, 40_000, 10_000, 5_000, 5_000], b: [70_000, 60_000, 20_000], c: [] });
  const moves = planRebalance(['a', 'b', 'c'], buckets);
  expect(moves.length).toBeLessThanOrEqual(4);
  for (const sum of after(buckets, moves).values()) expect(sum).toBeGreaterThan(85_000);
});

test('no bucket moves twice, and the plan ends, whatever the sizes are', () => {
  let seed = 7;
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  for (let round = 0; round < 200; round++) {
    const names = Array.from({ length: 1 + Math.floor(random() * 6) }, (_, i) => `s${i}`);
    const buckets = Array.from({ length: Math.floor(random() * 300) }, (_, bucket) => ({
      bucket,
      shard: names[Math.floor(random() * names.length)]!,
      entries: Math.floor(10 ** (random() * 7)),
    }));
    const moves = planRebalance(names, buckets);
    expect(new Set(moves.map(({ bucket }) => bucket)).size).toBe(moves.length);
    const spread = (sums: ReadonlyMap<string, number>) =>
      Math.max(...names.map((name) => sums.get(name) ?? 0)) - Math.min(...names.map((name) => sums.get(name) ?? 0));
    expect(spread(after(buckets, moves))).toBeLessThanOrEqual(spread(after(buckets, [])) + 30_000);
  }
});

test('one bucket that is larger than all others does not go to and fro', () => {
  expect(planRebalance(['a', 'b'], bucketsOf({ a: [1_000_000], b: [10] }))).toEqual([]);
});

test('a database that is drained keeps nothing, and what it had goes where there is least', () => {
  const buckets = bucketsOf({ old: [50_000, 100, 30_000, 0], a: [20_000], b: [60_000] });
  const moves = planDrain('old', ['a', 'b'], buckets);
  expect(moves).toHaveLength(4);
  expect(moves.slice(0, 2)).toMatchObject([
    { entries: 50_000, to: 'a' },
    { entries: 30_000, to: 'b' },
  ]);
  expect(after(buckets, moves).has('old')).toBe(false);
});
