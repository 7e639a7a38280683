import type { ClientId } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { expectNoFaults, message, openBrowser, openScreen, type Screen, shoot } from './browser.ts';
import { channelNamed, type Person, password, type World, world } from './world.ts';

/** A working day of somebody who has no mouse. After each step the focus is somewhere, and one sees where. */
let w: World;
let browser: Browser;
let ana: Person;
let bo: Person;
let screen: Screen;
let page: Page;
beforeAll(async () => {
  [w, browser] = await Promise.all([world(), openBrowser()]);
  ana = await w.signUp('Ana Prado');
  bo = await w.invite(ana, 'Bo Lind');
  for (const name of ['design', 'operations']) {
    const { state } = await ana.rest.createChannel({ kind: 'public', name, topic: '', memberIds: [bo.userId] });
    await say(bo, state.channel.id, `Welcome to ${name}`);
  }
  screen = await openScreen(browser, w.server.url, { permissions: ['clipboard-read', 'clipboard-write'] });
  page = screen.page;
});
afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return;
  await shoot(page, 'keyboard-failed');
  process.stdout.write(`${task.name}: ${screen.faults.join(' | ')}\n`);
});
afterAll(async () => {
  await browser?.close();
  await w?.close();
});

const say = (by: Person, channelId: Parameters<Person['rest']['postMessage']>[0], text: string) =>
  by.rest.postMessage(channelId, { clientId: uuidv7() as ClientId, text });

/** What has the focus: null for nothing, and whether a person can see it. */
function focused(): Promise<{ name: string; tag: string; isInSight: boolean; hasRing: boolean } | null> {
  return page.evaluate(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    if (!(element instanceof HTMLElement) || element === document.body) return null;
    const box = element.getBoundingClientRect();
    // A text field shows the ring on the box around it.
    let hasRing = false;
    for (let at: Element | null = element, level = 0; at && level < 6; level++) {
      const style = getComputedStyle(at);
      if (style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 2) hasRing = true;
      if (!/^(INPUT|TEXTAREA)$/.test(element.tagName) && !element.isContentEditable) break;
      const root = at.getRootNode();
      at = at.parentElement ?? (root instanceof ShadowRoot ? root.host : null);
    }
    // A combobox points: the ring is the chosen row in its list.
    if (element.getAttribute('aria-activedescendant')) hasRing = true;
    return {
      name: (element.getAttribute('aria-label') ?? element.innerText ?? '').slice(0, 80),
      tag: element.tagName.toLowerCase(),
      isInSight:
        box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
      hasRing,
    };
  });
}

/** Fails when the focus is nowhere, out of sight or unmarked, now or a moment later. */
async function expectFocus(after: string): Promise<void> {
  const where = async () => {
    const at = await focused();
    if (!at) return `${after}: the focus is nowhere`;
    if (!at.isInSight) return `${after}: the focus is out of sight, at ${at.tag} "${at.name}"`;
    return at.hasRing ? 'seen' : `${after}: nothing marks the focus at ${at.tag} "${at.name}"`;
  };
  await expect.poll(where, { timeout: 3_000 }).toBe('seen');
  await page.waitForTimeout(150);
  expect(await where()).toBe('seen');
}

async function press(key: string, times = 1): Promise<void> {
  for (let n = 0; n < times; n++) await page.keyboard.press(key);
  await expectFocus(key);
}

/** Tab, Tab, Tab, until it is there. Every stop on the way can be seen. */
async function tabTo(name: RegExp, key = 'Tab', most = 60): Promise<void> {
  for (let n = 0; n < most; n++) {
    await page.keyboard.press(key);
    const at = await focused();
    // From the last element of the page the focus goes round by way of the browser's own frame.
    if (!at) continue;
    expect(at, `at "${at.name}"`).toMatchObject({ isInSight: true, hasRing: true });
    if (name.test(at.name)) return;
  }
  throw new Error(`${key} did not lead to ${name}.`);
}

async function focusIs(name: RegExp): Promise<void> {
  await expect.poll(async () => (await focused())?.name ?? 'nowhere', { timeout: 3_000 }).toMatch(name);
  await expectFocus(String(name));
}

const composerOf = (channel: string) => new RegExp(`^Message #${channel}`);

async function switchTo(text: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await focusIs(/^Go to$/);
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
}

test('logging in: the first field has the focus, Tab and Enter do the rest', async () => {
  await focusIs(/^$/);
  expect(await page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('email');
  await page.keyboard.type(ana.email);
  await press('Tab');
  await page.keyboard.type('not the password');
  await page.keyboard.press('Enter');
  await page.getByText('E-mail and password do not match').waitFor();
  await expectFocus('a wrong password');
  await page.keyboard.press('Control+A');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await focusIs(composerOf('general'));
});

test('the switcher leads to a channel, and what is typed there is sent', async () => {
  await switchTo('desi');
  await focusIs(composerOf('design'));
  await page.keyboard.type('Good morning');
  await press('Shift+Enter');
  await page.keyboard.type('from the keyboard');
  await press('Enter');
  await message(page, 'from the keyboard').waitFor();
  await page.keyboard.type('A second one @bo');
  await page.getByRole('option', { name: /Bo Lind/ }).waitFor();
  await press('Tab');
  await press('Enter');
  await message(page, 'A second one').waitFor();
  await focusIs(composerOf('design'));
});

test('j and k walk through the messages, + reacts, c copies the link', async () => {
  await press('Shift+Tab');
  await press('k');
  await focusIs(/A second one/);
  await press('k');
  await focusIs(/Good morning/);
  await press('k');
  await focusIs(/Welcome to design/);
  await press('ArrowDown');
  await focusIs(/Good morning/);
  await press('k');
  await shoot(page, 'keyboard-row');

  await page.keyboard.press('+');
  await focusIs(/Find an emoji/);
  await page.keyboard.type('thumbs up');
  await page.keyboard.press('Enter');
  await message(page, 'Welcome to design')
    .getByRole('button', { name: /👍 1 reaction: you/i })
    .waitFor();
  await focusIs(/Welcome to design/);

  await press('c');
  await page.getByText('Link copied').waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link).toMatch(new RegExp(`^${w.server.url}/c/[^/]+/\\d+$`));
  await focusIs(/Welcome to design/);
});

test('t opens a thread with the focus where one writes, Esc comes back to the message', async () => {
  await page.keyboard.press('t');
  await focusIs(/^Reply in this thread/);
  await page.keyboard.type('Thank you, Bo');
  await press('Enter');
  await page.getByRole('region', { name: 'Thread' }).getByText('Thank you, Bo').waitFor();
  await press('Shift+Tab');
  await press('k');
  await focusIs(/Thank you, Bo/);
  await press('Escape');
  await page.keyboard.press('Escape');
  await page.getByRole('region', { name: 'Thread' }).waitFor({ state: 'detached' });
  await focusIs(/Welcome to design/);
  await message(page, 'Welcome to design').getByText('1 reply').waitFor();
});

test('e edits: Enter saves, Esc does not, both come back to where one was', async () => {
  await press('j');
  await press('j');
  await focusIs(/A second one/);
  await page.keyboard.press('e');
  await focusIs(/^Edit message$/);
  await page.keyboard.press('Control+A');
  await page.keyboard.type('A better second one');
  await page.keyboard.press('Enter');
  await message(page, 'A better second one').getByText('(edited)').waitFor();
  await focusIs(/A better second one/);

  await page.keyboard.press('e');
  await focusIs(/^Edit message$/);
  await page.keyboard.type(' never saved');
  await page.keyboard.press('Escape');
  await focusIs(/A better second one$/);

  await tabTo(composerOf('design'));
  await page.keyboard.press('ArrowUp');
  await focusIs(/^Edit message$/);
  await page.keyboard.type('!');
  await page.keyboard.press('Enter');
  await message(page, 'A better second one!').waitFor();
  await focusIs(composerOf('design'));
});

test('Delete takes a message away and leaves the focus on its place; undo is in reach', async () => {
  await press('Shift+Tab');
  await press('k');
  await page.keyboard.press('Delete');
  await message(page, 'Message deleted').getByRole('button', { name: 'Undo' }).waitFor();
  await focusIs(/Message deleted/);
  await press('Tab');
  await focusIs(/^Undo$/);
  await page.keyboard.press('Enter');
  await message(page, 'A better second one!').waitFor();
  await focusIs(/A better second one!/);
  expect(await page.locator('.toast').filter({ hasText: 'Message deleted' }).count()).toBe(0);
});

test('the toolbar and its menu are in reach of Tab and arrows', async () => {
  await tabTo(/^Add reaction$/);
  await tabTo(/^More$/);
  await page.keyboard.press('Enter');
  await focusIs(/Quote in reply/);
  await press('ArrowDown');
  await press('Escape');
  await focusIs(/^More$/);
  // The first closes the button's own tooltip.
  await press('Escape', 2);
  await focusIs(/^Messages in #design/);
});

test('Alt with arrows goes from channel to channel, with Shift to what is unread', async () => {
  await page.keyboard.press('Alt+ArrowDown');
  await focusIs(composerOf('general'));
  await page.keyboard.press('Alt+ArrowUp');
  await focusIs(composerOf('design'));
  const operations = channelNamed(await bo.rest.snapshot(), 'operations');
  await page.keyboard.press('Alt+ArrowUp');
  await say(bo, operations, 'Something new here');
  await page.getByRole('link', { name: /operations.*unread/ }).waitFor();
  await page.keyboard.press('Alt+Shift+ArrowDown');
  await focusIs(composerOf('operations'));
});

test('? shows the keys and Esc comes back', async () => {
  await press('Shift+Tab');
  await press('k');
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await expectFocus('?');
  await shoot(page, 'keyboard-list');
  await page.keyboard.press('Escape');
  await focusIs(/Something new here/);
});

test('a channel is created, left, and come back to', async () => {
  await switchTo('new channel');
  await focusIs(/^$/);
  await page.keyboard.type('Quiet Corner');
  expect(await page.evaluate(() => (document.activeElement as HTMLInputElement).value)).toBe('quiet-corner');
  await press('Tab');
  await press('ArrowDown');
  await page.keyboard.press('Enter');
  await focusIs(composerOf('quiet-corner'));
  await tabTo(/^Channel details$/, 'Shift+Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('region', { name: 'Channel details' }).waitFor();
  await expectFocus('Channel details');
  await tabTo(/^Leave channel$/);
  await page.keyboard.press('Enter');
  await page.getByText('You left quiet-corner').waitFor();
  await expectFocus('leaving');
  await page.getByRole('link', { name: /quiet-corner/ }).waitFor({ state: 'detached' });
});

test('escape from a page goes back to what opened it', async () => {
  await tabTo(/^Browse channels$/, 'Shift+Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('region', { name: 'Browse channels' }).waitFor();
  await expectFocus('Browse channels');
  await page.keyboard.press('Escape');
  await page.getByRole('region', { name: 'Browse channels' }).waitFor({ state: 'detached' });
  await expectFocus('Esc');
});

test('a bot is written and tried, and Tab is no trap in the editor', async () => {
  await switchTo('new bot');
  await page.getByText('Ask and remember').waitFor();
  await expectFocus('New bot');
  await page.keyboard.type('Helper');
  await page.keyboard.press('Enter');
  await focusIs(/^Code of start\.bas$/);
  await press('Escape');
  await shoot(page, 'keyboard-studio');
  await tabTo(/^Restart$|^Your answer$/);
});

test('the menu of oneself: the theme changes, and out', async () => {
  await switchTo('design');
  await focusIs(composerOf('design'));
  await tabTo(/^Ana Prado: /, 'Shift+Tab');
  await page.keyboard.press('Enter');
  await focusIs(/^Settings/);
  await press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect.poll(() => page.evaluate(() => document.documentElement.dataset['theme'])).toBe('dark');
  await focusIs(/^Ana Prado: /);
  await page.keyboard.press('Enter');
  await focusIs(/^Settings/);
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await page.getByLabel('Password', { exact: true }).waitFor();
  await expectFocus('Log out');
  expectNoFaults(screen);
});
