import { type ChannelId, type ChannelState, limits, type NewChannel, type UserId } from 'gb-protocol';
import { isUuid, uuidv7 } from 'gb-utils';
import { type Actor, type Context, commit } from '../context.ts';
import { fail, notFound } from '../fail.ts';
import { requireFullMember } from '../policies/role.ts';
import type { NewEntry, Tx } from '../ports/index.ts';

/** Makes a channel with its first members. Fails with `name_taken`. */
export async function createChannel(ctx: Context, actor: Actor, input: NewChannel): Promise<ChannelState> {
  requireFullMember(actor);
  const name = checkChannelName(input.name);
  const topic = checkTopic(input.topic ?? '');
  return commit(ctx, actor.customerId, async (tx) => {
    const id = uuidv7(ctx.clock.nowMs()) as ChannelId;
    const channel = await tx.channels.insert({ id, kind: input.kind, name, topic, directKey: null, createdBy: actor.userId });
    const entries = await joinAll(tx, actor, id, [actor.userId, ...(input.memberIds ?? [])]);
    if (input.kind === 'public') {
      const { logChannelId } = await tx.instance.get();
      entries.push({ channelId: logChannelId, actorId: actor.userId, body: { kind: 'channel.updated', channel } });
    }
    const state = await tx.channels.stateOf(id, actor.userId);
    return { result: state!, entries };
  });
}

/**
 * Adds people to a channel and gives the entries that say so: one in the channel's log, one in each person's own log.
 * People who are members already are left out. Fails with `not_found` for people the customer does not have, with
 * `forbidden` for bots nobody published.
 */
export async function joinAll(tx: Tx, actor: Actor, channelId: ChannelId, userIds: readonly UserId[]): Promise<NewEntry[]> {
  const entries: NewEntry[] = [];
  for (const userId of new Set(userIds)) {
    const user = isUuid(userId) ? await tx.users.get(userId) : null;
    if (!user?.isActive) throw notFound('person');
    // A contact of a bot has the one channel it was made with, and is not to be found.
    if (user.kind === 'person' && user.email === '' && (await tx.botContacts.byUser(userId))) throw notFound('person');
    if (user.kind === 'bot' && (await tx.bots.byUser(userId))?.publishedVersion == null)
      throw fail('forbidden', 'Publish the bot first.');
    if (!(await tx.channels.addMember(channelId, userId))) continue;
    entries.push({ channelId, actorId: actor.userId, body: { kind: 'member.joined', userId } });
    const own = await tx.users.selfChannel(userId);
    const state = await tx.channels.stateOf(channelId, userId);
    if (own && state) entries.push({ channelId: own, actorId: actor.userId, body: { kind: 'channel.added', state } });
  }
  return entries;
}

export function checkChannelName(raw: string): string {
  const name = raw.trim().replace(/^#+/, '').replace(/\s+/g, '-').toLowerCase();
  if (name === '' || name.length > limits.channelNameMax || !/^[\p{L}\p{N}][\p{L}\p{N}\p{M}._-]*$/u.test(name)) {
    throw fail('malformed', `A channel name has 1 to ${limits.channelNameMax} letters, digits, dots or dashes.`);
  }
  return name;
}

export function checkTopic(raw: string): string {
  // One line, read in one direction: it stands beside other people's words.
  const topic = raw.replace(/[\p{Cc}\u202A-\u202E\u2066-\u2069]+/gu, ' ').trim();
  if (topic.length > limits.channelTopicMax || topic.includes('\0') || !topic.isWellFormed()) {
    throw fail('too_large', `A topic has at most ${limits.channelTopicMax} characters.`);
  }
  return topic;
}
