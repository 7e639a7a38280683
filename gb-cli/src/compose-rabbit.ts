import type { FigureSource } from 'gb-api';
import type { TaskQueue } from 'gb-core';
import { createRabbitTaskQueue } from 'gb-messaging/rabbit';
import type { Databases } from 'gb-storage';
import type { Logger } from 'gb-utils';
import { one } from './figures.ts';

/** Tasks over RabbitMQ; those that were given up stay in the databases, where people look at them. */
export function composeRabbit(
  url: string,
  log: Logger,
  databases: Databases,
  closers: (() => Promise<void>)[],
  figures: FigureSource[],
): TaskQueue {
  const dead = databases.openDeadTasks();
  closers.push(() => dead.close());
  const rabbit = createRabbitTaskQueue({ url, dead, log });
  figures.push(
    one('tasks_unconfirmed', 'Tasks that the broker has not confirmed yet', async () => rabbit.brokerFigures().unconfirmed),
    one('tasks_foreign_total', 'Messages in our queues that were no tasks', async () => rabbit.brokerFigures().parked),
  );
  return rabbit;
}
