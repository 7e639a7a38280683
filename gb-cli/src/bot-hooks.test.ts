import { createDrive } from 'gb-core';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BotWorld } from './testing/bots.ts';

let database: TestDatabase;
let w: BotWorld;
beforeAll(async () => {
  database = await startTestDatabase();
  w = await BotWorld.open(database);
});
afterAll(async () => {
  await w?.close();
  await database?.close();
});

test('a script runs for each change of its folder, and for no other', async () => {
  const bot = await w.bot({
    'start.bas': 'TALK "hi"',
    'filed.bas': 'ON CHANGE "invoices"\nTALK event + " " + path + " " + file.name',
  });
  const general = await w.channel('bills', [w.ana, bot.userId]);
  const drive = createDrive(w.ctx, { customerId: w.customerId, botId: bot.botId, botUserId: bot.userId });
  const bytes = new TextEncoder().encode('ten');
  await drive.write('invoices/may.txt', bytes);
  await w.settle();
  await drive.write('Invoices/may.txt', bytes);
  await w.settle();
  await drive.write('letters/may.txt', bytes);
  await drive.make('loose.txt', bytes, 'text/plain');
  await drive.move('invoices/may.txt', 'old/may.txt');
  await w.settle();
  await drive.delete('old/may.txt');
  await w.settle();
  expect(await w.said(bot.userId, general)).toEqual([
    'created invoices/may.txt may.txt',
    expect.stringMatching(/^changed invoices\/may\.txt /i),
    expect.stringMatching(/^deleted invoices\/may\.txt /i),
  ]);
});

test('who comes for the first time is met by new_session.bas, once', async () => {
  const bot = await w.bot({
    'start.bas': 'TALK "hello"\nHEAR x\nTALK "bye"',
    'new_session.bas': 'TALK "You are new here, ${username}. I am ${bot_name}."',
  });
  const account = await w.ctx.store.read(w.customerId, (tx) => tx.users.get(bot.userId));
  const room = await w.direct(w.ana, bot.userId);
  for (const text of ['hi', 'on', 'again']) {
    await w.say(w.ana, room, text);
    await w.settle();
  }
  expect(await w.said(bot.userId, room)).toEqual([
    'hello',
    `You are new here, Ana Prado. I am ${account?.name}.`,
    'bye',
    'hello',
  ]);
});
