import { botActor, joinAll, type TurnScope } from 'gb-core';
import type { ChannelId } from 'gb-protocol';
import type { InTurnOperation } from '../operation.ts';
import { wordOf, wrong } from '../people/values.ts';
import { botNamed } from './runs.ts';

/** The bots of the channel a conversation is in. As members do, a bot brings others where it is itself. */
export const botOperations: Readonly<Record<string, InTurnOperation>> = {
  async 'ADD BOT'(args, scope) {
    const channelId = await sharedChannel(scope);
    const more = ['trigger', 'tools', 'schedule'].find((name) => args[name] !== undefined);
    if (more !== undefined)
      throw wrong(
        `ADD BOT WITH ${more.toUpperCase()} is not possible: a bot in a channel answers who mentions it; ask it with DELEGATE, or give it a SET SCHEDULE of its own`,
        `ADD BOT WITH ${more.toUpperCase()} não é possível: um robô em um canal responde a quem o menciona; use DELEGATE, ou dê a ele um SET SCHEDULE próprio`,
      );
    const bot = await scope.tx.bots.get(await botNamed(scope, wordOf(args['bot'])));
    if (bot) scope.record(await joinAll(scope.tx, botActor(scope), channelId, [bot.userId]));
    return null;
  },

  async 'REMOVE BOT'(args, scope) {
    const channelId = await sharedChannel(scope);
    const bot = await scope.tx.bots.get(await botNamed(scope, wordOf(args['bot'])));
    if (!bot || !(await scope.tx.channels.removeMember(channelId, bot.userId))) return false;
    scope.record([{ channelId, actorId: scope.botUserId, body: { kind: 'member.left', userId: bot.userId } }]);
    return true;
  },

  async 'LIST BOTS'(_, scope) {
    if (!scope.channelId) return [];
    const here = await scope.tx.channels.botsIn(scope.channelId);
    const bots = await Promise.all(here.map(({ botId }) => scope.tx.bots.get(botId)));
    return bots.filter((bot) => bot !== null).map(({ name, handle, description }) => ({ name, handle, description }));
  },
};

async function sharedChannel({ tx, channelId, botUserId }: TurnScope): Promise<ChannelId> {
  const access = channelId ? await tx.channels.access(channelId, botUserId) : null;
  if (channelId && access?.isMember && access.channel.kind !== 'direct') return channelId;
  throw wrong(
    'bots join channels; a direct conversation has exactly two people',
    'robôs entram em canais; uma conversa direta tem exatamente duas pessoas',
    'not_allowed',
  );
}
