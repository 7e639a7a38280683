import type { ChartData } from './chart-data.ts';

/**
 * So many points as can be seen: of each stretch the lowest and the highest of all series together stay, so that no peak is lost.
 * The order stays, and every category that stays is one that was there.
 */
export function thinned({ categories, series }: ChartData, pointsMax: number): ChartData {
  const count = categories.length;
  if (count <= pointsMax) return { categories, series };
  const stretches = Math.max(1, Math.floor(pointsMax / (2 * series.length)));
  const kept = new Set<number>([0, count - 1]);
  for (let stretch = 0; stretch < stretches; stretch++) {
    const from = Math.floor((stretch * count) / stretches);
    const to = Math.floor(((stretch + 1) * count) / stretches);
    for (const { values } of series) {
      let low = -1;
      let high = -1;
      for (let at = from; at < to; at++) {
        const value = values[at] ?? null;
        if (value === null) continue;
        if (low < 0 || value < values[low]!) low = at;
        if (high < 0 || value > values[high]!) high = at;
      }
      if (low >= 0) kept.add(low).add(high);
    }
  }
  const places = [...kept].sort((a, b) => a - b);
  return {
    categories: places.map((at) => categories[at]!),
    series: series.map(({ name, values }) => ({ name, values: places.map((at) => values[at] ?? null) })),
  };
}
