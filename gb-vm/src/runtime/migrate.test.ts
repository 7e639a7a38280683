import type { CompiledProgram } from 'gb-core';
import { describe, expect, test } from 'vitest';
import { type CompileOptions, compile } from '../compiler/index.ts';
import { random } from '../compiler/testing/random.ts';
import { limits, turnInput } from '../testing/play.ts';
import { randomProgram } from '../testing/random-program.ts';
import { createTurnEngine, programHash } from './index.ts';
import { migrateSnapshot } from './migrate.ts';

type Build = NonNullable<CompileOptions['build']>;

async function compiled(source: string, build: Build = 'normal'): Promise<CompiledProgram> {
  const { program, diagnostics } = compile([{ name: 'start.bas', text: source }], { build });
  if (!program) throw new Error(`${JSON.stringify(diagnostics)}\n${source}`);
  return { ...program, hash: await programHash(program.wasm, program.debugMap) };
}

/** Plays a conversation that goes on in the next of these programs after every question. */
function wander(programs: readonly CompiledProgram[], answers: readonly string[], next: () => number): string[] {
  const engine = createTurnEngine();
  const said: string[] = [];
  let [program, input] = [programs[0]!, turnInput({ limits: { ...limits, snapshotBytesMax: 8_000_000 } })];
  for (const answer of answers) {
    const output = engine.runTurn(engine.load(program), input);
    said.push(...output.replies.map(({ text }) => text));
    if (output.error) said.push(`! ${output.error.code}`);
    if (output.status !== 'waiting') return said;
    const other = programs[Math.floor(next() * programs.length)]!;
    const moved = migrateSnapshot(output.snapshot!, program, other);
    if ('reason' in moved) throw new Error(moved.reason.en);
    [program, input] = [other, { ...input, snapshot: moved, answer: answer || 'empty' }];
  }
  return said;
}

/** The same program with a few more lines that change nothing the others see. */
function withMore(source: string, name: string, next: () => number): string {
  let count = 0;
  return source
    .split('\n')
    .flatMap((line) => {
      const isOpen = /^(SELECT|DATA)/.test(line) || line === 'CASE 2 TO 5';
      if (isOpen || next() < 0.7) return [line];
      count++;
      const more = [
        `${name}${count} = "more" + ${count}`,
        `${name}${count} = [${count}, {a: "x"}]`,
        `TRY\n${name}${count} = 1\nEND TRY`,
        `${name} = 1`,
      ];
      return [line, more[Math.floor(next() * more.length)]!];
    })
    .join('\n');
}

test('a conversation says the same, whichever build or edit of its program it goes on in', {
  timeout: 24 * 3_600_000,
}, async () => {
  const end = performance.now() + Number(process.env['GB_FUZZ_MS'] ?? 6000);
  let [count, moves] = [0, 0];
  for (let seed = 1; performance.now() < end; seed++, count++) {
    const next = random(seed);
    const { source, answers } = randomProgram(next);
    const sources = [source, withMore(source, 'y', next), withMore(source, 'z', next)];
    const programs = await Promise.all([
      compiled(source),
      compiled(source, 'step'),
      compiled(source, 'resumable'),
      compiled(sources[1]!),
      compiled(sources[2]!, 'step'),
    ]);
    const plain = wander([programs[0]!], answers, () => 0);
    let wandered: string[];
    try {
      wandered = wander(programs, answers, () => {
        moves++;
        return next();
      });
    } catch (cause) {
      throw new Error(`seed ${seed}\n${sources.join('\n----\n')}`, { cause });
    }
    expect(wandered, `seed ${seed}\n${sources.join('\n----\n')}`).toEqual(plain);
  }
  expect(count).toBeGreaterThan(0);
  expect(moves).toBeGreaterThan(0);
});

/** Plays the first answers in one program, moves, and gives what is said after the last answer; or why it was refused. */
async function moved(before: string, after: string, answers: readonly string[]): Promise<string[]> {
  const [from, to] = await Promise.all([compiled(before), compiled(after)]);
  const engine = createTurnEngine();
  let snapshot: Uint8Array | null = null;
  for (const answer of [null, ...answers.slice(0, -1)]) {
    const output = engine.runTurn(engine.load(from), turnInput({ snapshot, answer }));
    expect(output.error).toBe(null);
    snapshot = output.snapshot;
  }
  const result = migrateSnapshot(snapshot!, from, to);
  if ('reason' in result) {
    expect(result.reason.pt).not.toBe(result.reason.en);
    return [`refused: ${result.reason.en}`];
  }
  const output = engine.runTurn(engine.load(to), turnInput({ snapshot: result, answer: answers.at(-1)! }));
  return [...output.replies.map(({ text }) => text), ...(output.error ? [`! ${output.error.code}`] : [])];
}

describe('from one version of a bot to the next', () => {
  const shop = `greeting = "Hello"
basket = [{name: "tea", price: 3}]
TALK greeting
HEAR what
PUSH basket, {name: what, price: 2}
total = 0
FOR EACH item IN basket
  total = total + item.price
NEXT
TALK greeting + ", " + total`;

  test('what changes after the question is what the person meets', async () => {
    expect(
      await moved(shop, shop.replace('", "', '"! Total "').replace('TALK greeting\n', 'TALK "Welcome"\nTALK greeting\n'), [
        'milk',
      ]),
    ).toEqual(['Hello! Total 5']);
  });

  test('a variable that is new has no value, and one that is not used any more goes', async () => {
    const after = shop
      .replace('basket = [', 'discount = VAL("1")\nbasket = [')
      .replace('greeting + ", " + total', '"" + ISNULL(extra) + " " + discount');
    expect(await moved(shop, `${after}\nextra = 1`, ['milk'])).toEqual(['true 0']);
  });

  test('lists stay the same list under two names, and what holds itself can be moved', async () => {
    const source = 'a = [1]\nb = a\no = {list: a}\no.self = o\nHEAR x\nPUSH b, x\nTALK JSON(a) + JSON(o.self.self.list)';
    expect(await moved(source, `first = "a constant more, so that the heap lies elsewhere"\n${source}`, ['2'])).toEqual([
      '[1,"2"][1,"2"]',
    ]);
  });

  test('texts beyond Latin-1 and texts of the program itself arrive whole', async () => {
    const source = 's = "ção 🎉"\nt = s\no = {chave: s}\nHEAR x\nTALK s + t + o.chave + x + JSON(o)';
    expect(await moved(source, source.replace('s = "', 'z = "longer than before 🎉"\ns = "'), ['é'])).toEqual([
      'ção 🎉ção 🎉ção 🎉é{"chave":"ção 🎉"}',
    ]);
  });

  test('the question is found by its words, wherever blanks, capitals and other lines went', async () => {
    expect(
      await moved(
        'n = 1\nHEAR name\nTALK "a" + name + n',
        '\' a remark\nIF 1 = 2 THEN\n  TALK 3\nEND IF\nn = 1\n\n   hear   NAME\nTALK "b" + name + n',
        ['x'],
      ),
    ).toEqual(['bx1']);
  });

  test('a question in a procedure, asked from an expression in a loop', async () => {
    const before =
      'FUNCTION ask(q)\n  TALK q\n  HEAR a\n  RETURN a + q\nEND FUNCTION\nall = ""\nFOR i = 1 TO 3\n  all = all + i + ask("q" + i) + ";"\nNEXT\nTALK all';
    const after = before
      .replace('  TALK q', '  tries = 1\n  TALK q')
      .replace('all = ""', 'extra = [1, 2]\nall = ""')
      .replace('TALK all', 'TALK "all: " + all');
    expect(await moved(before, after, ['x', 'y', 'z'])).toEqual(['all: 1xq1;2yq2;3zq3;']);
  });

  test('errors are still caught by the TRY around the question', async () => {
    const before = 'TRY\n  HEAR n AS NUMBER\n  TALK 10 / n\nCATCH e\n  TALK "caught"\nEND TRY';
    expect(await moved(before, `x = 1\nTRY\n  y = 2\n${before.slice(4)}`.replace('"caught"', '"still caught"'), ['0'])).toEqual([
      'still caught',
    ]);
  });

  test('a GOSUB comes back, and ON ERROR knows its label', async () => {
    const before =
      'ON ERROR GOTO wrong\nGOSUB asking\nTALK "back"\nx = 1 / 0\nEND\nasking:\nHEAR a\nRETURN\nwrong:\nTALK "wrong " + a';
    expect(await moved(before, `z = 5\nTALK z\n${before}`.replace('TALK "back"', 'TALK "here"\nTALK "back"'), ['1'])).toEqual([
      'here',
      'back',
      'wrong 1',
    ]);
  });

  test.each([
    [
      'a question that is gone',
      'HEAR a\nTALK a',
      'HEAR b\nTALK b',
      'the statement it waits at is gone or changed: HEAR, start.bas line 1',
    ],
    [
      'a question in another loop',
      'HEAR a\nTALK a',
      'FOR i = 1 TO 2\nHEAR a\nNEXT\nTALK a',
      'the statement it waits at stands in another loop or TRY now: HEAR, start.bas line 1',
    ],
    [
      'a loop with other bounds',
      'FOR i = 1 TO 2\nHEAR a\nNEXT',
      'FOR i = 1 TO 3\nHEAR a\nNEXT',
      'the statement it waits at stands in another loop or TRY now: HEAR, start.bas line 2',
    ],
    [
      'a procedure that is gone',
      'SUB s()\nHEAR a\nEND SUB\ns()',
      'HEAR a',
      'it waits inside s, which is gone or does not wait any more',
    ],
    [
      'a procedure of another name',
      'SUB s()\nHEAR a\nEND SUB\ns()\nTALK 1',
      'SUB t()\nHEAR a\nEND SUB\nt()\nTALK 1',
      'it waits inside s, which is gone or does not wait any more',
    ],
    ['a value of another kind', 'n = "text"\nHEAR a\nTALK n + a', 'n = 1\nHEAR a\nTALK n + a', 'n cannot hold what it holds now'],
    [
      'a handler that is gone',
      'ON ERROR GOTO wrong\nHEAR a\nEND\nwrong:\nTALK 1',
      'ON ERROR GOTO other\nHEAR a\nEND\nother:\nTALK 1',
      'what handles its errors is gone or changed',
    ],
    [
      'a GOSUB that is gone',
      'GOSUB s\nEND\ns:\nHEAR a\nRETURN',
      'GOSUB t\nEND\nt:\nTALK 1\ns:\nHEAR a\nRETURN',
      'a GOSUB it has yet to return from is gone or changed',
    ],
  ])('%s is refused with the reason', async (_, before, after, reason) => {
    expect(await moved(before, after, ['x'])).toEqual([`refused: ${reason}`]);
  });

  test('a snapshot of another program, or a damaged one, is refused', async () => {
    const [one, other] = await Promise.all([compiled('HEAR a'), compiled('HEAR a\nTALK a')]);
    const engine = createTurnEngine();
    const snapshot = engine.runTurn(engine.load(one), turnInput()).snapshot!;
    expect(migrateSnapshot(snapshot, other, one)).toMatchObject({
      reason: { en: 'the snapshot cannot be read: made by another program' },
    });
    snapshot[70]! ^= 1;
    expect(migrateSnapshot(snapshot, one, other)).toMatchObject({ reason: { en: 'the snapshot cannot be read: damaged' } });
  });
});
