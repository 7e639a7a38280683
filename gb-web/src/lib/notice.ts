import type { ChannelView } from 'gb-client';
import type { LogEvent, UserId } from 'gb-protocol';

/** Older news than this is catching up, and nobody wants to be called for it. */
const freshMs = 60_000;

/** Whether a log entry is worth a notice outside the page: by what the person chose for the channel, and by whom it calls. */
export function deservesNotice(event: LogEvent, view: ChannelView | undefined, me: UserId, nowMs: number): boolean {
  if (event.kind !== 'message.posted' || !view || event.actorId === me) return false;
  if (event.message.deletedAt !== null || nowMs - event.at > freshMs) return false;
  const level = view.membership.notifications;
  if (level === 'none') return false;
  const isDirect = view.channel.kind === 'direct' || view.channel.kind === 'group';
  const callsMe = event.message.mentions.includes(me) || event.message.mentionsChannel;
  return level === 'all' || isDirect || callsMe;
}
