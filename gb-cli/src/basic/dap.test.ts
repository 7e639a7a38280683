import { join } from 'node:path';
import type { DebugProtocol as Protocol } from '@vscode/debugprotocol';
import { expect, onTestFinished, test } from 'vitest';
import { DebugClient } from './dap/testing.ts';
import { gb, inFolder } from './testing.ts';

const script = `INCLUDE "prices.bas"
basket = []
TALK "What would you like?"
HEAR what
PUSH basket, {what: what, price: priceOf(what)}
total = 0
FOR EACH item IN basket
  total = total + item.price
NEXT
TALK "That is " + total
`;
const prices = `FUNCTION priceOf(what)
  size = LEN(what)
  RETURN size * 2
END FUNCTION
`;

async function launched(
  files: Readonly<Record<string, string>>,
  launch: object = {},
  args: readonly string[] = [],
): Promise<{ client: DebugClient; path: (name: string) => string }> {
  const folder = inFolder(files);
  const path = (name: string) => join(folder, name);
  const client = new DebugClient(args);
  onTestFinished(() => client.kill());
  await client.ask('initialize', { adapterID: 'gb', linesStartAt1: true, columnsStartAt1: true, locale: 'en' });
  await client.ask('launch', { program: path('start.bas'), ...launch });
  await client.event('initialized');
  return { client, path };
}

async function frames(client: DebugClient): Promise<string[]> {
  const { stackFrames } = await client.ask<Protocol.StackTraceResponse['body']>('stackTrace', { threadId: 1 });
  return stackFrames.map(({ name, source, line }) => `${name} ${source?.name}:${line}`);
}

const breakAt = (path: string, ...breakpoints: { line: number; condition?: string }[]) => ({ source: { path }, breakpoints });

test('a session: breakpoints, an answer from the console, calls, variables, changes, steps, and the end', async () => {
  const { client, path } = await launched({ 'start.bas': script, 'prices.bas': prices });
  const set = (file: string, ...lines: { line: number; condition?: string }[]) =>
    client.ask<Protocol.SetBreakpointsResponse['body']>('setBreakpoints', breakAt(path(file), ...lines));
  expect(await set('prices.bas', { line: 3 })).toEqual({ breakpoints: [{ verified: true, line: 3 }] });
  expect(await set('start.bas', { line: 9 }, { line: 99 })).toEqual({
    breakpoints: [
      { verified: true, line: 10 },
      { verified: false, line: 99 },
    ],
  });
  expect(await set('elsewhere.bas', { line: 1 })).toEqual({ breakpoints: [{ verified: false, line: 1 }] });
  await client.ask('configurationDone');

  await client.said('What would you like?\n');
  expect(await client.told('console')).toContain('write the answer in this console');
  await expect(client.ask('evaluate', { expression: '1 + 1', context: 'watch' })).rejects.toThrow('not stopped');
  await client.ask('evaluate', { expression: 'cake', context: 'repl' });

  expect(await client.event('stopped')).toMatchObject({ reason: 'breakpoint', threadId: 1 });
  expect(await client.ask('threads')).toEqual({ threads: [{ id: 1, name: 'BASIC' }] });
  expect(await frames(client)).toEqual(['priceOf prices.bas:3', 'main program start.bas:5']);
  const { scopes } = await client.ask<Protocol.ScopesResponse['body']>('scopes', { frameId: 0 });
  expect(scopes.map(({ name }) => name)).toEqual(['Procedure', 'Main program']);
  const variables = async (variablesReference: number) =>
    (await client.ask<Protocol.VariablesResponse['body']>('variables', { variablesReference })).variables;
  expect((await variables(scopes[0]!.variablesReference)).map(({ name, value, type }) => [name, value, type])).toEqual([
    ['what', '"cake"', 'text'],
    ['size', '4', 'number'],
  ]);
  expect(
    await client.ask('setVariable', { variablesReference: scopes[0]!.variablesReference, name: 'size', value: 'size + 1' }),
  ).toMatchObject({
    value: '5',
  });
  await expect(
    client.ask('setVariable', { variablesReference: scopes[0]!.variablesReference, name: 'what', value: '1 +' }),
  ).rejects.toThrow();
  expect(await client.ask('evaluate', { expression: 'UCASE(what) + size', frameId: 0, context: 'watch' })).toMatchObject({
    result: '"CAKE5"',
  });

  await client.ask('stepOut', { threadId: 1 });
  expect(await client.event('stopped')).toMatchObject({ reason: 'step' });
  expect(await frames(client)).toEqual(['main program start.bas:6']);
  await client.ask('next', { threadId: 1 });
  await client.event('stopped');
  const basket = await client.ask<Protocol.EvaluateResponse['body']>('evaluate', {
    expression: 'basket',
    frameId: 0,
    context: 'hover',
  });
  expect(basket).toMatchObject({ result: '[{what: "cake", price: 10}]', type: 'list', indexedVariables: 1 });
  const [item] = await variables(basket.variablesReference);
  expect(item).toMatchObject({ name: '0', evaluateName: 'basket[0]', namedVariables: 2 });
  expect((await variables(item!.variablesReference)).map(({ evaluateName }) => evaluateName)).toEqual([
    'basket[0].what',
    'basket[0].price',
  ]);
  expect(await client.ask('evaluate', { expression: 'basket[0].price = 30', frameId: 0, context: 'repl' })).toMatchObject({
    result: '30',
  });

  await client.ask('continue', { threadId: 1 });
  expect(await client.event('stopped')).toMatchObject({ reason: 'breakpoint' });
  expect(await variables(basket.variablesReference)).toEqual([]);
  expect(await client.ask('setExpression', { expression: 'total', value: 'total + 1', frameId: 0 })).toMatchObject({
    value: '31',
  });
  await client.ask('continue', { threadId: 1 });
  expect(await client.event('exited')).toEqual({ exitCode: 0 });
  await client.event('terminated');
  expect(client.output).toBe('What would you like?\nThat is 31\n');
  await client.ask('disconnect');
  expect(await client.ended).toBe(0);
});

test('stops at the entry, steps into, and where a condition holds', async () => {
  const { client, path } = await launched(
    { 'start.bas': 'FOR i = 1 TO 5\n  x = half(i)\nNEXT\nTALK x\nFUNCTION half(n)\n  RETURN n / 2\nEND FUNCTION' },
    { stopOnEntry: true },
  );
  await client.ask('setBreakpoints', breakAt(path('start.bas'), { line: 2, condition: 'i = 4' }));
  await client.ask('configurationDone');
  expect(await client.event('stopped')).toMatchObject({ reason: 'entry' });
  expect(await frames(client)).toEqual(['main program start.bas:1']);
  await client.ask('stepIn', { threadId: 1 });
  await client.event('stopped');
  await client.ask('stepIn', { threadId: 1 });
  await client.event('stopped');
  expect(await frames(client)).toEqual(['half start.bas:6', 'main program start.bas:2']);
  await client.ask('continue', { threadId: 1 });
  expect(await client.event('stopped')).toMatchObject({ reason: 'breakpoint' });
  expect(await client.ask('evaluate', { expression: 'i', frameId: 0, context: 'watch' })).toMatchObject({ result: '4' });
  expect(await client.ask('breakpointLocations', { source: { path: path('start.bas') }, line: 1, endLine: 7 })).toEqual({
    breakpoints: [{ line: 1 }, { line: 2 }, { line: 4 }, { line: 6 }],
  });
});

test('an endless loop is paused, and ends when it is told to', async () => {
  const { client } = await launched({ 'start.bas': 'DO\n  n = n + 1\nLOOP' });
  await client.ask('configurationDone');
  await client.ask('pause', { threadId: 1 });
  expect(await client.event('stopped')).toMatchObject({ reason: 'pause' });
  await client.ask('continue', { threadId: 1 });
  await client.ask('terminate');
  await client.event('terminated');
  await client.ask('disconnect');
  expect(await client.ended).toBe(0);
});

test('an error stops at its line with its sentence, and then ends the program', async () => {
  const { client } = await launched({ 'start.bas': 'n = VAL("0")\nTALK "before"\nx = 1 / n' }, {}, ['--locale', 'pt-BR']);
  await client.ask('configurationDone');
  expect(await client.event('stopped')).toMatchObject({ reason: 'exception', text: expect.stringContaining('linha 3') });
  expect(await frames(client)).toEqual(['programa principal start.bas:3']);
  expect(await client.ask('evaluate', { expression: 'n', frameId: 0, context: 'watch' })).toMatchObject({ result: '0' });
  await client.ask('continue', { threadId: 1 });
  expect(await client.event('exited')).toEqual({ exitCode: 1 });
  expect(client.output).toBe('before\n');
});

test('what cannot be launched is refused with the reason', async () => {
  const folder = inFolder({ 'bad.bas': 'FOR i = 1 TO 2\nTALK i' });
  const client = new DebugClient();
  onTestFinished(() => client.kill());
  await client.ask('initialize', { adapterID: 'gb' });
  await expect(client.ask('launch', { program: join(folder, 'bad.bas') })).rejects.toThrow('does not compile');
  expect(await client.told('stderr')).toContain('error missing_next');
  await expect(client.ask('launch', { program: join(folder, 'none.bas') })).rejects.toThrow('There is no');
  await expect(client.ask('launch', {})).rejects.toThrow('needs a "program"');
  await expect(client.ask('launch', { program: join(folder, 'bad.bas'), profile: 'c' })).rejects.toThrow('profile must be');
  client.hangUp();
  expect(await client.ended).toBe(0);
});

test('a package runs its start.bas, with line numbers in the old dialects', async () => {
  const folder = inFolder({
    'a.gbai/x.gbdialog/start.bas': 'TALK "hi from the package"',
    'old.bas': '10 LET A(1)=5\n20 PRINT A(1)\n30 END',
  });
  const client = new DebugClient();
  onTestFinished(() => client.kill());
  await client.ask('initialize', { adapterID: 'gb' });
  await client.ask('launch', { program: join(folder, 'a.gbai') });
  await client.ask('configurationDone');
  await client.said('hi from the package\n');
  await client.event('terminated');

  const old = new DebugClient();
  onTestFinished(() => old.kill());
  await old.ask('initialize', { adapterID: 'gb' });
  await old.ask('launch', { program: join(folder, 'old.bas'), profile: 'classic' });
  await old.ask('setBreakpoints', breakAt(join(folder, 'old.bas'), { line: 2 }));
  await old.ask('configurationDone');
  await old.event('stopped');
  expect(await old.ask('evaluate', { expression: 'a(1)', frameId: 0, context: 'watch' })).toMatchObject({ result: '5' });
});

test('wrong use is told', async () => {
  expect(await gb(['basic', 'dap', 'file.bas'])).toMatchObject({ code: 2, err: expect.stringContaining('takes no files') });
});
