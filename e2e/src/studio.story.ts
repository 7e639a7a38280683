import { readFileSync } from 'node:fs';
import type { BotId, ChannelId } from 'gb-protocol';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findings } from './axe.ts';
import { expectNoFaults, goTo, loggedInAs, message, openBrowser, openScreen, type Screen, shoot } from './browser.ts';
import { eventually, type Person, type World, world } from './world.ts';

/** Somebody who never programmed, with the guide beside them: every button, name and script of the story is the guide's. */
let w: World;
let browser: Browser;
beforeAll(async () => {
  [w, browser] = await Promise.all([world(), openBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await w?.close();
});

class Guide {
  readonly #text: string;
  readonly scripts: readonly string[];

  constructor(file: string) {
    this.#text = readFileSync(new URL(`../../docs/guides/${file}`, import.meta.url), 'utf8');
    this.scripts = [...this.#text.matchAll(/```basic\n([\s\S]*?)```/g)].map((match) => match[1]!);
  }

  /** What the guide says to press or to look at. */
  says(label: string): string {
    expect(this.#text).toContain(`**${label}**`);
    return label;
  }

  writes(text: string): string {
    expect(this.#text).toContain(`\`${text}\``);
    return text;
  }
}

const english = {
  file: 'first-bot.md',
  locale: 'en' as const,
  newBot: 'New bot',
  template: 'Menu',
  name: 'Name of the bot',
  bot: 'Lunch',
  create: 'Create bot',
  tryIt: 'Try it',
  firstChoice: 'Opening hours',
  firstAnswer: /We are open/,
  restart: 'Restart',
  order: 'Order lunch',
  dish: 'Soup',
  ordered: 'One Soup for Ana Prado.',
  addFile: 'Add file',
  tableFile: 'orders',
  secondDish: 'Salad',
  who: 'Who eats what?',
  whoAnswer: 'Ana Prado: Salad',
  scheduleFile: 'daily',
  publish: 'Publish',
  publishNow: 'Publish this code',
  isLive: 'Version 1 is live.',
  channels: '0 channels',
  add: /^Add: #general$/,
  thirdDish: 'Pasta',
  tables: 'Tables',
  schedules: 'Schedules',
  runNow: 'Run now',
  spoken: 'Lunch orders close at 11. So far: 1.',
  conversations: 'Conversations',
  debug: 'Debug',
  stepOver: 'Step over',
};

const portuguese: { readonly [K in keyof typeof english]: (typeof english)[K] | string } & { locale: 'en' | 'pt-BR' } = {
  file: 'primeiro-bot.md',
  locale: 'pt-BR',
  newBot: 'Novo bot',
  template: 'Menu',
  name: 'Nome do bot',
  bot: 'Almoço',
  create: 'Criar bot',
  tryIt: 'Experimentar',
  firstChoice: 'Horário',
  firstAnswer: /Abrimos de segunda/,
  restart: 'Recomeçar',
  order: 'Pedir almoço',
  dish: 'Sopa',
  ordered: 'Um prato de Sopa para Ana Prado.',
  addFile: 'Adicionar arquivo',
  tableFile: 'pedidos',
  secondDish: 'Salada',
  who: 'Quem come o quê?',
  whoAnswer: 'Ana Prado: Salada',
  scheduleFile: 'diario',
  publish: 'Publicar',
  publishNow: 'Publicar este código',
  isLive: 'A versão 1 está no ar.',
  channels: '0 canal',
  add: /^Adicionar: #general$/,
  thirdDish: 'Massa',
  tables: 'Tabelas',
  schedules: 'Agendamentos',
  runNow: 'Executar agora',
  spoken: 'Os pedidos de almoço fecham às 11h. Até agora: 1.',
  conversations: 'Conversas',
  debug: 'Depurar',
  stepOver: 'Passar por cima',
};

async function put(page: Page, script: string): Promise<void> {
  await page.locator('.cm-content').click();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.insertText(script);
}

describe.each([
  ['English', english],
  ['Portuguese', portuguese],
] as const)('the guide in %s', (_, words) => {
  const guide = new Guide(words.file);
  let ana: Person;
  let screen: Screen;
  let startedMs: number;
  const button = (label: string | RegExp) => screen.page.getByRole('button', { name: label, exact: typeof label === 'string' });
  const tried = (text: string | RegExp) => screen.page.getByRole('log', { name: words.tryIt }).getByText(text).last();
  const says = (label: string | RegExp): string => guide.says(String(label));

  beforeAll(async () => {
    ana = await w.signUp('Ana Prado', { organization: `Lunch in ${words.locale}`, locale: words.locale });
    screen = await openScreen(browser, w.server.url.replace('127.0.0.1', 'localhost'), {
      ...loggedInAs(ana),
      locale: words.locale === 'en' ? 'en-US' : 'pt-BR',
    });
    startedMs = performance.now();
  });
  afterAll(() => screen?.close());

  const addFile = async (name: string, script: string): Promise<void> => {
    await button(says(words.addFile)).click();
    await screen.page.getByRole('dialog').getByRole('textbox').fill(guide.writes(name));
    await screen.page.getByRole('dialog').getByRole('button', { name: words.addFile }).click();
    await screen.page.getByRole('tab', { name: `${name}.bas` }).waitFor();
    await put(screen.page, script);
  };

  test('1. the bot is made and runs', async () => {
    const { page } = screen;
    await button(says(words.newBot)).first().click();
    await page.getByText(says(words.template), { exact: true }).click();
    await page.getByLabel(says(words.name)).fill(guide.writes(words.bot));
    await shoot(page, `first-bot-${words.locale}-1-templates`);
    await button(says(words.create)).click();
    says(words.tryIt);
    await button(says(words.firstChoice)).click();
    await tried(words.firstAnswer).waitFor();
    await shoot(page, `first-bot-${words.locale}-2-studio`);
  });

  test('2. the menu becomes one’s own', async () => {
    await put(screen.page, guide.scripts[0]!);
    await button(new RegExp(`^${says(words.restart)}`)).click();
    await button(says(words.order)).click();
    await button(says(words.dish)).click();
    await tried(words.ordered).waitFor();
  });

  test('3. orders are written into a table, and read from it', async () => {
    const { page } = screen;
    await addFile(words.tableFile, guide.scripts[1]!);
    await page.getByRole('tab', { name: guide.writes('start.bas') }).click();
    await put(page, guide.scripts[2]!);
    await button(new RegExp(`^${words.restart}`)).click();
    await button(words.order).click();
    await button(says(words.secondDish)).click();
    await button(says(words.who)).click();
    await tried(words.whoAnswer).waitFor();
  });

  test('4. a schedule is written in words', async () => {
    await addFile(words.scheduleFile, guide.scripts[3]!);
    await shoot(screen.page, `first-bot-${words.locale}-3-schedule`);
  });

  test('5. it is published, put into a channel, and talked to', async () => {
    const { page } = screen;
    await button(says(words.publish)).click();
    await button(says(words.publishNow)).click();
    await page.getByText(words.isLive).first().waitFor();
    await button(says(words.channels)).click();
    await button(words.add).click();
    await page.keyboard.press('Escape');
    await page.getByRole('navigation').getByText(says(words.bot), { exact: true }).last().click();
    await message(page, 'Ana Prado').getByRole('button', { name: words.order }).click();
    await button(says(words.thirdDish)).click();
    await message(page, words.thirdDish).waitFor();
    await shoot(page, `first-bot-${words.locale}-4-talk`);
  });

  test('6. the table has the order, the schedule speaks when it is told to, and the conversation is there', async () => {
    const { page } = screen;
    const { bots } = await ana.rest.bots();
    const bot = bots.find(({ name }) => name === words.bot)!;
    await goTo(page, `/studio/${bot.id}`);
    await page.getByRole('link', { name: says(words.tables), exact: true }).click();
    await page.getByRole('cell', { name: words.thirdDish, exact: true }).waitFor();
    await shoot(page, `first-bot-${words.locale}-5-tables`);
    await page.getByRole('link', { name: says(words.schedules), exact: true }).click();
    says(words.runNow);
    await page
      .getByRole('button', { name: /daily|diario/ })
      .last()
      .click();
    await page.getByText(/last ran|última execução/).waitFor();
    await shoot(page, `first-bot-${words.locale}-6-schedules`);
    const general = await w.general(ana);
    await eventually(() => said(ana, general, words.spoken), 'the reminder');
    await page.getByRole('link', { name: says(words.conversations), exact: true }).click();
    await page
      .getByRole('main')
      .getByRole('button', { name: /^Ana Prado/ })
      .waitFor();
    await shoot(page, `first-bot-${words.locale}-7-conversations`);
    const minutes = (performance.now() - startedMs) / 60_000;
    process.stdout.write(`The guide in ${words.locale}, without reading: ${minutes.toFixed(1)} minutes\n`);
    expectNoFaults(screen);
  });

  test('what the curious find: the debugger, and the conversation step by step', async () => {
    const { page } = screen;
    await page
      .getByRole('main')
      .getByRole('button', { name: /^Ana Prado/ })
      .click();
    const turns = page.getByRole('navigation', { name: /Turns|Turnos/ }).getByRole('button');
    await turns.filter({ hasText: words.thirdDish }).click();
    await page.getByRole('button', { name: /Step through it|Percorrer/ }).click();
    await page.getByText(/Stopped at start\.bas:|Parado em start\.bas:/).waitFor();
    await page.locator('.debug-text', { hasText: `"${words.thirdDish}"` }).waitFor();
    await shoot(page, `first-bot-${words.locale}-8-step`);
    const stops = await page.locator('.debug-status').innerText();
    await button(says(words.stepOver)).click();
    await expect.poll(() => page.locator('.debug-status').innerText()).not.toBe(stops);
    expect(await findings(page)).toEqual([]);
    expectNoFaults(screen);
  });
});

async function said(person: Person, channelId: ChannelId, text: string): Promise<boolean> {
  return (await person.rest.messages(channelId)).messages.some((one) => one.text === text);
}

describe('every part of the studio', () => {
  const parts = ['', '/conversations', '/schedules', '/tables', '/tools', '/settings', '/keys'];
  let ana: Person;
  let botId: string;
  const address = (part: string) => `${w.server.url.replace('127.0.0.1', 'localhost')}/studio/${botId}${part}`;

  beforeAll(async () => {
    ana = await w.signUp('Ana Prado', { organization: 'Parts' });
    const bot = await ana.rest.createBot({
      name: 'Parts',
      handle: 'parts',
      files: [
        { name: 'start.bas', text: 'TALK "One?"\nHEAR one\ntotal = LEN(one)\nTALK 1 / (total - 3)\nHEAR two' },
        { name: 'tables.bas', text: 'TABLE things\n  name string(20)\nEND TABLE' },
        { name: 'daily.bas', text: 'SET SCHEDULE "every day at 9"\nx = 1' },
        { name: 'hook.bas', text: 'WEBHOOK "orders"\nRETURN 1' },
        { name: 'mail.bas', text: 'ON EMAIL "help@example.com" FROM "@shop.example" SUBJECT "invoice"\nTALK subject' },
        { name: 'add.bas', text: 'DESCRIPTION "Adds two numbers."\nPARAM a AS NUMBER\nPARAM b AS NUMBER\nRETURN a + b' },
        { name: 'config.csv', text: 'name,value\ntime-zone,America/Recife\n' },
      ],
    });
    botId = bot.id;
    await ana.rest.publishBot(bot.id);
    await ana.rest.createBotKey(bot.id, 'A key');
    await ana.rest.openDirect({ userIds: [bot.userId] });
  });

  test.each([
    ['in the light', { colorScheme: 'light' }, 'all'],
    ['in the dark', { colorScheme: 'dark' }, 'colours'],
    ['on a phone', { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }, 'all'],
  ] as const)('is one that everybody can use, %s', async (_, options, looksAt) => {
    const screen = await openScreen(browser, address(''), { ...loggedInAs(ana), ...options });
    const { page } = screen;
    const found: string[] = [];
    for (const part of parts) {
      await goTo(page, `/studio/${botId}${part}`);
      await page.locator('.workbench-tabs [aria-current]').waitFor();
      await page.waitForLoadState('networkidle');
      found.push(...(await findings(page, looksAt)).map((line) => `${part}: ${line}`));
      // Nothing sticks out at the side of a phone.
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), part).toBe(true);
    }
    expect(found).toEqual([]);
    expectNoFaults(screen);
    await screen.close();
  });

  test('the debugger needs no mouse: breakpoints, steps, a variable, and the error where it happens', async () => {
    const screen = await openScreen(browser, address(''), loggedInAs(ana));
    const { page } = screen;
    await page.locator('.cm-content').focus();
    await page.keyboard.press('ControlOrMeta+Home');
    for (let line = 1; line < 4; line++) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('F9');
    await page.getByText('Breakpoint in line 4').waitFor({ state: 'attached' });
    await page.getByRole('button', { name: 'Debug', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Waits for an answer at start.bas:2.').waitFor();
    await page.getByRole('textbox', { name: 'Your answer' }).focus();
    await page.keyboard.type('abcd');
    await page.keyboard.press('Enter');
    await page.getByText('Stopped at the breakpoint start.bas:4.').waitFor();
    await page.getByRole('button', { name: 'Change total, now 4' }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.type('3');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Change total, now 3' }).waitFor();
    await page.keyboard.press('F8');
    await page.getByText(/^Failed at start\.bas:4: /).waitFor();
    await shoot(page, 'studio-debugger');
    expect(await findings(page)).toEqual([]);
    expectNoFaults(screen);
    await screen.close();
  });

  test('a script is typed key by key: a question mark is one, Enter is a new line, Tab takes what is suggested', async () => {
    const { id } = await ana.rest.createBot({
      name: 'Typed',
      handle: 'typed',
      files: [{ name: 'start.bas', text: 'TALK 1' }],
    });
    const screen = await openScreen(browser, address('').replace(botId, id), loggedInAs(ana));
    const { page } = screen;
    const suggested = page.locator('.cm-tooltip-autocomplete');
    await page.locator('.cm-content').click();
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.press('Delete');
    // A list that is open has the word, and others that begin alike; the line ends all the same.
    for (const line of ['done = FALSE', 'WHILE NOT done', 'd = 1']) {
      await page.keyboard.type(line);
      if (/[a-z]$/i.test(line)) await suggested.waitFor();
      await page.keyboard.press('Enter');
    }
    await page.keyboard.type('TALK "What would you like?"', { delay: 30 });
    await page.keyboard.press('Enter');
    await page.keyboard.type('WEN');
    await suggested.getByText('WEND', { exact: true }).waitFor();
    // One that has just come takes no key for a moment: it may have come below a finger on its way.
    await eventually(async () => {
      await page.keyboard.press('Tab');
      return (await suggested.count()) === 0;
    }, 'the suggestion to be taken');
    const lines = (await page.locator('.cm-line').allInnerTexts()).map((line) => line.trim());
    expect(lines).toEqual(['done = FALSE', 'WHILE NOT done', 'd = 1', 'TALK "What would you like?"', 'WEND']);
    expect(await page.getByRole('dialog').count()).toBe(0);
    expectNoFaults(screen);
    await screen.close();
  });

  test('channels a bot came into otherwise are counted at once, and namesakes can be told apart', async () => {
    const screen = await openScreen(browser, address(''), loggedInAs(ana));
    const { page } = screen;
    await page.getByRole('button', { name: '0 channels', exact: true }).waitFor();
    await ana.rest.addBotToChannel(botId as BotId, await w.general(ana));
    await page.getByRole('button', { name: '1 channel', exact: true }).waitFor();
    await ana.rest.removeBotFromChannel(botId as BotId, await w.general(ana));
    await page.getByRole('button', { name: '0 channels', exact: true }).waitFor();
    const files = [{ name: 'start.bas', text: 'TALK 1' }];
    for (const handle of ['twin', 'twin-2']) await ana.rest.createBot({ name: 'Twin', handle, files });
    await page.getByRole('navigation').getByText('Twin @twin-2', { exact: true }).waitFor();
    expect(
      await page
        .getByRole('navigation')
        .getByText(/Parts @/)
        .count(),
    ).toBe(0);
    expectNoFaults(screen);
    await screen.close();
  });

  test('a key is shown once, and revoking it can be undone for a moment', async () => {
    const screen = await openScreen(browser, address('/keys'), loggedInAs(ana));
    const { page } = screen;
    await page.getByLabel('Name of the key').fill('Web shop');
    await page.keyboard.press('Enter');
    const token = await page.getByRole('textbox', { name: 'Key', exact: true }).inputValue();
    expect(token.length).toBeGreaterThan(20);
    await page.getByRole('button', { name: 'Revoke: Web shop' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: 'Revoke: Web shop' }).click();
    // Leaving the page does at once what was still waiting.
    await page.getByRole('link', { name: 'Tables', exact: true }).click();
    await eventually(
      async () => (await ana.rest.botKeys(botId as BotId)).keys.every(({ name }) => name !== 'Web shop'),
      'no key',
    );
    expectNoFaults(screen);
    await screen.close();
  });
});
