const dayCounts: Readonly<Record<string, number>> = { h: 1 / 24, d: 1, w: 7, m: 30, y: 365 };

/** `30d`, `2w`, `12 hours`; a day at least, a year at most. */
export function daysOf(text: string): number | null {
  const match = /^(\d{1,5})\s*(h|d|w|m|y)?(?:ours?|ays?|eeks?|onths?|ears?)?$/i.exec(text.trim());
  const days = match ? Number(match[1]) * dayCounts[(match[2] ?? 'd').toLowerCase()]! : 0;
  return days > 0 ? Math.min(365, Math.max(1, Math.round(days))) : null;
}
