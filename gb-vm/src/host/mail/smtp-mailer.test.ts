import type { OutgoingMail } from 'gb-core';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, expect, test } from 'vitest';
import { createSmtpMailer, type SmtpMailerOptions } from './smtp-mailer.ts';

const closings: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

interface Post {
  readonly port: number;
  readonly mails: ParsedMail[];
  readonly raw: string[];
  readonly users: string[];
}

/** A real server of the protocol, on this machine. */
async function postOffice(options: SMTPServerOptions = {}): Promise<Post> {
  const post: Post = { port: 0, mails: [], raw: [], users: [] };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onAuth(auth, _, done) {
      post.users.push(auth.username ?? '');
      if (auth.password === 'right') done(null, { user: auth.username });
      else done(new Error('Invalid username or password'));
    },
    onRcptTo({ address }, _, done) {
      if (address.startsWith('nobody@')) done(Object.assign(new Error('no such mailbox'), { responseCode: 550 }));
      else if (address.startsWith('full@')) done(Object.assign(new Error('mailbox is full'), { responseCode: 452 }));
      else done();
    },
    onData(stream, _, done) {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        const bytes = Buffer.concat(parts);
        simpleParser(bytes).then((mail) => {
          post.raw.push(bytes.toString());
          post.mails.push(mail);
          done();
        }, done);
      });
    },
    ...options,
  });
  server.on('error', () => {}); // A client that does not like the certificate hangs up.
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  closings.push(() => new Promise((resolve) => server.close(() => resolve())));
  const address = server.server.address();
  return Object.assign(post, { port: typeof address === 'object' && address ? address.port : 0 });
}

function mailer({ port }: { port: number }, more: Partial<SmtpMailerOptions> & { query?: string; user?: string } = {}) {
  const { query = '', user = '', ...options } = more;
  const made = createSmtpMailer({
    url: `smtp://${user ? `${user}@` : ''}127.0.0.1:${port}${query}`,
    from: 'Tea Bot <bot@example.com>',
    ...options,
  });
  closings.push(() => made.close());
  return made;
}

const letter = (more: Partial<OutgoingMail> = {}): OutgoingMail => ({
  key: 'conversation:1:1',
  to: ['ana@example.com'],
  subject: 'Sua encomenda é aqui – 😀',
  text: 'Olá **Ana**',
  at: Date.UTC(2026, 4, 7, 12),
  ...more,
});

test('a mail arrives as it was written, with its files', async () => {
  const post = await postOffice();
  const bytes = new Uint8Array([0, 1, 2, 255]);
  const sent = await mailer(post).send(
    letter({
      to: ['ana@example.com', 'rui@example.com'],
      html: '<p>Olá</p>',
      fromName: 'Chá & Cia',
      replyTo: 'help@example.com',
      attachments: [{ name: 'preços.bin', type: 'application/x-thing', bytes }],
    }),
  );
  const [mail] = post.mails;
  expect(mail).toMatchObject({ subject: 'Sua encomenda é aqui – 😀', text: expect.stringContaining('Olá **Ana**') });
  expect(mail!.from!.value[0]).toEqual({ address: 'bot@example.com', name: 'Chá & Cia' });
  expect([mail!.to].flat().flatMap((one) => one!.value.map((to) => to.address))).toEqual(['ana@example.com', 'rui@example.com']);
  expect(mail!.replyTo!.text).toBe('help@example.com');
  expect(mail!.date!.getTime()).toBe(Date.UTC(2026, 4, 7, 12));
  expect(mail!.headers.get('auto-submitted')).toBe('auto-generated');
  expect(mail!.html).toContain('<p>Olá</p>');
  expect(mail!.attachments[0]).toMatchObject({ filename: 'preços.bin', contentType: 'application/x-thing' });
  expect(new Uint8Array(mail!.attachments[0]!.content)).toEqual(bytes);
  expect(sent.messageId).toBe(mail!.messageId);
});

test('sent again, a mail has the same Message-ID, and another has another', async () => {
  const post = await postOffice();
  await mailer(post).send(letter());
  await mailer(post).send(letter());
  await mailer(post).send(letter({ key: 'conversation:1:2' }));
  const ids = post.mails.map((mail) => mail.messageId);
  expect(ids[0]).toBe(ids[1]);
  expect(ids[2]).not.toBe(ids[0]);
  expect(ids[0]).toMatch(/^<[0-9a-f]{40}@example\.com>$/);
});

test('nobody writes headers through a subject, a name, an address or a file', async () => {
  const post = await postOffice();
  const one = mailer(post);
  const evil = 'x\r\nBcc: victim@example.com';
  await expect(one.send(letter({ subject: evil }))).rejects.toMatchObject({ kind: 'invalid' });
  await expect(one.send(letter({ fromName: evil }))).rejects.toMatchObject({ kind: 'invalid' });
  await expect(one.send(letter({ replyTo: `a@b.c${evil}` }))).rejects.toMatchObject({ kind: 'invalid' });
  for (const to of [`ana@example.com${evil}`, 'ana@example.com>', 'ana', '"a b"@example.com', 'a@b', ''])
    await expect(one.send(letter({ to: [to] })), to).rejects.toMatchObject({ kind: 'invalid' });
  expect(post.mails).toEqual([]);
  await one.send(letter({ attachments: [{ name: evil, type: `text/plain${evil}`, bytes: new Uint8Array() }] }));
  expect(post.raw[0]).not.toMatch(/^Bcc:/im);
  expect(post.mails[0]!.bcc).toBeUndefined();
});

test('a mail that is too large, or to nobody, or to too many, is not begun', async () => {
  const post = await postOffice();
  const attachments = [{ name: 'a', type: 'a/b', bytes: new Uint8Array(26_000_000) }];
  await expect(mailer(post).send(letter({ attachments }))).rejects.toMatchObject({ kind: 'too_large' });
  await expect(mailer(post).send(letter({ to: [] }))).rejects.toMatchObject({ kind: 'invalid' });
  const to = Array.from({ length: 101 }, (_, n) => `a${n}@example.com`);
  await expect(mailer(post).send(letter({ to }))).rejects.toMatchObject({ kind: 'invalid' });
  expect(post.mails).toEqual([]);
});

test('addresses that the server does not take are told, while others get the mail', async () => {
  const post = await postOffice();
  const sent = await mailer(post).send(letter({ to: ['ana@example.com', 'nobody@example.com'] }));
  expect(sent.rejected).toEqual(['nobody@example.com']);
  expect(post.mails).toHaveLength(1);
  await expect(mailer(post).send(letter({ to: ['nobody@example.com'] }))).rejects.toMatchObject({ kind: 'refused', status: 550 });
  await expect(mailer(post).send(letter({ to: ['full@example.com'] }))).rejects.toMatchObject({ kind: 'postponed', status: 452 });
});

test('a password never travels in the clear', async () => {
  const post = await postOffice();
  await expect(mailer(post, { user: 'bot:right' }).send(letter())).rejects.toMatchObject({
    kind: expect.stringMatching(/refused|unreachable/),
  });
  expect(post.users).toEqual([]);
  // Unless the operator says so, for a server next door.
  await mailer(post, { user: 'bot:right', query: '?tls=none' }).send(letter());
  expect(post.users).toEqual(['bot']);
  await expect(mailer(post, { user: 'bot:wrong', query: '?tls=none' }).send(letter())).rejects.toMatchObject({
    kind: 'refused',
    message: 'the server does not take the log-in',
  });
});

test('a server is believed only with a certificate that somebody vouches for', async () => {
  // The server has one of its own making.
  const post = await postOffice({ disabledCommands: [] });
  await expect(mailer(post, { query: '?tls=required' }).send(letter())).rejects.toMatchObject({ kind: 'unreachable' });
  expect(post.mails).toEqual([]);
});

test('a server that is gone or says nothing is unreachable', async () => {
  const post = await postOffice();
  await closings.pop()!();
  await expect(mailer(post).send(letter())).rejects.toMatchObject({ kind: 'unreachable' });
  const silent = await postOffice({ onConnect: () => {} });
  await expect(mailer(silent, { connectMsMax: 100 }).send(letter())).rejects.toMatchObject({ kind: 'unreachable' });
});

test('a draft is a whole mail that opens for writing', async () => {
  const post = await postOffice();
  const mail = await simpleParser(Buffer.from(await mailer(post).compose(letter({ to: [] }))));
  expect(mail).toMatchObject({ subject: 'Sua encomenda é aqui – 😀' });
  expect(mail.headers.get('x-unsent')).toBe('1');
});
