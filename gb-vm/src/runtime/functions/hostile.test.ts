import { expect, test } from 'vitest';
import { functionKeywords } from '../../compiler/keywords/index.ts';
import { profiles } from '../../compiler/profile.ts';
import { random } from '../../compiler/testing/random.ts';
import { BasicError } from '../errors.ts';
import type { JsonValue } from './json.ts';
import { callFunction, library } from './testing/call-function.ts';

const long = 'a1 ,"\'%_(\u0000\ud83d'.repeat(3000);
const texts = [
  '',
  ' ',
  'abc',
  '\u0000',
  '\ud83d',
  '😀é',
  '12.5',
  '-1e308',
  '2026-02-30',
  '2026-01-31 10:00',
  '99999999999999999999',
  'day',
  'desc',
  'SUM',
  'a -> b',
  'a = 1 or b in (1, 2)',
  "a = 'x",
  '(a+)+$',
  '[',
  '{{a}} {b} ${c}',
  '#,##0.00;(0);-',
  'yyyy-MM-dd',
  '__proto__',
  'constructor',
  'length',
  '%zz%C3',
  '&#99999999;',
  long,
];
const numbers = [
  0,
  -0,
  1,
  -1,
  0.5,
  1e-320,
  1e308,
  -1e308,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
];

/** Values of every kind; deep ones and such as look like something else. */
function anything(next: () => number, depth = 0): JsonValue {
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(next() * choices.length)]!;
  const kind = Math.floor(next() * (depth > 2 ? 4 : 7));
  if (kind === 0) return pick(texts);
  if (kind === 1) return pick(numbers);
  if (kind === 2) return pick([null, true, false]);
  if (kind === 3) return pick(['a', 'b', 1, 2]);
  const items = Array.from({ length: Math.floor(next() * 4) }, () => anything(next, depth + 1));
  if (kind === 4) return items;
  const row = (): JsonValue =>
    Object.fromEntries(items.map((item, index) => [pick(['a', 'b', 'A', 'length', texts[index]!]), item]));
  return kind === 5 ? row() : [row(), row()];
}

test.each(profiles)('%s: whatever a function is given, it answers or refuses', (profile) => {
  const next = random(3);
  const lib = library({ profile });
  for (const { name, params = '' } of functionKeywords.values()) {
    if (!lib.functions[`fn:${name}`]) continue;
    for (let round = 0; round < 60; round++) {
      const args = params.split(' ').map((param): JsonValue => {
        const value = anything(next);
        if (param[0] === 'n') return typeof value === 'number' ? value : numbers[round % numbers.length]!;
        return param[0] === 's' && typeof value !== 'string' ? texts[round % texts.length]! : value;
      });
      const started = performance.now();
      try {
        callFunction(lib, name, args);
      } catch (error) {
        if (!(error instanceof BasicError)) throw new Error(`${name}(${JSON.stringify(args)})`, { cause: error });
      }
      expect(performance.now() - started, `${name}(${JSON.stringify(args).slice(0, 300)})`).toBeLessThan(3000);
    }
  }
});
