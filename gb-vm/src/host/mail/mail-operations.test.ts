import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BotReply, OutsideCall, PlainValue } from 'gb-core';
import { silentLogger } from 'gb-utils';
import { type AddressObject, type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { afterEach, expect, test } from 'vitest';
import { createMemoryDrive } from '../testing/memory-drive.ts';
import { type Arguments, testCall } from '../testing/test-call.ts';
import { createHttpClient } from '../web/http-client.ts';
import { createLogMailer } from './log-mailer.ts';
import { type MailOptions, mailOperations } from './mail-operations.ts';
import { createOwnMailers } from './own-mailers.ts';
import { createSmtpMailer } from './smtp-mailer.ts';

const closings: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

interface World {
  readonly mails: ParsedMail[];
  /** What the services of SMS and WhatsApp were sent. */
  readonly sent: { readonly path: string; readonly headers: Record<string, unknown>; readonly body: unknown }[];
  readonly said: { readonly to: string | null; readonly reply: BotReply }[];
  readonly port: number;
  run(name: string, args: Arguments, more?: Parameters<typeof testCall>[0]): Promise<PlainValue>;
}

async function world(options: Partial<MailOptions> = {}): Promise<World> {
  const mails: ParsedMail[] = [];
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    closeTimeout: 100,
    onRcptTo: ({ address }, _, done) => done(address.startsWith('nobody@') ? new Error('no such mailbox') : null),
    onData(stream, _, done) {
      simpleParser(stream).then((mail) => {
        mails.push(mail);
        done();
      }, done);
    },
  });
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', () => resolve()));
  closings.push(() => new Promise((resolve) => smtp.close(() => resolve(null))));
  const { port } = smtp.server.address() as AddressInfo;

  const sent: World['sent'][number][] = [];
  const services = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    sent.push({ path: request.url!, headers: request.headers, body: JSON.parse(Buffer.concat(parts).toString()) });
    response.writeHead(request.url === '/broken' ? 400 : 202).end();
  });
  await new Promise<void>((resolve) => services.listen(0, '127.0.0.1', resolve));
  closings.push(() => new Promise((resolve) => services.close(resolve)));
  const base = `http://127.0.0.1:${(services.address() as AddressInfo).port}`;

  const mailer = createSmtpMailer({ url: `smtp://127.0.0.1:${port}?tls=none`, from: 'bot@example.com' });
  const client = createHttpClient({ allow: ['127.0.0.0/8'] });
  closings.push(
    () => mailer.close(),
    () => client.close(),
  );
  const said: World['said'][number][] = [];
  const operations = mailOperations({
    mailer,
    drafts: mailer,
    client,
    sayHere: async (reply) => void said.push({ to: null, reply }),
    sayTo: async (to, reply) => {
      if (to !== 'rui') return false;
      said.push({ to, reply });
      return true;
    },
    ...options,
  }).outside!;
  return {
    mails,
    sent,
    said,
    port,
    run: (name, args, more = {}) => {
      const settings = { 'sms-url': `${base}/sms`, 'sms-key': 'k1', 'whatsapp-url': `${base}/whatsapp`, ...more.settings };
      return operations[name]!(args, testCall({ ...more, settings }));
    },
  };
}

const addressesOf = (mail: ParsedMail): (string | undefined)[] =>
  [mail.to ?? []].flat().flatMap((one: AddressObject) => one.value.map(({ address }) => address));

test('Markdown is sent as text and as HTML made of it, in which no tag of the text counts', async () => {
  const { run, mails } = await world();
  const body =
    'Olá **Ana**,\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n<script>alert(1)</script>\n\n[x](javascript:alert(1)) <img src=x onerror=y>';
  const id = await run(
    'SEND MAIL',
    { to: 'ana@example.com; Rui <rui@example.com>', subject: 'Hello', body },
    { settings: { 'bot-name': 'Tea', 'mail-reply-to': 'help@example.com' } },
  );
  const [mail] = mails;
  expect(mail!.messageId).toBe(id);
  expect(addressesOf(mail!)).toEqual(['ana@example.com', 'rui@example.com']);
  expect(mail!.from!.value[0]).toEqual({ address: 'bot@example.com', name: 'Tea' });
  expect(mail!.replyTo!.value[0]!.address).toBe('help@example.com');
  expect(mail!.text).toContain('Olá **Ana**');
  expect(mail!.html).toContain('<strong>Ana</strong>');
  expect(mail!.html).toContain('<td>1</td>');
  expect(mail!.html).not.toMatch(/<script|javascript:|<img/);
});

test('files of the drive go along, by their path and as values, and what is not there is an error', async () => {
  const { run, mails } = await world();
  const drive = createMemoryDrive({ 'reports/may.txt': 'May' });
  const value = drive.put('photo.png', new Uint8Array([1, 2, 3]), 'image/png');
  const args = { to: 'ana@example.com', subject: 's', body: 'b', attachments: ['reports/may.txt', { ...value }] };
  await run('SEND MAIL', args, { drive });
  expect(mails[0]!.attachments.map(({ filename, contentType }) => [filename, contentType])).toEqual([
    ['may.txt', 'text/plain'],
    ['photo.png', 'image/png'],
  ]);
  await expect(run('SEND MAIL', { ...args, attachments: ['none.txt'] }, { drive })).rejects.toThrow('there is no file none.txt');
  const many = Array.from({ length: 11 }, () => 'photo.png');
  await expect(run('SEND MAIL', { ...args, attachments: many }, { drive })).rejects.toMatchObject({ code: 'limit_reached' });
  expect(mails).toHaveLength(1);
});

test('a subject is the first line when nothing else says one, and stays one line', async () => {
  const { run, mails } = await world();
  await run('SEND MAIL', { to: 'a@example.com', body: 'Assunto: Seu pedido\n\nChegou.' });
  await run('SEND MAIL', { to: 'a@example.com', body: '# Good news\nIt is here.' });
  await run('SEND MAIL', { to: 'a@example.com', subject: 'x\r\nBcc: victim@example.com', body: 'b' });
  await run('SEND MAIL', { to: 'a@example.com', body: { subject: 'From a row', body: 'text' } });
  expect(mails.map(({ subject }) => subject)).toEqual(['Seu pedido', 'Good news', 'x Bcc: victim@example.com', 'From a row']);
  expect(mails[0]!.text).toBe('Chegou.');
  expect(mails.every(({ bcc }) => bcc === undefined)).toBe(true);
});

test('a mail that is done again is sent once, and a mail to nobody not at all', async () => {
  const { run, mails } = await world();
  const args = { to: 'a@example.com', subject: 's', body: 'b' };
  const ids = [await run('SEND MAIL', args, { key: 'same' }), await run('SEND MAIL', args, { key: 'same' })];
  expect(ids[0]).toBe(ids[1]);
  expect(mails).toHaveLength(1);
  for (const to of ['', 'ana', 'a@b@c', 'a@example.com\nBcc: b@example.com x', null])
    await expect(run('SEND MAIL', { ...args, to })).rejects.toMatchObject({ said: { pt: expect.any(String) } });
  await expect(run('SEND MAIL', { ...args, to: 'nobody@example.com' })).rejects.toThrow('refuses');
  await expect(run('SEND MAIL', { ...args, to: ['a@example.com', 'nobody@example.com'] })).rejects.toThrow(
    'the others have the mail',
  );
});

test('a bot writes to a bounded number of addresses a mail and an hour', async () => {
  const { run, mails } = await world({ recipientsPerHourMax: 60 });
  const to = (count: number) => Array.from({ length: count }, (_, n) => `a${n}@example.com`);
  const args = { subject: 's', body: 'b' };
  await expect(run('SEND MAIL', { ...args, to: to(51) })).rejects.toMatchObject({ code: 'limit_reached' });
  await run('SEND MAIL', { ...args, to: to(50) });
  await expect(run('SEND MAIL', { ...args, to: to(11) })).rejects.toMatchObject({ code: 'limit_reached' });
  await run('SEND MAIL', { ...args, to: to(10) });
  await expect(run('SEND SMS', { to: '+5511999990000', text: 'x' })).rejects.toMatchObject({ code: 'limit_reached' });
  // Another bot has its own.
  await run('SEND MAIL', { ...args, to: to(20) }, { botId: '018f0000-0000-7000-8000-0000000000ff' as OutsideCall['botId'] });
  expect(mails).toHaveLength(3);
});

test('what is not configured is said by its name', async () => {
  const drafts = createLogMailer(silentLogger);
  const { run } = await world({ mailer: null, drafts });
  const args = { to: 'ana@example.com', subject: 'Our offer', body: 'Dear Ana' };
  const drive = createMemoryDrive();
  await expect(run('SEND MAIL', args)).rejects.toMatchObject({ code: 'setting_missing', message: 'SMTP_URL is not set' });
  await expect(run('SEND MAIL', { ...args, account: 'sales' })).rejects.toMatchObject({ code: 'not_allowed' });
  await expect(run('SEND SMS', { to: '+5511999990000', text: 'x' }, { settings: { 'sms-url': '' } })).rejects.toMatchObject({
    message: 'sms-url is not set',
  });
  // A draft needs no server.
  const file = await run('CREATE DRAFT', args, { drive, key: 'k' });
  await run('CREATE DRAFT', args, { drive, key: 'k' });
  expect(drive.paths()).toEqual([expect.stringMatching(/^drafts\/2026-05-31-Our-offer-[0-9a-f]{8}\.eml$/)]);
  const mail = await simpleParser(Buffer.from(drive.bytes(drive.paths()[0]!)));
  expect(mail).toMatchObject({ subject: 'Our offer', text: expect.stringContaining('Dear Ana') });
  expect(file).toMatchObject({ type: 'message/rfc822' });
});

test("a bot's own mail server must be one of the public internet, or allowed", async () => {
  const settings = (url: string) => ({ settings: { 'mail-sales-url': url, 'mail-sales-from': 'sales@example.com' } });
  const args = { to: 'ana@example.com', subject: 's', body: 'b', account: 'Sales' };
  const closed = createOwnMailers();
  const open = createOwnMailers({ allow: ['127.0.0.0/8'] });
  closings.push(
    () => closed.close(),
    () => open.close(),
  );
  const one = await world({ ownMailer: (account, call) => closed.mailerFor(account, call) });
  for (const url of [
    'smtp://127.0.0.1:25',
    'smtp://169.254.169.254:25',
    'smtp://[::1]:25',
    'smtp://localhost:25',
    'smtp://10.0.0.1:587',
  ])
    await expect(one.run('SEND MAIL', args, settings(url)), url).rejects.toMatchObject({ code: 'not_allowed' });
  await expect(one.run('SEND MAIL', args, settings('smtp://example.com:6379'))).rejects.toMatchObject({ code: 'not_allowed' });
  await expect(one.run('SEND MAIL', args, settings('file:///etc/passwd'))).rejects.toMatchObject({ code: 'setting_missing' });
  await expect(one.run('SEND MAIL', args)).rejects.toThrow('mail-sales-url is not set');
  const two = await world({ ownMailer: (account, call) => open.mailerFor(account, call) });
  await two.run('SEND MAIL', args, settings(`smtp://127.0.0.1:${two.port}?tls=none`));
  expect(two.mails[0]!.from!.value[0]!.address).toBe('sales@example.com');
});

test('SMS and WhatsApp go through the service that the bot names', async () => {
  const { run, sent } = await world();
  await run('SEND SMS', { to: '+55 (11) 99999-0000', text: 'Your code is 1234' }, { key: 'k9' });
  await run('SEND WHATSAPP', { to: '+5511999990000', text: 'Ready' });
  await run('SEND TEMPLATE', { to: '+5511999990000', template: 'order-ready', values: ['Ana', 3] });
  await run('SEND TEMPLATE', { template: 'order-ready', channel: 'sms', to: '11999990000' });
  expect(sent.map(({ path, body }) => [path, body])).toEqual([
    ['/sms', { to: '+5511999990000', text: 'Your code is 1234' }],
    ['/whatsapp', { to: '+5511999990000', text: 'Ready' }],
    ['/whatsapp', { to: '+5511999990000', template: 'order-ready', values: ['Ana', '3'] }],
    ['/sms', { to: '11999990000', template: 'order-ready', values: [] }],
  ]);
  expect(sent[0]!.headers).toMatchObject({ authorization: 'Bearer k1', 'idempotency-key': 'k9' });
  expect(sent[1]!.headers).not.toHaveProperty('authorization');
  await expect(run('SEND SMS', { to: 'ana', text: 'x' })).rejects.toThrow('no telephone number');
  await expect(run('SEND SMS', { to: '+5511999990000', text: 'x'.repeat(1_601) })).rejects.toMatchObject({
    code: 'limit_reached',
  });
  await expect(
    run('SEND SMS', { to: '+5511999990000', text: 'x' }, { settings: { 'sms-url': 'http://169.254.169.254/' } }),
  ).rejects.toMatchObject({ code: 'not_allowed' });
  expect(sent).toHaveLength(4);
});

test('a file is sent here, to a colleague, or by mail', async () => {
  const { run, said, mails } = await world();
  const drive = createMemoryDrive({ 'menu.pdf': 'pdf' });
  const value = (await run('SEND FILE', { file: 'menu.pdf', caption: 'Our menu' }, { drive })) as { file: string };
  await run('SEND FILE', { to: 'rui', file: 'menu.pdf' }, { drive });
  await run('SEND FILE', { to: 'ana@example.com', file: 'menu.pdf' }, { drive });
  expect(said).toEqual([
    { to: null, reply: { text: 'Our menu', files: [value.file] } },
    { to: 'rui', reply: { text: '', files: [value.file] } },
  ]);
  expect(mails[0]!.attachments[0]!.filename).toBe('menu.pdf');
  await expect(run('SEND FILE', { to: 'stranger', file: 'menu.pdf' }, { drive })).rejects.toThrow('nobody called stranger');
});

test('a message takes the way that leads to its person', async () => {
  const { run, said, mails, sent } = await world();
  await run('SEND MESSAGE', { text: 'here' });
  await run('SEND MESSAGE', { to: 'rui', text: 'in the chat' });
  await run('SEND MESSAGE', { to: 'ana@example.com', text: 'by mail' });
  await run('SEND MESSAGE', { to: '+5511999990000', text: 'by phone' });
  expect(said.map(({ to, reply }) => [to, reply.text])).toEqual([
    [null, 'here'],
    ['rui', 'in the chat'],
  ]);
  expect(mails[0]!.subject).toBe('by mail');
  expect(sent[0]!.path).toBe('/whatsapp');
  await expect(run('SEND MESSAGE', { to: 'somebody', text: 'x' })).rejects.toThrow('nobody called somebody');
});

test('a mail template is filled in, and what is put into HTML is text there', async () => {
  const { run, mails } = await world();
  const drive = createMemoryDrive({
    'templates/welcome.md': 'Subject: Welcome {{name}}\n\nHello **{{ name }}**, {{2}}.',
    'templates/page.html': '<html><head><title>For {{1}}</title></head><body><p>Hi {{1}}</p></body></html>',
  });
  await run('SEND TEMPLATE', { to: 'ana@example.com', template: 'welcome', values: [{ name: 'Ana' }, 'come in'] }, { drive });
  await run('SEND TEMPLATE', { template: 'page', channel: 'mail', to: 'ana@example.com', values: ['<b>Ana</b>'] }, { drive });
  expect(mails[0]).toMatchObject({ subject: 'Welcome Ana', text: 'Hello **Ana**, come in.' });
  expect(mails[1]!.subject).toBe('For <b>Ana</b>');
  expect(mails[1]!.html).toContain('<p>Hi &lt;b&gt;Ana&lt;/b&gt;</p>');
  await expect(run('SEND TEMPLATE', { to: 'a@example.com', template: 'none' }, { drive })).rejects.toThrow('no template none');
});
