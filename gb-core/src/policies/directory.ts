import type { LogEvent } from 'gb-protocol';

/**
 * An entry of the directory log as a guest may see it. Guests follow it for the people they talk to; what public
 * channels there are is not theirs to know. The place stays, so that the log has no hole: clients pass over entries of a
 * kind they do not know.
 */
export function forGuest(event: LogEvent): LogEvent {
  if (event.kind !== 'channel.updated' || event.channel.id === event.channelId) return event;
  const { channelId, epoch, seq, actorId, at } = event;
  return { kind: 'hidden', channelId, epoch, seq, actorId, at } as unknown as LogEvent;
}
