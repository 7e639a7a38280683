import {
  listBotSchedules,
  pauseBotSchedule,
  readBotRows,
  readBotSettings,
  readBotTables,
  readBotTriggers,
  resumeBotSchedule,
  runBotSchedule,
} from 'gb-core';
import {
  BotParams,
  BotRowPageSchema,
  BotScheduleParams,
  BotScheduleSchema,
  BotSchedulesSchema,
  BotSettingsSchema,
  BotTableParams,
  BotTablesSchema,
  BotTriggersSchema,
  ErrorSchema,
  RowsQuerystring,
  RunAnswerSchema,
} from 'gb-protocol/schemas';
import type { ApiOptions } from '../../options.ts';
import { requireActor } from '../auth.ts';
import type { App } from '../server.ts';

const tags = ['Bots'];
const errors = { '4xx': ErrorSchema, '5xx': ErrorSchema };

/** What the published version of a bot declares: clocks, triggers, tables, settings. */
export function botDataRoutes(app: App, { ctx }: ApiOptions): void {
  app.get(
    '/bots/:botId/schedules',
    {
      schema: {
        tags,
        summary: 'Scripts that run by the clock, in words',
        params: BotParams,
        response: { 200: BotSchedulesSchema, ...errors },
      },
    },
    async (request) => ({ schedules: await listBotSchedules(ctx, requireActor(request), request.params.botId) }),
  );
  for (const [verb, summary, work] of [
    ['pause', 'It does not come until it is resumed', pauseBotSchedule],
    ['resume', 'It comes again', resumeBotSchedule],
  ] as const) {
    app.post(
      `/bots/:botId/schedules/:scheduleId/${verb}`,
      { schema: { tags, summary, params: BotScheduleParams, response: { 200: BotScheduleSchema, ...errors } } },
      async (request) => work(ctx, requireActor(request), request.params.botId, request.params.scheduleId),
    );
  }
  app.post(
    '/bots/:botId/schedules/:scheduleId/run',
    {
      schema: {
        tags,
        summary: 'Run its script once now',
        params: BotScheduleParams,
        response: { 202: RunAnswerSchema, ...errors },
      },
    },
    async (request, reply) => {
      const { botId, scheduleId } = request.params;
      const runId = await runBotSchedule(ctx, requireActor(request), botId, scheduleId);
      return reply.code(202).send({ runId, isDone: false });
    },
  );
  app.get(
    '/bots/:botId/triggers',
    {
      schema: {
        tags,
        summary: 'What starts scripts besides people and the clock',
        params: BotParams,
        response: { 200: BotTriggersSchema, ...errors },
      },
    },
    async (request) => ({ triggers: await readBotTriggers(ctx, requireActor(request), request.params.botId) }),
  );
  app.get(
    '/bots/:botId/tables',
    { schema: { tags, summary: 'Tables and sheets', params: BotParams, response: { 200: BotTablesSchema, ...errors } } },
    async (request) => ({ tables: await readBotTables(ctx, requireActor(request), request.params.botId) }),
  );
  app.get(
    '/bots/:botId/tables/:table/rows',
    {
      schema: {
        tags,
        summary: 'Rows of a table or sheet, as they came',
        params: BotTableParams,
        querystring: RowsQuerystring,
        response: { 200: BotRowPageSchema, ...errors },
      },
    },
    async (request) => readBotRows(ctx, requireActor(request), request.params.botId, request.params.table, request.query),
  );
  app.get(
    '/bots/:botId/settings',
    {
      schema: {
        tags,
        summary: 'Settings of the published version; secret ones without their value',
        params: BotParams,
        response: { 200: BotSettingsSchema, ...errors },
      },
    },
    async (request) => ({ settings: await readBotSettings(ctx, requireActor(request), request.params.botId) }),
  );
}
