import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Analysis } from './analysis.ts';
import { completions } from './completions.ts';
import { diagnostics } from './diagnose.ts';
import { folding } from './folding.ts';
import { format } from './format.ts';
import { hover } from './hover.ts';
import { outline } from './outline.ts';
import { definition, highlights, references } from './places.ts';
import { rename } from './rename.ts';
import { semanticTokens } from './semantic-tokens.ts';
import { signature } from './signature.ts';

function useEverything(text: string, offset: number): void {
  const analysis = new Analysis([{ name: 'start.bas', text }], 'en');
  const { from, to } = completions(analysis, 'start.bas', offset);
  expect(from <= offset && offset <= to).toBe(true);
  for (const feature of [hover, definition, references, highlights, signature]) feature(analysis, 'start.bas', offset);
  rename(analysis, 'start.bas', offset, 'other_name');
  for (const feature of [outline, folding, semanticTokens]) feature(analysis, 'start.bas');
  const once = format(analysis, 'start.bas');
  expect(format(new Analysis([{ name: 'start.bas', text: once }], 'en'), 'start.bas')).toBe(once);
  diagnostics(analysis);
}

test('scripts cut off anywhere and with anything put into them', () => {
  const folder = join(import.meta.dirname, '../../../programs/bot');
  const programs = readdirSync(folder).filter((name) => name.endsWith('.bas'));
  const junk = ['"', '(', '${', '}', '\nSUB x(', 'BEGIN TALK\n', '.', '\r', '\0', '{', 'NEXT\n', 'IF ', '\ud83d', 'END '];
  let seed = 11;
  const below = (most: number): number => (seed = (seed * 16807) % 2147483647) % most;
  for (let round = 0; round < 150; round++) {
    let text = readFileSync(join(folder, programs[below(programs.length)]!), 'utf8').slice(0, 3000);
    for (let change = below(4); change >= 0; change--) {
      const at = below(text.length + 1);
      text = below(3) === 0 ? text.slice(0, at) : text.slice(0, at) + junk[below(junk.length)] + text.slice(at + below(20));
    }
    useEverything(text, below(text.length + 1));
  }
});

test.each([
  ['words', 'x y '.repeat(20_000)],
  ['lines that are not understood', ') a b c\n'.repeat(10_000)],
  ['brackets', '('.repeat(50_000)],
  ['names', Array.from({ length: 8_000 }, (_, index) => `v${index} = v${index + 1}.p${index}`).join('\n')],
  ['copies', Array.from({ length: 4_000 }, (_, index) => `v${index} = v${index + 1}`).join('\n')],
  ['procedures', Array.from({ length: 3_000 }, (_, index) => `SUB s${index}(a)\nTALK a +\nEND SUB`).join('\n')],
  ['parameters', 'PARAM a AS STRING\n'.repeat(5_000)],
  ['blocks', 'IF a THEN\n'.repeat(5_000)],
  ['quotes', '"${'.repeat(30_000)],
])(
  'a file of nothing but %s is no trouble',
  (_, text) => {
    useEverything(text, text.length >> 1);
  },
  20_000,
);

test('places outside the text and unknown files have nothing', () => {
  const analysis = new Analysis([{ name: 'a.bas', text: 'TALK 1' }], 'en');
  for (const offset of [-5, 9_999]) {
    expect(hover(analysis, 'a.bas', offset)).toBeNull();
    completions(analysis, 'a.bas', offset);
  }
  expect(completions(analysis, 'no.bas', 0).items).toEqual([]);
  expect(format(analysis, 'no.bas')).toBe('');
});
