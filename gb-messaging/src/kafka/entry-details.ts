import type { OutboxEntry, Store } from 'gb-core';
import { LruMap } from 'gb-utils';
import type { EntryDetails, Event } from './record.ts';

/** An epoch moves when a log is rebuilt, which takes longer than this. */
const epochMsMax = 10_000;
const epochsMax = 50_000;

/**
 * Looks up what the outbox does not say, in the order of the entries: the epoch of their channels, and their events
 * where those are to be in the topic. A message comes in its present state, not as it was first written.
 */
export function createDetailReader(
  store: Pick<Store, 'read'>,
  { withEvents, nowMs }: { withEvents: boolean; nowMs: () => number },
): (entries: readonly OutboxEntry[]) => Promise<readonly EntryDetails[]> {
  const epochs = new LruMap<string, { readonly epoch: number; readonly untilMs: number }>(epochsMax);

  async function readEpochs(customerId: OutboxEntry['customerId'], entries: readonly OutboxEntry[]): Promise<void> {
    const unknown = new Set(entries.map((entry) => entry.channelId).filter((id) => !isKnown(id)));
    if (unknown.size === 0) return;
    const positions = await store.read(customerId, (tx) => tx.log.positions([...unknown]));
    const untilMs = nowMs() + epochMsMax;
    for (const id of unknown) epochs.set(id, { epoch: positions.find((one) => one.channelId === id)?.epoch ?? 0, untilMs });
  }

  function isKnown(channelId: string): boolean {
    const known = epochs.get(channelId);
    return known !== undefined && known.untilMs > nowMs();
  }

  /** One question for each run of neighbours in a channel's log. */
  function readEvents(customerId: OutboxEntry['customerId'], entries: readonly OutboxEntry[]): Promise<Map<string, Event>> {
    return store.read(customerId, async (tx) => {
      const events = new Map<string, Event>();
      for (const ofChannel of group(entries, (entry) => entry.channelId).values()) {
        for (let first = 0, last = 0; first < ofChannel.length; first = last) {
          while (last < ofChannel.length && ofChannel[last]!.seq === ofChannel[first]!.seq + (last - first)) last += 1;
          const { channelId, seq } = ofChannel[first]!;
          const wanted = seq + (last - first) - 1;
          for (const event of await tx.log.read(channelId, seq - 1, last - first))
            if (event.seq <= wanted) events.set(`${channelId} ${event.seq}`, event);
        }
      }
      return events;
    });
  }

  return async (entries) => {
    const events = new Map<string, Event>();
    for (const [customerId, own] of group(entries, (entry) => entry.customerId)) {
      await readEpochs(customerId, own);
      if (withEvents) for (const [key, event] of await readEvents(customerId, own)) events.set(key, event);
    }
    return entries.map((entry) => {
      const event = events.get(`${entry.channelId} ${entry.seq}`) ?? null;
      return { epoch: event?.epoch ?? epochs.get(entry.channelId)?.epoch ?? 0, event };
    });
  };
}

function group<K, T>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const known = groups.get(keyOf(item));
    if (known) known.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
