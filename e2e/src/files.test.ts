import { createHash, randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { deflateSync } from 'node:zlib';
import { ApiError } from 'gb-client';
import { type ChannelId, type ClientId, type FileId, limits, type PostMessage } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, type Person, refusal, type World, world } from './world.ts';

let w: World;
let ana: Person;
let bo: Person;
let general: ChannelId;
beforeAll(async () => {
  w = await world();
  ana = await w.signUp('Ana Prado');
  bo = await w.invite(ana, 'Bo Lind');
  general = await w.general(ana);
});
afterAll(() => w?.close());

const id = () => uuidv7() as ClientId;
const post = (by: Person, channelId: ChannelId, more: Partial<PostMessage>) =>
  by.rest.postMessage(channelId, { clientId: id(), text: '', ...more });
const fetchFile = (by: { token: string } | null, path: string, headers: Record<string, string> = {}) =>
  fetch(`${w.server.url}/api/${path}`, { headers: { ...(by ? { authorization: `Bearer ${by.token}` } : {}), ...headers } });

/** A PNG of one colour, as small as they come. */
function png(width: number, height: number): Uint8Array {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc32(body), body.length + 4);
    return out;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  const pixels = deflateSync(Buffer.alloc((width * 3 + 1) * height, 0x80));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
function crc32(bytes: Buffer): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

describe('an upload', () => {
  test('comes back byte for byte, with its name, and known by its bytes', async () => {
    const bytes = randomBytes(3_000_000);
    const file = await ana.upload('relatório ☂ "final".bin', bytes, 'image/png');
    expect(file).toEqual({
      id: expect.any(String),
      name: 'relatório ☂ "final".bin',
      type: 'application/octet-stream',
      size: 3_000_000,
    });
    const response = await fetchFile(ana, `files/${file.id}`);
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
    expect(response.headers.get('content-length')).toBe('3000000');
    expect(response.headers.get('etag')).toBe(`"${createHash('sha256').update(bytes).digest('hex')}"`);
    expect(response.headers.get('content-disposition')).toBe(
      `attachment; filename="relat_rio _ _final_.bin"; filename*=UTF-8''relat%C3%B3rio%20%E2%98%82%20%22final%22.bin`,
    );
  });

  test('of a picture has its size, and is shown in place; other pictures of the web are only told', async () => {
    const file = await ana.upload('photo.txt', png(640, 480), 'text/plain');
    expect(file).toMatchObject({ type: 'image/png', width: 640, height: 480 });
    const response = await fetchFile(ana, `files/${file.id}`);
    expect(response.headers.get('content-disposition')).toMatch(/^inline; /);
    expect(response.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect((await fetchFile(ana, `files/${file.id}?download=true`)).headers.get('content-disposition')).toMatch(/^attachment; /);
  });

  test.each([
    ['page.html', '<script>alert(1)</script>', 'text/html'],
    ['drawing.svg', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', 'image/svg+xml'],
    ['photo.png', '<script>alert(1)</script>', 'image/png'],
    ['data.json', '{"a":1}', 'application/json'],
    ['page.xhtml', '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', 'application/xhtml+xml'],
  ])('called %s never runs as a page', async (name, text, type) => {
    const file = await ana.upload(name, text, type);
    const response = await fetchFile(ana, `files/${file.id}`);
    expect(await response.text()).toBe(text);
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; /);
    expect(response.headers.get('content-security-policy')).toContain('sandbox');
    expect(file.type).not.toMatch(/^image\/png|xhtml/);
  });

  test('keeps the last part of its name, whatever path or sign it came with', async () => {
    for (const [given, kept] of [
      ['../../etc/passwd', 'passwd'],
      ['C:\\temp\\a.txt', 'a.txt'],
      ['..', 'file'],
      ['invoice\u202Efdp.exe', 'invoicefdp.exe'],
      [`${'n'.repeat(400)}.pdf`, `${'n'.repeat(196)}.pdf`],
    ] as const)
      expect((await ana.upload(given, 'x')).name).toBe(kept);
  });

  test('that is empty is a file', async () => {
    const file = await ana.upload('empty.txt', '');
    expect(file.size).toBe(0);
    const response = await fetchFile(ana, `files/${file.id}`);
    expect([response.status, await response.text()]).toEqual([200, '']);
    expect((await fetchFile(ana, `files/${file.id}`, { range: 'bytes=0-' })).status).toBe(416);
  });

  test('over the limit is refused, whether its length is told or not', async () => {
    const big = new Uint8Array(limits.fileBytesMax + 1);
    const before = await usage();
    await expect(ana.upload('big', big)).rejects.toBeInstanceOf(ApiError);
    const chunked = await new Promise<number>((resolve, reject) => {
      const request = httpRequest(
        `${w.server.url}/api/files`,
        { method: 'POST', headers: { authorization: `Bearer ${ana.token}`, 'x-file-name': 'big' } },
        (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
          request.destroy();
        },
      );
      request.on('error', reject);
      for (let sent = 0; sent < big.length; sent += 1_048_576) request.write(big.subarray(sent, sent + 1_048_576));
      request.end();
    });
    expect(chunked).toBe(413);
    // Nothing of it counts.
    expect(await usage()).toBe(before);
  });

  test('that breaks off in the middle leaves nothing', async () => {
    await new Promise<void>((resolve) => {
      const request = httpRequest(`${w.server.url}/api/files`, {
        method: 'POST',
        headers: { authorization: `Bearer ${ana.token}`, 'x-file-name': 'half', 'content-length': '1000000' },
      });
      request.on('error', () => resolve());
      request.write(new Uint8Array(200_000));
      setTimeout(() => request.destroy(), 200);
    });
    // The server goes on.
    expect((await ana.upload('next.txt', 'fine')).size).toBe(4);
  });

  test('without a name, a session, or from another site, is refused', async () => {
    const send = (headers: Record<string, string>) => fetch(`${w.server.url}/api/files`, { method: 'POST', headers, body: 'x' });
    const session = { authorization: `Bearer ${ana.token}` };
    expect((await send({ 'x-file-name': 'a' })).status).toBe(401);
    expect((await send(session)).status).toBe(400);
    expect((await send({ ...session, 'x-file-name': '%ff' })).status).toBe(400);
    expect((await send({ ...session, 'x-file-name': 'a', origin: 'https://evil.example' })).status).toBe(403);
  });
});

/** What is in the store now, by trying how much more fits would be slow: the folder tells. */
async function usage(): Promise<number> {
  const { readdir } = await import('node:fs/promises');
  const partial = await readdir(`${w.server.dataDir}/objects/partial`);
  return partial.length;
}

describe('a part of a file', () => {
  test.each([
    ['bytes=0-3', 206, '0123', 'bytes 0-3/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=-2', 206, '89', 'bytes 8-9/10'],
    ['bytes=-99', 206, '0123456789', 'bytes 0-9/10'],
    ['bytes=8-99', 206, '89', 'bytes 8-9/10'],
    ['bytes=10-', 416, null, 'bytes */10'],
    ['bytes=-0', 416, null, 'bytes */10'],
    ['bytes=5-2', 200, '0123456789', null],
    ['bytes=0-1,3-4', 200, '0123456789', null],
    ['lines=1-2', 200, '0123456789', null],
  ])('%s', async (range, status, text, contentRange) => {
    const file = await ana.upload('digits.txt', '0123456789');
    const response = await fetchFile(ana, `files/${file.id}`, { range });
    expect([response.status, response.headers.get('content-range')]).toEqual([status, contentRange]);
    if (text !== null) expect(await response.text()).toBe(text);
  });

  test('is asked for once: what is the same is not sent again', async () => {
    const file = await ana.upload('digits.txt', '0123456789');
    const etag = (await fetchFile(ana, `files/${file.id}`)).headers.get('etag')!;
    expect((await fetchFile(ana, `files/${file.id}`, { 'if-none-match': etag })).status).toBe(304);
    expect((await fetchFile(ana, `files/${file.id}`, { 'if-none-match': '"other"' })).status).toBe(200);
    expect((await fetchFile(ana, `files/${file.id}`, { 'if-range': etag, range: 'bytes=0-0' })).status).toBe(206);
    expect((await fetchFile(ana, `files/${file.id}`, { 'if-range': '"other"', range: 'bytes=0-0' })).status).toBe(200);
  });
});

describe('who may fetch a file', () => {
  test('only its uploader before it is sent; then who sees the message; after the deletion nobody else', async () => {
    const file = await ana.upload('plan.txt', 'the plan');
    const status = async (by: Person) => (await fetchFile(by, `files/${file.id}`)).status;
    const guest = await w.invite(ana, 'Gus', 'guest');
    expect([await status(ana), await status(bo), await status(guest)]).toEqual([200, 404, 404]);
    const { state } = await ana.rest.createChannel({ kind: 'private', name: `secret-${uuidv7().slice(-6)}` });
    const { seq } = await post(ana, state.channel.id, { attachmentIds: [file.id] });
    expect([await status(bo), await status(guest)]).toEqual([404, 404]);
    await ana.rest.addMembers(state.channel.id, [bo.userId]);
    expect([await status(bo), await status(guest)]).toEqual([200, 404]);
    await ana.rest.removeMember(state.channel.id, bo.userId);
    expect(await status(bo)).toBe(404);
    const open = await ana.rest.createChannel({ kind: 'public', name: `open-${uuidv7().slice(-6)}` });
    const again = await post(ana, open.state.channel.id, { text: 'again', attachmentIds: [file.id] });
    // Public channels are everybody's but the guests'.
    expect([await status(bo), await status(guest)]).toEqual([200, 404]);
    await ana.rest.deleteMessage(open.state.channel.id, again.seq);
    await ana.rest.deleteMessage(state.channel.id, seq);
    expect([await status(bo), await status(guest)]).toEqual([404, 404]);
  });

  test('nobody who does not belong to the organization, whatever they ask', async () => {
    const file = await ana.upload('plan.txt', 'the plan');
    await post(ana, general, { attachmentIds: [file.id] });
    const mallory = await w.signUp('Mallory', { organization: 'Attacker' });
    expect((await fetchFile(mallory, `files/${file.id}`)).status).toBe(404);
    expect((await fetchFile(null, `files/${file.id}`)).status).toBe(401);
    expect(await refusal(mallory.rest.discardFile(file.id))).toBe('not_found');
    expect(await refusal(post(mallory, await w.general(mallory), { attachmentIds: [file.id] }))).toBe('not_found');
    for (const path of ['files/nonsense', 'files/..%2f..%2fetc', `files/${uuidv7()}`])
      expect((await fetchFile(ana, path)).status).toBeGreaterThanOrEqual(400);
  });

  test('links that nobody made lead nowhere', async () => {
    for (const token of ['x', 'A'.repeat(94), `${'A'.repeat(93)}B`, '%00', 'ä'])
      expect([token, (await fetchFile(null, `shared/${token}`)).status]).toEqual([token, 404]);
  });
});

describe('a message with files', () => {
  test('has them in the page, in the log and in the live event, and may do without words', async () => {
    const [photo, note] = [await ana.upload('p.png', png(10, 20)), await ana.upload('n.txt', 'note')];
    const clientId = id();
    const { seq, epoch } = await post(ana, general, { clientId, attachmentIds: [photo.id, note.id] });
    const { message } = await bo.rest.message(general, seq);
    expect(message).toMatchObject({ text: '', attachments: [photo, note] });
    const page = await bo.rest.log(general, { epoch, after: seq - 1, limit: 1 });
    expect(page).toMatchObject({ events: [{ message: { attachments: [photo, note] } }] });
    // The same once more is the same; with other files it is refused.
    expect((await post(ana, general, { clientId, attachmentIds: [photo.id, note.id] })).seq).toBe(seq);
    expect(await refusal(post(ana, general, { clientId, attachmentIds: [photo.id] }))).toBe('duplicate_client_id');
    await ana.rest.editMessage(general, seq, 'with words now');
    await ana.rest.editMessage(general, seq, '');
    expect((await bo.rest.message(general, seq)).message).toMatchObject({ text: '', attachments: [photo, note] });
    const plain = await post(ana, general, { text: 'plain' });
    expect(await refusal(ana.rest.editMessage(general, plain.seq, ' '))).toBe('malformed');
    await ana.rest.deleteMessage(general, seq);
    expect((await bo.rest.message(general, seq)).message).not.toHaveProperty('attachments');
  });

  test('takes only files of its author that are there, and not too many', async () => {
    const [mine, others] = [await ana.upload('a.txt', 'a'), await bo.upload('b.txt', 'b')];
    expect(await refusal(post(ana, general, { attachmentIds: [mine.id, others.id] }))).toBe('not_found');
    expect(await refusal(post(ana, general, { attachmentIds: [uuidv7() as FileId] }))).toBe('not_found');
    expect(await refusal(post(ana, general, { attachmentIds: ['nonsense' as FileId] }))).toBe('malformed');
    expect(await refusal(post(ana, general, { attachmentIds: [] }))).toBe('malformed');
    const many = Array.from({ length: limits.attachmentsPerMessageMax + 1 }, () => uuidv7() as FileId);
    expect(await refusal(post(ana, general, { attachmentIds: many }))).toBe('malformed');
    await ana.rest.discardFile(mine.id);
    expect(await refusal(post(ana, general, { attachmentIds: [mine.id] }))).toBe('not_found');
  });
});

test('an answer to a form that is none is refused', async () => {
  const { seq } = await post(ana, general, { text: 'no form here' });
  const answer = (more: object) => post(ana, general, { formAnswer: { seq, values: {}, ...more } } as Partial<PostMessage>);
  expect(await refusal(answer({}))).toBe('not_found');
  expect(await refusal(answer({ seq: 999_999 }))).toBe('not_found');
  expect(await refusal(answer({ values: { a: { b: 1 } } }))).toBe('malformed');
  await eventually(async () => (await ana.rest.messages(general)).messages.length > 0, 'the server goes on');
});
