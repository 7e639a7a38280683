import { type MailEnvelope, receiveMail, type Store } from 'gb-core';
import { limits } from 'gb-protocol';
import { QuotaAdmin } from 'gb-storage';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { uuidv7 } from 'gb-utils';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BotConfig } from './config.ts';
import { BotWorld, type TestBot } from './testing/bots.ts';

const config: BotConfig = {
  publicUrl: null,
  allowHosts: [],
  // Nobody is there: nothing here sends mail, but who would is known.
  smtp: { url: 'smtp://127.0.0.1:9', from: 'Bots <bots@example.com>' },
  model: null,
  otherModels: [],
  allowsOwnModel: false,
  allowsOwnMail: false,
  browser: null,
  runnerUrl: null,
};
const secret = 'a secret of this bot';

let database: TestDatabase;
let w: BotWorld;
beforeAll(async () => {
  database = await startTestDatabase();
  w = await BotWorld.open(database, { config });
});
afterAll(async () => {
  await w?.close();
  await database?.close();
});

const bot = (scripts: Readonly<Record<string, string>>, settings: Readonly<Record<string, string>> = {}) =>
  w.bot({ 'start.bas': 'TALK "hi"', ...scripts }, { 'webhook-secret': secret, ...settings });

function mail(
  { botId }: TestBot,
  text: string | Uint8Array,
  envelope: Partial<MailEnvelope> = {},
  headers: Readonly<Record<string, string>> = { authorization: `Bearer ${secret}` },
) {
  const rawBody = typeof text === 'string' ? new TextEncoder().encode(text.replaceAll('\n', '\r\n')) : text;
  const place = { customerId: w.customerId, botId };
  return receiveMail(w.ctx, place, { to: [], from: null, ...envelope }, { headers, query: {}, rawBody });
}

let number = 0;
const letter = (more = '', body = 'Hello') =>
  `From: Ana Prado <ana@shop.example>\nTo: Help <help@example.com>\nSubject: Invoice of May\nMessage-ID: <${++number}@shop.example>\nDate: Thu, 07 May 2026 10:00:00 -0300\n${more}\n${body}`;

const withFile = (name: string, content: string, encoding = 'base64') =>
  `Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\nSee the file.\n--b\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename="${name}"\nContent-Transfer-Encoding: ${encoding}\n\n${content}\n--b--\n`;

async function logOf({ botId }: TestBot): Promise<string[]> {
  const { lines } = await w.ctx.store.read(w.customerId, (tx) => tx.botLog.page(botId, { limit: 100 }));
  return lines.filter(({ code }) => code !== 'published').map(({ code, message }) => `${code}: ${message}`);
}

async function drivePaths({ botId }: TestBot): Promise<(string | null)[]> {
  const files = await w.ctx.store.read(w.customerId, (tx) => tx.files.list(botId, 'drive', { limit: 1_000 }));
  return files.map(({ path }) => path);
}

test('a mail starts the script that waits for it, with its words and its files', async () => {
  const one = await bot({
    'invoice.bas': `ON EMAIL "help@example.com" SUBJECT "invoice"
name = attachments[0].name
SAVE "mails", message_id, subject, name
rows = FIND "mails"
TALK sender + " <" + from + "> to " + recipient + ": " + subject + " / " + body
TALK "\${name} in \${folder}: " + READ attachments[0].path
TALK "\${LEN(rows)} \${rows[0].subject} \${sent_at} \${reply_to} \${headers["x-spam"]}"`,
    'other.bas': 'ON EMAIL "other@example.com"\nTALK "never"',
  });
  const office = await w.channel('office', [w.ana, one.userId]);
  const text = letter(`X-Spam: no\n${withFile('may.txt', Buffer.from('ten pounds').toString('base64'))}`);
  const taken = await mail(one, text);
  expect(taken).toMatchObject({ outcome: 'started', runIds: [expect.any(String)] });
  await w.settle();
  expect(await w.said(one.userId, office)).toEqual([
    'Ana Prado <ana@shop.example> to help@example.com: Invoice of May / See the file.',
    expect.stringMatching(/^may\.txt in mail\/2026-05-07-[0-9a-f]{12}: ten pounds$/),
    '1 Invoice of May 2026-05-07T13:00:00.000Z ana@shop.example no',
  ]);
  expect(await drivePaths(one)).toEqual([expect.stringMatching(/^mail\/2026-05-07-[0-9a-f]{12}\/may\.txt$/)]);
  expect(await logOf(one)).toEqual([]);
});

test('delivered again, and by several at once, a mail is one run and its files are there once', async () => {
  const one = await bot({ 'a.bas': 'ON EMAIL "help@example.com"\nTALK subject' });
  const office = await w.channel('again', [w.ana, one.userId]);
  const text = letter(withFile('a.txt', 'aGk='));
  const taken = await Promise.all([1, 2, 3, 4].map(() => mail(one, text)));
  expect(taken.map(({ outcome }) => outcome).sort()).toEqual(['again', 'again', 'again', 'started']);
  await w.settle();
  expect(await mail(one, `Received: from elsewhere\n${text}`)).toEqual({ outcome: 'again', runIds: [] });
  // Without an id it is known by what it says.
  const nameless = letter().replace(/Message-ID.*\n/, '');
  expect(await mail(one, nameless)).toMatchObject({ outcome: 'started' });
  expect(await mail(one, `Delivery-date: today\n${nameless}`)).toMatchObject({ outcome: 'again' });
  expect(await mail(one, `${nameless}!`)).toMatchObject({ outcome: 'started' });
  await w.settle();
  expect(await w.said(one.userId, office)).toHaveLength(3);
  expect(await drivePaths(one)).toHaveLength(1);
});

test('several scripts may wait for one mail, each by its own address, and each runs once', async () => {
  const one = await bot({
    'sales.bas': 'ON EMAIL "sales@example.com"\nTALK "sales " + recipient',
    'help.bas':
      'ON EMAIL "help@example.com" FROM "@shop.example"\nON EMAIL "help@example.com" SUBJECT "order"\nTALK "help " + recipient',
    'block.bas': 'ON EMAIL "*" SUBJECT "order"\nTALK "order " + subject',
  });
  const office = await w.channel('several', [w.ana, one.userId]);
  // Its owner sees both of what one script says of one address.
  const rows = await w.ctx.store.read(w.customerId, (tx) => tx.triggers.list(one.botId));
  expect(rows.filter(({ script }) => script === 'help.bas').map(({ details }) => details)).toEqual([
    { from: '@shop.example', subject: null },
    { from: null, subject: 'order' },
  ]);
  const text = letter();
  // The mail server hands it over once for each of them.
  expect((await mail(one, text, { to: ['help+a@example.com'] })).runIds).toHaveLength(1);
  expect((await mail(one, text, { to: ['SALES@example.com'] })).runIds).toHaveLength(1);
  const order = letter().replace('Invoice', 'ORDER').replace('ana@shop.example', 'rui@else.example');
  expect((await mail(one, order)).runIds).toHaveLength(2);
  await w.settle();
  expect((await w.said(one.userId, office)).sort()).toEqual([
    'help help+a@example.com',
    'help help@example.com',
    'order ORDER of May',
    'sales SALES@example.com',
  ]);
});

test('a process that dies at any step leaves nothing half done: the next delivery does all of it', async () => {
  const one = await bot({ 'a.bas': 'ON EMAIL "help@example.com"\nTALK subject + " " + READ attachments[0].path' });
  const office = await w.channel('crash', [w.ana, one.userId]);
  const text = letter(withFile('a.txt', 'aGk='));
  const rawBody = new TextEncoder().encode(text);
  const place = { customerId: w.customerId, botId: one.botId };
  const request = { headers: { authorization: `Bearer ${secret}` }, query: {}, rawBody };
  let lost = 0;
  for (let survives = 0; ; survives++) {
    let steps = 0;
    const store: Store = Object.create(w.ctx.store, {
      read: { value: (...args: Parameters<Store['read']>) => w.ctx.store.read(...args) },
      transaction: {
        value: (...args: Parameters<Store['transaction']>) => {
          if (steps++ >= survives) throw new Error('the process is gone');
          return w.ctx.store.transaction(...args);
        },
      },
    });
    const taken = receiveMail({ ...w.ctx, store }, place, { to: [], from: null }, request);
    const problem = await taken.then(
      () => null,
      (error: unknown) => error,
    );
    if (problem === null) break;
    expect(problem).toMatchObject({ message: 'the process is gone' });
    lost += 1;
    expect(await drivePaths(one)).toEqual([]);
    await w.settle();
    expect(await w.said(one.userId, office)).toEqual([]);
  }
  expect(lost).toBe(3);
  expect(await mail(one, text)).toMatchObject({ outcome: 'again' });
  await w.settle();
  expect(await w.said(one.userId, office)).toEqual(['Invoice of May hi']);
  expect(await drivePaths(one)).toHaveLength(1);
});

test('mail that nobody waits for is taken, and its owner is told', async () => {
  const one = await bot({ 'a.bas': 'ON EMAIL "help@example.com" FROM "rui"\nTALK subject' });
  expect(await mail(one, letter(withFile('a.txt', 'aGk=')))).toEqual({ outcome: 'unwanted', runIds: [] });
  expect(await logOf(one)).toEqual([
    `mail_unwanted: No ON EMAIL waits for the mail to help@example.com, <${number}@shop.example>.`,
  ]);
  expect(await drivePaths(one)).toEqual([]);
  // Junk by the thousand does not push out what else there is to read.
  for (let i = 0; i < 60; i++) await mail(one, letter());
  expect((await logOf(one)).length).toBeLessThan(40);
});

test('no two programs answer each other: what a program wrote starts nothing, nor does the bot itself', async () => {
  const one = await bot(
    { 'a.bas': 'ON EMAIL "help@example.com"\nSEND MAIL from, "Re: " + subject, "we have it"' },
    { 'mail-shop-url': 'smtp://x', 'mail-shop-from': 'The Shop <shop@shop.example>' },
  );
  const from = (address: string) => letter().replace('ana@shop.example', address);
  for (const text of [
    letter('Auto-Submitted: auto-replied\n'),
    letter('Auto-Submitted: auto-generated\n'),
    letter('Return-Path: <>\n'),
    from('help@example.com'),
    from('Help+x@example.com'),
    from('bots@example.com'),
    from('shop@shop.example'),
    letter().replace(/Message-ID: .*/, `Message-ID: <${'0a'.repeat(20)}@example.com>`),
  ])
    expect(await mail(one, text), text).toEqual({ outcome: 'automatic', runIds: [] });
  expect(await mail(one, letter(), { from: '' })).toMatchObject({ outcome: 'automatic' });
  expect(await logOf(one)).toHaveLength(9);
  expect((await logOf(one))[0]).toMatch(
    /^mail_automatic: A mail that a program sent to help@example\.com, <\d+@shop\.example> started nothing\.$/,
  );
  // A person who answers the bot is nobody's program, and neither is an id that looks like ours from elsewhere.
  expect(await mail(one, letter('In-Reply-To: <0a@example.com>\n'))).toMatchObject({ outcome: 'started' });
  const sha = letter().replace(/Message-ID: .*/, `Message-ID: <${'0b'.repeat(20)}@else.example>`);
  expect(await mail(one, sha)).toMatchObject({ outcome: 'started' });
});

test('what a program wrote by itself reaches the script that says whom it expects it from', async () => {
  const one = await bot({
    'any.bas': 'ON EMAIL "help@example.com"\nTALK "any"',
    'shop.bas': 'ON EMAIL "help@example.com" FROM "@shop.example"\nTALK "invoice"',
  });
  const office = await w.channel('invoices', [w.ana, one.userId]);
  const { outcome, runIds } = await mail(one, letter('Auto-Submitted: auto-generated\n'));
  expect([outcome, runIds.length]).toEqual(['started', 1]);
  await w.settle();
  expect(await w.said(one.userId, office)).toEqual(['invoice']);
  expect(await mail(one, letter('Auto-Submitted: auto-replied\n'))).toMatchObject({ outcome: 'automatic' });
});

test('what leads out, writes headers or is too long is put right before a script sees it', async () => {
  const one = await bot({
    'a.bas':
      'ON EMAIL "help@example.com"\nTALK subject + "|" + attachments[0].path + "|" + LEN(body)\nIF body_file <> NULL THEN\nTALK LEN(READ body_file)\nEND IF',
  });
  const office = await w.channel('hostile', [w.ana, one.userId]);
  const evil = letter(withFile('../../../kb/secret.md', 'aGk=')).replace(
    'Invoice of May',
    '=?utf-8?Q?Hi=0D=0ABcc:_victim@example.com?=',
  );
  expect(await mail(one, evil)).toMatchObject({ outcome: 'started' });
  await w.settle();
  expect(await mail(one, letter(withFile('x', '####', 'base64').replace('See the file.', 'é"\n'.repeat(30_000))))).toMatchObject({
    outcome: 'started',
  });
  await w.settle();
  const [first, second, whole] = await w.said(one.userId, office);
  expect(first).toMatch(/^Hi Bcc: victim@example\.com\|mail\/2026-05-07-\w+\/secret\.md\|13$/);
  expect(Number(second!.split('|')[2])).toBeGreaterThan(5_000);
  expect(Number(whole)).toBe(30_000 * 3 - 1);
  expect((await drivePaths(one)).every((path) => path!.startsWith('mail/2026-05-07-'))).toBe(true);
});

test('ten thousand parts are refused for good, and the server goes on', async () => {
  const one = await bot({ 'a.bas': 'ON EMAIL "help@example.com"\nTALK subject' });
  const parts = Array.from({ length: 10_000 }, (_, at) => `Content-Type: multipart/mixed; boundary="b${at}"\n\n--b${at}\n`);
  await expect(mail(one, letter(parts.join('')))).rejects.toMatchObject({ code: 'malformed' });
  expect(await logOf(one)).toEqual([expect.stringMatching(/^mail_refused: .*too many parts/)]);
  await expect(mail(one, new Uint8Array(limits.mailBytesMax + 1))).rejects.toMatchObject({ code: 'too_large' });
  const large = letter(withFile('large.bin', Buffer.alloc(18_000_000, 'x').toString('base64').replace(/.{76}/g, '$&\n')));
  expect(await mail(one, large)).toMatchObject({ outcome: 'started' });
  const [path] = await drivePaths(one);
  const file = await w.ctx.store.read(w.customerId, (tx) => tx.files.byPath({ botId: one.botId, folder: 'drive', path: path! }));
  expect(file!.size).toBe(18_000_000);
}, 60_000);

test('who does not prove to know the secret hands nothing over, and a bot without one takes no mail', async () => {
  const one = await bot({ 'a.bas': 'ON EMAIL "help@example.com"\nTALK subject' });
  for (const headers of [{}, { authorization: 'Bearer wrong' }, { 'x-gb-signature': `t=1,v1=${'0'.repeat(64)}` }])
    await expect(mail(one, letter(), {}, headers)).rejects.toMatchObject({ code: 'unauthenticated' });
  const open = await bot({ 'a.bas': 'ON EMAIL "help@example.com"\nTALK subject' }, { 'webhook-secret': '' });
  await expect(mail(open, letter())).rejects.toMatchObject({ code: 'unauthenticated' });
  const deaf = await bot({});
  await expect(mail(deaf, letter())).rejects.toMatchObject({ code: 'not_found' });
  await expect(mail({ ...one, botId: uuidv7() as TestBot['botId'] }, letter())).rejects.toMatchObject({ code: 'not_found' });
  await expect(mail({ ...one, botId: 'x' as TestBot['botId'] }, letter())).rejects.toMatchObject({ code: 'not_found' });
});

test('without room for its files a mail is refused for now, starts nothing and leaves nothing', async () => {
  const one = await bot({ 'a.bas': 'ON EMAIL "help@example.com"\nTALK subject' });
  const before = await w.ctx.store.read(w.customerId, (tx) => tx.files.usage());
  const room = limits.filesBytesPerCustomerMax;
  await new QuotaAdmin([database.postgres.owner]).set(w.customerId, new Map([['storage', room]]));
  const hog = uuidv7() as Parameters<typeof reserve>[0];
  async function reserve(id: import('gb-protocol').FileId) {
    const row = { id, ownerId: one.userId, botId: one.botId, size: room - before - 1, leavingAt: w.clock.now + 3_600_000 };
    await w.ctx.store.transaction(w.customerId, (tx) => tx.files.reserve(row, room));
  }
  await reserve(hog);
  const text = letter(withFile('a.txt', 'aGk='));
  await expect(mail(one, text)).rejects.toMatchObject({ code: 'quota_exceeded' });
  expect(await logOf(one)).toEqual([expect.stringMatching(/^mail_refused: /)]);
  expect(await drivePaths(one)).toEqual([]);
  await w.ctx.store.transaction(w.customerId, (tx) => tx.files.release(hog));
  await w.ctx.store.transaction(w.customerId, (tx) => tx.files.remove([hog]));
  expect(await mail(one, text)).toMatchObject({ outcome: 'started' });
});
