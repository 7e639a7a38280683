import type { ClientId } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectNoFaults, loggedInAs, message, openBrowser, openScreen, shoot } from './browser.ts';
import { type Person, type World, world } from './world.ts';

/** A phone in the hand of a member and of a guest. */
let w: World;
let browser: Browser;
let ana: Person;
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

beforeAll(async () => {
  [w, browser] = await Promise.all([world(), openBrowser()]);
  ana = await w.signUp('Ana Prado');
});
afterAll(async () => {
  await browser?.close();
  await w?.close();
});

test('a finger that rests on a message or scrolls over it asks for nothing; a tap brings the toolbar', async () => {
  const general = await w.general(ana);
  for (const text of ['First', 'Second', 'Third']) await ana.rest.postMessage(general, { clientId: uuidv7() as ClientId, text });
  const screen = await openScreen(browser, `${w.server.url}/c/${general}`, { ...phone, ...loggedInAs(ana) });
  const { page } = screen;
  await message(page, 'Second').waitFor();
  const box = (await message(page, 'Second').boundingBox())!;
  const touch = await screen.context.newCDPSession(page);
  const at = { x: box.x + 120, y: box.y + box.height / 2 };
  const toolbar = page.getByRole('toolbar', { name: 'Message actions' });
  await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [at] });
  await page.waitForTimeout(300);
  expect(await toolbar.count()).toBe(0);
  for (let by = 10; by <= 60; by += 10)
    await touch.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [{ x: at.x, y: at.y + by }] });
  await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  expect(await toolbar.count()).toBe(0);
  await page.mouse.move(at.x, at.y);
  await page.waitForTimeout(150);
  expect(await toolbar.count(), 'a pointer that only rests there').toBe(0);

  await message(page, 'Second').tap();
  await toolbar.waitFor();
  await shoot(page, 'phone-toolbar');
  await toolbar.getByRole('button', { name: 'Reply in thread' }).tap();
  await page.getByRole('region', { name: 'Thread' }).waitFor();
  // The answer is written when one wants to: the keyboard does not open over what one came to read.
  expect(await page.evaluate(() => document.activeElement?.tagName)).not.toBe('TEXTAREA');
  expectNoFaults(screen);
  await screen.close();
});

test('every member invites, as member or guest; a guest is not offered it', async () => {
  const bo = await w.invite(ana, 'Bo Lind');
  const gil = await w.invite(ana, 'Gil Guest', 'guest');
  for (const [person, canInvite] of [
    [bo, true],
    [gil, false],
  ] as const) {
    const screen = await openScreen(browser, w.server.url, { ...phone, ...loggedInAs(person) });
    const { page } = screen;
    await page.getByRole('button', { name: /^(Bo Lind|Gil Guest): / }).tap();
    await page.getByRole('menuitem', { name: 'Settings' }).waitFor();
    expect(await page.getByRole('menuitem', { name: 'Invite people' }).count()).toBe(canInvite ? 1 : 0);
    if (canInvite) {
      await page.getByRole('menuitem', { name: 'Invite people' }).tap();
      await page.getByRole('button', { name: /They join as/ }).tap();
      expect(await page.getByRole('option').allInnerTexts()).toEqual(['Member', 'Guest']);
      await page.getByRole('option', { name: 'Guest' }).tap();
      await page.getByRole('button', { name: 'Create link' }).tap();
      const link = await page.getByRole('textbox', { name: 'Invitation link' }).inputValue();
      const code = decodeURIComponent(new URL(link).pathname.split('/').at(-1)!);
      expect(await w.stranger().invitation(code)).toMatchObject({ isUsable: true, invitedBy: 'Bo Lind' });
      await page.getByRole('button', { name: 'Invitations', exact: true }).tap();
      await page.getByRole('button', { name: 'Withdraw' }).tap();
      await page.getByText('No open invitations').waitFor();
      await shoot(page, 'phone-invitations');
    } else {
      await page.goto(`${w.server.url}/invite`);
      await page.getByText('Guests cannot invite people').waitFor();
      expect(await page.getByRole('button', { name: 'Create link' }).isDisabled()).toBe(true);
    }
    expectNoFaults(screen);
    await screen.close();
  }
});
