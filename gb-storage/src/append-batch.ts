import type { AppendedMessage, NewMessage } from 'gb-core';
import type { CustomerId, Seq } from 'gb-protocol';
import { GbError } from 'gb-utils';
import { type Sql, time } from './connection.ts';

/** A message on its way, and whose it is. */
export interface Append {
  readonly customerId: CustomerId;
  readonly message: NewMessage;
}

/**
 * Messages laid out for the two functions of migration 0007: sorted by customer and channel (so that all writers lock
 * heads in one order), in the order of arrival within a channel, each client id once.
 */
export interface Batch {
  readonly size: number;
  readonly customers: readonly CustomerId[];
  readonly groupEnds: readonly number[];
  readonly messageEnds: readonly number[];
  readonly channels: readonly string[];
  readonly sizes: readonly number[];
  readonly counts: readonly number[];
  readonly group: readonly number[];
  readonly place: readonly number[];
  readonly count: readonly number[];
  readonly author: readonly string[];
  readonly client: readonly string[];
  readonly text: readonly string[];
  /** These five are empty when no message of the batch has any. */
  readonly thread: readonly (number | null)[];
  readonly mentions: readonly (string | null)[];
  readonly toChannel: readonly boolean[];
  readonly suggestions: readonly (string | null)[];
  readonly parts: readonly (string | null)[];
  /** What was said at each place, to be compared with what repeats say; empty without any. */
  readonly contents: readonly string[];
  /** Where in the input the message stands that was laid out at this place. */
  readonly origin: readonly number[];
  /** Inputs that repeat the client id of an earlier one of the same batch, and which place that one has. */
  readonly repeats: readonly { readonly origin: number; readonly of: number; readonly content: string }[];
}

/** `ask-again`: it could not be told from this batch; the message goes into another one. */
export type Answer = AppendedMessage | GbError | 'ask-again';

export function batchOf(appends: readonly Append[]): Batch {
  const order = appends.map((_, index) => index);
  order.sort((a, b) => {
    const x = appends[a]!;
    const y = appends[b]!;
    return compare(x.customerId, y.customerId) || compare(x.message.channelId, y.message.channelId) || a - b;
  });

  const customers: CustomerId[] = [];
  const groupEnds: number[] = [];
  const messageEnds: number[] = [];
  const channels: string[] = [];
  const sizes: number[] = [];
  const counts: number[] = [];
  const group: number[] = [];
  const place: number[] = [];
  const count: number[] = [];
  const origin: number[] = [];
  const repeats: { origin: number; of: number; content: string }[] = [];
  const seen = new Map<string, number>();
  let customer: CustomerId | null = null;
  for (const index of order) {
    const { customerId, message } = appends[index]!;
    const key = `${message.clientId} ${message.authorId} ${message.channelId} ${customerId}`;
    const first = seen.get(key);
    if (first !== undefined) {
      repeats.push({ origin: index, of: first, content: contentOf(message) });
      continue;
    }
    seen.set(key, origin.length);
    const isNewCustomer = customer !== customerId;
    if (isNewCustomer) {
      customer = customerId;
      customers.push(customerId);
      groupEnds.push(0);
      messageEnds.push(0);
    }
    if (isNewCustomer || channels[channels.length - 1] !== message.channelId) {
      channels.push(message.channelId);
      sizes.push(0);
      counts.push(0);
    }
    const last = channels.length - 1;
    sizes[last]! += 1;
    if (message.threadSeq === null) counts[last]! += 1;
    group.push(channels.length);
    place.push(sizes[last]!);
    count.push(counts[last]!);
    origin.push(index);
    groupEnds[groupEnds.length - 1] = channels.length;
    messageEnds[messageEnds.length - 1] = origin.length;
  }

  const messages = origin.map((index) => appends[index]!.message);
  const column = <T>(isUsed: (message: NewMessage) => boolean, value: (message: NewMessage) => T): T[] =>
    messages.some(isUsed) ? messages.map(value) : [];
  return {
    size: appends.length,
    customers,
    groupEnds,
    messageEnds,
    channels,
    sizes,
    counts,
    group,
    place,
    count,
    author: messages.map((message) => message.authorId),
    client: messages.map((message) => message.clientId),
    text: messages.map((message) => message.text),
    thread: column(
      (message) => message.threadSeq !== null,
      (message) => message.threadSeq,
    ),
    mentions: column(
      (message) => message.mentions.length > 0,
      (message) => (message.mentions.length > 0 ? `{${message.mentions.join(',')}}` : null),
    ),
    toChannel: column(
      (message) => message.mentionsChannel,
      (message) => message.mentionsChannel,
    ),
    suggestions: column(
      (message) => message.suggestions.length > 0,
      (message) => (message.suggestions.length > 0 ? JSON.stringify(message.suggestions) : null),
    ),
    parts: column(
      (message) => message.parts !== undefined,
      (message) => (message.parts === undefined ? null : JSON.stringify(message.parts)),
    ),
    contents: repeats.length === 0 ? [] : messages.map(contentOf),
    origin,
    repeats,
  };
}

/**
 * Stores a batch without looking for duplicates. Fails as a whole: with a unique violation when one of the messages is
 * there already, with a foreign key violation when a channel is not.
 */
export async function append(sql: Sql, batch: Batch, nowMs: number, epochs?: readonly number[]): Promise<Answer[]> {
  const heads = await sql.rows<{ group_number: number; epoch: number; head: Seq; count: number }>(
    fenced(
      `select a.group_number, a.epoch, a.head, a.count from append_messages(
         $1::uuid[], $2::int[], $3::int[], $4::uuid[], $5::int[], $6::int[], $7::int[], $8::int[], $9::int[],
         $10::uuid[], $11::uuid[], $12::text[], $13::bigint[], $14::text[], $15::boolean[], $16::text[], $17::text[], $18) a`,
      '$19',
      epochs,
    ),
    [
      batch.customers,
      batch.groupEnds,
      batch.messageEnds,
      batch.channels,
      batch.sizes,
      batch.counts,
      batch.group,
      batch.place,
      batch.count,
      batch.author,
      batch.client,
      batch.text,
      batch.thread,
      batch.mentions,
      batch.toChannel,
      batch.suggestions,
      batch.parts,
      time(nowMs),
      ...(epochs ? [epochs] : []),
    ],
  );
  const byGroup = new Map(heads.map((head) => [head.group_number, head]));
  const answers = new Array<Answer | undefined>(batch.size);
  batch.origin.forEach((origin, index) => {
    const number = batch.group[index]!;
    const head = byGroup.get(number);
    if (!head) return;
    answers[origin] = {
      epoch: head.epoch,
      seq: head.head - batch.sizes[number - 1]! + batch.place[index]!,
      count: head.count - batch.counts[number - 1]! + batch.count[index]!,
      at: nowMs,
      isDuplicate: false,
    };
  });
  return complete(batch, answers);
}

/** Stores what is new of a batch, and finds the first result of what is not. A message whose channel is not there fails alone. */
export async function appendAfterLooking(sql: Sql, batch: Batch, nowMs: number, epochs?: readonly number[]): Promise<Answer[]> {
  const rows = await sql.rows<{
    message_number: number;
    epoch: number;
    seq: Seq;
    count: number;
    at: number;
    is_duplicate: boolean;
    is_same: boolean;
  }>(
    fenced(
      `select a.message_number, a.epoch, a.seq, a.count, a.at, a.is_duplicate, a.is_same from append_messages_after_looking(
         $1::uuid[], $2::int[], $3::int[], $4::uuid[], $5::int[], $6::uuid[], $7::uuid[], $8::text[],
         $9::bigint[], $10::text[], $11::boolean[], $12::text[], $13::text[], $14) a`,
      '$15',
      epochs,
    ),
    [
      batch.customers,
      batch.groupEnds,
      batch.messageEnds,
      batch.channels,
      batch.group,
      batch.author,
      batch.client,
      batch.text,
      batch.thread,
      batch.mentions,
      batch.toChannel,
      batch.suggestions,
      batch.parts,
      time(nowMs),
      ...(epochs ? [epochs] : []),
    ],
  );
  const answers = new Array<Answer | undefined>(batch.size);
  for (const row of rows) {
    const origin = batch.origin[row.message_number - 1]!;
    answers[origin] = row.is_same
      ? { epoch: row.epoch, seq: row.seq, count: row.count, at: row.at, isDuplicate: row.is_duplicate }
      : otherText();
  }
  return complete(batch, answers);
}

/**
 * Where there are several databases: asks first whether all customers of the batch are in this one. The call takes its
 * customers from the answer, so it cannot come before it.
 */
function fenced(text: string, place: string, epochs: readonly number[] | undefined): string {
  if (!epochs) return text;
  const asked = ` from control.enter_all($1::uuid[], ${place}::bigint[]) e (owners), append_`;
  return text.replace('$1::uuid[]', () => 'e.owners').replace(' from append_', () => asked);
}

/** Answers the repeats from the message they repeat, and whatever is still without an answer. */
function complete(batch: Batch, answers: (Answer | undefined)[]): Answer[] {
  for (const { origin, of, content } of batch.repeats) {
    const first = answers[batch.origin[of]!];
    if (first === undefined || first === 'ask-again') answers[origin] = first;
    // The first one of the batch was refused for its content, which is not this one's.
    else if (first instanceof GbError) answers[origin] = batch.contents[of] === content ? first : 'ask-again';
    else answers[origin] = batch.contents[of] === content ? { ...first, isDuplicate: true } : otherText();
  }
  // No row for a message means it was not stored: that is never an acknowledgement.
  return Array.from(answers, (answer) => answer ?? new GbError('not_found', 'There is no such channel'));
}

function contentOf(message: NewMessage): string {
  return message.parts === undefined ? message.text : `${message.text}\0${JSON.stringify(message.parts)}`;
}

function otherText(): GbError {
  return new GbError('duplicate_client_id', 'This client id was used before with other content; the first content stands');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
