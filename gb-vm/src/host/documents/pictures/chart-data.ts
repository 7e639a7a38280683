import type { PlainValue } from 'gb-core';
import { OperationFailed } from '../../operation.ts';
import { documentLimits } from '../limits.ts';
import { tooMuch } from '../refusals.ts';
import { isRow, type Row, textOfValue } from '../values.ts';

/**
 * What a chart shows, whatever way it was written: names along the axis, and series of numbers with a name each.
 *
 *     [10, 20, 30]                                one series
 *     {tea: 10, coffee: 20}                       one series with names
 *     [{month: "Jan", tea: 3, coffee: 5}, ...]    rows: the first column that is no number names them, the others are series
 *     [["tea", 3, 5], ["coffee", 2, 4]]           a series each, its name first
 *     [["month", "tea"], ["Jan", 3], ...]         a sheet with its header
 */
export interface ChartData {
  readonly categories: readonly string[];
  readonly series: readonly Series[];
}

export interface Series {
  readonly name: string;
  /** One for each category; null where there is nothing. */
  readonly values: readonly (number | null)[];
}

export function readChartData(data: PlainValue, legends: PlainValue | undefined, isTransposed: boolean): ChartData {
  const read = withLimits(readAny(data));
  const turned = isTransposed ? transpose(read) : read;
  const names = (Array.isArray(legends) ? legends : legends === undefined || legends === null ? [] : [legends]).map(textOfValue);
  return named(turned, names);
}

/** Legends name the series when there are as many; with one series they name what it counts. */
function named(data: ChartData, names: readonly string[]): ChartData {
  if (names.length === 0) return data;
  const isPerCategory =
    names.length === data.categories.length && (data.series.length === 1 || names.length !== data.series.length);
  if (isPerCategory) return { ...data, categories: names };
  return { ...data, series: data.series.map((one, at) => ({ ...one, name: names[at] ?? one.name })) };
}

function readAny(data: PlainValue): ChartData {
  if (Array.isArray(data)) {
    if (data.length > 0 && data.every(isRow)) return ofRows(data);
    if (data.length > 0 && data.every(Array.isArray)) return ofLists(data as readonly (readonly PlainValue[])[]);
    return { categories: counted(data.length), series: [{ name: '', values: data.map((one) => numberOf(one as PlainValue)) }] };
  }
  if (isRow(data)) return ofObject(data);
  throw noFigures();
}

function ofObject(data: Row): ChartData {
  const entries = Object.entries(data);
  if (entries.length > 0 && entries.every(([, value]) => Array.isArray(value))) {
    const series = entries.map(([name, values]) => ({ name, values: (values as readonly PlainValue[]).map(numberOf) }));
    return { categories: counted(longest(series)), series };
  }
  return {
    categories: entries.map(([name]) => name),
    series: [{ name: '', values: entries.map(([, value]) => numberOf(value)) }],
  };
}

function ofRows(rows: readonly Row[]): ChartData {
  const columns = new Set<string>();
  for (const row of rows) for (const name of Object.keys(row)) columns.add(name);
  const isNumeric = (name: string): boolean =>
    rows.some((row) => numberOf(row[name]) !== null) && rows.every((row) => isBlank(row[name]) || numberOf(row[name]) !== null);
  const names = [...columns];
  // A year in the first column stands below the axis, although it is a number.
  const isYears = (name: string): boolean => rows.length > 1 && /^(?:year|ano|day|dia|month|m[eê]s)$/i.test(name);
  const label = names.find((name) => isYears(name) || !isNumeric(name));
  const figures = names.filter((name) => name !== label && isNumeric(name));
  return {
    categories: label === undefined ? counted(rows.length) : rows.map((row) => textOfValue(row[label])),
    series: figures.map((name) => ({ name, values: rows.map((row) => numberOf(row[name])) })),
  };
}

function ofLists(lists: readonly (readonly PlainValue[])[]): ChartData {
  // "2025" before numbers is a name, and one among texts a number.
  const hasFigures = lists.some((list) => list.some((one) => typeof one === 'number'));
  const isText = (value: PlainValue | undefined): boolean =>
    typeof value === 'string' && (hasFigures || numberOf(value) === null);
  const first = lists[0]!;
  const isHeaded =
    lists.length > 1 &&
    first.length > 1 &&
    first.every(isText) &&
    lists.slice(1).some((list) => list.some((one) => numberOf(one) !== null));
  const rest = isHeaded ? lists.slice(1) : lists;
  const isLabelled = rest.every((list) => isText(list[0]));
  if (isHeaded || (isLabelled && rest.length > 1 && rest.every((list) => list.length === 2))) {
    const from = isLabelled ? 1 : 0;
    const width = rest.reduce((widest, list) => Math.max(widest, list.length), 0);
    return {
      categories: isLabelled ? rest.map((list) => textOfValue(list[0])) : counted(rest.length),
      series: Array.from({ length: Math.min(width - from, documentLimits.chartSeriesMax + 1) }, (_, at) => ({
        name: isHeaded ? textOfValue(first[at + from]) : '',
        values: rest.map((list) => numberOf(list[at + from])),
      })),
    };
  }
  const series = lists.map((list) => {
    const hasName = isText(list[0]);
    return { name: hasName ? textOfValue(list[0]) : '', values: (hasName ? list.slice(1) : list).map(numberOf) };
  });
  return { categories: counted(longest(series)), series };
}

function transpose({ categories, series }: ChartData): ChartData {
  if (categories.length > documentLimits.chartSeriesMax) throw tooManySeries();
  return {
    categories: series.map(({ name }, at) => name || String(at + 1)),
    series: categories.map((name, at) => ({ name, values: series.map(({ values }) => values[at] ?? null) })),
  };
}

function withLimits(data: ChartData): ChartData {
  if (data.series.length > documentLimits.chartSeriesMax) throw tooManySeries();
  if (data.series.length * data.categories.length > documentLimits.chartPointsMax)
    throw tooMuch(
      `a chart shows at most ${documentLimits.chartPointsMax} numbers`,
      `um gráfico mostra no máximo ${documentLimits.chartPointsMax} números`,
    );
  if (!data.series.some(({ values }) => values.some((one) => one !== null))) throw noFigures();
  return data;
}

function tooManySeries(): OperationFailed {
  return tooMuch(
    `a chart shows at most ${documentLimits.chartSeriesMax} series`,
    `um gráfico mostra no máximo ${documentLimits.chartSeriesMax} séries`,
  );
}

function noFigures(): OperationFailed {
  return new OperationFailed({ en: 'there are no numbers to draw', pt: 'não há números para desenhar' });
}

function counted(count: number): string[] {
  return Array.from({ length: count }, (_, at) => String(at + 1));
}

function longest(series: readonly Series[]): number {
  return series.reduce((most, { values }) => Math.max(most, values.length), 0);
}

function isBlank(value: PlainValue | undefined): boolean {
  return value === undefined || value === null || value === '';
}

/** Numbers, and texts that are plainly numbers, as sheets give them. */
export function numberOf(value: PlainValue | undefined): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string' || !/^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?\s*$/i.test(value)) return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}
