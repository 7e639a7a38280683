import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { unzipSync } from 'fflate';
import type { ClientId } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { findings } from './axe.ts';
import { composer, expectNoFaults, goTo, loggedInAs, openBrowser, openScreen, type Screen, shoot } from './browser.ts';
import { eventually, type Person, type World, world } from './world.ts';

/** An owner has events sent to another system, looks what came of it, and takes the messages home as a file. */
let w: World;
let browser: Browser;
let ana: Person;
let bo: Person;
let screen: Screen;
let receiver: Server;
let status = 500;
const heard: string[] = [];

beforeAll(async () => {
  receiver = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      heard.push(String(request.headers['webhook-signature']));
      response.writeHead(status).end(status === 500 ? 'the shop is closed' : 'thank you');
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  w = await world({ env: { GB_BOT_ALLOW_HOSTS: '127.0.0.0/8' } });
  browser = await openBrowser();
  ana = await w.signUp('Ana Prado');
  bo = await w.invite(ana, 'Bo Lind');
  screen = await openScreen(browser, `${w.server.url}/`, { ...loggedInAs(ana), acceptDownloads: true });
  await composer(screen.page).waitFor();
});
afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return;
  await shoot(screen.page, 'outgoing-failed');
  process.stdout.write(`${task.name}: ${screen.faults.join(' | ')}\n`);
});
afterAll(async () => {
  await browser?.close();
  await w?.close();
  receiver?.closeAllConnections();
  await new Promise((resolve) => receiver?.close(resolve));
});

test('a webhook is added, tested, looked at, and sent again', async () => {
  const { page } = screen;
  const { port } = receiver.address() as AddressInfo;
  await goTo(page, '/settings/webhooks');
  await page.getByRole('heading', { name: 'Nothing is sent yet' }).waitFor();
  expect(await findings(page)).toEqual([]);
  await page.getByRole('button', { name: 'Add webhook' }).click();
  await page.getByLabel('Name').fill('Customer system');
  // What nobody allowed is refused in words.
  await page.getByLabel('Address').fill('http://10.0.0.1/');
  await page.getByRole('button', { name: 'Add webhook' }).click();
  await page.getByText('This address cannot be used.').waitFor();
  await page.getByLabel('Address').fill(`http://127.0.0.1:${port}/`);
  await page.getByText('Message deleted').click();
  expect(await findings(page)).toEqual([]);
  await shoot(page, 'webhook-form');
  await page.getByRole('button', { name: 'Add webhook' }).click();
  const secret = page.getByLabel('Secret', { exact: true });
  await secret.waitFor();
  expect(await secret.inputValue()).toMatch(/^whsec_/);
  await page.getByRole('button', { name: 'Send a test' }).click();
  await page.getByText('500').first().waitFor();
  await page.getByText('Answer').first().click();
  await page.getByText('the shop is closed').waitFor();
  status = 200;
  await page.getByRole('button', { name: 'Send again' }).first().click();
  await page.getByText('Delivered').first().waitFor();
  expect(heard.length).toBeGreaterThan(1);
  expect(await findings(page)).toEqual([]);
  await shoot(page, 'webhooks');
  await page.getByRole('button', { name: 'Change', exact: true }).click();
  await page.getByLabel('Name').fill('Customer system 2');
  await page.getByText('Only these').click();
  await page.getByText('#general').last().click();
  expect(await findings(page)).toEqual([]);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('1 channel').waitFor();
  expect((await ana.rest.webhooks()).webhooks).toMatchObject([{ name: 'Customer system 2', channels: [{ name: 'general' }] }]);
  await page.getByRole('button', { name: 'Switch off' }).click();
  await page.getByRole('button', { name: 'Switch on' }).waitFor();
  expectNoFaults(screen);
});

test('a channel is taken home as a file', async () => {
  const { page } = screen;
  const general = await w.general(ana);
  await ana.rest.postMessage(general, { clientId: uuidv7() as ClientId, text: 'to be kept' });
  await goTo(page, '/settings/exports');
  await page.getByRole('heading', { name: 'No exports yet' }).waitFor();
  await page.getByRole('button', { name: /Choose a channel/ }).click();
  await page.getByRole('option', { name: '#general' }).click();
  await page.getByRole('button', { name: 'Export channel' }).click();
  const link = page.getByRole('link', { name: 'Download' });
  await link.waitFor({ timeout: 90_000 });
  expect(await findings(page)).toEqual([]);
  await shoot(page, 'exports');
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  expect(download.suggestedFilename()).toMatch(/^export-.*\.zip$/);
  const files = unzipSync(readFileSync(await download.path()));
  const all = Object.values(files)
    .map((bytes) => new TextDecoder().decode(bytes))
    .join('\n');
  expect(all).toContain('to be kept');
  expectNoFaults(screen);
});

test('what failed is listed with its reason and tried again; members see nothing of it', async () => {
  const { page } = screen;
  status = 410;
  const [webhook] = (await ana.rest.webhooks()).webhooks;
  await ana.rest.updateWebhook(webhook!.id, { isOn: true });
  await ana.rest.postMessage(await w.general(ana), { clientId: uuidv7() as ClientId, text: 'too late' });
  await eventually(async () => (await ana.rest.deadTasks()).tasks.length > 0, 'the task is dead', 60_000);
  await goTo(page, '/settings/jobs');
  await page.getByText('The address did not answer well (410)').first().waitFor();
  expect(await findings(page)).toEqual([]);
  await shoot(page, 'jobs');
  // The guide has told the owner why nothing is sent any more.
  await eventually(
    async () => {
      const { channels } = await ana.rest.snapshot();
      const direct = channels.filter(({ channel }) => channel.kind === 'direct');
      const pages = await Promise.all(direct.map(({ channel }) => ana.rest.messages(channel.id)));
      return pages.some(({ messages }) => messages.some(({ text }) => text.includes('was switched off')));
    },
    'the notice',
    30_000,
  );
  await page.getByRole('button', { name: 'Try again' }).first().click();
  await page.getByText('It is tried again.').waitFor();
  const other = await openScreen(browser, `${w.server.url}/settings/webhooks`, loggedInAs(bo));
  await other.page.getByText('Only owners and admins can change this.').waitFor();
  await other.close();
  expectNoFaults(screen);
});
