import { expect } from 'vitest';
import { type KeywordCase, sentFile } from '../keyword-world.ts';
import { codePicture, pixelsOf } from '../media.ts';

/** Talking to others, buttons, cards, and how the talk goes. */
export const talk: readonly KeywordCase[] = [
  {
    shows: ['TALK TO', 'BROADCAST', 'NOTIFY AGENT'],
    scripts: `TALK TO "@bruno.lima", "Your order is ready."
n = BROADCAST "We are closed tomorrow.", ["bruno.lima@example.org", "@ana"]
TALK n
NOTIFY AGENT "Bruno Lima", "A new customer waits."`,
    says: ['2', 'We are closed tomorrow.'],
    async check({ saidTo, world }) {
      const [bruno] = await world.ctx.store.read(world.customerId, (tx) => tx.people.find('@bruno.lima'));
      expect(await saidTo(bruno!.id)).toEqual(['Your order is ready.', 'We are closed tomorrow.', 'A new customer waits.']);
    },
  },
  {
    shows: ['TRANSFER'],
    scripts: 'TALK "Bot here."\nwho = TRANSFER TO "@bruno.lima"\nTALK "Back with the bot, after " + who.handle\nHEAR x',
    writes: ['help', 'are you there?'],
    says: ['Bot here.', 'I am handing you over to a person. Please go on writing here.'],
    async check({ world, bot, saidTo, write, room }) {
      const [bruno] = await world.ctx.store.read(world.customerId, (tx) => tx.people.find('@bruno.lima'));
      const desk = await world.direct(bruno!.id, bot.userId);
      const [asked] = await world.messages(desk);
      expect(asked?.text).toContain('asks for a person');
      expect((await world.messages(desk, asked!.seq)).map(({ text }) => text).join()).toContain('are you there?');
      await world.say(bruno!.id, desk, 'Yes, it is me.', { threadSeq: asked!.seq });
      await write('thank you');
      expect((await world.messages(room)).map(({ text }) => text).join()).toContain('Yes, it is me.');
      await world.say(bruno!.id, desk, '/done', { threadSeq: asked!.seq });
      await world.settleTogether();
      expect((await world.said(bot.userId, room)).at(-1)).toBe('Back with the bot, after bruno.lima');
      expect(await saidTo(bruno!.id)).not.toEqual([]);
    },
  },
  {
    shows: ['TRANSFER TO HUMAN'],
    scripts: 'TRANSFER TO HUMAN\nTALK "never so far"',
    says: ['I am handing you over to a person. Please go on writing here.'],
    async check({ world, bot }) {
      const [handed] = await world.ctx.store.read(world.customerId, (tx) => tx.handovers.queue(bot.userId, null));
      expect(handed).toMatchObject({ personId: world.ana, takenBy: null });
    },
  },
  {
    shows: ['ADD SUGGESTION', 'ADD SUGGESTION TOOL', 'ADD SUGGESTION TEXT', 'CLEAR SUGGESTIONS'],
    scripts: {
      'start.bas': `ADD SUGGESTION "gone" AS "Gone"
CLEAR SUGGESTIONS
ADD SUGGESTION "opening-hours" AS "When are you open?"
ADD SUGGESTION_TOOL "book-visit" AS "Book a visit"
ADD SUGGESTION TEXT "I want to pay" AS "Pay"
TALK "How can I help?"
HEAR wish
TALK wish`,
      'opening-hours.bas': 'TALK "From nine to five."',
      'book-visit.bas':
        'PARAM day AS DATE LIKE "2026-12-01" DESCRIPTION "The day" OPTIONAL\nDESCRIPTION "Books a visit"\nTALK "Booked."',
    },
    writes: ['go', 'I want to pay', 'When are you open?', 'Book a visit'],
    says: ['How can I help?', 'I want to pay', 'From nine to five.', 'Booked.'],
    async check({ messages }) {
      const asked = (await messages()).find(({ text }) => text === 'How can I help?');
      expect(asked?.suggestions).toEqual(['When are you open?', 'Book a visit', 'Pay']);
    },
  },
  {
    shows: ['CARD'],
    scripts: 'TALK CARD "order", {number: 12, total: 30}\nTALK CARD "thanks", {name: "Ana"}',
    async before({ drive }) {
      await drive.write(
        'thanks.md',
        new TextEncoder().encode('# Thank you, {{name}}\n\nCome again.\n\n[Shop](https://shop.example/)'),
      );
    },
    async check({ messages }) {
      const cards = (await messages()).flatMap(({ card }) => (card ? [card] : []));
      expect(cards).toEqual([
        {
          title: 'Order',
          facts: [
            { name: 'number', value: '12' },
            { name: 'total', value: '30' },
          ],
        },
        { title: 'Thank you, Ana', text: 'Come again.', buttons: [{ label: 'Shop', url: 'https://shop.example/' }] },
      ]);
    },
  },
  {
    shows: ['READ ANSWER', 'QR CODE', 'SCAN BARCODE'],
    scripts:
      'HEAR ticket AS QRCODE\nTALK "You have ticket ${ticket}."\ncode = QR CODE "gate-" + ticket\nTALK code\nTALK SCAN BARCODE code',
    writes: ['go', { text: '', files: [{ name: 'ticket.png', bytes: await codePicture('T-42') }] }],
    says: ['You have ticket T-42.', '', 'gate-T-42'],
    async check(stage) {
      const { width, colours } = await pixelsOf((await sentFile(stage)).bytes);
      expect(width).toBeGreaterThan(100);
      expect(colours).toBe(2);
    },
  },
  {
    shows: ['WAIT'],
    scripts: 'TALK "one"\nWAIT 3600\nTALK "two"',
    says: ['one'],
    async check({ pass, world, bot, room }) {
      await pass(3_599_000);
      expect(await world.said(bot.userId, room)).toEqual(['one']);
      await pass(2_000);
      expect(await world.said(bot.userId, room)).toEqual(['one', 'two']);
    },
  },
  {
    shows: ['SET LANGUAGE'],
    scripts: 'SET LANGUAGE "pt-BR"\nWAIT 1\nHEAR n AS INTEGER\nTALK n',
    writes: ['go'],
    async check({ pass, write, world, bot, room }) {
      await pass(2_000);
      await write('many');
      await write('5');
      expect(await world.said(bot.userId, room)).toEqual(['Por favor, envie um número inteiro, como 5.', '5']);
    },
  },
  {
    shows: ['SET HEAR ON'],
    scripts: 'SET HEAR ON "@ana"\nHEAR x\nTALK x\nTRY\nSET HEAR ON "@bruno.lima"\nCATCH e\nTALK e.message\nEND TRY',
    writes: ['go', 'me'],
    says: ['me', /HUMAN APPROVAL/],
  },
  {
    shows: ['SET OUTPUT', 'SET MAX LINES', 'SET MAX COLUMNS'],
    scripts: `rows = [{name: "Ana", total: 3, city: "Recife"}, {name: "Bia | Co", total: 4, city: "Olinda"}]
TALK rows
SET MAX COLUMNS 2
SET MAX LINES 1
TALK rows
SET OUTPUT "list"
TALK rows
SET OUTPUT "json"
TALK rows
TRY
  SET OUTPUT "image"
CATCH e
  TALK e.message
END TRY`,
    says: [
      '| name | total | city |\n| --- | --- | --- |\n| Ana | 3 | Recife |\n| Bia \\| Co | 4 | Olinda |',
      '| name | total |\n| --- | --- |\n| Ana | 3 |\n\n… and 1 more',
      '- **name**: Ana, **total**: 3\n… and 1 more',
      '[{"name":"Ana","total":3,"city":"Recife"},{"name":"Bia | Co","total":4,"city":"Olinda"}]',
      /AS IMAGE/,
    ],
  },
  {
    shows: ['SET THEME'],
    scripts: 'SET THEME "dark"\nTALK "hello"',
    says: ['hello'],
    async check({ log }) {
      expect((await log()).join()).toContain('SET THEME changes nothing here');
    },
  },
  {
    shows: ['ADD SWITCHER', 'CLEAR SWITCHERS'],
    scripts: 'ADD SWITCHER "prose" AS "As prose"\nCLEAR SWITCHERS\nADD SWITCHER "tables" AS "As a table"\nTALK "Ask me."',
    writes: ['go', 'As a table', 'What teas are there?'],
    says: ['Ask me.', 'As a table: on', 'You said: What teas are there?'],
    async check({ messages, peers, write }) {
      const offered = (await messages())
        .filter(({ suggestions }) => suggestions.length > 0)
        .map(({ suggestions }) => suggestions);
      expect(offered).toEqual([['As a table'], ['As a table'], ['As a table']]);
      expect(JSON.stringify(peers.model.asked.at(-1)?.messages)).toContain('in this form: As a table (tables)');
      await write('As a table');
      await write('And now?');
      expect(JSON.stringify(peers.model.asked.at(-1)?.messages)).not.toContain('in this form');
    },
  },
];
