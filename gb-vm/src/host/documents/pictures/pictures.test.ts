import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { expect, test } from 'vitest';
import { OperationFailed } from '../../operation.ts';
import { encodeText } from '../formats.ts';
import { scanCodes } from './barcode.ts';
import type { Picture } from './canvas.ts';
import { type ChartInput, drawChart } from './chart.ts';
import { readChartData } from './chart-data.ts';
import { chartKindOf } from './chart-kind.ts';
import { blur, convertPicture, mergePictures, sharpen } from './effects.ts';
import { qrPicture } from './qr.ts';
import { pictureSize, turnOf } from './size.ts';
import { drawValue, wrapped } from './table-picture.ts';
import { thinned } from './thinning.ts';

/** How many pixels of exactly these colours are in a picture. */
async function colours({ bytes }: Picture): Promise<Map<string, number>> {
  const image = await loadImage(Buffer.from(bytes));
  const canvas = createCanvas(image.width, image.height);
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  const counts = new Map<string, number>();
  for (let at = 0; at < data.length; at += 4) {
    const colour = `#${[data[at]!, data[at + 1]!, data[at + 2]!].map((part) => part.toString(16).padStart(2, '0')).join('')}`;
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  return counts;
}

const blue = '#2563eb';
const orange = '#c2410c';
const chart = (kind: string, data: ChartInput['data'], more: Partial<ChartInput> = {}): Promise<Picture> =>
  drawChart({ kind, data, locale: 'en', ...more });

test.each([
  [[1, null, '3'], undefined, false, ['1', '2', '3'], [['', [1, null, 3]]]],
  [[10, 20], ['tea', 'coffee'], false, ['tea', 'coffee'], [['', [10, 20]]]],
  [{ tea: 10, coffee: '20' }, undefined, false, ['tea', 'coffee'], [['', [10, 20]]]],
  [
    { 2025: [1, 2], 2026: [3, 4] },
    undefined,
    false,
    ['1', '2'],
    [
      ['2025', [1, 2]],
      ['2026', [3, 4]],
    ],
  ],
  [
    [
      { city: 'Recife', total: 3, note: 'x' },
      { city: 'Rio', total: null },
    ],
    undefined,
    false,
    ['Recife', 'Rio'],
    [['total', [3, null]]],
  ],
  [
    [
      { year: 2025, total: 3 },
      { year: 2026, total: 4 },
    ],
    undefined,
    false,
    ['2025', '2026'],
    [['total', [3, 4]]],
  ],
  [
    [
      ['tea', 3, 5],
      ['coffee', 2, 4],
    ],
    undefined,
    false,
    ['1', '2'],
    [
      ['tea', [3, 5]],
      ['coffee', [2, 4]],
    ],
  ],
  [
    [
      ['2025', 3, 5],
      ['2026', 2, 4],
    ],
    undefined,
    false,
    ['1', '2'],
    [
      ['2025', [3, 5]],
      ['2026', [2, 4]],
    ],
  ],
  [
    [
      ['tea', 3],
      ['coffee', 2],
    ],
    undefined,
    false,
    ['tea', 'coffee'],
    [['', [3, 2]]],
  ],
  [
    [
      ['month', 'tea'],
      ['Jan', 3],
      ['Feb', 4],
    ],
    undefined,
    false,
    ['Jan', 'Feb'],
    [['tea', [3, 4]]],
  ],
  [
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    ['2025', '2026'],
    false,
    ['1', '2', '3'],
    [
      ['2025', [1, 2, 3]],
      ['2026', [4, 5, 6]],
    ],
  ],
  [
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    undefined,
    true,
    ['1', '2'],
    [
      ['1', [1, 4]],
      ['2', [2, 5]],
      ['3', [3, 6]],
    ],
  ],
] as const)('data written as %j is understood', (data, legends, isTransposed, categories, series) => {
  const read = readChartData(data, legends, isTransposed);
  expect(read.categories).toEqual(categories);
  expect(read.series.map(({ name, values }) => [name, values])).toEqual(series);
});

test.each([[[]], ['text'], [null], [['a', 'b']], [{}], [[{ a: 'x' }]]])('%j has no numbers to draw', (data) => {
  expect(() => readChartData(data, undefined, false)).toThrow('there are no numbers to draw');
});

test('kinds are named in English and Portuguese', () => {
  expect(
    ['PIE', 'Pizza', 'gráfico de barras', 'horizontal-bar', 'horizontalBar', 'Área', 'stacked', 'Dispersão'].map(chartKindOf),
  ).toEqual(['pie', 'pie', 'bar', 'horizontalBar', 'horizontalBar', 'area', 'stackedBar', 'scatter']);
  expect(() => chartKindOf('constructor')).toThrow('there is no chart "constructor"');
});

test.each(['pie', 'donut', 'bar', 'horizontal bar', 'stacked', 'line', 'area', 'stacked area', 'scatter'])(
  'a %s chart is a picture with ink of both series on white',
  async (kind) => {
    const picture = await chart(
      kind,
      [
        { x: 'a', tea: 30, coffee: 50 },
        { x: 'b', tea: 60, coffee: 20 },
      ],
      { title: 'Title' },
    );
    expect(pictureSize(picture.bytes)).toEqual({ format: 'png', width: 1920, height: 1080 });
    const counts = await colours(picture);
    expect(counts.get('#ffffff')).toBeGreaterThan(300_000);
    const seen = [blue, orange].filter((colour) => (counts.get(colour) ?? 0) > 20);
    // A scatter of two series is one cloud, and half transparent areas are other colours.
    expect(seen.length).toBe(kind === 'scatter' ? 0 : 2);
    expect(counts.size).toBeGreaterThan(20);
  },
);

test('bars are as long as their figures', async () => {
  const one = (await colours(await chart('bar', { a: 100, b: 50 }))).get(blue)!;
  const two = (await colours(await chart('bar', { a: 100, b: 100 }))).get(blue)!;
  expect(one / two).toBeGreaterThan(0.72);
  expect(one / two).toBeLessThan(0.78);
});

test('the same chart is the same picture, byte for byte', async () => {
  expect((await chart('bar', [1, 2, 3])).bytes).toEqual((await chart('bar', [1, 2, 3])).bytes);
});

test('what cannot be drawn is said: slices below zero, too many bars, too many series', async () => {
  await expect(chart('pie', [1, -1])).rejects.toThrow('no slices below zero');
  await expect(chart('pie', [0, 0])).rejects.toThrow('all slices are zero');
  await expect(
    chart(
      'bar',
      Array.from({ length: 501 }, (_, at) => at),
    ),
  ).rejects.toMatchObject({ code: 'limit_reached' });
  await expect(
    chart(
      'line',
      Array.from({ length: 31 }, () => [1, 2, 3]),
    ),
  ).rejects.toMatchObject({ code: 'limit_reached' });
});

test('of many points those that can be seen stay: no peak is lost and the order is kept', () => {
  const values = Array.from({ length: 100_000 }, (_, at) => (at === 54_321 ? 999 : at === 77_777 ? -999 : Math.sin(at / 500)));
  const few = thinned({ categories: values.map((_, at) => String(at)), series: [{ name: '', values }] }, 1_000);
  expect(few.categories.length).toBeLessThanOrEqual(1_002);
  expect(few.series[0]!.values).toContain(999);
  expect(few.series[0]!.values).toContain(-999);
  expect(few.categories.map(Number)).toEqual(few.categories.map(Number).sort((a, b) => a - b));
  expect(few.series[0]!.values[few.categories.indexOf('54321')]).toBe(999);
});

test('hostile names are drawn as text: control signs, markup of labels, megabytes, no glyphs', async () => {
  const names = ['a\u0000b', '{name|x}', 'x'.repeat(100_000), '日本語 😀', '\u202egnihtemos', '<b>x</b>', '%s${1}'];
  for (const kind of ['pie', 'bar', 'horizontal bar'])
    expect(
      pictureSize(
        (
          await chart(
            kind,
            names.map((_, at) => at + 1),
            { legends: names },
          )
        ).bytes,
      )?.format,
    ).toBe('png');
});

test('a table becomes a picture as wide as what is in it, a text one of its lines', async () => {
  const table = await drawValue({ value: [{ name: 'Ana', total: 3 }], locale: 'en' });
  const wider = await drawValue({
    value: [
      { name: 'Ana Maria da Silva Souza', total: 3 },
      { name: 'b', total: 4 },
    ],
    locale: 'en',
  });
  expect(wider.width).toBeGreaterThan(table.width);
  expect(wider.height).toBeGreaterThan(table.height);
  expect((await colours(table)).get('#e5e7eb')).toBeGreaterThan(1_000);
  const text = await drawValue({ value: 'one\ntwo\nthree', locale: 'en' });
  expect(text.height).toBe(2 * (3 * 28 + 72));
});

test('a huge table becomes a picture of bounded size', async () => {
  const rows = Array.from({ length: 1_000 }, (_, at) =>
    Object.fromEntries(Array.from({ length: 40 }, (_, column) => [`column ${column}`, `${at} ${'long '.repeat(40)}`])),
  );
  const picture = await drawValue({ value: rows, locale: 'en' });
  expect(picture.width * picture.height).toBeLessThan(17_000_000);
});

test('lines are broken at blanks, long words in their middle, and what is left out shows', () => {
  const ruler = { measureText: (text: string) => ({ width: text.length }) as TextMetrics };
  expect(wrapped(ruler, 'one two three', 7, 5)).toEqual(['one two', 'three']);
  expect(wrapped(ruler, 'abcdefghij kl', 4, 5)).toEqual(['abcd', 'efgh', 'ij', 'kl']);
  expect(wrapped(ruler, 'one two three four', 5, 2)).toEqual(['one', 'two…']);
});

test.each(['https://example.com/?a=1&b=ação', 'x', '0123456789'.repeat(150)])('a QR code of %j is read back', async (text) => {
  const { bytes } = await qrPicture({ text });
  expect(await scanCodes({ name: 'q.png', bytes })).toEqual([text]);
});

test('a QR code is read from a photograph that lies on its side and is small', async () => {
  const code = await loadImage(Buffer.from((await qrPicture({ text: 'turned' })).bytes));
  const canvas = createCanvas(500, 400);
  const context = canvas.getContext('2d');
  context.fillStyle = '#d6c9b8';
  context.fillRect(0, 0, 500, 400);
  context.translate(250, 200);
  context.rotate(1.2);
  context.drawImage(code, -70, -70, 140, 140);
  expect(await scanCodes({ name: 'p.jpg', bytes: new Uint8Array(await canvas.encode('jpeg', 70)) })).toEqual(['turned']);
  expect(await scanCodes({ name: 'none.png', bytes: (await chart('bar', [1])).bytes })).toEqual([]);
});

test('a QR code of nothing or of too much is refused', async () => {
  await expect(qrPicture({ text: '' })).rejects.toThrow(OperationFailed);
  await expect(qrPicture({ text: 'ã'.repeat(2_001) })).rejects.toMatchObject({ code: 'limit_reached' });
  expect(pictureSize((await qrPicture({ text: 'x'.repeat(2_000) })).bytes)?.format).toBe('png');
});

/** A picture that is black on the left and white on the right. */
async function halves(format: 'png' | 'jpeg' | 'webp' = 'png'): Promise<Uint8Array> {
  const canvas = createCanvas(200, 100);
  const context = canvas.getContext('2d');
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, 200, 100);
  context.fillStyle = '#000000';
  context.fillRect(0, 0, 100, 100);
  return new Uint8Array(format === 'png' ? await canvas.encode('png') : await canvas.encode(format));
}

/** The greatest difference between two neighbours of the line in the middle. */
async function steepest({ bytes, width, height }: Picture): Promise<number> {
  const canvas = createCanvas(width, height);
  const context = canvas.getContext('2d');
  context.drawImage(await loadImage(Buffer.from(bytes)), 0, 0);
  const { data } = context.getImageData(0, Math.floor(height / 2), width, 1);
  return Math.max(...Array.from({ length: width - 1 }, (_, at) => Math.abs(data[4 * at]! - data[4 * (at + 1)]!)));
}

test('BLUR makes edges soft, SHARPEN makes soft ones sharp', async () => {
  const soft = await blur({ name: 'h.png', bytes: await halves() });
  const hard = await colours({ bytes: await halves(), width: 200, height: 100 });
  expect(hard.size).toBe(2);
  expect((await colours(soft)).size).toBeGreaterThan(8);
  const sharp = await sharpen({ name: 's.png', bytes: soft.bytes });
  expect(await steepest(sharp)).toBeGreaterThan(1.1 * (await steepest(soft)));
});

test('MERGE IMAGE puts pictures beside one another, all visible', async () => {
  const bytes = await halves();
  const merged = await mergePictures({ pictures: [1, 2, 3, 4, 5].map((at) => ({ name: `${at}.png`, bytes })) });
  const counts = await colours(merged);
  expect(counts.get('#000000')! / (merged.width * merged.height)).toBeGreaterThan(0.4);
  await expect(mergePictures({ pictures: [] })).rejects.toThrow('no picture to merge');
});

test('pictures are converted, drawings in SVG too, and what is transparent becomes white in JPEG', async () => {
  for (const format of ['png', 'jpg', 'webp'])
    expect(pictureSize((await convertPicture({ name: 'h.png', bytes: await halves(), format })).bytes)).toEqual({
      format,
      width: 200,
      height: 100,
    });
  const svg = encodeText(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 40"><circle cx="30" cy="20" r="10" fill="#ff0000"/></svg>',
  );
  const picture = await convertPicture({ name: 'c.svg', bytes: svg, format: 'png' });
  expect(pictureSize(picture.bytes)).toMatchObject({ width: 225, height: 150 });
  expect((await colours(picture)).get('#ff0000')).toBeGreaterThan(200);
  const flat = await colours(await convertPicture({ name: 'c.svg', bytes: svg, format: 'jpg' }));
  expect(flat.get('#ffffff')).toBeGreaterThan(20_000);
  await expect(convertPicture({ name: 'h.png', bytes: await halves(), format: 'exe' })).rejects.toThrow('png, jpg, webp or pdf');
});

test('a photograph taken with the camera on its side stands upright', async () => {
  const jpeg = await halves('jpeg');
  const exif = new Uint8Array([
    0xff, 0xe1, 0, 34, 0x45, 0x78, 0x69, 0x66, 0, 0, 0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0,
    0, 0, 0, 0,
  ]);
  const turned = new Uint8Array([...jpeg.subarray(0, 2), ...exif, ...jpeg.subarray(2)]);
  expect(turnOf(turned)).toBe(6);
  const upright = await convertPicture({ name: 't.jpg', bytes: turned, format: 'png' });
  expect([upright.width, upright.height]).toEqual([100, 200]);
  const image = await loadImage(Buffer.from(upright.bytes));
  const canvas = createCanvas(100, 200);
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  // What was on the left is on top now.
  expect(context.getImageData(50, 20, 1, 1).data[0]).toBeLessThan(30);
  expect(context.getImageData(50, 180, 1, 1).data[0]).toBeGreaterThan(225);
});

test('a picture that claims to be as large as a city is refused before it is decoded, a broken one too', async () => {
  const bomb = (await halves()).slice();
  new DataView(bomb.buffer).setUint32(16, 60_000);
  new DataView(bomb.buffer).setUint32(20, 60_000);
  await expect(blur({ name: 'bomb.png', bytes: bomb })).rejects.toMatchObject({ code: 'limit_reached' });
  const cut = (await halves()).subarray(0, 60);
  await expect(blur({ name: 'cut.png', bytes: cut })).rejects.toThrow('cut.png cannot be read');
  await expect(blur({ name: 'text.png', bytes: encodeText('hello') })).rejects.toThrow('text.png cannot be read');
  await expect(blur({ name: 'empty.png', bytes: new Uint8Array() })).rejects.toThrow('empty.png cannot be read');
});

test('drawings that read files, expand entities or never end are refused or show nothing of it', async () => {
  const svg = (body: string, head = '') =>
    encodeText(
      `${head}<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 10 10">${body}</svg>`,
    );
  for (const bytes of [
    svg('<rect/>', '<!DOCTYPE svg [<!ENTITY a "b">]>'),
    svg('<filter id="f"><feTurbulence numOctaves="1000000"/></filter>'),
    svg('<use href="#a"/>'.repeat(25)),
  ])
    await expect(convertPicture({ name: 'x.svg', bytes, format: 'png' })).rejects.toThrow('x.svg cannot be read');
  const red = createCanvas(10, 10);
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'gb-picture-'));
  try {
    const context = red.getContext('2d');
    context.fillStyle = '#ff0000';
    context.fillRect(0, 0, 10, 10);
    const place = path.join(folder, 'red.png');
    await fs.writeFile(place, await red.encode('png'));
    for (const address of [place, pathToFileURL(place).href]) {
      const drawn = await convertPicture({
        name: 'x.svg',
        bytes: svg(`<image href="${address}" xlink:href="${address}" width="10" height="10"/>`),
        format: 'png',
      });
      expect((await colours(drawn)).has('#ff0000')).toBe(false);
    }
  } finally {
    await fs.rm(folder, { recursive: true });
  }
});

test('sizes of pictures are read from the first bytes, and noise has none', async () => {
  for (const format of ['png', 'jpeg', 'webp'] as const)
    expect(pictureSize(await halves(format))).toMatchObject({ width: 200, height: 100 });
  expect(pictureSize(Uint8Array.from([...'GIF89a'].map((sign) => sign.charCodeAt(0)).concat([7, 0, 9, 0])))).toEqual({
    format: 'gif',
    width: 7,
    height: 9,
  });
  for (const length of [0, 1, 4, 10, 20]) expect(pictureSize((await halves('jpeg')).subarray(0, length))).toBeNull();
});
