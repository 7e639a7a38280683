import type { BotId, ChannelId, CustomerId, Locale, Seq, UserId } from 'gb-protocol';
import { uuidFromText } from 'gb-utils';
import type { Context } from '../context.ts';
import { fail } from '../fail.ts';
import type { BotManifest, Calendar, NewRun, PlainValue, ScheduleRow, ScheduleRule, Tx } from '../ports/index.ts';
import { botLine } from './log-lines.ts';
import { newRunRow } from './runs.ts';

/** Schedules that programs asked for, of one bot; those a version declares are bounded with its scripts. */
const askedMax = 200;

/**
 * Starts the script of a schedule whose time has come, and sets its next time, in one transaction: however often this is
 * called for one time, one run begins. Times that passed while nobody was there are one run, not many.
 */
export async function runSchedule(ctx: Context, customerId: CustomerId, id: string): Promise<boolean> {
  return ctx.store.transaction(customerId, async (tx) => {
    const row = await tx.schedules.get(id);
    const nowMs = ctx.clock.nowMs();
    if (!row || row.wakeAt === null || row.wakeAt > nowMs) return false;
    const wakeAt = ctx.calendar.next(row.rule as unknown as ScheduleRule, nowMs, row.timeZone);
    await tx.schedules.put({ ...row, wakeAt, lastAt: nowMs });
    try {
      const key = `schedule:${row.id}:${row.wakeAt}`;
      const { [placeKey]: place, ...params } = row.params;
      const run = await newRunRow(tx, {
        ...placed(place),
        script: row.script,
        params,
        cause: 'schedule',
        key,
        botId: row.botId,
        nowMs,
      });
      await tx.conversations.save(run, null);
      return true;
    } catch (error) {
      // The script went with a later version, or too much waits already. The next time may be better; the owner reads it.
      const message = `${row.script}: ${error instanceof Error ? error.message : String(error)}`;
      await tx.botLog.write(row.botId, botLine('error', 'schedule_failed', message));
      return false;
    }
  });
}

/** Where the runs of a schedule speak, and on whose behalf: among its params, under what no PARAM can be called. */
const placeKey = '@place';

export interface SchedulePlace {
  readonly channelId: ChannelId;
  readonly threadSeq: Seq;
  readonly userId: UserId;
}

function placed(place: PlainValue | undefined): Pick<NewRun, 'place' | 'userId'> {
  if (typeof place !== 'object' || place === null) return {};
  const { userId, channelId, threadSeq } = place as unknown as SchedulePlace;
  return { userId, place: { channelId, threadSeq } };
}

/** Takes away the schedules that were asked for with a place in this channel; gives how many. */
export async function dropSchedules(tx: Tx, botId: BotId, channelId: ChannelId): Promise<number> {
  const here = (await tx.schedules.list(botId)).filter(({ params }) => placed(params[placeKey]).place?.channelId === channelId);
  for (const { id } of here) await tx.schedules.delete(id);
  return here.length;
}

/** Makes the schedules of a bot those its new version declares. One that stays as it was keeps its next time. */
export async function declareSchedules(
  tx: Tx,
  calendar: Calendar,
  botId: BotId,
  manifest: BotManifest,
  options: { nowMs: number; timeZone: string },
): Promise<void> {
  const before = new Map(
    (await tx.schedules.list(botId)).filter(({ origin }) => origin === 'declared').map((row) => [row.id, row]),
  );
  for (const { script, rule, text, label } of manifest.schedules) {
    const id = await uuidFromText(`schedule:${botId}:${script}:${JSON.stringify(rule)}:${options.timeZone}`);
    const known = before.get(id);
    before.delete(id);
    await tx.schedules.put({
      id,
      botId,
      script,
      text: text.slice(0, 400),
      rule: rule as unknown as PlainValue,
      label: (label ?? '').slice(0, 200),
      origin: 'declared',
      params: {},
      timeZone: options.timeZone,
      wakeAt: known ? known.wakeAt : calendar.next(rule, options.nowMs, options.timeZone),
      lastAt: known?.lastAt ?? null,
    });
  }
  for (const id of before.keys()) await tx.schedules.delete(id);
}

/** A schedule that a running program asks for. Asked for twice it is one. Fails with `malformed`, or `quota_exceeded`. */
export async function askSchedule(
  tx: Tx,
  calendar: Calendar,
  ask: {
    botId: BotId;
    script: string;
    text: string;
    label: string;
    locale: Locale;
    nowMs: number;
    timeZone: string;
    place?: SchedulePlace;
  },
): Promise<ScheduleRow> {
  const { botId, script, text, timeZone, nowMs, locale } = ask;
  const rule = calendar.parse(text, { locale, nowMs, timeZone });
  if (!rule) throw fail('malformed', `“${text.slice(0, 60)}” is no time.`);
  const asked = (await tx.schedules.list(botId)).filter(({ origin }) => origin === 'asked');
  const where = ask.place ? `:${ask.place.channelId}` : '';
  const id = await uuidFromText(`asked:${botId}:${script}:${JSON.stringify(rule)}:${timeZone}${where}`);
  if (asked.length >= askedMax && !asked.some((row) => row.id === id))
    throw fail('quota_exceeded', `A bot may ask for ${askedMax} schedules.`);
  const wakeAt = calendar.next(rule, nowMs, timeZone);
  const row: ScheduleRow = {
    id,
    botId,
    script,
    text: text.slice(0, 400),
    rule: rule as unknown as PlainValue,
    label: ask.label.slice(0, 200),
    origin: 'asked',
    params: ask.place ? { [placeKey]: { ...ask.place } } : {},
    timeZone,
    wakeAt,
    lastAt: null,
  };
  await tx.schedules.put(row);
  return row;
}
