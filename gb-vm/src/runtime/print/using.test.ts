import { expect, test } from 'vitest';
import { type MaskValue, printUsing } from './using.ts';

function using(mask: string, ...values: readonly MaskValue[]): string {
  let text = '';
  const problem = printUsing(mask, values, (piece) => (text += piece));
  return problem ?? text;
}

test('the examples of the GW-BASIC manual come out as it shows them', () => {
  expect(using('!', 'LOOK', 'OUT')).toBe('LO');
  expect(using('\\  \\', 'LOOK', 'OUT')).toBe('LOOKOUT ');
  expect(using('\\   \\', 'LOOK', 'OUT')).toBe('LOOK OUT  ');
  expect(using('!&', 'LOOK', 'OUT')).toBe('LOUT');
  expect(using('##.##', 0.78)).toBe(' 0.78');
  expect(using('###.##', 987.654)).toBe('987.65');
  expect(using('##.##   ', 10.2, 5.3, 66.789, 0.234)).toBe('10.20    5.30   66.79    0.23   ');
  expect(using('+##.##   ', -68.95, 2.4, 55.6, -0.9)).toBe('-68.95    +2.40   +55.60    -0.90   ');
  expect(using('##.##-   ', -68.95, 22.449, -7.01)).toBe('68.95-   22.45     7.01-   ');
  expect(using('**#.#   ', 12.39, -0.9, 765.1)).toBe('*12.4   *-0.9   765.1   ');
  expect(using('$$###.##', 456.78)).toBe(' $456.78');
  expect(using('**$##.##', 2.34)).toBe('***$2.34');
  expect(using('####,.##', 1234.5)).toBe('1,234.50');
  expect(using('####.##,', 1234.5)).toBe('1234.50,');
  expect(using('##.##^^^^', 234.56)).toBe(' 2.35E+02');
  expect(using('.####^^^^-', -888888)).toBe('.8889E+06-');
  expect(using('+.##^^^^', 123)).toBe('+.12E+03');
  expect(using('_!##.##_!', 12.34)).toBe('!12.34!');
  expect(using('##.##', 111.22)).toBe('%111.22');
  expect(using('.##', 0.999)).toBe('%1.00');
});

test('rounding is done on the decimal digits, halves away from zero', () => {
  expect(using('#.##', 2.675)).toBe('2.68');
  expect(using('#.##', 1.005)).toBe('1.01');
  expect(using('###', -2.5)).toBe(' -3');
  expect(using('#.#', 0.04)).toBe('0.0');
  expect(using('#.#', 0.05)).toBe('0.1');
  expect(using('###', 99.9)).toBe('100');
  expect(using('#', 0.4)).toBe('0');
  expect(using('##.####', 0.00004)).toBe(' 0.0000');
});

test('the zero before the point gives way to a sign', () => {
  expect(using('#.##', -0.5)).toBe('-.50');
  expect(using('##.##', -0.5)).toBe('-0.50');
  expect(using('.##', 0.5)).toBe('.50');
});

test('thousands get commas, and a number too long for its field is written whole', () => {
  expect(using('##,###,###', 1234567)).toBe(' 1,234,567');
  expect(using('#,###', 12345)).toBe('%12,345');
  expect(using('###', 1e21)).toBe(`%1${'0'.repeat(21)}`);
});

test('exponents have two digits or three', () => {
  expect(using('##.##^^^^^', 1.5e120)).toBe(' 1.50E+120');
  expect(using('##.##^^^^', 0)).toBe(' 0.00E+00');
  expect(using('#^^^^', 1)).toBe(' E+01');
});

test('the mask starts over while there are values, and ends at the first field without one', () => {
  expect(using('[##] ', 1, 2, 3)).toBe('[ 1] [ 2] [ 3] ');
  expect(using('A=# B=#;', 1, 2)).toBe('A=1 B=2;');
  expect(using('A=# B=# C', 1)).toBe('A=1 B=');
});

test('what does not fit a field is said', () => {
  expect(using('no field', 1)).toBe('no_field');
  expect(using('', 1)).toBe('no_field');
  expect(using('#'.repeat(25), 1)).toBe('field_too_long');
  expect(using('##', 'text')).toBe('not_a_number');
  expect(using('&', 5)).toBe('not_a_text');
});

test('leniently, numbers and texts that read as numbers fit either field', () => {
  let text = '';
  expect(printUsing('& ##.#', [5, '2.25'], (piece) => (text += piece), true)).toBeNull();
  expect(text).toBe('5  2.3');
  expect(printUsing('##', ['many'], () => {}, true)).toBe('not_a_number');
});

test('signs, strokes and dots that are no field are written as they are', () => {
  expect(using('a-b. + \\x ##', 7)).toBe('a-b. + \\x  7');
  expect(using('##_', 7)).toBe(' 7_');
});

test('a megabyte of mask is read in one pass', () => {
  for (const noise of ['+', '*', '$', '\\ ', '_', '.', '^', '\\', ' ', '+$', ',']) {
    const begun = performance.now();
    using(`${noise.repeat(500_000)}x#`, 1);
    expect(performance.now() - begun, noise).toBeLessThan(3000);
  }
});
