import { Admin, ListOffsetTimestamps } from '@platformatic/kafka';
import type { EventLog, OutboxEntry, Store } from 'gb-core';
import { assert, backoffMs, GbError, type Logger, sleep } from 'gb-utils';
import { clientOptions } from './client-options.ts';
import type { KafkaConnection } from './connection.ts';
import { DeadLetters, type ParkCause } from './dead-letters.ts';
import { createDetailReader } from './entry-details.ts';
import { GroupMember } from './group-member.ts';
import { Relay } from './relay.ts';
import { ensureTopic } from './topics.ts';

export interface KafkaEventLogOptions {
  readonly connection: KafkaConnection;
  readonly store: Pick<Store, 'outbox' | 'read'>;
  readonly log: Logger;
  /** Whether this process brings entries from the outbox to the topic, or only consumes. It does, when not given. */
  readonly isRelay?: boolean;
  /** In front of the names of topics and groups; `gb.` when not given. */
  readonly prefix?: string;
  /** Of a topic that has to be made; 12 when not given. See `TopicSettings`. */
  readonly partitions?: number;
  readonly replicas?: number;
  readonly retentionMs?: number;
  /** Whether the events themselves, so what people wrote, are in the topic for other readers. Not unless asked for. */
  readonly withEvents?: boolean;
  /** How often a handler may fail on one entry before the entry is parked. */
  readonly attemptsMax?: number;
  /** The pause after the first failure; it doubles up to `retryMsMax`. */
  readonly retryMsMin?: number;
  readonly retryMsMax?: number;
  /** Channels one group works on at a time in this process. */
  readonly channelsMax?: number;
  readonly pollMs?: number;
  readonly commitMs?: number;
  readonly sessionMs?: number;
  readonly handoverMsMax?: number;
  readonly random?: () => number;
}

export interface KafkaFigures {
  readonly sent: number;
  /** Why entries do not get into the topic at present. */
  readonly relayFailure: string | null;
  /** Entries in the topic that a group of this process has not finished, by partition. Of all processes. */
  readonly lags: readonly {
    readonly group: string;
    readonly partition: number;
    readonly lag: number;
    readonly isHere: boolean;
  }[];
  /** Parked by this process since its start. */
  readonly parked: readonly { readonly group: string; readonly cause: ParkCause; readonly count: number }[];
  /** In the topic of dead letters, of all processes and groups. */
  readonly deadLetters: number;
}

export interface KafkaEventLog extends EventLog {
  /** Asks the brokers; for metrics, and to show. Fails with `unavailable` until they were reached once. */
  figures(): Promise<KafkaFigures>;
}

const dayMs = 86_400_000;

/**
 * The event log on Kafka, fed from the Store's outbox by whichever process is the relay. Groups are Kafka's own: entries
 * are shared out among all processes that consume under the same name, and one channel is always one process's.
 */
export function createKafkaEventLog(options: KafkaEventLogOptions): KafkaEventLog {
  return new KafkaLog(options);
}

class KafkaLog implements KafkaEventLog {
  readonly #options: KafkaEventLogOptions;
  readonly #topic: string;
  readonly #deadTopic: string;
  readonly #admin: Admin;
  readonly #deadLetters: DeadLetters;
  readonly #relay: Relay;
  readonly #members = new Map<string, GroupMember>();
  readonly #closing = new AbortController();
  #running: Promise<void> | null = null;
  #ready: Promise<void> | null = null;
  #isReady = false;

  constructor(options: KafkaEventLogOptions) {
    const { connection, store, log, prefix = 'gb.' } = options;
    this.#options = options;
    this.#topic = `${prefix}events`;
    this.#deadTopic = `${prefix}dead-letters`;
    this.#admin = new Admin(clientOptions(connection, 'gb-event-log'));
    this.#admin.on('error', (error) => log.warn({ err: error }, 'The event log cannot ask Kafka'));
    this.#deadLetters = new DeadLetters({ topic: this.#deadTopic, sourceTopic: this.#topic, connection, log });
    this.#relay = new Relay({
      outbox: store.outbox,
      topic: this.#topic,
      details: createDetailReader(store, { withEvents: options.withEvents ?? false, nowMs: () => Date.now() }),
      connection,
      log,
      pollMs: options.pollMs ?? 1_000,
      random: options.random ?? Math.random,
      signal: this.#closing.signal,
    });
  }

  consume(group: string, handler: (entry: OutboxEntry) => Promise<void>): void {
    assert(this.#running === null, 'groups are named before the start, or they would miss entries');
    assert(!this.#members.has(group), `one consumer a group: ${group}`);
    const { connection, log, prefix = 'gb.', random = Math.random } = this.#options;
    this.#members.set(
      group,
      new GroupMember({
        connection,
        group,
        groupId: `${prefix}${group}`,
        topic: this.#topic,
        handler,
        deadLetters: this.#deadLetters,
        log,
        random,
        attemptsMax: this.#options.attemptsMax ?? 8,
        retryMsMin: this.#options.retryMsMin ?? 100,
        retryMsMax: this.#options.retryMsMax ?? 30_000,
        channelsMax: this.#options.channelsMax ?? 32,
        commitMs: this.#options.commitMs ?? 500,
        sessionMs: this.#options.sessionMs ?? 30_000,
        handoverMsMax: this.#options.handoverMsMax ?? 10_000,
      }),
    );
  }

  start(): void {
    if (this.#running || this.#closing.signal.aborted) return;
    this.#ready = this.#prepare();
    this.#running = this.#ready.then(async () => {
      if (this.#closing.signal.aborted) return;
      for (const member of this.#members.values()) member.start();
      if (this.#options.isRelay ?? true) await this.#relay.run();
    });
  }

  async drained(): Promise<void> {
    assert(this.#running !== null, 'the event log is started before it drains');
    await this.#ready;
    await this.#relay.caughtUp();
    const { signal } = this.#closing;
    for (let ends: readonly bigint[] | null = null; !signal.aborted; await sleep(20, signal)) {
      try {
        ends ??= await this.#offsets(this.#topic, ListOffsetTimestamps.LATEST);
        await Promise.all([...this.#members.values()].map((member) => member.commit()));
        if (await this.#areFinished(ends)) return;
      } catch (error) {
        this.#options.log.debug({ err: error }, 'Kafka does not say how far groups are; asking again');
      }
    }
  }

  async figures(): Promise<KafkaFigures> {
    if (!this.#isReady) throw new GbError('unavailable', 'The event log has not reached Kafka yet.', { retryable: true });
    const [ends, firsts, deadEnds, deadFirsts, committed] = await Promise.all([
      this.#offsets(this.#topic, ListOffsetTimestamps.LATEST),
      this.#offsets(this.#topic, ListOffsetTimestamps.EARLIEST),
      this.#offsets(this.#deadTopic, ListOffsetTimestamps.LATEST),
      this.#offsets(this.#deadTopic, ListOffsetTimestamps.EARLIEST),
      this.#committed(),
    ]);
    const lags = [...this.#members.values()].flatMap((member) =>
      ends.map((end, partition) => {
        const at = committed.get(member.groupId)?.get(partition) ?? firsts[partition]!;
        return { group: member.group, partition, lag: Number(end - at), isHere: member.partitions.includes(partition) };
      }),
    );
    return {
      sent: this.#relay.sent,
      relayFailure: this.#relay.lastFailure,
      lags,
      parked: this.#deadLetters.counts,
      deadLetters: deadEnds.reduce((sum, end, partition) => sum + Number(end - deadFirsts[partition]!), 0),
    };
  }

  async close(): Promise<void> {
    this.#closing.abort();
    // At once for all of them: no handler begins any more.
    await Promise.all([...[...this.#members.values()].map((member) => member.close()), this.#running]);
    await this.#deadLetters.close();
    await this.#admin
      .close()
      .catch((error: unknown) => this.#options.log.debug({ err: error }, 'A client did not close in order'));
  }

  /** Until there is a broker and it has our topics, entries wait in the outbox. */
  async #prepare(): Promise<void> {
    const { log, partitions = 12, replicas, retentionMs = 7 * dayMs, random = Math.random } = this.#options;
    const settings = { partitions, retentionMs, ...(replicas === undefined ? {} : { replicas }) };
    for (let failures = 0; !this.#closing.signal.aborted; failures++) {
      try {
        await ensureTopic(this.#admin, this.#topic, settings, log);
        // Whoever looks through dead letters has more time than whoever reads entries.
        await ensureTopic(this.#admin, this.#deadTopic, { ...settings, partitions: 1, retentionMs: 4 * retentionMs }, log);
        this.#isReady = true;
        return;
      } catch (error) {
        if (failures === 0) log.warn({ err: error }, 'The topics of the event log are not ready; trying again');
        await sleep(50 + backoffMs(failures, { baseMs: 100, maxMs: 5_000, random }), this.#closing.signal);
      }
    }
  }

  async #areFinished(ends: readonly bigint[]): Promise<boolean> {
    if (this.#members.size === 0) return true;
    const [committed, firsts] = await Promise.all([this.#committed(), this.#offsets(this.#topic, ListOffsetTimestamps.EARLIEST)]);
    return [...this.#members.values()].every(({ groupId }) =>
      ends.every((end, partition) => (committed.get(groupId)?.get(partition) ?? firsts[partition]!) >= end),
    );
  }

  /** By the group's name at the broker, then by partition; nothing where nothing was committed yet. */
  async #committed(): Promise<ReadonlyMap<string, ReadonlyMap<number, bigint>>> {
    const groups = [...this.#members.values()].map((member) => member.groupId);
    const all = new Map<string, Map<number, bigint>>();
    if (groups.length === 0) return all;
    for (const { groupId, topics } of await this.#admin.listConsumerGroupOffsets({ groups })) {
      const partitions = topics.find((one) => one.name === this.#topic)?.partitions ?? [];
      const known = partitions.filter((one) => one.committedOffset >= 0n);
      all.set(groupId, new Map(known.map((one) => [one.partitionIndex, one.committedOffset])));
    }
    return all;
  }

  async #offsets(topic: string, timestamp: bigint): Promise<readonly bigint[]> {
    const { topics } = await this.#admin.metadata({ topics: [topic] });
    const count = topics.get(topic)?.partitionsCount ?? 0;
    const partitions = Array.from({ length: count }, (_, partitionIndex) => ({ partitionIndex, timestamp }));
    const [listed] = await this.#admin.listOffsets({ topics: [{ name: topic, partitions }] });
    const offsets = Array<bigint>(count).fill(0n);
    for (const { partitionIndex, offset } of listed?.partitions ?? []) offsets[partitionIndex] = offset;
    return offsets;
  }
}
