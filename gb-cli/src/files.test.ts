import {
  type Actor,
  createDrive,
  createShareLink,
  findFile,
  OperationFailed,
  openShareLink,
  partsOf,
  postMessage,
  sweepFiles,
  uploadFile,
} from 'gb-core';
import {
  type BotId,
  type ChannelId,
  type ClientId,
  type FileId,
  type Form,
  limits,
  type MessageParts,
  type UserId,
} from 'gb-protocol';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { uuidv7 } from 'gb-utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BotWorld } from './testing/bots.ts';

let database: TestDatabase;
let w: BotWorld;
let ana: Actor;
let bo: Actor;
let desk: { botId: BotId; userId: UserId };
beforeAll(async () => {
  database = await startTestDatabase();
  w = await BotWorld.open(database);
  ana = { customerId: w.customerId, userId: w.ana, role: 'owner', sessionId: null };
  bo = { ...ana, userId: await w.person('Bo Lind', 'pt-BR'), role: 'member' };
  desk = await bot('desk');
});
afterAll(async () => {
  await w?.close();
  await database?.close();
});

async function bot(handle: string): Promise<{ botId: BotId; userId: UserId }> {
  const [botId, userId] = [uuidv7() as BotId, uuidv7() as UserId];
  await w.ctx.store.transaction(w.customerId, async (tx) => {
    await tx.users.insert({
      id: userId,
      kind: 'bot',
      name: handle,
      handle,
      role: 'bot',
      email: null,
      passwordHash: null,
      locale: 'en',
    });
    await tx.bots.insert({ id: botId, userId, description: '', origin: 'editor', files: [] });
  });
  return { botId, userId };
}

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array) => new TextDecoder().decode(value);
const drive = (of = desk) => createDrive(w.ctx, { customerId: w.customerId, botId: of.botId, botUserId: of.userId });
async function* once(value: Uint8Array) {
  yield value;
}
const upload = (by: Actor, name: string, content = 'x') =>
  uploadFile(w.ctx, by, { name, type: undefined, size: undefined, body: once(bytes(content)) });
const channel = (...members: UserId[]) => w.channel(`room-${uuidv7().slice(-8)}`, members);
const usage = () => w.ctx.store.read(w.customerId, (tx) => tx.files.usage());
const post = (by: Actor, channelId: ChannelId, more: object) =>
  postMessage(w.ctx, by, channelId, { clientId: uuidv7() as ClientId, text: '', ...more });
async function botSays(channelId: ChannelId, parts: MessageParts, threadSeq: number | null = null): Promise<number> {
  const message = {
    channelId,
    authorId: desk.userId,
    clientId: uuidv7() as ClientId,
    text: 'here',
    threadSeq,
    mentions: [],
    mentionsChannel: false,
    suggestions: [],
    parts,
  };
  return (await w.ctx.store.appendMessage(w.customerId, message)).seq;
}

describe('the drive of a bot', () => {
  test('keeps files by path, whatever the case, and replaces them as a whole', async () => {
    const d = drive();
    const first = await d.write('reports/May.csv', bytes('a,b'));
    expect(first).toEqual({ file: expect.any(String), name: 'May.csv', type: 'text/csv', size: 3 });
    await d.write('Reports/may.csv', bytes('c,d,e'));
    const read = await d.read('reports/MAY.csv');
    expect([read!.value.size, text(read!.bytes)]).toEqual([5, 'c,d,e']);
    expect((await d.list('reports')).map(({ path }) => path)).toEqual(['Reports/may.csv']);
    expect(await d.read('reports/june.csv')).toBeNull();
    // A value of the old content finds nothing any more: it was replaced, and nobody showed it.
    expect(await d.read(first)).toBeNull();
  });

  test('looks for a plain name in the drive, the data and the theme, and writes it to the drive', async () => {
    const d = drive(await bot('searcher'));
    await d.write('theme/logo.txt', bytes('theme'));
    await d.write('data/logo.txt', bytes('data'));
    expect(text((await d.read('logo.txt'))!.bytes)).toBe('data');
    await d.write('logo.txt', bytes('drive'));
    expect(text((await d.read('logo.txt'))!.bytes)).toBe('drive');
    expect(text((await d.read('theme/logo.txt'))!.bytes)).toBe('theme');
    expect((await d.list('')).map(({ path }) => path)).toEqual(['logo.txt']);
    expect((await d.list('data')).map(({ path }) => path)).toEqual(['data/logo.txt']);
    expect(await d.read('kb/logo.txt')).toBeNull();
  });

  test('copies, moves and deletes', async () => {
    const d = drive(await bot('mover'));
    const made = await d.write('a.txt', bytes('a'));
    const copy = await d.copy('a.txt', 'copies/b.txt');
    expect(copy.file).not.toBe(made.file);
    const moved = await d.move('a.txt', 'data/c.txt');
    expect(moved).toMatchObject({ file: made.file, name: 'c.txt' });
    expect(await d.read('a.txt')).toBeNull();
    expect(await d.delete('copies/b.txt')).toBe(true);
    expect(await d.delete('copies/b.txt')).toBe(false);
    await expect(d.copy('nothing.txt', 'x.txt')).rejects.toBeInstanceOf(OperationFailed);
    await expect(d.move('nothing.txt', 'x.txt')).rejects.toMatchObject({ said: { pt: 'não há um arquivo "nothing.txt"' } });
  });

  test('refuses paths that are none', async () => {
    const d = drive();
    for (const path of [
      '',
      '.',
      '/',
      '..',
      '../x',
      'a/../b',
      'drive/..',
      'drive',
      'a\0b',
      'a\nb',
      'x'.repeat(401),
      'a/\u202eb',
      '\ud800',
    ])
      await expect(d.write(path, bytes('x')), path).rejects.toMatchObject({
        code: 'operation_failed',
        said: { en: expect.stringContaining('is not a path') },
      });
    expect((await d.write('/a\\b//./c.txt', bytes('x'))).name).toBe('c.txt');
    expect((await d.list('a/b')).map(({ path }) => path)).toEqual(['a/b/c.txt']);
  });

  test('is its own: another bot and another customer have theirs', async () => {
    const secret = await drive().write('secret.txt', bytes('s'));
    expect(await drive(await bot('other')).read('secret.txt')).toBeNull();
    const foreign = await w.ctx.store.createCustomer({
      organizationName: 'B',
      userName: 'B',
      handle: 'b',
      email: `b.${uuidv7()}@example.org`,
      passwordHash: 'x',
      locale: 'en',
    });
    const theirs = createDrive(w.ctx, { ...desk, botUserId: desk.userId, customerId: foreign.customerId });
    expect(await theirs.read('secret.txt')).toBeNull();
    expect(await theirs.read(secret)).toBeNull();
  });

  test('opens what a person showed where the bot is, and not what they only uploaded', async () => {
    const file = await upload(bo, 'photo.txt', 'mine');
    const value = { file: file.id, name: file.name, type: file.type, size: file.size };
    expect(await drive().read(value)).toBeNull();
    const room = await w.direct(bo.userId, desk.userId);
    await post(bo, room, { attachmentIds: [file.id] });
    expect(text((await drive().read(value))!.bytes)).toBe('mine');
    expect(await drive(await bot('stranger')).read(value)).toBeNull();
    expect(await drive().read({ ...value, file: 'nonsense' })).toBeNull();
  });

  test('says that a file is too large, in words of both languages', async () => {
    await expect(drive().make('big', new Uint8Array(limits.fileBytesMax + 1), 'x/y')).rejects.toMatchObject({
      code: 'limit_reached',
      said: { en: 'a file holds at most 25 MB', pt: 'um arquivo tem no máximo 25 MB' },
    });
  });
});

describe('what a bot shows', () => {
  const parts = (reply: Parameters<typeof partsOf>[2]) => w.ctx.store.read(w.customerId, (tx) => partsOf(tx, desk.userId, reply));

  test('are its own files and those it was shown, once each; the others are left out', async () => {
    const chart = await drive().make('chart.csv', bytes('1,2'), 'text/csv');
    const hidden = await upload(bo, 'hidden.txt');
    const made = await parts({ files: [chart.file, 'nonsense', uuidv7(), hidden.id, chart.file] });
    expect(made).toEqual({ attachments: [{ id: chart.file, name: 'chart.csv', type: 'text/csv', size: 3 }] });
    expect(await parts({ files: [hidden.id] })).toBeNull();
    expect(await parts({})).toBeNull();
  });

  test('is cut where it is too long, and loses addresses that could do harm', async () => {
    const many = <T>(count: number, one: (n: number) => T) => Array.from({ length: count }, (_, n) => one(n));
    const made = await parts({
      card: {
        title: `${'t'.repeat(1_000)}\0`,
        imageId: uuidv7() as FileId,
        facts: many(50, (n) => ({ name: `n${n}`, value: 5 as unknown as string })),
        buttons: [
          { label: 'bad', url: 'javascript:alert(1)' },
          { label: 'good', url: 'https://example.org' },
          { label: ' ', text: 'nothing' },
          ...many(20, (n) => ({ label: `b${n}`, text: 'x'.repeat(9_000) })),
        ],
      },
      form: {
        name: 'f',
        fields: [
          ...many(60, (n) => ({ name: `x${n % 50}`, label: '', type: 'text' as const })),
          { name: 'late', label: 'Late', type: 'choice', choices: [] },
        ],
      },
    });
    expect(made!.card).toMatchObject({ title: 't'.repeat(300) });
    expect(made!.card).not.toHaveProperty('imageId');
    expect(made!.card!.facts).toHaveLength(limits.cardFactsMax);
    expect(made!.card!.facts![0]).toEqual({ name: 'n0', value: '5' });
    expect(made!.card!.buttons!.map(({ label }) => label)).not.toContain('bad');
    expect(made!.card!.buttons![0]).toEqual({ label: 'good', url: 'https://example.org' });
    expect(made!.form!.fields).toHaveLength(limits.formFieldsMax);
    expect(JSON.stringify(made).length).toBeLessThan(100_000);
    expect(await parts({ form: { name: 'empty', fields: [] } })).toBeNull();
    // A choice without choices is a text; two fields of one name are one.
    expect(
      (await parts({
        form: {
          name: 'f',
          fields: [
            { name: 'a', label: 'A', type: 'choice' },
            { name: 'a', label: 'B', type: 'text' },
          ],
        },
      }))!.form!.fields,
    ).toEqual([{ name: 'a', label: 'A', type: 'text' }]);
    // It can be stored.
    await botSays(await channel(desk.userId), made!);
  });
});

describe('an answer to a form', () => {
  const form: Form = {
    name: 'enrol',
    title: 'Enrolment',
    fields: [
      { name: 'name', label: 'Nome', type: 'text', isRequired: true },
      { name: 'ok', label: 'De acordo', type: 'boolean' },
      { name: 'photo', label: 'Foto', type: 'file' },
    ],
  };

  test('is checked, said in words of the person, and brings its files along', async () => {
    const room = await channel(bo.userId, ana.userId, desk.userId);
    const seq = await botSays(room, { form });
    const photo = await upload(bo, 'eu.txt');
    const posted = await post(bo, room, { formAnswer: { seq, values: { name: 'Bo', ok: true, photo: photo.id } } });
    const message = (await w.messages(room)).find((one) => one.seq === posted.seq)!;
    expect(message.text).toBe('Nome: Bo\nDe acordo: Sim\nFoto: eu.txt');
    expect(message.formAnswer).toEqual({ seq, values: { name: 'Bo', ok: true, photo: photo.id } });
    expect(message.attachments).toEqual([photo]);
    expect((await findFile(w.ctx, ana, photo.id)).id).toBe(photo.id);
    const own = await post(ana, room, { text: 'my own words', formAnswer: { seq, values: { name: 'Ana' } } });
    expect((await w.messages(room)).find((one) => one.seq === own.seq)).toMatchObject({ text: 'my own words' });
  });

  test('that does not fit is refused, and so is one for a form that is elsewhere or gone', async () => {
    const [room, other] = [await channel(bo.userId, desk.userId), await channel(bo.userId, desk.userId)];
    const seq = await botSays(room, { form });
    const anas = await upload(ana, 'hers.txt');
    const answer = (values: object, more: object = {}, where = room) => post(bo, where, { formAnswer: { seq, values }, ...more });
    await expect(answer({})).rejects.toMatchObject({
      code: 'malformed',
      message: 'The answer to "name" does not fit: required.',
    });
    await expect(answer({ name: 'Bo', ok: 'yes' })).rejects.toMatchObject({ code: 'malformed' });
    await expect(answer({ name: 'Bo', more: 1 })).rejects.toMatchObject({ code: 'malformed' });
    await expect(answer({ name: 'Bo', photo: anas.id })).rejects.toMatchObject({ code: 'not_found' });
    await expect(answer({ name: 'Bo' }, {}, other)).rejects.toMatchObject({ code: 'not_found' });
    const elsewhere = await post(bo, room, { text: 'a thread' });
    await expect(answer({ name: 'Bo' }, { threadSeq: elsewhere.seq })).rejects.toMatchObject({ code: 'not_found' });
    // In the thread that the form begins it may be answered.
    await answer({ name: 'Bo' }, { threadSeq: seq });
    await w.ctx.store.transaction(w.customerId, (tx) => tx.messages.delete(room, seq));
    await expect(answer({ name: 'Bo' })).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('a link for whoever has it', () => {
  test('leads to the file until its time is over', async () => {
    const made = await drive().make('offer.txt', bytes('offer'), 'text/plain');
    const fileId = made.file as FileId;
    const { path, untilMs } = await createShareLink(w.ctx, { customerId: w.customerId, fileId, untilMs: w.clock.now + 60_000 });
    expect(path).toMatch(/^\/api\/shared\/[A-Za-z0-9_-]{94}$/);
    const token = path.slice('/api/shared/'.length);
    expect(await openShareLink(w.ctx, token)).toMatchObject({ customerId: w.customerId, file: { id: fileId } });
    for (let at = 0; at < token.length; at += 7) {
      const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
      await expect(openShareLink(w.ctx, changed), changed).rejects.toMatchObject({ code: 'not_found' });
    }
    w.clock.now = untilMs;
    await expect(openShareLink(w.ctx, token)).rejects.toMatchObject({ code: 'not_found' });
    await expect(
      createShareLink(w.ctx, { customerId: w.customerId, fileId: uuidv7() as FileId, untilMs: Infinity }),
    ).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('the sweep', () => {
  test('takes what nobody holds, bytes and row, and leaves what a message or a path holds', async () => {
    // What earlier tests left goes first.
    w.clock.now += (limits.botFileUnusedDaysMax + 1) * 86_400_000;
    await sweepFiles(w.ctx, w.customerId);
    const room = await channel(bo.userId, desk.userId);
    const [sent, unsent] = [await upload(bo, 'sent.txt', 'sent'), await upload(bo, 'unsent.txt', 'unsent')];
    const placed = await drive().write('kept.txt', bytes('kept'));
    const loose = await drive().make('loose.txt', bytes('loose'), 'text/plain');
    const { seq } = await post(bo, room, { attachmentIds: [sent.id] });
    await sweepFiles(w.ctx, w.customerId);
    const before = await usage();
    const has = async (id: string) => (await w.ctx.objects.stat(`${w.customerId}/${id}` as never)) !== null;
    const state = async () => Promise.all([sent.id, unsent.id, placed.file, loose.file].map(has));
    expect(await state()).toEqual([true, true, true, true]);
    w.clock.now += (limits.fileUnusedHoursMax + 1) * 3_600_000;
    await sweepFiles(w.ctx, w.customerId);
    expect(await state()).toEqual([true, false, true, true]);
    expect(await usage()).toBe(before - 6);
    w.clock.now += limits.botFileUnusedDaysMax * 86_400_000;
    await w.ctx.store.transaction(w.customerId, (tx) => tx.messages.delete(room, seq));
    await sweepFiles(w.ctx, w.customerId);
    // Whoever was reading the deleted one has a moment to end.
    expect(await state()).toEqual([true, false, true, false]);
    w.clock.now += 3_600_000;
    await sweepFiles(w.ctx, w.customerId);
    expect(await state()).toEqual([false, false, true, false]);
    expect(text((await drive().read('kept.txt'))!.bytes)).toBe('kept');
  });

  test('does again what a crash cut short: bytes gone and the row still there, or a reservation without bytes', async () => {
    const file = await upload(bo, 'cut.txt', 'cut');
    await w.ctx.objects.delete(`${w.customerId}/${file.id}` as never);
    const reserved = uuidv7() as FileId;
    await w.ctx.store.transaction(w.customerId, (tx) =>
      tx.files.reserve(
        { id: reserved, ownerId: bo.userId, botId: null, size: 1_000, leavingAt: w.clock.now + 1 },
        limits.filesBytesPerCustomerMax,
      ),
    );
    w.clock.now += (limits.fileUnusedHoursMax + 1) * 3_600_000;
    const gone = await sweepFiles(w.ctx, w.customerId);
    expect(gone).toBeGreaterThanOrEqual(2);
    const left = await w.ctx.store.read(w.customerId, (tx) => tx.files.leaving(Number.MAX_SAFE_INTEGER / 2_000, 1_000));
    expect(left).not.toContain(file.id);
    expect(left).not.toContain(reserved);
  });

  test('an upload that fails in the middle takes no room', async () => {
    await sweepFiles(w.ctx, w.customerId);
    const before = await usage();
    async function* broken() {
      yield bytes('half');
      throw new RangeError('the sender left');
    }
    await expect(uploadFile(w.ctx, bo, { name: 'x', type: undefined, size: undefined, body: broken() })).rejects.toThrow(
      'the sender left',
    );
    w.clock.now += 3_600_000;
    await sweepFiles(w.ctx, w.customerId);
    expect(await usage()).toBe(before);
  });
});
