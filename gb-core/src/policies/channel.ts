import type { Actor } from '../context.ts';
import { fail, notFound } from '../fail.ts';
import type { ChannelAccess } from '../ports/index.ts';
import { isAdmin } from './role.ts';

/** Whether somebody may know of a channel and read it. */
export function canSee(actor: Actor, access: ChannelAccess | null): access is ChannelAccess {
  if (!access) return false;
  if (access.isMember) return true;
  // Anybody who belongs to the workspace follows its log; guests too, since it names the people they talk to.
  if (access.channel.kind === 'instance') return true;
  return access.channel.kind === 'public' && actor.role !== 'guest';
}

/** A channel somebody may not know about is answered as not there: the refusal must not say more than silence would. */
export function requireSee(actor: Actor, access: ChannelAccess | null): ChannelAccess {
  if (canSee(actor, access)) return access;
  throw notFound('channel');
}

/** Members only: posting, editing, reacting, typing, read marks. */
export function requireMember(actor: Actor, access: ChannelAccess | null): ChannelAccess {
  const seen = requireSee(actor, access);
  if (isHidden(seen)) throw notFound('channel');
  if (!seen.isMember) throw fail('forbidden', 'Join the channel first.');
  return seen;
}

export function requireWrite(actor: Actor, access: ChannelAccess | null): ChannelAccess {
  const member = requireMember(actor, access);
  if (member.channel.isArchived) throw fail('channel_archived', 'This channel is archived.');
  return member;
}

/** Name, topic, people: any member who is not a guest, in named channels only. */
export function requireManage(actor: Actor, access: ChannelAccess | null): ChannelAccess {
  const seen = requireSee(actor, access);
  if (isHidden(seen)) throw notFound('channel');
  if (seen.channel.kind !== 'public' && seen.channel.kind !== 'private')
    throw fail('forbidden', 'A direct conversation has no settings.');
  if (actor.role === 'guest') throw fail('forbidden', 'Guests cannot change channels.');
  if (!seen.isMember && !isAdmin(actor)) throw fail('forbidden', 'Join the channel first.');
  return seen;
}

function isHidden(access: ChannelAccess): boolean {
  return access.channel.kind === 'self' || access.channel.kind === 'instance';
}
