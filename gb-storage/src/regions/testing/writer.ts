import type { NewMessage } from 'gb-core';
import type { ChannelId, ClientId, CustomerId, Seq, UserId } from 'gb-protocol';
import { GbError, sleep, uuidv7 } from 'gb-utils';
import type { Shard } from '../../shards/sharded-store.ts';

export interface Accepted {
  readonly epoch: number;
  readonly seq: Seq;
  readonly text: string;
}

export interface Place {
  readonly customerId: CustomerId;
  readonly owner: UserId;
  readonly channelId: ChannelId;
}

/** Somebody who says one thing after the other, each until it is accepted, and never gives up. */
export class Writer {
  static readonly #all = new Set<Writer>();
  readonly accepted: Accepted[] = [];
  readonly refused: string[] = [];
  readonly #running: Promise<void>;
  #isOver = false;

  constructor(store: Pick<Shard, 'appendMessage'>, place: Place, name: string) {
    this.#running = this.#run(store, place, name);
    Writer.#all.add(this);
  }

  static async stopAll(): Promise<void> {
    await Promise.all([...Writer.#all].map((writer) => writer.stop()));
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    Writer.#all.delete(this);
    await this.#running;
  }

  async #run(store: Pick<Shard, 'appendMessage'>, { customerId, owner, channelId }: Place, name: string): Promise<void> {
    for (let n = 1; !this.#isOver; n++) {
      const text = `${name} ${n}`;
      const said = { threadSeq: null, mentions: [], mentionsChannel: false, suggestions: [] };
      const message: NewMessage = { ...said, channelId, authorId: owner, clientId: uuidv7() as ClientId, text };
      while (!this.#isOver) {
        try {
          const { epoch, seq } = await store.appendMessage(customerId, message);
          this.accepted.push({ epoch, seq, text });
          break;
        } catch (error) {
          if (!(error instanceof GbError) || !error.retryable) throw error;
          this.refused.push(error.code);
          await sleep(50);
        }
      }
      await sleep(5);
    }
  }
}
