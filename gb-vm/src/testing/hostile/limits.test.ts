import { describe, expect, test } from 'vitest';
import type { Operations } from '../../runtime/engine.ts';
import { limits, play } from '../play.ts';

const short = { ...limits, wallMsMax: 300 };
const one: Operations = () => ({ value: 1 });

/** Ends by one of its limits, and not long after the time it may take. */
async function isStopped(source: string, code: RegExp, operations: Operations = one): Promise<void> {
  const start = performance.now();
  const { last } = await play(source, { input: { limits: short, operations } });
  expect(last.error?.code).toMatch(code);
  expect(last.error?.line).toBeGreaterThan(0);
  expect(performance.now() - start).toBeLessThan(5000);
}

describe('no handler holds a limit back', () => {
  test.each([
    ['an endless loop', 'TRY\nDO\nLOOP\nCATCH e\nTALK "on"\nEND TRY', /^(fuel|time)_exhausted$/],
    ['a hog', 'DO\nTRY\na = "x"\nDO\na = a + a\nLOOP\nCATCH e\nEND TRY\nLOOP', /^out_of_memory$/],
    ['a recursion', 'ON ERROR RESUME NEXT\nFUNCTION g(n)\nRETURN g(n + 1)\nEND FUNCTION\nTALK g(1)', /^recursion_too_deep$/],
    ['one that waits', 'SUB f()\nTRY\nf()\nCATCH e\nf()\nEND TRY\nHEAR x\nEND SUB\nf()', /^recursion_too_deep$/],
    ['a flood', 'ON ERROR RESUME NEXT\nDO\nTALK "x"\nLOOP', /^too_many_messages$/],
    ['a printed flood', 'ON ERROR RESUME NEXT\nDO\nPRINT "12345678901234567890"\nLOOP', /^too_many_messages$/],
  ])('%s', (_, source, code) => isStopped(source, code));
});

describe('whatever a turn stops for, it meets its time', () => {
  test.each([
    ['errors that are caught', 'DO\nTRY\nx = 1 / 0\nCATCH e\nEND TRY\nLOOP'],
    ['errors that are passed over', 'ON ERROR RESUME NEXT\nDO\nx = 1 / 0\nLOOP'],
    ['errors with a long text', 'again:\nTRY\nTHROW REPEAT("x", 900000)\nCATCH e\nGOTO again\nEND TRY'],
    ['operations', 'DO\nx = GET "a"\nLOOP'],
    ['operations with much to say', 'l = []\nFOR i = 1 TO 50000\nPUSH l, "text " + i\nNEXT\nDO\nSET BOT MEMORY "k", l\nLOOP'],
  ])('%s', (_, source) => isStopped(source, /^time_exhausted$/));

  test('operations that are slow themselves', () =>
    isStopped('DO\nx = GET "a"\nLOOP', /^time_exhausted$/, () => {
      for (const until = performance.now() + 40; performance.now() < until; );
      return { value: 1 };
    }));
});

test('what an operation is given is charged by its size', async () => {
  const source = (count: number) => `l = []\nFOR i = 1 TO ${count}\nPUSH l, i\nNEXT\nSET BOT MEMORY "k", l`;
  const fuel = async (count: number) => (await play(source(count), { input: { operations: one } })).last.fuelUsed;
  const [none, many] = [await fuel(0), await fuel(40_000)];
  // Two for each round of the loop, and the list.
  expect(many - none).toBeGreaterThan(2 * 40_000 + 4000);
});

test('the text of an error stays readable', async () => {
  const { last } = await play('THROW REPEAT("x", 900000)');
  expect(last.error?.code).toBe('thrown');
  expect(last.error!.message.length).toBeLessThan(1200);
});
