import type { TurnOutput } from 'gb-core';
import { expect, test } from 'vitest';
import { createTurnEngine, prepareProgram } from '../../runtime/index.ts';
import { limits, turnInput } from '../play.ts';

async function sideBySide(sources: readonly string[], sliceFuel = 1000): Promise<TurnOutput[]> {
  const engine = createTurnEngine({ sliceFuel });
  const operations = (name: string) => ({ value: name === 'GET' ? { text: 'from outside', list: [1, 'two'] } : null });
  const turns = [];
  for (const text of sources) {
    const { program } = await prepareProgram([{ name: 'start.bas', text }]);
    turns.push(engine.begin(engine.load(program!), turnInput({ operations, limits: { ...limits, memoryBytesMax: 2e6 } })));
  }
  while (turns.some((turn) => !turn.output)) for (const turn of turns) engine.step(turn);
  return turns.map((turn) => turn.output!);
}

test('what an operation gave survives the turns of others', async () => {
  const source = 'x = GET "a"\ny = GET "b"\nTALK x.text + " " + y.list[1]';
  const outputs = await sideBySide([source, source, 'FOR i = 1 TO 20000\nx = x + "a"\nNEXT']);
  expect(outputs.slice(0, 2).map(({ replies }) => replies)).toEqual([
    [{ text: 'from outside two' }],
    [{ text: 'from outside two' }],
  ]);
});

test('a program that is refused more memory does not take its neighbour along', async () => {
  const [hog, good] = await sideBySide(['a = "x"\nDO\na = a + a\nLOOP', 'FOR i = 1 TO 50000\ns = "n" + i\nNEXT\nTALK s']);
  expect(hog!.error?.code).toBe('out_of_memory');
  expect(good!.replies).toEqual([{ text: 'n50000' }]);
});

test('a conversation goes on only in the program it began in', async () => {
  const engine = createTurnEngine();
  const load = async (text: string) => engine.load((await prepareProgram([{ name: 's.bas', text }])).program!);
  const first = engine.runTurn(await load('a = "mine"\nHEAR x\nTALK a'), turnInput());
  const other = await load('a = "other"\nHEAR x\nTALK a');
  const stolen = engine.runTurn(other, turnInput({ snapshot: first.snapshot, answer: 'x' }));
  expect(stolen).toMatchObject({ status: 'failed', error: { code: 'snapshot_invalid' }, replies: [] });
});
