import { createCanvas } from '@napi-rs/canvas';
import type { PlainValue } from 'gb-core';
import { OperationFailed } from '../../operation.ts';
import { documentLimits } from '../limits.ts';
import { tooMuch } from '../refusals.ts';
import { canvasOf, encode, type Picture } from './canvas.ts';
import { type ChartData, readChartData } from './chart-data.ts';
import { type ChartKind, chartKindOf } from './chart-kind.ts';
import { drawable, fontFamily } from './fonts.ts';
import { thinned } from './thinning.ts';

export interface ChartInput {
  readonly kind: string;
  readonly data: PlainValue;
  readonly legends?: PlainValue;
  readonly isTransposed?: boolean;
  readonly title?: string;
  readonly locale: string;
}

/** Every colour stands out from white by 4.5 to 1 at least, and neighbours differ in lightness too. */
const palette = ['#2563eb', '#c2410c', '#0f766e', '#9333ea', '#a16207', '#be123c', '#475569', '#15803d', '#0e7490', '#86198f'];
const ink = '#1f2937';
const softInk = '#4b5563';
const gridLine = '#e5e7eb';
/** About as wide as a chat shows it: letters and lines are the size they have there, and four times as fine. */
const width = 480;
const height = 270;
const heightMax = 1_200;
const scale = 4;
const letters = 14;
const titleLetters = 17;
/** Room that a letter takes, as long as nobody measured it. */
const letterWidth = 7.2;
const legendNameMax = 150;
const legendGap = 14;
const slicesMax = 8;
/** More points than this on one line are not to be told apart. */
const pointsShownMax = 2_000;
/** With more figures than this, values written beside them would cover one another. */
const labelledMax = 12;

export async function drawChart(input: ChartInput): Promise<Picture> {
  const kind = chartKindOf(input.kind);
  const data = cleaned(readChartData(input.data, input.legends, input.isTransposed ?? false));
  const isBar = kind === 'bar' || kind === 'horizontalBar' || kind === 'stackedBar';
  if (isBar && data.categories.length > documentLimits.chartBarsMax)
    throw tooMuch(
      `a chart has at most ${documentLimits.chartBarsMax} bars side by side; a line takes more`,
      `um gráfico tem no máximo ${documentLimits.chartBarsMax} barras lado a lado; uma linha comporta mais`,
    );
  const isLong = kind === 'horizontalBar';
  const tall = isLong ? Math.min(heightMax, Math.max(height, 80 + data.categories.length * barThickness(data))) : height;
  return draw(tall, optionOf(kind, data, input));
}

function barThickness({ series }: ChartData): number {
  return Math.max(22, 14 * series.length);
}

async function draw(tall: number, option: Record<string, unknown>): Promise<Picture> {
  const { canvas } = canvasOf(width, tall, scale);
  // All of it in one file: loading the thousand files it is made of takes ten times as long.
  const echarts = await import('echarts/dist/echarts.esm.min.mjs');
  const ruler = canvasOf(1, 1).context;
  echarts.setPlatformAPI({
    createCanvas: () => createCanvas(32, 32) as unknown as HTMLCanvasElement,
    // The library also measures the sign of code 0, which the canvas cannot be given.
    measureText: (text: string, font?: string) => {
      ruler.font = font ?? `${letters}px "${fontFamily}"`;
      return { width: ruler.measureText(text.replaceAll('\0', '')).width };
    },
  });
  const chart = echarts.init(canvas as unknown as HTMLElement, null, {
    renderer: 'canvas',
    width,
    height: tall,
    devicePixelRatio: scale,
  });
  try {
    chart.setOption(option);
    chart.getZr().flush();
    return await encode(canvas, 'png');
  } finally {
    chart.dispose();
  }
}

function cleaned({ categories, series }: ChartData): ChartData {
  return {
    categories: categories.map((name) => drawable(name).slice(0, 200)),
    series: series.map(({ name, values }) => ({ name: drawable(name).slice(0, 100), values })),
  };
}

function optionOf(kind: ChartKind, data: ChartData, { title, locale }: ChartInput): Record<string, unknown> {
  const names = data.series.map(({ name }, at) => name || (locale.startsWith('pt') ? `Série ${at + 1}` : `Series ${at + 1}`));
  const hasLegend = data.series.length > 1;
  const shared = {
    animation: false,
    color: palette,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily, fontSize: letters, color: ink },
    ...(title
      ? {
          title: {
            text: drawable(title).slice(0, 120),
            left: 'center',
            top: 13,
            padding: 0,
            textStyle: {
              fontFamily,
              fontSize: titleLetters,
              fontWeight: 500,
              color: ink,
              width: width - 32,
              overflow: 'truncate',
            },
          },
        }
      : {}),
  };
  const top = title ? 42 : 12;
  if (kind === 'pie' || kind === 'donut') return { ...shared, ...round(kind, data, locale, title ? 30 : 0) };
  const legend = hasLegend
    ? {
        legend: {
          type: 'plain',
          data: names,
          top,
          left: 'center',
          padding: 0,
          width: width - 24,
          itemGap: legendGap,
          itemWidth: 14,
          itemHeight: 10,
          icon: kind === 'line' ? undefined : 'roundRect',
          textStyle: { fontFamily, fontSize: letters, color: ink, width: legendNameMax, overflow: 'truncate' },
        },
      }
    : {};
  const legendRows = hasLegend
    ? Math.ceil(
        names.reduce((sum, name) => sum + Math.min(legendNameMax, name.length * letterWidth) + 20 + legendGap, 0) / (width - 24),
      )
    : 0;
  const isLeaning = kind !== 'scatter' && kind !== 'horizontalBar' && 'rotate' in slanted(data.categories);
  const grid = {
    left: isLeaning ? 40 : 10,
    right: kind === 'horizontalBar' ? 52 : 18,
    top: top + legendRows * (letters + legendGap - 6) + 16,
    bottom: kind === 'scatter' && data.series.length > 1 ? 30 : 8,
    containLabel: true,
  };
  return kind === 'scatter'
    ? { ...shared, ...legend, grid, ...scattered(data, names, locale) }
    : { ...shared, ...legend, grid, ...upon(kind, data, names, locale) };
}

/** Everything with names on one axis and figures on the other. */
function upon(
  kind: Exclude<ChartKind, 'pie' | 'donut' | 'scatter'>,
  whole: ChartData,
  names: readonly string[],
  locale: string,
): Record<string, unknown> {
  const isBar = kind === 'bar' || kind === 'horizontalBar' || kind === 'stackedBar';
  const isStacked = kind === 'stackedBar' || kind === 'stackedArea';
  const data = isBar ? whole : thinned(whole, pointsShownMax);
  const write = writer(locale, data);
  const isLying = kind === 'horizontalBar';
  const figures = data.categories.length * data.series.length;
  // Within a bar a figure has no more room than the bar is wide.
  const areLabelled = kind !== 'stackedArea' && figures <= labelledMax && (kind !== 'stackedBar' || data.categories.length <= 6);
  const category = {
    type: 'category',
    data: data.categories,
    // The figures of the first and the last point keep off the edges.
    boundaryGap: isBar || areLabelled,
    inverse: isLying,
    axisLine: { lineStyle: { color: '#9ca3af' } },
    axisTick: { show: false },
    axisLabel: {
      color: softInk,
      fontFamily,
      fontSize: letters,
      hideOverlap: true,
      margin: 6,
      // Else they would stand below the figures of the other axis.
      ...(isLying
        ? {}
        : { alignMinLabel: isBar || areLabelled ? null : 'left', alignMaxLabel: isBar || areLabelled ? null : 'right' }),
      ...(isLying ? { width: 150, overflow: 'truncate', interval: 0 } : { ...slanted(data.categories) }),
    },
  };
  const value = {
    type: 'value',
    splitNumber: 4,
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: gridLine } },
    axisLabel: {
      color: softInk,
      fontFamily,
      fontSize: letters,
      margin: 6,
      hideOverlap: true,
      formatter: axisWriter(locale, data),
    },
    // A line keeps its shape; bars and areas are compared from nothing.
    scale: kind === 'line',
    ...(kind === 'line' ? { boundaryGap: ['0%', '6%'] } : {}),
  };
  const series = data.series.map((one, at) => ({
    name: names[at],
    type: isBar ? 'bar' : 'line',
    data: one.values,
    ...(isStacked ? { stack: 'all' } : {}),
    ...(isBar
      ? {
          barMaxWidth: 40,
          barGap: '12%',
          itemStyle: {
            borderRadius: isStacked ? 0 : isLying ? [0, 3, 3, 0] : [3, 3, 0, 0],
            ...(isStacked ? { borderColor: '#ffffff', borderWidth: 1 } : {}),
          },
        }
      : {
          // Colours come again after ten series; lines are then told apart by their dashes.
          lineStyle: {
            width: one.values.length > 400 ? 1 : 2,
            type: at < palette.length ? 'solid' : at < 2 * palette.length ? 'dashed' : 'dotted',
          },
          symbol: 'circle',
          symbolSize: 6,
          showSymbol: one.values.length <= 40,
          ...(kind === 'line' ? {} : { areaStyle: { opacity: isStacked ? 0.55 : 0.18 } }),
        }),
    label: {
      show: areLabelled,
      position: isStacked ? 'inside' : isLying ? 'right' : 'top',
      color: isStacked && isBar ? '#ffffff' : ink,
      fontFamily,
      fontSize: letters - 1,
      formatter: ({ value: figure }: { value: number | null }) =>
        figure === null || (isStacked && figure === 0) ? '' : write(figure),
    },
    labelLayout: { hideOverlap: true },
  }));
  return isLying ? { xAxis: value, yAxis: category, series } : { xAxis: category, yAxis: value, series };
}

/** Names that lean, beside one another. */
const leaningMax = 16;

/** Names that do not fit beside one another lean; very long ones are cut. */
function slanted(categories: readonly string[]): Record<string, unknown> {
  const room = (width - 70) / Math.max(1, categories.length);
  const longest = categories.reduce((most, name) => Math.max(most, name.length), 0) * letterWidth;
  if (longest <= room - 6 || categories.length > 60) return { width: 110, overflow: 'truncate' };
  if (room >= 80) return { width: room - 8, overflow: 'break', interval: 0, lineHeight: letters + 3 };
  return { rotate: 40, width: 100, overflow: 'truncate', interval: Math.ceil(categories.length / leaningMax) - 1 };
}

function round(kind: 'pie' | 'donut', data: ChartData, locale: string, lower: number): Record<string, unknown> {
  const slices = slicesOf(data, locale);
  const total = slices.reduce((sum, { value }) => sum + value, 0);
  const write = writer(locale, data);
  const share = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  const radius = (height - lower) * 0.36;
  return {
    series: [
      {
        type: 'pie',
        radius: [kind === 'pie' ? 0 : radius * 0.6, radius],
        center: ['50%', (height + lower) / 2],
        startAngle: 90,
        data: slices,
        itemStyle: { borderColor: '#ffffff', borderWidth: 1 },
        label: {
          color: ink,
          fontFamily,
          fontSize: letters,
          lineHeight: letters + 3,
          width: 125,
          overflow: 'break',
          formatter: ({ name, value }: { name: string; value: number }) =>
            `{name|${name.replace(/[{}|]/g, ' ')}}\n${write(value)} (${share.format(value / total)})`,
          rich: { name: { fontFamily, fontWeight: 500, fontSize: letters, lineHeight: letters + 3, color: ink } },
        },
        labelLine: { length: 8, length2: 8, lineStyle: { color: '#9ca3af' } },
      },
    ],
  };
}

/** The slices of a pie: the first series, or the sum of each when every series is one figure. The smallest become one. */
function slicesOf({ categories, series }: ChartData, locale: string): { name: string; value: number }[] {
  const isFlat = series.length > 1 && series.every(({ values }) => values.length === 1);
  const all = isFlat
    ? series.map(({ name, values }, at) => ({ name: name || String(at + 1), value: values[0] ?? 0 }))
    : categories.map((name, at) => ({ name, value: series[0]!.values[at] ?? 0 }));
  if (all.some(({ value }) => value < 0))
    throw new OperationFailed({ en: 'a pie has no slices below zero', pt: 'uma pizza não tem fatias abaixo de zero' });
  const shown = all.filter(({ value }) => value > 0);
  if (shown.length === 0) throw new OperationFailed({ en: 'all slices are zero', pt: 'todas as fatias são zero' });
  if (shown.length <= slicesMax) return shown;
  const limit = [...shown].sort((a, b) => b.value - a.value)[slicesMax - 2]!.value;
  let room = slicesMax - 1;
  const kept = shown.filter(({ value }) => value >= limit && room-- > 0);
  const rest = shown.reduce((sum, { value }) => sum + value, 0) - kept.reduce((sum, { value }) => sum + value, 0);
  return [...kept, { name: locale.startsWith('pt') ? 'Outros' : 'Others', value: rest }];
}

/** The first series is how far right a point lies, the others how high; a single one lies at 1, 2, 3, ... */
function scattered(whole: ChartData, names: readonly string[], locale: string): Record<string, unknown> {
  const data = thinned(whole, pointsShownMax);
  const pairs = whole.series.length > 2 && whole.series.every(({ values }) => values.length === 2);
  const points = pairs
    ? [{ name: '', data: whole.series.slice(0, pointsShownMax).map(({ values }) => [...values]) }]
    : data.series.length === 1
      ? [{ name: names[0], data: data.series[0]!.values.map((value, at) => [Number(data.categories[at]), value]) }]
      : data.series.slice(1).map((one, at) => ({
          name: names[at + 1],
          data: one.values.map((value, index) => [data.series[0]!.values[index], value]),
        }));
  const axis = {
    type: 'value',
    scale: true,
    boundaryGap: ['5%', '5%'],
    splitNumber: 4,
    splitLine: { lineStyle: { color: gridLine } },
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: {
      color: softInk,
      fontFamily,
      fontSize: letters,
      margin: 6,
      hideOverlap: true,
      formatter: axisWriter(locale, data),
    },
    nameTextStyle: { color: softInk, fontFamily, fontSize: letters },
  };
  const isNamed = !pairs && data.series.length > 1 && whole.series[0]!.name !== '';
  return {
    ...(points.length < 2 ? { legend: { show: false } } : {}),
    xAxis: {
      ...axis,
      axisLabel: { ...axis.axisLabel, alignMinLabel: 'left', alignMaxLabel: 'right' },
      ...(isNamed ? { name: names[0], nameLocation: 'middle', nameGap: 26 } : {}),
      splitNumber: 5,
    },
    yAxis: { ...axis, ...(isNamed && points.length === 1 ? { name: names[1], nameLocation: 'end', nameGap: 10 } : {}) },
    series: points.map(({ name, data: where }) => ({
      name,
      type: 'scatter',
      symbolSize: where.length > 400 ? 4 : 7,
      itemStyle: { opacity: 0.8 },
      data: where.filter((point) => point.every((one) => typeof one === 'number' && Number.isFinite(one))),
    })),
  };
}

/** Figures in full, with at most two places. */
function writer(locale: string, data: ChartData): (value: number) => string {
  const largest = largestOf(data);
  const format = new Intl.NumberFormat(
    locale,
    largest >= 1_000_000
      ? { notation: 'compact', maximumFractionDigits: 2 }
      : { maximumFractionDigits: largest >= 1_000 ? 1 : 2 },
  );
  return (value) => format.format(value);
}

function axisWriter(locale: string, data: ChartData): (value: number) => string {
  const largest = largestOf(data);
  const format = new Intl.NumberFormat(
    locale,
    largest >= 100_000 ? { notation: 'compact', maximumFractionDigits: 2 } : { maximumSignificantDigits: 6 },
  );
  return (value) => format.format(value);
}

function largestOf({ series }: ChartData): number {
  let largest = 0;
  for (const { values } of series)
    for (const value of values) if (value !== null && Math.abs(value) > largest) largest = Math.abs(value);
  return largest;
}
