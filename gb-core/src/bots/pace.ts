import type { BotId } from 'gb-protocol';
import { RateLimiter } from 'gb-utils';
import type { ConversationRow, NewBotLogLine } from '../ports/index.ts';
import { botLine } from './log-lines.ts';
import type { BotPlan } from './plans.ts';

/** As much as comes at once: what ten minutes may have. */
const burstsPerHour = 6;
const toldEveryMs = 3_600_000;
/** Turns that wait for the pace come back spread over this, so that they do not all come at once. */
const spreadMs = 30_000;

/**
 * How often a bot goes on by itself: runs that begin, pauses that end, events that come. A program that wakes itself or
 * another for ever loses nothing, it only gets slow, and its owner reads why. Counted in this process: several have as
 * many times the pace. A row that counts would be one that all turns of a bot wait for.
 */
export class Pace {
  readonly #limiters = new Map<number, RateLimiter>();
  readonly #told = new RateLimiter({ burst: 1, perSecond: 1000 / toldEveryMs });

  /** When the turn may run; null when now. */
  waitUntil(row: ConversationRow, plan: BotPlan, nowMs: number): number | null {
    const { turnsAlonePerHourMax: perHour } = plan;
    let limiter = this.#limiters.get(perHour);
    if (!limiter) {
      limiter = new RateLimiter({ burst: perHour / burstsPerHour, perSecond: perHour / 3600 });
      this.#limiters.set(perHour, limiter);
    }
    const waitMs = limiter.take(row.botId, nowMs);
    return waitMs === 0 ? null : nowMs + waitMs + (Number.parseInt(row.id.slice(-6), 16) % spreadMs);
  }

  /** What the log of the bot says of it, once in a while. */
  line(botId: BotId, plan: BotPlan, nowMs: number): NewBotLogLine | null {
    if (this.#told.take(botId, nowMs) > 0) return null;
    const message = `It goes on by itself more than ${plan.turnsAlonePerHourMax} times an hour, and is slowed down to that.`;
    return botLine('error', 'slowed_down', message);
  }
}
