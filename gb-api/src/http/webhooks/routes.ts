import type { FastifyReply, FastifyRequest } from 'fastify';
import { awaitRun, callWebhook, fail, requireWebhookRun, type WebhookRequest } from 'gb-core';
import { type ConversationId, limits, type RunAnswer } from 'gb-protocol';
import { ErrorSchema, WebhookParams, WebhookRunParams } from 'gb-protocol/schemas';
import { GbError } from 'gb-utils';
import type { ApiOptions } from '../../options.ts';
import { closing } from '../closing.ts';
import type { App } from '../server.ts';

const tags = ['Webhooks'];
const errors = { '4xx': ErrorSchema, '5xx': ErrorSchema };
/** Strangers' programs: no session, and no cookie is looked at. */
const config = { isPublic: true, isForeign: true } as const;
const waitSecondsDefault = 10;

/** Scripts with WEBHOOK, called by other systems. */
export async function webhookRoutes(app: App, options: ApiOptions): Promise<void> {
  const { ctx, rates } = options;

  await app.register(async (plain) => {
    const scope = plain as unknown as App;
    // As it came: a signature is over these bytes.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: limits.webhookBytesMax }, (_request, body, done) =>
      done(null, body),
    );
    scope.route({
      method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      url: '/webhooks/:customerId/:botId/:name',
      exposeHeadRoute: false,
      config,
      schema: {
        tags,
        summary: 'Start the script of a WEBHOOK; answers with what it RETURNs, or 202 with the address of the run',
        security: [],
        params: WebhookParams,
        response: errors,
      },
      handler: async (request, reply) => {
        await rates.webhook(request.ip, request.params);
        const { customerId, botId, name } = request.params;
        const runId = await callWebhook(ctx, request.params, readRequest(request));
        const answer = await outcome(runId, reply, preferredWaitMs(request));
        return sendAnswer(reply, answer, `/api/webhooks/${customerId}/${botId}/${encodeURIComponent(name)}/runs/${runId}`);
      },
    });
    scope.get(
      '/webhooks/:customerId/:botId/:name/runs/:runId',
      {
        exposeHeadRoute: false,
        config,
        schema: {
          tags,
          summary: 'What came of a run of this webhook; 202 while it goes on',
          security: [],
          params: WebhookRunParams,
          response: errors,
        },
      },
      async (request, reply) => {
        await rates.webhook(request.ip, request.params);
        const { customerId, botId, name, runId } = request.params;
        await requireWebhookRun(ctx, { customerId, botId, name }, readRequest(request), runId);
        const answer = await outcome(runId, reply, preferredWaitMs(request, 0));
        return sendAnswer(reply, answer, `/api/webhooks/${customerId}/${botId}/${encodeURIComponent(name)}/runs/${runId}`);
      },
    );

    async function outcome(runId: ConversationId, reply: FastifyReply, waitMs: number): Promise<RunAnswer> {
      const { customerId } = reply.request.params as { customerId: Parameters<typeof awaitRun>[1] };
      try {
        return await awaitRun(ctx, customerId, runId, waitMs, closing(reply));
      } catch (error) {
        // The sentence of the error may quote what the bot knows; it is in the bot's log.
        if (error instanceof GbError && error.code === 'run_failed') throw fail('run_failed', 'The script ended with an error.');
        throw error;
      }
    }
  });
}

function readRequest(request: FastifyRequest): WebhookRequest {
  const query = Object.entries(request.query as Record<string, string | string[]>);
  return {
    method: request.method,
    headers: request.headers,
    query: Object.fromEntries(query.map(([name, value]) => [name, String(Array.isArray(value) ? value.at(-1) : value)])),
    rawBody: Buffer.isBuffer(request.body) ? request.body : new Uint8Array(),
  };
}

/** `Prefer: wait=5`, or `respond-async` for not at all (RFC 7240). */
function preferredWaitMs(request: FastifyRequest, fallbackSeconds = waitSecondsDefault): number {
  const prefer = String(request.headers['prefer'] ?? '');
  if (/\brespond-async\b/i.test(prefer)) return 0;
  const [, seconds] = /\bwait=(\d{1,4})\b/i.exec(prefer) ?? [];
  return Math.min(Number(seconds ?? fallbackSeconds) * 1000, limits.runWaitMsMax);
}

/** A text is sent as it is, for callers that want one word back; everything else as JSON. */
function sendAnswer(reply: FastifyReply, answer: RunAnswer, path: string): FastifyReply {
  if (!answer.isDone)
    return reply
      .code(202)
      .header('location', path)
      .send({ ...answer, path });
  const { value = null } = answer;
  if (value === null) return reply.code(204).send();
  if (typeof value === 'string') return reply.type('text/plain; charset=utf-8').send(value);
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(value));
}
