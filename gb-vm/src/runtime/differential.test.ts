import type { TurnOutput } from 'gb-core';
import { expect, test } from 'vitest';
import { compile } from '../compiler/index.ts';
import { random } from '../compiler/testing/random.ts';
import { limits, turnInput } from '../testing/play.ts';
import { randomProgram } from '../testing/random-program.ts';
import { createTurnEngine, programHash, type TurnEngine } from './index.ts';

type Build = 'normal' | 'resumable' | 'step';

/** Two conversations of one program, slice by slice in turns, so that every slice goes through an image and wiped memory. */
function* alternate(
  engine: TurnEngine,
  loaded: Parameters<TurnEngine['begin']>[0],
  inputs: Parameters<TurnEngine['begin']>[1][],
): Generator<never, TurnOutput[]> {
  const turns = inputs.map((input) => engine.begin(loaded, input));
  while (turns.some((turn) => !turn.output)) for (const turn of turns) engine.step(turn);
  return turns.map((turn) => turn.output!);
}

async function transcript(
  source: string,
  answers: readonly string[],
  build: Build,
  sliceFuel: number,
  isFresh: boolean,
): Promise<string[]> {
  const { program, diagnostics } = compile([{ name: 'start.bas', text: source }], { build });
  if (!program) throw new Error(`${JSON.stringify(diagnostics)}\n${source}`);
  const compiled = { ...program, hash: await programHash(program.wasm, program.debugMap) };
  let engine = createTurnEngine({ sliceFuel });
  const said: string[] = [];
  let input = turnInput({ limits: { ...limits, snapshotBytesMax: 8_000_000 } });
  for (const answer of answers) {
    const [first, second] = alternate(engine, engine.load(compiled), [input, input]).next().value as unknown as [
      TurnOutput,
      TurnOutput,
    ];
    expect(second.replies).toEqual(first.replies);
    expect(second.snapshot).toEqual(first.snapshot);
    said.push(...first.replies.map((reply) => reply.text));
    if (first.error) said.push(`! ${first.error.code} ${first.error.line}`);
    if (first.status !== 'waiting') return said;
    said.push(`< ${answer}`);
    if (isFresh) engine = createTurnEngine({ sliceFuel });
    input = { ...input, snapshot: first.snapshot, answer: answer || 'empty' };
  }
  return said;
}

test('random programs say the same plain, as state machines, and stopped after every statement', {
  timeout: 24 * 3_600_000,
}, async () => {
  const end = performance.now() + Number(process.env['GB_FUZZ_MS'] ?? 6000);
  let count = 0;
  for (let seed = 1; performance.now() < end; seed++, count++) {
    const { source, answers } = randomProgram(random(seed));
    const plain = await transcript(source, answers, 'normal', 1_000_000, false);
    const label = `seed ${seed}\n${source}`;
    expect(await transcript(source, answers, 'normal', 3, false), label).toEqual(plain);
    expect(await transcript(source, answers, 'resumable', 1_000_000, false), label).toEqual(plain);
    expect(await transcript(source, answers, 'step', 1, seed % 8 === 0), label).toEqual(plain);
  }
  expect(count).toBeGreaterThan(10);
});

test('a large heap of every kind of object survives being moved between slices', async () => {
  const source = `rows = []
index = {}
text = ""
DIM grid(2000)
FOR i = 1 TO 2000
  PUSH rows, {id: i, name: "name " + i, tags: [i, "t" + i, {deep: [NULL, TRUE]}]}
  index["key" + (i MOD 300)] = rows[i - 1]
  text = text + LEFT("é🎉x", i MOD 4)
  grid(i) = i * 2
  IF i MOD 500 = 0 THEN litter = REPEAT("z", 90000)
NEXT
sum = 0
FOR EACH row IN rows
  sum = sum + row.id + LEN(row.name) + row.tags[0] + LEN(row.tags[2].deep)
NEXT
index.key7.name = "changed"
TALK sum + " " + LEN(text) + " " + grid(1999) + " " + rows[1806].name + " " + LEN(index)
HEAR x
TALK rows[1806].name + RIGHT(text, 3) + x`;
  const plain = await transcript(source, ['end', ''], 'normal', 1_000_000, false);
  expect(plain).toEqual(['4022893 3000 3998 changed 300', '< end', 'changedé🎉end']);
  expect(await transcript(source, ['end', ''], 'normal', 400, true)).toEqual(plain);
});
