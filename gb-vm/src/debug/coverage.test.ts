import { expect, test } from 'vitest';
import { createTurnEngine } from '../runtime/in-process.ts';
import { turnInput } from '../testing/play.ts';
import { Coverage } from './coverage.ts';
import { prepareStepping } from './program.ts';

test('the lines that ran and those that did not, by script', async () => {
  const files = [
    {
      name: 'start.bas',
      text: 'INCLUDE "parts.bas"\nHEAR n AS NUMBER\nIF n > 5 THEN\n  TALK big(n)\nELSE\n  TALK "small"\nEND IF\nFOR i = 1 TO 0\n  TALK i\nNEXT',
    },
    {
      name: 'parts.bas',
      text: "' a remark\nFUNCTION big(n)\n  x = n * 2\n  RETURN x\nEND FUNCTION\n\nFUNCTION never()\n  RETURN 1\nEND FUNCTION",
    },
  ];
  const { program } = await prepareStepping(files);
  const engine = createTurnEngine();
  const coverage = new Coverage(program!);
  const look = coverage.watch(engine);
  let input = turnInput();
  for (const answer of ['7', '']) {
    const turn = engine.begin(engine.load(program!), input);
    while (!turn.output) {
      engine.step(turn);
      look();
    }
    input = { ...input, snapshot: turn.output.snapshot, answer };
    if (turn.output.status !== 'waiting') break;
  }
  expect(coverage.files()).toEqual([
    { file: 'start.bas', lines: [2, 3, 4, 6, 8, 9], covered: [2, 3, 4, 8] },
    { file: 'parts.bas', lines: [3, 4, 8], covered: [3, 4] },
  ]);
});
