import { type BotRuntime, type Context, ConversationRunner } from 'gb-core';
import { BotWorld, type TestBot } from 'gb-cli/testing/bots';
import type { ChannelId, UserId } from 'gb-protocol';
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
  readonly #bots: BenchBots;
  readonly #bot: TestBot;
  readonly #channelId: ChannelId;
  readonly #userId: UserId;
  #seq = 1_000;

  constructor(bots: BenchBots, bot: TestBot, channelId: ChannelId, userId: UserId) {
    this.#bots = bots;
    this.#bot = bot;
    this.#channelId = channelId;
    this.#userId = userId;
  }

  /** Resolves when the turn it causes is stored. */
  say(text: string): Promise<void> {
    return this.#bots.runner.hear({
      customerId: this.#bots.world.customerId,
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

export async function talksWith(bots: BenchBots, bot: TestBot, people: readonly UserId[]): Promise<Talk[]> {
  const talks = [];
  for (const userId of people) talks.push(new Talk(bots, bot, await bots.world.direct(userId, bot.userId), userId));
  return talks;
}

export async function peopleOf(bots: BenchBots, count: number): Promise<UserId[]> {
  const people = [];
  for (let n = 0; n < count; n++) people.push(await bots.world.person(`Person ${n}`));
  return people;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

