import { type Consumer, type FetchOptions, findErrorBy, IS_CONTROL, ListOffsetTimestamps } from '@platformatic/kafka';
import type { OutboxEntry } from 'gb-core';
import { backoffMs, LruMap, sleep } from 'gb-utils';
import { GroupConsumer, type GroupConsumerOptions } from '../group-consumer.ts';
import type { DeadLetters } from './dead-letters.ts';
import { PartitionProgress } from './partition-progress.ts';
import { decodeEntry, type RawRecord } from './record.ts';

export interface AssignmentOptions extends Omit<GroupConsumerOptions, 'park' | 'signal'> {
  /** The member of the group: it commits. */
  readonly member: Consumer;
  /** Reads over connections of its own, because a read waits for news and would hold up heartbeats and commits. */
  readonly reader: Consumer;
  readonly topic: string;
  readonly deadLetters: DeadLetters;
  readonly commitMs: number;
  /** How long handlers that run may hold up others in the group when partitions change hands. */
  readonly handoverMsMax: number;
}

type FetchRequestTopic = FetchOptions<Buffer, Buffer, Buffer, Buffer>['topics'][number];
type FetchResponse = Awaited<ReturnType<Consumer['fetch']>>;

/** Entries of one partition that were handed out and are not finished: above it, the partition is not read. */
const unfinishedMax = 1_000;
/** Offsets read beyond the first unfinished one; all of them come again after a crash. */
const aheadMax = 20_000;
const fetchWaitMs = 500;
const fetchBytesMax = 8_388_608;
const partitionBytesMax = 1_048_576;
/** Entries that are remembered as handled, so that a repetition by the relay is not handled again. */
const rememberedMax = 10_000;

/**
 * What a group may do with the partitions it was given, until they are taken away: read them, hand entries out by
 * channel, commit what is finished. `stop` returns when no handler runs any more, and commits a last time: who gets the
 * partitions next begins where this ended.
 */
export class Assignment {
  readonly #options: AssignmentOptions;
  readonly #closing = new AbortController();
  readonly #consumer: GroupConsumer;
  readonly #progress = new Map<number, PartitionProgress>();
  /** What an entry was read from, and its name for remembering it. */
  readonly #origins = new WeakMap<OutboxEntry, { readonly record: RawRecord; readonly name: string }>();
  readonly #handled = new LruMap<string, true>(rememberedMax);
  readonly #running = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  #committing: Promise<void> | null = null;
  /** Not read at present, because they are far enough ahead. */
  readonly #blocked = new Set<PartitionProgress>();
  #wake: () => void = () => {};
  #isOver = false;

  constructor(options: AssignmentOptions, partitions: readonly number[]) {
    this.#options = options;
    this.#consumer = new GroupConsumer({
      ...options,
      handler: (entry) => this.#once(entry),
      park: (entry, group, reason) => options.deadLetters.park(this.#origins.get(entry)!.record, group, 'failed', reason),
      signal: this.#closing.signal,
    });
    this.#timer = setInterval(() => void this.commit(), options.commitMs);
    if (partitions.length > 0) void this.#read(partitions);
  }

  /** Commits what is finished and not committed. A failure is tried again by the timer. */
  commit(): Promise<void> {
    this.#committing ??= this.#commitNow().finally(() => {
      this.#committing = null;
    });
    return this.#committing;
  }

  async stop(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    clearInterval(this.#timer);
    this.#wake();
    await Promise.race([Promise.all(this.#running), sleep(this.#options.handoverMsMax)]);
    if (this.#running.size > 0)
      this.#options.log.warn(
        { group: this.#options.group, running: this.#running.size },
        'Handlers still run while their partitions go to another process; their entries come again there',
      );
    await this.#committing;
    await Promise.race([this.commit(), sleep(this.#options.handoverMsMax)]);
    this.#isOver = true;
  }

  async #commitNow(): Promise<void> {
    if (this.#isOver) return;
    const { member, topic, group, log } = this.#options;
    const due = [...this.#progress].filter(([, progress]) => progress.isCommitDue);
    if (due.length === 0) return;
    const offsets = due.map(([partition, progress]) => ({ topic, partition, offset: progress.commitable, leaderEpoch: -1 }));
    try {
      await member.commit({ offsets });
      for (const { partition, offset } of offsets) this.#progress.get(partition)!.committed(offset);
    } catch (error) {
      log.debug({ group, err: error }, 'Progress in the event log was not committed');
    }
  }

  async #read(partitions: readonly number[]): Promise<void> {
    const { signal } = this.#closing;
    const { log, group, random } = this.#options;
    let failures = 0;
    /** A broker is asked one thing at a time. */
    const asked = new Map<number, Promise<void>>();
    while (!signal.aborted) {
      try {
        if (this.#progress.size === 0) await this.#findBeginnings(partitions);
        const woken = new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        for (const [node, topics] of await this.#wanted(asked)) {
          const asking = this.#ask(node, topics).finally(() => asked.delete(node));
          asking.catch(() => {}); // Whoever waits below hears of it, if anybody still does.
          asked.set(node, asking);
        }
        await Promise.race([woken, ...asked.values()]);
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        // Once or twice is usual when a broker comes back or partitions change hands.
        if (failures === 3) log.warn({ group, err: error }, 'The event log cannot be read; trying again');
        await sleep(20 + backoffMs(failures, { baseMs: 50, maxMs: 2_000, random }), signal);
        this.#options.reader.clearMetadata();
        await this.#leaveGap(error as Error).catch((again: unknown) => log.debug({ group, err: again }, 'Not yet'));
      }
    }
  }

  /** Where the group was, or the earliest entry there is: a new group begins with all of them. */
  async #findBeginnings(partitions: readonly number[]): Promise<void> {
    const { member, topic } = this.#options;
    const committed = (await member.listCommittedOffsets({ topics: [{ topic, partitions: [...partitions] }] })).get(topic) ?? [];
    const earliest = partitions.some((partition) => (committed[partition] ?? -1n) < 0n) ? await this.#earliest(partitions) : [];
    for (const partition of partitions) {
      const known = committed[partition] ?? -1n;
      this.#progress.set(partition, new PartitionProgress(known >= 0n ? known : (earliest[partition] ?? 0n)));
    }
  }

  async #earliest(partitions: readonly number[]): Promise<readonly bigint[]> {
    const { reader, topic } = this.#options;
    const offsets = await reader.listOffsets({
      topics: [topic],
      partitions: { [topic]: [...partitions] },
      timestamp: ListOffsetTimestamps.EARLIEST,
    });
    return offsets.get(topic) ?? [];
  }

  /** What to ask of which broker: partitions that are not too far ahead. */
  async #wanted(asked: ReadonlyMap<number, unknown>): Promise<Map<number, FetchRequestTopic[]>> {
    const { reader, topic } = this.#options;
    const wanted = new Map<number, FetchRequestTopic[]>();
    const known = (await reader.metadata({ topics: [topic] })).topics.get(topic);
    if (!known) throw new Error(`Kafka does not know topic ${topic}`);
    for (const [partition, progress] of this.#progress) {
      if (progress.unfinished >= unfinishedMax || progress.ahead >= aheadMax) {
        this.#blocked.add(progress);
        continue;
      }
      const node = known.partitions[partition]?.leader ?? -1;
      if (node < 0) throw new Error(`Partition ${partition} of ${topic} has no leader at present`);
      if (asked.has(node)) continue;
      const request = {
        partition,
        fetchOffset: progress.next,
        partitionMaxBytes: partitionBytesMax,
        currentLeaderEpoch: -1,
        lastFetchedEpoch: -1,
      };
      const topics = wanted.get(node);
      if (topics) topics[0]!.partitions.push(request);
      else wanted.set(node, [{ topicId: known.id, partitions: [request] }]);
    }
    return wanted;
  }

  async #ask(node: number, topics: FetchRequestTopic[]): Promise<void> {
    const from = new Map(topics[0]!.partitions.map((one) => [one.partition, one.fetchOffset]));
    const response = await this.#options.reader.fetch({
      node,
      topics,
      minBytes: 1,
      maxBytes: fetchBytesMax,
      maxWaitTime: fetchWaitMs,
    });
    // They may be somebody else's by now.
    if (!this.#closing.signal.aborted) this.#handOut(response, from);
  }

  #handOut(response: FetchResponse, from: ReadonlyMap<number, bigint>): void {
    for (const { partitionIndex: partition, records: batches } of response.responses.flatMap((one) => one.partitions)) {
      const progress = this.#progress.get(partition);
      // A broker may also give what was asked for earlier.
      if (!progress || from.get(partition) !== progress.next) continue;
      const first = progress.next;
      for (const batch of batches ?? []) {
        const isControl = (batch.attributes & IS_CONTROL) !== 0;
        for (const record of isControl ? [] : batch.records) {
          const offset = batch.firstOffset + BigInt(record.offsetDelta);
          if (offset < first) continue;
          progress.begin(offset);
          this.#run(progress, {
            key: record.key ?? Buffer.alloc(0),
            value: record.value ?? Buffer.alloc(0),
            headerEntries: record.headers as RawRecord['headerEntries'],
            partition,
            offset,
          });
        }
        progress.reach(batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n);
      }
    }
  }

  #run(progress: PartitionProgress, record: RawRecord): void {
    const running = this.#handle(record).then((isFinished) => {
      this.#running.delete(running);
      if (isFinished) progress.finish(record.offset);
      if (!this.#blocked.has(progress) || progress.unfinished > unfinishedMax / 2 || progress.ahead >= aheadMax) return;
      this.#blocked.delete(progress);
      this.#wake();
    });
    this.#running.add(running);
  }

  /** false when it has to come again, because the partition was taken away before. */
  async #handle(record: RawRecord): Promise<boolean> {
    const decoded = decodeEntry(record);
    if ('cause' in decoded)
      return this.#options.deadLetters.parkSurely(record, this.#options.group, decoded, this.#closing.signal);
    const { entry, epoch } = decoded;
    this.#origins.set(entry, { record, name: `${entry.channelId} ${epoch} ${entry.seq} ${entry.id}` });
    return this.#consumer.handle(entry);
  }

  /** The relay may have sent it twice; the second one comes when the first is finished. */
  async #once(entry: OutboxEntry): Promise<void> {
    const { name } = this.#origins.get(entry)!;
    if (this.#handled.get(name)) return;
    await this.#options.handler(entry);
    this.#handled.set(name, true);
  }

  /** Skips to what there is when the broker no longer has what comes next: it was kept for too short a time. */
  async #leaveGap(error: Error): Promise<void> {
    if (!findErrorBy(error, 'apiId', 'OFFSET_OUT_OF_RANGE')) return;
    const { log, group, topic } = this.#options;
    const partitions = [...this.#progress.keys()];
    const earliest = await this.#earliest(partitions);
    const latest = (await this.#options.reader.listOffsets({ topics: [topic] })).get(topic) ?? [];
    for (const [partition, progress] of this.#progress) {
      const [from, to] = [earliest[partition]!, latest[partition]!];
      if (progress.next >= from && progress.next <= to) continue;
      log.error(
        { group, topic, partition, at: String(progress.next), earliest: String(from), latest: String(to) },
        'Entries of the event log are gone before they were read: its retention is too short, or it was made anew',
      );
      progress.jump(from);
    }
  }
}
