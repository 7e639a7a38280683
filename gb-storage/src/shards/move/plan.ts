/** A bucket, where it is, and how much is in it. */
export interface BucketSize {
  readonly bucket: number;
  readonly shard: string;
  /** Entries of logs and rows of bots' tables: what grows, and what a move takes its time for. */
  readonly entries: number;
}

export interface PlannedMove {
  readonly bucket: number;
  readonly from: string;
  readonly to: string;
  readonly entries: number;
}

/** An empty bucket is not nothing: new customers come into it. */
const emptyWeight = 100;
/** Databases this close to the average are even: the next hour of messages would undo anything finer. */
const tolerance = 0.05;

const weightOf = ({ entries }: BucketSize) => entries + emptyWeight;

/**
 * The fewest moves, or nearly so, after which the databases have about as much each: always from the fullest to the emptiest,
 * the bucket that brings one of them closest to the average. No bucket moves twice. `names` are all that may have buckets.
 */
export function planRebalance(names: readonly string[], buckets: readonly BucketSize[]): readonly PlannedMove[] {
  const rooms = roomsOf(names, buckets);
  const average = [...rooms.values()].reduce((sum, { weight }) => sum + weight, 0) / names.length;
  const moves: PlannedMove[] = [];
  for (;;) {
    const sorted = [...rooms.values()].sort((a, b) => b.weight - a.weight);
    const [fullest, emptiest] = [sorted[0]!, sorted.at(-1)!];
    const apart = fullest.weight - emptiest.weight;
    if (apart <= average * tolerance) return moves;
    const wanted = Math.min(fullest.weight - average, average - emptiest.weight);
    const off = (bucket: BucketSize) => Math.abs(weightOf(bucket) - wanted);
    const chosen = fullest.buckets
      .filter((bucket) => weightOf(bucket) < apart * (1 - tolerance) && !moves.some((move) => move.bucket === bucket.bucket))
      .sort((a, b) => off(a) - off(b) || a.bucket - b.bucket)[0];
    if (!chosen) return moves;
    moves.push(carry(chosen, fullest, emptiest));
  }
}

/** Everything away from one database, to where there is least. */
export function planDrain(name: string, others: readonly string[], buckets: readonly BucketSize[]): readonly PlannedMove[] {
  const rooms = roomsOf([name, ...others], buckets);
  const room = rooms.get(name)!;
  rooms.delete(name);
  return [...room.buckets]
    .sort((a, b) => weightOf(b) - weightOf(a) || a.bucket - b.bucket)
    .map((bucket) => {
      const emptiest = [...rooms.values()].sort((a, b) => a.weight - b.weight)[0]!;
      return carry(bucket, room, emptiest);
    });
}

interface Room {
  readonly name: string;
  weight: number;
  buckets: BucketSize[];
}

function roomsOf(names: readonly string[], buckets: readonly BucketSize[]): Map<string, Room> {
  const rooms = new Map<string, Room>(names.map((name) => [name, { name, weight: 0, buckets: [] }]));
  for (const bucket of buckets) {
    const room = rooms.get(bucket.shard);
    if (!room) continue;
    room.buckets.push(bucket);
    room.weight += weightOf(bucket);
  }
  return rooms;
}

function carry(bucket: BucketSize, from: Room, to: Room): PlannedMove {
  from.buckets = from.buckets.filter((one) => one !== bucket);
  from.weight -= weightOf(bucket);
  to.buckets.push({ ...bucket, shard: to.name });
  to.weight += weightOf(bucket);
  return { bucket: bucket.bucket, from: from.name, to: to.name, entries: bucket.entries };
}
