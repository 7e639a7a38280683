import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loggedInAs, openBrowser, openScreen, type Screen, shoot } from './browser.ts';
import { eventually, type Person, type World, world } from './world.ts';

/** Somebody who never wrote a bot takes one that is there, in two minutes. */
let w: World;
let browser: Browser;
let ana: Person;
let screen: Screen;
beforeAll(async () => {
  [w, browser] = await Promise.all([world(), openBrowser()]);
  ana = await w.signUp('Ana Prado');
  screen = await openScreen(browser, `${w.server.url.replace('127.0.0.1', 'localhost')}/studio/new`, {
    ...loggedInAs(ana),
    timezoneId: 'America/Recife',
  });
});
afterAll(async () => {
  await screen?.close();
  await browser?.close();
  await w?.close();
});

test('a ready-made bot is found by what it does, copied, and works', async () => {
  const { page } = screen;
  await page.getByText('A ready-made bot', { exact: true }).click();
  await page.getByRole('radio', { name: /^Atendimento/ }).waitFor();
  const ready = page.getByRole('radiogroup', { name: 'Ready-made bots' }).getByRole('radio');
  expect(await ready.count()).toBe(12);
  await page.getByRole('button', { name: 'Create' }).click();
  // Nothing is chosen yet, and no name is given.
  expect((await ana.rest.bots()).bots).toHaveLength(1);

  await page.getByLabel('Search ready-made bots').fill('schedule morning');
  await expect.poll(() => ready.count()).toBe(1);
  await shoot(page, 'examples-found');
  await page.getByText('Stand-up', { exact: true }).click();
  expect(await page.getByLabel('Name of the bot', { exact: true }).inputValue()).toBe('Stand-up');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('tab', { name: 'ask.bas' }).waitFor();
  await shoot(page, 'examples-copied');

  const bot = (await ana.rest.bots()).bots.find(({ handle }) => handle === 'stand-up')!;
  expect(bot.publishedVersion).toBe(1);
  const { files } = await ana.rest.bot(bot.id);
  expect(files.find(({ name }) => name === 'config.csv')!.text).toContain('time-zone,America/Recife');
  const { state } = await ana.rest.openDirect({ userIds: [bot.userId] });
  await eventually(
    async () => (await ana.rest.messages(state.channel.id)).messages.some(({ text }) => text.startsWith('Hi Ana Prado!')),
    'the copy answers',
  );
  expect(screen.faults).toEqual([]);
}, 60_000);

test('it reads well on a telephone and in the dark', async () => {
  const { page } = screen;
  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto(`${w.server.url.replace('127.0.0.1', 'localhost')}/studio/new`);
  await page.getByText('A ready-made bot', { exact: true }).click();
  const search = page.getByLabel('Search ready-made bots');
  await search.fill('no such bot');
  await page.getByText('No ready-made bot fits.').waitFor();
  await search.fill('');
  await page.getByText('Quiz', { exact: true }).scrollIntoViewIfNeeded();
  await shoot(page, 'examples-phone-dark');
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  expect(screen.faults).toEqual([]);
}, 60_000);
