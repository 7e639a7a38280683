import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OutsideCall, PlainValue } from 'gb-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OperationFailed } from '../operation.ts';
import { createMemoryDrive } from '../testing/memory-drive.ts';
import { type BrowserSet, createBrowserOperations } from './index.ts';

const path = [process.env['CHROMIUM_PATH'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (one) => one !== undefined && existsSync(one),
);
if (!path) process.stderr.write('No Chromium here (CHROMIUM_PATH): what bots do in a browser is not tried.\n');

let site: Server;
let inside: Server;
let base: string;
let hidden: string;
const hits: string[] = [];
const sets: BrowserSet[] = [];

const listen = (server: Server) =>
  new Promise<string>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve(`127.0.0.1:${(server.address() as AddressInfo).port}`)),
  );

beforeAll(async () => {
  inside = createServer((_, response) => {
    hits.push('inside');
    response.end('the secret of the house');
  });
  hidden = await listen(inside);
  site = createServer((request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    if (request.url === '/next') response.end('<title>Next</title><h1>Second page</h1>');
    else if (request.url === '/redirect') response.writeHead(302, { location: `http://${hidden}/` }).end();
    else if (request.url === '/frame')
      response.end(`<h1>Frame</h1><iframe src="http://${hidden}/"></iframe><script>fetch("http://${hidden}/x")</script>`);
    else
      response.end(
        `<title>Shop</title><h1>Tea &amp; more</h1><p id=s>${request.headers.cookie ?? 'no cookie'}</p><button id=buy onclick="document.cookie='a=1';document.querySelector('h1').textContent='Bought'">Buy</button><a href=/next>Go on</a>`,
      );
  });
  base = `http://${await listen(site)}`;
});
afterAll(async () => {
  for (const set of sets) await set.close();
  site?.close();
  inside?.close();
});

function open(allow: readonly string[]): BrowserSet {
  const set = createBrowserOperations({ path: path!, allow, lookup: async () => ['127.0.0.1'] }, null);
  sets.push(set);
  return set;
}

let calls = 0;
function ask(
  set: BrowserSet,
  name: string,
  args: Record<string, PlainValue>,
  more: Partial<OutsideCall> = {},
): Promise<PlainValue> {
  const call = {
    customerId: 'acme',
    botId: 'shop',
    conversationId: 'talk',
    key: `talk:${calls++}`,
    locale: 'en',
    settings: {},
    state: {},
    drive: createMemoryDrive(),
    signal: AbortSignal.timeout(30_000),
    ...more,
  } as unknown as OutsideCall;
  return set.operations.outside![name]!(args, call);
}

// A machine without Chromium has nothing to drive; it is said above.
describe.skipIf(!path)('a browser', () => {
  test('opens pages, clicks, reads and takes pictures', async () => {
    const set = open(['127.0.0.1']);
    const page = await ask(set, 'OPEN', { address: base });
    expect(page).toMatchObject({ title: 'Shop', url: `${base}/` });
    expect(await ask(set, 'TEXT OF', { page, selector: 'h1' })).toBe('Tea & more');
    await ask(set, 'CLICK', { page, selector: '#buy' });
    expect(await ask(set, 'TEXT OF', { page, selector: 'h1' })).toBe('Bought');
    expect(await ask(set, 'CLICK LINK TEXT', { page, text: 'Go on' })).toMatchObject({ title: 'Next' });
    expect(await ask(set, 'SCREENSHOT', { page })).toMatchObject({ name: 'screenshot.png', type: 'image/png' });
    await expect(ask(set, 'CLICK', { page: 'nothing', selector: 'a' })).rejects.toThrow('closed');
    await expect(ask(set, 'TEXT OF', { page }, { customerId: 'other' as never })).rejects.toThrow('closed');
    await expect(ask(set, 'TEXT OF', { page }, { botId: 'other' as never })).rejects.toThrow('closed');
  }, 60_000);

  test('two pages share no cookies; a session keeps its page', async () => {
    const set = open(['127.0.0.1']);
    const one = await ask(set, 'OPEN', { address: base, session: '#mine' });
    await ask(set, 'CLICK', { page: one, selector: '#buy' });
    const again = await ask(set, 'OPEN', { address: base, session: 'mine' });
    expect(await ask(set, 'TEXT OF', { page: again, selector: '#s' })).toBe('a=1');
    const other = await ask(set, 'OPEN', { address: base });
    expect(await ask(set, 'TEXT OF', { page: other, selector: '#s' })).toBe('no cookie');
  }, 60_000);

  test('what may not be reached is not reached: by address, redirect, frame or script', async () => {
    const set = open([]);
    for (const address of [base, `http://${hidden}/`, 'http://localhost/', 'http://[::1]/', 'http://169.254.169.254/latest/'])
      await ask(set, 'OPEN', { address }).then(
        async (page) => expect(await ask(set, 'TEXT OF', { page })).not.toContain('Tea'),
        (error) => expect(error).toBeInstanceOf(OperationFailed),
      );
    const shop = open(['shop.test']);
    const outer = base.replace('127.0.0.1', 'shop.test');
    expect(await ask(shop, 'OPEN', { address: outer })).toMatchObject({ title: 'Shop' });
    const redirected = await ask(shop, 'OPEN', { address: `${outer}/redirect` }).catch(() => null);
    if (redirected) expect(await ask(shop, 'TEXT OF', { page: redirected })).not.toContain('secret');
    const framed = await ask(shop, 'OPEN', { address: `${outer}/frame` });
    expect(await ask(shop, 'TEXT OF', { page: framed })).toContain('Frame');
    for (const address of ['file:///etc/passwd', 'chrome://version', 'javascript:1', 'data:text/html,x'])
      await expect(ask(set, 'OPEN', { address })).rejects.toThrow('no address');
    expect(hits).toEqual([]);
    // Where it may, the same page does reach it.
    await ask(open(['127.0.0.1']), 'OPEN', { address: `${base}/frame` });
    expect(hits).not.toEqual([]);
  }, 90_000);

  test('the fifth page of a customer is refused, and nobody else’s', async () => {
    const set = open(['127.0.0.1']);
    for (let i = 0; i < 4; i++) await ask(set, 'OPEN', { address: `${base}/next` });
    await expect(ask(set, 'OPEN', { address: `${base}/next` })).rejects.toMatchObject({ code: 'limit_reached' });
    expect(await ask(set, 'OPEN', { address: `${base}/next` }, { customerId: 'other' as never })).toMatchObject({
      title: 'Next',
    });
  }, 60_000);
});

test('without a browser each says which setting is missing', async () => {
  const set = createBrowserOperations(null, null);
  for (const name of ['OPEN', 'CLICK', 'CLICK LINK TEXT', 'HOVER', 'PRESS', 'SCREENSHOT', 'TEXT OF'])
    await expect(ask(set, name, {})).rejects.toMatchObject({ code: 'setting_missing', message: 'GB_BROWSER is not set' });
});
