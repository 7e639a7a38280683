import type { CompiledProgram, OperationResult, TurnOutput } from 'gb-core';
import { describe, expect, test } from 'vitest';
import { createTurnEngine, prepareProgram } from '../runtime/in-process.ts';
import { migrateSnapshot } from '../runtime/migrate.ts';
import { turnInput } from '../testing/play.ts';
import { changeSnapshot } from './change.ts';
import { Debugger } from './debugger.ts';
import { pathTo } from './path.ts';
import { prepareStepping } from './program.ts';
import { SuspendedConversation } from './suspended.ts';
import { type JournalTurn, replayTurn } from './time-travel.ts';

const source = `FUNCTION ask(what)
  tries = tries + 1
  TALK "What " + what + "?"
  HEAR answer
  RETURN answer
END FUNCTION
basket = []
FOR i = 1 TO 2
  PUSH basket, {what: ask("item " + i), dice: INT(RND() * 1000)}
NEXT
rate = GET "https://example.com/rate"
TALK basket[0].what + basket[1].what + basket[0].dice + "/" + basket[1].dice + " " + rate + " " + NOW()`;

async function programs(text = source): Promise<{ normal: CompiledProgram; stepping: CompiledProgram }> {
  const files = [{ name: 'start.bas', text }];
  return { normal: (await prepareProgram(files)).program!, stepping: (await prepareStepping(files)).program! };
}

/** Plays in the normal build, writing the journal a server would keep. */
function journalOf(program: CompiledProgram, answers: readonly string[], results: readonly OperationResult[]) {
  const engine = createTurnEngine();
  const journal: JournalTurn[] = [];
  const outputs: TurnOutput['replies'][] = [];
  let snapshot: Uint8Array | null = null;
  [null, ...answers].forEach((answer, turn) => {
    const nowMs = Date.UTC(2026, 0, 1 + turn);
    const given = { nowMs, seed: 5, locale: 'en' as const, variables: { username: 'Ana' } };
    const used: { name: string; result: OperationResult }[] = [];
    const before = snapshot;
    let output = engine.runTurn(engine.load(program), turnInput({ ...given, answer, snapshot, takesRequests: true }));
    const said = [...output.replies];
    for (const result of results) {
      if (!output.request) break;
      used.push({ name: output.request.name, result });
      output = engine.runTurn(
        engine.load(program),
        turnInput({ ...given, answer: null, snapshot: output.snapshot, result, takesRequests: true }),
      );
      said.push(...output.replies);
    }
    const cause = answer === null ? 'start' : 'answer';
    journal.push({ turn, cause, snapshot: before, input: { ...given, answer, result: null, results: used } });
    outputs.push(said);
    snapshot = output.snapshot;
  });
  return { journal, outputs, snapshot: snapshot as Uint8Array | null };
}

describe('a conversation between two turns', () => {
  test('shows where it waits and what it holds, and what is changed is what it goes on with', async () => {
    const { normal } = await programs();
    const { snapshot } = journalOf(normal, ['tea'], []);
    const waiting = new SuspendedConversation(normal, snapshot!);
    expect(waiting.frames().map(({ procedure, line, isMain }) => `${isMain ? 'main' : procedure}:${line}`)).toEqual([
      'ask:4',
      'main:9',
    ]);
    expect(waiting.evaluate(0, 'what')).toMatchObject({ text: '"item 2"' });
    expect(waiting.evaluate(1, 'basket[0].what + i')).toMatchObject({ text: '"tea2"' });
    expect(waiting.set(1, 'basket[0].what', '"green " + basket[0].what')).toMatchObject({ text: '"green tea"' });
    const engine = createTurnEngine();
    const input = turnInput({ snapshot: waiting.snapshot(), answer: 'cake', takesRequests: true });
    const asked = engine.runTurn(engine.load(normal), input);
    const end = engine.runTurn(engine.load(normal), { ...input, snapshot: asked.snapshot, answer: null, result: { value: 1 } });
    expect(end.replies[0]?.text).toMatch(/^green teacake/);
    expect(waiting.evaluate(1, 'basket[0].what')).toMatchObject({ text: '"green tea"' });
  });

  test('changes of plain data are made all or none, and are the changes that were made by hand', async () => {
    const { normal } = await programs();
    const { snapshot } = journalOf(normal, ['tea'], []);
    const byHand = new SuspendedConversation(normal, snapshot!);
    byHand.set(1, 'basket[0].what', '"green " + basket[0].what');
    byHand.set(-1, pathTo('basket[0]', 'dice'), '7');
    expect(byHand.set(-1, 'nobody', '7')).toHaveProperty('problem');
    const options = { locale: 'en', snapshotBytesMax: 65_536 } as const;
    const made = changeSnapshot(snapshot!, normal, byHand.changes, options);
    if ('problem' in made) throw new Error(made.problem);
    expect(made.changed.map(({ before, after }) => `${before} > ${after}`)).toEqual([
      '"tea" > "green tea"',
      expect.stringMatching(/^\d+ > 7$/),
    ]);
    expect(made.snapshot).toEqual(byHand.snapshot());
    const wrong = [...byHand.changes, { frame: 0, target: 'LEN(what)', value: 1 }];
    expect(changeSnapshot(snapshot!, normal, wrong, options)).toEqual({ problem: 'LEN(what): There is no such variable.' });
    const small = { ...options, snapshotBytesMax: 100 };
    expect(changeSnapshot(snapshot!, normal, byHand.changes, small)).toHaveProperty('problem');
  });

  test.each(['plain', 'two words', 'it "says"', 'ção', '7'])('a property called %s is found by its path', async (name) => {
    const { normal } = await programs(`o = {}\no["${name.replaceAll('"', '""')}"] = 1\nHEAR x`);
    const { snapshot } = journalOf(normal, [], []);
    expect(new SuspendedConversation(normal, snapshot!).set(-1, pathTo('o', name), '2')).toMatchObject({ text: '2' });
  });

  test('goes on in the debugger from its own snapshot', async () => {
    const { normal, stepping } = await programs();
    const { snapshot } = journalOf(normal, ['tea'], []);
    const moved = migrateSnapshot(snapshot!, normal, stepping) as Uint8Array;
    const debug = new Debugger(stepping, { host: () => ({ value: 2 }) });
    debug.begin(turnInput({ snapshot: moved, answer: 'cake', takesRequests: true }));
    expect(debug.run('into')).toMatchObject({ kind: 'stopped', reason: 'entry' });
    expect(debug.frames().map(({ line }) => line)).toEqual([5, 9]);
    expect(debug.evaluate(0, 'answer')).toMatchObject({ text: '"cake"' });
    expect(debug.set(0, 'answer', '"pie"')).toMatchObject({ text: '"pie"' });
    expect(debug.run('continue')).toMatchObject({ kind: 'ended', output: { status: 'finished' } });
    expect(debug.output?.replies[0]?.text).toMatch(/^teapie/);
  });

  test('bytes of another program are refused', async () => {
    const { normal } = await programs();
    const { snapshot } = journalOf(normal, [], []);
    const { normal: other } = await programs('HEAR x');
    expect(() => new SuspendedConversation(other, snapshot!)).toThrow(/made by another program/);
  });
});

describe('time travel', () => {
  const results = [{ value: '5.2' }];

  test.each([0, 1, 2])('turn %i says again what it said, with the clock, the dice and the answers of then', async (turn) => {
    const { normal, stepping } = await programs();
    const { journal, outputs } = journalOf(normal, ['tea', 'cake'], results);
    const debug = replayTurn(journal, turn, normal, stepping);
    if ('reason' in debug) throw new Error(debug.reason.en);
    expect(debug.run('into').kind).toBe('stopped');
    expect(debug.run('continue').kind).toBe('ended');
    expect(debug.output?.replies).toEqual(outputs[turn]);
    expect(outputs[turn]!.length).toBeGreaterThan(0);
  });

  test('a turn that ended in a request ends there again', async () => {
    const { normal, stepping } = await programs();
    const { journal } = journalOf(normal, ['tea', 'cake'], []);
    const debug = replayTurn(journal, 2, normal, stepping);
    if ('reason' in debug) throw new Error(debug.reason.en);
    expect(debug.run('continue')).toMatchObject({ kind: 'ended', output: { status: 'waiting', request: { name: 'GET' } } });
  });

  test('a turn nobody kept, or not wholly, is told', async () => {
    const { normal, stepping } = await programs();
    const { journal } = journalOf(normal, [], []);
    const half = journal.map((one) => ({ ...one, input: { ...one.input, results: null } }));
    expect(replayTurn(half, 0, normal, stepping)).toMatchObject({ reason: { en: expect.stringContaining('too much to keep') } });
    expect(replayTurn([], 3, normal, stepping)).toMatchObject({ reason: { en: 'turn 3 is not in the journal' } });
  });
});

test('a HEAR that nobody answered in time times out again', async () => {
  const { normal, stepping } = await programs('TRY\n  HEAR x\nCATCH e\n  TALK e.code\nEND TRY');
  const { snapshot } = journalOf(normal, [], []);
  const input = { answer: null, result: null, nowMs: 0, seed: 1, locale: 'en' as const, variables: {}, results: [] };
  const debug = replayTurn([{ turn: 1, cause: 'timeout', snapshot, input }], 1, normal, stepping);
  if ('reason' in debug) throw new Error(debug.reason.en);
  expect(debug.run('continue')).toMatchObject({ output: { replies: [{ text: 'hear_timed_out' }] } });
});
