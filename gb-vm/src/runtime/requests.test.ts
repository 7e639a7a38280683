import type { OperationResult } from 'gb-core';
import { expect, test } from 'vitest';
import { compile } from '../compiler/index.ts';
import { turnInput } from '../testing/play.ts';
import { createTurnEngine, programHash } from './index.ts';

/** Each turn in an engine of its own, as after a restart: requests are done by `host`, HEARs are answered with `yes`. */
async function converse(source: string, host: (name: string, args: unknown) => OperationResult): Promise<string[]> {
  const { program, diagnostics } = compile([{ name: 'start.bas', text: source }]);
  if (!program) throw new Error(JSON.stringify(diagnostics));
  const compiled = { ...program, hash: await programHash(program.wasm, program.debugMap) };
  const said: string[] = [];
  let input = turnInput({ takesRequests: true });
  for (let turns = 0; turns < 50; turns++) {
    const engine = createTurnEngine({ sliceFuel: 3 });
    const output = engine.runTurn(engine.load(compiled), input);
    said.push(...output.replies.map(({ text }) => text));
    if (output.error) said.push(`! ${output.error.code} ${output.error.line}`);
    if (output.status !== 'waiting') return said;
    const result = output.request ? host(output.request.name, output.request.args) : null;
    if (output.request) said.push(`? ${output.request.name} ${JSON.stringify(output.request.args)}`);
    input = turnInput({ takesRequests: true, snapshot: output.snapshot, result, answer: output.request ? null : 'yes' });
  }
  throw new Error('it never ended');
}

test('a program waits for its host as it waits for a person', async () => {
  const source = `total = 1
FUNCTION visits(name)
  RETURN FIND("visits", "name=" + name)
END FUNCTION
FOR i = 1 TO 2
  row = visits("n" + i)
  total = total + row.count
NEXT
TALK "sum"
HEAR sure
SET BOT MEMORY "last", total
TALK total + sure`;
  const said = await converse(source, (name) => (name === 'FIND' ? { value: [{ count: 10 }] } : { value: null }));
  expect(said).toEqual([
    '? FIND {"table":"visits","filters":["name=n1"]}',
    '? FIND {"table":"visits","filters":["name=n2"]}',
    'sum',
    '? SET BOT MEMORY {"key":"last","value":21}',
    '21yes',
  ]);
});

test('what the host cannot do is an error where it was asked for', async () => {
  const source = `TRY
  x = LLM "hello"
CATCH e
  TALK e.code + " " + e.line
END TRY
ON ERROR RESUME NEXT
y = GET "https://example.com"
TALK ERROR MESSAGE
SEND MAIL "a@b.c", "s", "t"
ON ERROR GOTO 0
SEND MAIL "a@b.c", "s", "t"`;
  const said = await converse(source, (name) => (name === 'GET' ? { error: 'no route to it' } : { unavailable: true }));
  expect(said.filter((line) => !line.startsWith('?'))).toEqual([
    'operation_unavailable 2',
    'GET failed: no route to it',
    '! operation_unavailable 11',
  ]);
});

test('an answer of a person is no result', async () => {
  const { program } = compile([{ name: 'start.bas', text: 'x = FIND "t"\nTALK "on"' }]);
  const compiled = { ...program!, hash: await programHash(program!.wasm, program!.debugMap) };
  const engine = createTurnEngine();
  const first = engine.runTurn(engine.load(compiled), turnInput({ takesRequests: true }));
  expect(first.request).toEqual({ name: 'FIND', args: { table: 't' } });
  const second = engine.runTurn(engine.load(compiled), turnInput({ snapshot: first.snapshot, answer: 'hello' }));
  expect(second.error?.code).toBe('snapshot_invalid');
});

test('without a host to take requests, the keyword is an error', async () => {
  const { program } = compile([{ name: 'start.bas', text: 'x = FIND "t"' }]);
  const compiled = { ...program!, hash: await programHash(program!.wasm, program!.debugMap) };
  const engine = createTurnEngine();
  expect(engine.runTurn(engine.load(compiled), turnInput()).error?.code).toBe('operation_unavailable');
});
