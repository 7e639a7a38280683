import { awaitRun, callTool, listTools, readRun } from 'gb-core';
import { limits } from 'gb-protocol';
import {
  BotParams,
  BotRunParams,
  BotToolParams,
  BotToolsSchema,
  CallToolBody,
  ErrorSchema,
  IdempotencyHeaders,
  RunAnswerSchema,
  WaitQuerystring,
} from 'gb-protocol/schemas';
import type { ApiOptions } from '../../options.ts';
import { requireCaller } from '../auth.ts';
import { closing } from '../closing.ts';
import type { App } from '../server.ts';

const tags = ['Tools'];
const errors = { '4xx': ErrorSchema, '5xx': ErrorSchema };
const config = { keys: 'also' } as const;
const waitMsDefault = 10_000;

/** Scripts with PARAM, called by name: by members with their session, by programs with a key of the bot. */
export function toolRoutes(app: App, { ctx }: ApiOptions): void {
  app.get(
    '/bots/:botId/tools',
    {
      config,
      schema: {
        tags,
        summary: 'The tools of the published version, with JSON schemas of their arguments',
        params: BotParams,
        response: { 200: BotToolsSchema, ...errors },
      },
    },
    async (request) => ({ tools: await listTools(ctx, requireCaller(request), request.params.botId) }),
  );
  app.post(
    '/bots/:botId/tools/:tool',
    {
      config,
      schema: {
        tags,
        summary: 'Call a tool: its value, or 202 with the run when it takes longer than waitMs',
        params: BotToolParams,
        querystring: WaitQuerystring,
        headers: IdempotencyHeaders,
        body: CallToolBody,
        response: { 200: RunAnswerSchema, 202: RunAnswerSchema, ...errors },
      },
    },
    async (request, reply) => {
      const caller = requireCaller(request);
      const { botId, tool } = request.params;
      const idempotencyKey = request.headers['idempotency-key'];
      const runId = await callTool(ctx, caller, { botId, tool, args: request.body.arguments ?? {}, idempotencyKey });
      const waitMs = request.query.waitMs ?? waitMsDefault;
      const answer = await awaitRun(ctx, caller.customerId, runId, waitMs, closing(reply));
      if (!answer.isDone) reply.header('location', `/api/bots/${botId}/runs/${runId}`);
      return reply.code(answer.isDone ? 200 : 202).send(answer);
    },
  );
  app.get(
    '/bots/:botId/runs/:runId',
    {
      config,
      schema: {
        tags,
        summary: 'What came of a run I started; 202 while it goes on',
        params: BotRunParams,
        querystring: WaitQuerystring,
        response: { 200: RunAnswerSchema, 202: RunAnswerSchema, ...errors },
      },
    },
    async (request, reply) => {
      const { botId, runId } = request.params;
      const waitMs = Math.min(request.query.waitMs ?? 0, limits.runWaitMsMax);
      const answer = await readRun(ctx, requireCaller(request), botId, runId, { waitMs, signal: closing(reply) });
      return reply.code(answer.isDone ? 200 : 202).send(answer);
    },
  );
}
