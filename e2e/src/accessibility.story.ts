import type { ChannelId, ClientId } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findings } from './axe.ts';
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
  const { state } = await ana.rest.createChannel({
    kind: 'public',
    name: 'design',
    topic: 'How it looks',
    memberIds: [bo.userId],
  });
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

/** The same thing seen in many places is one thing. */
class Findings {
  readonly #places = new Map<string, string[]>();

  add(place: string, found: readonly string[]): void {
    for (const line of new Set(found)) this.#places.set(line, [...(this.#places.get(line) ?? []), place]);
  }

  expectNone(): void {
    expect([...this.#places].map(([line, places]) => `${line} (${places.join(', ')})`)).toEqual([]);
  }
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
const here =
  (rest = '') =>
  () =>
    `/c/${channelId}${rest}`;
const dialog = (page: Page) => page.getByRole('dialog').first().waitFor();
const pressEscape = (page: Page) => page.keyboard.press('Escape');

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
    after: pressEscape,
  },
  {
    name: 'emoji picker',
    path: here(),
    shows: (page) => page.getByRole('searchbox', { name: 'Find an emoji' }).waitFor(),
    before: (page) => page.getByRole('button', { name: 'Emoji' }).click(),
    after: pressEscape,
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
    after: pressEscape,
  },
  { name: 'thread', path: () => `/c/${channelId}/thread/${rootSeq}`, shows: (page) => message(page, 'A reply').waitFor() },
  { name: 'members', path: here('/members'), shows: region('Members') },
  { name: 'details', path: here('/details'), shows: region('Channel details') },
  {
    name: 'person',
    path: () => `/c/${channelId}/person/${bo.userId}`,
    shows: (page) => page.getByRole('button', { name: 'Send a message' }).waitFor(),
  },
  {
    name: 'switcher',
    path: here(),
    shows: dialog,
    before: (page) => page.keyboard.press('Control+k'),
    after: pressEscape,
  },
  {
    name: 'shortcuts',
    path: here(),
    shows: dialog,
    before: async (page) => {
      await page.getByRole('log').first().focus();
      await page.keyboard.press('?');
    },
    after: pressEscape,
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
  {
    name: 'appearance',
    path: () => '/settings/appearance',
    shows: (page) => page.getByText('Enter sends', { exact: true }).waitFor(),
  },
  { name: 'sessions', path: () => '/settings/sessions', shows: (page) => page.getByText('This one').waitFor() },
  { name: 'people', path: () => '/settings/people', shows: (page) => page.getByText('2 people').waitFor() },
  {
    name: 'invitations',
    path: () => '/settings/invitations',
    shows: (page) => page.getByRole('button', { name: 'Withdraw' }).first().waitFor(),
  },
  { name: 'usage', path: () => '/settings/usage', shows: (page) => page.getByRole('meter', { name: 'Storage' }).waitFor() },
  { name: 'bots', path: () => '/studio', shows: (page) => page.getByRole('main').getByText('Front desk').waitFor() },
  { name: 'new bot', path: () => '/studio/new', shows: (page) => page.getByText('Ask and remember').waitFor() },
  {
    name: 'studio',
    path: () => `/studio/${botId}`,
    shows: (page) =>
      page
        .getByText(/1 problem/)
        .first()
        .waitFor(),
  },
  { name: 'no such address', path: () => '/nowhere', shows: (page) => page.getByRole('heading', { level: 2 }).first().waitFor() },
  {
    name: 'no such channel',
    path: () => `/c/${uuidv7()}`,
    shows: (page) => page.getByText('You cannot see this channel').waitFor(),
  },
];

/** What is on its way in or out, or from one colour to another, is neither here nor there. */
async function atRest(page: Page): Promise<void> {
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => null))));
}

async function visit(page: Page, place: Place): Promise<void> {
  await goTo(page, place.path());
  await place.before?.(page);
  await place.shows(page);
  await atRest(page);
}

/** Goes everywhere; what `look` finds wrong is said at the end, all of it. */
async function tour(
  screen: Screen,
  look: (place: Place, found: Findings) => Promise<void>,
  where: readonly Place[] = places,
): Promise<void> {
  const found = new Findings();
  await screen.page.getByRole('navigation').first().waitFor();
  for (const place of where) {
    try {
      await visit(screen.page, place);
    } catch (error) {
      found.add(place.name, [String(error)]);
      continue;
    }
    await look(place, found);
    await place.after?.(screen.page);
  }
  found.expectNone();
  expectNoFaults(screen);
}

/** Those one comes to by their address alone. */
const plain = places.filter(({ before }) => !before);

/** What sticks out to the side, of the page or of one of its parts that cannot be scrolled. */
const sticksOut = (page: Page) =>
  page.evaluate(() =>
    [document.documentElement, document.body, ...document.querySelectorAll('.shell-place, .pane-body, .messages, .side-lists')]
      .filter((element) => element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0)
      .map((element) => `sticks out: ${element.tagName}.${element.className}`),
  );

const wide = { width: 1440, height: 900 };
const kinds = {
  light: { viewport: wide },
  dark: { viewport: wide, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
} as const;

test('axe finds nothing on the first page, at the log-in and at an invitation', async () => {
  const found = new Findings();
  const look = async (kind: keyof typeof kinds, path: string, shows: (page: Page) => Promise<unknown>) => {
    const screen = await openScreen(browser, `${w.server.url}${path}`, kinds[kind]);
    await shows(screen.page);
    await shoot(screen.page, `${kind}-entrance${path.slice(0, 7).replaceAll('/', '-')}`);
    found.add(`${kind} ${path}`, await findings(screen.page));
    await screen.close();
  };
  const field = (label: string) => (page: Page) => page.getByLabel(label, { exact: true }).waitFor();
  await look('light', '/', field('Organization'));
  await look('dark', '/', field('Organization'));
  await furnish();
  await look('dark', '/', field('E-mail'));
  await look('phone', '/', field('E-mail'));
  await look('light', `/join/${invitation}`, (page) => page.getByRole('button', { name: 'Accept the invitation' }).waitFor());
  await look('phone', '/join/expired', (page) => page.getByRole('heading').first().waitFor());
  found.expectNone();
});

test('axe finds nothing on any screen, in light and in dark colours', async () => {
  const screen = await openScreen(browser, w.server.url, { ...kinds.light, ...loggedInAs(ana) });
  const { page } = screen;
  await tour(screen, async ({ name }, found) => {
    found.add(name, await findings(page));
    await page.emulateMedia({ colorScheme: 'dark' });
    await atRest(page);
    found.add(`${name}, dark`, await findings(page, 'colours'));
    await page.emulateMedia({ colorScheme: 'light' });
  });
  await screen.close();
});

test('axe finds nothing on any screen of a phone', async () => {
  const screen = await openScreen(browser, w.server.url, { ...kinds.phone, ...loggedInAs(ana) });
  await tour(screen, async ({ name }, found) =>
    found.add(name, [...(await findings(screen.page)), ...(await sticksOut(screen.page))]),
  );
  await screen.close();
});

test('at 200 % and at 400 % everything is there and nothing scrolls sideways', async () => {
  const screen = await openScreen(browser, w.server.url, { viewport: wide, ...loggedInAs(ana) });
  const { page } = screen;
  await tour(
    screen,
    async ({ name }, found) => {
      for (const [zoom, width, height] of [
        ['200 %', 720, 450],
        ['400 %', 320, 480],
      ] as const) {
        await page.setViewportSize({ width, height });
        found.add(`${name} at ${zoom}`, await sticksOut(page));
        if (name === 'studio') await shoot(page, `zoom-${width}`);
        if (name !== 'channel') continue;
        const box = await composer(page).boundingBox();
        expect(box && box.y + box.height <= height && box.width >= 200, `the composer at ${zoom}`).toBe(true);
        const list = await page.getByRole('log').first().boundingBox();
        expect(list?.height, `the list at ${zoom}`).toBeGreaterThan(150);
      }
      await page.setViewportSize(wide);
    },
    plain,
  );
  await screen.close();
});

test('a new message is announced once and politely, several at once as their number, and nothing interrupts', async () => {
  const screen = await openScreen(browser, `${w.server.url}/c/${channelId}`, loggedInAs(ana));
  const { page } = screen;
  await message(page, 'A heading').waitFor();
  // Everything any live region says, in the order it is said.
  await page.evaluate(() => {
    const said: string[] = [];
    Object.assign(window, { said });
    new MutationObserver((records) => {
      for (const { target } of records) {
        const element = target instanceof Element ? target : target.parentElement;
        const live = element?.closest('[aria-live],[role=status],[role=alert],[role=log]');
        if (!live || live.getAttribute('aria-live') === 'off') continue;
        const kind = live.getAttribute('aria-live') ?? (live.getAttribute('role') === 'alert' ? 'assertive' : 'polite');
        const text = live.textContent?.trim();
        if (text) said.push(`${kind}: ${text}`);
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  const said = () => page.evaluate(() => (window as unknown as { said: string[] }).said);
  await bo.rest.postMessage(channelId, { clientId: clientId(), text: 'Is **anybody** there?' });
  await expect.poll(said).toEqual(['polite: Bo Lind: Is anybody there?']);
  for (let n = 1; n <= 5; n++) await bo.rest.postMessage(channelId, { clientId: clientId(), text: `One of several ${n}` });
  await message(page, 'One of several 5').waitFor();
  await expect.poll(async () => (await said()).at(-1)).toMatch(/^polite: \d new messages$/);
  expect((await said()).length).toBeLessThanOrEqual(3);
  expect((await said()).filter((line) => line.startsWith('assertive'))).toEqual([]);
  // What I write myself I know already.
  const before = (await said()).length;
  await composer(page).fill('I am here');
  await composer(page).press('Enter');
  await message(page, 'I am here').waitFor();
  await page.waitForTimeout(1_000);
  expect((await said()).slice(before)).toEqual([]);
  expectNoFaults(screen);
  await screen.close();
});

test('whoever wants less motion sees none, and everybody else a little', async () => {
  const longest: number[] = [];
  for (const reducedMotion of ['no-preference', 'reduce'] as const) {
    const { page, close } = await openScreen(browser, `${w.server.url}/c/${channelId}`, { reducedMotion, ...loggedInAs(ana) });
    await message(page, 'A heading').waitFor();
    const durations = await page.evaluate(async () => {
      const found = new Set<number>();
      const look = () => {
        for (const element of document.querySelectorAll('*')) {
          const { transitionDuration, animationDuration, scrollBehavior } = getComputedStyle(element);
          for (const text of `${transitionDuration},${animationDuration}`.split(',')) found.add(Number.parseFloat(text) * 1_000);
          if (scrollBehavior === 'smooth') found.add(1_000);
        }
        for (const animation of document.getAnimations())
          found.add(Number(animation.effect?.getComputedTiming().activeDuration ?? 0));
      };
      look();
      window.dispatchEvent(new KeyboardEvent('keydown', { key: 'k', ctrlKey: true }));
      for (let frame = 0; frame < 12; frame++) {
        await new Promise(requestAnimationFrame);
        look();
      }
      return [...found];
    });
    longest.push(Math.max(...durations));
    await close();
  }
  expect(longest[0]).toBeGreaterThan(50);
  expect(longest[1]).toBeLessThanOrEqual(1);
});

test('in Portuguese no name of anything is left in English', async () => {
  const english = await openScreen(browser, w.server.url, { ...loggedInAs(ana) });
  const portuguese = await openScreen(browser, w.server.url, { locale: 'pt-BR', ...loggedInAs(ana) });
  await portuguese.page.getByText('Canais', { exact: true }).waitFor();
  await english.page.getByText('Channels', { exact: true }).waitFor();
  expect(await portuguese.page.evaluate(() => document.documentElement.lang)).toBe('pt-BR');
  // What the people of this story wrote, and what is the same word in both languages.
  const same =
    /^(Acme|General Bots|Ana Prado|Bo Lind|BL ?Bo Lind.*|Front desk|Guide|design|general|# ?(design|general)|How it looks|A heading|link|Emoji|Bots?|Webhooks|(English ?)?(Português.*)?|@.*|start\.bas|Admin|basic|Esc|node|[A-Z]{2}|.*example\.com|[^\p{L}]*)$/u;
  const names = async (page: Page, path: string): Promise<Set<string>> => {
    await goTo(page, path);
    // Names are compared, not awaited: there is no one thing that shows in both languages when all is there.
    await page.waitForTimeout(250);
    const found = await page.evaluate(() => {
      const texts: string[] = [];
      for (const element of document.querySelectorAll(
        '[aria-label],[placeholder],[title],button,label,h1,h2,h3,legend,th,[role=radio]',
      )) {
        if (element.closest('article, .side-row, .person-row, .picker-row')) continue;
        for (const name of ['aria-label', 'placeholder', 'title', 'aria-description'])
          if (element.hasAttribute(name)) texts.push(element.getAttribute(name) ?? '');
        if (!element.querySelector('h1,h2,h3,button')) texts.push((element as HTMLElement).innerText);
      }
      return texts.map((text) => text.replace(/\s+/g, ' ').trim()).filter(Boolean);
    });
    return new Set(found);
  };
  const left: string[] = [];
  for (const place of plain) {
    const [a, b] = await Promise.all([names(english.page, place.path()), names(portuguese.page, place.path())]);
    for (const name of b) if (a.has(name) && !same.test(name)) left.push(`${place.name}: ${name}`);
    expect(b.size, place.name).toBeGreaterThan(10);
  }
  expect([...new Set(left)]).toEqual([]);
  expectNoFaults(english, portuguese);
});
