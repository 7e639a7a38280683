import type { BotId, ConversationId } from 'gb-protocol';
import { expect, test } from 'vitest';
import type { ConversationRow } from '../ports/index.ts';
import { Pace } from './pace.ts';
import { planOf } from './plans.ts';

const plan = planOf('free');
const rowOf = (botId: string, n = 0) =>
  ({
    id: `018f0000-0000-7000-8000-${n.toString(16).padStart(12, '0')}` as ConversationId,
    botId: botId as BotId,
  }) as ConversationRow;

/** Turns that may run at once at this time. */
function burst(pace: Pace, botId: string, nowMs: number): number {
  for (let count = 0; ; count++) if (pace.waitUntil(rowOf(botId), plan, nowMs) !== null) return count;
}

test('a bot that wakes itself gets its share of an hour, and another bot all of its own', () => {
  const pace = new Pace();
  const nowMs = 1_000_000_000;
  const atOnce = burst(pace, 'a', nowMs);
  expect(atOnce).toBe(plan.turnsAlonePerHourMax / 6);
  expect(burst(pace, 'b', nowMs)).toBe(atOnce);
  let more = 0;
  for (let second = 1; second <= 3_600; second++) more += burst(pace, 'a', nowMs + second * 1000);
  expect(more).toBe(plan.turnsAlonePerHourMax);
});

test('those who wait do not all come back at once', () => {
  const pace = new Pace();
  burst(pace, 'a', 1_000_000_000);
  const times = new Set(Array.from({ length: 50 }, (_, n) => pace.waitUntil(rowOf('a', n * 7_919), plan, 1_000_000_000)));
  expect(times.size).toBeGreaterThan(45);
});

test('the owner is told once an hour', () => {
  const pace = new Pace();
  expect(pace.line('a' as BotId, plan, 1_000_000_000)).toMatchObject({ code: 'slowed_down' });
  expect(pace.line('a' as BotId, plan, 1_000_100_000)).toBeNull();
  expect(pace.line('a' as BotId, plan, 1_004_000_000)).not.toBeNull();
});
