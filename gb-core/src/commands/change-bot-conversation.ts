import {
  type BotId,
  type ChangeConversation,
  type ConversationChanged,
  type ConversationId,
  hiddenText,
  limits,
} from 'gb-protocol';
import { isNestedDeeper, RateLimiter, uuidv7 } from 'gb-utils';
import { botLine } from '../bots/log-lines.ts';
import { planOf } from '../bots/plans.ts';
import type { Actor, Context } from '../context.ts';
import { fail } from '../fail.ts';
import type { ConversationRow } from '../ports/index.ts';
import { requireContents } from '../queries/read-bot-turns.ts';

/** Where a conversation stands still, with variables to be changed. */
const standing: readonly ConversationRow['status'][] = ['waiting', 'asking', 'handed', 'parked'];

/** Changes by one person: each looks through what may be a megabyte, in the thread that serves everybody. */
const pace = new RateLimiter({ burst: 250, perSecond: 5 });

/**
 * Changes variables of a conversation while it waits: all of them, or none. Whoever may see what is in it may change it,
 * and it is told: in the journal, with what was there before, and in the bot's log, by name only. Fails with `moved_on`
 * when it is not as it was read, or is just about to go on; with `malformed` when a value does not fit.
 */
export async function changeBotConversation(
  ctx: Context,
  actor: Actor,
  place: { readonly botId: BotId; readonly conversationId: ConversationId },
  { revision, changes }: ChangeConversation,
): Promise<ConversationChanged> {
  const { botId, conversationId: id } = place;
  const { editor } = ctx;
  if (!editor) throw fail('unavailable', 'This server changes no conversations.');
  if (changes.some(({ value }) => isNestedDeeper(value, limits.valueLevelsMax)))
    throw fail('malformed', 'A value is nested too deeply.');
  const nowMs = ctx.clock.nowMs();
  const waitMs = pace.take(`${actor.customerId}:${actor.userId}`, nowMs, changes.length);
  if (waitMs > 0) throw fail('rate_limited', 'Too many changes. Wait a moment.', { retryAfterMs: waitMs });
  const { row, snapshot, program, plan, me } = await ctx.store.read(actor.customerId, async (tx) => {
    const row = await requireContents(tx, actor, botId, id);
    const snapshot = requireStanding(row, revision, nowMs);
    const program = await tx.bots.program(row.programHash);
    const { tier, callsMax } = await tx.instance.get();
    return { row, snapshot, program, plan: planOf(tier, callsMax), me: await tx.users.get(actor.userId) };
  });
  if (!program) throw fail('unavailable', 'The program of this conversation is not there.');
  const { snapshotBytesMax } = plan.turn;
  const made = editor.change(snapshot, program, changes, { locale: me?.locale ?? 'en', snapshotBytesMax });
  if ('problem' in made) throw fail('malformed', made.problem);
  const { changed } = made;
  await ctx.store.transaction(actor.customerId, async (tx) => {
    // A turn that is being run meanwhile is either stored before, or is run again with what was changed.
    if (!(await tx.conversations.save({ ...row, snapshot: made.snapshot }, row))) throw movedOn();
    // Of one that heard a password, as of its turns, only that something was changed.
    const kept = row.state.secret?.heard
      ? changed.map(({ target }) => ({ target, before: hiddenText, after: hiddenText }))
      : changed;
    const edit = { conversationId: id, botId, turn: row.turn, at: nowMs, userId: actor.userId, changes: kept };
    await tx.journal.writeEdit({ ...edit, id: uuidv7(nowMs) });
    await tx.audit.write({ actorId: actor.userId, action: 'bot.conversation_changed', target: id, facts: { botId } });
    const version = await tx.bots.versionOf(botId, row.programHash);
    const names = changed.map(({ target }) => target).join(', ');
    const message = `${me?.name ?? 'Somebody'} changed a conversation by hand: ${names}`;
    const about = { version, conversationId: id, userId: actor.userId };
    await tx.botLog.write(botId, botLine('info', 'variable_changed', message, about));
  });
  return { revision: row.revision + 1, changes: changed };
}

/** Gives its snapshot. */
function requireStanding(row: ConversationRow, revision: number, nowMs: number): Uint8Array {
  if (row.revision !== revision) throw movedOn();
  if (!standing.includes(row.status) || row.snapshot === null)
    throw fail('forbidden', 'Only in a conversation that waits variables can be changed.');
  if (row.wakeAt !== null && row.wakeAt <= nowMs) throw fail('moved_on', 'The conversation is just going on; look at it again.');
  return row.snapshot;
}

function movedOn() {
  return fail('moved_on', 'The conversation has gone on since; look at it again.');
}
