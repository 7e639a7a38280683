import {
  type BotConversationDetail,
  type BotConversationEdit,
  type BotId,
  type BotProgram,
  type BotTurn,
  type BotTurnDetail,
  type BotTurnPage,
  type ConversationId,
  type JsonObject,
  type JsonValue,
  limits,
} from 'gb-protocol';
import { snapshotHeadBytes } from '../bots/waiting-for.ts';
import { requireConversation } from '../commands/bot-conversations.ts';
import type { Actor, Context } from '../context.ts';
import { fail, notFound } from '../fail.ts';
import { isAdmin, requireFullMember } from '../policies/role.ts';
import type { ConversationEdit, ConversationRow, JournalEntry, Tx } from '../ports/index.ts';
import { presentConversations } from './read-bot.ts';

/**
 * What was said in a conversation with a bot, and what its program remembers of it. Whoever manages the bot sees that
 * there is such a conversation; what is in it is for the person themself and for administrators, and for nobody else: a
 * direct channel with a bot is a direct channel. Runs, which nobody talks to, are for everybody who manages the bot.
 */
export async function requireContents(tx: Tx, actor: Actor, botId: BotId, id: ConversationId): Promise<ConversationRow> {
  requireFullMember(actor);
  const row = await requireConversation(tx, botId, id);
  const isOpen = row.kind === 'run' && row.userId === (await tx.bots.get(botId))?.userId;
  if (!isOpen && row.userId !== actor.userId && !isAdmin(actor))
    throw fail('forbidden', 'What somebody said to a bot is for them and for administrators.');
  return row;
}

/** Where one conversation stands, with its snapshot and, when asked for, its program. */
export async function readBotConversation(
  ctx: Context,
  actor: Actor,
  botId: BotId,
  id: ConversationId,
  { withProgram }: { readonly withProgram: boolean },
): Promise<BotConversationDetail> {
  return ctx.store.read(actor.customerId, async (tx) => {
    const row = await requireContents(tx, actor, botId, id);
    const summary = await tx.conversations.summary(botId, id, snapshotHeadBytes);
    if (!summary) throw notFound('conversation');
    const [conversation] = await presentConversations(tx, botId, [summary], ctx.clock.nowMs());
    return {
      conversation: conversation!,
      revision: row.revision,
      snapshot: base64(row.snapshot),
      request: row.request as BotConversationDetail['request'],
      result: row.result as JsonValue,
      state: row.state as JsonObject,
      inbox: row.inbox.map(({ text }) => text),
      program: withProgram ? await programOf(tx, botId, row.programHash) : null,
    };
  });
}

/** The journal: what came into each turn and what came out, newest last. */
export async function readBotTurns(
  ctx: Context,
  actor: Actor,
  botId: BotId,
  id: ConversationId,
  { before, limit = limits.pageSizeDefault }: { readonly before?: number; readonly limit?: number },
): Promise<BotTurnPage> {
  return ctx.store.read(actor.customerId, async (tx) => {
    await requireContents(tx, actor, botId, id);
    const page = await tx.journal.page(id, { ...(before === undefined ? {} : { before }), limit });
    const from = page.turns[0]?.turn ?? 0;
    const edits = await tx.journal.edits(id, { from, ...(before === undefined ? {} : { before }) });
    return { turns: page.turns.map(present), hasOlder: page.hasOlder, edits: edits.map(presentEdit) };
  });
}

/** One turn with all that is needed to run it again, and get the same. */
export async function readBotTurn(
  ctx: Context,
  actor: Actor,
  place: { readonly botId: BotId; readonly conversationId: ConversationId; readonly turn: number },
  { withProgram }: { readonly withProgram: boolean },
): Promise<BotTurnDetail> {
  const { botId, conversationId, turn } = place;
  return ctx.store.read(actor.customerId, async (tx) => {
    await requireContents(tx, actor, botId, conversationId);
    const entry = await tx.journal.get(conversationId, turn);
    if (!entry) throw notFound('turn');
    return {
      turn: present(entry),
      snapshot: base64(entry.snapshot),
      program: withProgram ? await programOf(tx, botId, entry.programHash) : null,
    };
  });
}

async function programOf(tx: Tx, botId: BotId, hash: string): Promise<BotProgram | null> {
  const program = await tx.bots.program(hash);
  if (!program) return null;
  const version = await tx.bots.versionOf(botId, hash);
  const files = version === null ? null : await tx.bots.versionFiles(botId, version);
  return { hash, debugMap: program.debugMap, wasm: base64(program.wasm)!, files: files ?? [] };
}

function present({ turn, at, cause, programHash, fuel, input, output }: Omit<JournalEntry, 'snapshot'>): BotTurn {
  return { turn, at, cause, programHash, fuel, input: input as unknown as BotTurn['input'], output };
}

function presentEdit({ id, turn, at, userId, changes }: ConversationEdit): BotConversationEdit {
  return { id, turn, at, userId, changes };
}

function base64(bytes: Uint8Array | null): string | null {
  return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
