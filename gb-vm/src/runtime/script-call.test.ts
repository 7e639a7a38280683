import type { OperationResult } from 'gb-core';
import { expect, test } from 'vitest';
import { compile } from '../compiler/index.ts';
import { turnInput } from '../testing/play.ts';
import { createTurnEngine, programHash } from './index.ts';

/** What start.bas says beside other scripts, with `RUN SCRIPT` answered by the sum of its values; errors by code and line. */
async function said(source: string, others: Readonly<Record<string, string>>): Promise<string[]> {
  const files = [{ name: 'start.bas', text: source }, ...Object.entries(others).map(([name, text]) => ({ name: name, text }))];
  const { program, diagnostics } = compile(files);
  if (!program) return diagnostics.map(({ code, line, message }) => `${line} ${code}: ${message}`);
  const compiled = { ...program, hash: await programHash(program.wasm, program.debugMap) };
  const lines: string[] = [];
  let input = turnInput({ takesRequests: true });
  for (;;) {
    const engine = createTurnEngine();
    const output = engine.runTurn(engine.load(compiled), input);
    lines.push(...output.replies.map(({ text }) => text));
    if (output.error) lines.push(`! ${output.error.code}`);
    if (!output.request) return lines;
    const { name, args } = output.request;
    lines.push(`? ${name} ${JSON.stringify(args)}`);
    const values = (args['args'] ?? []) as readonly number[];
    const result: OperationResult = { value: values.reduce((sum, one) => sum + one, 0) };
    input = turnInput({ takesRequests: true, snapshot: output.snapshot, result });
  }
}

const sum = { 'tools/AddUp.bas': 'PARAM a AS NUMBER\nPARAM b AS NUMBER\nRETURN a + b' };

test('a script is called like a FUNCTION, in any case and wherever a value stands', async () => {
  expect(await said('r = addup(1, 2)\nTALK r + ADDUP(r, 4)', sum)).toEqual([
    '? RUN SCRIPT {"script":"addup","args":[1,2]}',
    '? RUN SCRIPT {"script":"ADDUP","args":[3,4]}',
    '10',
  ]);
  expect(await said('TALK "It is ${addup(20, 22)}."', sum)).toEqual([
    '? RUN SCRIPT {"script":"addup","args":[20,22]}',
    'It is 42.',
  ]);
  expect(await said('IF addup() = 0 THEN TALK "none"', sum)).toEqual(['? RUN SCRIPT {"script":"addup"}', 'none']);
  expect(await said('FUNCTION twice(n)\n  RETURN addup(n, n)\nEND FUNCTION\nTALK twice(4)', sum)).toEqual([
    '? RUN SCRIPT {"script":"addup","args":[4,4]}',
    '8',
  ]);
});

test('and like a SUB', async () => {
  expect(await said('addup 1, 2\naddup(3, 4)\naddup\nTALK "done"', sum)).toEqual([
    '? RUN SCRIPT {"script":"addup","args":[1,2]}',
    '? RUN SCRIPT {"script":"addup","args":[3,4]}',
    '? RUN SCRIPT {"script":"addup"}',
    'done',
  ]);
});

test('whatever the program calls so comes first: a FUNCTION, an included one, a list, a PARAM', async () => {
  expect(await said('FUNCTION addup(a, b)\n  RETURN "mine"\nEND FUNCTION\nTALK addup(1, 2)', sum)).toEqual(['mine']);
  const lib = { 'lib.bas': 'FUNCTION addup(a, b)\n  RETURN "included"\nEND FUNCTION' };
  expect(await said('INCLUDE "lib.bas"\nTALK addup(1, 2)', { ...sum, ...lib })).toEqual(['included']);
  expect(await said('addup = [5, 6]\nTALK addup(1)', sum)).toEqual(['6']);
  expect(await said('DIM addup(3)\naddup(1) = 7\nTALK addup(1)', sum)).toEqual(['7']);
  expect(await said('TALK LEN("abc")', { 'len.bas': 'RETURN 1' })).toEqual(['3']);
});

test('CALL finds it too in a script that includes others', async () => {
  expect(await said('INCLUDE "lib.bas"\nx = CALL addup(1, 2)\nTALK x', { ...sum, 'lib.bas': 'y = 1' })).toEqual([
    '? RUN SCRIPT {"script":"addup","args":[1,2]}',
    '3',
  ]);
});

test('a name that is nearly a script is told so; one that is none at all is still a mistake', async () => {
  const [near] = await said('r = prices("tea")', { 'price.bas': 'RETURN 1' });
  expect(near).toMatch(/^1 unknown_procedure: .*price/);
  expect((await said('r = nothing(1)', sum))[0]).toMatch(/^1 unknown_procedure/);
  // A name alone is a value that nobody gave: no script is run by looking at it.
  expect(await said('TALK "[" + addup + "]"', sum)).toEqual(['[]']);
});
