import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { limits } from 'gb-protocol';
import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type Person, type World, world } from './world.ts';

// Mail comes in as it does in an organization: over the route, over the command, and through a mail server that many have.

const main = fileURLToPath(new URL('../../gb-cli/src/main.ts', import.meta.url));
const services = fileURLToPath(new URL('../../tools/test-services.ts', import.meta.url));
const secret = 'hush';
const scratch = mkdtempSync(path.join(tmpdir(), 'gb-mail-in-'));

let w: World;
let ana: Person;
let bot: Awaited<ReturnType<Person['rest']['createBot']>>;
let address: string;
beforeAll(async () => {
  chmodSync(scratch, 0o711);
  w = await world();
  ana = await w.signUp('Ana Prado');
  bot = await ana.rest.createBot({
    name: 'Robot',
    handle: 'robot',
    files: [
      { name: 'start.bas', text: 'TALK "hi"' },
      {
        name: 'mail.bas',
        text: 'ON EMAIL "robot@example.com"\nsaid = ""\nIF LEN(attachments) > 0 THEN\n  said = READ attachments[0].path\nEND IF\nTALK "${recipient} | ${from} | ${subject} | ${body} | ${said}"',
      },
      { name: 'config.csv', text: `webhook-secret,${secret}\n` },
    ],
  });
  await ana.rest.publishBot(bot.id);
  await ana.rest.addBotToChannel(bot.id, await w.general(ana));
  address = w.server.url + (await ana.rest.botTriggers(bot.id)).triggers.find(({ kind }) => kind === 'email')!.path!;
});
afterAll(async () => {
  await w?.close();
  await run([services, '--dir', scratch, '--down', 'smtp']);
  rmSync(scratch, { recursive: true, force: true });
}, 60_000);

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function run(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  input: string | Uint8Array = '',
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
      env: { PATH: process.env['PATH'] ?? '', ...env },
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (data) => (out += data));
    child.stderr.on('data', (data) => (err += data));
    child.once('error', reject);
    // It may end before it has read everything, which is no failure of the test.
    child.stdin.on('error', (error: NodeJS.ErrnoException) => error.code === 'EPIPE' || reject(error));
    child.stdin.end(input);
    child.once('close', (code) => resolve({ code, out, err }));
  });
}

const mailIn = (args: readonly string[], input: string | Uint8Array, env: Readonly<Record<string, string>> = {}) =>
  run([main, 'mail-in', ...args], { GB_MAIL_SECRET: secret, ...env }, input);

let number = 0;
const letter = (subject: string) =>
  `From: Rui <rui@shop.example>\nTo: robot@example.com\nSubject: ${subject}\nMessage-ID: <${++number}@shop.example>\n\nHello\n`;

const post = (body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}, query = '') =>
  fetch(address + query, {
    method: 'POST',
    headers: { 'content-type': 'message/rfc822', authorization: `Bearer ${secret}`, ...headers },
    body: body as BodyInit,
  });

async function said(start: string): Promise<string[]> {
  const { messages } = await ana.rest.messages(await w.general(ana), { limit: 50 });
  return messages.filter(({ authorId, text }) => authorId === bot.userId && text.includes(start)).map(({ text }) => text);
}

const saidOnce = (subject: string) => eventually(async () => (await said(`| ${subject} |`))[0], subject, 20_000);

test('a mail that is posted starts its script, and posted again does not', async () => {
  const text = letter('By the route');
  const taken = await post(text, { 'x-envelope-to': '<Robot+order17@example.com>', 'x-envelope-from': '<rui@shop.example>' });
  expect([taken.status, await taken.json()]).toEqual([200, { outcome: 'started', runIds: [expect.any(String)] }]);
  expect(await saidOnce('By the route')).toBe('Robot+order17@example.com | rui@shop.example | By the route | Hello | ');
  expect(await (await post(text)).json()).toEqual({ outcome: 'again', runIds: [] });
  expect(await (await post(letter('A report'), {}, '?from=')).json()).toEqual({ outcome: 'automatic', runIds: [] });
});

test('what is no mail, has no secret or is too large is refused, and most of it unread', async () => {
  const answer = async (response: Response) => [response.status, ((await response.json()) as { code: string }).code];
  expect(await answer(await post('{}', { 'content-type': 'application/json' }))).toEqual([400, 'malformed']);
  expect(await answer(await post('x', { authorization: 'Bearer wrong' }))).toEqual([401, 'unauthenticated']);
  expect(await answer(await post('x', { authorization: `Bearer ${ana.token}` }))).toEqual([401, 'unauthenticated']);
  expect(await answer(await post(new Uint8Array(limits.mailBytesMax + 1)))).toEqual([413, 'too_large']);
  // Only the head is sent: the answer does not wait for the body.
  const url = new URL(address);
  const line = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(url.port), url.hostname, () =>
      socket.write(
        `POST ${url.pathname} HTTP/1.1\r\nHost: x\r\nContent-Type: message/rfc822\r\nContent-Length: 20000000\r\n\r\n`,
      ),
    );
    socket.once('data', (data) => {
      resolve(String(data).split('\r\n')[0]!);
      socket.destroy();
    });
    socket.once('error', reject);
  });
  expect(line).toBe('HTTP/1.1 401 Unauthorized');
});

test('strangers who promise a mail and do not send it keep nobody else from sending theirs', async () => {
  const url = new URL(address);
  const head = (proof: string) =>
    `POST ${url.pathname} HTTP/1.1\r\nHost: x\r\nContent-Type: message/rfc822\r\nContent-Length: 20000000\r\n${proof}\r\n\r\nFrom: a`;
  const open = (text: string) =>
    new Promise<Socket>((resolve, reject) => {
      const socket = connect(Number(url.port), url.hostname, () => socket.write(text, () => resolve(socket)));
      socket.once('error', reject);
    });
  const strangers = await Promise.all(Array.from({ length: 6 }, () => open(head('X-GB-Signature: t=1, v1=0'))));
  // Long enough for all of them to be read from.
  await eventually(async () => {
    const [first] = await Promise.race(strangers.map((socket) => once(socket, 'data')));
    return String(first).includes('503');
  }, 'some of them are told to come later');
  expect((await post(letter('In spite of strangers'))).status).toBe(200);
  for (const socket of strangers) socket.destroy();
});

test('wrong secrets from everywhere use up nothing of what the mail server may send', async () => {
  const other = await world({ env: { GB_RATE_FACTOR: '1', GB_TRUST_PROXY: 'true' } });
  try {
    const rui = await other.signUp('Rui');
    const files = [
      { name: 'start.bas', text: 'TALK "hi"' },
      { name: 'mail.bas', text: 'ON EMAIL "robot@example.com"\nTALK subject' },
      { name: 'config.csv', text: `webhook-secret,${secret}\n` },
    ];
    const robot = await rui.rest.createBot({ name: 'Robot', handle: 'robot', files });
    await rui.rest.publishBot(robot.id);
    const path = (await rui.rest.botTriggers(robot.id)).triggers.find(({ kind }) => kind === 'email')!.path!;
    const send = async (proof: string, from: string) => {
      const headers = { 'content-type': 'message/rfc822', authorization: `Bearer ${proof}`, 'x-forwarded-for': from };
      const { status } = await fetch(other.server.url + path, { method: 'POST', headers, body: letter('Once') });
      return status;
    };
    const strangers = Array.from({ length: 400 }, (_, n) => send('wrong', `203.0.113.${n % 250}`));
    expect(new Set(await Promise.all(strangers))).toEqual(new Set([401]));
    expect(await send(secret, '198.51.100.1')).toBe(200);
  } finally {
    await other.close();
  }
});

test('the command says to the mail server what it may do', async () => {
  const file = path.join(scratch, 'secret');
  writeFileSync(file, `${secret}\n`);
  const taken = await mailIn([address, '--secret-file', file, '--to', 'robot@example.com'], letter('By hand'), {
    GB_MAIL_SECRET: 'not this one',
  });
  expect(taken).toEqual({ code: 0, out: '', err: '' });
  expect(await saidOnce('By hand')).toContain('robot@example.com | rui@shop.example');
  const codes = async (...calls: readonly Promise<Ended>[]) => (await Promise.all(calls)).map(({ code }) => code);
  expect(
    await codes(
      mailIn(['http://127.0.0.1:9/api/mail/a/b'], letter('nobody there')),
      mailIn([address, '--secret-file', path.join(scratch, 'none')], letter('no secret')),
      mailIn([address], letter('wrong secret'), { GB_MAIL_SECRET: 'wrong' }),
      mailIn([`${w.server.url}/api/mail/a/b`], letter('no bot')),
    ),
  ).toEqual([75, 75, 77, 77]);
  expect(await codes(mailIn([address, '--nonsense'], ''), mailIn([], ''), mailIn(['nonsense'], ''))).toEqual([64, 64, 64]);
  const mistyped = await mailIn([address.replace('http://', 'http//').concat('?key=hush-hush')], letter('mistyped'));
  expect(mistyped).toMatchObject({ code: 64, err: expect.not.stringContaining('hush-hush') });
  const parts = Array.from({ length: 400 }, (_, at) => `Content-Type: multipart/mixed; boundary="b${at}"\n\n--b${at}\n`).join('');
  const bad = await mailIn([address], `From: a@example.com\nTo: robot@example.com\n${parts}`);
  expect(bad).toMatchObject({ code: 65, err: expect.stringContaining('too many parts') });
  expect((await mailIn([address], new Uint8Array(limits.mailBytesMax + 1))).code).toBe(65);
}, 60_000);

test('a mail server pipes mail into the command, and again when the server was away', async (context) => {
  const { out, err } = await run([services, '--dir', scratch, 'smtp']);
  const env = Object.fromEntries([...out.matchAll(/^export (\w+)='(.*)'$/gm)].map((match) => [match[1], match[2]!]));
  const { TEST_SMTP_URL: url, TEST_SMTP_ROBOT: robot } = env;
  if (!url || !robot) {
    process.stderr.write(`skipped: the mail server: ${err.trim()}\n`);
    return context.skip('no mail server could be had; what is missing stands above');
  }
  const { uid, gid } = statSync(path.dirname(robot));
  const write = (name: string, text: string, mode: number): string => {
    const file = path.join(path.dirname(robot), name);
    writeFileSync(file, text, { mode });
    chownSync(file, uid, gid);
    return file;
  };
  const secretFile = write('secret', secret, 0o600);
  const program = (to: string) =>
    `#!/bin/sh\nexec '${process.execPath}' --disable-warning=ExperimentalWarning '${main}' mail-in '${to}' --secret-file '${secretFile}'\n`;
  write('robot', program(address.replace(/:\d+\//, ':9/')), 0o755);
  const transport = createTransport(url);
  const attachments = [{ filename: '../may.txt', content: 'ten pounds' }];
  await transport.sendMail({
    from: 'Rui <rui@shop.example>',
    to: 'robot+order17@example.com',
    subject: 'By Exim',
    text: 'Olá, robô',
    attachments,
  });
  // Nobody is at the first address: the mail server keeps the mail.
  const log = path.join(path.dirname(robot), 'mainlog');
  await eventually(async () => /robot.* defer /.test(readFileSync(log, 'utf8')), 'the mail is kept for later', 30_000);
  write('robot', program(address), 0o755);
  expect(await saidOnce('By Exim')).toBe('robot+order17@example.com | rui@shop.example | By Exim | Olá, robô | ten pounds');
  await eventually(async () => / Completed/.test(readFileSync(log, 'utf8')), 'the mail server is done with it', 30_000);
  transport.close();
}, 400_000);
