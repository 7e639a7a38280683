/**
 * Exponential backoff with full jitter: a delay drawn evenly from 0 to min(max, base * 2^attempt), so that a thousand
 * clients that lost the same server do not come back in the same instant.
 */
export function backoffMs(attempt: number, options: { baseMs: number; maxMs: number; random?: () => number }): number {
  const ceiling = Math.min(options.maxMs, options.baseMs * 2 ** Math.min(attempt, 30));
  return Math.floor((options.random ?? Math.random)() * ceiling);
}
