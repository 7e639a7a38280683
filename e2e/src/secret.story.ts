import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findings } from './axe.ts';
import { composer, expectNoFaults, goTo, loggedInAs, message, openBrowser, openScreen, shoot, write } from './browser.ts';
import { type Person, type World, world } from './world.ts';

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

test('a password is typed hidden, reaches the bot, and is seen by nobody afterwards', async () => {
  const bot = await ana.rest.createBot({
    name: 'Login',
    handle: 'login',
    files: [
      {
        name: 'start.bas',
        text: 'TALK "Which password?"\nHEAR pw AS PASSWORD\nTALK "It has " + LEN(pw) + " letters. Again?"\nHEAR more\nTALK "Said: " + more',
      },
    ],
  });
  await ana.rest.publishBot(bot.id);
  const { state } = await ana.rest.openDirect({ userIds: [bot.userId] });
  const channelId = state.channel.id;
  const screen = await openScreen(browser, w.server.url.replace('127.0.0.1', 'localhost'), loggedInAs(ana));
  const { page } = screen;
  const sent: string[] = [];
  page.on('request', (request) => sent.push(request.postData() ?? ''));
  await goTo(page, `/c/${channelId}`);
  await message(page, 'Which password?').waitFor();
  const secret = page.getByLabel('Password', { exact: true });
  await secret.waitFor();
  expect(await composer(page).count()).toBe(0);
  expect(await secret.getAttribute('type')).toBe('password');
  await secret.fill('correct horse');
  await shoot(page, 'secret-asked');
  expect(await findings(page)).toEqual([]);
  await page.getByRole('button', { name: 'Show what is typed' }).click();
  expect(await secret.getAttribute('type')).toBe('text');
  await page.getByRole('button', { name: 'Hide what is typed' }).click();
  await secret.press('Enter');

  await message(page, 'It has 13 letters. Again?').waitFor();
  await message(page, 'A password, not kept here').waitFor();
  await shoot(page, 'secret-given');
  expect(await findings(page)).toEqual([]);
  // The next question is an ordinary one, and what was typed is neither in the page nor in what it keeps.
  await write(page, 'nothing secret');
  await message(page, 'Said: nothing secret').waitFor();
  expect(await page.content()).not.toContain('correct horse');
  const kept = await page.evaluate(async () => {
    const databases = await indexedDB.databases();
    const all = databases.map(
      ({ name }) =>
        new Promise<unknown[]>((resolve, reject) => {
          const opening = indexedDB.open(name!);
          opening.onerror = () => reject(opening.error);
          opening.onsuccess = () => {
            const db = opening.result;
            const stores = [...db.objectStoreNames];
            if (stores.length === 0) return resolve([]);
            const reads = stores.map((store) => db.transaction(store).objectStore(store).getAll());
            reads.at(-1)!.transaction!.oncomplete = () => resolve(reads.map(({ result }) => result));
          };
        }),
    );
    return JSON.stringify([await Promise.all(all), { ...localStorage }, { ...sessionStorage }]);
  });
  expect(kept).not.toContain('correct');
  // No draft of it went to the server.
  expect(sent.join('\n')).not.toContain('correct');
  const { messages } = await ana.rest.messages(channelId);
  expect(JSON.stringify(messages)).not.toContain('correct horse');
  expectNoFaults(screen);
  await screen.close();
});
