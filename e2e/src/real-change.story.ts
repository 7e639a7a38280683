import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findings } from './axe.ts';
import { expectNoFaults, loggedInAs, openBrowser, openScreen, shoot } from './browser.ts';
import { eventually, type Person, type World, world } from './world.ts';

/** Somebody mends a conversation that waits: in a copy first, then, when they say so twice, in the real one. */
let w: World;
let browser: Browser;
let ana: Person;
beforeAll(async () => {
  [w, browser] = await Promise.all([world(), openBrowser()]);
  ana = await w.signUp('Ana Prado');
});
afterAll(async () => {
  await browser?.close();
  await w?.close();
});

const script = `order = {dish: "soup", price: 25}
TALK "How many?"
HEAR count AS INTEGER
TALK count + " " + order.dish + ": " + count * order.price
HEAR more
TALK "bye"`;

async function waiting(handle: string) {
  const bot = await ana.rest.createBot({ name: handle, handle, files: [{ name: 'start.bas', text: script }] });
  await ana.rest.publishBot(bot.id);
  const { channel } = (await ana.rest.openDirect({ userIds: [bot.userId] })).state;
  const { id } = await eventually(
    async () => (await ana.rest.botConversations(bot.id, { status: 'waiting' })).conversations[0],
    'a conversation that waits',
  );
  const say = (text: string) => ana.rest.postMessage(channel.id, { clientId: crypto.randomUUID() as never, text });
  const said = async (text: string) => (await ana.rest.messages(channel.id)).messages.some((one) => one.text === text);
  const address = `${w.server.url.replace('127.0.0.1', 'localhost')}/studio/${bot.id}/conversations/${id}`;
  return { bot, say, said, address };
}

test.each([
  ['light', {}],
  ['dark', { colorScheme: 'dark' }],
  ['phone', { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }],
] as const)('a variable of a real conversation is changed, and its journal tells (%s)', async (look, options) => {
  const { say, said, address } = await waiting(`lunch-${look}`);
  const screen = await openScreen(browser, address, { ...loggedInAs(ana), ...options });
  const { page } = screen;
  await page.getByRole('button', { name: 'Look inside' }).click();
  await page.getByRole('button', { name: /^order, 2 values inside/ }).click();
  await page.getByRole('button', { name: 'Change price, now 25' }).click();
  await page.keyboard.type('30');
  await page.keyboard.press('Enter');
  await page.getByText('Changed in this copy only: order.price.').waitFor();
  await shoot(page, `real-change-copy-${look}`);
  expect(await findings(page)).toEqual([]);
  await page.getByRole('button', { name: 'Change the real conversation' }).click();
  await page.getByText(/goes on with order\.price as you set it/).waitFor();
  await shoot(page, `real-change-sure-${look}`);
  expect(await findings(page)).toEqual([]);
  await page.getByRole('button', { name: 'Change it', exact: true }).click();
  await page.getByText('The conversation was changed.').waitFor();
  await expect.poll(() => page.getByText('Changed in this copy only').count()).toBe(0);
  await page.getByRole('button', { name: 'Close the debugger' }).click();
  await page.getByText('Ana Prado changed it by hand').waitFor();
  await page.getByText('order.price: 25 → 30').waitFor();
  await shoot(page, `real-change-journal-${look}`);
  expect(await findings(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
  await say('2');
  await eventually(() => said('2 soup: 60'), 'the answer with the new price');
  expectNoFaults(screen);
  await screen.close();
});

test('one that has gone on meanwhile is not changed, and is shown as it stands now', async () => {
  const { say, said, address } = await waiting('late');
  const screen = await openScreen(browser, address, loggedInAs(ana));
  const { page } = screen;
  await page.getByRole('button', { name: 'Look inside' }).click();
  await page.getByRole('button', { name: /^order, 2 values inside/ }).click();
  await page.getByRole('button', { name: 'Change price, now 25' }).click();
  await page.keyboard.type('30');
  await page.keyboard.press('Enter');
  await say('3');
  await eventually(() => said('3 soup: 75'), 'the answer with the old price');
  await page.getByRole('button', { name: 'Change the real conversation' }).click();
  await page.getByRole('button', { name: 'Change it', exact: true }).click();
  await page.getByText('Nothing was changed.').waitFor();
  await shoot(page, 'real-change-moved-on');
  await page.getByRole('button', { name: 'Look again' }).click();
  await page.getByRole('button', { name: 'Change count, now 3' }).waitFor();
  await page.getByText('Nothing was changed.').waitFor({ state: 'detached' });
  expectNoFaults(screen);
  await screen.close();
});
