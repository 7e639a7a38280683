import { describe, expect, test } from 'vitest';
import { createTurnEngine, prepareProgram } from '../../runtime/index.ts';
import { limits, play, turnInput } from '../play.ts';

// A text in a list is a pointer there, and would be a copy outside: 3,000 times half a megabyte.
const manyTimes = 's = REPEAT("x", 500000)\nl = []\nFOR i = 1 TO 3000\nPUSH l, s\nNEXT\n';

describe('one long text in many places is not many texts', () => {
  test.each([
    'TALK JSON(l)',
    'TALK l',
    'TALK "${l}"',
    'm = SORT(l)',
    'm = UNIQUE(l)',
    'm = JOIN(l)',
    'm = FILTER(l, "x = 1")',
    'TALK CONTAINS(l, "y")',
    'SET BOT MEMORY "k", l',
    'HEAR y AS l',
  ])('%s', async (line) => {
    const { last } = await play(manyTimes + line, { input: { operations: () => ({ value: 1 }) } });
    expect(last.error?.code).toMatch(/^(out_of_memory|time_exhausted)$/);
    expect(last.error?.line).toBe(6);
  });
});

test('the choices of a menu are bounded as what is said', async () => {
  const { last } = await play('l = []\ns = REPEAT("x", 1000)\nFOR i = 1 TO 300\nPUSH l, s\nNEXT\nHEAR y AS l');
  expect(last.error).toMatchObject({ code: 'too_many_messages', line: 6 });
});

describe('litter is swept', () => {
  const small = { limits: { ...limits, memoryBytesMax: 4 * 1024 * 1024 }, operations: () => ({ value: 'a' }) };
  test('also when most of the memory holds what is kept', async () => {
    const source =
      'a = []\nFOR i = 1 TO 5\nPUSH a, REPEAT("x", 500000)\nNEXT\nFOR i = 1 TO 100000\nt = "text number " + i\nNEXT\nTALK LEN(a)';
    expect((await play(source, { input: small })).transcript).toEqual(['5']);
  });
  test('of errors that were caught', async () => {
    const source = 'FOR i = 1 TO 6000\nTRY\nx = 1 / 0\nCATCH e\nn = n + 1\nEND TRY\nNEXT\nTALK n';
    expect((await play(source, { input: { limits: { ...limits, memoryBytesMax: 2 * 1024 * 1024 } } })).transcript).toEqual([
      '6000',
    ]);
  });
  test('of operations', async () => {
    const source = 'FOR i = 1 TO 30000\nx = GET "a"\nNEXT\nTALK x';
    expect((await play(source, { input: small })).transcript).toEqual(['a']);
  });
});

test.each(['constructor', '__proto__', 'hasOwnProperty', 'toString', 'valueOf'])(
  'a variable called %s holds nothing',
  async (name) => {
    const { transcript } = await play(`TALK "[" + ${name} + ${name}.x + "]"\n${name}2 = 1`);
    expect(transcript).toEqual(['[]']);
  },
);

test('no byte of a program that failed is seen by the next', async () => {
  const failures = [
    'SECRETS = REPEAT("SECRET", 100000)\nTALK 1 / 0',
    's = "SECRET"\nDO\ns = s + s\nLOOP',
    'SUB f(s)\nf(s + "SECRET")\nHEAR x\nEND SUB\nf("SECRET")',
    's = "SECRET"\nDO\nTALK s\nLOOP',
    'o = {}\nFOR i = 1 TO 100\no["SECRET" + i] = ["SECRET" + i]\nNEXT\no.o = o\nTALK JSON(o)',
    'l = []\nDO\nPUSH l, "SECRET é🎉" + LEN(l)\nLOOP',
    'SAVE "SECRET", {a: "SECRET"}',
    'HEAR x AS ([])\nTALK "SECRET"',
  ];
  const engine = createTurnEngine();
  const load = async (text: string) => engine.load((await prepareProgram([{ name: 's.bas', text }])).program!);
  const quiet = await load('HEAR x');
  for (const text of failures) {
    expect(engine.runTurn(await load(text), turnInput()).status).toBe('failed');
    engine.runTurn(quiet, turnInput());
    const memory = Buffer.from(engine.memory.buffer);
    expect([memory.indexOf('SECRET', 'latin1'), memory.indexOf('SECRET', 'utf16le')], text).toEqual([-1, -1]);
  }
});
