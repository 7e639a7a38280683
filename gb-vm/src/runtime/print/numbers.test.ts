import { expect, test } from 'vitest';
import { numberItem, signedNumber, significantDigits } from './numbers.ts';

test('minimal shows six digits, as ECMA-55 has them', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, ' 0 '],
    [-0, ' 0 '],
    [1, ' 1 '],
    [-17, '-17 '],
    [123456, ' 123456 '],
    [-999999, '-999999 '],
    [1000000, ' 1.E+6 '],
    [999999.5, ' 1.E+6 '],
    [332.4, ' 332.4 '],
    [2.5, ' 2.5 '],
    [0.5, ' .5 '],
    [-0.25, '-.25 '],
    [0.00534, ' .00534 '],
    [0.000001, ' .000001 '],
    [0.0000001, ' 1.E-7 '],
    [0.000123457, ' 1.23457E-4 '],
    [1 / 3, ' .333333 '],
    [2 / 3, ' .666667 '],
    [0.1 + 0.2, ' .3 '],
    [1e30, ' 1.E+30 '],
    [1.23e22, ' 1.23E+22 '],
    [-2e23, '-2.E+23 '],
    [1e100, ' 1.E+100 '],
    [-1.92837e-35, '-1.92837E-35 '],
    [123456.7, ' 123457 '],
    [12345.67, ' 12345.7 '],
    [Infinity, ' INF '],
    [-Infinity, '-INF '],
    [Number.NaN, ' NAN '],
  ];
  for (const [value, shown] of cases) expect(numberItem('minimal', value), String(value)).toBe(shown);
});

test('classic shows seven digits and two of an exponent, as GW-BASIC does', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, ' 0 '],
    [-3, '-3 '],
    [1 / 3, ' .3333333 '],
    [2 / 3, ' .6666667 '],
    [100 / 3, ' 33.33333 '],
    [9999999, ' 9999999 '],
    [10000000, ' 1E+07 '],
    [1e10, ' 1E+10 '],
    [12345678, ' 1.234568E+07 '],
    [1e-7, ' .0000001 '],
    [1e-8, ' 1E-08 '],
    [0.00001234567, ' 1.234567E-05 '],
    [0.0123456, ' .0123456 '],
    [0.01234567, ' 1.234567E-02 '],
    [1.5e120, ' 1.5E+120 '],
  ];
  for (const [value, shown] of cases) expect(numberItem('classic', value), String(value)).toBe(shown);
});

test('the bot dialect shows a number as TALK does', () => {
  expect([5, -2.5, 0.5, 1e21].map((value) => numberItem('bot', value))).toEqual(['5', '-2.5', '0.5', '1e+21']);
});

test('STR$ of the old dialects has no blank behind', () => {
  expect([signedNumber('classic', 12), signedNumber('classic', -12), signedNumber('bot', 12)]).toEqual([' 12', '-12', '12']);
});

test('significant digits end where the zeros begin, and rounding may carry', () => {
  expect(significantDigits(1200, 6)).toEqual({ digits: '12', exponent: 3 });
  expect(significantDigits(9.999996, 6)).toEqual({ digits: '1', exponent: 1 });
  expect(significantDigits(0, 6).digits).toBe('');
});
