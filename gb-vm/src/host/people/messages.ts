import { type BotReply, findPerson, openDirectIn, type PlainValue, type TurnScope } from 'gb-core';
import type { ChannelId, ConversationId, UserId } from 'gb-protocol';
import { limits } from 'gb-protocol';
import { isUuid } from 'gb-utils';
import type { InTurnOperation } from '../operation.ts';
import { channelOf, fileIdsOf, namesOf, textArg, wordOf, wrong } from './values.ts';

/** Of one BROADCAST; each costs a message of the minute. */
const recipientsMax = 200;

/**
 * Messages to others than the one who is there. People are those of the workspace, by @handle, e-mail or name, and get
 * it in their direct channel with the bot; `#name` is a channel. It is stored with the turn, so once or not at all.
 */
export const messageOperations: Readonly<Record<string, InTurnOperation>> = {
  async 'TALK TO'(args, scope) {
    const reply = { text: messageOf(args['text']), files: await fileIdsOf(args['attachments'], scope) };
    const names = namesOf(args['to']);
    if (names.length === 0) throw wrong('nobody is named to talk to', 'falta dizer com quem falar');
    if (names.length > recipientsMax) throw tooMany();
    for (const name of names) await sendTo(scope, name, reply);
    return null;
  },

  async BROADCAST(args, scope) {
    const reply = { text: messageOf(args['text']) };
    const names = namesOf(args['to']);
    if (names.length > recipientsMax) throw tooMany();
    for (const name of names) await sendTo(scope, name, reply);
    if (args['to'] !== undefined && args['to'] !== null) return names.length;
    // To everybody who talks with this bot.
    const direct = (await scope.tx.channels.statesOf(scope.botUserId)).filter(
      ({ channel }) => channel.kind === 'direct' && !channel.isArchived,
    );
    if (direct.length > recipientsMax) throw tooMany();
    for (const { channel } of direct) scope.post({ channelId: channel.id, threadSeq: null, reply });
    return direct.length;
  },

  async 'NOTIFY AGENT'(args, scope) {
    await sendTo(scope, wordOf(args['agent']), { text: messageOf(args['text']) });
    return null;
  },
};

/** To a person, a #channel the bot is in, or a conversation of this bot by its id. */
export async function sendTo(scope: TurnScope, name: string, reply: BotReply): Promise<void> {
  const wanted = name.trim();
  if (wanted.startsWith('#')) {
    const channelId = await channelOf(scope, wanted);
    if (!channelId)
      throw wrong(`the bot is in no channel ${wanted.slice(0, 80)}`, `o robô não está em um canal ${wanted.slice(0, 80)}`);
    scope.post({ channelId, threadSeq: null, reply });
    return;
  }
  if (isUuid(wanted)) {
    const one = await scope.tx.conversations.get(wanted as ConversationId);
    if (one && one.botId === scope.botId && one.channelId !== null) {
      scope.post({ channelId: one.channelId, threadSeq: one.threadSeq === 0 ? null : one.threadSeq, reply });
      return;
    }
  }
  if (/^\+?[\d\s()-]{8,}$/.test(wanted))
    throw wrong(
      'telephone numbers are reached with SEND SMS or SEND WHATSAPP; people here by @handle, e-mail or name',
      'telefones são alcançados com SEND SMS ou SEND WHATSAPP; pessoas daqui por @apelido, e-mail ou nome',
    );
  await sendToPerson(scope, (await findPerson(scope.tx, wanted)).id, reply);
}

export async function sendToPerson(scope: TurnScope, userId: UserId, reply: BotReply, key?: string): Promise<ChannelId> {
  if (userId === scope.botUserId) throw wrong('a bot does not write to itself', 'um robô não escreve para si mesmo');
  const { channelId, entries } = await openDirectIn(scope.tx, scope, userId);
  if (entries.length > 0) scope.record(entries);
  scope.post({ channelId, threadSeq: null, reply, ...(key === undefined ? {} : { key }) });
  return channelId;
}

function messageOf(value: PlainValue | undefined): string {
  return textArg(value, { en: 'the text', pt: 'o texto' }, limits.messageTextMax);
}

function tooMany() {
  return wrong(
    `one message goes to ${recipientsMax} people at most`,
    `uma mensagem vai a no máximo ${recipientsMax} pessoas`,
    'limit_reached',
  );
}
