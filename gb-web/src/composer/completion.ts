import type { Client } from 'gb-client';
import type { ChannelId } from 'gb-protocol';
import type { ReactNode } from 'react';
import type { Translate } from '../i18n/index.ts';
import { fuzzyFilter } from '../lib/fuzzy.ts';
import { type Command, commands } from './commands.ts';

/** What is being written at the caret that could be completed. */
export interface Trigger {
  readonly mark: '@' | '#' | ':' | '/';
  readonly query: string;
  /** Where the mark stands. */
  readonly from: number;
  readonly to: number;
}

export interface Suggestion {
  readonly id: string;
  readonly label: string;
  readonly detail: string;
  /** Replaces what was written from the mark on. */
  readonly insert: string;
  readonly picture?: ReactNode;
  readonly userId?: string;
  readonly command?: Command;
}

const pattern = /(?:^|[\s(])([@#:/])([\p{L}\p{N}._+-]*)$/u;

export function triggerAt(text: string, caret: number): Trigger | null {
  const before = text.slice(Math.max(0, caret - 64), caret);
  const match = pattern.exec(before);
  if (!match) return null;
  const mark = match[1] as Trigger['mark'];
  const query = match[2]!;
  const from = caret - query.length - 1;
  // A command is the first thing in a message; one letter after a colon is more often a time or a smiley.
  if (mark === '/' && from !== 0) return null;
  if (mark === ':' && query.length < 2) return null;
  return { mark, query, from, to: caret };
}

const shownMax = 8;

export async function suggestionsFor(
  trigger: Trigger,
  context: { client: Client; channelId: ChannelId; t: Translate },
): Promise<Suggestion[]> {
  const { client, t } = context;
  switch (trigger.mark) {
    case '@': {
      const me = client.me();
      const inside = new Set(client.channel(context.channelId)?.memberIds ?? []);
      const people = [...client.users().values()]
        .filter((user) => user.isActive && user.id !== me.id && user.handle !== '')
        .sort((a, b) => Number(inside.has(b.id)) - Number(inside.has(a.id)) || a.name.localeCompare(b.name))
        .map(
          (user): Suggestion => ({
            id: user.id,
            userId: user.id,
            label: user.name,
            detail: `@${user.handle}`,
            insert: `@${user.handle} `,
          }),
        );
      const everyone: Suggestion = { id: 'channel', label: '@channel', detail: t('completion.everyone'), insert: '@channel ' };
      return fuzzyFilter(
        trigger.query,
        [...people, everyone],
        ({ label, detail }) => [label, detail.slice(1), label.replace('@', '')],
        shownMax,
      );
    }
    case '#': {
      const channels = client
        .channels()
        .filter(({ channel }) => channel.name !== '' && !channel.isArchived)
        .map(
          ({ channel }): Suggestion => ({
            id: channel.id,
            label: `#${channel.name}`,
            detail: channel.topic,
            insert: `#${channel.name} `,
          }),
        );
      return fuzzyFilter(trigger.query, channels, ({ label }) => label.slice(1), shownMax);
    }
    case ':': {
      const { allEmoji } = await import('../lib/emoji.ts');
      return fuzzyFilter(trigger.query, allEmoji, ({ words }) => words, shownMax).map(({ emoji, name }) => ({
        id: name,
        label: `${emoji} :${name}:`,
        detail: '',
        insert: `${emoji} `,
      }));
    }
    case '/': {
      const known = commands.map(
        (command): Suggestion => ({
          id: command.name,
          label: `/${command.name} ${command.usage ? t(command.usage) : ''}`.trimEnd(),
          detail: t(command.summary),
          insert: `/${command.name} `,
          command,
        }),
      );
      return fuzzyFilter(trigger.query, known, ({ id }) => id, shownMax);
    }
  }
}
