import { expect, test } from 'vitest';
import type { Profile } from '../../compiler/profile.ts';
import { Printer } from './printer.ts';

function printed(profile: Profile, use: (printer: Printer) => unknown): string {
  let text = '';
  use(new Printer(profile, (piece) => (text += piece)));
  return text;
}

test('a comma goes to the next zone of fourteen columns, with one blank at least', () => {
  expect(
    printed('minimal', (to) => {
      to.text('A');
      to.comma();
      to.number(1);
      to.comma();
      to.text('x'.repeat(14));
      to.comma();
      to.text('B');
    }),
  ).toBe(`A${' '.repeat(13)} 1 ${' '.repeat(11)}${'x'.repeat(14)}${' '.repeat(14)}B`);
});

test('a comma in the fifth zone ends the line, but not in the bot dialect', () => {
  const five = (to: Printer) => {
    for (let zone = 0; zone < 5; zone++) {
      to.text(String(zone));
      to.comma();
    }
    to.text('next');
  };
  expect(printed('minimal', five).split('\n')).toEqual([
    `0${' '.repeat(13)}1${' '.repeat(13)}2${' '.repeat(13)}3${' '.repeat(13)}4`,
    'next',
  ]);
  expect(printed('classic', five).split('\n')).toHaveLength(2);
  expect(printed('bot', five)).toBe(`${[0, 1, 2, 3, 4].map((zone) => String(zone).padEnd(14)).join('')}next`);
});

test('minimal keeps the margin of 80 columns', () => {
  const line = (text: string) => printed('minimal', (to) => [to.text('x'.repeat(75)), to.text(text)]);
  expect(line('12345')).toBe(`${'x'.repeat(75)}12345`);
  expect(line('123456')).toBe(`${'x'.repeat(75)}\n123456`);
  expect(
    printed('minimal', (to) => to.text('y'.repeat(200)))
      .split('\n')
      .map((one) => one.length),
  ).toEqual([80, 80, 40]);
  expect(printed('minimal', (to) => to.text(`${'z'.repeat(79)}\n${'z'.repeat(79)}`)).split('\n')).toHaveLength(2);
  // The blank behind a number counts.
  expect(printed('minimal', (to) => [to.text('x'.repeat(77)), to.number(1)])).toBe(`${'x'.repeat(77)} 1 `);
  expect(printed('minimal', (to) => [to.text('x'.repeat(78)), to.number(1)])).toBe(`${'x'.repeat(78)}\n 1 `);
});

test('classic and bot leave long lines alone', () => {
  expect(printed('classic', (to) => [to.text('x'.repeat(79)), to.number(123)])).not.toContain('\n');
  expect(printed('bot', (to) => to.text('x'.repeat(500)))).not.toContain('\n');
});

test('TAB goes to a column counted from 1, on the next line when that is passed', () => {
  const at = (profile: Profile, before: string, column: number) =>
    printed(profile, (to) => [to.text(before), to.tab(column), to.text('*')]);
  expect(at('minimal', '', 10)).toBe(`${' '.repeat(9)}*`);
  expect(at('minimal', 'abc', 4)).toBe('abc*');
  expect(at('minimal', 'abc', 3)).toBe('abc\n  *');
  expect(at('classic', 'abcdef', 3)).toBe('abcdef*');
  expect(at('minimal', '', 2.5)).toBe('  *');
  expect(at('minimal', '', 2.4)).toBe(' *');
  expect(at('minimal', '', 81)).toBe('*');
  expect(at('minimal', '', 85)).toBe('    *');
  expect(at('minimal', '', 1e300)).toBe('*');
  expect(at('minimal', '', 0)).toBe('*');
  expect(at('minimal', 'ab', -5)).toBe('ab\n*');
  expect(at('classic', '', 256)).toBe('*');
  expect(at('bot', 'ab', 5)).toBe('ab  *');
});

test('blanks stay few whatever is asked for', () => {
  for (const profile of ['minimal', 'classic', 'bot'] as const)
    for (const value of [1e300, -1e300, Infinity, -Infinity, Number.NaN, 1e9])
      expect(printed(profile, (to) => [to.tab(value), to.spaces(value)]).length).toBeLessThan(600);
});

test('line ends inside a text begin the column again; a bell takes none', () => {
  expect(printed('classic', (to) => [to.text('abc\nde'), to.comma(), to.text('x')])).toBe(`abc\nde${' '.repeat(12)}x`);
  expect(printed('classic', (to) => [to.text('\u0007'), to.tab(3), to.text('x')])).toBe('\u0007  x');
});
