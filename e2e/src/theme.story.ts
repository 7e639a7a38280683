import { zipSync } from 'fflate';
import type { BotDetail } from 'gb-protocol';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findings } from './axe.ts';
import { expectNoFaults, goTo, loggedInAs, message, openBrowser, openScreen, shoot } from './browser.ts';
import { picture } from './picture.ts';
import { eventually, type Person, type World, world } from './world.ts';

/** How a bot looks: in its own conversation, among others, and beside the editor. And what a theme may never do. */
let w: World;
let browser: Browser;
let ana: Person;
let shop: BotDetail;
const url = () => w.server.url.replace('127.0.0.1', 'localhost');
const asked: string[] = [];

const script = `TALK "Which flowers? [Our prices](https://example.com)"
HEAR kind AS "Roses", "Tulips"
TALK kind`;
const hostile = `@import url(https://evil.example/all.css);
:root { --primary: #ffe600; --secondary: #fff3a3; --x: url(https://evil.example/x.png) }
* { --accent: red; background: url(https://evil.example/star.png) !important }
.composer, [data-theme] body { display: none }
body::before { content: "Your session is over" }`;

function zip(files: Readonly<Record<string, string | Uint8Array>>): Uint8Array {
  return zipSync(
    Object.fromEntries(
      Object.entries(files).map(([path, body]) => [
        `shop.gbai/${path}`,
        typeof body === 'string' ? new TextEncoder().encode(body) : body,
      ]),
    ),
  );
}

const settings = `name,value
theme-title,Flowers & more
welcome-message,Fresh every morning. <b>Nothing</b> here is HTML.
theme-font,Comic Sans
`;

beforeAll(async () => {
  [w, browser] = await Promise.all([world(), openBrowser()]);
  ana = await w.signUp('Ana Prado');
  shop = await ana.rest.createBot({
    name: 'Flower shop',
    handle: 'flowers',
    files: [{ name: 'start.bas', text: script }],
  });
});
afterAll(async () => {
  await browser?.close();
  await w?.close();
});

async function open(path: string, options: Parameters<typeof openScreen>[2] = {}) {
  const screen = await openScreen(browser, url(), { ...loggedInAs(ana), ...options });
  screen.page.on('request', (request) => asked.push(request.url()));
  await goTo(screen.page, path);
  return screen;
}

/** A colour as it is drawn, of a property of an element. */
const drawn = (page: Page, selector: string, property: string): Promise<string> =>
  page
    .locator(selector)
    .first()
    .evaluate((element, name) => getComputedStyle(element).getPropertyValue(name), property);

test('publishing tells what of a theme is not understood, and publishes', async () => {
  const { version, warnings } = await ana.rest.publishPackage(
    shop.id,
    zip({
      'shop.gbdialog/start.bas': script,
      'shop.gbot/config.csv': settings,
      'shop.gbtheme/style.css': hostile,
      'shop.gbtheme/logo.png': picture(96, 96),
      'shop.gbtheme/page.html': '<script>alert(1)</script>',
    }),
  );
  expect(version).toBe(1);
  expect((warnings as { code: string }[]).map(({ code }) => code).toSorted()).toEqual([
    'theme_files_left_out',
    'theme_key_unknown',
    'theme_style_left_out',
  ]);
  expect((await ana.rest.bot(shop.id)).theme).toEqual({
    color: '#ffe600',
    tint: '#fff3a3',
    title: 'Flowers & more',
    welcome: 'Fresh every morning. <b>Nothing</b> here is HTML.',
    logo: 'logo.png',
  });
});

test.each([
  ['light', {}],
  ['dark', { colorScheme: 'dark' }],
  ['phone', { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }],
] as const)('the conversation with the bot is in its colours and can be read, %s', async (name, options) => {
  const { state } = await ana.rest.openDirect({ userIds: [shop.userId] });
  const screen = await open(`/c/${state.channel.id}`, options);
  const { page } = screen;
  await message(page, 'Which flowers?').waitFor();
  await page.getByRole('heading', { name: 'Flowers & more' }).waitFor();
  await page.getByText('Fresh every morning. <b>Nothing</b> here is HTML.').waitFor();
  const logo = page.locator('.beginning img.avatar-logo');
  await expect.poll(() => logo.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(96);
  expect(await findings(page)).toEqual([]);
  await shoot(page, `theme-${name}`);
  expectNoFaults(screen);
  await screen.close();
});

test('among others only what the bot says is in its colours, and the page is as always', async () => {
  const general = await w.general(ana);
  await ana.rest.addBotToChannel(shop.id, general);
  const screen = await open(`/c/${general}`);
  const { page } = screen;
  await page.getByPlaceholder(/^Message /).fill('@flowers hello');
  await page.keyboard.press('Enter');
  // In a channel a bot answers in a thread.
  await page.getByRole('button', { name: /^1 reply/ }).click();
  await page.locator('.channel-pane article').getByText('Which flowers?').waitFor();
  expect(await page.locator('article[data-bot-color]').count()).toBe(1);
  expect(await page.locator('.channel-screen[data-bot-color]').count()).toBe(0);
  const own = await drawn(page, ':root', '--accent');
  expect(await drawn(page, '.composer', '--accent')).toBe(own);
  expect(await drawn(page, 'article[data-bot-color]', '--accent')).not.toBe(own);
  expect(await drawn(page, 'body', 'background-image')).toBe('none');
  await shoot(page, 'theme-channel');
  expectNoFaults(screen);
  await screen.close();
});

test('the studio shows the draft as it will look', async () => {
  const screen = await open(`/studio/${shop.id}`);
  const { page } = screen;
  await page.locator('.preview-talk[data-bot-color]').waitFor();
  await page.locator('.talk-beginning').getByText('Flowers & more').waitFor();
  await page.getByRole('link', { name: 'Settings', exact: true }).click();
  await page.getByRole('button', { name: /^theme-color1/ }).click();
  await page.getByLabel('Value of theme-color1').fill('verde');
  await page.getByText('This is no colour.').waitFor();
  expect(await findings(page)).toEqual([]);
  await page.getByLabel('Choose the colour of theme-color1').fill('#0000ff');
  await shoot(page, 'theme-settings');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('link', { name: 'Code', exact: true }).click();
  await expect
    .poll(() => page.locator('.preview-talk').evaluate((element: HTMLElement) => element.style.getPropertyValue('--bot-color')))
    .toBe('#0000ff');
  await shoot(page, 'theme-studio');
  // What people see is the published version.
  expect((await ana.rest.bot(shop.id)).theme?.color).toBe('#ffe600');
  expectNoFaults(screen);
  await screen.close();
});

test('a new version is seen at once where the bot is talked to, and so is the way back', async () => {
  const { state } = await ana.rest.openDirect({ userIds: [shop.userId] });
  const screen = await open(`/c/${state.channel.id}`);
  const color = () =>
    screen.page.locator('.channel-screen').evaluate((element: HTMLElement) => element.style.getPropertyValue('--bot-color'));
  await expect.poll(color, { timeout: 10_000 }).toBe('#ffe600');
  await ana.rest.publishBot(shop.id);
  await expect.poll(color, { timeout: 10_000 }).toBe('#0000ff');
  await ana.rest.rollBackBot(shop.id, 1);
  await expect.poll(color, { timeout: 10_000 }).toBe('#ffe600');
  await ana.rest.publishPackage(shop.id, zip({ 'shop.gbdialog/start.bas': script }));
  await expect.poll(color, { timeout: 10_000 }).toBe('');
  await screen.page.getByRole('heading', { name: 'Flower shop', level: 3 }).waitFor();
  expectNoFaults(screen);
  await screen.close();
});

test('the logo is for people of the workspace, and a picture that is none is nobody’s', async () => {
  const logo = (person: Person) =>
    fetch(`${w.server.url}/api/bots/${shop.id}/logo`, { headers: { authorization: `Bearer ${person.token}` } });
  await ana.rest.rollBackBot(shop.id, 1);
  // The package published since has none.
  expect((await logo(ana)).status).toBe(404);
  const files = { 'shop.gbdialog/start.bas': script };
  await ana.rest.publishPackage(shop.id, zip({ ...files, 'shop.gbtheme/logo.png': '<svg onload="alert(1)"/>' }));
  expect((await logo(ana)).status).toBe(404);
  await ana.rest.publishPackage(shop.id, zip({ ...files, 'shop.gbtheme/logo.png': picture(8, 8) }));
  const answer = await logo(ana);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/png']);
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
  const stranger = await w.signUp('Eve', { organization: 'Elsewhere' });
  expect((await logo(stranger)).status).toBe(404);
  expect((await fetch(`${w.server.url}/api/bots/${shop.id}/logo`)).status).toBe(401);
});

test.each(['light', 'dark'] as const)('whatever the colour, words can be read, %s', async (colorScheme) => {
  const screen = await open('/browse', { colorScheme });
  const worst = await screen.page.evaluate(() => {
    const element = document.createElement('div');
    document.body.append(element);
    element.dataset['botColor'] = '';
    element.dataset['botTint'] = '';
    const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
    const luminance = (property: string): number => {
      element.style.color = `var(${property})`;
      context.fillStyle = getComputedStyle(element).color;
      context.fillRect(0, 0, 1, 1);
      const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data]
        .map((part) => part / 255)
        .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
    };
    const pairs = [
      ['--text-on-accent', '--accent'],
      ['--text-on-accent', '--accent-strong'],
      ['--accent-text', '--bg'],
      ['--accent-text', '--bg-raised'],
      ['--accent-text', '--bg-hover'],
      ['--accent-text', '--accent-soft'],
      ['--text', '--accent-soft'],
      ['--text-soft', '--accent-soft'],
    ] as const;
    const found = Object.fromEntries(pairs.map((pair) => [pair.join(' on '), { contrast: 21, color: '' }]));
    const steps = ['00', '33', '66', '99', 'cc', 'ff'];
    for (const r of steps)
      for (const g of steps)
        for (const b of steps) {
          const color = `#${r}${g}${b}`;
          element.style.setProperty('--bot-color', color);
          element.style.setProperty('--bot-tint', color);
          for (const pair of pairs) {
            const [one, other] = pair.map(luminance) as [number, number];
            const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
            const least = found[pair.join(' on ')]!;
            if (contrast < least.contrast) Object.assign(least, { contrast, color });
          }
        }
    element.remove();
    return found;
  });
  for (const [pair, { contrast, color }] of Object.entries(worst))
    expect(contrast, `${pair} of ${color}`).toBeGreaterThanOrEqual(4.5);
  await screen.close();
});

test('nothing was fetched from where a theme said', async () => {
  await eventually(async () => asked.length > 0, 'requests');
  expect(asked.filter((address) => !address.startsWith(url()))).toEqual([]);
});
