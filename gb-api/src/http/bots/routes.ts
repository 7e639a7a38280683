import {
  addBotToChannel,
  createBot,
  createBotFromExample,
  listBotExamples,
  listBots,
  publishBot,
  readBot,
  readBotConversations,
  readBotLog,
  readBotLogo,
  removeBotFromChannel,
  rollBackBot,
  updateBot,
} from 'gb-core';
import { limits } from 'gb-protocol';
import {
  BotChannelParams,
  BotConversationPageSchema,
  BotConversationsQuerystring,
  BotDetailSchema,
  BotExamplesSchema,
  BotLogPageSchema,
  BotLogQuerystring,
  BotParams,
  BotPatchBody,
  BotsSchema,
  DoneSchema,
  ErrorSchema,
  NewBotBody,
  PreviewBody,
  PreviewSchema,
  VersionBody,
  VersionSchema,
} from 'gb-protocol/schemas';
import type { ApiOptions } from '../../options.ts';
import { requireActor } from '../auth.ts';
import { sendFile } from '../files/send-file.ts';
import type { App } from '../server.ts';

const tags = ['Bots'];
const errors = { '4xx': ErrorSchema, '5xx': ErrorSchema };
const done = { ok: true } as const;
/** Scripts travel as JSON text, where a quote or a line break takes two bytes. */
const bodyLimit = limits.scriptBytesMax * 4;

export function botRoutes(app: App, { ctx, previews }: ApiOptions): void {
  app.get(
    '/bots',
    { schema: { tags, summary: 'The bots of the workspace', response: { 200: BotsSchema, ...errors } } },
    async (request) => ({
      bots: await listBots(ctx, requireActor(request)),
    }),
  );
  app.post(
    '/bots',
    {
      bodyLimit,
      schema: {
        tags,
        summary: 'Make a bot, of scripts or as a copy of an example',
        body: NewBotBody,
        response: { 200: BotDetailSchema, ...errors },
      },
    },
    async (request) => {
      const { example, timeZone, files = [], ...about } = request.body;
      const actor = requireActor(request);
      return example === undefined
        ? createBot(ctx, actor, { ...about, files })
        : createBotFromExample(ctx, actor, { ...about, example, ...(timeZone === undefined ? {} : { timeZone }) });
    },
  );
  app.get(
    '/bots/examples',
    { schema: { tags, summary: 'Bots to begin with', response: { 200: BotExamplesSchema, ...errors } } },
    async (request) => ({ examples: await listBotExamples(ctx, requireActor(request)) }),
  );
  app.get(
    '/bots/:botId',
    {
      schema: {
        tags,
        summary: 'A bot with its scripts and versions',
        params: BotParams,
        response: { 200: BotDetailSchema, ...errors },
      },
    },
    async (request) => readBot(ctx, requireActor(request), request.params.botId),
  );
  app.patch(
    '/bots/:botId',
    {
      bodyLimit,
      schema: {
        tags,
        summary: 'Save the draft',
        params: BotParams,
        body: BotPatchBody,
        response: { 200: BotDetailSchema, ...errors },
      },
    },
    async (request) => updateBot(ctx, requireActor(request), request.params.botId, request.body),
  );
  app.post(
    '/bots/:botId/publish',
    {
      schema: {
        tags,
        summary: 'Make the draft what people talk to',
        params: BotParams,
        response: { 200: VersionSchema, ...errors },
      },
    },
    async (request) => ({
      version: await publishBot(ctx, requireActor(request), request.params.botId),
    }),
  );
  app.post(
    '/bots/:botId/rollback',
    {
      schema: {
        tags,
        summary: 'Go back to an earlier version',
        params: BotParams,
        body: VersionBody,
        response: { 200: VersionSchema, ...errors },
      },
    },
    async (request) => ({
      version: await rollBackBot(ctx, requireActor(request), request.params.botId, request.body.version),
    }),
  );
  app.get(
    '/bots/:botId/logo',
    {
      exposeHeadRoute: false,
      schema: { tags, summary: 'The picture of the bot, when its theme has one', params: BotParams },
    },
    async (request, reply) => {
      const actor = requireActor(request);
      const file = await readBotLogo(ctx, actor, request.params.botId);
      return sendFile(request, reply, { ctx, customerId: actor.customerId, file, isDownload: false });
    },
  );
  app.get(
    '/bots/:botId/log',
    {
      schema: {
        tags,
        summary: 'What happened to the bot: failures with their places, versions',
        params: BotParams,
        querystring: BotLogQuerystring,
        response: { 200: BotLogPageSchema, ...errors },
      },
    },
    async (request) => readBotLog(ctx, requireActor(request), request.params.botId, request.query),
  );
  app.get(
    '/bots/:botId/conversations',
    {
      schema: {
        tags,
        summary: 'Who talks to the bot, and where they stand',
        params: BotParams,
        querystring: BotConversationsQuerystring,
        response: { 200: BotConversationPageSchema, ...errors },
      },
    },
    async (request) => readBotConversations(ctx, requireActor(request), request.params.botId, request.query),
  );
  app.put(
    '/bots/:botId/channels/:channelId',
    {
      schema: { tags, summary: 'Put the bot into a channel', params: BotChannelParams, response: { 200: DoneSchema, ...errors } },
    },
    async (request) => {
      await addBotToChannel(ctx, requireActor(request), request.params.botId, request.params.channelId);
      return done;
    },
  );
  app.delete(
    '/bots/:botId/channels/:channelId',
    {
      schema: {
        tags,
        summary: 'Take the bot out of a channel',
        params: BotChannelParams,
        response: { 200: DoneSchema, ...errors },
      },
    },
    async (request) => {
      await removeBotFromChannel(ctx, requireActor(request), request.params.botId, request.params.channelId);
      return done;
    },
  );
  app.post(
    '/bots/preview',
    { bodyLimit, schema: { tags, summary: 'Try a draft', body: PreviewBody, response: { 200: PreviewSchema, ...errors } } },
    async (request) => previews.turn(requireActor(request), request.body),
  );
}
