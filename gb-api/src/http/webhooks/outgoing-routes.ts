import {
  createWebhook,
  deleteWebhook,
  listWebhookDeliveries,
  listWebhooks,
  repeatWebhookDelivery,
  replaceWebhookSecret,
  testWebhook,
  updateWebhook,
} from 'gb-core';
import {
  DeliveriesQuerystring,
  DeliveryPageSchema,
  DeliveryParams,
  DeliverySchema,
  DoneSchema,
  ErrorSchema,
  NewWebhookBody,
  OutgoingWebhookParams,
  WebhookChangeBody,
  WebhookMadeSchema,
  WebhookSchema,
  WebhooksSchema,
} from 'gb-protocol/schemas';
import type { ApiOptions } from '../../options.ts';
import { requireActor } from '../auth.ts';
import type { App } from '../server.ts';

const tags = ['Webhooks to other systems'];
const errors = { '4xx': ErrorSchema, '5xx': ErrorSchema };
const params = OutgoingWebhookParams;

/** Other systems that hear of what happens here; for owners and administrators. */
export function outgoingWebhookRoutes(app: App, { ctx }: ApiOptions): void {
  app.get(
    '/outgoing-webhooks',
    { schema: { tags, summary: 'Webhooks of the workspace', response: { 200: WebhooksSchema, ...errors } } },
    async (request) => ({ webhooks: await listWebhooks(ctx, requireActor(request)) }),
  );
  app.post(
    '/outgoing-webhooks',
    {
      schema: {
        tags,
        summary: 'Register an address: the secret is in this answer and nowhere else',
        body: NewWebhookBody,
        response: { 200: WebhookMadeSchema, ...errors },
      },
    },
    async (request) => createWebhook(ctx, requireActor(request), request.body),
  );
  app.patch(
    '/outgoing-webhooks/:webhookId',
    {
      schema: {
        tags,
        summary: 'Change it, or switch it on or off',
        params,
        body: WebhookChangeBody,
        response: { 200: WebhookSchema, ...errors },
      },
    },
    async (request) => updateWebhook(ctx, requireActor(request), request.params.webhookId, request.body),
  );
  app.delete(
    '/outgoing-webhooks/:webhookId',
    { schema: { tags, summary: 'Take it away, with its deliveries', params, response: { 200: DoneSchema, ...errors } } },
    async (request) => {
      await deleteWebhook(ctx, requireActor(request), request.params.webhookId);
      return { ok: true as const };
    },
  );
  app.post(
    '/outgoing-webhooks/:webhookId/secret',
    {
      schema: {
        tags,
        summary: 'Another secret; the one before it goes on signing for a day',
        params,
        response: { 200: WebhookMadeSchema, ...errors },
      },
    },
    async (request) => replaceWebhookSecret(ctx, requireActor(request), request.params.webhookId),
  );
  app.post(
    '/outgoing-webhooks/:webhookId/test',
    { schema: { tags, summary: 'Send a test', params, response: { 200: DeliverySchema, ...errors } } },
    async (request) => testWebhook(ctx, requireActor(request), request.params.webhookId),
  );
  app.get(
    '/outgoing-webhooks/:webhookId/deliveries',
    {
      schema: {
        tags,
        summary: 'What was sent, the newest first',
        params,
        querystring: DeliveriesQuerystring,
        response: { 200: DeliveryPageSchema, ...errors },
      },
    },
    async (request) => listWebhookDeliveries(ctx, requireActor(request), request.params.webhookId, request.query),
  );
  app.post(
    '/outgoing-webhooks/:webhookId/deliveries/:deliveryId/again',
    {
      schema: {
        tags,
        summary: 'Send it again, under the same id',
        params: DeliveryParams,
        response: { 200: DeliverySchema, ...errors },
      },
    },
    async (request) => {
      const { webhookId, deliveryId } = request.params;
      return repeatWebhookDelivery(ctx, requireActor(request), webhookId, deliveryId);
    },
  );
}
