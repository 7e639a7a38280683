import { BotWorld, type TestBot } from 'gb-cli/testing/bots';
import { type BotRuntime, type Context, ConversationRunner } from 'gb-core';
import type { ChannelId, CustomerId, UserId } from 'gb-protocol';
import type { TestDatabase } from 'gb-storage/testing';
import { dataOperations, memoryOperations, type OperationSet } from 'gb-vm/host';
import { createBotRuntime } from 'gb-vm/runtime';
import pg from 'pg';

/** Bots on a real database with real workers and the real time, and a person who talks to them. */
export interface BenchBots {
  readonly world: BotWorld;
  readonly ctx: Context;
  readonly runner: ConversationRunner;
  readonly owner: pg.Client;
  close(): Promise<void>;
}

export async function openBenchBots(
  database: TestDatabase,
  options: { workers?: number; sets?: readonly OperationSet[] } = {},
): Promise<BenchBots> {
  const sets = [dataOperations({ readRows: async () => null }), memoryOperations(), ...(options.sets ?? [])];
  const world = await BotWorld.open(database, { sets });
  const ticking = setInterval(() => {
    world.clock.now = Date.now();
  }, 5);
  const runtime: BotRuntime = createBotRuntime({ workers: options.workers ?? 1 });
  const ctx: Context = { ...world.ctx, runtime };
  const owner = new pg.Client({ ...database.postgres.owner });
  await owner.connect();
  await owner.query("select set_config('gb.customer', $1, false)", [world.customerId]);
  // What is measured is the machine, not where the smallest plan counts messages.
  await owner.query("update gb.customers set subscription_tier = 'enterprise' where customer_id = $1", [world.customerId]);
  return {
    world,
    ctx,
    runner: new ConversationRunner(ctx, () => {}),
    owner,
    async close() {
      clearInterval(ticking);
      await owner.end();
      await runtime.close();
      await world.close();
    },
  };
}

/** One conversation, whose next answer has the next number. */
export class Talk {
  readonly #runner: ConversationRunner;
  readonly #customerId: CustomerId;
  readonly #bot: TestBot;
  readonly #channelId: ChannelId;
  readonly #userId: UserId;
  #seq = 1_000;

  constructor(runner: ConversationRunner, customerId: CustomerId, bot: TestBot, channelId: ChannelId, userId: UserId) {
    this.#runner = runner;
    this.#customerId = customerId;
    this.#bot = bot;
    this.#channelId = channelId;
    this.#userId = userId;
  }

  /** Resolves when the turn it causes is stored. */
  say(text: string): Promise<void> {
    return this.#runner.hear({
      customerId: this.#customerId,
      botId: this.#bot.botId,
      botUserId: this.#bot.userId,
      channelId: this.#channelId,
      userId: this.#userId,
      threadSeq: 0,
      eventSeq: ++this.#seq,
      heard: { text },
    });
  }
}

/** A bot and so many people of a world, each with a conversation that has begun. */
export async function talksWith(runner: ConversationRunner, world: BotWorld, source: string, count: number): Promise<Talk[]> {
  const bot = await world.bot(source);
  const talks = [];
  for (let n = 0; n < count; n++) {
    const userId = await world.person(`${bot.handle} ${n}`);
    talks.push(new Talk(runner, world.customerId, bot, await world.direct(userId, bot.userId), userId));
  }
  return talks;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}
