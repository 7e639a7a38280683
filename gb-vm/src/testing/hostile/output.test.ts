import { expect, test } from 'vitest';
import { play } from '../play.ts';

/** What is far from linear takes minutes for these, not a second. */
async function inTime(source: string): Promise<string[]> {
  const start = performance.now();
  const { transcript } = await play(source);
  expect(performance.now() - start).toBeLessThan(3000);
  return transcript;
}

test('a long run of blanks inside what is printed costs no more than other text', async () => {
  const [text] = await inTime('FOR i = 1 TO 1000\nPRINT SPC(200);\nNEXT\nPRINT "x"');
  expect(text).toHaveLength(200_001);
});

test('line ends alone are no message', async () => {
  expect(await inTime('FOR i = 1 TO 100000\nPRINT\nNEXT')).toEqual([]);
});

test('a mask of half a megabyte is read once', async () => {
  expect((await inTime('PRINT USING REPEAT("#_x!", 125000); 1, "2", 3'))[0]).toBe('1x23x');
});
