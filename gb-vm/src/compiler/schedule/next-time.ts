import { type Cron, readCron } from './cron.ts';
import type { ScheduleRule } from './rule.ts';

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
 * falls into the hour that comes twice happens in the first of the two. What has no hours of its own, like every ten
 * minutes, is not made up for and goes on through both. Throws `RangeError` for a time zone there is none of; see `isTimeZone`.
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
      const [hour = 0, minute = 0] = rule.time.split(':').map(Number);
      // As with the hours of cron, a skipped time of yesterday may still be to come.
      for (let day = today - 1 + mod(rule.phase - today + 1, rule.every); ; day += rule.every) {
        const at = instantOfWall(day * dayMs + (hour * 60 + minute) * 60_000, timeZone);
        if (at > afterMs) return at;
      }
    }
    case 'once': {
      const at = instantOf(rule.at, timeZone);
      return at > afterMs ? at : null;
    }
  }
}

/** Throws for fields that are none: `parseSchedule` gives no such rule. */
function nextOfCron(text: string, afterMs: number, timeZone: string): number | null {
  const cron = readCron(text);
  if (!cron) throw new RangeError(`"${text}" is not a schedule`);
  return cron.hours.length === 24 ? nextOfEveryHour(cron, afterMs, timeZone) : nextOfHours(cron, afterMs, timeZone);
}

/**
 * Day by day on the wall, then the first of the day's times whose instant is later. The instants of later times are never
 * earlier, so the first is found by halving.
 */
function nextOfHours(cron: Cron, afterMs: number, timeZone: string): number | null {
  const { hours, minutes, second } = cron;
  // What is skipped at the end of a day happens on the next: the day before may still have something to come.
  let day = cron.nextDay(Math.floor(wallMs(afterMs, timeZone) / dayMs) - 1);
  for (; day !== null; day = cron.nextDay(day + 1)) {
    const midnight = day * dayMs;
    const instant = (index: number): number => {
      const [hour, minute] = [hours[Math.floor(index / minutes.length)]!, minutes[index % minutes.length]!];
      return instantOfWall(midnight + ((hour * 60 + minute) * 60 + second) * 1000, timeZone);
    };
    let [low, high] = [0, hours.length * minutes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (instant(middle) > afterMs) high = middle;
      else low = middle + 1;
    }
    if (low < hours.length * minutes.length) return instant(low);
  }
  return null;
}

/** Minute by minute in real time, over the days that are not meant in one step. */
function nextOfEveryHour(cron: Cron, afterMs: number, timeZone: string): number | null {
  const minutes = new Set(cron.minutes);
  let at = Math.floor((afterMs - cron.second * 1000) / 60_000) * 60_000 + 60_000 + cron.second * 1000;
  for (;;) {
    const wall = wallMs(at, timeZone);
    const today = Math.floor(wall / dayMs);
    if (!cron.isDue(today)) {
      const day = cron.nextDay(today + 1);
      if (day === null) return null;
      at = Math.max(at + 60_000, instantOfWall(day * dayMs + cron.second * 1000, timeZone));
    } else if (minutes.has(new Date(wall).getUTCMinutes())) return at;
    else at += 60_000;
  }
}

/**
 * The instant of a time on the wall, `2026-12-31T09:00:00`; the first of two, or the end of the gap where there is none.
 * What ends with Z is an instant already.
 */
export function instantOf(at: string, timeZone: string): number {
  return at.endsWith('Z') ? Date.parse(at) : instantOfWall(Date.parse(`${at}Z`), timeZone);
}

/** The same for a time on the wall that is given as if it were UTC. */
function instantOfWall(utcMs: number, timeZone: string): number {
  const early = utcMs - offsetAt(utcMs - dayMs, timeZone);
  const late = utcMs - offsetAt(utcMs + dayMs, timeZone);
  const valid = [early, late].filter((ms) => wallMs(ms, timeZone) === utcMs);
  if (valid.length > 0) return Math.min(...valid);
  // In a gap: the clocks change between the two, and nearer than any other change.
  let [before, after] = [Math.min(early, late) - dayMs, Math.max(early, late) + dayMs];
  while (after - before > 1000) {
    const middle = Math.floor((before + after) / 2000) * 1000;
    if (wallMs(middle, timeZone) >= utcMs) after = middle;
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
