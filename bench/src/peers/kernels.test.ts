import { compile } from 'gb-vm/compiler';
import { createTurnEngine, prepareProgram } from 'gb-vm/runtime';
import { expect, test } from 'vitest';
import { turnInput } from '../turn-input.ts';
import { dialogScript, gotoScript, timeCompile } from './compile-time.ts';
import { kernels } from './kernels.ts';
import { readRounds } from './samples.ts';

const tiny: Readonly<Record<string, number>> = { loop: 1000, fib: 12, sieve: 1000, string: 100, mandel: 20, dictionary: 5000 };

test.each(kernels.map((kernel) => [kernel.name, kernel] as const))(
  '%s computes in BASIC what it does in JavaScript',
  async (name, kernel) => {
    const n = tiny[name] ?? 3000;
    const engine = createTurnEngine();
    const { program } = await prepareProgram([{ name: 'start.bas', text: kernel.bot(n) }]);
    const output = engine.runTurn(engine.load(program!), turnInput);
    const javascript = new Function(`return ${kernel.javascript}`)() as (n: number) => number;
    expect(output.replies.map(({ text }) => Number(text))).toEqual([javascript(n)]);
  },
);

test('every kernel can wait for an answer: its main procedure is in the table of those that suspend', () => {
  for (const kernel of kernels) {
    const { program } = compile([{ name: 'start.bas', text: kernel.bot(kernel.small) }]);
    expect(JSON.parse(program!.debugMap).hears).toHaveLength(1);
  }
});

test('the scripts whose compilation is timed are taken by the compiler', () => {
  expect(timeCompile(2, dialogScript, {})).toMatchObject({ lines: 99 });
  expect(timeCompile(2, () => gotoScript(300), { profile: 'classic' })).toMatchObject({ lines: 300 });
});

test('rounds that disagree are no result', () => {
  expect(readRounds('5.0 42\n1.0 42\n3.0 42\n2.0 42\n')).toEqual({ first: 5, warm: 2, result: 42 });
  expect(() => readRounds('5.0 42\n1.0 43\n')).toThrow(/not rounds/);
  expect(() => readRounds('')).toThrow(/not rounds/);
});
