import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compose, ensureWebClient, type Running, readConfig } from 'gb-cli';
import type { SpawnedServer } from 'gb-cli/testing';
import type { ChannelId, ClientId, CustomerId, MessageParts, UserId } from 'gb-protocol';
import { silentLogger, uuidv7 } from 'gb-utils';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { findings } from './axe.ts';
import { composer, expectNoFaults, loggedInAs, message, openBrowser, openScreen, type Screen, shoot, write } from './browser.ts';
import { picture } from './picture.ts';
import { eventually, type Person, type World, worldOn } from './world.ts';

/** Pictures, files, cards and forms, as two people and a bot pass them on. In one process, so that the test can speak as the bot. */
let running: Running;
let w: World;
let browser: Browser;
let ana: Person;
let bo: Person;
let general: ChannelId;
let anas: Screen;
let bos: Screen;
let customerId: CustomerId;
let botUser: UserId;
const dir = mkdtempSync(join(tmpdir(), 'gb-files-story-'));

beforeAll(async () => {
  const config = readConfig({ GB_DATA_DIR: join(dir, 'data'), PORT: '0', GB_RATE_FACTOR: '1000', GB_LOG_LEVEL: 'silent' });
  const webDir = await ensureWebClient(config.rootDir, () => {});
  running = await compose(config, silentLogger, webDir);
  const server = { url: `http://localhost:${running.port}`, dispose: () => running.close() } as unknown as SpawnedServer;
  w = worldOn(server);
  browser = await openBrowser();
  ana = await w.signUp('Ana Prado');
  bo = await w.invite(ana, 'Bo Lind');
  general = await w.general(ana);
  customerId = (await running.ctx.store.listCustomers())[0]!;
  botUser = await makeBot();
  await mkdir(join(dir, 'files'));
  await writeFile(join(dir, 'files', 'sunset.png'), picture(1200, 800));
  await writeFile(join(dir, 'files', 'tower.png'), picture(300, 900));
  await writeFile(join(dir, 'files', 'Relatório de maio.csv'), 'a,b\n1,2\n');
  await writeFile(join(dir, 'files', 'beep.wav'), sound());
  [anas, bos] = await Promise.all([
    openScreen(browser, `${server.url}/`, loggedInAs(ana)),
    openScreen(browser, `${server.url}/`, loggedInAs(bo)),
  ]);
  await Promise.all([composer(anas.page).waitFor(), composer(bos.page).waitFor()]);
});
afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return;
  await shoot(anas.page, 'files-failed-ana');
  await shoot(bos.page, 'files-failed-bo');
  process.stdout.write(`${task.name}: ${[...anas.faults, ...bos.faults].join(' | ')}\n`);
});
afterAll(async () => {
  await browser?.close();
  await w?.close();
  rmSync(dir, { recursive: true, force: true });
});

const file = (name: string) => join(dir, 'files', name);
const attach = (page: Page, ...names: string[]) =>
  page.locator('.composer input[type=file]').first().setInputFiles(names.map(file));
const tray = (page: Page) => page.getByRole('list', { name: 'Files of this message' });

/** An account a bot posts with, in #general. */
async function makeBot(): Promise<UserId> {
  const id = uuidv7() as UserId;
  await running.ctx.store.transaction(customerId, async (tx) => {
    await tx.users.insert({
      id,
      kind: 'bot',
      name: 'Front desk',
      handle: 'desk',
      role: 'bot',
      email: null,
      passwordHash: null,
      locale: 'en',
    });
    await tx.channels.addMember(general, id);
  });
  return id;
}

async function botSays(channelId: ChannelId, text: string, parts: MessageParts): Promise<number> {
  const input = {
    channelId,
    authorId: botUser,
    clientId: uuidv7() as ClientId,
    text,
    threadSeq: null,
    mentions: [],
    mentionsChannel: false,
    suggestions: [],
    parts,
  };
  const { messages } = await running.ctx.store.transaction(customerId, (tx) => tx.log.append([], [input]));
  return messages[0]!.seq;
}

test('files are picked, seen, taken back and sent; the other one sees them at once', async () => {
  const { page } = anas;
  await attach(page, 'sunset.png', 'tower.png', 'Relatório de maio.csv', 'beep.wav');
  await expect.poll(() => tray(page).getByRole('listitem').count()).toBe(4);
  await shoot(page, 'files-1-tray');
  expect(await findings(page)).toEqual([]);
  await tray(page).getByRole('button', { name: 'Remove beep.wav' }).click();
  await expect.poll(() => tray(page).getByRole('listitem').count()).toBe(3);
  await write(page, 'What I found today');
  const sent = message(bos.page, 'What I found today');
  await sent.getByRole('button', { name: 'Enlarge sunset.png' }).waitFor();
  await sent.getByRole('link', { name: /^Download Relatório de maio\.csv, 8 bytes/ }).waitFor();
  await expect.poll(() => tray(page).count()).toBe(0);
  // Boxes have their size before the pictures come, and pictures do come.
  const box = await sent.getByRole('button', { name: 'Enlarge sunset.png' }).boundingBox();
  expect([Math.round(box!.width), Math.round(box!.height)]).toEqual([400, 267]);
  await expect
    .poll(() =>
      sent
        .getByRole('button', { name: 'Enlarge sunset.png' })
        .locator('img')
        .evaluate((img) => (img as HTMLImageElement).naturalWidth),
    )
    .toBe(1200);
  await shoot(bos.page, 'files-2-message');
  expect(await findings(bos.page)).toEqual([]);
});

test('a picture is looked at in full by keyboard alone, and Escape leads back to it', async () => {
  const { page } = bos;
  const small = message(page, 'What I found today').getByRole('button', { name: 'Enlarge sunset.png' });
  await small.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'sunset.png' });
  await dialog.getByRole('img', { name: 'sunset.png' }).waitFor();
  await shoot(page, 'files-3-lightbox');
  expect(await findings(page)).toEqual([]);
  await page.keyboard.press('ArrowRight');
  await page.getByRole('dialog', { name: 'tower.png' }).getByText('2 of 2').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await expect.poll(() => small.evaluate((element) => element === document.activeElement)).toBe(true);
});

test('a download has the name and the bytes of the file', async () => {
  const { page } = bos;
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    message(page, 'What I found today')
      .getByRole('link', { name: /^Download Relatório/ })
      .click(),
  ]);
  expect(download.suggestedFilename()).toBe('Relatório de maio.csv');
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).toString()).toBe('a,b\n1,2\n');
});

test('a finished upload survives a reload and goes out without a word', async () => {
  const { page } = anas;
  await attach(page, 'beep.wav');
  await tray(page)
    .getByText(/kB|bytes/)
    .waitFor();
  await page.reload();
  await tray(page).getByText('beep.wav').waitFor();
  await composer(page).press('Enter');
  await bos.page.locator('audio').last().waitFor();
  const { messages } = await bo.rest.messages(general);
  expect(messages.at(-1)).toMatchObject({ text: '', attachments: [{ name: 'beep.wav', type: 'audio/wav' }] });
});

test('pasted and dropped files land in the message; what is too large says so', async () => {
  const { page } = anas;
  await composer(page).focus();
  const bytes = [...picture(40, 40)];
  await page.evaluate((data) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(data)], 'pasted.png', { type: 'image/png' }));
    document.activeElement!.dispatchEvent(
      new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true }),
    );
  }, bytes);
  await tray(page).getByText('pasted.png').waitFor();
  await page.evaluate((data) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(data)], 'dropped.png', { type: 'image/png' }));
    const target = document.querySelector('.messages')!;
    for (const type of ['dragenter', 'dragover', 'drop'])
      target.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }, bytes);
  await tray(page).getByText('dropped.png').waitFor();
  await page.evaluate(() => {
    const input = document.querySelector<HTMLInputElement>('.composer input[type=file]')!;
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(27_000_000)], 'film.mov'));
    input.files = transfer.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
  });
  await page.getByText('film.mov is too large: a file has at most 26 MB.').waitFor();
  await page.getByRole('button', { name: 'Close' }).last().click();
  await composer(page).press('Enter');
  await message(bos.page, '').getByRole('button', { name: 'Enlarge dropped.png' }).waitFor();
});

test('an upload that breaks off says so, and goes through when tried again', async () => {
  const { page } = anas;
  await page.route('**/api/files', (route) => route.abort());
  await attach(page, 'tower.png');
  await tray(page).getByText('The server could not be reached.').waitFor();
  await shoot(page, 'files-4-failed');
  await page.unroute('**/api/files');
  await tray(page).getByRole('button', { name: 'Upload tower.png again' }).click();
  await tray(page).getByText(/kB/).waitFor();
  await tray(page).getByRole('button', { name: 'Remove tower.png' }).click();
});

test('a card shows what a bot found; its button answers', async () => {
  await botSays(general, 'Your order:', {
    card: {
      title: 'Order 1042',
      subtitle: 'On its way',
      text: 'It leaves **today**.',
      facts: [
        { name: 'Total', value: '€ 39.90' },
        { name: 'Arrives', value: 'Friday' },
      ],
      buttons: [
        { label: 'Change the address', text: 'I want another address' },
        { label: 'Track it', url: 'https://example.org/track' },
      ],
    },
  });
  const card = bos.page.getByRole('group', { name: 'Order 1042' });
  await card.getByText('€ 39.90').waitFor();
  expect(await card.getByRole('link', { name: 'Track it' }).getAttribute('href')).toBe('https://example.org/track');
  await shoot(bos.page, 'files-5-card');
  await card.getByRole('button', { name: 'Change the address' }).click();
  await message(anas.page, 'I want another address').waitFor();
});

test('a form is filled in by keyboard, says what is missing, and shows the answers when it is sent', async () => {
  const { page } = bos;
  const seq = await botSays(general, 'Please tell me about yourself.', {
    form: {
      name: 'enrol',
      title: 'Enrolment',
      submitLabel: 'Enrol',
      fields: [
        { name: 'name', label: 'Your name', type: 'text', isRequired: true },
        { name: 'mail', label: 'E-mail', type: 'email', isRequired: true, example: 'ana@example.org' },
        { name: 'age', label: 'Age', type: 'number' },
        { name: 'day', label: 'First day', type: 'date' },
        { name: 'course', label: 'Course', type: 'choice', choices: ['Painting', 'Pottery'], isRequired: true },
        { name: 'news', label: 'Send me news', type: 'boolean' },
        { name: 'note', label: 'Anything else?', type: 'longText' },
        { name: 'photo', label: 'A photo', type: 'file' },
      ],
    },
  });
  const form = page.getByRole('form', { name: 'Enrolment' });
  await form.getByRole('button', { name: 'Enrol' }).click();
  await expect.poll(() => form.getByText('Please answer this.').count()).toBe(3);
  // The first that lacks an answer has the focus.
  await expect.poll(() => form.getByLabel('Your name *').evaluate((element) => element === document.activeElement)).toBe(true);
  await shoot(page, 'files-6-form-problems');
  expect(await findings(page)).toEqual([]);
  await page.keyboard.type('Bo Lind');
  await form.getByLabel('E-mail *').fill('bo@');
  await form.getByLabel('Age').fill('forty');
  await form.getByRole('button', { name: 'Enrol' }).press('Enter');
  await form.getByText('This does not look like an e-mail address.').waitFor();
  await form.getByText('Please enter a number.').waitFor();
  await form.getByLabel('E-mail *').fill('bo@example.org');
  await form.getByLabel('Age').fill('40.5');
  await form.getByLabel('First day').fill('2026-12-01');
  await form.getByRole('button', { name: /Course/ }).press('Enter');
  await page.getByRole('option', { name: 'Pottery' }).press('Enter');
  await form.getByText('Send me news').click();
  await form.locator('input[type=file]').setInputFiles(file('tower.png'));
  await form.getByText('tower.png').waitFor();
  await shoot(page, 'files-7-form');
  await form.getByRole('button', { name: 'Enrol' }).press('Enter');
  await page.getByText('You have answered.').waitFor();
  await shoot(page, 'files-8-answered');
  expect(await findings(page)).toEqual([]);
  const answer = await eventually(
    async () => (await bo.rest.messages(general)).messages.find((one) => one.formAnswer?.seq === seq),
    'the answer is stored',
  );
  expect(answer.formAnswer!.values).toMatchObject({
    name: 'Bo Lind',
    age: 40.5,
    day: '2026-12-01',
    course: 'Pottery',
    news: true,
  });
  expect(answer.text).toContain('Course: Pottery');
  expect(answer.attachments).toMatchObject([{ name: 'tower.png' }]);
  // For others it is open still, and the answers are readable.
  await anas.page.getByText('Answers: Enrolment').waitFor();
  await anas.page.getByRole('form', { name: 'Enrolment' }).waitFor();
  await bos.page.reload();
  await bos.page.getByText('You have answered.').waitFor();
});

test('in Portuguese, on a dark phone, it is the same', async () => {
  await bo.rest.updateMe({ locale: 'pt-BR' });
  const phone = await openScreen(browser, `${w.server.url}/c/${general}`, {
    ...loggedInAs(bo),
    viewport: { width: 390, height: 844 },
    colorScheme: 'dark',
    hasTouch: true,
    isMobile: true,
    locale: 'pt-BR',
  });
  const { page } = phone;
  await page.getByText('Respostas: Enrolment').waitFor();
  await page.getByText('1 de dezembro de 2026').waitFor();
  await shoot(page, 'files-9-phone');
  expect(await findings(page)).toEqual([]);
  await page.getByText('Você já respondeu.').scrollIntoViewIfNeeded();
  await shoot(page, 'files-9-phone-form');
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  expect(await findings(page)).toEqual([]);
  await message(page, 'Your order:').scrollIntoViewIfNeeded();
  expect(await findings(page)).toEqual([]);
  expectNoFaults(anas, bos, phone);
  await phone.close();
});

/** A second of a tone. */
function sound(): Uint8Array {
  const samples = Buffer.alloc(8_000);
  for (let i = 0; i < samples.length; i++) samples[i] = 128 + Math.round(100 * Math.sin(i / 3));
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + samples.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(8_000, 24);
  header.writeUInt32LE(8_000, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write('data', 36);
  header.writeUInt32LE(samples.length, 40);
  return Buffer.concat([header, samples]);
}
