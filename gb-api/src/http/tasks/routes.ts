import { countTasks, listDeadTasks, retryDeadTask } from 'gb-core';
import {
  DeadTasksQuerystring,
  DeadTasksSchema,
  DoneSchema,
  ErrorSchema,
  TaskCountsSchema,
  TaskParams,
} from 'gb-protocol/schemas';
import type { ApiOptions } from '../../options.ts';
import { requireActor } from '../auth.ts';
import type { App } from '../server.ts';

const tags = ['Tasks'];
const errors = { '4xx': ErrorSchema, '5xx': ErrorSchema };

/** Work that waits, and work that failed; for owners and administrators. */
export function taskRoutes(app: App, { ctx }: ApiOptions): void {
  app.get(
    '/tasks',
    { schema: { tags, summary: 'How much waits, by kind', response: { 200: TaskCountsSchema, ...errors } } },
    async (request) => ({ tasks: await countTasks(ctx, requireActor(request)) }),
  );
  app.get(
    '/tasks/dead',
    {
      schema: {
        tags,
        summary: 'Tasks that failed for good, with the reason, the newest first',
        querystring: DeadTasksQuerystring,
        response: { 200: DeadTasksSchema, ...errors },
      },
    },
    async (request) => ({ tasks: await listDeadTasks(ctx, requireActor(request), request.query) }),
  );
  app.post(
    '/tasks/dead/:taskId/retry',
    {
      schema: {
        tags,
        summary: 'Try it once more from the beginning',
        params: TaskParams,
        response: { 200: DoneSchema, ...errors },
      },
    },
    async (request) => {
      await retryDeadTask(ctx, requireActor(request), request.params.taskId);
      return { ok: true as const };
    },
  );
}
