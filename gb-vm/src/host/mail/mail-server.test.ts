import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OutgoingMail } from 'gb-core';
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSmtpMailer } from './smtp-mailer.ts';

// The same mailer against a mail server that organizations run. It is started here, or found by the environment.

const tool = fileURLToPath(new URL('../../../../tools/test-services.ts', import.meta.url));
const scratch = mkdtempSync(path.join(tmpdir(), 'gb-smtp-'));
let place: { readonly url: string; readonly maildir: string } | null = null;

beforeAll(async () => {
  chmodSync(scratch, 0o711);
  const { TEST_SMTP_URL: url, TEST_SMTP_MAILDIR: maildir } = process.env;
  if (url && maildir) {
    place = { url, maildir };
    return;
  }
  const { out, err } = await services('smtp');
  const found = Object.fromEntries([...out.matchAll(/^export (\w+)='(.*)'$/gm)].map((match) => [match[1], match[2]]));
  if (found['TEST_SMTP_URL']) place = { url: found['TEST_SMTP_URL'], maildir: found['TEST_SMTP_MAILDIR']! };
  else process.stderr.write(`skipped: the mail server: ${err.trim()}\n`);
}, 400_000);

afterAll(async () => {
  await services('--down', 'smtp');
  rmSync(scratch, { recursive: true, force: true });
}, 60_000);

function services(...args: readonly string[]): Promise<{ out: string; err: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [tool, '--dir', scratch, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, err] = ['', ''];
    child.stdout.on('data', (data) => (out += data));
    child.stderr.on('data', (data) => (err += data));
    child.once('error', reject);
    child.once('close', () => resolve({ out, err }));
  });
}

const letter = (more: Partial<OutgoingMail> = {}): OutgoingMail => ({
  key: `conversation:${process.pid}:${Date.now()}`,
  to: ['ana@example.com'],
  subject: 'Olá do servidor',
  text: 'Hello',
  html: '<p>Hello</p>',
  at: Date.UTC(2026, 4, 7),
  ...more,
});

/** The mail with this Message-ID, when it lies in the maildir. */
async function delivered(maildir: string, messageId: string): Promise<Awaited<ReturnType<typeof simpleParser>>> {
  for (let tries = 0; tries < 200; tries++) {
    for (const file of listed(path.join(maildir, 'new'))) {
      const mail = await simpleParser(readFileSync(file));
      if (mail.messageId === messageId) return mail;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the mail did not arrive');
}

function listed(dir: string): string[] {
  try {
    return readdirSync(dir).map((name) => path.join(dir, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []; // Made with the first mail.
    throw error;
  }
}

test('a mail server takes our mail over and delivers it whole', async (context) => {
  if (!place) return context.skip('no mail server could be had; what is missing stands above');
  const mailer = createSmtpMailer({ url: place.url, from: 'Bots <bots@example.com>' });
  try {
    const bytes = new Uint8Array(300_000).map((_, index) => index % 251);
    const sent = await mailer.send(letter({ attachments: [{ name: 'relatório.bin', type: 'application/octet-stream', bytes }] }));
    const mail = await delivered(place.maildir, sent.messageId);
    expect(mail).toMatchObject({ subject: 'Olá do servidor', text: 'Hello' });
    expect(mail.attachments[0]!.filename).toBe('relatório.bin');
    expect(new Uint8Array(mail.attachments[0]!.content)).toEqual(bytes);
  } finally {
    await mailer.close();
  }
});

test('what it refuses is told with its own words', async (context) => {
  if (!place) return context.skip('no mail server could be had; what is missing stands above');
  const mailer = createSmtpMailer({ url: place.url, from: 'bots@example.com' });
  try {
    await expect(mailer.send(letter({ to: ['nobody@example.com'] }))).rejects.toMatchObject({
      kind: 'refused',
      status: 550,
      message: expect.stringContaining('no such mailbox'),
    });
    const both = await mailer.send(letter({ to: ['ana@example.com', 'rui@example.org'] }));
    expect(both.rejected).toEqual(['rui@example.org']);
  } finally {
    await mailer.close();
  }
});
