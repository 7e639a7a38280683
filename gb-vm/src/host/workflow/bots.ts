import {
  askSchedule,
  botActor,
  dropSchedules,
  type Guest,
  guestsOf,
  joinAll,
  openDirectIn,
  type PlainValue,
  setGuests,
  type TurnScope,
} from 'gb-core';
import { type Bot, type BotId, type ChannelId, scriptKey, type UserId } from 'gb-protocol';
import { createCalendar } from '../calendar.ts';
import type { InTurnOperation } from '../operation.ts';
import { listOf, namesOf, textArg, timeZoneOf, wordOf, wrong } from '../people/values.ts';
import { botNamed } from './runs.ts';

const guestsMax = 10;
const wordsMax = 20;
const wordCharsMax = 80;
const scheduleCharsMax = 400;
const calendar = createCalendar();

/**
 * Other bots beside this one. As members do, a bot brings others into channels where it is itself. WITH TRIGGER it asks
 * another for the answer whenever somebody says one of these words and no program listens; WITH TOOLS its own model may
 * use those scripts of the other; WITH SCHEDULE the other begins by the clock. All of that works also where only two talk.
 */
export const botOperations: Readonly<Record<string, InTurnOperation>> = {
  async 'ADD BOT'(args, scope) {
    const botId = await botNamed(scope, wordOf(args['bot']));
    if (args['trigger'] !== undefined) return addGuest(scope, botId, { words: wordsOf(args['trigger']) });
    if (args['tools'] !== undefined) return addGuest(scope, botId, { tools: await toolsNamed(scope, botId, args['tools']) });
    const bot = await scope.tx.bots.get(botId);
    if (!bot) return null;
    if (args['schedule'] !== undefined) return addSchedule(scope, bot, args['schedule']);
    const channelId = await sharedChannel(scope);
    // Where only two talk it answers who calls it by its name.
    if (channelId === null) return addGuest(scope, botId, { words: [bot.name, bot.handle] });
    scope.record(await joinAll(scope.tx, botActor(scope), channelId, [bot.userId]));
    return null;
  },

  async 'REMOVE BOT'(args, scope) {
    const botId = await botNamed(scope, wordOf(args['bot']));
    const guests = guestsOf(scope.state);
    const others = guests.filter((one) => one.botId !== botId);
    setGuests(scope.state, others);
    const bot = await scope.tx.bots.get(botId);
    const channelId = await sharedChannel(scope);
    const place = bot && (channelId ?? (await directWith(scope, bot.userId)));
    const schedules = place ? await dropSchedules(scope.tx, botId, place) : 0;
    if (others.length < guests.length || schedules > 0) return true;
    if (!bot || channelId === null || !(await scope.tx.channels.removeMember(channelId, bot.userId))) return false;
    scope.record([{ channelId, actorId: scope.botUserId, body: { kind: 'member.left', userId: bot.userId } }]);
    return true;
  },

  async 'LIST BOTS'(_, scope) {
    const here = scope.channelId ? await scope.tx.channels.botsIn(scope.channelId) : [];
    const ids = new Set([...here, ...guestsOf(scope.state)].map(({ botId }) => botId));
    const bots = await Promise.all([...ids].map((botId) => scope.tx.bots.get(botId)));
    return bots.filter((bot) => bot !== null).map(({ name, handle, description }) => ({ name, handle, description }));
  },
};

function addGuest(scope: TurnScope, botId: BotId, more: Partial<Guest>): null {
  if (botId === scope.botId) throw wrong('a bot is no guest of itself', 'um robô não é convidado de si mesmo');
  const all = guestsOf(scope.state);
  const guests = all.filter((one) => one.botId !== botId);
  if (guests.length >= guestsMax) throw tooMany();
  setGuests(scope.state, [...guests, { words: [], ...all.find((one) => one.botId === botId), ...more, botId }]);
  return null;
}

function wordsOf(trigger: PlainValue): readonly string[] {
  const words = namesOf(trigger);
  if (words.length === 0) throw wrong('the trigger has no word', 'o gatilho não tem palavra');
  if (words.length > wordsMax || words.some((word) => word.length > wordCharsMax)) throw tooMany();
  return words;
}

/** Scripts of another bot that describe themselves. */
async function toolsNamed({ tx }: TurnScope, botId: BotId, given: PlainValue): Promise<readonly string[]> {
  const names = listOf(given).flatMap(namesOf);
  const tools = (await tx.bots.published(botId))?.about?.manifest.tools ?? [];
  if (names.length === 0 || names.length > wordsMax) throw tooMany();
  return names.map((name) => {
    const tool = tools.find((one) => one.name.toLowerCase() === name.toLowerCase() || one.script === scriptKey(name));
    if (tool) return tool.script;
    throw wrong(`that bot has no tool ${name.slice(0, 60)}`, `aquele robô não tem a ferramenta ${name.slice(0, 60)}`);
  });
}

/**
 * The other bot begins by this clock, as itself, and speaks here; where only two talk, in its own direct channel with the
 * person, since nobody joins those.
 */
async function addSchedule(scope: TurnScope, bot: Bot, given: PlainValue): Promise<null> {
  const { tx, locale, nowMs, userId } = scope;
  const text = textArg(given, { en: 'the time', pt: 'o horário' }, scheduleCharsMax);
  const timeZone = timeZoneOf(scope);
  if (!calendar.parse(text, { locale, nowMs, timeZone }))
    throw wrong(`"${text.slice(0, 60)}" is no time`, `"${text.slice(0, 60)}" não é um horário`);
  const shared = await sharedChannel(scope);
  if (shared) scope.record(await joinAll(tx, botActor(scope), shared, [bot.userId]));
  const channelId = shared ?? (await openDirectWith(scope, bot.userId));
  const script = (await tx.bots.published(bot.id))?.about?.manifest.start ?? 'start.bas';
  const place = { channelId, threadSeq: shared ? scope.threadSeq : 0, userId };
  await askSchedule(tx, calendar, { botId: bot.id, script, text, label: '', locale, nowMs, timeZone, place });
  return null;
}

async function openDirectWith(scope: TurnScope, botUserId: UserId): Promise<ChannelId> {
  if (scope.channelId === null || (await scope.tx.botContacts.byChannel(scope.channelId)) !== null)
    throw wrong(
      'there is nobody here whom another bot could write to',
      'não há ninguém aqui a quem outro robô possa escrever',
      'not_allowed',
    );
  const { customerId, nowMs } = scope;
  const opened = await openDirectIn(scope.tx, { customerId, botUserId, nowMs }, scope.userId);
  scope.record(opened.entries);
  return opened.channelId;
}

function directWith({ tx, userId }: TurnScope, botUserId: UserId): Promise<ChannelId | null> {
  return tx.channels.byDirectKey([botUserId, userId].sort().join(','));
}

/** null where only two talk, or nobody. */
async function sharedChannel({ tx, channelId, botUserId }: TurnScope): Promise<ChannelId | null> {
  const access = channelId ? await tx.channels.access(channelId, botUserId) : null;
  return channelId && access?.isMember && access.channel.kind !== 'direct' ? channelId : null;
}

const tooMany = () =>
  wrong('there are too many bots, words or tools', 'há robôs, palavras ou ferramentas demais', 'limit_reached');
