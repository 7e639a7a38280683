import { readUsage } from 'gb-core';
import { ErrorSchema, UsageSchema } from 'gb-protocol/schemas';
import type { ApiOptions } from '../../options.ts';
import { requireActor } from '../auth.ts';
import type { App } from '../server.ts';

/** What the organization uses of what it may have. */
export function usageRoutes(app: App, { ctx }: ApiOptions): void {
  app.get(
    '/usage',
    {
      schema: {
        tags: ['Workspace'],
        summary: 'What the organization uses of its quotas, for owners and administrators',
        response: { 200: UsageSchema, '4xx': ErrorSchema, '5xx': ErrorSchema },
      },
    },
    async (request) => readUsage(ctx, requireActor(request)),
  );
}
