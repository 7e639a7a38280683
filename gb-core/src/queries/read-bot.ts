import {
  type BotConversation,
  type BotConversationPage,
  type BotId,
  type BotLogPage,
  type ConversationId,
  limits,
} from 'gb-protocol';
import { isUuid } from 'gb-utils';
import { shownWakeAt } from '../bots/at-once.ts';
import { snapshotHeadBytes, WaitingPlaces } from '../bots/waiting-for.ts';
import { requireManaged } from '../commands/bots.ts';
import type { Actor, Context } from '../context.ts';
import { fail, notFound } from '../fail.ts';
import { requireFullMember } from '../policies/role.ts';
import type { ConversationCursor, ConversationSummary, FileRow, Tx } from '../ports/index.ts';

/** Programs of one page whose debug maps are read: each may be megabytes, and most pages are of one or two versions. */
const programsReadMax = 8;
const logoTypes = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);
/** The end of the year 9999: later times are written in a way the database does not read. */
const timeMax = 253_402_300_799_999;

/** What happened to a bot, for those who may publish it. */
export async function readBotLog(
  ctx: Context,
  actor: Actor,
  botId: BotId,
  query: { before?: number; limit?: number },
): Promise<BotLogPage> {
  requireFullMember(actor);
  return ctx.store.read(actor.customerId, async (tx) => {
    await requireManaged(tx, botId);
    return tx.botLog.page(botId, { ...query, limit: query.limit ?? limits.pageSizeDefault });
  });
}

/**
 * Who talks to a bot and where each of them stands, for those who may publish it. Channels are told by their ids and
 * kinds: the names of those somebody does not see stay hidden.
 */
export async function readBotConversations(
  ctx: Context,
  actor: Actor,
  botId: BotId,
  query: { before?: string; limit?: number; kind?: BotConversation['kind']; status?: BotConversation['status'] },
): Promise<BotConversationPage> {
  requireFullMember(actor);
  const before = query.before === undefined ? undefined : readCursor(query.before);
  const limit = query.limit ?? limits.pageSizeDefault;
  return ctx.store.read(actor.customerId, async (tx) => {
    await requireManaged(tx, botId);
    const page = await tx.conversations.page(botId, {
      ...(before ? { before } : {}),
      ...(query.kind ? { kind: query.kind } : {}),
      ...(query.status ? { status: query.status } : {}),
      limit,
      snapshotHeadBytes,
    });
    const last = page.conversations.at(-1);
    return {
      conversations: await presentConversations(tx, botId, page.conversations, ctx.clock.nowMs()),
      next: page.hasMore && last ? `${last.updatedAt}.${last.id}` : null,
    };
  });
}

/** As lists show them, with the places they wait at and the names of contacts, who are in no list of people. */
export async function presentConversations(
  tx: Tx,
  botId: BotId,
  rows: readonly ConversationSummary[],
  nowMs: number,
): Promise<readonly BotConversation[]> {
  const published = await tx.bots.published(botId);
  const current = new Set([published?.hash, ...Object.values(published?.about?.manifest.entries ?? {})]);
  const places = await placesOf(tx, rows);
  const contacts = await tx.botContacts.many([...new Set(rows.map(({ userId }) => userId))]);
  return rows.map((row) => {
    const { snapshotHead, turn, threadSeq, waitsFor: _waitsFor, ...rest } = row;
    const isWaiting = row.status === 'waiting' && snapshotHead !== null;
    const contact = contacts.get(row.userId);
    return {
      ...rest,
      wakeAt: shownWakeAt(row.wakeAt, nowMs),
      threadSeq: threadSeq === 0 ? null : threadSeq,
      waitsFor: isWaiting ? (places.get(row.programHash)?.of(snapshotHead) ?? null) : null,
      isCurrent: current.has(row.programHash),
      turns: turn,
      ...(contact ? { contact: { id: contact.key, name: contact.name } } : {}),
    };
  });
}

async function placesOf(tx: Tx, rows: readonly ConversationSummary[]): Promise<ReadonlyMap<string, WaitingPlaces>> {
  const hashes = new Set(rows.filter(({ status }) => status === 'waiting').map(({ programHash }) => programHash));
  const places = new Map<string, WaitingPlaces>();
  for (const hash of [...hashes].slice(0, programsReadMax)) {
    const program = await tx.bots.program(hash);
    if (program) places.set(hash, new WaitingPlaces(program.debugMap));
  }
  return places;
}

/**
 * The picture of a bot, for everybody of the workspace: whoever sees the bot sees what it looks like. It is that of the
 * published version's theme, as the file is now.
 */
export async function readBotLogo(ctx: Context, actor: Actor, botId: BotId): Promise<FileRow> {
  const found = await ctx.store.read(actor.customerId, async (tx) => {
    const theme = isUuid(botId) ? (await tx.bots.get(botId))?.theme : undefined;
    return theme?.logo === undefined ? null : tx.files.byPath({ botId, folder: 'theme', path: theme.logo });
  });
  // What only calls itself a picture is none.
  if (!found || !logoTypes.has(found.type)) throw notFound('logo');
  return found;
}

function readCursor(text: string): ConversationCursor {
  const [ms, id = ''] = text.split('.');
  const updatedAt = Number(ms);
  if (!/^\d{1,15}$/.test(ms ?? '') || updatedAt > timeMax || !isUuid(id))
    throw fail('malformed', '`before` is the `next` of a page.');
  return { updatedAt, id: id as ConversationId };
}
