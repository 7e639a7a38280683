/** A room rests this many times as long as its last flush took: no room has more than a fifth of the process. */
const restShare = 4;
const restMsMax = 50;
/** When the process is this late with everything, every room gathers for as long as it may. */
const lateMsMin = 50;
/** And this late, a little longer: fewer writes bring it back sooner than anything else. */
const veryLateMsMin = 250;
const restMsWhenVeryLate = 150;

/**
 * How long a room gathers after a flush, before the next. A flush takes as long as there are members and as the machine is
 * slow, so a small room never notices and a room of a thousand gathers for 40 ms; several busy rooms that would be too
 * much together make the process late, and that widens the window of all of them.
 */
export function gatherMs(flushMs: number, loopDelayMs: number): number {
  if (loopDelayMs >= veryLateMsMin) return restMsWhenVeryLate;
  if (loopDelayMs >= lateMsMin) return restMsMax;
  return Math.min(flushMs * restShare, restMsMax);
}
