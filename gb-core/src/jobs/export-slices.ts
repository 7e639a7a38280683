import type { Channel, ChannelId, LogEvent, Message, User, UserId } from 'gb-protocol';
import { assert } from 'gb-utils';
import type { Actor, Context } from '../context.ts';
import { canSee } from '../policies/channel.ts';
import type { ExportEntryRow, ExportRow, ExportState, Tx } from '../ports/index.ts';
import { indexHtml, messageHtml, pageEnd, pageName, pageStart } from './export-html.ts';
import { packPiece, withPiece } from './export-zip.ts';

/** What one step adds to an export. */
export interface Slice {
  readonly state: ExportState;
  readonly written: number;
  readonly total: number;
  readonly entries: readonly ExportEntryRow[];
  readonly pieces: readonly { readonly part: number; readonly bytes: Uint8Array }[];
}

/** A slice has at most so many pieces; their numbers are made of the revision of the row that they were written for. */
export const partsPerSlice = 8;
/** Entries of a log that are read at a time, and what ends a slice: so many entries, or characters of messages. */
const eventsMax = 200;
const sliceEventsMax = 20_000;
const sliceLengthMax = 1_000_000;
const pageMessagesMax = 2_000;
/** The version of what docs/api/exports.md says of the files. */
const version = 1;

/** The first slice: what the export is of, and who and which channels are in it. */
export async function beginExport(ctx: Context, actor: Actor, row: ExportRow): Promise<Slice> {
  const { locale } = row.state;
  const found = await ctx.store.read(actor.customerId, async (tx) => {
    const channels = row.channelId === null ? await channelsOf(tx, actor) : await oneChannel(tx, row.channelId);
    const positions = await tx.log.positions(channels.map(({ id }) => id));
    const all = await tx.users.list();
    const members = row.channelId === null ? null : new Set(await tx.channels.memberIds(row.channelId));
    const people = members ? all.filter(({ id }) => members.has(id)) : all;
    const titles = new Map<ChannelId, string>();
    for (const channel of channels) titles.set(channel.id, await titleOf(tx, channel, all));
    return { channels, positions, people, titles, instance: await tx.instance.get() };
  });
  const named = found.channels.map((channel) => ({
    channel,
    folder: folderOf(channel),
    title: found.titles.get(channel.id) ?? channel.id,
  }));
  const about = {
    version,
    workspace: { id: actor.customerId, name: found.instance.organizationName },
    channelId: row.channelId,
    exportedBy: actor.userId,
    exportedAt: new Date(row.createdAt).toISOString(),
  };
  const title = row.channelId === null ? found.instance.organizationName : (named[0]?.title ?? '');
  const writing = new Writing(row);
  await writing.add(0, 'about.json', `${JSON.stringify(about, null, 2)}\n`);
  await writing.add(1, 'people.jsonl', lines(found.people.map(person)));
  await writing.add(2, 'channels.jsonl', lines(named.map(({ channel, folder, title }) => ({ ...channel, title, folder }))));
  await writing.add(3, 'index.html', indexHtml(locale, { title, atMs: row.createdAt, channels: named }));
  const total = found.positions.reduce((sum, { seq }) => sum + seq, 0);
  const state = { ...row.state, channels: found.channels.map(({ id }) => id), afterSeq: 0, page: 0, onPage: 0, entries: 4 };
  return writing.end(state, { written: 0, total });
}

/** The next entries of the log of the channel that is being written. One that may not be seen any more ends here. */
export async function writeSlice(ctx: Context, actor: Actor, row: ExportRow): Promise<Slice> {
  const { state } = row;
  const channelId = state.channels?.[0];
  assert(channelId !== undefined, 'a slice is of a channel');
  const { byId } = await ctx.directory.get(actor.customerId);
  const read = await ctx.store.read(actor.customerId, async (tx) => {
    const access = await tx.channels.access(channelId, actor.userId);
    if (!canSee(actor, access)) return null;
    return {
      channel: access.channel,
      title: await titleOf(tx, access.channel, [...byId.values()]),
      ...(await readEvents(tx, channelId, state.afterSeq, pageMessagesMax - state.onPage)),
      ...(await entriesBefore(tx, row)),
    };
  });
  const writing = new Writing(row);
  const rest = { channels: state.channels?.slice(1) ?? [], afterSeq: 0, page: 0, onPage: 0 };
  if (read === null)
    return writing.end({ ...state, ...rest, entries: state.entries + (state.page === 0 ? 0 : 2 + state.page) }, row);
  const { channel, messages, isOver, lastSeq } = read;
  const folder = folderOf(channel);
  const { locale } = state;
  const page = Math.max(1, state.page);
  const onPage = state.onPage + messages.length;
  const endsPage = isOver || onPage >= pageMessagesMax;
  const base = state.entries;
  const files = messages.flatMap((message) =>
    (message.attachments ?? []).map((file) => ({ ...file, seq: message.seq, at: message.at })),
  );
  const html = [
    read.pageEntry === null ? pageStart(locale, read.title, page) : '',
    ...messages.map((message) => messageHtml(locale, message, byId.get(message.authorId))),
    endsPage ? pageEnd(locale, page, isOver) : '',
  ];
  await writing.add(base, `${folder}/messages.jsonl`, lines(messages.map((message) => line(message, byId))), read.messageEntry);
  await writing.add(base + 1, `${folder}/files.jsonl`, lines(files), read.fileEntry);
  await writing.add(base + 1 + page, `${folder}/${pageName(page)}`, html.join(''), read.pageEntry);
  const written = row.written + lastSeq - state.afterSeq;
  // Entries that came since it began.
  const total = Math.max(row.total, written);
  if (isOver) return writing.end({ ...state, ...rest, entries: base + 2 + page }, { written, total });
  const next = endsPage ? { page: page + 1, onPage: 0 } : { page, onPage };
  return writing.end({ ...state, ...next, afterSeq: lastSeq }, { written, total });
}

/** Public channels, and those that this person is in: an export is no way into what its owner may not read. */
async function channelsOf(tx: Tx, actor: Actor): Promise<readonly Channel[]> {
  const own = (await tx.channels.statesOf(actor.userId)).map(({ channel }) => channel);
  const open = (await tx.channels.browse(actor.userId)).map(({ channel }) => channel);
  const all = new Map([...own, ...open].map((channel) => [channel.id, channel]));
  return [...all.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

async function oneChannel(tx: Tx, id: ChannelId): Promise<readonly Channel[]> {
  const channel = await tx.channels.get(id);
  return channel ? [channel] : [];
}

async function titleOf(tx: Tx, channel: Channel, people: readonly User[]): Promise<string> {
  if (channel.name !== '') return `#${channel.name}`;
  const members = new Set<UserId>(await tx.channels.memberIds(channel.id));
  return people
    .filter(({ id }) => members.has(id))
    .map(({ name }) => name)
    .join(', ');
}

async function readEvents(
  tx: Tx,
  channelId: ChannelId,
  afterSeq: number,
  messagesMax: number,
): Promise<{ messages: readonly Message[]; lastSeq: number; isOver: boolean }> {
  const head = (await tx.log.position(channelId))?.seq ?? 0;
  const messages: Message[] = [];
  let lastSeq = afterSeq;
  let length = 0;
  while (lastSeq < head && lastSeq - afterSeq < sliceEventsMax && messages.length < messagesMax && length < sliceLengthMax) {
    const events: readonly LogEvent[] = await tx.log.read(channelId, lastSeq, Math.min(eventsMax, messagesMax - messages.length));
    if (events.length === 0) break;
    for (const event of events) {
      if (event.kind !== 'message.posted') continue;
      messages.push(event.message);
      length += JSON.stringify(event.message).length;
    }
    lastSeq = events.at(-1)!.seq;
  }
  return { messages, lastSeq, isOver: lastSeq >= head };
}

async function entriesBefore(tx: Tx, { id, state }: ExportRow) {
  if (state.afterSeq === 0) return { messageEntry: null, fileEntry: null, pageEntry: null };
  return {
    messageEntry: await tx.exports.entry(id, state.entries),
    fileEntry: await tx.exports.entry(id, state.entries + 1),
    pageEntry: await tx.exports.entry(id, state.entries + 1 + Math.max(1, state.page)),
  };
}

/** A message as a line: with its author's name, since people go and their ids say nothing. */
function line(message: Message, byId: ReadonlyMap<UserId, User>) {
  const { channelId: _channelId, clientId: _clientId, ...rest } = message;
  const author = byId.get(message.authorId);
  return { ...rest, ...(author ? { author: { name: author.name, handle: author.handle, kind: author.kind } } : {}) };
}

const person = ({ id, kind, name, handle, role, isActive }: User) => ({ id, kind, name, handle, role, isActive });

const lines = (values: readonly unknown[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join('');

/** A name that every file system takes, and the id, because two may differ only in what was left out. */
function folderOf({ id, name }: Channel): string {
  const plain = name
    .normalize('NFKD')
    .replace(/[^a-zA-Z0-9_-]+/g, '')
    .slice(0, 60);
  return `channels/${plain === '' ? 'conversation' : plain}-${id.slice(-12)}`;
}

class Writing {
  readonly #row: ExportRow;
  readonly #entries: ExportEntryRow[] = [];
  readonly #pieces: { part: number; bytes: Uint8Array }[] = [];

  constructor(row: ExportRow) {
    this.#row = row;
  }

  /** Behind what the entry has; `before` is null where it begins. */
  async add(number: number, name: string, text: string, before: ExportEntryRow | null = null): Promise<void> {
    const entry = before ?? { number, name, crc: 0, size: 0, packed: 0, parts: [] };
    if (text === '') {
      this.#entries.push(entry);
      return;
    }
    assert(this.#pieces.length < partsPerSlice, 'a slice has few pieces');
    const part = this.#row.revision * partsPerSlice + this.#pieces.length;
    const bytes = await packPiece(text);
    this.#pieces.push({ part, bytes });
    this.#entries.push(withPiece(entry, text, bytes, part));
  }

  end(state: ExportState, { written, total }: { written: number; total: number }): Slice {
    const packed = state.packed + this.#pieces.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
    const parts = state.parts + this.#pieces.length;
    return { state: { ...state, packed, parts }, written, total, entries: this.#entries, pieces: this.#pieces };
  }
}
