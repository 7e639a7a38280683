import { join } from 'node:path';
import { type Actor, type BotExample, createBotFromExample } from 'gb-core';
import type { BotDetail, ChannelId, UserId } from 'gb-protocol';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { silentLogger } from 'gb-utils';
import { createProgramCompiler } from 'gb-vm/runtime';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findFiles } from './basic/source-files.ts';
import { BotCoverage } from './bot/coverage.ts';
import { readBots } from './bot/package.ts';
import { playFile } from './bot/test.ts';
import { loadBotPackages } from './bot-packages.ts';
import { BotWorld } from './testing/bots.ts';

const dir = join(import.meta.dirname, '../../bots');
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

test('every package compiles; one is installed everywhere, the others are there to be copied', async () => {
  const compiler = createProgramCompiler();
  const problems: unknown[] = [];
  const log = { ...silentLogger, error: (facts: unknown) => void problems.push(facts) };
  const { packages, examples } = await loadBotPackages(dir, compiler, log);
  await compiler.close();
  expect(problems).toEqual([]);
  expect(packages.map(({ handle }) => handle)).toEqual(['guide']);
  expect(examples).toHaveLength(12);
  for (const { id, name, description } of examples) {
    expect(name, id).not.toBe(id);
    expect(description.en, id).not.toBe('');
    expect(description['pt-BR'], id).not.toBe(description.en);
  }
});

describe.each(readBots(dir).map((bot) => [bot.handle, bot] as const))('the transcripts of %s', (_, bot) => {
  const coverage = new BotCoverage();
  const files = findFiles(bot.path, '.test.txt');

  test.each(files.map((path) => [path.slice(bot.path.length + 1), path]))('%s goes as written', async (_, path) => {
    const { code, text } = await playFile(bot, path!, 'en', coverage);
    expect(code, text).toBe(0);
  });

  test('run nine lines of ten, of every script', async () => {
    await coverage.addUntested(bot, 'en');
    expect(coverage.percent, coverage.text()).toBeGreaterThanOrEqual(90);
  });
});

/** What happens by the clock, with a clock that the test moves. */
describe('in time', () => {
  let database: TestDatabase;
  let world: BotWorld;
  let examples: readonly BotExample[];
  let bea: UserId;
  let rui: UserId;

  beforeAll(async () => {
    database = await startTestDatabase();
    const config = {
      publicUrl: null,
      allowHosts: [],
      smtp: null,
      model: null,
      otherModels: [],
      allowsOwnModel: false,
      allowsOwnMail: false,
      browser: null,
      runnerUrl: null,
    };
    world = await BotWorld.open(database, { config });
    ({ examples } = await loadBotPackages(dir, world.ctx.compiler, silentLogger));
    bea = await world.person('Bea');
    rui = await world.person('Rui');
  });
  afterAll(async () => {
    await world?.close();
    await database?.close();
  });

  async function copyOf(example: string): Promise<BotDetail> {
    const actor: Actor = { customerId: world.customerId, userId: world.ana, role: 'owner', sessionId: null };
    const wanted = { name: example, handle: example, example, timeZone: 'UTC' };
    return createBotFromExample({ ...world.ctx, examples }, actor, wanted);
  }

  /** Says one thing after the other, and gives what the bot said to it all. */
  async function talk(bot: BotDetail, who: UserId, ...texts: string[]): Promise<readonly string[]> {
    const room = await world.direct(who, bot.userId);
    const before = (await world.said(bot.userId, room)).length;
    for (const text of texts) {
      await world.say(who, room, text);
      await world.settleTogether();
    }
    return (await world.said(bot.userId, room)).slice(before);
  }

  const heard = async (bot: BotDetail, who: UserId): Promise<readonly string[]> =>
    world.said(bot.userId, await world.direct(who, bot.userId));

  /** Lets time pass until it is this hour of this day of the week, 0 for Sunday, by UTC. */
  async function until(weekday: number, hour: number): Promise<void> {
    const now = new Date(world.clock.now);
    const then = new Date(now);
    then.setUTCHours(Math.floor(hour), (hour % 1) * 60, 1, 0);
    while (then.getUTCDay() !== weekday || then <= now) then.setUTCDate(then.getUTCDate() + 1);
    world.clock.now = then.getTime();
    await world.settleTogether();
  }

  test('the stand-up asks on weekdays at nine, tells at half past eleven, and keeps the weekend', async () => {
    await until(6, 6);
    const bot = await copyOf('stand-up');
    const team: ChannelId = await world.channel('team', [world.ana, bot.userId]);
    await talk(bot, bea, 'hi', 'yes', 'The menu', 'The kitchen', 'Nothing');
    const asked = async (): Promise<number> => (await heard(bot, bea)).filter((text) => text.startsWith('Good morning')).length;
    await until(0, 12);
    // What was said on a Saturday is told on no other day.
    expect([await asked(), await world.said(bot.userId, team)]).toEqual([0, []]);
    await until(1, 9);
    expect(await asked()).toBe(1);
    await talk(bot, bea, 'here I am', "Today's answers", 'The kitchen', 'The garden', 'rain');
    await until(1, 11.5);
    expect(await world.said(bot.userId, team)).toEqual([
      '**Stand-up of Monday**\n- **Bea** did: The kitchen. Today: The garden. **In the way: rain**',
    ]);
    await until(2, 9);
    expect(await asked()).toBe(2);
    await until(2, 12);
    expect(await world.said(bot.userId, team)).toHaveLength(1);
  });

  test('whoever does not answer in two days has not approved', async () => {
    const bot = await copyOf('expenses');
    const said = await talk(bot, world.ana, 'hi', 'A desk', '500', '2026-01-02');
    expect(said.at(-1)).toBe('Send me a picture or a PDF of the receipt.');
    const room = await world.direct(world.ana, bot.userId);
    await world.send(world.ana, room, '', [{ name: 'desk.txt', bytes: new TextEncoder().encode('Desk') }]);
    await world.settleTogether();
    expect((await heard(bot, bea)).at(-1)).toContain('Your approval is asked for');
    await world.pass(2 * dayMs - hourMs);
    expect((await heard(bot, world.ana)).at(-1)).toContain('I ask now');
    world.restart();
    await world.pass(2 * hourMs);
    expect((await heard(bot, world.ana)).slice(-2)).toEqual([
      '@bea did not answer in two days.',
      expect.stringContaining('was not approved. Talk to @bea about it.'),
    ]);
    expect(await heard(bot, rui)).toEqual([]);
  });

  test('a visit is remembered the day before', async () => {
    await until(1, 8);
    const bot = await copyOf('booking');
    const wednesday = new Date(world.clock.now + 2 * dayMs).toISOString().slice(0, 10);
    const said = await talk(bot, rui, 'hi', 'Beard', wednesday, '10:00');
    expect(said.at(-1)).toBe('It is yours. I remind you the day before.');
    const reminded = async () => (await heard(bot, rui)).filter((text) => text.startsWith('Until tomorrow'));
    await until(1, 17);
    expect(await reminded()).toEqual([]);
    await until(2, 17);
    expect(await reminded()).toEqual(['Until tomorrow at 10:00: Beard. If something came up, write to me.']);
    await until(3, 17);
    expect(await reminded()).toHaveLength(1);
  });

  test('newcomers hear of their next step in the morning, until they have done all', async () => {
    await until(1, 6);
    const bot = await copyOf('onboarding');
    const today = new Date(world.clock.now).toISOString().slice(0, 10);
    await talk(bot, rui, 'hi', today, 'Nobody yet', 'Done', 'Not now');
    await until(1, 9.5);
    expect((await heard(bot, rui)).at(-1)).toContain('Today might be a day for: **Say hello**');
    await talk(bot, rui, 'hello', 'Done', 'Done', 'Done');
    const before = (await heard(bot, rui)).length;
    await until(2, 9.5);
    expect(await heard(bot, rui)).toHaveLength(before);
  });

  test('the report and the week of the help desk come to the channels the bots are in, without mail and model', async () => {
    await until(4, 10);
    const [report, desk] = [await copyOf('report'), await copyOf('help-desk')];
    const office = await world.channel('office', [world.ana, report.userId, desk.userId]);
    await until(5, 16.5);
    expect(await world.said(desk.userId, office)).toEqual(['No tickets this week. Have a good weekend!']);
    await until(1, 8.5);
    const [line, chart] = (await world.messages(office)).filter(({ authorId }) => authorId === report.userId);
    expect(line!.text).toContain('Best: Coffee.');
    expect(chart!.attachments).toEqual([expect.objectContaining({ type: 'image/png' })]);
  });
});
