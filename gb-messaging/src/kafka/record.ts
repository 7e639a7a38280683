import type { Message, MessageToProduce } from '@platformatic/kafka';
import type { LogRepository, OutboxEntry } from 'gb-core';
import { isUuid } from 'gb-utils';

/**
 * One entry as a record of the topic, as docs/event-log.md promises it to everybody who reads the topic. Our own
 * consumers need the key and the headers only; the value says the same in JSON for consumers of others, and holds the
 * event itself where that is switched on.
 */
export const schemaVersion = 1;

export type Event = NonNullable<Awaited<ReturnType<LogRepository['get']>>>;

/** What the outbox does not say about an entry. */
export interface EntryDetails {
  /** 0 when the channel is gone. */
  readonly epoch: number;
  /** null when events are not to be in the topic, or the entry is gone. */
  readonly event: Event | null;
}

/** As it came from the broker. */
export type RawRecord = Pick<Message, 'key' | 'value' | 'headerEntries'> & {
  readonly partition: number;
  readonly offset: bigint;
};

/** An entry of the log, with the epoch its seq belongs to. */
export interface DecodedEntry {
  readonly entry: OutboxEntry;
  readonly epoch: number;
}

/** Why a record is nobody's entry: of a version that is not known here, or not ours at all. */
export interface Unreadable {
  readonly cause: 'version' | 'corrupt';
  readonly reason: string;
}

/** An event larger than this, as JSON, stays in the database; the record says so. */
export const eventBytesMax = 262_144;

export function encodeEntry(topic: string, entry: OutboxEntry, { epoch, event }: EntryDetails): MessageToProduce {
  const fact = {
    v: schemaVersion,
    id: entry.id,
    customerId: entry.customerId,
    channelId: entry.channelId,
    epoch,
    seq: entry.seq,
    kind: entry.kind,
  };
  let value = Buffer.from(JSON.stringify(event === null ? fact : { ...fact, event }));
  if (value.length > eventBytesMax) value = Buffer.from(JSON.stringify({ ...fact, eventOmitted: 'size' }));
  return {
    topic,
    key: Buffer.from(`${entry.customerId}:${entry.channelId}`),
    value,
    headers: new Map(
      Object.entries({ schema: schemaVersion, id: entry.id, epoch, seq: entry.seq, kind: entry.kind }).map(([name, text]) => [
        Buffer.from(name),
        Buffer.from(String(text)),
      ]),
    ),
  };
}

export function decodeEntry(record: RawRecord): DecodedEntry | Unreadable {
  const headers = new Map<string, string>();
  for (const [name, value] of record.headerEntries) {
    if (name && value && value.length <= headerBytesMax) headers.set(name.toString(), value.toString());
  }
  const schema = headers.get('schema');
  if (schema === undefined) return corrupt('it has no header "schema"');
  if (!/^\d{1,9}$/.test(schema)) return corrupt('its header "schema" is no number');
  if (Number(schema) !== schemaVersion)
    return { cause: 'version', reason: `Schema ${schema} is not known here; ${schemaVersion} is` };
  const [customerId, channelId, ...more] = (record.key?.length <= 73 ? record.key.toString() : '').split(':');
  if (!isUuid(customerId) || !isUuid(channelId) || more.length > 0) return corrupt('its key is not customer:channel');
  const seq = wholeNumber(headers.get('seq'));
  const epoch = wholeNumber(headers.get('epoch'));
  const kind = headers.get('kind');
  const id = headers.get('id');
  if (seq === null || seq < 1) return corrupt('its header "seq" is no sequence number');
  if (epoch === null) return corrupt('its header "epoch" is no epoch');
  // A kind that is not known here is for the consumers to pass over: a newer process may already write it.
  if (!kind || !id) return corrupt('it has no header "kind" or "id"');
  return { entry: { id, customerId, channelId, seq, kind } as OutboxEntry, epoch };
}

const headerBytesMax = 256;

function wholeNumber(text: string | undefined): number | null {
  if (text === undefined || !/^\d{1,15}$/.test(text)) return null;
  return Number(text);
}

function corrupt(fact: string): Unreadable {
  return { cause: 'corrupt', reason: `No record of ours: ${fact}` };
}
