import { expect, test } from 'vitest';
import { random } from '../../compiler/testing/random.ts';
import { compilePattern, findMatch } from './regex.ts';

function groups(pattern: string, text: string, flags = ''): (string | undefined)[] | null {
  const compiled = compilePattern(pattern, flags);
  if (!compiled) throw new Error(`${pattern} is refused`);
  const found = findMatch(compiled, text, 0, () => {});
  return (
    found &&
    Array.from({ length: compiled.groups }, (_, group) =>
      found[2 * group]! < 0 ? undefined : text.slice(found[2 * group]!, found[2 * group + 1]!),
    )
  );
}

test.each([
  ['a+b', 'xaab', ''],
  ['(a|b)*c', 'ababc', ''],
  ['^\\d{3}-\\d{4}$', '123-4567', ''],
  ['(\\w+)@(\\w+)\\.com', 'me: joe@site.com', ''],
  ['a*?b', 'aaab', ''],
  ['a{2,}?', 'aaaa', ''],
  ['[^abc]+', 'abcxyz', ''],
  ['(?:x|y){2,3}', 'xyxy', ''],
  ['É', 'é', 'i'],
  ['[a-z]+', 'QQab', 'i'],
  ['\\bfoo\\b', 'a foo b', ''],
  ['\\Boo', 'foo', ''],
  ['(a*)*', 'b', ''],
  ['(a?){3}', 'aa', ''],
  ['^b$', 'a\nb\nc', 'm'],
  ['a.b', 'a\nb', 's'],
  ['(a)|(b)', 'b', ''],
  ['[\\d-]+', '1-2', ''],
  ['[\\w.]+', 'a.b c', ''],
  ['x{', 'x{', ''],
  ['(|a)+', 'aaa', ''],
  ['😀+', 'x😀😀', 'u'],
  ['\\x41\\u0042', 'AB', ''],
  ['(?<year>\\d{4})', 'in 2026', ''],
  ['\\s\\S\\D', ' aa', ''],
])('%s finds in %j what JavaScript finds', (pattern, text, flags) => {
  const found = new RegExp(pattern, flags).exec(text);
  expect(groups(pattern, text, flags)).toEqual(found && [...found]);
});

test('random patterns find what JavaScript finds', () => {
  const next = random(11);
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(next() * choices.length)]!;
  const make = (depth: number): string => {
    const kind = depth > 3 ? 0 : Math.floor(next() * 7);
    if (kind <= 1) return pick(['a', 'b', 'c', '.', '[ab]', '[^a]', '\\w', '\\b']);
    if (kind === 2) return make(depth + 1) + make(depth + 1);
    if (kind === 3) return `(?:${make(depth + 1)}|${make(depth + 1)})`;
    if (kind === 4) {
      const part = make(depth + 1);
      // What may be empty is not repeated: JavaScript does not count an empty round, and others do.
      const isEmpty = new RegExp(`^(?:${part})$`).test('') || part.includes('\\b');
      return isEmpty ? part : `(?:${part})${pick(['+', '?', '{1,2}', '+?', '??'])}`;
    }
    if (kind === 5) return `${pick(['a', 'b', '[ab]', '.'])}${pick(['*', '*?', '+', '{2}'])}`;
    return `(${make(depth + 1)})`;
  };
  for (let round = 0; round < 3000; round++) {
    const pattern = make(0);
    const text = Array.from({ length: Math.floor(next() * 9) }, () => pick(['a', 'b', 'c', ' '])).join('');
    const found = new RegExp(pattern).exec(text);
    // Groups in repetitions are set back by JavaScript for each round, and by nobody else: only the whole is compared.
    expect(groups(pattern, text)?.[0] ?? null, `${pattern} in "${text}"`).toBe(found?.[0] ?? null);
  }
});

test.each([
  '(?=a)',
  '(?<!a)b',
  '(a)\\1',
  '\\k<a>',
  '(a',
  'a)',
  '[a',
  '*',
  'a{5,2}',
  'a**b+++++',
  '\\',
  '[z-a]',
  '\\p{L}',
  '((((a{100}){100}){100})',
  '('.repeat(400),
])('%s is refused', (pattern) => {
  expect(compilePattern(pattern)).toBeNull();
});

test.each([
  ['(a+)+b', 'a'.repeat(30_000)],
  ['(a|a)*b', 'a'.repeat(30_000)],
  ['(.*)*x', 'y'.repeat(30_000)],
  ['(a?){50}a{50}', 'a'.repeat(60)],
])('%s ends soon and pays for every step', (pattern, text) => {
  let steps = 0;
  const started = performance.now();
  findMatch(compilePattern(pattern)!, text, 0, (more) => {
    steps += more;
  });
  expect(performance.now() - started).toBeLessThan(2000);
  expect(steps).toBeGreaterThan(text.length);
});
