import { AlarmClock, BotDispatcher, type Context, ConversationRunner, runSchedule } from 'gb-core';

export interface Bots {
  readonly dispatcher: BotDispatcher;
  readonly runner: ConversationRunner;
  readonly alarms: AlarmClock;
}

/** What makes bots live: who is spoken to, how a conversation goes on, and the clock. */
export function composeBots(ctx: Context): Bots {
  const runner = new ConversationRunner(ctx, (atMs) => alarms.ring(atMs));
  const alarms = new AlarmClock(ctx, {
    conversation: (customerId, id) => runner.wake(customerId, id),
    schedule: async (customerId, id) => {
      if (await runSchedule(ctx, customerId, id)) alarms.ring(ctx.clock.nowMs());
    },
  });
  // What is stored by others of this server - a webhook, a tool, a schedule that is to run now - is done at once.
  ctx.bus.onSignal((signal) => {
    if (signal.type === 'due') alarms.ring(signal.atMs);
  });
  return { dispatcher: new BotDispatcher(ctx, runner), runner, alarms };
}
