import { botActor, guestsOf, joinAll, type PlainValue, setGuests, type TurnScope } from 'gb-core';
import type { BotId, ChannelId } from 'gb-protocol';
import type { InTurnOperation } from '../operation.ts';
import { namesOf, wordOf, wrong } from '../people/values.ts';
import { botNamed } from './runs.ts';

const guestsMax = 10;
const wordsMax = 20;
const wordCharsMax = 80;

/**
 * Other bots beside this one. As members do, a bot brings others into channels where it is itself. WITH TRIGGER it asks
 * another for the answer whenever somebody says one of these words and no program listens; that works everywhere, also
 * where only two talk.
 */
export const botOperations: Readonly<Record<string, InTurnOperation>> = {
  async 'ADD BOT'(args, scope) {
    const botId = await botNamed(scope, wordOf(args['bot']));
    if (args['trigger'] !== undefined) return addGuest(scope, botId, args['trigger']);
    const channelId = await sharedChannel(scope);
    const more = ['tools', 'schedule'].find((name) => args[name] !== undefined);
    if (more !== undefined)
      throw wrong(
        `ADD BOT WITH ${more.toUpperCase()} is not possible: a bot in a channel answers who mentions it; ask it with DELEGATE, or give it a SET SCHEDULE of its own`,
        `ADD BOT WITH ${more.toUpperCase()} não é possível: um robô em um canal responde a quem o menciona; use DELEGATE, ou dê a ele um SET SCHEDULE próprio`,
      );
    const bot = await scope.tx.bots.get(botId);
    if (bot) scope.record(await joinAll(scope.tx, botActor(scope), channelId, [bot.userId]));
    return null;
  },

  async 'REMOVE BOT'(args, scope) {
    const botId = await botNamed(scope, wordOf(args['bot']));
    const guests = guestsOf(scope.state);
    if (guests.some((one) => one.botId === botId)) {
      setGuests(
        scope.state,
        guests.filter((one) => one.botId !== botId),
      );
      return true;
    }
    const channelId = await sharedChannel(scope);
    const bot = await scope.tx.bots.get(botId);
    if (!bot || !(await scope.tx.channels.removeMember(channelId, bot.userId))) return false;
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

function addGuest(scope: TurnScope, botId: BotId, trigger: PlainValue): null {
  const words = namesOf(trigger);
  const guests = guestsOf(scope.state).filter((one) => one.botId !== botId);
  if (botId === scope.botId) throw wrong('a bot is no guest of itself', 'um robô não é convidado de si mesmo');
  if (words.length === 0) throw wrong('the trigger has no word', 'o gatilho não tem palavra');
  if (guests.length >= guestsMax || words.length > wordsMax || words.some((word) => word.length > wordCharsMax))
    throw wrong('there are too many bots or words', 'há robôs ou palavras demais', 'limit_reached');
  setGuests(scope.state, [...guests, { botId, words }]);
  return null;
}

async function sharedChannel({ tx, channelId, botUserId }: TurnScope): Promise<ChannelId> {
  const access = channelId ? await tx.channels.access(channelId, botUserId) : null;
  if (channelId && access?.isMember && access.channel.kind !== 'direct') return channelId;
  throw wrong(
    'bots join channels; a direct conversation has exactly two people',
    'robôs entram em canais; uma conversa direta tem exatamente duas pessoas',
    'not_allowed',
  );
}
