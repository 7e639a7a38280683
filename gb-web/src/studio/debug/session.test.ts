import type { BotTurn, JsonValue, VariableChange } from 'gb-protocol';
import { createTurnEngine, type EngineInput, prepareProgram } from 'gb-vm/in-process';
import { expect, test } from 'vitest';
import type { Command, RanProgram, Source, State, Variable } from './protocol.ts';
import { DebugSession } from './session.ts';

const limits = { fuelMax: 1e6, wallMsMax: 5_000, memoryBytesMax: 16_777_216, snapshotBytesMax: 262_144, messagesMax: 100 };

/** A session, and what it said last. */
function open() {
  const states: State[] = [];
  let latest: readonly VariableChange[] = [];
  const session = new DebugSession(
    (state) => states.push(state),
    () => new Promise((resolve) => setTimeout(resolve)),
    (changes) => {
      latest = changes;
    },
  );
  return {
    session,
    states,
    get state() {
      return states.at(-1)!;
    },
    changes: () => latest,
    start: (source: Source, stopsAtEntry = true) => session.do({ kind: 'start', source, locale: 'en', stopsAtEntry }),
    do: (command: Command) => session.do(command),
    variables: (frame: number) => session.ask({ kind: 'variables', frame }) as readonly Variable[],
    line: () => states.at(-1)!.frames[0]?.line,
  };
}

const draft = (text: string, settings: Readonly<Record<string, string>> = {}): Source => ({
  kind: 'draft',
  files: [
    { name: 'start.bas', text },
    { name: 'config.csv', text: 'name,value\n' },
  ],
  entry: 'start.bas',
  settings,
  variables: { username: 'Ana' },
});

const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

/** What a server keeps of a conversation: its program, and a snapshot after the answers. */
async function conversation(text: string, answers: readonly string[]) {
  const files = [{ name: 'start.bas', text }];
  const { program } = await prepareProgram(files);
  const engine = createTurnEngine();
  const given: Omit<EngineInput, 'snapshot' | 'answer'> = {
    customerId: 'acme',
    nowMs: Date.UTC(2026, 0, 5, 12),
    seed: 3,
    locale: 'en',
    variables: { username: 'Ana' },
    takesRequests: true,
    limits,
  };
  const snapshots: (Uint8Array | null)[] = [null];
  for (const answer of [null, ...answers])
    snapshots.push(engine.runTurn(engine.load(program!), { ...given, snapshot: snapshots.at(-1)!, answer }).snapshot);
  const ran: RanProgram = {
    hash: program!.hash,
    debugMap: program!.debugMap,
    wasm: base64(program!.wasm),
    files,
    entry: 'start.bas',
  };
  return { ran, snapshots, given };
}

const dialog = `TALK "Name?"
HEAR name
greeting = "Hello " + name
TALK greeting
HEAR age AS INTEGER
TALK name + " is " + age + " " + INT(RND() * 1000)`;

test('a draft stops before its first line, steps, stops at breakpoints and says what it says', async () => {
  const one = open();
  await one.start(draft('total = 0\nFOR i = 1 TO 3\n  total = total + i\nNEXT\nTALK "Sum " + total'));
  expect(one.state).toMatchObject({ phase: 'stopped', reason: 'entry' });
  await one.do({ kind: 'run', mode: 'over' });
  expect(one.line()).toBe(2);
  expect(one.session.ask({ kind: 'breakpoints', file: 'start.bas', lines: [{ line: 3 }, { line: 9 }] })).toEqual([
    { line: 3, isPlaced: true },
    { line: 9, isPlaced: false },
  ]);
  await one.do({ kind: 'run', mode: 'continue' });
  await one.do({ kind: 'run', mode: 'continue' });
  expect(one.state).toMatchObject({ phase: 'stopped', reason: 'breakpoint' });
  expect(one.variables(-1).map(({ name, text }) => `${name}=${text}`)).toEqual(['total=1', 'i=2']);
  expect(one.session.ask({ kind: 'set', frame: 0, target: 'total', text: '40' })).toMatchObject({ text: '40' });
  one.session.ask({ kind: 'breakpoints', file: 'start.bas', lines: [] });
  await one.do({ kind: 'run', mode: 'continue' });
  expect(one.state).toMatchObject({ phase: 'ended', message: null });
  expect(one.state.lines).toEqual([{ from: 'bot', reply: { text: 'Sum 45' } }]);
});

test('values are opened piece by piece, and what was opened before a step is gone after it', async () => {
  const one = open();
  await one.start(draft('basket = [{name: "tea"}, {name: "cake"}]\nx = 1\ny = 2'));
  await one.do({ kind: 'run', mode: 'over' });
  const basket = one.variables(-1).find(({ name }) => name === 'basket')!;
  const inside = (handle: number) => one.session.ask({ kind: 'inside', handle, from: 0, count: 10 }) as readonly Variable[];
  const [tea] = inside(basket.inside!);
  expect(inside(tea!.inside!).map(({ name, text }) => `${name}=${text}`)).toEqual(['name="tea"']);
  const set = { kind: 'setInside', handle: tea!.inside!, name: 'name', frame: 0, text: '"coffee"' } as const;
  expect(one.session.ask(set)).toMatchObject({ text: '"coffee"' });
  await one.do({ kind: 'run', mode: 'over' });
  expect(inside(basket.inside!)).toEqual([]);
  expect(one.session.ask({ kind: 'evaluate', frame: 0, text: 'basket[0].name + x' })).toMatchObject({ text: '"coffee1"' });
});

test('a program that never ends can be stopped', async () => {
  const one = open();
  const running = one.start(draft('DO\n  n = n + 1\nLOOP'), false);
  await expect.poll(() => one.states.at(-1)?.phase).toBe('running');
  await new Promise((resolve) => setTimeout(resolve, 20));
  await one.do({ kind: 'pause' });
  await running;
  expect(one.state).toMatchObject({ phase: 'stopped', reason: 'pause' });
});

test('tables are made up, and what only the world has is asked of the person', async () => {
  const one = open();
  await one.start(
    draft('SAVE "t", {a: 1}\nrows = FIND "t"\nx = GET "https://example.com/x"\nTALK rows.a + x.b + GET CONFIG "limit"', {
      limit: '7',
    }),
    false,
  );
  expect(one.state).toMatchObject({ phase: 'asking', request: { name: 'GET', args: { address: 'https://example.com/x' } } });
  expect(one.variables(-1).map(({ name }) => name)).toContain('rows');
  await one.do({ kind: 'result', value: { b: 20 } });
  expect(one.state.lines).toEqual([{ from: 'bot', reply: { text: '217' } }]);
});

test('a real conversation is looked into where it waits, changed, and goes on as a copy', async () => {
  const { ran, snapshots } = await conversation(dialog, ['Bo']);
  const one = open();
  await one.start({
    kind: 'waiting',
    program: ran,
    snapshot: base64(snapshots[2]!),
    variables: {},
    replies: [{ text: 'Age?', suggestions: ['41'] }],
  });
  expect(one.state).toMatchObject({ phase: 'waiting', frames: [{ line: 5 }], suggestions: ['41'] });
  expect(one.state.lines).toHaveLength(1);
  expect(one.session.ask({ kind: 'set', frame: 0, target: 'name', text: 'name + "!"' })).toMatchObject({ text: '"Bo!"' });
  await one.do({ kind: 'answer', text: '41' });
  expect(one.state).toMatchObject({ phase: 'stopped', reason: 'entry' });
  await one.do({ kind: 'run', mode: 'continue' });
  expect(one.state.lines.at(-1)).toMatchObject({ from: 'bot', reply: { text: expect.stringMatching(/^Bo! is 41 \d+$/) } });
});

test('a turn that is over happens again, and can then go on another way', async () => {
  const { ran, snapshots, given } = await conversation(dialog, ['Bo']);
  const turn = {
    turn: 1,
    cause: 'answer',
    input: { answer: 'Bo', result: null as JsonValue, ...given, results: [] },
  } as unknown as BotTurn;
  const one = open();
  await one.start({ kind: 'past', program: ran, snapshot: base64(snapshots[1]!), turn });
  expect(one.state).toMatchObject({ phase: 'stopped', reason: 'entry', frames: [{ line: 3 }] });
  await one.do({ kind: 'run', mode: 'continue' });
  expect(one.state).toMatchObject({ phase: 'waiting', lines: [{ text: 'Bo' }, { reply: { text: 'Hello Bo' } }] });
  await one.do({ kind: 'answer', text: 'many' });
  expect(one.state.phase).toBe('waiting');
  await one.do({ kind: 'answer', text: '5' });
  expect(one.state).toMatchObject({ phase: 'ended' });
});

test('what is changed in a copy of a real conversation is known, by its paths, until the copy goes on', async () => {
  const text = 'order = {items: ["tea", "cake"]}\nSUB confirm(what)\n  HEAR size\nEND SUB\nconfirm "x"\nHEAR y';
  const { ran, snapshots } = await conversation(text, []);
  const one = open();
  await one.start({ kind: 'waiting', program: ran, snapshot: base64(snapshots[1]!), variables: {}, replies: [] });
  const inside = (handle: number) => one.session.ask({ kind: 'inside', handle, from: 0, count: 9 }) as readonly Variable[];
  const order = one.variables(-1).find(({ name }) => name === 'order')!;
  const items = inside(order.inside!).find(({ name }) => name === 'items')!;
  const set = { kind: 'setInside', handle: items.inside!, name: '1', frame: -1, text: '"pie"' } as const;
  expect(one.session.ask(set)).toMatchObject({ text: '"pie"' });
  one.session.ask({ kind: 'set', frame: 0, target: 'what', text: 'what + "!"' });
  expect(one.session.ask({ kind: 'set', frame: 0, target: 'nobody', text: '1' })).toHaveProperty('problem');
  expect(one.changes()).toEqual([
    { frame: -1, target: 'order.items[1]', value: 'pie' },
    { frame: 0, target: 'what', value: 'x!' },
  ]);
  const { inside: made } = one.session.ask({ kind: 'evaluate', frame: 0, text: '[1, 2]' }) as Variable;
  expect(one.session.ask({ ...set, handle: made!, name: '0' })).toHaveProperty('problem');
  await one.do({ kind: 'answer', text: 'XL' });
  expect(one.changes()).toEqual([]);
  await one.start(draft('a = 1\nHEAR x'), false);
  one.session.ask({ kind: 'set', frame: -1, target: 'a', text: '2' });
  expect(one.changes()).toEqual([]);
});

test.each<[string, Source, RegExp]>([
  ['scripts that do not compile', draft('TALK ('), /^start\.bas:1 /],
  [
    'a program whose scripts are gone',
    {
      kind: 'waiting',
      program: { hash: '', debugMap: '', wasm: '', files: [], entry: 'start.bas' },
      snapshot: '',
      variables: {},
      replies: [],
    },
    /no longer kept/,
  ],
])('%s are told, not thrown', async (_, source, said) => {
  const one = open();
  await one.start(source);
  expect(one.state.phase).toBe('broken');
  expect(one.state.message).toMatch(said);
});

test('a snapshot of another program is refused with a sentence', async () => {
  const [mine, other] = [await conversation(dialog, []), await conversation('HEAR x\nTALK x', [])];
  const one = open();
  await one.start({ kind: 'waiting', program: mine.ran, snapshot: base64(other.snapshots[1]!), variables: {}, replies: [] });
  expect(one.state).toMatchObject({ phase: 'broken', message: expect.stringContaining('cannot be read') });
});
