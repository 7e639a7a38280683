import type { UserId } from 'gb-protocol';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { uuidv7 } from 'gb-utils';
import { compile, keywords } from 'gb-vm/compiler';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type KeywordWorld, openKeywordWorld, type Stage } from './testing/keyword-world.ts';
import { codePicture, picture, sound } from './testing/media.ts';

// The examples of the manual, as somebody types them in: all of them compile, and what the host does is done.

let database: TestDatabase;
let k: KeywordWorld;
beforeAll(async () => {
  database = await startTestDatabase();
  // What a browser does is told with the keywords; here each page would be one more that stays open.
  k = await openKeywordWorld(database, { browser: null });
  await prepare(k);
});
afterAll(async () => {
  await k?.close();
  await database?.close();
});

/** The people and bots that examples name. */
async function prepare({ world }: KeywordWorld): Promise<void> {
  const handles = { 'ana@example.com': 'Ana Example', 'bruno@example.com': 'Bruno Example' };
  for (const [email, name] of Object.entries(handles)) {
    const id = uuidv7() as UserId;
    const handle = email.replace('@', '.');
    const account = { id, kind: 'person', name, handle, role: 'member', email, passwordHash: null, locale: 'en' } as const;
    await world.ctx.store.transaction(world.customerId, (tx) => tx.users.insert(account));
  }
  for (const name of ['shop', 'classifier', 'stock']) {
    const { userId } = await world.bot('RETURN "yes"');
    await world.ctx.store.transaction(world.customerId, (tx) => tx.users.update(userId, { name }));
  }
}

const more: Readonly<Record<string, string>> = {
  'book-visit.bas': 'PARAM day AS DATE LIKE "2026-12-01" DESCRIPTION "The day" OPTIONAL\nDESCRIPTION "Books a visit"\nRETURN 1',
  'prices.bas': 'RETURN 10',
};

const settings = (api: string, mcp: string): Readonly<Record<string, string>> => ({
  'sms-url': `${api}/sms`,
  'whatsapp-url': `${api}/whatsapp`,
  'weather-url': `${api}/weather`,
  'products-url': `${api}/products`,
  'stock-url': `${api}/stock/{product}`,
  'pay-url': `${api}/pay`,
  'website-url': `${api}/website`,
  'security-url': `${api}/security`,
  'social-url': `${api}/social`,
  'mcp-crm-url': mcp,
  debug: 'on',
});

/** Files that an example names are there. */
async function placeFiles({ drive }: Stage, text: string): Promise<void> {
  await drive.write('invoices/may.txt', encode('30 for tea'));
  await drive.write('shop.html', encode('<h1>{name}</h1>'));
  for (const [, name, ending] of text.matchAll(/\b([\w/-]+\.(jpg|txt|mp3|ogg|pdf))\b/g)) {
    if (ending === 'jpg')
      await drive.write(name!, name === 'parcel.jpg' ? await codePicture('BR-12') : picture('#ff0000', '#0000ff'));
    else if (ending === 'mp3' || ending === 'ogg') await drive.write(name!, sound());
    else await drive.write(name!, encode(contents[ending!]!));
  }
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const contents: Readonly<Record<string, string>> = {
  txt: 'first line\nsecond line',
  pdf: '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj 3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj\ntrailer<</Root 1 0 R>>',
};

test('every example compiles', () => {
  const wrong = keywords.flatMap(({ name, example }) => {
    const files = [
      { name: 'start.bas', text: example },
      { name: 'menu.bas', text: 'TALK "menu"' },
    ];
    return compile(files)
      .diagnostics.filter(({ severity }) => severity === 'error')
      .map(({ message }) => `${name}: ${message}`);
  });
  expect(wrong).toEqual([]);
});

/** What an example cannot have by itself, and the sentence that says so. */
const lacking: readonly (readonly [RegExp, string])[] = [
  [/^(OPEN|CLICK|CLICK LINK TEXT|HOVER|PRESS|SCREENSHOT|TEXT OF)$/, 'GB_BROWSER is not set'],
  [/^(ASSIGN|RESOLVE|TAG) CONVERSATION$|^SET PRIORITY$|^GET (TIPS|SMART REPLIES|SUMMARY)$/, 'there is no conversation 12'],
  [/^GET QUEUE POSITION$/, 'was handed to nobody'],
  [/^SAVE FROM UNSTRUCTURED$/, 'there is no table leads'],
  [/^MENU$/, 'there is no file '],
  [/^SOAP$/, 'no XML'],
  [/^GENERATE PDF$/, 'there is no file contract.docx'],
  [/^CONVERT$/, 'there is no file notes.docx'],
  [/^EXTRACT$/, 'there is no file all.zip'],
  [/^ADD MEMBER$/, 'the bot is in no channel sales'],
];

describe('examples of what the host does', () => {
  const shown = keywords.filter(({ kind, mayRun }) => kind === 'operation' || mayRun);
  test.each(shown.map(({ name, example }) => [name, example] as const))('%s', async (name, example) => {
    const text = example.replaceAll(/https:\/\/(?:api\.)?example\.com/g, k.peers.api);
    const { said } = await k.play({
      shows: [],
      scripts: { 'start.bas': text, ...more },
      settings: ({ api, mcp }) => settings(api, mcp),
      before: (stage) => placeFiles(stage, example),
    });
    const failure = said.find((one) => one.startsWith('Something went wrong'));
    const reason = lacking.find(([names]) => names.test(name))?.[1];
    if (reason) expect(failure).toContain(reason);
    else expect(failure).toBeUndefined();
  });
});
