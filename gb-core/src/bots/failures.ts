import type { ConversationId, CustomerId, Locale } from 'gb-protocol';
import { type Context, commit } from '../context.ts';
import type { ConversationRow, NewMessage, Tx } from '../ports/index.ts';
import { botLine } from './log-lines.ts';
import { parked } from './parking.ts';
import { newMessages } from './turn-runner.ts';

/** Turns that fail by our fault, one after the other, before the conversation is parked. */
const failuresMax = 5;
const retryMs = [1_000, 5_000, 30_000, 120_000];

/** When a turn that failed so often is tried again. */
export function retryAt(failures: number, nowMs: number): number {
  return nowMs + retryMs[Math.min(Math.max(failures, 1), retryMs.length) - 1]!;
}

/**
 * Counts a turn that could not be run. The last one parks the conversation: it keeps what it has, whoever looks after the
 * bot reads it in the log, and the person is told. `comesBack` when it is the clock that has to try again.
 */
export async function countFailure(ctx: Context, customerId: CustomerId, id: ConversationId, comesBack: boolean): Promise<void> {
  // Within the transaction there must be no waiting for another connection.
  await ctx.directory.get(customerId);
  await commit(ctx, customerId, async (tx) => {
    const row = await tx.conversations.get(id);
    if (!row || row.status === 'parked') return { result: undefined };
    const failures = row.failures + 1;
    if (failures < failuresMax) {
      const wakeAt = comesBack ? retryAt(failures, ctx.clock.nowMs()) : row.wakeAt;
      await tx.conversations.save({ ...row, failures, wakeAt }, row);
      return { result: undefined };
    }
    if (!(await tx.conversations.save(parked({ ...row, failures }), row))) return { result: undefined };
    const version = await tx.bots.versionOf(row.botId, row.programHash);
    const message = 'A conversation was parked: its turn could not be run. What it remembers is kept.';
    await tx.botLog.write(row.botId, botLine('error', 'parked', message, { version, conversationId: id }));
    return { result: undefined, messages: await toldToPerson(ctx, tx, customerId, row) };
  });
}

/** Whoever writes is not left without an answer. */
async function toldToPerson(ctx: Context, tx: Tx, customerId: CustomerId, row: ConversationRow): Promise<readonly NewMessage[]> {
  const bot = row.kind === 'dialog' ? await tx.bots.get(row.botId) : null;
  if (!bot || row.channelId === null) return [];
  const person = await tx.users.get(row.userId);
  const posts = [
    {
      channelId: row.channelId,
      threadSeq: row.threadSeq === 0 ? null : row.threadSeq,
      reply: { text: parkedTexts[person?.locale ?? 'en'] },
    },
  ];
  return newMessages(ctx, tx, { customerId, botUserId: bot.userId }, posts, `parked:${row.id}:${row.revision}`);
}

const parkedTexts: Readonly<Record<Locale, string>> = {
  en: 'I cannot answer just now, and it is not your fault. What you wrote is kept, and the people who look after me can see it.',
  'pt-BR':
    'Não consigo responder agora, e a culpa não é sua. O que você escreveu está guardado, e quem cuida de mim pode ver isso.',
};
