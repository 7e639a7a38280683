import type { BotId, BotSchedule, ConversationId, Locale } from 'gb-protocol';
import { isUuid, uuidv7 } from 'gb-utils';
import type { Actor, Context } from '../context.ts';
import { notFound } from '../fail.ts';
import { requireFullMember } from '../policies/role.ts';
import type { ScheduleRow, ScheduleRule, Tx } from '../ports/index.ts';
import { beginRun } from './bot-runs.ts';
import { requireManaged } from './bots.ts';

/** When a bot's scripts run by the clock, in the words of whoever asks. */
export async function listBotSchedules(ctx: Context, actor: Actor, botId: BotId): Promise<readonly BotSchedule[]> {
  requireFullMember(actor);
  return ctx.store.read(actor.customerId, async (tx) => {
    await requireManaged(tx, botId);
    const locale = (await tx.users.get(actor.userId))?.locale ?? 'en';
    return (await tx.schedules.list(botId)).map((row) => present(ctx, row, locale));
  });
}

/** It does not come until it is resumed; publishing again leaves it so. */
export function pauseBotSchedule(ctx: Context, actor: Actor, botId: BotId, id: string): Promise<BotSchedule> {
  return change(ctx, actor, botId, id, 'bot.schedule_paused', (row) => ({ ...row, wakeAt: null }));
}

/** It comes again from its next time on; times that passed meanwhile are over. */
export function resumeBotSchedule(ctx: Context, actor: Actor, botId: BotId, id: string): Promise<BotSchedule> {
  return change(ctx, actor, botId, id, 'bot.schedule_resumed', (row) => ({ ...row, wakeAt: row.wakeAt ?? nextOf(ctx, row) }));
}

/** Its script runs once now, and its next time stays. */
export async function runBotSchedule(ctx: Context, actor: Actor, botId: BotId, id: string): Promise<ConversationId> {
  requireFullMember(actor);
  const row = await ctx.store.transaction(actor.customerId, async (tx) => {
    const found = await requireSchedule(tx, botId, id);
    await tx.schedules.put({ ...found, lastAt: ctx.clock.nowMs() });
    await tx.audit.write({ actorId: actor.userId, action: 'bot.schedule_run', target: id, facts: { botId } });
    return found;
  });
  return beginRun(ctx, actor.customerId, {
    botId,
    script: row.script,
    params: row.params,
    cause: 'schedule',
    key: `schedule:${id}:now:${uuidv7(ctx.clock.nowMs())}`,
  });
}

async function change(
  ctx: Context,
  actor: Actor,
  botId: BotId,
  id: string,
  action: string,
  work: (row: ScheduleRow) => ScheduleRow,
): Promise<BotSchedule> {
  requireFullMember(actor);
  const schedule = await ctx.store.transaction(actor.customerId, async (tx) => {
    const row = work(await requireSchedule(tx, botId, id));
    await tx.schedules.put(row);
    await tx.audit.write({ actorId: actor.userId, action, target: id, facts: { botId } });
    return present(ctx, row, (await tx.users.get(actor.userId))?.locale ?? 'en');
  });
  if (schedule.wakeAt !== null) ctx.bus.signal({ type: 'due', customerId: actor.customerId, atMs: schedule.wakeAt });
  return schedule;
}

async function requireSchedule(tx: Tx, botId: BotId, id: string): Promise<ScheduleRow> {
  await requireManaged(tx, botId);
  const row = isUuid(id) ? await tx.schedules.get(id) : null;
  if (row?.botId !== botId) throw notFound('schedule');
  return row;
}

function nextOf(ctx: Context, { rule, timeZone }: ScheduleRow): number | null {
  return ctx.calendar.next(rule as unknown as ScheduleRule, ctx.clock.nowMs(), timeZone);
}

function present(ctx: Context, row: ScheduleRow, locale: Locale): BotSchedule {
  const { id, script, text, label, origin, timeZone, wakeAt, lastAt } = row;
  return {
    id,
    script,
    text,
    label,
    says: ctx.calendar.describe(row.rule as unknown as ScheduleRule, locale),
    origin,
    timeZone,
    wakeAt,
    lastAt,
    // One that has a next time and is not to come at it was paused; one that has none is over.
    isPaused: wakeAt === null && nextOf(ctx, row) !== null,
  };
}
