/**
 * Which of the old statements is which of the new ones; null for those that are gone. As patience diff does it: what both
 * begin and end with, then the statements that are there exactly once on both sides, which say more than a TRY or an
 * `x = 1` that is everywhere; and between two of those the longest common subsequence.
 */
export function align(before: readonly number[], after: readonly number[]): (number | null)[] {
  const found: (number | null)[] = before.map(() => null);
  const stretches: Stretch[] = [{ from: 0, to: before.length, fromAfter: 0, toAfter: after.length }];
  for (let stretch = stretches.pop(); stretch; stretch = stretches.pop()) {
    const inner = trim(before, after, stretch, found);
    const anchors = anchorsIn(before, after, inner);
    if (anchors.length === 0) {
      between(before, after, inner, found);
      continue;
    }
    let { from, fromAfter } = inner;
    for (const [old, now] of anchors) {
      found[old] = now;
      stretches.push({ from, to: old, fromAfter, toAfter: now });
      [from, fromAfter] = [old + 1, now + 1];
    }
    stretches.push({ ...inner, from, fromAfter });
  }
  return found;
}

interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly fromAfter: number;
  readonly toAfter: number;
}

function trim(before: readonly number[], after: readonly number[], stretch: Stretch, found: (number | null)[]): Stretch {
  let { from, to, fromAfter, toAfter } = stretch;
  while (from < to && fromAfter < toAfter && before[from] === after[fromAfter]) found[from++] = fromAfter++;
  while (to > from && toAfter > fromAfter && before[to - 1] === after[toAfter - 1]) found[--to] = --toAfter;
  return { from, to, fromAfter, toAfter };
}

/** Pairs of statements that are unique on both sides, the most that stand in one order. */
function anchorsIn(
  before: readonly number[],
  after: readonly number[],
  { from, to, fromAfter, toAfter }: Stretch,
): [old: number, now: number][] {
  const places = new Map<number, number>();
  for (let now = fromAfter; now < toAfter; now++) places.set(after[now]!, places.has(after[now]!) ? -1 : now);
  const counts = new Map<number, number>();
  for (let old = from; old < to; old++) counts.set(before[old]!, (counts.get(before[old]!) ?? 0) + 1);
  // The longest increasing subsequence: the last pair of the best run of each length so far.
  const ends: { readonly pair: [number, number]; readonly previous: number }[] = [];
  const all: { readonly pair: [number, number]; readonly previous: number }[] = [];
  const last: number[] = [];
  for (let old = from; old < to; old++) {
    const now = counts.get(before[old]!) === 1 ? (places.get(before[old]!) ?? -1) : -1;
    if (now < 0) continue;
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle]!.pair[1] < now) low = middle + 1;
      else high = middle;
    }
    const entry = { pair: [old, now] as [number, number], previous: low > 0 ? last[low - 1]! : -1 };
    ends[low] = entry;
    last[low] = all.push(entry) - 1;
  }
  const anchors: [number, number][] = [];
  for (let at = last.at(-1) ?? -1; at >= 0; at = all[at]!.previous) anchors.push(all[at]!.pair);
  return anchors.reverse();
}

/** Of the comparison, 4 bytes each; thousands of changed statements on both sides. */
const cellsMax = 4_000_000;

function between(before: readonly number[], after: readonly number[], stretch: Stretch, found: (number | null)[]): void {
  const { from, to, fromAfter, toAfter } = stretch;
  const [height, width] = [to - from, toAfter - fromAfter];
  if (height * width > cellsMax) return inOrder(before, after, stretch, found);
  // lengths[i][j]: how many of those from i and j on are common, from the end to the start.
  const lengths = new Uint32Array((height + 1) * (width + 1));
  const at = (i: number, j: number): number => i * (width + 1) + j;
  for (let i = height - 1; i >= 0; i--)
    for (let j = width - 1; j >= 0; j--)
      lengths[at(i, j)] =
        before[from + i] === after[fromAfter + j]
          ? lengths[at(i + 1, j + 1)]! + 1
          : Math.max(lengths[at(i + 1, j)]!, lengths[at(i, j + 1)]!);
  for (let i = 0, j = 0; i < height && j < width; ) {
    if (before[from + i] === after[fromAfter + j]) found[from + i++] = fromAfter + j++;
    else if (lengths[at(i + 1, j)]! >= lengths[at(i, j + 1)]!) i++;
    else j++;
  }
}

/** For stretches too different to compare all with all: the nth of those that look alike stays the nth. */
function inOrder(before: readonly number[], after: readonly number[], stretch: Stretch, found: (number | null)[]): void {
  const places = new Map<number, number[]>();
  for (let now = stretch.toAfter - 1; now >= stretch.fromAfter; now--) {
    const known = places.get(after[now]!);
    if (known) known.push(now);
    else places.set(after[now]!, [now]);
  }
  for (let old = stretch.from; old < stretch.to; old++) found[old] = places.get(before[old]!)?.pop() ?? null;
}
