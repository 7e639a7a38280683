import { type Context, type EventLog, registerJobs, startJobUpkeep, WebhookFeed, type WebhookSender } from 'gb-core';
import { createHttpClient, createWebhookSender } from 'gb-vm/host';

/** Connections of webhooks at a time, of one customer and of all: their own, so that slow addresses take none from bots. */
const customerRequestsMax = 16;
const requestsMax = 64;

/** What calls webhooks; bots and webhooks reach the same places. */
export function composeWebhookSender(allow: readonly string[]): { readonly sender: WebhookSender; close(): void } {
  const http = createHttpClient({ allow, customerRequestsMax, requestsMax });
  return { sender: createWebhookSender({ http, allow }), close: () => http.close() };
}

/** What this process does of the queue, and what feeds it. Before the queue and the event log start. */
export function composeJobs(ctx: Context, eventLog: EventLog): { close(): Promise<void> } {
  registerJobs(ctx);
  const feed = new WebhookFeed(ctx);
  eventLog.consume('webhooks', (entry) => feed.handle(entry));
  return startJobUpkeep(ctx);
}
