import type { ChannelId, ClientId, UserId } from 'gb-protocol';
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
import { type Person, type World, world } from './world.ts';

/** Somebody writes to break the page of those who read. Nothing runs, nothing is fetched, nothing is pushed aside. */
let w: World;
let browser: Browser;
let ana: Person;
let mallory: Person;
let channelId: ChannelId;
let screen: Screen;
let page: Page;
const foreign: string[] = [];

const names = {
  tag: '<img src=x onerror="owned=1">',
  reordered: 'ana\u202Egnp.exe\u2066 admin',
  zalgo:
    'Z\u0351\u036B\u0343\u036A\u0302\u036B\u033D\u034F\u0334\u0319\u0324\u031E\u0349\u035A\u032F\u031E\u0320\u034Da\u036B\u0357\u0334\u0362\u0335\u031C\u0330\u0354l\u0368\u0367\u0369\u0358\u0320g\u0311\u0357\u030E\u0305\u035B\u0341\u0334\u033B\u0348\u034D\u0354\u0339o\u0342\u030C\u030C\u0358\u0328\u0335\u0339\u033B\u031D\u0333',
  long: 'W'.repeat(80),
};

const zalgo = names.zalgo.repeat(60);

/** What comes as a message. Those that would run say `owned`. */
const texts: Record<string, string> = {
  script:
    '<script>owned=1</script><img src=x onerror=owned=1><svg onload=owned=1><iframe srcdoc="<script>parent.owned=1</script>">',
  links:
    '[a](javascript:owned=1) [b](JaVaScRiPt:owned=1) [c](java\tscript:owned=1) [d](data:text/html,<script>owned=1</script>) [e](vbscript:owned) [f](//evil.test/x) <javascript:owned=1> [g]: javascript:owned=1\n\n[g]\n\n[h](https://user:password@evil.test/)',
  pictures:
    '![a](https://evil.test/seen.png) ![b](data:image/svg+xml,<svg onload=owned=1>) ![c](javascript:owned=1) <img src="https://evil.test/x">',
  styles:
    '<style>*{display:none}</style><link rel=stylesheet href=https://evil.test/x.css><base href=https://evil.test><meta http-equiv=refresh content="0;url=https://evil.test">',
  reordered: 'pay \u202E001 ot\u202C now \u2066\u2067\u2068 \u200F `x\u202Ey`',
  zalgo,
  noBlank: 'x'.repeat(16_000),
  noBlankCode: `\`${'y'.repeat(15_000)}\``,
  quotes: `${'>'.repeat(10_000)} deep`,
  lists: Array.from({ length: 170 }, (_, n) => `${' '.repeat(n)}- ${n}`)
    .join('\n')
    .slice(0, 16_000),
  brackets: '['.repeat(8_000),
  emphasis: '*a _b '.repeat(2_600),
  ticks: `${'`'.repeat(7_999)}a${'`'.repeat(8_000)}`,
  codeLines: `\`\`\`js\n${'let a = 1;\n'.repeat(1_400)}\`\`\``,
  codeWide: `\`\`\`\n${'z'.repeat(15_900)}\n\`\`\``,
  table: `|${' a |'.repeat(300)}\n|${'---|'.repeat(300)}\n${`|${' b |'.repeat(300)}\n`.repeat(4)}`,
  broken: '**bold *both** ~~gone\n```\nnever closed [link](http://x\n| a |\n|--\n<div><b>',
  emoji: '👨‍👩‍👧‍👦'.repeat(600),
  lines: 'line\n'.repeat(3_000),
  combining: `a${'\u0301'.repeat(10_000)}`,
  mentions: '@everyone @nobody #general @<script> '.repeat(400),
};

const clientId = () => uuidv7() as ClientId;
const post = (by: Person, text: string) => by.rest.postMessage(channelId, { clientId: clientId(), text });

beforeAll(async () => {
  [w, browser] = await Promise.all([world(), openBrowser()]);
  ana = await w.signUp('Ana Prado');
  mallory = await w.invite(ana, names.tag);
  const { state } = await mallory.rest.createChannel({
    kind: 'public',
    name: 'trap',
    topic: `<b onclick=owned=1>${'t'.repeat(400)}`,
    memberIds: [ana.userId],
  });
  channelId = state.channel.id;
  screen = await openScreen(browser, 'about:blank', loggedInAs(ana));
  page = screen.page;
  await screen.context.addInitScript(() => {
    Object.assign(window, { owned: 0 });
    const seen: number[] = [];
    Object.assign(window, { longTasks: seen });
    new PerformanceObserver((list) => seen.push(...list.getEntries().map(({ duration }) => duration))).observe({
      type: 'longtask',
    });
  });
  const own = new URL(w.server.url).host;
  screen.context.on('request', (request) => {
    const url = new URL(request.url());
    if (/^(https?|wss?):$/.test(url.protocol) && url.host !== own) foreign.push(request.url());
  });
  screen.context.on('page', (opened) => foreign.push(`a new page: ${opened.url()}`));
  await page.goto(`${w.server.url}/c/${channelId}`);
  await composer(page).waitFor();
});
afterAll(async () => {
  await browser?.close();
  await w?.close();
});

/** Nothing ran, nothing was fetched from elsewhere, nothing sticks out, and one can still write. */
async function expectUnharmed(after: string): Promise<void> {
  expect(await page.evaluate(() => (window as unknown as { owned: number }).owned), `${after}: a script ran`).toBe(0);
  expect(foreign, after).toEqual([]);
  expect(new URL(page.url()).origin, after).toBe(w.server.url);
  const layout = await page.evaluate(() => {
    const wide: string[] = [];
    for (const row of document.querySelectorAll('.messages article')) {
      const list = row.closest('.messages')!.getBoundingClientRect();
      for (const element of row.querySelectorAll('.message-body, .message-body *')) {
        // What is inside a part that scrolls, folds or hides may be as wide as it likes.
        const clipping = element.parentElement?.closest('pre, .md-table, .truncate, .visually-hidden');
        if (clipping && clipping !== element) continue;
        const box = element.getBoundingClientRect();
        if (box.right > list.right + 1) wide.push(`${element.tagName}.${element.className}`);
      }
    }
    return {
      page: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      wide: [...new Set(wide)],
      dangerous: [...document.querySelectorAll('a[href], img, iframe, script, object, embed, form[action]')]
        .map((element) => element.getAttribute('href') ?? element.getAttribute('src') ?? element.tagName)
        .filter((address) => !/^(https?:|mailto:|\/|#)/.test(address)),
    };
  });
  expect(layout, after).toEqual({ page: 0, wide: [], dangerous: [] });
}

test('hostile messages: no script runs, no request leaves, the layout holds', async () => {
  const costs: string[] = [];
  for (const [name, text] of Object.entries(texts)) {
    await page.evaluate(() => ((window as unknown as { longTasks: number[] }).longTasks.length = 0));
    const { seq } = await post(mallory, text.slice(0, 16_000));
    const row = page.locator(`.messages article[data-seq="${seq}"]`);
    await row.waitFor();
    for (const fold of await row.getByRole('button', { name: 'Show more' }).all()) await fold.click();
    await expectUnharmed(name);
    if (name === 'zalgo') await shoot(page, 'hostile-zalgo');
    const longest = await page.evaluate(() => Math.max(0, ...(window as unknown as { longTasks: number[] }).longTasks));
    if (longest > 100) costs.push(`${name} ${Math.round(longest)} ms`);
    // Clicking all over it leads nowhere either: only honest links are links.
    for (const span of await row.locator('.md-dead-link').all()) await span.click({ trial: false });
    await expectUnharmed(`${name}, clicked`);
    await write(page, `still here after ${name}`);
    await message(page, `still here after ${name}`).waitFor();
  }
  process.stdout.write(`Longest stops of the page: ${costs.join(', ') || 'none above 100 ms'}\n`);
  await shoot(page, 'hostile-messages');
});

test('what reorders text is taken out of sentences and spelled out in code', async () => {
  const { seq } = await post(mallory, 'from \u202Eecilam\u202C\n\n```\nif (a\u202E) {}\n```');
  const row = page.locator(`.messages article[data-seq="${seq}"]`);
  await row.waitFor();
  const shown = await row.innerText();
  expect(shown).not.toMatch(/[\u202A-\u202E\u2066-\u2069]/);
  expect(shown).toContain('U+202E');
});

test('the same in a phone, in an edit, in a thread and in what is quoted', async () => {
  const { seq } = await post(mallory, 'harmless');
  await mallory.rest.editMessage(channelId, seq, texts['script']!);
  await mallory.rest.postMessage(channelId, { clientId: clientId(), text: texts['noBlank']!, threadSeq: seq });
  await goTo(page, `/c/${channelId}/thread/${seq}`);
  await page.getByRole('region', { name: 'Thread' }).locator('article').nth(1).waitFor();
  await expectUnharmed('thread');
  await page.setViewportSize({ width: 390, height: 844 });
  await expectUnharmed('thread on a phone');
  await goTo(page, `/c/${channelId}`);
  await page.locator(`.messages article[data-seq="${seq}"]`).waitFor();
  await expectUnharmed('phone');
  await shoot(page, 'hostile-phone');
  await page.setViewportSize({ width: 1440, height: 900 });
});

test('hostile names of people, channels and bots are letters wherever they stand', async () => {
  const others: UserId[] = [];
  for (const name of [names.reordered, names.zalgo, names.long]) {
    const person = await w.invite(ana, name).catch(() => null);
    if (person) others.push(person.userId);
  }
  for (const name of ['"><svg onload=owned=1>', names.long]) {
    // A name the server refuses is a name nobody has to draw.
    await mallory.rest.createChannel({ kind: 'public', name, topic: '', memberIds: [ana.userId, ...others] }).catch(() => null);
  }
  await mallory.rest.addMembers(channelId, others);
  await mallory.rest.createBot({ name: names.tag, handle: 'tag', files: [{ name: 'start.bas', text: 'TALK "x"' }] });
  await mallory.rest.openDirect({ userIds: [ana.userId, ...others] });
  for (const path of [
    `/c/${channelId}`,
    `/c/${channelId}/members`,
    `/c/${channelId}/details`,
    `/c/${channelId}/person/${mallory.userId}`,
  ]) {
    await goTo(page, path);
    await page.waitForTimeout(300);
    await expectUnharmed(path);
    await shoot(page, `hostile-names${path.replace(/^.*\/([a-z]+)?.*$/, '-$1')}`);
  }
  for (const path of ['/browse', '/new/message', '/settings/people', '/studio']) {
    await goTo(page, path);
    await page.getByRole('main').getByRole('heading', { level: 2 }).first().waitFor();
    await page.waitForTimeout(300);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), path).toBe(0);
    expect(await page.evaluate(() => (window as unknown as { owned: number }).owned), path).toBe(0);
    await shoot(page, `hostile${path.replaceAll('/', '-')}`);
  }
  await page.keyboard.press('Control+k');
  await page.keyboard.type('img');
  await page.getByRole('option').first().waitFor();
  await shoot(page, 'hostile-switcher');
  await page.keyboard.press('Escape');
  expect(foreign).toEqual([]);
});

test('a bot may say what it likes: it is text too', async () => {
  const quoted = (text: string) => `"${text.replaceAll('"', "'")}"`;
  const source = [
    `TALK ${quoted(texts['script']!)}`,
    `TALK ${quoted(texts['links']!.replaceAll(/[\n\t]/g, ' '))}`,
    `TALK ${quoted(texts['pictures']!)}`,
    `TALK ${quoted(names.zalgo.repeat(20))}`,
    `TALK ${quoted('x'.repeat(3_000))}`,
    'TALK "Choose"',
    `offers = [${quoted('<img src=x onerror=owned=1>')}, ${quoted('W'.repeat(70))}]`,
    'HEAR answer AS offers',
    'TALK answer',
  ].join('\n');
  const bot = await mallory.rest.createBot({ name: 'Trap', handle: 'trap', files: [{ name: 'start.bas', text: source }] });
  await mallory.rest.publishBot(bot.id);
  const { state } = await ana.rest.openDirect({ userIds: [bot.userId] });
  await goTo(page, `/c/${state.channel.id}`);
  await message(page, 'Choose').waitFor();
  await expectUnharmed('what a bot says');
  const before = await page.getByRole('article').count();
  await page.getByRole('group', { name: 'Quick answers' }).getByRole('button', { name: /^<img/ }).click();
  await expect.poll(() => page.getByRole('article').count()).toBeGreaterThan(before + 1);
  await expectUnharmed('what a bot offers');
  await shoot(page, 'hostile-bot');
  expectNoFaults(screen);
});
