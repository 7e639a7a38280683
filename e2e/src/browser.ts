import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';

const shots = join(import.meta.dirname, '../shots');

/** Debian's Chromium, or the one CHROMIUM_PATH names. */
export async function openBrowser(): Promise<Browser> {
  const candidates = [process.env['CHROMIUM_PATH'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  const executablePath = candidates.find((path) => path !== undefined && existsSync(path));
  if (!executablePath) throw new Error('No Chromium was found. Install it, or set CHROMIUM_PATH.');
  return chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // A turn of the wheel is one step, so that what moves afterwards moved by itself.
      '--disable-smooth-scrolling',
    ],
  });
}

export interface Screen {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the page complained about: must stay empty. */
  readonly faults: string[];
  close(): Promise<void>;
}

/** One person's browser: its own cookies and storage. */
export async function openScreen(
  browser: Browser,
  url: string,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<Screen> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-US', ...options });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`${error.name}: ${error.message}`));
  page.on('console', (message) => {
    const text = message.text();
    // A refused or cut request shows here too; the stories provoke those on purpose.
    if (message.type() === 'error' && !/Failed to load resource|WebSocket connection|ERR_INTERNET_DISCONNECTED/.test(text))
      faults.push(text);
  });
  await page.goto(url);
  return { page, context, faults, close: () => context.close() };
}

/** For `openScreen`: somebody who has logged in already. */
export function loggedInAs({ token }: { readonly token: string }): NonNullable<Parameters<typeof openScreen>[2]> {
  const cookie = { name: 'gb_session', value: token, domain: 'localhost', path: '/', expires: -1, httpOnly: true, secure: false };
  return { storageState: { cookies: [{ ...cookie, sameSite: 'Lax' }], origins: [] } };
}

/** A way inside the application that does not load the page again. */
export async function goTo(page: Page, path: string): Promise<void> {
  await page.evaluate((to) => {
    window.history.pushState({ inApp: true }, '', to);
    window.dispatchEvent(new PopStateEvent('popstate'));
  }, path);
}

/** Keeps a picture of the screen, to be looked at by people. */
export async function shoot(page: Page, name: string): Promise<void> {
  await mkdir(shots, { recursive: true });
  await page.screenshot({ path: join(shots, `${name}.png`) });
}

export const composer = (page: Page) => page.getByPlaceholder(/^Message /);

export async function write(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await composer(page).press('Enter');
}

/** A message in the list by its text. */
export const message = (page: Page, text: string | RegExp) => page.getByRole('article').filter({ hasText: text }).last();

/** The first-run questions, one a screen. */
export async function setUp(
  page: Page,
  answers: { organization: string; name: string; email: string; password: string },
): Promise<void> {
  const steps: [label: string, value: string][] = [
    ['Organization', answers.organization],
    ['Your name', answers.name],
    ['E-mail', answers.email],
    ['Password', answers.password],
  ];
  for (const [label, value] of steps) {
    await page.getByLabel(label, { exact: true }).fill(value);
    await page.keyboard.press('Enter');
  }
  await composer(page)
    .waitFor()
    .catch(async (error: unknown) => {
      await shoot(page, 'failed');
      throw error;
    });
}

export function expectNoFaults(...screens: Screen[]): void {
  expect(screens.flatMap(({ faults }) => faults)).toEqual([]);
}
