import { describe, expect, test } from 'vitest';
import { limits, play, turnInput } from '../testing/play.ts';
import { createTurnEngine, prepareProgram } from './index.ts';

/** Source, the error, and where. */
const cases: readonly (readonly [string, string])[] = [
  ['x = 1\nTALK x / 0', 'division_by_zero start.bas:2:6'],
  ['x = 0\ny = 5 MOD x', 'division_by_zero start.bas:2:5'],
  ['x = 0\ny = 5 \\ x', 'division_by_zero start.bas:2:5'],
  ['DIM a(3)\nFOR i = 0 TO 9\n  a(i) = 1\nNEXT', 'subscript_out_of_range start.bas:3:3'],
  ['DIM a(3)\nTALK a(-1)', 'subscript_out_of_range start.bas:2:6'],
  ['a = [1]\nTALK a[1]', 'subscript_out_of_range start.bas:2:6'],
  ['a = []\na[20000] = 1', 'subscript_out_of_range start.bas:2:1'],
  ['DIM a(-1)', 'subscript_out_of_range start.bas:1:1'],
  ['DIM a(3)\nPUSH a, "x"', 'subscript_out_of_range start.bas:2:1'],
  ['x = "abc"\nTALK x * 2', 'type_mismatch start.bas:2:6'],
  ['x = {a: 1}\nTALK x + 1', 'type_mismatch start.bas:2:6'],
  ['x = 5\nx.y = 1', 'type_mismatch start.bas:2:1'],
  ['x = 5\nTALK x[1]', 'type_mismatch start.bas:2:6'],
  ['FOR EACH i IN 5\nNEXT', 'type_mismatch start.bas:1:15'],
  ['TALK JOIN(5)', 'type_mismatch start.bas:1:6'],
  ['TALK KEYS([])', 'type_mismatch start.bas:1:6'],
  ['TALK MAX(["x"])', 'type_mismatch start.bas:1:6'],
  ['TALK SQR(-1)', 'illegal_argument start.bas:1:6'],
  ['TALK LOG(0)', 'illegal_argument start.bas:1:6'],
  ['TALK MID("abc", 0)', 'illegal_argument start.bas:1:6'],
  ['TALK ASC("")', 'illegal_argument start.bas:1:6'],
  ['TALK CHR(-1)', 'illegal_argument start.bas:1:6'],
  ['TALK SPACE(-1)', 'illegal_argument start.bas:1:6'],
  ['TALK MIN([])', 'illegal_argument start.bas:1:6'],
  ['TALK RANDOM(3, 1)', 'illegal_argument start.bas:1:6'],
  ['TALK DATEADD(TODAY, 1, "moons")', 'type_mismatch start.bas:1:6'],
  ['o = {}\no.self = o\nTALK JSON(o)', 'illegal_argument start.bas:3:6'],
  ['TALK YEAR("soon")', 'invalid_date start.bas:1:6'],
  ['TALK PARSE("{")', 'invalid_json start.bas:1:6'],
  ['HEAR x AS ([])', 'type_mismatch start.bas:1:1'],
  ['TALK REPEAT("x", 2000000)', 'out_of_memory start.bas:1:6'],
  ['DIM a(100000000)', 'out_of_memory start.bas:1:1'],
  ['a = "x"\nDO\n  a = a + a\nLOOP', 'out_of_memory start.bas:3:3'],
  ['l = []\nDO\n  PUSH l, "some text " + LEN(l)\nLOOP', 'out_of_memory start.bas:3:3'],
  ['SUB f()\nDO\nLOOP\nEND SUB\nTALK "before"\nf()', 'fuel_exhausted start.bas:2:1'],
  ['FOR i = 1 TO 3\n  WHILE TRUE\n  WEND\nNEXT', 'fuel_exhausted start.bas:2:3'],
  ['DO\nTALK "spam"\nLOOP', 'too_many_messages start.bas:2:1'],
  ['FUNCTION f(n)\n  RETURN f(n + 1)\nEND FUNCTION\nTALK f(1)', 'recursion_too_deep start.bas:1:10'],
  ['SUB f(n)\n  f(n + 1)\n  HEAR x\nEND SUB\nf(1)', 'recursion_too_deep start.bas:2:3'],
  [
    'FUNCTION a(n)\nRETURN b(n)\nEND FUNCTION\nFUNCTION b(n)\nRETURN a(n)\nEND FUNCTION\nTALK a(1)',
    'recursion_too_deep start.bas:1:10',
  ],
];

test.each(cases)('%j stops with %s', async (source, wanted) => {
  const { transcript, last } = await play(source, { engine: { sliceFuel: 50_000 } });
  expect(transcript.at(-1)).toBe(`! ${wanted}`);
  expect(last).toMatchObject({ status: 'failed', snapshot: null });
});

describe('the sentence of an error', () => {
  test('names file, line and statement in the language of the turn', async () => {
    const english = await play('TALK 1 / 0');
    expect(english.last.error?.message).toBe('A number was divided by zero. (start.bas, line 1, TALK)');
    const portuguese = await play('x = "a"\nTALK x * 1', { input: { locale: 'pt-BR' } });
    expect(portuguese.last.error?.message).toBe('Foi dado "a" onde era preciso um número. (start.bas, linha 2, TALK)');
  });
  test('says which element and which function, where that is known', async () => {
    const said = async (source: string, locale: 'en' | 'pt-BR' = 'en'): Promise<string | undefined> =>
      (await play(source, { input: { locale } })).last.error?.message.replace(/ \(.*/, '');
    expect(await said('a = ["x", "y"]\nTALK a[2]')).toBe('There is no element 2: the list has 2, counted from 0.');
    expect(await said('a = ["x"]\na[-1] = 5', 'pt-BR')).toBe('Não existe o elemento -1: a lista tem 1, contados a partir de 0.');
    expect(await said('a = ["x"]\nREMOVE a, 7')).toBe('There is no element 7: the list has 1, counted from 0.');
    expect(await said('DIM a(3)\nPUSH a, "x"')).toBe('There is no element 4: the list has 4, counted from 0.');
    expect(await said('TALK SPACE(-1)')).toBe('SPACE was given a value it cannot use.');
    expect(await said('x = MID("abc", 0)', 'pt-BR')).toBe('MID recebeu um valor que não pode usar.');
    expect(await said('DIM a(-1)')).toBe('There is no element with this index.');
  });
  test('what a program throws is not translated', async () => {
    const { last } = await play('THROW "constructor"', { input: { locale: 'pt-BR' } });
    expect(last.error?.message).toBe('constructor (start.bas, linha 1, THROW)');
    expect((await play('THROW "null"', { input: { locale: 'pt-BR' } })).last.error?.message).toContain('null');
  });
  test('in an included script, that script is named', async () => {
    const files = [
      { name: 'start.bas', text: 'INCLUDE "b.bas"' },
      { name: 'b.bas', text: "' one\nTALK 1 / 0" },
    ];
    expect((await play(files)).last.error).toMatchObject({ file: 'b.bas', line: 2, column: 6 });
  });
});

describe('limits', () => {
  test('what was said before a failure is kept', async () => {
    expect((await play('TALK "a"\nTALK 1 / 0')).transcript[0]).toBe('a');
  });
  test('a snapshot larger than allowed is refused', async () => {
    const { last } = await play('a = REPEAT("x", 5000)\nHEAR b\nTALK a', {
      input: { limits: { ...limits, snapshotBytesMax: 1000 } },
    });
    expect(last.error?.code).toBe('snapshot_too_large');
  });
  test('time is limited too', async () => {
    const { last } = await play('DO\nLOOP', { input: { limits: { ...limits, fuelMax: 1e15, wallMsMax: 30 } } });
    expect(last.error).toMatchObject({ code: 'time_exhausted', line: 1 });
  });
  test('work that grows with its data is charged', async () => {
    const { last } = await play('a = REPEAT("x", 500000)\nDO\n  b = REPLACE(a, "y", "z")\n  IF b = "" THEN EXIT DO\nLOOP', {
      input: { limits: { ...limits, fuelMax: 1_000_000 } },
    });
    expect(last.error?.code).toBe('fuel_exhausted');
    expect(last.fuelUsed).toBeLessThan(1_100_000);
  });
  test('litter is swept while a loop runs on', async () => {
    const { transcript } = await play(
      'DIM keep$(10)\nFOR i = 1 TO 300000\n  t = "text number " + i\n  IF i MOD 30000 = 0 THEN keep$(i / 30000) = t\nNEXT\nTALK keep$(1) + ", " + keep$(10)',
      {
        input: { limits: { ...limits, memoryBytesMax: 2 * 1024 * 1024 } },
      },
    );
    expect(transcript).toEqual(['text number 30000, text number 300000']);
  });
  test('loops inside loops and branches give way after every slice', async () => {
    const text =
      'FOR i = 1 TO 1e9\n  IF i > 0 THEN\n    FOR EACH k IN [1, 2]\n      j = 0\n      WHILE j < 1e9\n        j = j + 1\n      WEND\n    NEXT\n  END IF\nNEXT';
    const { program } = await prepareProgram([{ name: 's.bas', text }]);
    const engine = createTurnEngine({ sliceFuel: 1000 });
    const turn = engine.begin(engine.load(program!), turnInput({ limits: { ...limits, fuelMax: 10_000 } }));
    let steps = 0;
    for (; !turn.output; steps++) engine.step(turn);
    expect(steps).toBe(10);
    expect(turn.output.error).toMatchObject({ code: 'fuel_exhausted', line: 5 });
  });
  test('fuel is counted', async () => {
    expect((await play('FOR i = 1 TO 1000\nNEXT')).last.fuelUsed).toBeGreaterThanOrEqual(1000);
  });
});

test('the calls that led to a failure name their script where it is another one', async () => {
  const { program } = await prepareProgram([
    { name: 'start.bas', text: 'INCLUDE "share.bas"\nFUNCTION each(n)\n  RETURN share(n)\nEND FUNCTION\nTALK each(0)' },
    {
      name: 'share.bas',
      text: 'FUNCTION half(n)\n  RETURN 5 / n\nEND FUNCTION\nFUNCTION share(n)\n  RETURN half(n)\nEND FUNCTION',
    },
  ]);
  const engine = createTurnEngine();
  const { error } = engine.runTurn(engine.load(program!), turnInput());
  expect(error?.message).toMatch(/\(share\.bas, line 2, RETURN; called from line 5, start\.bas line 3, line 5\)$/);
});

test('after a failure the engine runs the next turn as if nothing had been', async () => {
  const engine = createTurnEngine();
  const [bad, good] = await Promise.all(
    ['a = "x"\nDO\na = a + a\nLOOP', 'x = 1\nTALK x + 1'].map(
      async (text) => (await prepareProgram([{ name: 's.bas', text }])).program!,
    ),
  );
  for (let round = 0; round < 3; round++) {
    expect(engine.runTurn(engine.load(bad!), turnInput()).error?.code).toBe('out_of_memory');
    expect(engine.runTurn(engine.load(good!), turnInput()).replies).toEqual([{ text: '2' }]);
  }
});
