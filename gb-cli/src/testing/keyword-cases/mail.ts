import { expect } from 'vitest';
import { type KeywordCase, sentFile } from '../keyword-world.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Mail and other messages out of the chat. */
export const mail: readonly KeywordCase[] = [
  {
    shows: ['SEND MAIL'],
    async before({ drive }) {
      await drive.write('menu.txt', bytes('green tea 10'));
    },
    scripts: `SEND MAIL "bob@example.com", "Your order", "It is **on its way**.", "menu.txt"
BEGIN MAIL "eva@example.com"
Subject: Hello \${username}

Two lines,
as they stand.
END MAIL`,
    async check({ peers }) {
      expect(peers.mails.map(({ to, subject }) => [(to as { text: string }).text, subject])).toEqual([
        ['bob@example.com', 'Your order'],
        ['eva@example.com', 'Hello Ana Prado'],
      ]);
      expect(peers.mails[0]?.html).toContain('<strong>on its way</strong>');
      expect(peers.mails[0]?.attachments.map(({ filename, content }) => [filename, content.toString()])).toEqual([
        ['menu.txt', 'green tea 10'],
      ]);
      expect(peers.mails[1]?.text).toContain('Two lines,\nas they stand.');
    },
  },
  {
    shows: ['CREATE DRAFT'],
    scripts: 'file = CREATE DRAFT "bob@example.com", "Our offer", "Dear Bob, …"\nTALK file.name',
    says: [/Our-offer.*\.eml$/],
    async check({ drive, peers }) {
      const [draft] = await drive.list('drafts');
      const text = new TextDecoder().decode((await drive.read(draft!.path))!.bytes);
      expect(text).toMatch(/Subject: Our offer/);
      expect(peers.mails).toEqual([]);
    },
  },
  {
    shows: ['SEND FILE'],
    async before({ drive }) {
      await drive.write('menu.txt', bytes('green tea 10'));
    },
    scripts:
      'SEND FILE "menu.txt", "Our menu"\nSEND FILE TO "@bruno.lima", "menu.txt", "For you"\nSEND FILE TO "bob@example.com", "menu.txt"',
    says: ['Our menu'],
    async check(stage) {
      const { world, peers, saidTo } = stage;
      expect((await sentFile(stage)).name).toBe('menu.txt');
      const [bruno] = await world.ctx.store.read(world.customerId, (tx) => tx.people.find('@bruno.lima'));
      expect(await saidTo(bruno!.id)).toEqual(['For you']);
      expect(peers.mails[0]?.attachments[0]?.filename).toBe('menu.txt');
    },
  },
  {
    shows: ['SEND TEMPLATE', 'SEND SMS', 'SEND WHATSAPP'],
    async before({ drive }) {
      await drive.write('templates/welcome.md', bytes('Subject: Welcome {{1}}\n\nGood to see you, {{1}}.'));
    },
    scripts: `SEND TEMPLATE TO "+5511999990000", "order-ready", "12"
SEND TEMPLATE "welcome", "mail", "bob@example.com", "Bob"
SEND SMS "+5511999990001", "Your code is 1234"
SEND WHATSAPP "+5511999990002", "Your order is ready."`,
    settings: ({ api }) => ({ 'sms-url': `${api}/sms`, 'whatsapp-url': `${api}/whatsapp`, 'whatsapp-key': 'k' }),
    says: [],
    async check({ peers }) {
      expect(peers.received.map(({ path, body }) => [path, body])).toEqual([
        ['/whatsapp', { to: '+5511999990000', template: 'order-ready', values: ['12'] }],
        ['/sms', { to: '+5511999990001', text: 'Your code is 1234' }],
        ['/whatsapp', { to: '+5511999990002', text: 'Your order is ready.' }],
      ]);
      expect(peers.received[0]?.headers.authorization).toBe('Bearer k');
      expect(peers.mails[0]).toMatchObject({ subject: 'Welcome Bob' });
    },
  },
  {
    shows: ['SEND MESSAGE'],
    scripts:
      'SEND MESSAGE TO "bruno.lima@example.org", "Welcome"\nSEND MESSAGE "hello here"\nSEND MESSAGE TO "bob@example.com", "By mail"',
    says: ['hello here'],
    async check({ world, peers, saidTo }) {
      const [bruno] = await world.ctx.store.read(world.customerId, (tx) => tx.people.find('@bruno.lima'));
      expect(await saidTo(bruno!.id)).toEqual(['Welcome']);
      expect(peers.mails[0]?.text?.trim()).toBe('By mail');
    },
  },
  {
    shows: ['TALK TO', 'BROADCAST', 'SEND FILE'],
    scripts: `TALK TO "+5511999990000", "Your order is ready."
n = BROADCAST "We are closed.", ["+5511999990001", "@bruno.lima"]
TALK n
WRITE "menu.txt", "green tea 10"
SEND FILE TO "+55 11 99999-0002", "menu.txt", "Our menu"`,
    settings: ({ api }) => ({ 'whatsapp-url': `${api}/whatsapp` }),
    says: ['2'],
    async check({ peers, saidTo, world }) {
      const file = { name: 'menu.txt', type: 'text/plain', data: Buffer.from('green tea 10').toString('base64') };
      expect(peers.received.map(({ body }) => body)).toEqual([
        { to: '+5511999990000', text: 'Your order is ready.' },
        { to: '+5511999990001', text: 'We are closed.' },
        { to: '+5511999990002', text: 'Our menu', file },
      ]);
      expect(new Set(peers.received.map(({ headers }) => headers['idempotency-key'])).size).toBe(3);
      const [bruno] = await world.ctx.store.read(world.customerId, (tx) => tx.people.find('@bruno.lima'));
      expect(await saidTo(bruno!.id)).toEqual(['We are closed.']);
    },
  },
];
