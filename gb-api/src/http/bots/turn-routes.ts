import {
  changeBotConversation,
  endBotConversation,
  migrateBotConversations,
  readBotConversation,
  readBotTurn,
  readBotTurns,
  retryBotConversation,
} from 'gb-core';
import {
  BotConversationDetailSchema,
  BotConversationParams,
  BotParams,
  BotTurnDetailSchema,
  BotTurnPageSchema,
  BotTurnParams,
  ChangeConversationBody,
  ConversationChangedSchema,
  DoneSchema,
  ErrorSchema,
  MigrateBody,
  MigratedSchema,
  ProgramQuerystring,
  TurnsQuerystring,
} from 'gb-protocol/schemas';
import type { ApiOptions } from '../../options.ts';
import { requireActor } from '../auth.ts';
import type { App } from '../server.ts';

const tags = ['Bots'];
const errors = { '4xx': ErrorSchema, '5xx': ErrorSchema };
const done = { ok: true } as const;

/** One conversation of a bot for who looks after it: where it stands, its journal, and what can be done about it. */
export function botTurnRoutes(app: App, { ctx }: ApiOptions): void {
  const path = '/bots/:botId/conversations/:conversationId';
  app.get(
    path,
    {
      schema: {
        tags,
        summary: 'Where one conversation or run stands, with all that a debugger needs',
        params: BotConversationParams,
        querystring: ProgramQuerystring,
        response: { 200: BotConversationDetailSchema, ...errors },
      },
    },
    async (request) => {
      const { botId, conversationId } = request.params;
      const withProgram = request.query.program ?? true;
      return readBotConversation(ctx, requireActor(request), botId, conversationId, { withProgram });
    },
  );
  app.get(
    `${path}/turns`,
    {
      schema: {
        tags,
        summary: 'Its journal: what came into each turn and what came out',
        params: BotConversationParams,
        querystring: TurnsQuerystring,
        response: { 200: BotTurnPageSchema, ...errors },
      },
    },
    async (request) =>
      readBotTurns(ctx, requireActor(request), request.params.botId, request.params.conversationId, request.query),
  );
  app.get(
    `${path}/turns/:turn`,
    {
      schema: {
        tags,
        summary: 'One turn, with the snapshot before it and its program',
        params: BotTurnParams,
        querystring: ProgramQuerystring,
        response: { 200: BotTurnDetailSchema, ...errors },
      },
    },
    async (request) => {
      const withProgram = request.query.program ?? true;
      return readBotTurn(ctx, requireActor(request), request.params, { withProgram });
    },
  );
  app.post(
    `${path}/retry`,
    {
      schema: {
        tags,
        summary: 'Let a parked one try again',
        params: BotConversationParams,
        response: { 200: DoneSchema, ...errors },
      },
    },
    async (request) => {
      await retryBotConversation(ctx, requireActor(request), request.params.botId, request.params.conversationId);
      return done;
    },
  );
  app.post(
    `${path}/end`,
    { schema: { tags, summary: 'End it', params: BotConversationParams, response: { 200: DoneSchema, ...errors } } },
    async (request) => {
      await endBotConversation(ctx, requireActor(request), request.params.botId, request.params.conversationId);
      return done;
    },
  );
  app.post(
    `${path}/variables`,
    {
      schema: {
        tags,
        summary: 'Change variables of one that waits, unless it has gone on since it was read (`moved_on`)',
        params: BotConversationParams,
        body: ChangeConversationBody,
        response: { 200: ConversationChangedSchema, ...errors },
      },
    },
    async (request) => changeBotConversation(ctx, requireActor(request), request.params, request.body),
  );
  app.post(
    '/bots/:botId/migrate',
    {
      schema: {
        tags,
        summary: 'Let conversations of older versions go on in the published one',
        params: BotParams,
        body: MigrateBody,
        response: { 200: MigratedSchema, ...errors },
      },
    },
    async (request) => migrateBotConversations(ctx, requireActor(request), request.params.botId, request.body),
  );
}
