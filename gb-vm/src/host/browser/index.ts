import type { OutsideCall, PlainValue } from 'gb-core';
import { uuidFromText } from 'gb-utils';
import type { Locator, Page } from 'playwright-core';
import { filePlain } from '../ai/arguments.ts';
import { OperationFailed, type OperationSet, type OutsideOperation, settingMissing } from '../operation.ts';
import { isObject, listOf, textArg, wordOf, wrong } from '../people/values.ts';
import { mustSucceed, valueOfAnswer } from '../web/content.ts';
import type { HttpClient } from '../web/http-client.ts';
import { send, serviceAddress, type WebCall, webAddress } from '../web/web-call.ts';
import { type BrowserOptions, BrowserPages } from './pages.ts';

export type { BrowserOptions } from './pages.ts';

const textCharsMax = 100_000;
const selectorCharsMax = 1_000;

export interface BrowserSet {
  readonly operations: OperationSet;
  /** Parts of pages, for SET and GET, which also work on files. */
  readonly fields: PageFields;
  close(): Promise<void>;
}

export interface PageFields {
  /** Whether a value is what OPEN gave. */
  isPage(value: PlainValue | undefined): boolean;
  /** What is written in a field, or the text of a part. */
  read(page: PlainValue, selector: PlainValue, call: OutsideCall): Promise<PlainValue>;
  write(page: PlainValue, selector: PlainValue, value: PlainValue, call: OutsideCall): Promise<PlainValue>;
}

/**
 * A web browser that bots drive. `page` is what OPEN gave. Every page, with all it loads, reaches what GET may reach and
 * nothing else. Without `options` - the operator names no browser - each of these says so.
 */
export function createBrowserOperations(options: BrowserOptions | null, http: HttpClient | null): BrowserSet {
  const pages = options ? new BrowserPages(options) : null;
  const on =
    (
      work: (page: Page, args: Readonly<Record<string, PlainValue>>, call: OutsideCall) => Promise<PlainValue>,
    ): OutsideOperation =>
    async (args, call) => {
      if (!pages) throw settingMissing('GB_BROWSER');
      return said(async () => {
        const page = pages.get(idOf(args['page']), call);
        return (await work(page, args, call)) ?? shown(idOf(args['page']), page);
      });
    };

  const outside: Readonly<Record<string, OutsideOperation>> = {
    async OPEN(args, call) {
      if (!pages) throw settingMissing('GB_BROWSER');
      const address = webAddress({ call } as WebCall, args['address']);
      const session = wordOf(args['session']).replace(/^#/, '').trim().toLowerCase();
      // A session keeps its page; without one each OPEN has its own.
      const id = await uuidFromText(session === '' ? `page:${call.key}` : `page:${call.conversationId}:${session}`);
      return said(async () => shown(id, await pages.open(id, address, call)));
    },

    CLICK: on(async (page, args) => {
      const nth = Number(listOf(args['values'])[0] ?? 0);
      await page
        .locator(selectorOf(args))
        .nth(Number.isInteger(nth) && nth >= 0 ? nth : 0)
        .click();
      await settled(page);
      return null;
    }),

    'CLICK LINK TEXT': on(async (page, args) => {
      const text = textArg(args['text'], { en: 'the text', pt: 'o texto' }, selectorCharsMax);
      await page.getByRole('link', { name: text }).first().click();
      await settled(page);
      return null;
    }),

    HOVER: on(async (page, args) => {
      await page.locator(selectorOf(args)).first().hover();
      return null;
    }),

    PRESS: on(async (page, args) => {
      await page.keyboard.press(textArg(args['key'], { en: 'the key', pt: 'a tecla' }, 40));
      await settled(page);
      return null;
    }),

    SCREENSHOT: on(async (page, args, call) => {
      const part = wordOf(args['selector']).trim();
      const bytes = part === '' ? await page.screenshot() : await page.locator(selectorOf(args)).first().screenshot();
      return filePlain(await call.drive.make('screenshot.png', bytes, 'image/png'));
    }),

    'TEXT OF': on(async (page, args) => {
      const part = wordOf(args['selector']).trim();
      const text = await page
        .locator(part === '' ? 'body' : selectorOf(args))
        .first()
        .innerText();
      return text.slice(0, textCharsMax).toWellFormed();
    }),

    /** `website-url` with `{name}`: a search service of the author's choice. */
    async 'WEBSITE OF'(args, call) {
      if (!call.settings['website-url'] || !http) throw settingMissing('website-url');
      const web = { call, http, signal: call.signal } as WebCall;
      const name = textArg(args['name'], { en: 'the name', pt: 'o nome' }, 200);
      const key = call.settings['website-key'];
      const headers = key ? { authorization: `Bearer ${key}` } : {};
      const address = serviceAddress(web, 'website-url', { name }, 'q');
      return valueOfAnswer(mustSucceed(await send(web, { address, headers })), call.drive);
    },
  };
  const fields: PageFields = {
    isPage: (value) => isObject(value) && typeof value['page'] === 'string' && typeof value['url'] === 'string',
    read: (page, selector, call) =>
      on(async (open, args) => {
        const part = open.locator(selectorOf(args)).first();
        const text = (await isField(part)) ? await part.inputValue() : await part.innerText();
        return text.slice(0, textCharsMax).toWellFormed();
      })({ page, selector }, call),
    write: (page, selector, value, call) =>
      on(async (open, args) => {
        await fill(open.locator(selectorOf(args)).first(), value);
        return null;
      })({ page, selector }, call),
  };
  return { operations: { outside }, fields, close: async () => pages?.close() };
}

const isField = (part: Locator): Promise<boolean> =>
  part.evaluate((element) => ['INPUT', 'TEXTAREA', 'SELECT'].includes(element.tagName));

/** As a person would: a choice is chosen by its words or value, a box is ticked or not, anything else is written. */
async function fill(part: Locator, value: PlainValue): Promise<void> {
  const kind = await part.evaluate((element) => `${element.tagName} ${element.getAttribute('type') ?? ''}`.toLowerCase());
  if (kind.startsWith('select')) await part.selectOption(wordOf(value));
  else if (/^input (?:checkbox|radio)$/.test(kind))
    await part.setChecked(value !== null && value !== false && value !== 0 && value !== '');
  else await part.fill(wordOf(value));
}

/** A click may lead to another page, or to none: the wait for it is short and its end no failure. */
async function settled(page: Page): Promise<void> {
  try {
    await page.waitForLoadState('load', { timeout: 5_000 });
  } catch (error) {
    if (!(error instanceof Error && error.name === 'TimeoutError')) throw error;
  }
}

async function shown(id: string, page: Page): Promise<PlainValue> {
  return { page: id, url: page.url(), title: (await page.title()).slice(0, 500) };
}

function idOf(value: PlainValue | undefined): string {
  return wordOf(isObject(value) ? value['page'] : value).slice(0, 100);
}

function selectorOf(args: Readonly<Record<string, PlainValue>>): string {
  return textArg(args['selector'], { en: 'the selector', pt: 'o seletor' }, selectorCharsMax);
}

/** What the browser says of a page, in one line for the bot's author. */
async function said(work: () => Promise<PlainValue>): Promise<PlainValue> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof OperationFailed || !(error instanceof Error)) throw error;
    const line = (error.message.split('\n')[0] ?? '').replace(/\u001b\[[0-9;]*m/g, '').slice(0, 200);
    throw Object.assign(wrong(`the browser: ${line}`, `o navegador: ${line}`), { cause: error });
  }
}
