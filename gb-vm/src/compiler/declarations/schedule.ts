import type { Declaration } from '../ast.ts';
import type { Locale } from '../diagnostics.ts';
import { type ParsedSchedule, parseSchedule, type ScheduleNow } from '../schedule/index.ts';

export interface ScheduleDeclaration {
  /** When, as it is written. */
  readonly text: string;
  readonly parsed: ParsedSchedule;
  /** What stands behind it: a script, or what the schedule is called. */
  readonly second: string | null;
  readonly label: string | null;
}

/** A moment to count from while nobody runs anything: whether it is understood does not depend on which. */
const anyTime: ScheduleNow = { nowMs: Date.UTC(2026, 0, 1), timeZone: 'UTC' };

/** Reads SET SCHEDULE; what is wrong with its time is in `parsed`. */
export function readSchedule({ values }: Declaration, locale: Locale, now: ScheduleNow = anyTime): ScheduleDeclaration {
  const given = (name: string): string | null =>
    values[name] === undefined || values[name] === null ? null : String(values[name]);
  const [text, second, label] = [given('when') ?? '', given('script'), given('label')];
  const parsed = parseSchedule(text, locale, now);
  if ('problem' in parsed && second !== null) {
    // Some scripts name the schedule first: SET SCHEDULE "daily-report", "0 7 * * 1-5".
    const turned = parseSchedule(second, locale, now);
    if (!('problem' in turned)) return { text: second, parsed: turned, second: text, label };
  }
  return { text, parsed, second, label };
}
