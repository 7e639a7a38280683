import { cacheContract } from 'gb-core/contract';
import type { CustomerId } from 'gb-protocol';
import { systemClock, uuidv7 } from 'gb-utils';
import { expect, test } from 'vitest';
import { createInProcessCache } from './cache.in-process.ts';

cacheContract('in process', () => createInProcessCache({ clock: systemClock }));

test('it holds so many bytes, and forgets what was not used for longest', async () => {
  const cache = createInProcessCache({ clock: systemClock, bytesMax: 10_000 });
  const customerId = uuidv7() as CustomerId;
  const key = (n: number) => ({ customerId, name: `n:${n}` });
  for (let n = 0; n < 100; n++) {
    await cache.set(key(n), new Uint8Array(700), 60_000);
    expect(await cache.get(key(0))).not.toBeNull();
  }
  const kept = (await Promise.all(Array.from({ length: 100 }, (_, n) => cache.get(key(n))))).flatMap((value, n) =>
    value ? [n] : [],
  );
  expect(kept.length).toBeLessThanOrEqual(10);
  expect(kept).toContain(0);
  expect(kept).toContain(99);
  expect(kept).not.toContain(50);
});
