import type { Channel, CustomerId, LogEvent, User } from 'gb-protocol';

/** The version of what docs/api/webhooks.md promises. Fields may be added to it; nothing in it changes its meaning. */
const version = 1;

/** What is sent of an entry, in its state at the attempt: a message edited meanwhile shows its new text. */
export function eventBody(customerId: CustomerId, event: LogEvent, channel: Channel, actor: User | undefined): string {
  const isOfWorkspace = channel.kind === 'instance';
  return JSON.stringify({
    v: version,
    type: event.kind,
    timestamp: new Date(event.at).toISOString(),
    data: {
      customerId,
      channel: isOfWorkspace ? null : { id: channel.id, name: channel.name, kind: channel.kind },
      epoch: event.epoch,
      seq: event.seq,
      actor: actor ? { id: actor.id, name: actor.name, handle: actor.handle, kind: actor.kind } : { id: event.actorId },
      event,
    },
  });
}

export function testBody(customerId: CustomerId, atMs: number): string {
  return JSON.stringify({
    v: version,
    type: 'webhook.test',
    timestamp: new Date(atMs).toISOString(),
    data: { customerId },
  });
}
