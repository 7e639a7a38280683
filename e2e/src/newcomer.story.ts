import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { composer, expectNoFaults, message, openBrowser, openScreen, type Screen, setUp, shoot, write } from './browser.ts';
import { password, type World, world } from './world.ts';

/** What a newcomer sees, from the first page to an own bot, in real browsers on the real server. */
let w: World;
let browser: Browser;
let ana: Screen;
let bo: Screen;
beforeAll(async () => {
  [w, browser] = await Promise.all([world({ env: { GB_OPEN_SIGNUP: 'false', GB_RATE_FACTOR: '10' } }), openBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await w?.close();
});

test('one question a screen leads to #general, with short conversations and a guide that says hello', async () => {
  ana = await openScreen(browser, w.server.url);
  const { page } = ana;
  await page.getByLabel('Organization', { exact: true }).waitFor();
  await shoot(page, 'first-question');
  await setUp(page, { organization: 'Harbour Studio', name: 'Ana Prado', email: 'ana@example.com', password });
  await message(page, 'where everybody in the workspace can talk').waitFor();
  await write(page, 'Hello from **Ana**');
  await message(page, 'Hello from Ana').waitFor();
  await expect.poll(() => page.getByRole('button', { name: /replies/ }).count()).toBeGreaterThan(0);
  await shoot(page, 'general');
  await page.getByRole('link', { name: /Guide/ }).first().click();
  await message(page, /Ana Prado/).waitFor();
  await shoot(page, 'guide');
});

test('the guide asks, remembers and branches', async () => {
  const { page } = ana;
  await write(page, 'I am a designer');
  await message(page, 'what is your team called').waitFor();
  await write(page, 'Lighthouse');
  await message(page, 'Lighthouse - noted').waitFor();
  await page.getByRole('button', { name: 'Invite people', exact: true }).last().click();
  await message(page, 'How many people are in Lighthouse').waitFor();
  await write(page, 'quite a few');
  await message(page, /whole number/).waitFor();
  await write(page, '7');
  await message(page, 'With 7 people').waitFor();
  await shoot(page, 'guide-dialog');
});

test('an invitation link brings a second person in, and both see each other at once', async () => {
  const { page } = ana;
  await page.goto(`${w.server.url}/invite`);
  await page.getByRole('button', { name: 'Create link' }).click();
  const link = await page.getByRole('textbox', { name: 'Invitation link' }).inputValue();
  await page.getByRole('img', { name: 'The link as a QR code' }).waitFor();
  await shoot(page, 'invite');

  bo = await openScreen(browser, link, { colorScheme: 'dark' });
  await bo.page.getByRole('button', { name: 'Accept the invitation' }).click();
  for (const [label, value] of [
    ['Your name', 'Bo Lind'],
    ['E-mail', 'bo@example.com'],
    ['Password', password],
  ] as const) {
    await bo.page.getByLabel(label, { exact: true }).fill(value);
    await bo.page.keyboard.press('Enter');
  }
  await composer(bo.page).waitFor();
  await bo.page
    .getByRole('link', { name: /general/ })
    .first()
    .click();
  await page
    .getByRole('link', { name: /general/ })
    .first()
    .click();
  await message(bo.page, 'Hello from Ana').waitFor();

  await write(bo.page, 'Hi Ana, this is Bo');
  await message(page, 'Hi Ana, this is Bo').waitFor();
  await shoot(bo.page, 'second-person-dark');
});

test('messages, typing, reactions and edits appear in both browsers at once', async () => {
  await write(ana.page, 'warm up');
  await message(bo.page, 'warm up').waitFor();
  // The clock of one machine: when the text is in Bo's page, less when Ana pressed Enter.
  const times: number[] = [];
  for (let n = 0; n < 7; n++) {
    const text = `measured ${n}`;
    const seen = bo.page.evaluate(
      (wanted) =>
        new Promise<number>((resolve) => {
          const look = () => {
            if (!document.body.innerText.includes(wanted)) return;
            observer.disconnect();
            resolve(Date.now());
          };
          const observer = new MutationObserver(look);
          observer.observe(document.body, { subtree: true, childList: true, characterData: true });
        }),
      text,
    );
    await composer(ana.page).fill(text);
    const before = Date.now();
    await composer(ana.page).press('Enter');
    times.push((await seen) - before);
  }
  times.sort((a, b) => a - b);
  process.stdout.write(`Enter to the other browser's page: median ${times[3]} ms, worst ${times[6]} ms\n`);

  await composer(ana.page).pressSequentially('thinking');
  await bo.page.getByText('Ana Prado is typing…').waitFor();
  await composer(ana.page).fill('');

  await message(bo.page, 'measured 6').hover();
  await bo.page.getByRole('button', { name: 'Add reaction' }).first().click();
  await bo.page
    .getByPlaceholder(/Find an emoji|Search/)
    .or(bo.page.getByLabel('Find an emoji'))
    .first()
    .fill('thumbs up');
  await bo.page.keyboard.press('Enter');
  await message(ana.page, 'measured 6')
    .getByRole('button', { name: /👍 1 reaction: Bo Lind/ })
    .waitFor();

  await composer(ana.page).press('ArrowUp');
  await ana.page.getByRole('textbox', { name: 'Edit message' }).fill('measured and edited');
  await ana.page.keyboard.press('Enter');
  await message(bo.page, 'measured and edited').getByText('(edited)').waitFor();
});

test('a third browser: a thread of three people', async () => {
  const cleo = await openScreen(browser, await invitationLink(), { viewport: { width: 390, height: 844 }, locale: 'pt-BR' });
  await cleo.page.getByRole('button', { name: 'Aceitar o convite' }).click();
  for (const value of ['Cléo Reis', 'cleo@example.com', password]) {
    await cleo.page.locator('input:visible').first().fill(value);
    await cleo.page.keyboard.press('Enter');
    await cleo.page.waitForTimeout(150);
  }
  await cleo.page.getByText('Canais').first().waitFor();
  await shoot(cleo.page, 'phone-list-pt');
  await cleo.page
    .getByRole('link', { name: /general/ })
    .first()
    .click();
  await message(cleo.page, 'measured and edited').waitFor();
  await shoot(cleo.page, 'phone-channel-pt');

  await message(ana.page, 'Hi Ana, this is Bo').hover();
  await ana.page.getByRole('button', { name: 'Reply in thread' }).first().click();
  const reply = ana.page.getByPlaceholder('Reply in this thread');
  await reply.fill('Welcome, Bo');
  await reply.press('Enter');
  await bo.page
    .getByRole('button', { name: /1 reply/ })
    .last()
    .click();
  await bo.page.getByPlaceholder('Reply in this thread').fill('Thank you');
  await bo.page.keyboard.press('Enter');
  await message(ana.page, 'Thank you').waitFor();
  await shoot(ana.page, 'thread');
  expectNoFaults(cleo);
  await cleo.close();
});

async function invitationLink(): Promise<string> {
  const { token } = await w.stranger().logIn({ email: 'ana@example.com', password });
  const response = await fetch(`${w.server.url}/api/invitations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: '{}',
  });
  return `${w.server.url}/join/${((await response.json()) as { code: string }).code}`;
}

test('an own bot: from a template to an answer in a channel', async () => {
  const { page } = ana;
  const startedMs = performance.now();
  await page
    .getByRole('link', { name: 'New bot' })
    .or(page.getByRole('button', { name: 'New bot' }))
    .first()
    .click();
  await page.getByText('Ask and remember').first().click();
  await shoot(page, 'studio-templates');
  await page.getByLabel('Name of the bot').fill('Front desk');
  await page.keyboard.press('Enter');
  const editor = page.locator('.cm-content');
  await editor.waitFor();
  await editor.click();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.insertText('TALK "What is your name?"\nHEAR name\nTALK "Good day, ${name}!"');
  await page
    .getByRole('button', { name: /^(Run|Start|Restart)/ })
    .first()
    .click();
  await page.getByText('What is your name?').last().waitFor({ timeout: 5_000 });
  const answer = page.getByRole('textbox', { name: /answer|reply|message/i }).last();
  await answer.fill('Ana');
  await answer.press('Enter');
  await page.getByText('Good day, Ana!').waitFor({ timeout: 5_000 });
  await shoot(page, 'studio');

  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  await page.getByRole('button', { name: 'Publish this code' }).click();
  await page.getByText('Version 1 is live.').first().waitFor();
  await shoot(page, 'studio-published');
  await page.getByRole('button', { name: /^\d+ channels$/ }).click();
  await page.getByRole('button', { name: /: #general$/ }).click();
  await page.keyboard.press('Escape');
  await page
    .getByRole('link', { name: /general/ })
    .first()
    .click();
  await write(page, '@front-desk good morning');
  await message(page, '@Front desk good morning')
    .getByRole('button', { name: /1 reply/ })
    .click();
  await message(page, 'What is your name?').waitFor();
  await page.getByPlaceholder('Reply in this thread').fill('Ana P.');
  await page.keyboard.press('Enter');
  await message(page, 'Good day, Ana P.!').waitFor();
  await shoot(page, 'bot-in-channel');
  process.stdout.write(`From "New bot" to its answer: ${((performance.now() - startedMs) / 1000).toFixed(1)} s\n`);
  expectNoFaults(ana, bo);
});

test('offline, what is written stays and goes out once, in order, after a reload too', async () => {
  const { page, context } = bo;
  await page
    .getByRole('link', { name: /general/ })
    .first()
    .click();
  await composer(page).waitFor();
  await context.setOffline(true);
  for (const n of [1, 2, 3]) await write(page, `written offline ${n}`);
  await shoot(page, 'offline');
  await context.setOffline(false);
  await page.reload();
  await ana.page
    .getByRole('link', { name: /general/ })
    .first()
    .click();
  for (const n of [1, 2, 3]) await message(ana.page, `written offline ${n}`).waitFor({ timeout: 20_000 });
  const texts = await ana.page.getByRole('article').allInnerTexts();
  const offline = texts.flatMap((text) => /written offline \d/.exec(text)?.[0] ?? []);
  expect(offline).toEqual(['written offline 1', 'written offline 2', 'written offline 3']);
});
