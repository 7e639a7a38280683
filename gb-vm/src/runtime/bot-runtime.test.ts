import { readdirSync } from 'node:fs';
import { getPriority } from 'node:os';
import type { BotRuntime, CompiledProgram, PlainValue, TurnInput } from 'gb-core';
import { afterEach, expect, test } from 'vitest';
import { limits, turnInput } from '../testing/play.ts';
import { type BotRuntimeOptions, createBotRuntime, prepareProgram, RuntimeClosed, RuntimeOverloaded } from './index.ts';

let runtime: BotRuntime | null = null;
afterEach(async () => {
  await runtime?.close();
  runtime = null;
});

const start = (options: BotRuntimeOptions): BotRuntime => (runtime = createBotRuntime(options));

async function prepared(text: string): Promise<CompiledProgram> {
  const { program, diagnostics } = await prepareProgram([{ name: 'start.bas', text }]);
  if (!program) throw new Error(JSON.stringify(diagnostics));
  return program;
}

const turn = (program: CompiledProgram, changes: Partial<TurnInput> = {}): TurnInput => ({
  ...turnInput(),
  program: { hash: program.hash, load: async () => program },
  ...changes,
});

test('a conversation runs turn by turn on any worker', async () => {
  const bots = start({ workers: 2 });
  const program = await prepared('TALK "name?"\nHEAR name\nTALK "Hi ${name}"');
  const first = await bots.runTurn(turn(program));
  expect(first).toMatchObject({ status: 'waiting', replies: [{ text: 'name?' }] });
  const second = await bots.runTurn(turn(program, { snapshot: first.snapshot, answer: 'Ana' }));
  expect(second).toMatchObject({ status: 'finished', snapshot: null, replies: [{ text: 'Hi Ana' }], error: null });
});

// Elsewhere threads have no priorities of their own.
test.runIf(process.platform === 'linux')('programs run behind everything else of the process', async () => {
  const behind = () =>
    readdirSync('/proc/self/task').filter((id) => getPriority(Number(id)) === getPriority(process.pid) + 5).length;
  const before = behind();
  const bots = start({ workers: 2 });
  const program = await prepared('TALK "x"');
  await Promise.all([bots.runTurn(turn(program)), bots.runTurn(turn(program))]);
  expect(behind()).toBe(before + 2);
});

test('a program is loaded once for many turns at the same time', async () => {
  const bots = start({ workers: 1 });
  const program = await prepared('TALK "x"');
  let loads = 0;
  const load = async (): Promise<CompiledProgram> => {
    loads++;
    return program;
  };
  const input = turn(program, { program: { hash: program.hash, load } });
  await Promise.all(Array.from({ length: 50 }, () => bots.runTurn(input)));
  await bots.runTurn(input);
  expect(loads).toBe(1);
});

test('an endless loop is stopped by name while others are answered on the same worker', async () => {
  const bots = start({ workers: 1 });
  const [endless, quick] = await Promise.all([
    prepared('TALK "go"\nx = 0\nWHILE TRUE\n  x = x + 1\nWEND'),
    prepared('TALK "quick"'),
  ]);
  await bots.runTurn(turn(quick));
  let isStopped = false;
  const runaway = bots.runTurn(turn(endless, { limits: { ...limits, fuelMax: 400_000_000 } })).then((output) => {
    isStopped = true;
    return output;
  });
  for (let index = 0; index < 5; index++) {
    expect((await bots.runTurn(turn(quick))).replies).toEqual([{ text: 'quick' }]);
    expect(isStopped).toBe(false);
  }
  expect(await runaway).toMatchObject({
    status: 'failed',
    replies: [{ text: 'go' }],
    error: { code: 'fuel_exhausted', file: 'start.bas', line: 3, column: 1 },
  });
});

test('work that grows with its data gives way by the clock, however little fuel it has used', async () => {
  const bots = start({ workers: 1 });
  const [slow, quick] = await Promise.all([
    prepared('t = REPEAT("a", 100000) + "b"\nDO\n  n = INSTR(t, "ab")\nLOOP'),
    prepared('TALK "quick"'),
  ]);
  await bots.runTurn(turn(quick));
  let isStopped = false;
  const runaway = bots.runTurn(turn(slow, { limits: { ...limits, fuelMax: 1_000_000, wallMsMax: 1e9 } })).then((output) => {
    isStopped = true;
    return output;
  });
  for (let index = 0; index < 12; index++) {
    expect((await bots.runTurn(turn(quick))).status).toBe('finished');
    expect(isStopped).toBe(false);
  }
  expect(await runaway).toMatchObject({ error: { code: 'fuel_exhausted' } });
});

test('customers take turns, however many programs of one of them run long', async () => {
  const bots = start({ workers: 1, sliceFuel: 50_000 });
  const endless = await prepared('DO\nLOOP');
  const ended: string[] = [];
  const run = async (customerId: string, fuelMax: number) => {
    await bots.runTurn(turn(endless, { customerId, limits: { ...limits, fuelMax } }));
    ended.push(customerId);
  };
  // Slice by slice in one queue, each of the four would be over before the fifth.
  await Promise.all([...Array.from({ length: 4 }, () => run('greedy', 20_000_000)), run('modest', 30_000_000)]);
  expect(ended).toEqual(['modest', 'greedy', 'greedy', 'greedy', 'greedy']);
});

test('a procedure that cannot give way ends where it would hold up the others for long', async () => {
  const bots = start({ workers: 1, plainFuelMax: 100_000 });
  const [long, short] = await Promise.all(
    [200_000, 50_000].map((rounds) =>
      prepared(`FUNCTION spin()\n  FOR i = 1 TO ${rounds}\n  NEXT\n  RETURN i\nEND FUNCTION\nTALK spin()\nHEAR x`),
    ),
  );
  expect(await bots.runTurn(turn(long!))).toMatchObject({ error: { code: 'fuel_exhausted', line: 2 } });
  expect(await bots.runTurn(turn(short!))).toMatchObject({ status: 'waiting' });
});

test('a worker that goes silent is replaced; its other turns are answered', { timeout: 20_000 }, async () => {
  const bots = start({ workers: 1, silenceMsMax: 200, plainFuelMax: 1e15 });
  // A loop that never gives way, with a budget far beyond what any limit of ours allows.
  const [stuck, quick] = await Promise.all([
    prepared('FUNCTION spin()\nFOR i = 1 TO 1e15\nNEXT\nRETURN 1\nEND FUNCTION\nTALK spin()'),
    prepared('TALK "quick"'),
  ]);
  const bad = bots.runTurn(turn(stuck, { limits: { ...limits, fuelMax: 1e15, wallMsMax: 1e9 } }));
  const others = Promise.all(Array.from({ length: 5 }, () => bots.runTurn(turn(quick))));
  expect(await bad).toMatchObject({ status: 'failed', error: { code: 'worker_stuck' } });
  expect((await others).map((output) => output.status)).toEqual(Array(5).fill('finished'));
  expect((await bots.runTurn(turn(quick))).status).toBe('finished');
});

test('bytes that are no program fail the turn, not the worker', async () => {
  const bots = start({ workers: 1 });
  const good = await prepared('TALK "ok"');
  const bad = { ...good, hash: 'ab'.repeat(32), wasm: new Uint8Array([1, 2, 3]) };
  expect(await bots.runTurn(turn(bad))).toMatchObject({ status: 'failed', error: { code: 'program_invalid' } });
  expect((await bots.runTurn(turn(good))).status).toBe('finished');
});

test('a program that cannot be fetched rejects its turns, and may be fetched later', async () => {
  const bots = start({ workers: 1 });
  const program = await prepared('TALK "ok"');
  const broken = turn(program, { program: { hash: program.hash, load: () => Promise.reject(new Error('no database')) } });
  await expect(Promise.all([bots.runTurn(broken), bots.runTurn(broken)])).rejects.toThrow('no database');
  expect((await bots.runTurn(turn(program))).status).toBe('finished');
});

test('a turn with data that cannot be sent to a worker is refused, and those beside it are run', async () => {
  const bots = start({ workers: 1 });
  const program = await prepared('TALK "ok"');
  let deep: PlainValue = 1;
  for (let n = 0; n < 100_000; n++) deep = [deep];
  const turns = [turn(program), turn(program, { variables: { deep } }), turn(program)].map((input) => bots.runTurn(input));
  const [first, second, third] = await Promise.allSettled(turns);
  expect(second).toMatchObject({ status: 'rejected', reason: expect.any(RangeError) });
  expect([first, third]).toMatchObject([{ value: { status: 'finished' } }, { value: { status: 'finished' } }]);
});

test('closing ends what waits, twice without harm', async () => {
  const bots = start({ workers: 1 });
  const endless = await prepared('DO\nLOOP');
  const waiting = bots.runTurn(turn(endless, { limits: { ...limits, fuelMax: 1e15, wallMsMax: 1e9 } }));
  const refused = expect(waiting).rejects.toBeInstanceOf(RuntimeClosed);
  await bots.close();
  await bots.close();
  await refused;
  await expect(bots.runTurn(turn(endless))).rejects.toBeInstanceOf(RuntimeClosed);
});

test('more turns than the queue holds are refused', async () => {
  const bots = start({ workers: 1, queueMax: 2 });
  const program = await prepared('TALK "ok"');
  const accepted = [bots.runTurn(turn(program)), bots.runTurn(turn(program))];
  await expect(bots.runTurn(turn(program))).rejects.toBeInstanceOf(RuntimeOverloaded);
  await Promise.all(accepted);
  expect((await bots.runTurn(turn(program))).status).toBe('finished');
});

test('turns of two tenants, thousands of them, each see only their own', async () => {
  const bots = start({ workers: 2 });
  const program = await prepared('x = "secret of " + customer\nHEAR y\nTALK x + y');
  const talk = async (customerId: string, index: number) => {
    const variables = { customer: `${customerId}${index}` };
    const first = await bots.runTurn(turn(program, { customerId, variables }));
    const second = await bots.runTurn(turn(program, { customerId, variables, snapshot: first.snapshot, answer: '!' }));
    return second.replies[0]?.text === `secret of ${customerId}${index}!`;
  };
  const results = await Promise.all(Array.from({ length: 1000 }, (_, index) => talk(index % 2 ? 'acme' : 'globex', index)));
  expect(results.every(Boolean)).toBe(true);
});
