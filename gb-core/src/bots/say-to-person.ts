import { GbError } from 'gb-utils';
import { type Context, commit } from '../context.ts';
import type { BotReply, OutsideCall } from '../ports/index.ts';
import { openDirectIn } from './people.ts';
import { newMessages } from './turn-runner.ts';

/**
 * Says something to a person of the workspace, in their direct channel with the bot, for an operation outside. False when
 * there is nobody of that handle, e-mail or name, or more than one. Said again under the same key, it is said once.
 */
export async function sayToPerson(ctx: Context, name: string, reply: BotReply, call: OutsideCall): Promise<boolean> {
  // Refused where nothing may be written, as in a draft that is only tried.
  await call.write(async () => undefined);
  try {
    return await commit(ctx, call.customerId, async (tx) => {
      const [person, another] = name.length > 300 ? [] : await tx.people.find(name);
      if (person?.kind !== 'person' || another) return { result: false };
      const { channelId, entries } = await openDirectIn(tx, call, person.id);
      const posts = [{ channelId, threadSeq: null, reply }];
      return { result: true, entries, messages: await newMessages(ctx, tx, call, posts, `${call.key}:to:${person.id}`) };
    });
  } catch (error) {
    // Done again after a crash with other words: what was said the first time stands.
    if (error instanceof GbError && error.code === 'duplicate_client_id') return true;
    throw error;
  }
}
