import type { Locale } from 'gb-protocol';
import type { ScheduleRule } from './bot-manifest.ts';

/** What words and fields like "every monday at 9" or `0 9 * * 1` mean on the clock on the wall. Pure. */
export interface Calendar {
  /** null when it means nothing. `nowMs` is what "tomorrow" is counted from. */
  parse(text: string, options: { locale: Locale; nowMs: number; timeZone: string }): ScheduleRule | null;
  /** The first time after `afterMs`; null when there is none any more. */
  next(rule: ScheduleRule, afterMs: number, timeZone: string): number | null;
  describe(rule: ScheduleRule, locale: Locale): string;
}
