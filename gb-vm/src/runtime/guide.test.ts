import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compile } from '../compiler/index.ts';
import { play } from '../testing/play.ts';

const folder = join(import.meta.dirname, '../../../bots/guide.gbai/guide.gbdialog');
const files = readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
const meet = (answers: readonly string[], variables: Record<string, string>) =>
  play(files, { answers, input: { variables, locale: variables['locale'] === 'pt-BR' ? 'pt-BR' : 'en' }, isRestarting: true });

test('the guide compiles without a word of complaint', () => {
  expect(compile(files).diagnostics).toEqual([]);
});

test('an English conversation through every choice', async () => {
  const { transcript, last } = await meet(
    [
      'Engineer',
      'Rockets',
      'fly away',
      'show me around',
      'Next',
      "that's enough",
      'Write a bot',
      'maybe',
      'yes',
      '3',
      'many',
      '0',
      '12',
      'just chat',
      'Is it easy?',
      'Thanks',
      'bye',
    ],
    { username: 'Ana', locale: 'en' },
  );
  const menu = '[Show me around|Write a bot|Invite people|Just chat]';
  expect(transcript).toEqual([
    "Hi Ana, I'm Guide. Welcome!",
    'What do you do in your team? One or two words will do.',
    '< Engineer',
    'A builder! You will enjoy writing bots.',
    'And what is your team called?',
    '< Rockets',
    '**Rockets** - noted.',
    `What would you like to do? ${menu}`,
    '< fly away',
    `Please choose one of these: ${menu}`,
    '< show me around',
    "**Channels** hold one topic each. They are listed on the left; anyone in the team can join an open one. [Next|That's enough]",
    '< Next',
    "**Threads** keep an answer beside its question. Choose *Reply in thread* on a message. [Next|That's enough]",
    "< that's enough",
    'Of course. You saw 2 of 4.',
    `What else can I do for you? ${menu}`,
    '< Write a bot',
    'A bot is a small script in BASIC. This one is complete:',
    '```basic\nTALK "What is your name?"\nHEAR name\nTALK "Hello, " + name + "!"\n```',
    'TALK says something, HEAR waits for the answer - for a minute or for a month, it goes on where it was.',
    'Shall I show how to ask for a number?',
    '< maybe',
    'Please answer yes or no.',
    '< yes',
    '```basic\nHEAR people AS INTEGER\nIF people > 10 THEN\n  TALK "That is a big table!"\nEND IF\n```',
    'When the answer is not a whole number, the bot asks again by itself.',
    'To start your own, press + beside *Bots* in the side bar.',
    `What else can I do for you? ${menu}`,
    '< 3',
    'How many people are in Rockets?',
    '< many',
    'Please send a whole number, like 5.',
    '< 0',
    'At least you! How many, counting yourself?',
    '< 12',
    'For 12 people, make a channel for each project and one for announcements.',
    'Choose *Invite people* on the far left: you get a link to send, and a QR code to hold up.',
    `What else can I do for you? ${menu}`,
    '< just chat',
    'With pleasure. What is on your mind? Say *bye* when you have to go.',
    '< Is it easy?',
    'Good question. I would ask it in a channel of Rockets: somebody there knows.',
    '< Thanks',
    'You are welcome!',
    '< bye',
    'See you around, Ana. Write to me whenever you like.',
  ]);
  expect(last.status).toBe('finished');
});

test('in Portuguese, the whole tour, a large team, and somebody without a name', async () => {
  const { transcript } = await meet(
    [
      'gerente',
      'Foguetes',
      'ME MOSTRE TUDO',
      'proximo',
      'Próximo',
      '1',
      'convidar pessoas',
      '1.500',
      'só conversar',
      'oi',
      'tudo bem',
      'legal',
    ],
    { locale: 'pt-BR' },
  );
  expect(transcript[0]).toBe('Oi, pessoa! Eu sou o Guide. Boas-vindas!');
  expect(transcript).toContain('Então você quer todo mundo no mesmo lugar. Eu também.');
  expect(transcript).toContain('**Atalhos**: Ctrl+K (Cmd+K no Mac) leva a qualquer lugar, e ? mostra todos os outros.');
  expect(transcript).toContain('Esse foi o passeio completo.');
  expect(transcript).toContain('1.500 pessoas! Comece pelos departamentos e deixe cada um criar seus canais.');
  expect(transcript.at(-1)).toBe('Até logo, pessoa. Escreva para mim quando quiser.');
});
