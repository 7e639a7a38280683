import { afterAll, expect, test } from 'vitest';
import { createBot, json, startServer, type TestBotOptions, type TestServer } from './testing.ts';

const closers: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closers) await close();
});

async function serve(...args: Parameters<typeof startServer>): Promise<TestServer> {
  const server = await startServer(...args);
  closers.push(server.close);
  return server;
}

function bot(options: TestBotOptions = {}) {
  const made = createBot(options);
  closers.push(made.close);
  return made;
}

/** Says back what it was asked. */
const echo = () =>
  serve(({ method, url, headers, body }, response) => json(response, { method, url, headers, body: body.toString('latin1') }));

test('JSON arrives as data, whatever the service calls it; other text as text; nothing as null', async () => {
  const bodies: Record<string, [type: string, body: string]> = {
    '/json': ['application/json', '{"total": 30, "list": [1, null]}'],
    '/problem': ['application/problem+json; charset=utf-8', '[true]'],
    '/html': ['text/html', ' {"a": "b"}'],
    '/ok': ['application/json', 'OK'],
    '/text': ['text/plain', 'hello'],
    '/brace': ['text/plain', '{name} is here'],
    '/empty': ['application/json', ''],
  };
  const server = await serve(({ url }, response) => {
    const [type, body] = bodies[url]!;
    response.writeHead(200, { 'content-type': type }).end(body);
  });
  const answers: unknown[] = [];
  for (const path of Object.keys(bodies)) answers.push(await bot().run('GET', { address: server.url + path }));
  expect(answers).toEqual([{ total: 30, list: [1, null] }, [true], { a: 'b' }, 'OK', 'hello', '{name} is here', null]);
});

test('texts arrive in their own characters', async () => {
  const server = await serve(({ url }, response) => {
    const types: Record<string, string> = {
      '/named': 'text/plain; charset=ISO-8859-1',
      '/json': 'application/json; charset=latin1',
    };
    const text =
      url === '/json'
        ? '{"cidade":"São Luís"}'
        : url === '/xml'
          ? '<?xml version="1.0" encoding="windows-1252"?><a>São</a>'
          : 'São Luís';
    response.writeHead(200, { 'content-type': types[url] ?? 'text/plain' }).end(Buffer.from(text, 'latin1'));
  });
  expect(await bot().run('GET', { address: `${server.url}/named` })).toBe('São Luís');
  expect(await bot().run('GET', { address: `${server.url}/unnamed` })).toBe('São Luís');
  expect(await bot().run('GET', { address: `${server.url}/json` })).toEqual({ cidade: 'São Luís' });
  expect(await bot().run('GET', { address: `${server.url}/xml` })).toContain('<a>São</a>');
});

test('what is neither data nor text becomes a file', async () => {
  const picture = Buffer.from([0x89, 0x50, 0, 1, 2]);
  const server = await serve((_, response) =>
    response
      .writeHead(200, {
        'content-type': 'image/png',
        'content-disposition': `attachment; filename="../a/f.png"; filename*=UTF-8''caf%C3%A9.png`,
      })
      .end(picture),
  );
  const one = bot();
  const file = await one.run('GET', { address: `${server.url}/x` });
  expect(file).toMatchObject({ name: 'café.png', type: 'image/png', size: 5 });
  expect(Buffer.from(one.drive.bytes(file as never))).toEqual(picture);
});

test('a value that is nested without end is refused', async () => {
  const server = await serve((_, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end('['.repeat(1_000_000) + ']'.repeat(1_000_000)),
  );
  await expect(bot().run('GET', { address: server.url })).rejects.toThrow(/nested/);
});

test('a refusal is an error with its status and the words of the service', async () => {
  const server = await serve((_, response) =>
    response.writeHead(404, { 'content-type': 'text/html' }).end('<style>b{}</style><h1>No such\n order</h1>'),
  );
  await expect(bot().run('GET', { address: `${server.url}/orders/9?key=s3cret` })).rejects.toMatchObject({
    said: { en: `${server.url}/orders/9 answered 404: No such order`, pt: `${server.url}/orders/9 respondeu 404: No such order` },
    status: 404,
  });
});

test('SET HEADER holds for the following requests until CLEAR HEADERS, HEADERS for one', async () => {
  const server = await echo();
  const one = bot();
  const headers = async () => ((await one.run('GET', { address: server.url })) as { headers: Record<string, string> }).headers;
  await one.run('SET HEADER', { name: 'X-Key', value: 7 });
  await one.run('SET HEADER', { name: 'Authorization', value: 'Bearer a' });
  await one.run('SET HEADER', { name: 'authorization', value: 'Bearer b' });
  expect(await headers()).toMatchObject({ 'x-key': '7', authorization: 'Bearer b' });
  const once = await one.run('GET', { address: server.url, headers: { 'X-Key': 'mine', Accept: 'text/csv' } });
  expect(once).toMatchObject({ headers: { 'x-key': 'mine', accept: 'text/csv', authorization: 'Bearer b' } });
  expect((await headers())['x-key']).toBe('7');
  await one.run('SET HEADER', { name: 'X-Key', value: null });
  expect((await headers())['x-key']).toBeUndefined();
  await one.run('CLEAR HEADERS', {});
  expect((await headers())['authorization']).toBeUndefined();
});

test('a header cannot smuggle another one, a host, or a length', async () => {
  const one = bot();
  for (const [name, value] of [
    ['X-A', 'a\r\nX-B: b'],
    ['X-A', 'a\nb'],
    ['X-A', 'a\0'],
    ['X A', 'b'],
    ['X-A:', 'b'],
    ['Host', 'internal'],
    ['Content-Length', '1'],
    ['transfer-encoding', 'chunked'],
    ['Connection', 'x'],
    ['Proxy-Authorization', 'x'],
    ['', 'x'],
  ])
    await expect(one.run('SET HEADER', { name: name!, value: value! }), name).rejects.toThrow(/cannot be set/);
  for (let n = 0; n < 30; n++) await one.run('SET HEADER', { name: `X-${n}`, value: 'v' });
  await expect(one.run('SET HEADER', { name: 'X-30', value: 'v' })).rejects.toMatchObject({ code: 'limit_reached' });
});

test('bodies go out as what they are', async () => {
  const server = await echo();
  const one = bot();
  const post = async (body: unknown, headers: Record<string, string> = {}) => {
    const said = (await one.run('POST', { address: server.url, body: body as never, headers })) as {
      body: string;
      headers: Record<string, string>;
    };
    return [said.headers['content-type'], said.body];
  };
  expect(await post({ total: 30, who: null })).toEqual(['application/json; charset=utf-8', '{"total":30,"who":null}']);
  expect(await post([1, 'a'])).toEqual(['application/json; charset=utf-8', '[1,"a"]']);
  expect(await post('{"a": 1}')).toEqual(['application/json; charset=utf-8', '{"a": 1}']);
  expect(await post('just words')).toEqual(['text/plain; charset=utf-8', 'just words']);
  expect(await post('<a/>')).toEqual(['application/xml; charset=utf-8', '<a/>']);
  const form = 'application/x-www-form-urlencoded';
  expect(await post({ name: 'Ana & Zé', tags: ['a', 'b'], none: null }, { 'Content-Type': form })).toEqual([
    form,
    'name=Ana+%26+Z%C3%A9&tags=a&tags=b',
  ]);
  expect(await post('a=1&b=2', { 'Content-Type': form })).toEqual([form, 'a=1&b=2']);
});

test('a file is sent as it is, or as a part of a form', async () => {
  const server = await serve((_, response) => json(response, 'ok'));
  const one = bot();
  const file = { ...(await one.drive.make('menu.pdf', Buffer.from('%PDF'), 'application/pdf')) };
  await one.run('PUT', { address: server.url, body: file });
  expect([server.received[0]!.headers['content-type'], server.received[0]!.body.toString()]).toEqual(['application/pdf', '%PDF']);
  await one.run('POST', {
    address: server.url,
    body: { menu: file, note: 'lunch' },
    headers: { 'content-type': 'multipart/form-data' },
  });
  const { headers, body } = server.received[1]!;
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': headers['content-type']! } }).formData();
  const part = form.get('menu') as File;
  expect([form.get('note'), part.name, part.type, await part.text()]).toEqual(['lunch', 'menu.pdf', 'application/pdf', '%PDF']);
});

test('POST and PATCH carry the key of their operation, so that a repetition can be known', async () => {
  const server = await echo();
  const one = bot();
  for (const name of ['POST', 'PATCH', 'PUT', 'DELETE HTTP', 'GET']) await one.run(name, { address: server.url });
  expect(server.received.map(({ method, headers }) => [method, headers['idempotency-key']])).toEqual([
    ['POST', 'conversation:7:1'],
    ['PATCH', 'conversation:7:1'],
    ['PUT', undefined],
    ['DELETE', undefined],
    ['GET', undefined],
  ]);
  await one.run('POST', { address: server.url, headers: { 'Idempotency-Key': 'mine' } });
  expect(server.received.at(-1)!.headers['idempotency-key']).toBe('mine');
});

test('objects after the address of a GET are its query', async () => {
  const server = await echo();
  const said = await bot().run('GET', { address: `${server.url}/find?a=1`, values: [{ q: 'pão & chá', n: 2 }, 'x=3'] });
  expect(said).toMatchObject({ url: '/find?a=1&q=p%C3%A3o+%26+ch%C3%A1&n=2&x=3' });
});

test('an address that begins with a slash goes to the base-url', async () => {
  const server = await echo();
  const one = bot({ settings: { 'base-url': `${server.url}/v2/` } });
  expect(await one.run('GET', { address: '/api/time' })).toMatchObject({ url: '/v2/api/time' });
  expect(await one.run('POST', { address: '/orders', body: {} })).toMatchObject({ url: '/v2/orders' });
  await expect(bot().run('POST', { address: '/orders' })).rejects.toMatchObject({
    code: 'setting_missing',
    message: 'base-url is not set',
  });
});

test('GET reads the session, and what else is not on the web through whoever knows it', async () => {
  const one = bot({ localGet: async (address, values) => [address, ...values] });
  one.state.session = { Name: 'Ana', 'a.b': 1, order: { total: 30 } };
  expect(await one.run('GET', { address: 'session.name' })).toBe('Ana');
  expect(await one.run('GET', { address: 'session.a.b' })).toBe(1);
  expect(await one.run('GET', { address: 'session.order.total' })).toBe(30);
  expect(await one.run('GET', { address: 'session.constructor' })).toBeNull();
  expect(await one.run('GET', { address: 'sheet.xlsx', values: ['A1'] })).toEqual(['sheet.xlsx', 'A1']);
  expect(await one.run('GET', { address: 'user.name' })).toEqual(['user.name']);
  await expect(bot().run('GET', { address: 'sheet.xlsx' })).rejects.toThrow(/no address of the web/);
});

test('without permission a program reaches nothing inside, and is told so', async () => {
  const server = await echo();
  const one = bot({ http: { allow: [] } });
  for (const name of ['GET', 'POST', 'SCRAPE', 'RSS', 'DOWNLOAD', 'GRAPHQL'])
    await expect(one.run(name, { address: server.url, query: '{a}' }), name).rejects.toMatchObject({ code: 'not_allowed' });
  await expect(one.run('SOAP', { address: server.url, method: 'm' })).rejects.toMatchObject({ code: 'not_allowed' });
  await expect(one.run('MCP', { server: server.url, tool: 't' })).rejects.toMatchObject({ code: 'not_allowed' });
  expect(server.received).toHaveLength(0);
});

/** Six rows, two a page, each service in its own way of saying so. */
const pagers: Record<string, (page: number, base: string) => { body: unknown; link?: string }> = {
  link: (page, base) => ({
    body: rowsOf(page),
    ...(page < 3 ? { link: `<${base}/link?page=${page + 1}>; rel="next", <${base}/>; rel="first"` } : {}),
  }),
  odata: (page, base) => ({
    body: { value: rowsOf(page), ...(page < 3 ? { '@odata.nextLink': `${base}/odata?page=${page + 1}` } : {}) },
  }),
  next: (page) => ({ body: { count: 6, results: rowsOf(page), next: page < 3 ? `/next?page=${page + 1}` : null } }),
  hal: (page) => ({ body: { items: rowsOf(page), _links: page < 3 ? { next: { href: `?page=${page + 1}` } } : {} } }),
  graph: (page, base) => ({ body: { data: rowsOf(page), paging: page < 3 ? { next: `${base}/graph?page=${page + 1}` } : {} } }),
  number: (page) => ({ body: { orders: rowsOf(page), next_page: page < 3 ? page + 1 : null } }),
};
const rowsOf = (page: number): number[] => [page * 2 - 1, page * 2];

const servePages = () =>
  serve(({ url, headers }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://x');
    const { body, link } = pagers[pathname.slice(1)]!(Number(searchParams.get('page') ?? 1), `http://${headers.host}`);
    json(response, body, link ? { link } : {});
  });

test.each(Object.keys(pagers))('in page mode "auto" a list that comes in pages is one list: %s', async (kind) => {
  const server = await servePages();
  const one = bot();
  await one.run('SET PAGE MODE', { mode: 'auto' });
  expect(await one.run('GET', { address: `${server.url}/${kind}` })).toEqual([1, 2, 3, 4, 5, 6]);
  expect(await one.run('CONTINUATION TOKEN', {})).toBeNull();
  expect(server.received).toHaveLength(3);
});

test('otherwise one page is read, and CONTINUATION TOKEN says where the next begins', async () => {
  const server = await servePages();
  const one = bot();
  expect(await one.run('GET', { address: `${server.url}/odata` })).toMatchObject({ value: [1, 2] });
  const mark = await one.run('CONTINUATION TOKEN', {});
  expect(mark).toBe(`${server.url}/odata?page=2`);
  expect(await one.run('GET', { address: mark })).toMatchObject({ value: [3, 4] });
  await expect(one.run('SET PAGE MODE', { mode: 'all' })).rejects.toThrow(/"auto" or "none"/);
});

test('marks of the service’s own are sent back to it', async () => {
  const server = await serve(({ url }, response) => {
    const mark = new URL(url, 'http://x').searchParams.get('continuationToken');
    json(response, mark === 'm/2' ? { items: ['c'] } : { items: ['a', 'b'], continuationToken: 'm/2' });
  });
  const one = bot();
  await one.run('GET', { address: server.url });
  expect(await one.run('CONTINUATION TOKEN', {})).toBe('m/2');
  await one.run('SET PAGE MODE', { mode: 'auto' });
  expect(await one.run('GET', { address: server.url })).toEqual(['a', 'b', 'c']);
});

test('pages without end stop at fifty, and the mark says how to go on', async () => {
  const server = await serve(({ url }, response) => {
    const page = Number(new URL(url, 'http://x').searchParams.get('page') ?? 1);
    json(response, { items: [page], next: `/?page=${page + 1}` });
  });
  const one = bot();
  await one.run('SET PAGE MODE', { mode: 'auto' });
  const all = (await one.run('GET', { address: server.url })) as number[];
  expect([all.length, all.at(-1), server.received.length]).toEqual([50, 50, 50]);
  expect(await one.run('CONTINUATION TOKEN', {})).toBe('/?page=51');
});

test('pages that are too large together stop early, and pages that go in a circle too', async () => {
  const big = 'x'.repeat(2_000_000);
  const server = await serve(({ url }, response) => {
    if (url.startsWith('/circle')) json(response, { items: [1], next: url === '/circle' ? '/circle2' : '/circle' });
    else json(response, { items: [big], next: `/${Number(url.slice(1)) + 1}` });
  });
  const one = bot();
  await one.run('SET PAGE MODE', { mode: 'auto' });
  expect(await one.run('GET', { address: `${server.url}/1` })).toHaveLength(2);
  expect(await one.run('CONTINUATION TOKEN', {})).toBe('/3');
  expect(await one.run('GET', { address: `${server.url}/circle` })).toEqual([1, 1]);
});

test('a next page elsewhere does not get the secrets of the first', async () => {
  const other = await serve((_, response) => json(response, { items: [2] }));
  const server = await serve((_, response) => json(response, { items: [1], next: `${other.url}/` }));
  const one = bot();
  await one.run('SET PAGE MODE', { mode: 'auto' });
  await one.run('SET HEADER', { name: 'X-Api-Key', value: 's3cret' });
  expect(await one.run('GET', { address: server.url })).toEqual([1, 2]);
  expect([server.received[0]!.headers['x-api-key'], other.received[0]!.headers['x-api-key']]).toEqual(['s3cret', undefined]);
});

test('GRAPHQL gives the data, and the service’s errors as errors', async () => {
  const server = await serve(({ body }, response) => {
    const { query, variables } = JSON.parse(body.toString()) as { query: string; variables: unknown };
    if (query === '{ good }') json(response, { data: { variables } });
    else if (query === '{ partial }') json(response, { data: {}, errors: [{ message: 'no field partial' }] });
    else response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ errors: [{ message: 'syntax' }] }));
  });
  const ask = (query: string) => bot().run('GRAPHQL', { address: server.url, query, variables: { id: 1 } });
  expect(await ask('{ good }')).toEqual({ variables: { id: 1 } });
  await expect(ask('{ partial }')).rejects.toThrow('the service refused the query: no field partial');
  await expect(ask('{')).rejects.toThrow('syntax');
});

test('WEATHER and SEARCH PRODUCTS ask the services of config.csv, and name the setting that is missing', async () => {
  const server = await serve(({ url, headers }, response) => {
    if (url.startsWith('/w')) response.writeHead(200, { 'content-type': 'text/plain' }).end(`${decodeURIComponent(url)} 28°C`);
    else json(response, { products: [1, 2, 3].map((id) => ({ id, url, key: headers.authorization })) });
  });
  const one = bot({
    settings: { 'weather-url': `${server.url}/w/{place}?l={language}`, 'products-url': `${server.url}/p`, 'products-key': 'k' },
  });
  expect(await one.run('WEATHER', { place: 'São Luís/MA' })).toBe('/w/São Luís/MA?l=en 28°C');
  expect(server.received[0]!.url).toBe('/w/S%C3%A3o%20Lu%C3%ADs%2FMA?l=en');
  expect(await one.run('SEARCH PRODUCTS', { text: 'green tea', limit: 2 })).toEqual([
    { id: 1, url: '/p?q=green+tea', key: 'Bearer k' },
    { id: 2, url: '/p?q=green+tea', key: 'Bearer k' },
  ]);
  await expect(bot().run('WEATHER', { place: 'x' })).rejects.toMatchObject({
    code: 'setting_missing',
    message: 'weather-url is not set',
  });
  await expect(bot().run('SEARCH PRODUCTS', { text: 'x' })).rejects.toMatchObject({ code: 'setting_missing' });
});

test('DOWNLOAD fetches into the drive, or gives a file without a place; more than 5 MB is fine', async () => {
  const large = Buffer.alloc(8 * 1_048_576, 7);
  const server = await serve(({ url }, response) =>
    response.writeHead(200, { 'content-type': 'application/pdf' }).end(url === '/large.pdf' ? large : '%PDF'),
  );
  const one = bot();
  expect(await one.run('DOWNLOAD', { address: `${server.url}/large.pdf`, file: 'in/menu.pdf' })).toMatchObject({
    size: large.length,
  });
  expect(await one.run('DOWNLOAD', { address: `${server.url}/a%20b.pdf`, file: 'in/' })).toMatchObject({ name: 'a b.pdf' });
  expect(one.drive.paths()).toEqual(['in/a b.pdf', 'in/menu.pdf']);
  const loose = await one.run('DOWNLOAD', { address: `${server.url}/c.pdf` });
  expect(loose).toMatchObject({ name: 'c.pdf', type: 'application/pdf', size: 4 });
  expect(await one.run('DOWNLOAD', { address: loose, file: 'c.pdf' })).toMatchObject({ name: 'c.pdf', size: 4 });
});

test('USE ACCOUNT is remembered beside the headers', async () => {
  const one = bot();
  await one.run('USE ACCOUNT', { account: 'sales@example.com' });
  await one.run('SET HEADER', { name: 'X-A', value: '1' });
  expect(one.state.web).toMatchObject({ account: 'sales@example.com', headers: { 'x-a': '1' } });
});
