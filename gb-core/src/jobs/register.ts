import type { Context } from '../context.ts';
import type { TaskHandling } from '../ports/index.ts';
import { exportHandling, exportTaskKind, runExport } from './export-job.ts';
import { WebhookDeliverer, webhookHandling, webhookTaskKind } from './webhook-delivery.ts';

export interface JobOptions {
  /** For tests, whose patience is shorter than a day. */
  readonly webhooks?: TaskHandling;
}

/** Says what this process does of the queue. Before the queue starts. */
export function registerJobs(ctx: Context, options: JobOptions = {}): void {
  const { webhookSender: sender } = ctx;
  const handling = options.webhooks ?? webhookHandling;
  const deliverer = sender && new WebhookDeliverer(ctx, { sender, handling });
  if (deliverer) ctx.tasks.handle(webhookTaskKind, handling, (task, signal) => deliverer.deliver(task, signal));
  ctx.tasks.handle(exportTaskKind, exportHandling, (task, signal) => runExport(ctx, task, signal));
}
