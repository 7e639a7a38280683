import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { composer, expectNoFaults, goTo, loggedInAs, message, openBrowser, openScreen, shoot } from './browser.ts';
import { type Person, type World, world } from './world.ts';

/** A language model whose words come when the test says so: the protocol of OpenAI over a real socket. */
class Model {
  readonly #server: Server;
  #waiting: (response: ServerResponse) => void = () => {};
  #asked = new Promise<ServerResponse>((resolve) => {
    this.#waiting = resolve;
  });

  constructor() {
    this.#server = createServer((request, response) => {
      request.resume().on('end', () => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        this.#waiting(response);
      });
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  async says(text: string): Promise<void> {
    const piece = { choices: [{ index: 0, delta: { content: text } }] };
    (await this.#asked).write(`data: ${JSON.stringify(piece)}\n\n`);
  }

  async ends(): Promise<void> {
    const response = await this.#asked;
    response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}\n\n`);
    response.end('data: [DONE]\n\n');
    this.#asked = new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

const model = new Model();
let w: World;
let browser: Browser;
let ana: Person;
beforeAll(async () => {
  const url = await model.listen();
  [w, browser] = await Promise.all([world({ env: { LLM_URL: url, LLM_MODEL: 'test' } }), openBrowser()]);
  ana = await w.signUp('Ana Prado');
});
afterAll(async () => {
  await browser?.close();
  await w?.close();
  await model.close();
});

test('a model’s answer grows in the chat, quietly, and its message takes the place', async () => {
  const bot = await ana.rest.createBot({
    name: 'Thinker',
    handle: 'thinker',
    files: [{ name: 'start.bas', text: 'TALK "Ask me."\nHEAR question\nanswer = LLM question\nTALK answer\nHEAR more' }],
  });
  await ana.rest.publishBot(bot.id);
  const { state } = await ana.rest.openDirect({ userIds: [bot.userId] });
  const screen = await openScreen(browser, w.server.url.replace('127.0.0.1', 'localhost'), loggedInAs(ana));
  const { page } = screen;
  await goTo(page, `/c/${state.channel.id}`);
  await message(page, 'Ask me.').waitFor();
  await composer(page).fill('Why is the sky blue?');
  await composer(page).press('Enter');

  await model.says('Because the **short** waves of light');
  const growing = page.locator('.is-growing');
  await growing.getByText('Because the short waves of light').waitFor();
  // Pieces that follow each other faster are told together.
  await page.waitForTimeout(150);
  await model.says(' are scattered by the air');
  await growing.getByText('Because the short waves of light are scattered by the air').waitFor();
  await shoot(page, 'streaming');
  // Half a sentence is not read out, nor is each of its pieces.
  await page.waitForTimeout(1_000);
  expect(await page.locator('[role=status][aria-live=polite]').allInnerTexts()).not.toContainEqual(
    expect.stringContaining('short'),
  );

  await model.says(' more than the long ones.');
  await model.ends();
  await message(page, 'than the long ones.').waitFor();
  await expect.poll(() => growing.count()).toBe(0);
  expect(await page.getByRole('article').filter({ hasText: 'Because' }).count()).toBe(1);
  await expect
    .poll(() => page.locator('[role=status][aria-live=polite]').allInnerTexts())
    .toContainEqual(expect.stringContaining('than the long ones'));
  expectNoFaults(screen);
  await screen.close();
});
