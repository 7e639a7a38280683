import { createHttp, createRest } from 'gb-client';
import type { ChannelId, ClientId } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  composer,
  expectNoFaults,
  goTo,
  loggedInAs,
  message,
  openBrowser,
  openScreen,
  type Screen,
  shoot,
  write,
} from './browser.ts';
import { channelNamed, eventually, type Person, password, type World, world, worldOn } from './world.ts';

/** Two tabs of one person, sessions that end, a server that goes and comes back, a network that crawls. */
let w: World;
let browser: Browser;
let ana: Person;
let bo: Person;
let general: ChannelId;
let design: ChannelId;
let screen: Screen;
let one: Page;
let two: Page;

beforeAll(async () => {
  [w, browser] = await Promise.all([world(), openBrowser()]);
  ana = await w.signUp('Ana Prado');
  bo = await w.invite(ana, 'Bo Lind');
  const { state } = await ana.rest.createChannel({ kind: 'public', name: 'design', topic: '', memberIds: [bo.userId] });
  design = state.channel.id;
  general = channelNamed(await ana.rest.snapshot(), 'general');
  screen = await openScreen(browser, `${w.server.url}/c/${general}`, loggedInAs(ana));
  one = screen.page;
  two = await secondTab(`/c/${design}`);
  await composer(one).waitFor();
});
afterAll(async () => {
  await browser?.close();
  await w?.close();
});

async function secondTab(path: string): Promise<Page> {
  const page = await screen.context.newPage();
  page.on('pageerror', (error) => screen.faults.push(`${error.name}: ${error.message}`));
  await page.goto(`${w.server.url}${path}`);
  await composer(page).waitFor();
  return page;
}

const post = (by: Person, channelId: ChannelId, text: string) =>
  by.rest.postMessage(channelId, { clientId: uuidv7() as ClientId, text });

/** What the server has, in its order. */
async function stored(channelId: ChannelId, like: RegExp): Promise<string[]> {
  const { messages } = await ana.rest.messages(channelId, { limit: 200 });
  return messages.map(({ text }) => text).filter((text) => like.test(text));
}

/** What the page shows, in its order. */
async function shown(page: Page, like: RegExp): Promise<string[]> {
  const texts = await page.locator('.messages article .md').allInnerTexts();
  return texts.map((text) => text.trim()).filter((text) => like.test(text));
}

test('two tabs have one outbox: what both wrote offline goes out once, each in its order, also when one is closed', async () => {
  await screen.context.setOffline(true);
  for (const n of [1, 2, 3]) await write(one, `one wrote ${n}`);
  for (const n of [1, 2, 3]) await write(two, `two wrote ${n}`);
  // Each tab knows of the other's.
  await one.getByText('6 messages wait.').waitFor();
  await two.close();
  await screen.context.setOffline(false);
  const fromOne = await eventually(async () => {
    const texts = await stored(general, /^one wrote/);
    return texts.length >= 3 && texts;
  }, 'the first tab sent');
  const fromTwo = await eventually(
    async () => {
      const texts = await stored(design, /^two wrote/);
      return texts.length >= 3 && texts;
    },
    'the first tab sent for the closed one',
    30_000,
  );
  expect(fromOne).toEqual(['one wrote 1', 'one wrote 2', 'one wrote 3']);
  expect(fromTwo).toEqual(['two wrote 1', 'two wrote 2', 'two wrote 3']);
  two = await secondTab(`/c/${general}`);
  await message(two, 'one wrote 3').waitFor();
  await expect.poll(() => shown(two, /^one wrote/)).toEqual(fromOne);
  expect(await stored(general, /^one wrote/)).toEqual(fromOne);
});

test('a draft begun in one tab is in the other, and sending it empties both', async () => {
  await goTo(two, `/c/${design}`);
  await composer(one).fill('begun in the first tab');
  await goTo(two, `/c/${general}`);
  await expect.poll(() => composer(two).inputValue(), { timeout: 5_000 }).toBe('begun in the first tab');
  await composer(two).fill('begun in the first tab, finished in the second');
  await composer(two).press('Enter');
  await message(one, 'finished in the second').waitFor();
  // The tab where it was begun believes its own words for ten seconds, then those of elsewhere.
  await expect.poll(() => composer(one).inputValue(), { timeout: 15_000 }).toBe('');
});

test('what is read in one tab is read in the other', async () => {
  await goTo(two, '/settings/profile');
  await goTo(one, '/settings/profile');
  const unread = (page: Page) => page.getByRole('link', { name: /design.*unread/ });
  await post(bo, design, 'Have you seen this?');
  await unread(one).waitFor();
  await unread(two).waitFor();
  await goTo(one, `/c/${design}`);
  await message(one, 'Have you seen this?').waitFor();
  await unread(one).waitFor({ state: 'detached' });
  await unread(two).waitFor({ state: 'detached' });
});

test('a session ended elsewhere asks to log in, keeps what was being written, and goes on', async () => {
  await goTo(one, `/c/${general}`);
  await composer(one).fill('half a sentence, not yet');
  const before = ana;
  ana = await renewed();
  const { sessions } = await before.rest.sessions();
  await ana.rest.endSession(sessions.find(({ isCurrent }) => isCurrent)!.id);
  const box = one.getByRole('dialog');
  await box.getByLabel('Password', { exact: true }).waitFor();
  await two.getByRole('dialog').getByLabel('Password', { exact: true }).waitFor();
  await shoot(one, 'session-expired');
  await box.getByLabel('Password', { exact: true }).fill(password);
  await one.keyboard.press('Enter');
  await box.waitFor({ state: 'detached' });
  await expect.poll(() => composer(one).inputValue()).toBe('half a sentence, not yet');
  await composer(one).press('Enter');
  await message(one, 'half a sentence, not yet').waitFor();
  await eventually(async () => (await stored(general, /^half a sentence/)).length === 1, 'it went out once');
});

/** The same person, logged in once more. */
async function renewed(): Promise<Person> {
  const { token, userId } = await w.stranger().logIn({ email: ana.email, password });
  if (!token) throw new Error('A program gets a token.');
  const http = createHttp({ baseUrl: w.server.url, fetch, token: () => token, timeoutMs: 20_000 });
  return { ...ana, rest: createRest(http), token, userId };
}

test('the other tab goes on too once one has logged in', async () => {
  await two.getByRole('dialog').waitFor({ state: 'detached' });
  await goTo(two, `/c/${general}`);
  await write(two, 'and from the second tab');
  await message(one, 'and from the second tab').waitFor();
  await eventually(async () => (await stored(general, /^and from the second/)).length === 1, 'it went out once');
});

test('a server that restarts under the open page: it goes on by itself, nothing is lost or doubled', async () => {
  await goTo(one, `/c/${design}`);
  await goTo(two, `/c/${design}`);
  await write(one, 'restart 1');
  await message(two, 'restart 1').waitFor();
  await w.server.stop();
  for (const n of [2, 3, 4]) await write(one, `restart ${n}`);
  await one.locator('.status-banner').waitFor();
  await shoot(one, 'server-away');
  const server = await w.server.restart();
  w = { ...worldOn(server), close: () => server.dispose() };
  await post(bo, design, 'restart, said Bo');
  const wanted = ['restart 1', 'restart 2', 'restart 3', 'restart 4', 'restart, said Bo'];
  for (const page of [one, two])
    await expect.poll(async () => (await shown(page, /^restart/)).sort(), { timeout: 40_000 }).toEqual(wanted);
  const order = await stored(design, /^restart/);
  expect([...order].sort()).toEqual(wanted);
  expect(order.filter((text) => /\d/.test(text))).toEqual(wanted.slice(0, 4));
  for (const page of [one, two]) await expect.poll(() => shown(page, /^restart/)).toEqual(order);
  await expect.poll(() => one.locator('.status-banner').count(), { timeout: 10_000 }).toBe(0);
});

test('over a slow network what is written shows at once and arrives later', async () => {
  const slow = await screen.context.newCDPSession(one);
  await slow.send('Network.enable');
  await slow.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 600,
    downloadThroughput: 20_000,
    uploadThroughput: 20_000,
  });
  // A channel not seen before: its frame at once, its messages when they come.
  const { state } = await bo.rest.createChannel({ kind: 'public', name: 'slow', topic: '', memberIds: [ana.userId] });
  for (let n = 0; n < 30; n++) await post(bo, state.channel.id, `slow ${n} ${'word '.repeat(40)}`);
  await one.getByRole('link', { name: /slow/ }).waitFor();
  await goTo(one, `/c/${state.channel.id}`);
  await one.getByRole('heading', { name: /slow/ }).waitFor({ timeout: 1_000 });
  await message(one, 'slow 29').waitFor();
  // The page itself comes over it too, and with it a connection that is slow from the start.
  await one.reload({ waitUntil: 'commit' });
  await message(one, 'slow 29').waitFor({ timeout: 60_000 });
  await goTo(two, `/c/${state.channel.id}`);
  await composer(one).fill('over a slow network');
  const startMs = performance.now();
  await composer(one).press('Enter');
  await message(one, 'over a slow network').waitFor();
  const shownMs = performance.now() - startMs;
  await message(two, 'over a slow network').waitFor();
  const arrivedMs = performance.now() - startMs;
  process.stdout.write(
    `Slow network: own message in sight after ${Math.round(shownMs)} ms, elsewhere after ${Math.round(arrivedMs)} ms\n`,
  );
  await slow.detach();
});

test('logging out in one tab logs out of the other, and nothing of the person stays on screen', async () => {
  await goTo(two, `/c/${general}`);
  await composer(two).fill('kept for later');
  await two.waitForTimeout(1_200);
  await one.getByRole('button', { name: /^Ana Prado: / }).click();
  await one.getByRole('menuitem', { name: 'Log out' }).click();
  await one.getByRole('heading', { name: 'Log in' }).waitFor();
  await two.getByRole('heading', { name: 'Log in' }).waitFor();
  await two.locator('.shell').waitFor({ state: 'detached' });
  await shoot(two, 'logged-out-elsewhere');
  await one.getByLabel('E-mail', { exact: true }).fill(ana.email);
  await one.getByLabel('Password', { exact: true }).fill(password);
  await one.keyboard.press('Enter');
  await composer(one).waitFor();
  await composer(two).waitFor();
  await goTo(one, `/c/${general}`);
  await expect.poll(() => composer(one).inputValue()).toBe('kept for later');
  expectNoFaults(screen);
});
