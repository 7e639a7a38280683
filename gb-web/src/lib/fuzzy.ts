/**
 * Fuzzy matching for short names. A query matches when its letters appear in order; what ranks is how a person would
 * judge it: the start of the name, then the start of a word, then letters side by side, then anything in order.
 * Accents and case do not matter, so "joao" finds "João".
 */
export function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** Higher is better; null is no match. An empty query matches everything equally. */
export function fuzzyScore(query: string, text: string): number | null {
  const wanted = fold(query).replace(/\s+/g, '');
  if (wanted === '') return 0;
  const name = fold(text);
  if (name === wanted) return 1000;
  if (name.startsWith(wanted)) return 900 - Math.min(name.length, 99);
  const word = wordStart(wanted, name);
  if (word >= 0) return 800 - Math.min(word, 99);
  const inside = name.indexOf(wanted);
  if (inside >= 0) return 700 - Math.min(inside, 99);
  return scattered(wanted, name);
}

export interface Ranked<T> {
  readonly item: T;
  readonly score: number;
}

/** The best `max` of `items`, best first; equals keep their order, so a list that is recent-first stays so. */
export function fuzzyFilter<T>(query: string, items: readonly T[], text: (item: T) => string | readonly string[], max = 50): T[] {
  const found: Ranked<T>[] = [];
  for (const item of items) {
    const names = text(item);
    let best: number | null = null;
    for (const name of typeof names === 'string' ? [names] : names) {
      const score = fuzzyScore(query, name);
      if (score !== null && (best === null || score > best)) best = score;
    }
    if (best !== null) found.push({ item, score: best });
  }
  found.sort((a, b) => b.score - a.score);
  return found.slice(0, max).map(({ item }) => item);
}

function wordStart(wanted: string, name: string): number {
  for (let at = name.indexOf(wanted); at >= 0; at = name.indexOf(wanted, at + 1)) {
    if (at > 0 && !/[\p{L}\p{N}]/u.test(name[at - 1]!)) return at;
  }
  return -1;
}

function scattered(wanted: string, name: string): number | null {
  let at = -1;
  let gaps = 0;
  let starts = 0;
  for (const letter of wanted) {
    const next = name.indexOf(letter, at + 1);
    if (next < 0) return null;
    if (next === 0 || !/[\p{L}\p{N}]/u.test(name[next - 1]!)) starts += 1;
    if (at >= 0) gaps += next - at - 1;
    at = next;
  }
  return Math.max(1, 400 + starts * 60 - gaps * 8 - Math.min(name.length, 60));
}
