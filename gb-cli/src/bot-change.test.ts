import {
  type Actor,
  beginRun,
  changeBotConversation,
  endBotConversation,
  keepUpBots,
  readBotConversation,
  readBotLog,
  readBotTurn,
  readBotTurns,
} from 'gb-core';
import { limits, type VariableChange } from 'gb-protocol';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { changeSnapshot, SuspendedConversation } from 'gb-vm/debug';
import type { OperationSet } from 'gb-vm/host';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BotWorld, type BotWorldOptions, type TestBot } from './testing/bots.ts';

let database: TestDatabase;
const worlds: BotWorld[] = [];
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(async () => {
  for (const world of worlds) await world.close();
  await database?.close();
});

const basics: OperationSet = {
  inTurn: {
    'WAIT FOR EVENT': async (args, scope) => {
      scope.suspend({ event: `event:${String(args['event'])}` });
      return null;
    },
    'PUBLISH EVENT': async (args, scope) => scope.announce(`event:${String(args['event'])}`, args['data'] ?? null),
  },
  outside: { GET: async () => 'answer' },
};

const script = `FUNCTION ask(what)
  HEAR answer
  RETURN what + " " + answer
END FUNCTION
order = {items: ["tea", "cake"], total: 2.5}
TALK "?"
said = ask("size")
TALK order.items[1] + " " + order.total + " " + said
HEAR more`;

async function waiting(options: BotWorldOptions = {}, text: string = script) {
  const w = await BotWorld.open(database, { sets: [basics], ...options });
  worlds.push(w);
  const bot = await w.bot(text);
  const room = await w.direct(w.ana, bot.userId);
  await w.say(w.ana, room, 'go');
  const ctx = { ...w.ctx, editor: { change: changeSnapshot } };
  const row = () => w.conversation(bot, room, w.ana);
  const { id: conversationId } = await row();
  const place = { botId: bot.botId, conversationId };
  const change = (revision: number, ...changes: VariableChange[]) =>
    changeBotConversation(ctx, owner(w), place, { revision, changes });
  return { w, ctx, bot, room, row, place, change, said: () => w.said(bot.userId, room) };
}

const owner = (w: BotWorld): Actor => ({ customerId: w.customerId, userId: w.ana, role: 'owner', sessionId: null });
const at = (frame: number, target: string, value: VariableChange['value']): VariableChange => ({ frame, target, value });

/** What the debugger of somebody who looks shows of a variable. */
async function shown(one: Awaited<ReturnType<typeof waiting>>, frame: number, text: string) {
  const { w, bot, place } = one;
  const { snapshot, program } = await readBotConversation(w.ctx, owner(w), bot.botId, place.conversationId, {
    withProgram: true,
  });
  const compiled = { ...program!, wasm: Buffer.from(program!.wasm, 'base64') };
  return new SuspendedConversation(compiled, Buffer.from(snapshot!, 'base64')).evaluate(frame, text);
}

async function journalOf({ w, place }: { w: BotWorld; bot: TestBot; place: Parameters<typeof changeBotConversation>[2] }) {
  return readBotTurns(w.ctx, owner(w), place.botId, place.conversationId, {});
}

test('a conversation that waits goes on with what was changed in it, and the journal and the log tell', async () => {
  const one = await waiting();
  const { w, row, change, place } = one;
  const { revision } = await row();
  const made = await change(revision, at(-1, 'order.items[1]', 'pie'), at(-1, 'order.total', 7), at(0, 'what', 'length'));
  expect(made).toEqual({
    revision: revision + 1,
    changes: [
      { target: 'order.items[1]', before: '"cake"', after: '"pie"' },
      { target: 'order.total', before: '2.5', after: '7' },
      { target: 'what', before: '"size"', after: '"length"' },
    ],
  });
  expect(await shown(one, -1, 'order.total')).toMatchObject({ text: '7' });
  await w.say(w.ana, one.room, 'XL');
  expect(await one.said()).toEqual(['?', 'pie 7 length XL']);
  const { turns, edits } = await journalOf(one);
  expect(turns.map(({ turn, cause }) => `${turn} ${cause}`)).toEqual(['1 start', '2 answer']);
  expect(edits).toMatchObject([{ turn: 1, userId: w.ana, changes: made.changes }]);
  // Who travels back to the next turn begins with what was changed.
  const { snapshot, program } = await readBotTurn(w.ctx, owner(w), { ...place, turn: 2 }, { withProgram: true });
  const compiled = { ...program!, wasm: Buffer.from(program!.wasm, 'base64') };
  const then = new SuspendedConversation(compiled, Buffer.from(snapshot!, 'base64'));
  expect(then.evaluate(-1, 'order.items[1]')).toMatchObject({ text: '"pie"' });
  const { lines } = await readBotLog(w.ctx, owner(w), place.botId, {});
  expect(lines.at(-1)).toMatchObject({
    code: 'variable_changed',
    message: 'Ana Prado changed a conversation by hand: order.items[1], order.total, what',
    conversationId: place.conversationId,
    userId: w.ana,
  });
});

test('one that has gone on since it was read is not changed', async () => {
  const { w, row, change, room, said } = await waiting();
  const { revision } = await row();
  await w.say(w.ana, room, 'XL');
  await expect(change(revision, at(-1, 'order', 1))).rejects.toMatchObject({ code: 'moved_on' });
  await expect(change(revision + 5, at(-1, 'order', 1))).rejects.toMatchObject({ code: 'moved_on' });
  expect(await said()).toEqual(['?', 'cake 2.5 size XL']);
});

test('nothing is changed in one that is just going on, has ended or has not begun', async () => {
  const asking = await waiting({}, 'a = 1\nx = GET "https://example.com"\nTALK a');
  await expect(asking.change((await asking.row()).revision, at(-1, 'a', 2))).rejects.toMatchObject({ code: 'moved_on' });
  await asking.w.settle();
  expect(await asking.said()).toEqual(['1']);
  await expect(asking.change((await asking.row()).revision, at(-1, 'a', 2))).rejects.toMatchObject({ code: 'forbidden' });
});

test('one that waits for an event is changed like any other', async () => {
  const { w, row, change, said } = await waiting({}, 'a = 1\nx = WAIT FOR EVENT "paid"\nTALK a + x');
  await change((await row()).revision, at(-1, 'a', 40));
  const payer = await w.bot('PUBLISH EVENT "paid", 2');
  await w.say(w.ana, await w.direct(w.ana, payer.userId), 'go');
  await w.settle();
  expect(await said()).toEqual(['42']);
});

test('all of the changes are made, or none', async () => {
  const { row, change } = await waiting({}, 'DIM n AS INTEGER\nn = 1\nb = {x: 2}\nHEAR x\nTALK n + b.x');
  const before = await row();
  for (const wrong of [at(-1, 'nobody', 1), at(-1, 'n', 'a text'), at(-1, 'b.c', 1), at(7, 'nobody', 1), at(-1, '1 + 1', 1)])
    await expect(change(before.revision, at(-1, 'b.x', 5), wrong)).rejects.toMatchObject({
      code: 'malformed',
      message: expect.stringContaining(wrong.target),
    });
  const deep = JSON.parse('['.repeat(5_000) + ']'.repeat(5_000));
  await expect(change(before.revision, at(-1, 'b.x', deep))).rejects.toMatchObject({ code: 'malformed' });
  await expect(change(before.revision, at(-1, 'b.x', 'x'.repeat(3_000_000)))).rejects.toMatchObject({ code: 'malformed' });
  expect((await row()).revision).toBe(before.revision);
});

test('a change is told in texts that can be stored, whatever its names and values are', async () => {
  const one = await waiting({}, 'b = {x: 2}\nHEAR x\nTALK b.x');
  const { w, row, change, place, room, said } = one;
  const hostile = JSON.parse('{"\\u0000": 1, "\\ud800": 2, "__proto__": {"x": 3}, "constructor": 4, "x": "5\\u0000\\udc00"}');
  const { revision } = await change((await row()).revision, at(-1, 'b', hostile));
  const made = await change(revision, at(-1, 'b["\0"]', 6), at(-1, 'b["__proto__"]', 8));
  expect(made.changes.map(({ after }) => after)).toEqual(['6', '8']);
  const { lines } = await readBotLog(w.ctx, owner(w), place.botId, {});
  expect(lines.at(-1)!.message).toContain('b["__proto__"]');
  const { edits } = await journalOf(one);
  expect(edits).toHaveLength(2);
  await w.say(w.ana, room, 'go on');
  expect((await said()).at(-1)).toMatch(/^5/);
});

test('what a snapshot may not hold is refused', async () => {
  const { row, change } = await waiting({}, 'a = []\nb = []\nHEAR x');
  const { revision } = await row();
  const half = Array.from({ length: 40_000 }, (_, n) => `text ${n}`);
  await expect(change(revision, at(-1, 'a', half), at(-1, 'b', half))).rejects.toMatchObject({ code: 'malformed' });
  expect((await row()).revision).toBe(revision);
});

test('only who may see what is in a conversation may change it', async () => {
  const { w, ctx, row, place } = await waiting();
  const bruno = await w.person('Bruno');
  const { revision } = await row();
  const wanted = { revision, changes: [at(-1, 'order', 1)] };
  const as = (role: Actor['role']): Actor => ({ customerId: w.customerId, userId: bruno, role, sessionId: null });
  await expect(changeBotConversation(ctx, as('member'), place, wanted)).rejects.toMatchObject({ code: 'forbidden' });
  await expect(changeBotConversation(ctx, as('guest'), place, wanted)).rejects.toMatchObject({ code: 'forbidden' });
  await expect(changeBotConversation(w.ctx, owner(w), place, wanted)).rejects.toMatchObject({ code: 'unavailable' });
  await expect(changeBotConversation(ctx, as('admin'), place, wanted)).resolves.toMatchObject({ revision: revision + 1 });
});

test('a turn that is run at this very moment is run with what was changed, or was before it', async () => {
  let whileRunning: (() => Promise<unknown>) | null = null;
  const one = await waiting({
    wrapRuntime: (runtime) => ({
      close: () => runtime.close(),
      runTurn: async (input) => {
        const now = whileRunning;
        whileRunning = null;
        const output = await runtime.runTurn(input);
        await now?.();
        return output;
      },
    }),
  });
  const { revision } = await one.row();
  whileRunning = () => one.change(revision, at(-1, 'order.total', 7));
  await one.w.say(one.w.ana, one.room, 'XL');
  expect(await one.said()).toEqual(['?', 'cake 7 size XL']);
});

test('the journal keeps the newest changes of a conversation', async () => {
  const { w, row, change, place } = await waiting({}, 'a = 1\nHEAR x');
  let { revision } = await row();
  for (let n = 0; n < 205; n++) ({ revision } = await change(revision, at(-1, 'a', n)));
  const { edits } = await readBotTurns(w.ctx, owner(w), place.botId, place.conversationId, {});
  expect(edits).toHaveLength(200);
  expect(edits.at(-1)!.changes).toEqual([{ target: 'a', before: '203', after: '204' }]);
});

test('nobody changes so much that the others have to wait', async () => {
  const { w, row, change } = await waiting({}, 'a = 1\nHEAR x');
  const many = Array.from({ length: 50 }, (_, n) => at(-1, 'a', n));
  let { revision } = await row();
  for (let n = 0; n < 5; n++) ({ revision } = await change(revision, ...many));
  await expect(change(revision, ...many)).rejects.toMatchObject({ code: 'rate_limited', retryAfterMs: 10_000 });
  w.clock.now += 10_000;
  await expect(change(revision, ...many)).resolves.toMatchObject({ revision: revision + 1 });
});

test('changes leave the journal with the turns of their time, and with a run that goes', async () => {
  const { w, ctx, bot, row, change, place } = await waiting({}, 'a = 1\nHEAR x');
  await change((await row()).revision, at(-1, 'a', 2));
  const edits = async (id = place.conversationId) =>
    (await w.ctx.store.read(w.customerId, (tx) => tx.journal.edits(id, { from: 0 }))).length;
  const run = { botId: bot.botId, script: 'start.bas', params: {}, cause: 'tool', key: '1' } as const;
  const text = 'a = 1\nx = WAIT FOR EVENT "paid"';
  await w.publish(bot.botId, [{ name: 'start.bas', text }]);
  const runId = await beginRun(w.ctx, w.customerId, run);
  await w.settle();
  const { revision } = (await w.ctx.store.read(w.customerId, (tx) => tx.conversations.get(runId)))!;
  const changes = [at(-1, 'a', 2)];
  await changeBotConversation(ctx, owner(w), { ...place, conversationId: runId }, { revision, changes });
  await keepUpBots(w.ctx, w.customerId);
  expect([await edits(), await edits(runId)]).toEqual([1, 1]);
  await endBotConversation(w.ctx, owner(w), bot.botId, runId);
  w.clock.now += (limits.runsKeptDaysMax + 1) * 86_400_000;
  await keepUpBots(w.ctx, w.customerId);
  expect(await edits(runId)).toBe(0);
  w.clock.now += (limits.journalDaysMax + 1) * 86_400_000;
  await keepUpBots(w.ctx, w.customerId);
  expect(await edits()).toBe(0);
});
