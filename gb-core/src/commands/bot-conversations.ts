import { type BotId, type ConversationId, type Locale, limits, type MigrateConversations, type Migrated } from 'gb-protocol';
import { GbError, isUuid } from 'gb-utils';
import { endBranch } from '../bots/branches.ts';
import { unparked } from '../bots/parking.ts';
import { calledBy, programOf } from '../bots/runs.ts';
import { Superseded } from '../bots/superseded.ts';
import { announce } from '../bots/turn-runner.ts';
import type { Actor, Context } from '../context.ts';
import { fail, notFound } from '../fail.ts';
import { requireFullMember } from '../policies/role.ts';
import type { CompiledProgram, ConversationRow, SnapshotMigrator, Tx } from '../ports/index.ts';
import { requireManaged } from './bots.ts';

/** How often a change is made anew because the conversation went on meanwhile. */
const attemptsMax = 5;

/** Lets a parked conversation go on where it stood: what failed is tried again, with all that was said to it meanwhile. */
export async function retryBotConversation(ctx: Context, actor: Actor, botId: BotId, id: ConversationId): Promise<void> {
  const nowMs = ctx.clock.nowMs();
  await change(ctx, actor, botId, id, 'bot.conversation_retried', async (_tx, row) => {
    if (row.status !== 'parked') throw fail('forbidden', 'Only a parked conversation is tried again.');
    return unparked(row, nowMs);
  });
  ctx.bus.signal({ type: 'due', customerId: actor.customerId, atMs: nowMs });
}

/**
 * Ends a conversation where it stands, with the scripts it called and waits for: nobody would answer them any more.
 * Whoever waits for it, when it is a run, goes on with an error.
 */
export async function endBotConversation(ctx: Context, actor: Actor, botId: BotId, id: ConversationId): Promise<void> {
  const nowMs = ctx.clock.nowMs();
  await change(ctx, actor, botId, id, 'bot.conversation_ended', async (tx, row) => {
    if (row.status === 'finished' || row.status === 'failed') return null;
    const result = { error: 'The run was ended by somebody who manages the bot.' };
    for (let called = await calledBy(tx, row); called; called = await calledBy(tx, called))
      if (!(await tx.conversations.save({ ...ended(called), status: 'failed', result }, called))) throw new Superseded();
    if (row.kind === 'dialog') return { ...ended(row), status: 'finished', result: null };
    if (!(await endBranch(tx, row, nowMs))) throw new Superseded();
    await announce(tx, `run:${row.id}`, result, nowMs, { heard: row.inbox });
    return { ...ended(row), status: 'failed', result };
  });
  const { customerId } = actor;
  ctx.bus.signal({ type: 'run.ended', customerId, runId: id });
  ctx.bus.signal({ type: 'due', customerId, atMs: nowMs });
}

function ended(row: ConversationRow): ConversationRow {
  const { parked: _, ...state } = row.state;
  return { ...row, state, snapshot: null, request: null, wakeAt: null, waitsFor: null, inbox: [] };
}

async function change(
  ctx: Context,
  actor: Actor,
  botId: BotId,
  id: ConversationId,
  action: string,
  work: (tx: Tx, row: ConversationRow) => Promise<ConversationRow | null>,
): Promise<void> {
  requireFullMember(actor);
  await again(() =>
    ctx.store.transaction(actor.customerId, async (tx) => {
      const row = await requireConversation(tx, botId, id);
      const next = await work(tx, row);
      if (next === null) return;
      if (!(await tx.conversations.save(next, row))) throw new Superseded();
      await tx.audit.write({ actorId: actor.userId, action, target: id, facts: { botId } });
    }),
  );
}

/** A conversation of a bot that people here manage. */
export async function requireConversation(tx: Tx, botId: BotId, id: ConversationId): Promise<ConversationRow> {
  await requireManaged(tx, botId);
  const row = isUuid(id) ? await tx.conversations.get(id) : null;
  if (row?.botId !== botId) throw notFound('conversation');
  return row;
}

async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Superseded)) throw error;
      if (attempt >= attemptsMax)
        throw new GbError('overloaded', 'The conversation keeps changing.', { retryable: true, cause: error });
    }
  }
}

/**
 * Lets conversations that wait in an older version go on in the published one: those named, or all there are, at most
 * `migratedAtOnceMax` in one call. One that cannot be carried over faithfully stays where it is, and the reason is told.
 * One that goes on by itself meanwhile is left alone and comes with the next call.
 */
export async function migrateBotConversations(
  ctx: Context,
  actor: Actor,
  botId: BotId,
  { conversationIds, after }: MigrateConversations,
): Promise<Migrated> {
  requireFullMember(actor);
  const { migrator } = ctx;
  if (!migrator) throw fail('unavailable', 'This server takes no conversations over to other versions.');
  const { entries, start, outdated, locale } = await ctx.store.read(actor.customerId, async (tx) => {
    await requireManaged(tx, botId);
    const published = await tx.bots.published(botId);
    if (!published) throw fail('forbidden', 'Publish the bot first.');
    const manifest = published.about?.manifest;
    const current = [...new Set([published.hash, ...Object.values(manifest?.entries ?? {})])];
    return {
      entries: manifest?.entries,
      start: published.hash,
      outdated: await tx.conversations.outdated(botId, {
        current,
        limit: limits.migratedAtOnceMax + 1,
        ...(conversationIds ? { ids: conversationIds } : {}),
        ...(after ? { after } : {}),
      }),
      locale: (await tx.users.get(actor.userId))?.locale ?? 'en',
    };
  });
  const programs = new Map<string, CompiledProgram | null>();
  const refused: { conversationId: ConversationId; reason: string }[] = [];
  let migrated = 0;
  const now = outdated.slice(0, limits.migratedAtOnceMax);
  for (const { id, script, programHash } of now) {
    const toHash = programOf(entries, script, start);
    const [from, to] = [await program(programHash), toHash === null ? null : await program(toHash)];
    const reason = from && to ? await migrateOne(ctx, actor, id, { from, to, migrator, locale }) : gone(script, locale);
    if (reason === null) migrated += 1;
    else refused.push({ conversationId: id, reason });
    // Each takes a moment of this thread: others get theirs in between.
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (migrated > 0)
    await ctx.store.transaction(actor.customerId, (tx) =>
      tx.audit.write({ actorId: actor.userId, action: 'bot.conversations_migrated', target: botId, facts: { migrated } }),
    );
  return { migrated, refused, next: outdated.length > now.length ? now.at(-1)!.id : null };

  async function program(hash: string): Promise<CompiledProgram | null> {
    if (!programs.has(hash)) programs.set(hash, await ctx.store.read(actor.customerId, (tx) => tx.bots.program(hash)));
    return programs.get(hash)!;
  }
}

/** null when it was done. */
async function migrateOne(
  ctx: Context,
  actor: Actor,
  id: ConversationId,
  { from, to, migrator, locale }: { from: CompiledProgram; to: CompiledProgram; migrator: SnapshotMigrator; locale: Locale },
): Promise<string | null> {
  const row = await ctx.store.read(actor.customerId, (tx) => tx.conversations.get(id));
  if (!row?.snapshot || row.programHash !== from.hash) return moved[locale];
  const snapshot = migrator.migrate(row.snapshot, from, to);
  if (!(snapshot instanceof Uint8Array)) return locale === 'pt-BR' ? snapshot.reason.pt : snapshot.reason.en;
  const next = { ...row, snapshot, programHash: to.hash };
  const isSaved = await ctx.store.transaction(actor.customerId, (tx) => tx.conversations.save(next, row));
  return isSaved ? null : moved[locale];
}

const moved: Readonly<Record<Locale, string>> = {
  en: 'it went on meanwhile; try again',
  'pt-BR': 'ela continuou nesse meio tempo; tente de novo',
};

function gone(script: string, locale: Locale): string {
  return locale === 'pt-BR' ? `o roteiro ${script} não existe mais` : `the script ${script} is gone`;
}
