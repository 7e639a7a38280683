import { crc32 } from 'node:zlib';
import { unzipSync } from 'fflate';
import {
  type Actor,
  type Context,
  createChannel,
  createExport,
  createExportLink,
  deleteExport,
  deleteMessage,
  exportHandling,
  findExportFile,
  keepUpExports,
  listExports,
  type NewTask,
  objectKey,
  openShareLink,
  postMessage,
  removeMember,
  runExport,
  sweepFiles,
  type Task,
  type TaskQueue,
  uploadFile,
} from 'gb-core';
import type { ChannelId, ClientId, Export } from 'gb-protocol';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { GbError, uuidv7 } from 'gb-utils';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { BotWorld } from './testing/bots.ts';

let database: TestDatabase;
let w: BotWorld;
let ctx: Context;
let ana: Actor;
let bo: Actor;
let general: ChannelId;
/** Put and not yet done: the test decides when. */
let waiting: NewTask[];

beforeAll(async () => {
  database = await startTestDatabase();
}, 120_000);
afterAll(async () => {
  await database?.close();
}, 60_000);
beforeEach(async () => {
  w = await BotWorld.open(database);
  waiting = [];
  const tasks = { ...w.ctx.tasks, put: async (task: NewTask) => void waiting.push(task) } as TaskQueue;
  ctx = { ...w.ctx, tasks };
  ana = { customerId: w.customerId, userId: w.ana, role: 'owner', sessionId: null };
  bo = { ...ana, userId: await w.person('Bo Lind', 'pt-BR'), role: 'member' };
  general = (await createChannel(ctx, ana, { kind: 'public', name: 'general', memberIds: [bo.userId] })).channel.id;
}, 60_000);
afterEach(async () => {
  await w?.close();
}, 60_000);

const say = async (text: string, more: { by?: Actor; channelId?: ChannelId; threadSeq?: number } = {}) =>
  postMessage(ctx, more.by ?? ana, more.channelId ?? general, {
    clientId: uuidv7() as ClientId,
    text,
    ...(more.threadSeq === undefined ? {} : { threadSeq: more.threadSeq }),
  });
const never = new AbortController().signal;
const attemptAt = (task: NewTask, attempt = 1): Task => ({ ...task, attempt });
/** Does what waits, one slice at a time, until nothing does. */
const settle = async (withCtx = ctx) => {
  for (let task = waiting.shift(); task; task = waiting.shift()) await runExport(withCtx, attemptAt(task), never, { turnMs: 0 });
};
const state = async (by = ana): Promise<Export> => (await listExports(ctx, by))[0]!;

async function filesOf(id: string, by = ana): Promise<Readonly<Record<string, string>>> {
  const file = await findExportFile(ctx, by, id);
  const stream = await ctx.objects.get(objectKey(ana.customerId, file.id));
  const chunks: Buffer[] = [];
  for await (const chunk of stream!) chunks.push(chunk as Buffer);
  const zip = Buffer.concat(chunks);
  expect(zip.byteLength).toBe(file.size);
  const unpacked = unzipSync(zip);
  // What a careful reader checks: the list at the end, and the checksum of each file in it.
  let at = zip.readUInt32LE(zip.byteLength - 22 + 16);
  for (const [name, bytes] of Object.entries(unpacked)) {
    expect(zip.readUInt32LE(at)).toBe(0x02014b50);
    expect(zip.readUInt32LE(at + 16)).toBe(crc32(bytes));
    expect(zip.readUInt32LE(at + 24)).toBe(bytes.byteLength);
    const nameBytes = zip.readUInt16LE(at + 28);
    expect(zip.toString('utf8', at + 46, at + 46 + nameBytes)).toBe(name);
    at += 46 + nameBytes;
  }
  return Object.fromEntries(Object.entries(unpacked).map(([name, bytes]) => [name, new TextDecoder().decode(bytes)]));
}
const linesOf = (files: Readonly<Record<string, string>>, name: RegExp) => {
  const [found] = Object.entries(files).filter(([path]) => name.test(path));
  return (found?.[1] ?? '')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
};

test('a channel becomes a zip file of lines for programs and pages for people', async () => {
  const { seq } = await say('first & <script>alert(1)</script> 😀');
  await say('a reply', { by: bo, threadSeq: seq });
  const gone = await say('never mind');
  await deleteMessage(ctx, ana, general, gone.seq);
  const body = (async function* () {
    yield new TextEncoder().encode('x');
  })();
  const file = await uploadFile(ctx, ana, { name: 'plan.txt', type: undefined, size: undefined, body });
  await postMessage(ctx, ana, general, { clientId: uuidv7() as ClientId, text: 'see', attachmentIds: [file.id] });
  const { id } = await createExport(ctx, bo, { channelId: general });
  await settle();
  const files = await filesOf(id, bo);
  const messages = linesOf(files, /messages\.jsonl$/);
  expect(messages.map(({ text }) => text)).toEqual(['first & <script>alert(1)</script> 😀', 'a reply', '', 'see']);
  expect(messages[1]).toMatchObject({ threadSeq: seq, author: { name: 'Bo Lind', kind: 'person' } });
  expect(messages[2].deletedAt).toEqual(expect.any(Number));
  expect(linesOf(files, /files\.jsonl$/)).toMatchObject([{ name: 'plan.txt', seq: expect.any(Number) }]);
  expect(
    linesOf(files, /people\.jsonl$/)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['Ana Prado', 'Bo Lind']);
  expect(linesOf(files, /channels\.jsonl$/)).toMatchObject([{ name: 'general' }]);
  expect(JSON.parse(files['about.json']!)).toMatchObject({ version: 1, channelId: general, exportedBy: bo.userId });
  const page = Object.entries(files).find(([name]) => name.endsWith('page-0001.html'))![1];
  expect(page).toContain('first &amp; &lt;script&gt;alert(1)&lt;/script&gt; 😀');
  expect(page).not.toContain('<script');
  expect(page).toContain('Esta mensagem foi apagada.');
  expect(files['index.html']).toContain('page-0001.html');
  expect(await state(bo)).toMatchObject({ status: 'done', bytes: expect.any(Number), endsAt: expect.any(Number) });
});

test('thousands of messages take many slices, and are all there in their order', async () => {
  const texts = Array.from({ length: 2_300 }, (_, i) => `message ${i} ${'x'.repeat(i % 50)}`);
  for (let from = 0; from < texts.length; from += 100) await Promise.all(texts.slice(from, from + 100).map((text) => say(text)));
  const { id } = await createExport(ctx, ana, { channelId: general });
  await settle();
  const files = await filesOf(id);
  const messages = linesOf(files, /messages\.jsonl$/);
  expect(new Set(messages.map(({ text }) => text))).toEqual(new Set(texts));
  expect(messages.map(({ seq }) => seq)).toEqual(messages.map(({ seq }) => seq).sort((a, b) => a - b));
  const pages = Object.entries(files).filter(([name]) => name.endsWith('.html') && name !== 'index.html');
  expect(pages.map(([, html]) => html.split('<article').length - 1)).toEqual([2_000, 300]);
  for (const [, html] of pages) expect(html.match(/<\/html>/g)).toHaveLength(1);
  const { written, total } = await state();
  expect(written).toBe(total);
});

test('whoever dies at any step leaves an export that goes on, and a file that is whole', async () => {
  for (let i = 0; i < 40; i++) await say(`m${i}`);
  const { id } = await createExport(ctx, ana, { channelId: general });
  // Each call of a port may be the last of its process; the next process takes the same task.
  let calls = 0;
  let dies = 1;
  const dying = <T extends object>(port: T): T =>
    new Proxy(port, {
      get: (target, name) => {
        const value = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          calls += 1;
          if (calls === dies) throw new GbError('unavailable', 'The process died', { retryable: true });
          return value.apply(target, args);
        };
      },
    });
  const task = waiting[0]!;
  waiting.length = 0;
  for (; (await state()).status !== 'done' && dies < 200; dies++) {
    calls = 0;
    const mortal: Context = { ...ctx, store: dying(ctx.store), objects: dying(ctx.objects) };
    await runExport(mortal, attemptAt(task), never).catch((error: GbError) => expect(error.code).toBe('unavailable'));
  }
  expect(dies).toBeGreaterThan(8);
  expect((await state()).status).toBe('done');
  expect(linesOf(await filesOf(id), /messages\.jsonl$/).map(({ text }) => text)).toEqual(
    Array.from({ length: 40 }, (_, i) => `m${i}`),
  );
});

test('two that work on one export at the same time make one file, and it is whole', async () => {
  for (let i = 0; i < 300; i++) await say(`m${i}`);
  const { id } = await createExport(ctx, ana, { channelId: general });
  const task = attemptAt(waiting[0]!);
  await Promise.all([1, 2, 3].map(() => runExport(ctx, task, never)));
  for (let i = 0; i < 5 && (await state()).status !== 'done'; i++) await runExport(ctx, task, never);
  expect(linesOf(await filesOf(id), /messages\.jsonl$/)).toHaveLength(300);
});

test('an owner exports the workspace as far as they may read it, and nobody else does', async () => {
  const secret = (await createChannel(ctx, bo, { kind: 'private', name: 'secret' })).channel.id;
  const mine = (await createChannel(ctx, ana, { kind: 'private', name: 'mine' })).channel.id;
  await say('between them', { by: bo, channelId: secret });
  await say('ours', { channelId: mine });
  const direct = await w.direct(ana.userId, bo.userId);
  await say('just us', { channelId: direct });
  await say('for all');
  await expect(createExport(ctx, bo, {})).rejects.toMatchObject({ code: 'forbidden' });
  await expect(createExport(ctx, { ...bo, role: 'admin' }, {})).rejects.toMatchObject({ code: 'forbidden' });
  await expect(createExport(ctx, ana, { channelId: secret })).rejects.toMatchObject({ code: 'not_found' });
  const { id } = await createExport(ctx, ana, {});
  await settle();
  const files = await filesOf(id);
  const all = Object.values(files).join('\n');
  for (const text of ['ours', 'just us', 'for all']) expect(all).toContain(text);
  expect(all).not.toContain('between them');
  expect(all).not.toContain('secret');
  await expect(findExportFile(ctx, bo, id)).rejects.toMatchObject({ code: 'not_found' });
  expect(await listExports(ctx, bo)).toEqual([]);
});

test('who leaves the channel gets no file of it, not one that is being made, and not one that is done', async () => {
  const secret = (await createChannel(ctx, ana, { kind: 'private', name: 'secret', memberIds: [bo.userId] })).channel.id;
  await say('hush', { channelId: secret });
  const first = await createExport(ctx, bo, { channelId: secret });
  await settle();
  expect((await findExportFile(ctx, bo, first.id)).size).toBeGreaterThan(0);
  await createExport(ctx, bo, { channelId: secret });
  await removeMember(ctx, ana, secret, bo.userId);
  await settle();
  expect(await state(bo)).toMatchObject({ status: 'failed', reason: 'not_found' });
  await expect(findExportFile(ctx, bo, first.id)).rejects.toMatchObject({ code: 'not_found' });
});

test('one at a time for each person, and a few for everybody', async () => {
  await createExport(ctx, ana, { channelId: general });
  await expect(createExport(ctx, ana, { channelId: general })).rejects.toMatchObject({ code: 'rate_limited', retryable: true });
});

test('a link ends, the file ends, and a file that is let go of is gone at once', async () => {
  const { id } = await createExport(ctx, ana, { channelId: general });
  await settle();
  const { path, until } = await createExportLink(ctx, ana, id);
  const token = path.split('/').at(-1)!;
  expect((await openShareLink(ctx, token)).file.type).toBe('application/zip');
  w.clock.now = until + 1;
  await expect(openShareLink(ctx, token)).rejects.toMatchObject({ code: 'not_found' });
  const fileId = (await findExportFile(ctx, ana, id)).id;
  w.clock.now += 8 * 86_400_000;
  await expect(findExportFile(ctx, ana, id)).rejects.toMatchObject({ code: 'not_found' });
  await keepUpExports(ctx, ana.customerId);
  expect(await sweepFiles(ctx, ana.customerId)).toBeGreaterThan(0);
  expect(await ctx.objects.stat(objectKey(ana.customerId, fileId))).toBeNull();
  expect(await listExports(ctx, ana)).toEqual([]);
  const second = await createExport(ctx, ana, { channelId: general });
  await settle();
  await deleteExport(ctx, ana, second.id);
  await expect(findExportFile(ctx, ana, second.id)).rejects.toMatchObject({ code: 'not_found' });
});

test('one whose task was never put is found and put, and one that fails each time is given up with the reason', async () => {
  await createExport(ctx, ana, { channelId: general });
  waiting.length = 0;
  await keepUpExports(ctx, ana.customerId);
  expect(waiting).toEqual([]);
  w.clock.now += 11 * 60_000;
  await keepUpExports(ctx, ana.customerId);
  expect(waiting).toHaveLength(1);
  const broken: Context = {
    ...ctx,
    objects: {
      ...ctx.objects,
      put: async () => {
        throw new GbError('unavailable', 'The disk is full', { retryable: true });
      },
      delete: (key) => ctx.objects.delete(key),
    },
  };
  const task = waiting[0]!;
  await expect(runExport(broken, attemptAt(task), never)).rejects.toMatchObject({ code: 'unavailable' });
  expect((await state()).status).toBe('running');
  await expect(runExport(broken, attemptAt(task, exportHandling.attemptsMax), never)).rejects.toMatchObject({
    code: 'unavailable',
  });
  expect(await state()).toMatchObject({ status: 'failed', reason: 'unavailable' });
});
