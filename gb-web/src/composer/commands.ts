import type { Client } from 'gb-client';
import type { ChannelId } from 'gb-protocol';
import { navigate, toChannel } from '../app/router.ts';
import type { MessageKey } from '../i18n/index.ts';

export interface CommandContext {
  readonly client: Client;
  readonly channelId: ChannelId;
  /** What follows the command, trimmed. */
  readonly argument: string;
}

/** What a / does. A command either acts, or gives the text to send in its place. A string key says why it could not. */
export interface Command {
  readonly name: string;
  /** What follows it, if anything does. */
  readonly usage: MessageKey | null;
  readonly summary: MessageKey;
  readonly run: (context: CommandContext) => Promise<{ readonly send?: string; readonly problem?: MessageKey }>;
}

export const commands: readonly Command[] = [
  {
    name: 'topic',
    usage: 'command.topicUsage',
    summary: 'command.topic',
    run: async ({ client, channelId, argument }) => {
      await client.rest.updateChannel(channelId, { topic: argument });
      return {};
    },
  },
  {
    name: 'invite',
    usage: 'command.personUsage',
    summary: 'command.invite',
    run: async ({ client, channelId, argument }) => {
      const user = personIn(client, argument);
      if (!user) return { problem: 'command.nobody' };
      await client.rest.addMembers(channelId, [user.id]);
      return {};
    },
  },
  {
    name: 'msg',
    usage: 'command.personUsage',
    summary: 'command.msg',
    run: async ({ client, argument }) => {
      const user = personIn(client, argument);
      if (!user) return { problem: 'command.nobody' };
      const { state } = await client.rest.openDirect({ userIds: [user.id] });
      client.addChannel(state);
      navigate(toChannel(state.channel.id));
      return {};
    },
  },
  {
    name: 'join',
    usage: 'command.channelUsage',
    summary: 'command.join',
    run: async ({ client, argument }) => {
      const name = argument.replace(/^#/, '').toLowerCase();
      const { channels } = await client.rest.browseChannels();
      const found = channels.find(({ channel }) => channel.name.toLowerCase() === name);
      if (!found) return { problem: 'command.noChannel' };
      if (!found.isMember) client.addChannel((await client.rest.joinChannel(found.channel.id)).state);
      navigate(toChannel(found.channel.id));
      return {};
    },
  },
  {
    name: 'leave',
    usage: null,
    summary: 'command.leave',
    run: async ({ client, channelId }) => {
      await client.rest.removeMember(channelId, 'me');
      navigate({ screen: 'home' });
      return {};
    },
  },
  {
    name: 'mute',
    usage: null,
    summary: 'command.mute',
    run: async ({ client, channelId }) => {
      const isMuted = client.channel(channelId)?.membership.notifications === 'none';
      await client.setNotifications(channelId, isMuted ? 'mentions' : 'none');
      return {};
    },
  },
  {
    name: 'bot',
    usage: null,
    summary: 'command.bot',
    run: async () => {
      navigate({ screen: 'studio', botId: 'new' });
      return {};
    },
  },
  {
    name: 'shrug',
    usage: 'command.textUsage',
    summary: 'command.shrug',
    run: async ({ argument }) => ({ send: `${argument} ¯\\\\\\_(ツ)\\_/¯`.trimStart() }),
  },
];

/** The command a text begins with, if there is one of that name. */
export function commandIn(text: string): { readonly command: Command; readonly argument: string } | null {
  const match = /^\/([a-z]+)(?:\s+([\s\S]*))?$/.exec(text.trim());
  const command = match ? commands.find(({ name }) => name === match[1]) : undefined;
  return command ? { command, argument: (match?.[2] ?? '').trim() } : null;
}

function personIn(client: Client, argument: string) {
  const handle = argument.replace(/^@/, '').toLowerCase();
  return [...client.users().values()].find((user) => user.handle.toLowerCase() === handle && handle !== '');
}
