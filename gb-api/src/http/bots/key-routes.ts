import { createBotKey, listBotKeys, revokeBotKey } from 'gb-core';
import {
  BotKeyMadeSchema,
  BotKeyParams,
  BotKeysSchema,
  BotParams,
  DoneSchema,
  ErrorSchema,
  NewBotKeyBody,
} from 'gb-protocol/schemas';
import type { ApiOptions } from '../../options.ts';
import { requireActor } from '../auth.ts';
import type { App } from '../server.ts';

const tags = ['Bots'];
const errors = { '4xx': ErrorSchema, '5xx': ErrorSchema };

/** Keys by which programs talk to a bot. */
export function botKeyRoutes(app: App, { ctx }: ApiOptions): void {
  app.get(
    '/bots/:botId/keys',
    { schema: { tags, summary: 'Keys of the bot', params: BotParams, response: { 200: BotKeysSchema, ...errors } } },
    async (request) => ({ keys: await listBotKeys(ctx, requireActor(request), request.params.botId) }),
  );
  app.post(
    '/bots/:botId/keys',
    {
      schema: {
        tags,
        summary: 'Make a key: its token is in this answer and nowhere else',
        params: BotParams,
        body: NewBotKeyBody,
        response: { 200: BotKeyMadeSchema, ...errors },
      },
    },
    async (request) => createBotKey(ctx, requireActor(request), request.params.botId, request.body.name),
  );
  app.delete(
    '/bots/:botId/keys/:keyId',
    { schema: { tags, summary: 'Take a key back', params: BotKeyParams, response: { 200: DoneSchema, ...errors } } },
    async (request) => {
      await revokeBotKey(ctx, requireActor(request), request.params.botId, request.params.keyId);
      return { ok: true as const };
    },
  );
}
