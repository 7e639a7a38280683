import { GbError } from 'gb-utils';
import { expect, test, vi } from 'vitest';
import { Admission } from './admission.ts';

/** An entrance on a clock that the test moves, and who came in when. */
function entrance(rate: { burst: number; perSecond: number }) {
  vi.useFakeTimers();
  const admission = new Admission({ rate, nowMs: () => Date.now() });
  const admitted: { name: number; atMs: number; leave: () => void }[] = [];
  const refused: { name: number; retryAfterMs: number }[] = [];
  const gone = new Set<number>();
  const startMs = Date.now();
  const come = async (name: number) => {
    try {
      const leave = await admission.enter(() => !gone.has(name));
      if (leave) admitted.push({ name, atMs: Date.now() - startMs, leave });
    } catch (error) {
      if (!(error instanceof GbError) || error.code !== 'overloaded') throw error;
      refused.push({ name, retryAfterMs: error.retryAfterMs! });
    }
  };
  return { admission, admitted, refused, gone, come, tick: (ms: number) => vi.advanceTimersByTimeAsync(ms) };
}

test('in no stretch of time more come in than the burst and the rate allow, and everybody comes in, in order', async () => {
  const { admitted, refused, come, tick } = entrance({ burst: 10, perSecond: 100 });
  const names = Array.from({ length: 900 }, (_, n) => n);
  for (const name of names) void come(name);
  for (let ms = 0; ms < 10_000; ms += 5) {
    await tick(5);
    for (const one of admitted) one.leave();
  }
  expect(refused).toEqual([]);
  expect(admitted.map(({ name }) => name)).toEqual(names);
  for (const [i, { atMs }] of admitted.entries())
    for (const later of [10, 50, 200]) {
      const other = admitted[i + later];
      if (other) expect(later).toBeLessThanOrEqual(10 + ((other.atMs - atMs) / 1_000) * 100);
    }
});

test('who finds the line full is told a time of their own, later and later, and no later than a minute', async () => {
  const { refused, come, tick } = entrance({ burst: 1, perSecond: 100 });
  for (let n = 0; n < 8_000; n++) void come(n);
  await tick(0);
  expect(refused.length).toBeGreaterThan(6_900);
  const times = refused.map(({ retryAfterMs }) => retryAfterMs);
  // After those in line, ten milliseconds apart.
  expect(times[0]).toBeGreaterThanOrEqual(10_000);
  for (let i = 1; i < 4_000; i++) expect(times[i]! - times[i - 1]!).toBeGreaterThanOrEqual(9);
  expect(Math.max(...times)).toBeLessThanOrEqual(60_000);
});

test('so many are looked at side by side and no more; who went away meanwhile costs nobody a turn', async () => {
  const { admission, admitted, gone, come, tick } = entrance({ burst: 1_000, perSecond: 1_000 });
  for (let n = 0; n < 100; n++) void come(n);
  await tick(1_000);
  expect(admitted.length).toBe(32);
  for (let n = 32; n < 60; n++) gone.add(n);
  admitted[0]!.leave();
  admitted[0]!.leave();
  await tick(1_000);
  expect(admitted.map(({ name }) => name).slice(32)).toEqual([60]);
  expect(admission.waiting).toBe(39);
  admission.close();
  expect(admission.waiting).toBe(0);
});
