import { afterAll, beforeAll, expect, test } from 'vitest';
import { OperationFailed } from '../operation.ts';
import { createPageReader, type PageReader } from './page-reader.ts';
import { createBot, startServer, type TestBot, type TestServer } from './testing.ts';

const pages: Record<string, [type: string, body: string]> = {
  '/shop': [
    'text/html; charset=utf-8',
    `<!doctype html><html><head><title>Shop</title><meta name="author" content="Ana">
    <style>p{color:red}</style><script>document.write('no')</script></head>
    <body><h1>Chá &amp; café</h1><p>Open <b>daily</b>,
    even Sundays</p><ul><li>Green<li>Black</ul>
    <a href="/menu?x=1">Menu</a> <a href="https://other.example/a">Other</a><img src="tea.png">
    <table id="t"><thead><tr><th>Name<th colspan=2>Price<th></tr></thead>
    <tbody><tr><td>Green<td>R$<td>10<td>x</tr><tr><td rowspan="2">Black<td>R$<td>12</tr><tr><td>US$<td>3</tr><tr><td></tr></tbody></table>
    <table id="plain"><tr><td>a<td>b<tr><td>1<td>2</table></body>`,
  ],
  '/rss': [
    'application/rss+xml',
    `<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>News</title>
    <item><title>One &amp; two</title><link>/one</link><description><![CDATA[<p>Long <b>text</b></p><script>x</script>]]></description>
    <pubDate>Tue, 03 Jun 2025 09:39:21 GMT</pubDate><guid>1</guid></item><item><title>Bare</title></item></channel></rss>`,
  ],
  '/atom': [
    'application/atom+xml',
    `<feed xmlns="http://www.w3.org/2005/Atom"><title>N</title><entry><title>E</title><id>urn:1</id>
    <link href="https://example.com/e"/><updated>2025-01-02T03:04:05Z</updated><summary>S</summary></entry></feed>`,
  ],
  '/bomb': [
    'application/rss+xml',
    `<!DOCTYPE r [<!ENTITY a "${'x'.repeat(1_000)}">${'bcdefgh'
      .split('')
      .map((name, at) => `<!ENTITY ${name} "${`&${'abcdefg'[at]};`.repeat(10)}">`)
      .join('')}<!ENTITY f SYSTEM "file:///etc/passwd">]><rss><channel><item><title>&h;&f;</title></item></channel></rss>`,
  ],
  '/deep': ['text/html', '<div>'.repeat(50_000)],
  '/wide': ['text/html', `<body>${'<i></i>'.repeat(60_000)}</body>`],
  '/picture': ['image/png', '\u0089PNG'],
};

let server: TestServer;
let bot: TestBot;
beforeAll(async () => {
  server = await startServer(({ url }, response) => {
    const [type, body] = pages[url] ?? ['text/plain', 'no page'];
    response.writeHead(200, { 'content-type': type }).end(body);
  });
  bot = createBot();
});
afterAll(async () => {
  await bot.close();
  await server.close();
});
const scrape = (name: string, path: string, selector?: string) =>
  bot.run(name, { address: server.url + path, ...(selector === undefined ? {} : { selector }) });

test('SCRAPE gives the words of a page as a person reads them', async () => {
  expect(await scrape('SCRAPE', '/shop')).toMatch(
    /^Chá & café\n\nOpen daily, even Sundays\n\nGreen\nBlack\n\nMenu Other\n\nName Price\nGreen R\$ 10 x\n/,
  );
});

test('with a selector it gives one part, what a part points at, or an attribute', async () => {
  expect(await scrape('SCRAPE', '/shop', 'h1')).toBe('Chá & café');
  expect(await scrape('SCRAPE', '/shop', 'title')).toBe('Shop');
  expect(await scrape('SCRAPE', '/shop', 'meta[name=author]')).toBe('Ana');
  expect(await scrape('SCRAPE', '/shop', 'img')).toBe(`${server.url}/tea.png`);
  expect(await scrape('SCRAPE', '/shop', 'a:contains("Menu")@href')).toBe(`${server.url}/menu?x=1`);
  expect(await scrape('SCRAPE', '/shop', 'h7')).toBeNull();
  await expect(scrape('SCRAPE', '/shop', 'a[')).rejects.toThrow(/no selector/);
});

test('SCRAPE ALL gives every part that fits', async () => {
  expect(await scrape('SCRAPE ALL', '/shop', 'li')).toEqual(['Green', 'Black']);
  expect(await scrape('SCRAPE ALL', '/shop', 'a@href')).toEqual([`${server.url}/menu?x=1`, 'https://other.example/a']);
  expect(await scrape('SCRAPE ALL', '/shop', '.none')).toEqual([]);
});

test('SCRAPE TABLE gives rows under the names of the head, cells that span in all their places', async () => {
  expect(await scrape('SCRAPE TABLE', '/shop')).toEqual([
    { Name: 'Green', Price: 'R$', 'Price 2': '10', 'column 4': 'x' },
    { Name: 'Black', Price: 'R$', 'Price 2': '12', 'column 4': '' },
    { Name: 'Black', Price: 'US$', 'Price 2': '3', 'column 4': '' },
  ]);
  expect(await scrape('SCRAPE TABLE', '/shop', '#plain')).toEqual([{ a: '1', b: '2' }]);
  expect(await scrape('SCRAPE TABLE', '/shop', 'ul')).toEqual([]);
});

test('RSS reads the items of RSS and Atom', async () => {
  expect(await scrape('RSS', '/rss')).toEqual([
    { title: 'One & two', link: `${server.url}/one`, description: 'Long text', date: '2025-06-03T09:39:21.000Z', id: '1' },
    { title: 'Bare', link: '', description: '', date: '', id: '' },
  ]);
  expect(await scrape('RSS', '/atom')).toEqual([
    { title: 'E', link: 'https://example.com/e', description: 'S', date: '2025-01-02T03:04:05.000Z', id: 'urn:1' },
  ]);
  await expect(scrape('RSS', '/shop')).rejects.toThrow(/no feed/);
  await expect(scrape('RSS', '/picture')).rejects.toThrow(/no text but image\/png/);
});

test('entities that a document declares for itself neither grow nor name files', async () => {
  expect(await scrape('RSS', '/bomb')).toMatchObject([{ title: '&h;&f;' }]);
});

test('a page that is too deep is refused and the next one is read', async () => {
  await expect(scrape('SCRAPE', '/deep')).rejects.toThrow(/nested too deeply/);
  expect(await scrape('SCRAPE', '/shop', 'h1')).toBe('Chá & café');
});

test('a selector that takes for ever is given up, and other customers’ pages are read meanwhile and after', async () => {
  const reader: PageReader = createPageReader({ readMsMax: 1_000 });
  const { signal } = new AbortController();
  const slow = { kind: 'texts', source: pages['/wide']![1], base: server.url, selector: 'i:nth-last-of-type(60001)' } as const;
  const quick = { kind: 'text', source: '<h1>hi</h1>', base: server.url, selector: 'h1' } as const;
  const slowOnes = [reader.read(slow, 'a', signal), reader.read(slow, 'a', signal)].map((one) =>
    one.catch((error: unknown) => error),
  );
  const order: string[] = [];
  void Promise.all(slowOnes).then(() => order.push('slow'));
  expect(await reader.read(quick, 'b', signal)).toBe('hi');
  order.push('quick');
  const [first, second] = await Promise.all(slowOnes);
  for (const one of [first, second]) {
    expect(one).toBeInstanceOf(OperationFailed);
    expect(one).toMatchObject({ code: 'limit_reached' });
  }
  expect(order).toEqual(['quick', 'slow']);
  await reader.close();
});

test('pages of one customer that wait are bounded', async () => {
  const reader = createPageReader({ customerWaitingMax: 2 });
  const { signal } = new AbortController();
  const job = { kind: 'text', source: 'x', base: server.url, selector: null } as const;
  const asked = Array.from({ length: 5 }, () => reader.read(job, 'a', signal));
  const ends = await Promise.allSettled([...asked, reader.read(job, 'b', signal)]);
  expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected', 'fulfilled']);
  await reader.close();
  await expect(reader.read(job, 'a', signal)).rejects.toThrow(/stopping/);
});
