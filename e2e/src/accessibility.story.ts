import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { ChannelId, ClientId } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { composer, expectNoFaults, goTo, loggedInAs, message, openBrowser, openScreen, type Screen, shoot } from './browser.ts';
import { type Person, type World, world } from './world.ts';

/** Every screen, in light, in dark and on a phone, as axe sees it; and what axe cannot see: news, motion, size, language. */
let w: World;
let browser: Browser;
let ana: Person;
let bo: Person;
let channelId: ChannelId;
let botId: string;
let rootSeq: number;
let invitation: string;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

beforeAll(async () => {
  [w, browser] = await Promise.all([world(), openBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await w?.close();
});

const clientId = () => uuidv7() as ClientId;

const rich = `# A heading
Text with **strong**, *emphasis*, \`code\`, a [link](https://example.com) and @bo in #general.

> A quotation

\`\`\`basic
TALK "Hello"
\`\`\`

| what | when |
| --- | ---: |
| this | now |

- [x] done
- [ ] to do`;

async function furnish(): Promise<void> {
  ana = await w.signUp('Ana Prado');
  bo = await w.invite(ana, 'Bo Lind');
  invitation = (await ana.rest.createInvitation({ role: 'member' })).code;
  const { state } = await ana.rest.createChannel({ kind: 'public', name: 'design', topic: 'How it looks', memberIds: [bo.userId] });
  channelId = state.channel.id;
  rootSeq = (await bo.rest.postMessage(channelId, { clientId: clientId(), text: rich })).seq;
  const own = await ana.rest.postMessage(channelId, { clientId: clientId(), text: 'Mine' });
  await ana.rest.editMessage(channelId, own.seq, 'Mine, edited');
  await ana.rest.addReaction(channelId, rootSeq, '👍');
  await bo.rest.postMessage(channelId, { clientId: clientId(), text: 'A reply', threadSeq: rootSeq });
  const gone = await bo.rest.postMessage(channelId, { clientId: clientId(), text: 'Gone' });
  await bo.rest.deleteMessage(channelId, gone.seq);
  const bot = await ana.rest.createBot({
    name: 'Front desk',
    handle: 'front-desk',
    files: [{ name: 'start.bas', text: 'TALK "Hello"\nHEAR name\nTALK "Hello " + name\nFOO' }],
  });
  botId = bot.id;
}

interface Finding {
  readonly id: string;
  readonly help: string;
  readonly where: string[];
}

/** What axe finds wrong with the page as it stands. */
async function findings(page: Page): Promise<Finding[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(root: Document, options: object): Promise<{ violations: Violation[] }> } };
    interface Violation {
      id: string;
      help: string;
      nodes: { html: string; failureSummary: string }[];
    }
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations } = await axe.run(document, { runOnly: tags, resultTypes: ['violations'] });
    return violations.map(({ id, help, nodes }) => ({
      id,
      help,
      where: nodes.slice(0, 3).map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary}`),
    }));
  });
}

interface Place {
  readonly name: string;
  readonly path: () => string;
  /** What must be in sight before one looks. */
  readonly shows: (page: Page) => Promise<unknown>;
  readonly before?: (page: Page) => Promise<unknown>;
  /** Makes room for the next. */
  readonly after?: (page: Page) => Promise<unknown>;
}

const region = (name: string | RegExp) => (page: Page) => page.getByRole('region', { name }).first().waitFor();
const here = (rest = '') => () => `/c/${channelId}${rest}`;
const dialog = (page: Page) => page.getByRole('dialog').first().waitFor();
const escape = (page: Page) => page.keyboard.press('Escape');

const places: Place[] = [
  { name: 'channel', path: here(), shows: (page) => message(page, 'A heading').waitFor() },
  {
    name: 'message with toolbar and menu',
    path: here(),
    shows: (page) => page.getByRole('menu').waitFor(),
    before: async (page) => {
      await message(page, 'A heading').click({ position: { x: 4, y: 4 } });
      await page.getByRole('button', { name: 'More', exact: true }).click();
    },
    after: escape,
  },
  {
    name: 'emoji picker',
    path: here(),
    shows: (page) => page.getByRole('searchbox', { name: 'Find an emoji' }).waitFor(),
    before: (page) => page.getByRole('button', { name: 'Emoji' }).click(),
    after: escape,
  },
  {
    name: 'completion',
    path: here(),
    shows: (page) => page.getByRole('listbox').waitFor(),
    before: (page) => composer(page).fill('@b'),
    after: (page) => composer(page).fill(''),
  },
  {
    name: 'editing',
    path: here(),
    shows: (page) => page.getByRole('textbox', { name: 'Edit message' }).waitFor(),
    before: (page) => composer(page).press('ArrowUp'),
    after: escape,
  },
  { name: 'thread', path: () => `/c/${channelId}/thread/${rootSeq}`, shows: (page) => message(page, 'A reply').waitFor() },
  { name: 'members', path: here('/members'), shows: region('Members') },
  { name: 'details', path: here('/details'), shows: region('Channel details') },
  { name: 'person', path: () => `/c/${channelId}/person/${bo.userId}`, shows: region('Profile') },
  {
    name: 'switcher',
    path: here(),
    shows: dialog,
    before: (page) => page.keyboard.press('Control+k'),
    after: escape,
  },
  {
    name: 'shortcuts',
    path: here(),
    shows: dialog,
    before: async (page) => {
      await page.getByRole('log').first().focus();
      await page.keyboard.press('?');
    },
    after: escape,
  },
  { name: 'new channel', path: () => '/new/channel', shows: region('New channel') },
  { name: 'new message', path: () => '/new/message', shows: region('New message') },
  { name: 'browse', path: () => '/browse', shows: (page) => page.getByRole('button', { name: /#design/ }).waitFor() },
  {
    name: 'invite',
    path: () => '/invite',
    shows: (page) => page.getByRole('img', { name: 'The link as a QR code' }).waitFor(),
    before: (page) => page.getByRole('button', { name: 'Create link' }).click(),
  },
  { name: 'profile', path: () => '/settings/profile', shows: region('Settings') },
  { name: 'appearance', path: () => '/settings/appearance', shows: (page) => page.getByText('Enter sends').waitFor() },
  { name: 'sessions', path: () => '/settings/sessions', shows: (page) => page.getByText('This one').waitFor() },
  { name: 'people', path: () => '/settings/people', shows: (page) => page.getByText('2 people').waitFor() },
  { name: 'invitations', path: () => '/settings/invitations', shows: (page) => page.getByRole('button', { name: 'Withdraw' }).first().waitFor() },
  { name: 'bots', path: () => '/studio', shows: (page) => page.getByText('Front desk').last().waitFor() },
  { name: 'new bot', path: () => '/studio/new', shows: (page) => page.getByText('Ask and remember').waitFor() },
  { name: 'studio', path: () => `/studio/${botId}`, shows: (page) => page.getByText(/1 problem/).first().waitFor() },
  { name: 'no such address', path: () => '/nowhere', shows: (page) => page.getByRole('heading', { level: 2 }).first().waitFor() },
  { name: 'no such channel', path: () => `/c/${uuidv7()}`, shows: (page) => page.getByText('You cannot see this channel').waitFor() },
];

async function visit(page: Page, place: Place): Promise<void> {
  await goTo(page, place.path());
  await place.before?.(page);
  await place.shows(page);
  // What is on its way in or out is neither here nor there.
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => null))));
}

/** Looks at every place and says everything that is wrong with any of them. */
async function tour(screen: Screen, kind: string): Promise<void> {
  const wrong: string[] = [];
  await screen.page.getByRole('navigation').first().waitFor();
  for (const place of places) {
    await visit(screen.page, place);
    await shoot(screen.page, `${kind}-${place.name.replaceAll(' ', '-')}`);
    for (const { id, help, where } of await findings(screen.page)) wrong.push(`${place.name}: ${id}: ${help}: ${where.join(' || ')}`);
    await place.after?.(screen.page);
  }
  expect(wrong).toEqual([]);
  expectNoFaults(screen);
}

const light = { viewport: { width: 1440, height: 900 } };
const dark = { ...light, colorScheme: 'dark' as const };
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
const kinds = { light, dark, phone };

test('axe finds nothing on the first page, at the log-in and at an invitation', async () => {
  const wrong: string[] = [];
  const look = async (kind: keyof typeof kinds, path: string, shows: (page: Page) => Promise<unknown>) => {
    const screen = await openScreen(browser, `${w.server.url}${path}`, kinds[kind]);
    await shows(screen.page);
    await shoot(screen.page, `${kind}-entrance${path.slice(0, 5).replaceAll('/', '-')}`);
    for (const { id, where } of await findings(screen.page)) wrong.push(`${kind} ${path}: ${id}: ${where.join(' || ')}`);
    await screen.close();
  };
  const field = (label: string) => (page: Page) => page.getByLabel(label, { exact: true }).waitFor();
  for (const kind of ['light', 'dark', 'phone'] as const) await look(kind, '/', field('Organization'));
  await furnish();
  for (const kind of ['light', 'dark', 'phone'] as const) {
    await look(kind, '/', field('E-mail'));
    await look(kind, `/join/${invitation}`, (page) => page.getByRole('button', { name: 'Accept the invitation' }).waitFor());
    await look(kind, '/join/expired', (page) => page.getByRole('heading').first().waitFor());
  }
  expect(wrong).toEqual([]);
});

test('axe finds nothing on any screen in light colours', async () => {
  await tour(await openScreen(browser, w.server.url, { ...light, ...loggedInAs(ana) }), 'light');
});

test('axe finds nothing on any screen in dark colours', async () => {
  await tour(await openScreen(browser, w.server.url, { ...dark, ...loggedInAs(ana) }), 'dark');
});

test('axe finds nothing on any screen of a phone', async () => {
  await tour(await openScreen(browser, w.server.url, { ...phone, ...loggedInAs(ana) }), 'phone');
});
