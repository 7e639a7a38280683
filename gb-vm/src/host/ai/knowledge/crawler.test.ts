import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CustomerId } from 'gb-protocol';
import { afterEach, expect, test } from 'vitest';
import { createHttpClient } from '../../web/http-client.ts';
import { type CrawlInput, crawlWebsite } from './crawler.ts';
import type { SourceDocument } from './reader.ts';

type Pages = Readonly<Record<string, string | { status?: number; type?: string; body?: string; to?: string; latin1?: boolean }>>;

const closings: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

async function site(pages: Pages) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url!);
    const found = pages[request.url!];
    if (found === undefined) return response.writeHead(404).end();
    const page = typeof found === 'string' ? { body: found } : found;
    if (page.to) return response.writeHead(301, { location: page.to }).end();
    const body = page.latin1 ? Buffer.from(page.body ?? '', 'latin1') : (page.body ?? '');
    return response.writeHead(page.status ?? 200, { 'content-type': page.type ?? 'text/html' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closings.push(() => new Promise((resolve) => server.close(resolve).closeAllConnections()));
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function crawl(address: string, more: Partial<CrawlInput> & { allow?: string[] } = {}) {
  const { allow = ['127.0.0.0/8'], ...input } = more;
  const client = createHttpClient({ allow, retriesMax: 0 });
  closings.push(() => client.close());
  const found = crawlWebsite({
    address,
    client,
    customerId: 'c1' as CustomerId,
    signal: new AbortController().signal,
    ...input,
    limits: { delayMs: 0, ...input.limits },
  });
  const documents: (SourceDocument & { text: string })[] = [];
  for await (const document of found.documents)
    documents.push({ ...document, text: new TextDecoder().decode(await document.bytes()) });
  const path = ({ name }: SourceDocument) => new URL(name).pathname + new URL(name).search;
  return { documents, paths: documents.map(path).sort(), isComplete: found.isComplete(), problem: found.problem() };
}

const link = (...to: string[]) => to.map((one) => `<a href="${one}">x</a>`).join(' ');

test('a site is read as far as its links lead within its host, each page once', async () => {
  const { url, asked } = await site({
    '/': `<title> Tea &amp; more </title>${link('/a', 'b/', '/a#part', 'https://example.com/x', 'mailto:a@b.c', 'javascript:1')}`,
    '/a': `<base href="/b/">${link('c', '/')}`,
    '/b/': `<link rel="canonical" href="/a">same as a`,
    '/b/c': link('/gone', '/file.pdf', '/picture.png', '/d'),
    '/d': { type: 'text/plain', body: 'four links away' },
    '/file.pdf': { type: 'application/pdf', body: '%PDF' },
    '/picture.png': { type: 'image/png', body: 'x' },
  });
  const { documents, paths, isComplete } = await crawl(`${url}/`);
  expect(paths).toEqual(['/', '/a', '/b/c', '/d', '/file.pdf']);
  expect(documents[0]).toMatchObject({ title: 'Tea & more', type: 'text/html', address: `${url}/` });
  expect(new Set(asked).size).toBe(asked.length);
  expect(isComplete).toBe(true);
});

test('what its author asks of programs is done', async () => {
  const { url, asked } = await site({
    '/robots.txt': { type: 'text/plain', body: 'User-agent: *\nDisallow: /private\nAllow: /private/open' },
    '/': `${link('/private/x', '/private/open', '/hidden', '/nofollow', '/rel')}<a rel="nofollow" href="/behind">x</a>`,
    '/private/open': 'open',
    '/private/x': 'secret',
    '/hidden': `<meta name="ROBOTS" content="noindex">${link('/found')}`,
    '/nofollow': `<meta name="robots" content="nofollow">${link('/behind')}`,
    '/found': 'found',
    '/behind': 'behind',
    '/rel': 'rel',
  });
  const { paths } = await crawl(url);
  expect(paths).toEqual(['/', '/found', '/nofollow', '/private/open', '/rel']);
  expect(asked).not.toContain('/private/x');
  expect(asked).not.toContain('/behind');
});

test('a robots.txt that forbids all, or that does not answer, is obeyed', async () => {
  const forbids = await site({ '/robots.txt': 'User-agent: GeneralBots\nDisallow: /', '/': 'hi' });
  expect(await crawl(forbids.url)).toMatchObject({
    paths: [],
    isComplete: true,
    problem: { en: 'its robots.txt forbids reading it' },
  });
  const broken = await site({ '/robots.txt': { status: 503 }, '/': 'hi' });
  expect(await crawl(broken.url)).toMatchObject({
    paths: [],
    isComplete: false,
    problem: { en: 'its robots.txt cannot be read now' },
  });
});

test('pages, depth and bytes are bounded, and it is told that there is more', async () => {
  const pages: Record<string, string> = {};
  for (let n = 0; n < 40; n++) pages[n === 0 ? '/' : `/${n}`] = `${link(`/${n + 1}`, `/${n + 2}`)}${'x'.repeat(1_000)}`;
  const { url } = await site(pages);
  const byPages = await crawl(url, { limits: { pagesMax: 5, depthMax: 50 } });
  expect(byPages.paths).toHaveLength(5);
  expect(byPages.isComplete).toBe(false);
  const byDepth = await crawl(url, { limits: { depthMax: 2 } });
  expect(byDepth.paths).toEqual(['/', '/1', '/2', '/3', '/4']);
  expect(byDepth.isComplete).toBe(false);
  expect((await crawl(url, { limits: { bytesMax: 2_500, depthMax: 50 } })).paths).toHaveLength(3);
  const settings = { 'website-max-pages': '2', 'website-max-depth': '99' };
  expect((await crawl(url, { settings })).paths).toHaveLength(2);
});

test('a site does not lead into networks it has no business in', async () => {
  const inside = await site({ '/': 'the inside' });
  const outside = await site({ '/': link('/go'), '/go': { to: inside.url } });
  const { paths } = await crawl(outside.url);
  expect(paths).toEqual(['/']);
  const refused = await crawl(inside.url, { allow: [] });
  expect(refused.paths).toEqual([]);
  expect(refused.problem?.en).toContain('may not be reached');
  expect(refused.isComplete).toBe(false);
});

test('Latin-1 is read as such, whether the header says so or the page', async () => {
  const { url } = await site({
    '/': { type: 'text/html; charset=ISO-8859-1', body: `<title>Ação</title>${link('/b')}`, latin1: true },
    '/b': { body: '<meta charset="windows-1252"><title>Página</title>', latin1: true },
  });
  const { documents } = await crawl(url);
  expect(documents.map(({ title }) => title)).toEqual(['Ação', 'Página']);
  expect(documents[0]!.text).toContain('Ação');
});

test('what cannot be had is told, and does not make the rest forgotten', async () => {
  const { url } = await site({ '/': link('/broken'), '/broken': { status: 500 } });
  expect(await crawl(url)).toMatchObject({ paths: ['/'], isComplete: false, problem: null });
  expect((await crawl(`${url}/none`)).problem?.en).toBe('it answers with status 404');
  expect((await crawl('http://')).problem?.en).toContain('is no address');
});
