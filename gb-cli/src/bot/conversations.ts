import type { Rest } from 'gb-client';
import { type BotConversation, type BotId, limits } from 'gb-protocol';
import { exit, numberOption, readArguments } from '../basic/command-line.ts';
import { harmless } from '../basic/report.ts';
import { report, tell } from '../basic/terminal.ts';
import { handleGiven, withBot } from './server.ts';
import { timeText } from './time-text.ts';

const conversationsMax = 10_000;

/** `gb bot conversations`: who talks to the bot and where each of them stands. Nothing of what was said. */
export async function conversations(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments(args, {
    handle: { type: 'string' },
    limit: { type: 'string' },
    json: { type: 'boolean' },
  });
  const handle = handleGiven('conversations', positionals, values.handle);
  const limit = Math.floor(numberOption('limit', values.limit, 50, 1, conversationsMax));
  return withBot(handle, async (rest, bot) => {
    const { found, hasMore } = await newest(rest, bot.id, limit);
    const named = await withNames(rest, found);
    if (values.json) tell(`${JSON.stringify(named)}\n`);
    else if (named.length > 0) tell(tableText(named));
    else report(`Nobody has talked to @${bot.handle} yet.\n`);
    if (hasMore) report(`There are more than these ${found.length}; --limit shows them.\n`);
    return exit.finished;
  });
}

type Named = BotConversation & { readonly person: string; readonly channel: string };

async function newest(rest: Rest, botId: BotId, limit: number): Promise<{ found: readonly BotConversation[]; hasMore: boolean }> {
  const found = new Map<string, BotConversation>();
  for (let before: string | null | undefined; before !== null && found.size < limit; ) {
    const size = Math.min(limit - found.size, limits.pageSizeMax);
    const page = await rest.botConversations(botId, { limit: size, ...(before === undefined ? {} : { before }) });
    // One that became active again between two pages was shown already.
    for (const one of page.conversations) if (!found.has(one.id)) found.set(one.id, one);
    before = page.next;
    if (before === null) return { found: [...found.values()], hasMore: false };
  }
  return { found: [...found.values()], hasMore: true };
}

/** Names as this person may see them: a channel they are not in is told by its kind. */
async function withNames(rest: Rest, found: readonly BotConversation[]): Promise<readonly Named[]> {
  if (found.length === 0) return [];
  const [{ users, channels }, browsed] = await Promise.all([rest.snapshot(), rest.browseChannels()]);
  const handles = new Map(users.map((user) => [user.id, user.handle]));
  const seen = [...channels, ...browsed.channels].map(({ channel }) => [channel.id, channel.name] as const);
  const names = new Map(seen.filter(([, name]) => name !== ''));
  return found.map((one) => {
    const name = one.channelId === null ? undefined : names.get(one.channelId);
    const handle = handles.get(one.userId);
    return {
      ...one,
      person: handle === undefined ? (one.contact?.name ?? one.userId) : `@${handle}`,
      channel: name ? `#${name}` : (one.channelKind ?? one.script),
    };
  });
}

function waitsText({ waitsFor, asks, wakeAt }: Named): string {
  if (waitsFor) return `${waitsFor.kind} at ${waitsFor.file}:${waitsFor.line}`;
  const what = asks ?? (wakeAt === null ? null : 'its time');
  if (what === null) return '-';
  return wakeAt === null ? what : `${what} until ${timeText(wakeAt)}`;
}

function tableText(rows: readonly Named[]): string {
  const head = ['PERSON', 'CHANNEL', 'THREAD', 'STATE', 'WAITS FOR', 'VERSION', 'TURNS', 'LAST ACTIVE', 'KEPT'];
  const cells = rows.map((row) => [
    row.person,
    row.channel,
    row.threadSeq === null ? '-' : String(row.threadSeq),
    row.status,
    waitsText(row),
    `${row.version ?? row.programHash.slice(0, 8)}${row.isCurrent ? '' : ' (old)'}`,
    String(row.turns),
    timeText(row.updatedAt),
    row.snapshotBytes === 0 ? '-' : `${row.snapshotBytes} B`,
  ]);
  const all = [head, ...cells.map((row) => row.map(harmless))];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  return all
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
