import { Consumer } from '@platformatic/kafka';
import { backoffMs, sleep } from 'gb-utils';
import { Assignment, type AssignmentOptions } from './assignment.ts';
import { clientOptions } from './client-options.ts';
import type { KafkaConnection } from './connection.ts';

export interface GroupMemberOptions extends Omit<AssignmentOptions, 'member' | 'reader'> {
  readonly connection: KafkaConnection;
  /** The group's name at the broker. */
  readonly groupId: string;
  /** Silence after which the broker gives a member's partitions to others. */
  readonly sessionMs: number;
}

/** Then a new member takes over, in case something is wrong with the old one. */
const joinAttemptsMax = 60;

/**
 * This process in one group of consumers. The broker shares the partitions out among all members; when that changes,
 * handlers that run come to their end and progress is committed before we join anew, so no two processes work on one
 * channel. Heartbeats go on while handlers are slow; only a handler that blocks the event loop for `sessionMs` would lose
 * its partitions. Whatever fails for good ends the membership, and another one begins.
 */
export class GroupMember {
  readonly #options: GroupMemberOptions;
  readonly #closing = new AbortController();
  #assignment: Assignment | null = null;
  #running: Promise<void> | null = null;
  #partitions: readonly number[] = [];

  constructor(options: GroupMemberOptions) {
    this.#options = options;
  }

  get group(): string {
    return this.#options.group;
  }

  get groupId(): string {
    return this.#options.groupId;
  }

  /** Those this process has at present. */
  get partitions(): readonly number[] {
    return this.#partitions;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async commit(): Promise<void> {
    await this.#assignment?.commit();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    const { log, group, random } = this.#options;
    let failures = 0;
    while (!signal.aborted) {
      const beganAt = performance.now();
      try {
        await this.#takePart(signal);
      } catch (error) {
        if (performance.now() - beganAt > this.#options.sessionMs) failures = 0;
        failures += 1;
        if (failures === 1) log.warn({ group, err: error }, 'A group of the event log was left; joining again');
        await sleep(50 + backoffMs(failures, { baseMs: 100, maxMs: 5_000, random }), signal);
      }
    }
  }

  async #takePart(signal: AbortSignal): Promise<void> {
    const { connection, groupId, topic, log, group, sessionMs, handoverMsMax } = this.#options;
    // It tries nothing again by itself: a commit that is tried again after a rebalance would set back somebody else.
    const common = { ...clientOptions(connection, 'gb-event-log'), groupId, retries: 0, autocommit: false };
    const member = new Consumer({
      ...common,
      sessionTimeout: sessionMs,
      rebalanceTimeout: Math.max(sessionMs, 3 * handoverMsMax),
      heartbeatInterval: Math.min(3_000, sessionMs / 4),
      heartbeatStallTimeout: sessionMs * 0.8,
      // Asked before each time it joins: the one moment to let go of what it had.
      protocolsMetadata: async () => {
        await this.#release();
        return Buffer.alloc(0);
      },
    });
    const reader = new Consumer(common);
    for (const client of [member, reader]) client.topics.track(topic);
    let fail: (error: unknown) => void = () => {};
    const onError = (error: unknown) => fail(error);
    let end: () => void = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    signal.addEventListener('abort', end, { once: true });
    member.on('error', onError);
    reader.on('error', onError);
    member.on('consumer:heartbeat:stalled', () => onError(new Error('The broker did not answer heartbeats')));
    member.on('consumer:group:join', ({ assignments }) => {
      this.#partitions = assignments?.find((one) => one.topic === topic)?.partitions ?? [];
      // What it had was let go of before it joined; this is for a broker that says it twice.
      void this.#assignment?.stop();
      this.#assignment = new Assignment({ ...this.#options, member, reader }, this.#partitions);
      log.debug({ group, partitions: this.#partitions }, 'Partitions of the event log');
    });
    try {
      for (let attempt = 1; !signal.aborted; attempt++) {
        const failed = new Promise<never>((_, reject) => {
          fail = reject;
        });
        failed.catch(() => {}); // It may come while nobody waits; then the next look finds it.
        try {
          await member.joinGroup({});
          attempt = 1;
          await Promise.race([failed, ended]);
        } catch (error) {
          // The same member joins again: the broker would wait until a member that just vanished has been silent for
          // `sessionMs` before it gave its partitions to another one, which may be ourselves.
          if (attempt >= joinAttemptsMax) throw error;
          if (attempt === 1) log.info({ group, err: error }, 'A group of the event log is joined again');
          await this.#release();
          await sleep(20 + backoffMs(attempt, { baseMs: 20, maxMs: 2_000, random: this.#options.random }), signal);
        }
      }
    } finally {
      signal.removeEventListener('abort', end);
      await this.#release();
      for (const client of [member, reader])
        await client.close(true).catch((error: unknown) => log.debug({ group, err: error }, 'A client did not close in order'));
    }
  }

  async #release(): Promise<void> {
    const assignment = this.#assignment;
    await assignment?.stop();
    if (this.#assignment !== assignment) return;
    this.#assignment = null;
    this.#partitions = [];
  }
}
