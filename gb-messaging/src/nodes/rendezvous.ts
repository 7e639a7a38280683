/**
 * Rendezvous hashing: everybody who knows the same candidates finds the same one for a key, and when a candidate comes or
 * goes only the keys that it gets or had change their place. Nobody has to agree on anything.
 */
export function rendezvous(key: string, candidates: readonly string[]): string | null {
  let best: string | null = null;
  let most = -1;
  for (const candidate of candidates) {
    const weight = hash(`${candidate} ${key}`);
    if (weight > most || (weight === most && best !== null && candidate > best)) {
      best = candidate;
      most = weight;
    }
  }
  return best;
}

/** FNV-1a over the UTF-16 units, and the last mixing of MurmurHash3, because FNV alone leaves similar texts close. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
