import { expect } from 'vitest';
import { type KeywordCase, type Stage, sentFile } from '../keyword-world.ts';
import { codePicture, picture, pixelsOf, sound } from '../media.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** All that the model was told and asked, as one text a question. */
const told = ({ peers }: Stage): string[] => peers.model.asked.map(({ messages }) => JSON.stringify(messages));

/** Models, knowledge and tools. */
export const ai: readonly KeywordCase[] = [
  {
    shows: ['LLM', 'USE MODEL', 'SET SYSTEM PROMPT', 'SET CONTEXT', 'CLEAR CONTEXT'],
    scripts: `SET SYSTEM PROMPT "You sell tea and never invent prices."
SET CONTEXT "prices" AS "Green tea costs 10."
TALK LLM "What does green tea cost?"
CLEAR CONTEXT "prices"
USE MODEL "fast"
TALK LLM "And now?"`,
    says: ['You said: What does green tea cost?', 'You said: And now?'],
    async check(stage) {
      const asked = stage.peers.model.asked.filter(({ path }) => path === 'chat/completions').slice(-2);
      expect(JSON.stringify(asked[0]?.messages)).toMatch(/never invent prices[\s\S]*Green tea costs 10/);
      expect(JSON.stringify(asked[1]?.messages)).not.toContain('Green tea costs 10');
      expect(asked.map(({ body }) => body['model'])).toEqual(['small', 'fast']);
    },
  },
  {
    shows: ['ADD TOOL', 'LIST TOOLS', 'REMOVE TOOL', 'CLEAR TOOLS'],
    scripts: {
      'start.bas': `ADD TOOL "book-visit"
ADD TOOL "prices"
tools = LIST TOOLS
TALK UBOUND(tools) + " " + tools[0].description
REMOVE TOOL "prices"
TALK LLM "Please book a visit on the first of December"
CLEAR TOOLS
TALK UBOUND(LIST TOOLS)`,
      'book-visit.bas':
        'PARAM day AS DATE LIKE "2026-12-01" DESCRIPTION "The day"\nDESCRIPTION "Books a visit"\nREMEMBER "visit", day\nRETURN "booked for " + day',
      'prices.bas': 'DESCRIPTION "Says the prices"\nRETURN 10',
    },
    async before({ peers }) {
      peers.model.script(
        { when: ({ messages }) => messages.at(-1)?.role === 'tool', say: ({ last }) => `Done: ${last}` },
        { when: 'book a visit', call: [{ name: 'book-visit', arguments: { day: '2026-12-01' } }] },
      );
    },
    says: [/^\d Books a visit$/, /Done: [\s\S]*booked for 2026-12-01/, /^-?\d$/],
  },
  {
    shows: ['USE KB', 'THINK KB', 'ANSWER', 'CLEAR KB', 'KB STATISTICS', 'SET ANSWER MODE'],
    scripts: `figures = KB STATISTICS
TALK figures.documents
USE KB "faq"
SET ANSWER MODE "document"
TALK ANSWER "How long is the warranty?"
TALK THINK KB "How long is the warranty?"
CLEAR KB
TALK ANSWER "How long is the warranty?"`,
    async before({ drive, world, bot, peers }) {
      await drive.write('kb/faq/warranty.md', bytes('# Warranty\n\nThe warranty of our kettles lasts forty months.'));
      world.ctx.knowledge.refresh(world.customerId, bot.botId);
      await world.ctx.knowledge.settled();
      peers.model.script({
        when: ({ messages }) => JSON.stringify(messages).includes('forty months'),
        say: 'It lasts forty months.',
      });
    },
    async check({ world, bot, room }) {
      const said = await world.said(bot.userId, room);
      expect(said.slice(0, 3)).toEqual(['1', expect.stringContaining('forty months'), expect.stringContaining('forty months')]);
      expect(said[3]).not.toContain('forty months');
    },
  },
  {
    shows: ['USE WEBSITE'],
    scripts: 'USE WEBSITE api + "/site"\nTALK THINK KB "How long is the warranty?"',
    async before({ peers }) {
      peers.model.script({
        when: ({ messages }) => JSON.stringify(messages).includes('forty months'),
        say: 'It lasts forty months.',
      });
    },
    says: [/forty months/],
  },
  {
    shows: ['REWRITE', 'TRANSLATE', 'SUMMARIZE', 'CLASSIFY', 'SENTIMENT'],
    scripts: `TALK REWRITE "me want tea"
TALK TRANSLATE "good morning", "pt"
TALK SUMMARIZE "a long story"
TALK CLASSIFY "my parcel is late", ["praise", "complaint"]
TALK SENTIMENT "I love it"`,
    async before({ peers }) {
      peers.model.script(
        { when: 'me want tea', say: 'I would like tea.' },
        { when: ({ messages }) => /Portuguese/.test(JSON.stringify(messages)), say: 'bom dia' },
        { when: 'a long story', say: 'A story.' },
        { when: 'my parcel is late', say: '2' },
        { when: 'I love it', say: 'positive' },
      );
    },
    says: ['I would like tea.', 'bom dia', 'A story.', 'complaint', 'positive'],
  },
  {
    shows: ['IMAGE', 'VIDEO', 'AUDIO'],
    scripts: 'TALK IMAGE "a cup of tea"\nTALK VIDEO "a cup of tea, steaming"\nTALK AUDIO "Good morning"',
    async check(stage) {
      const sent = await Promise.all([0, 1, 2].map((at) => sentFile(stage, at)));
      expect(sent.map(({ name }) => name)).toEqual(['image.png', 'video.mp4', 'audio.mp3']);
      expect((await pixelsOf(sent[0]!.bytes)).at(0, 0)).toEqual([30, 90, 200]);
      expect(new TextDecoder().decode(sent[2]!.bytes)).toContain('voice saying Good morning');
    },
  },
  {
    shows: ['SEE', 'OCR', 'SPEECH TO TEXT', 'SCAN BARCODE'],
    async before({ drive, peers }) {
      await drive.write('photo.png', picture('#00ff00'));
      await drive.write('voice.mp3', sound());
      await drive.write('parcel.png', await codePicture('BR-12'));
      peers.model.script(
        { when: ({ path }) => path === 'audio/transcriptions', say: 'good morning' },
        { when: /text|texto/i, say: 'TOTAL 30', times: 1 },
        { say: 'A green square.' },
      );
    },
    scripts: `TALK OCR "photo.png"
TALK SEE "photo.png"
TALK SPEECH TO TEXT "voice.mp3"
TALK SCAN BARCODE "parcel.png"`,
    says: ['TOTAL 30', 'A green square.', 'good morning', 'BR-12'],
    async check(stage) {
      expect(told(stage).filter((one) => one.includes('image_url')).length).toBeGreaterThanOrEqual(2);
    },
  },
  {
    shows: ['PLAY'],
    async before({ drive }) {
      await drive.write('welcome.mp3', sound());
    },
    scripts: 'PLAY "welcome.mp3"\nTALK "Welcome"',
    async check(stage) {
      expect(await sentFile(stage)).toMatchObject({ name: 'welcome.mp3', type: 'audio/wav' });
    },
  },
  {
    shows: ['SET TRANSLATOR', 'TRANSLATE TALK'],
    scripts: 'SET TRANSLATOR ON\nTALK "Bom dia!"\nHEAR wish\nTALK wish\nSET TRANSLATOR OFF\nTALK "Tchau"',
    settings: { 'default-content-language': 'pt' },
    async before({ peers }) {
      peers.model.script(
        {
          when: ({ last, messages }) => last.includes('Bom dia') && /English/.test(JSON.stringify(messages)),
          say: 'Good morning!',
        },
        {
          when: ({ last, messages }) => last.includes('green tea') && /Portuguese/.test(JSON.stringify(messages)),
          say: 'chá verde',
        },
        { when: 'chá verde', say: 'green tea' },
      );
    },
    writes: ['go', 'green tea'],
    says: ['Good morning!', 'green tea', 'Tchau'],
  },
];
