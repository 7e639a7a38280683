import fc from 'fast-check';
import { expect, test } from 'vitest';
import { passagesOf } from './passages.ts';

test('headings divide, and stand over what they head', () => {
  const text =
    '# Shop\n\nWe sell tea.\n\n## Prices\n\nGreen: 10\n\n### Cheap\nDust: 1\n\n## Hours\nNine to five.\n\n# Staff\nAna';
  expect(passagesOf(text)).toEqual([
    { heading: 'Shop', text: 'We sell tea.' },
    { heading: 'Shop – Prices', text: 'Green: 10' },
    { heading: 'Shop – Prices – Cheap', text: 'Dust: 1' },
    { heading: 'Shop – Hours', text: 'Nine to five.' },
    { heading: 'Staff', text: 'Ana' },
  ]);
});

test('what looks like a heading in a block of code is none', () => {
  expect(passagesOf('a\n\n```\n# comment\n\n# another\n```\n\nb').map(({ heading }) => heading)).toEqual(['']);
});

test('a passage begins with the last sentence of the one before it', () => {
  const sentences = Array.from({ length: 60 }, (_, n) => `Sentence number ${n} says something about tea.`);
  const passages = passagesOf(sentences.join(' '));
  expect(passages.length).toBeGreaterThan(2);
  passages.slice(1).forEach((passage, index) => {
    const first = /^Sentence number \d+/.exec(passage.text)![0];
    expect(passages[index]!.text).toContain(`${first} `);
  });
});

test('whatever the text, passages are bounded and lose no word', () => {
  const piece = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.constantFrom('\n\n', '\n', '# H\n', '. ', '```\n', '\r\n', 'x'.repeat(3_000), 'word '.repeat(400)),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = pieces.join('');
      const passages = passagesOf(text);
      for (const passage of passages) {
        expect(passage.text.length).toBeLessThanOrEqual(1_600);
        expect(passage.text.trim()).not.toBe('');
      }
      const kept = passages.map(({ heading, text: one }) => `${heading} ${one}`).join(' ');
      // Only what is longer than a passage is cut, so every word of a usual length is there whole.
      for (const word of text.match(/(?<=^|\s)[a-z]{3,20}(?= )/g) ?? []) expect(kept).toContain(word);
    }),
    { numRuns: 200 },
  );
});

test('a text without any place to cut is cut anyway, in time', () => {
  expect(passagesOf('x'.repeat(4_000_000)).length).toBe(3_000);
  expect(passagesOf('a.'.repeat(500_000)).length).toBeGreaterThan(100);
  expect(passagesOf('# a\n'.repeat(200_000))).toEqual([]);
  expect(passagesOf('')).toEqual([]);
});
