import { GbError } from 'gb-utils';
import { type Context, commit } from '../context.ts';
import type { BotReply, OutsideCall } from '../ports/index.ts';
import { newMessages } from './turn-runner.ts';

/** Says something in the conversation an operation was asked in, before its result. Said again under the same key, it is said once. */
export async function sayHere(ctx: Context, reply: BotReply, call: OutsideCall): Promise<void> {
  // A run without a place has nobody here.
  if (call.channelId === null) return;
  const posts = [{ channelId: call.channelId, threadSeq: call.threadSeq === 0 ? null : call.threadSeq, reply }];
  try {
    await commit(ctx, call.customerId, async (tx) => ({
      result: undefined,
      messages: await newMessages(ctx, tx, call, posts, `${call.key}:here`),
    }));
  } catch (error) {
    // Done again after a crash, and a model chose other words: what was said the first time stands.
    if (!(error instanceof GbError && error.code === 'duplicate_client_id')) throw error;
  }
}
