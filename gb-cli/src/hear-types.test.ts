import type { UserId } from 'gb-protocol';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { keywords } from 'gb-vm/compiler';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type KeywordWorld, openKeywordWorld, type Sent } from './testing/keyword-world.ts';
import { codePicture, film, picture, sound } from './testing/media.ts';

// HEAR name AS type, as people meet it in a chat: what does not fit is asked again in their language, what fits is what
// the program works with.

let database: TestDatabase;
let k: KeywordWorld;
let rui: UserId;
beforeAll(async () => {
  database = await startTestDatabase();
  k = await openKeywordWorld(database);
  rui = await k.world.person('Rui', 'pt-BR');
});
afterAll(async () => {
  await k?.close();
  await database?.close();
});

type Answer = string | Sent;

interface HearCase {
  /** Answers that do not fit. Left out where every answer does. */
  readonly wrong?: readonly Answer[];
  readonly right: Answer;
  /** What the program has then; `right` when nothing is said. */
  readonly heard?: string;
  /** What asks again, in English and Portuguese. */
  readonly again?: readonly [RegExp, RegExp];
  /** The same answers as people write them in Portuguese, where that differs. */
  readonly inPortuguese?: { readonly right: Answer; readonly heard: string };
}

const file = (name: string, bytes: Uint8Array): Sent => ({ text: '', files: [{ name, bytes }] });
const paper = new TextEncoder().encode('%PDF-1.4\n%%EOF');
const photo = picture('#ff0000');

const cases: Readonly<Record<string, HearCase>> = {
  TEXT: { right: 'anything at all' },
  STRING: { right: 'anything at all' },
  INTEGER: {
    wrong: ['many', '2.5'],
    right: ' 1,200 ',
    heard: '1200',
    again: [/whole number/, /número inteiro/],
    inPortuguese: { right: '1.200', heard: '1200' },
  },
  NUMBER: { wrong: ['many'], right: '2.5', again: [/a number/, /um número/], inPortuguese: { right: '2,5', heard: '2.5' } },
  FLOAT: { wrong: ['many'], right: '2.5', again: [/a number/, /um número/], inPortuguese: { right: '2,5', heard: '2.5' } },
  BOOLEAN: {
    wrong: ['perhaps'],
    right: 'yes',
    heard: 'true',
    again: [/yes or no/, /sim ou não/],
    inPortuguese: { right: 'não', heard: 'false' },
  },
  EMAIL: {
    wrong: ['ana at home', 'ana@'],
    right: 'Ana@Example.com',
    heard: 'ana@example.com',
    again: [/e-mail address/, /não parece um e-mail/],
  },
  DATE: { wrong: ['soon', '31/02/2026'], right: '31/12/2026', heard: '2026-12-31', again: [/a date/, /uma data/] },
  HOUR: {
    wrong: ['25:00'],
    right: '2:30 pm',
    heard: '14:30',
    again: [/a time/, /um horário/],
    inPortuguese: { right: '14h30', heard: '14:30' },
  },
  TIME: { wrong: ['noonish'], right: '14:30', again: [/a time/, /um horário/] },
  DATETIME: {
    wrong: ['2026-12-31'],
    right: '2026-12-31 14:30',
    heard: '2026-12-31 14:30:00',
    again: [/date and time/, /data e hora/],
    inPortuguese: { right: '31/12/2026 às 14h30', heard: '2026-12-31 14:30:00' },
  },
  MONEY: {
    wrong: ['a lot'],
    right: '$49.90',
    heard: '49.9',
    again: [/an amount/, /um valor/],
    inPortuguese: { right: 'R$ 1.049,90', heard: '1049.9' },
  },
  PHONE: { wrong: ['none', '12'], right: '+55 (11) 99999-0000', heard: '+5511999990000', again: [/phone number/, /um telefone/] },
  MOBILE: { wrong: ['none'], right: '11 99999-0000', heard: '11999990000', again: [/mobile number/, /um celular/] },
  NAME: { wrong: ['12', '<b>'], right: 'joão da Silva', heard: 'João da Silva', again: [/a name/, /um nome/] },
  URL: {
    wrong: ['my site'],
    right: 'example.com/tea',
    heard: 'https://example.com/tea',
    again: [/web address/, /endereço da web/],
  },
  UUID: {
    wrong: ['12'],
    right: '6F9619FF8B86D011B42D00C04FC964FF',
    heard: '6f9619ff-8b86-d011-b42d-00c04fc964ff',
    again: [/a UUID/, /um UUID/],
  },
  ZIPCODE: { wrong: ['home'], right: '01310100', heard: '01310-100', again: [/postal code/, /um CEP/] },
  CPF: {
    wrong: ['111.111.111-11', '529.982.247-24'],
    right: '52998224725',
    heard: '529.982.247-25',
    again: [/CPF is not right/, /CPF não está certo/],
  },
  CNPJ: {
    wrong: ['11.222.333/0001-82'],
    right: '11222333000181',
    heard: '11.222.333/0001-81',
    again: [/CNPJ is not right/, /CNPJ não está certo/],
  },
  COLOR: {
    wrong: ['tomorrow'],
    right: 'Blue',
    heard: '#0000ff',
    again: [/a colour/, /uma cor/],
    inPortuguese: { right: 'azul', heard: '#0000ff' },
  },
  PASSWORD: { right: 'open sesame' },
  CREDITCARD: {
    wrong: ['4111 1111 1111 1112'],
    right: '4111 1111 1111 1111',
    heard: '4111111111111111',
    again: [/card number is not right/, /cartão não está certo/],
  },
  LOGIN: { wrong: ['ana prado'], right: 'ana.prado', again: [/user name/, /nome de usuário/] },
  LANGUAGE: {
    wrong: ['loud'],
    right: 'Portuguese',
    heard: 'pt',
    again: [/a language/, /um idioma/],
    inPortuguese: { right: 'inglês', heard: 'en' },
  },
  QRCODE: { right: file('ticket.png', await codePicture('T-42')), heard: 'T-42' },
  FILE: {
    wrong: ['here it is'],
    right: file('offer.pdf', paper),
    heard: 'offer.pdf',
    again: [/send a file/, /envie um arquivo/],
  },
  DOCUMENT: {
    wrong: ['here it is', file('photo.png', photo)],
    right: file('offer.pdf', paper),
    heard: 'offer.pdf',
    again: [/send a document/, /envie um documento/],
  },
  IMAGE: {
    wrong: ['here it is', file('offer.pdf', paper)],
    right: file('photo.png', photo),
    heard: 'photo.png',
    again: [/send a picture/, /envie uma imagem/],
  },
  AUDIO: {
    wrong: ['listen', file('photo.png', photo)],
    right: file('voice.wav', sound()),
    heard: 'good morning',
    again: [/send a sound/, /envie um áudio/],
  },
  VIDEO: {
    wrong: ['look', file('photo.png', photo)],
    right: file('film.mp4', film()),
    heard: 'film.mp4',
    again: [/send a video/, /envie um vídeo/],
  },
};

test('every type has a case', () => {
  const types = keywords.filter(({ kind }) => kind === 'type').map(({ name }) => name);
  expect(Object.keys(cases).sort()).toEqual([...types].sort());
});

describe.each(Object.entries(cases))('%s', (type, { wrong = [], right, heard, again, inPortuguese }) => {
  test.each(['en', 'pt-BR'] as const)('in %s', async (locale) => {
    const { world, peers } = k;
    peers.model.script({ when: ({ path }) => path === 'audio/transcriptions', say: 'good morning' });
    const isPortuguese = locale === 'pt-BR';
    const person = isPortuguese ? rui : world.ana;
    const bot = await world.bot(`TALK "?"\nHEAR x AS ${type}\nIF x.name THEN\n  TALK x.name\nELSE\n  TALK x\nEND IF`);
    const room = await world.direct(person, bot.userId);
    const answer = async (one: Answer): Promise<void> => {
      if (typeof one === 'string') await world.say(person, room, one);
      else await world.send(person, room, one.text, one.files);
      await world.settleTogether();
    };
    await answer('go');
    for (const one of wrong) await answer(one);
    await answer((isPortuguese && inPortuguese?.right) || right);
    const wanted = (isPortuguese && inPortuguese?.heard) || (heard ?? right);
    const asked = wrong.map(() => expect.stringMatching(again![isPortuguese ? 1 : 0]));
    expect(await world.said(bot.userId, room)).toEqual(['?', ...asked, wanted]);
  });
});

test('a choice is asked again with its buttons, and taken by its number or without its accents', async () => {
  const { world } = k;
  const bot = await world.bot('TALK "Cor?"\nHEAR x AS "Maçã", "Pêra"\nTALK x\nHEAR y AS "one", *\nTALK y');
  const room = await world.direct(rui, bot.userId);
  for (const text of ['oi', 'uva', 'maca', 'something else']) await world.say(rui, room, text);
  expect(await world.said(bot.userId, room)).toEqual([
    'Cor?',
    expect.stringContaining('escolha uma destas'),
    'Maçã',
    'something else',
  ]);
  const offered = (await world.messages(room)).map(({ suggestions }) => suggestions).filter((one) => one.length > 0);
  expect(offered).toEqual([['Maçã', 'Pêra'], ['Maçã', 'Pêra'], ['one']]);
});

test('a photo without a code is an error in words that the script can take', async () => {
  const { world } = k;
  const bot = await world.bot('TRY\n  HEAR x AS QRCODE\n  TALK x\nCATCH e\n  TALK e.message\nEND TRY');
  const room = await world.direct(world.ana, bot.userId);
  await world.say(world.ana, room, 'go');
  await world.send(world.ana, room, '', [{ name: 'photo.png', bytes: photo }]);
  await world.settleTogether();
  expect(await world.said(bot.userId, room)).toEqual([expect.stringContaining('no code to be read in photo.png')]);
});
