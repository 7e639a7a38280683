/** Words longer than this are not typing mistakes of keywords, and the table below grows with the square. */
const wordLengthMax = 32;
/** Nobody waits for a suggestion out of more; a program may have a hundred thousand labels. */
const comparedMax = 5000;

/**
 * The candidate nearest to a mistyped word, or null when none is near: one slip in a short word, two in a longer one.
 * A swap of neighbouring letters counts as one slip (optimal string alignment), because that is how people mistype.
 */
export function nearest(word: string, candidates: Iterable<string>): string | null {
  if (word.length > wordLengthMax || word.length < 2) return null;
  const upper = word.toUpperCase();
  let best: string | null = null;
  let bestDistance = word.length <= 4 ? 2 : 3;
  let bestBegin = 0;
  let compared = 0;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > bestDistance) continue;
    if (++compared > comparedMax) break;
    const other = candidate.toUpperCase();
    // To write the same again is no advice.
    if (other === upper) continue;
    // One more than the best so far, so that an equal one is seen too: of two, the one that begins alike is meant.
    const distance = slips(upper, other, bestDistance + 1);
    const isNearer = distance < bestDistance || (best !== null && distance === bestDistance && begins(upper, other) > bestBegin);
    if (!isNearer || distance >= candidate.length) continue;
    best = candidate;
    bestDistance = distance;
    bestBegin = begins(upper, other);
  }
  return best;
}

/** How many letters two words begin with alike. */
function begins(a: string, b: string): number {
  let count = 0;
  while (count < a.length && a[count] === b[count]) count++;
  return count;
}

function slips(a: string, b: string, limit: number): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    let smallest = row;
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let distance = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1));
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        distance = Math.min(distance, beforeLast[column - 2]! + 1);
      }
      current.push(distance);
      smallest = Math.min(smallest, distance);
    }
    if (smallest >= limit) return limit;
    beforeLast = last;
    last = current;
  }
  return last[b.length]!;
}
