import { Cron } from 'croner';
import type { ScheduleRule } from 'gb-core';

const dayMs = 86_400_000;

/** From when "tomorrow" and "in two hours" are counted. */
export interface ScheduleNow {
  readonly nowMs: number;
  readonly timeZone: string;
}

/**
 * When a rule holds next, strictly after a moment, in ms since 1970; null when it never does again.
 *
 * Across a change of the clocks: what falls into the hour that is skipped happens once, when that hour is over; what
 * falls into the hour that comes twice happens in the first of the two, except that what repeats through the day goes on
 * through both. Throws `RangeError` for a time zone there is none of; see `isTimeZone`.
 */
export function nextTime(rule: ScheduleRule, afterMs: number, timeZone: string): number | null {
  switch (rule.kind) {
    case 'cron':
      return nextOfCron(rule.cron, afterMs, timeZone);
    case 'minutes': {
      const periodMs = rule.every * 60_000;
      return (Math.floor(afterMs / periodMs) + 1) * periodMs;
    }
    case 'days': {
      const today = Math.floor(wallMs(afterMs, timeZone) / dayMs);
      const first = today + mod(rule.phase - today, rule.every);
      // A wall clock goes back by a few hours at most, so the second candidate is later for certain.
      for (const day of [first, first + rule.every]) {
        const at = instantOf(`${new Date(day * dayMs).toISOString().slice(0, 10)}T${rule.time}:00`, timeZone);
        if (at > afterMs) return at;
      }
      return null;
    }
    case 'once': {
      const at = instantOf(rule.at, timeZone);
      return at > afterMs ? at : null;
    }
  }
}

/** Throws for fields that are none, with a sentence of the library in English. */
export function nextOfCron(cron: string, afterMs: number, timeZone: string): number | null {
  return new Cron(cron, { timezone: timeZone, paused: true }).nextRun(new Date(afterMs))?.getTime() ?? null;
}

/**
 * The instant of a time on the wall, `2026-12-31T09:00:00`; the first of two, or the end of the gap where there is none.
 * What ends with Z is an instant already.
 */
export function instantOf(at: string, timeZone: string): number {
  const utcMs = Date.parse(at.endsWith('Z') ? at : `${at}Z`);
  if (at.endsWith('Z')) return utcMs;
  const early = utcMs - offsetAt(utcMs - dayMs, timeZone);
  const late = utcMs - offsetAt(utcMs + dayMs, timeZone);
  const valid = [early, late].filter((ms) => wallMs(ms, timeZone) === utcMs);
  if (valid.length > 0) return Math.min(...valid);
  // In a gap: the clocks change between the two, and nearer than any other change.
  let [before, after] = [Math.min(early, late) - dayMs, Math.max(early, late) + dayMs];
  while (after - before > 1000) {
    const middle = Math.floor((before + after) / 2000) * 1000;
    if (wallMs(middle, timeZone) > utcMs) after = middle;
    else before = middle;
  }
  return after;
}

/** The time on the wall, as if it were UTC, to the second. */
export function wallMs(ms: number, timeZone: string): number {
  const read: Record<string, number> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(ms)) read[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = read;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

const offsetAt = (ms: number, timeZone: string): number => wallMs(ms, timeZone) - Math.floor(ms / 1000) * 1000;

export function isTimeZone(timeZone: string): boolean {
  try {
    formatOf(timeZone);
    return true;
  } catch {
    return false; // the only thing that can be wrong with it
  }
}

/** Making one takes a hundred times as long as using it. */
const formats = new Map<string, Intl.DateTimeFormat>();
const formatsMax = 100;

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    if (formats.size >= formatsMax) formats.clear();
    formats.set(timeZone, format);
  }
  return format;
}

export const mod = (value: number, by: number): number => ((value % by) + by) % by;
