import type { ChannelId, ClientId } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { composer, expectNoFaults, goTo, loggedInAs, message, openBrowser, openScreen, type Screen, shoot } from './browser.ts';
import { channelNamed, eventually, type Person, type World, world } from './world.ts';

/** A workspace that counts as large and a channel that counts as busy: what those see who do not look, and when they do. */
let w: World;
let browser: Browser;
let ana: Person;
let bo: Person;
let general: ChannelId;
let direct: ChannelId;
let screen: Screen;

beforeAll(async () => {
  [w, browser] = await Promise.all([
    world({ env: { GB_GATEWAY: 'everybodyMax=0 busyPerSecond=0 busyFollowersMin=2 headMs=100' } }),
    openBrowser(),
  ]);
  ana = await w.signUp('Ana Prado');
  bo = await w.invite(ana, 'Bo Lind');
  general = channelNamed(await ana.rest.snapshot(), 'general');
  direct = (await ana.rest.openDirect({ userIds: [bo.userId] })).state.channel.id;
  await say(bo, direct, 'hello Ana');
  screen = await openScreen(browser, `${w.server.url}/c/${direct}`, loggedInAs(ana));
  await composer(screen.page).waitFor();
});
afterAll(async () => {
  await browser?.close();
  await w?.close();
});

const say = (by: Person, channelId: ChannelId, text: string) =>
  by.rest.postMessage(channelId, { clientId: uuidv7() as ClientId, text });
const row = (name: RegExp) => screen.page.locator('.side-row', { hasText: name });

test('in a large workspace the people of direct channels are seen come and go', async () => {
  const dot = row(/Bo Lind/).locator('.presence');
  await expect.poll(() => dot.getAttribute('class')).toContain('presence-offline');
  const other = await openScreen(browser, `${w.server.url}/c/${direct}`, loggedInAs(bo));
  await expect.poll(() => dot.getAttribute('class'), { timeout: 30_000 }).toContain('presence-online');
  await shoot(screen.page, 'large-workspace');
  await other.close();
  await expect.poll(() => dot.getAttribute('class'), { timeout: 30_000 }).toContain('presence-offline');
});

test('a busy channel that is not looked at counts and calls, and shows all of it when it is opened', async () => {
  const { users } = await ana.rest.snapshot();
  const { handle } = users.find(({ id }) => id === ana.userId)!;
  const other = await openScreen(browser, `${w.server.url}/c/${general}`, loggedInAs(bo));
  await composer(other.page).waitFor();
  const truth = async () => {
    const { state } = await ana.rest.channel(general);
    return { unread: state.count - state.membership.readCount, mentions: state.mentions };
  };
  const before = await truth();
  for (let n = 1; n <= 30; n++) await say(bo, general, n === 10 ? `@${handle} look here` : `news ${n}`);
  expect(await truth()).toEqual({ unread: before.unread + 30, mentions: 1 });
  await expect.poll(() => row(/general/).textContent(), { timeout: 30_000 }).toMatch(/1 mention/);
  // Told of as a channel that rests: the server wrote heads, not every entry.
  const metrics = await (await fetch(`${w.server.url}/metrics`)).text();
  expect(Number(/^gb_heads_told_total (\d+)$/m.exec(metrics)?.[1])).toBeGreaterThan(0);
  await shoot(screen.page, 'busy-channel-unread');

  await goTo(screen.page, `/c/${general}`);
  await message(screen.page, 'news 30').waitFor();
  await message(screen.page, 'look here').waitFor();
  await say(bo, general, 'live again');
  await message(screen.page, 'live again').waitFor();
  await eventually(async () => (await truth()).unread === 0, 'everything is read');
  await shoot(screen.page, 'busy-channel-read');
  expectNoFaults(screen, other);
  await other.close();
});
