import { OperationFailed } from '../../operation.ts';

export type ChartKind = 'pie' | 'donut' | 'bar' | 'horizontalBar' | 'stackedBar' | 'line' | 'area' | 'stackedArea' | 'scatter';

const kinds: Readonly<Record<string, ChartKind>> = {
  pie: 'pie',
  pizza: 'pie',
  donut: 'donut',
  doughnut: 'donut',
  rosca: 'donut',
  bar: 'bar',
  bars: 'bar',
  column: 'bar',
  columns: 'bar',
  barra: 'bar',
  barras: 'bar',
  coluna: 'bar',
  colunas: 'bar',
  'horizontal bar': 'horizontalBar',
  'bar horizontal': 'horizontalBar',
  horizontal: 'horizontalBar',
  hbar: 'horizontalBar',
  'barras horizontais': 'horizontalBar',
  'barra horizontal': 'horizontalBar',
  stacked: 'stackedBar',
  'stacked bar': 'stackedBar',
  'bar stacked': 'stackedBar',
  empilhado: 'stackedBar',
  'barras empilhadas': 'stackedBar',
  line: 'line',
  lines: 'line',
  spline: 'line',
  timeseries: 'line',
  'time series': 'line',
  timseries: 'line',
  linha: 'line',
  linhas: 'line',
  area: 'area',
  'stacked area': 'stackedArea',
  'area stacked': 'stackedArea',
  'area empilhada': 'stackedArea',
  scatter: 'scatter',
  points: 'scatter',
  dispersao: 'scatter',
  pontos: 'scatter',
};

/** In English or Portuguese, with or without accents, blanks, dashes and capitals: `Barras horizontais`, `horizontal-bar`. */
export function chartKindOf(text: string): ChartKind {
  const plain = text
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ')
    .replace(/\b(?:chart|grafico)(?: de)?\b/g, '')
    .trim();
  const kind = Object.hasOwn(kinds, plain) ? kinds[plain] : undefined;
  if (kind !== undefined) return kind;
  throw new OperationFailed({
    en: `there is no chart "${text.slice(0, 30)}": use pie, donut, bar, horizontal bar, stacked, line, area or scatter`,
    pt: `não há gráfico "${text.slice(0, 30)}": use pizza, rosca, barras, barras horizontais, empilhado, linha, área ou dispersão`,
  });
}
