import { awaitRun, type Context, callTool, fail, type KeyHolder, listTools } from 'gb-core';
import { type BotId, type JsonObject, type JsonValue, limits } from 'gb-protocol';
import { BotParams, ErrorSchema } from 'gb-protocol/schemas';
import { GbError } from 'gb-utils';
import Type from 'typebox';
import type { ApiOptions } from '../../options.ts';
import { requireKey } from '../auth.ts';
import { closing } from '../closing.ts';
import type { App } from '../server.ts';

const tags = ['Tools'];
const errors = { '4xx': ErrorSchema, '5xx': ErrorSchema };
const config = { keys: 'only' } as const;

/** Of the Model Context Protocol, the newest first. Between them what is offered here did not change. */
const versions = ['2025-11-25', '2025-06-18', '2025-03-26'];
/** Messages in one request; only the protocol of 2025-03 has more than one. */
const batchMax = 20;

/** JSON-RPC 2.0, section 5.1. */
const codes = { invalidRequest: -32600, methodNotFound: -32601, invalidParams: -32602, internal: -32603 } as const;

class RpcError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * The tools of a bot as a server of the Model Context Protocol, over streamable HTTP. It keeps nothing between requests,
 * so any process may answer the next one, and it has nothing to say of its own accord, so it opens no streams.
 */
export function mcpRoutes(app: App, { ctx }: ApiOptions): void {
  app.post(
    '/mcp/:botId',
    {
      config,
      schema: {
        tags,
        summary: 'The tools of the bot for language models: Model Context Protocol, streamable HTTP',
        params: BotParams,
        body: Type.Unknown({ description: 'A JSON-RPC 2.0 message' }),
        response: { 200: Type.Unknown(), 202: Type.Unknown(), 400: Type.Unknown(), ...errors },
      },
    },
    async (request, reply) => {
      const holder = requireKey(request);
      const { botId } = request.params;
      if (holder.botId !== botId) throw fail('not_found', 'There is no such bot.');
      const version = request.headers['mcp-protocol-version'];
      if (version !== undefined && !versions.includes(String(version)))
        throw fail('malformed', `This server speaks versions ${versions.join(', ')} of the protocol.`);
      const server = new McpServer(ctx, holder, botId, closing(reply));
      const { body } = request;
      const isBatch = Array.isArray(body);
      if (isBatch && (body.length === 0 || body.length > batchMax))
        return reply.code(400).send(failed(null, codes.invalidRequest, `A batch has 1 to ${batchMax} messages.`));
      const answers: JsonObject[] = [];
      for (const message of isBatch ? body : [body]) {
        const answer = await server.answer(message as JsonValue);
        if (answer) answers.push(answer);
      }
      if (answers.length === 0) return reply.code(202).send(undefined);
      return reply.send(isBatch ? answers : answers[0]);
    },
  );
  // There is nothing to listen to, and no session to end.
  app.route({
    method: ['GET', 'DELETE'],
    url: '/mcp/:botId',
    exposeHeadRoute: false,
    config,
    schema: { hide: true, params: BotParams },
    handler: async (_request, reply) =>
      reply
        .code(405)
        .header('allow', 'POST')
        .send({ code: 'malformed', message: 'Only POST is answered here.', retryable: false }),
  });
}

class McpServer {
  readonly #ctx: Context;
  readonly #holder: KeyHolder;
  readonly #botId: BotId;
  readonly #signal: AbortSignal;

  constructor(ctx: Context, holder: KeyHolder, botId: BotId, signal: AbortSignal) {
    this.#ctx = ctx;
    this.#holder = holder;
    this.#botId = botId;
    this.#signal = signal;
  }

  /** null for what asks nothing: notifications, and answers to questions that were never asked. */
  async answer(message: JsonValue): Promise<JsonObject | null> {
    if (!isObject(message) || message['jsonrpc'] !== '2.0') return failed(null, codes.invalidRequest, 'This is no JSON-RPC 2.0.');
    const { id, method } = message;
    const params = isObject(message['params']) ? message['params'] : {};
    if (typeof method !== 'string')
      return 'result' in message || 'error' in message ? null : failed(null, codes.invalidRequest, 'There is no method.');
    if (id === undefined) return null;
    if (typeof id !== 'string' && typeof id !== 'number')
      return failed(null, codes.invalidRequest, 'The id is a text or a number.');
    try {
      return { jsonrpc: '2.0', id, result: await this.#do(method, params) };
    } catch (error) {
      if (error instanceof RpcError) return failed(id, error.code, error.message);
      if (error instanceof GbError && !error.retryable) return failed(id, codes.invalidParams, error.message);
      this.#ctx.log.warn({ err: error, botId: this.#botId }, 'A request of the Model Context Protocol failed');
      return failed(id, codes.internal, 'Something went wrong on the server.');
    }
  }

  async #do(method: string, params: JsonObject): Promise<JsonValue> {
    switch (method) {
      case 'initialize':
        return this.#initialize(params);
      case 'ping':
        return {};
      case 'tools/list':
        return {
          tools: (await listTools(this.#ctx, this.#holder, this.#botId)).map(({ name, description, parameters }) => ({
            name,
            description,
            inputSchema: parameters,
          })),
        };
      case 'tools/call':
        return this.#call(params);
      default:
        throw new RpcError(codes.methodNotFound, `There is no method ${method.slice(0, 80)}.`);
    }
  }

  async #initialize({ protocolVersion }: JsonObject): Promise<JsonValue> {
    const bot = await this.#ctx.store.read(this.#holder.customerId, (tx) => tx.bots.get(this.#botId));
    return {
      protocolVersion: typeof protocolVersion === 'string' && versions.includes(protocolVersion) ? protocolVersion : versions[0]!,
      capabilities: { tools: { listChanged: false } },
      serverInfo: { name: bot?.handle ?? 'bot', title: bot?.name ?? 'Bot', version: String(bot?.publishedVersion ?? 0) },
      ...(bot?.description ? { instructions: bot.description } : {}),
    };
  }

  /** What is wrong with a call, or goes wrong in it, is told to the model, which may do better; only a wrong name is an error of the protocol. */
  async #call({ name, arguments: args }: JsonObject): Promise<JsonValue> {
    const { customerId } = this.#holder;
    if (typeof name !== 'string') throw new RpcError(codes.invalidParams, 'Name a tool.');
    try {
      const runId = await callTool(this.#ctx, this.#holder, { botId: this.#botId, tool: name, args: isObject(args) ? args : {} });
      const answer = await awaitRun(this.#ctx, customerId, runId, limits.runWaitMsMax, this.#signal);
      if (!answer.isDone) return said(`The tool is still at work. It goes on as run ${runId}.`, true);
      const { value = null } = answer;
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      return { ...said(text, false), ...(isObject(value) ? { structuredContent: value } : {}) };
    } catch (error) {
      const isToBeTold =
        error instanceof GbError && ['run_failed', 'malformed', 'too_large', 'quota_exceeded'].includes(error.code);
      if (!isToBeTold)
        throw error instanceof GbError && error.code === 'not_found'
          ? new RpcError(codes.invalidParams, `Unknown tool: ${name.slice(0, 80)}`)
          : error;
      return said(error.message, true);
    }
  }
}

function said(text: string, isError: boolean): { readonly content: JsonValue; readonly isError: boolean } {
  return { content: [{ type: 'text', text }], isError };
}

function failed(id: string | number | null, code: number, message: string): JsonObject {
  return { jsonrpc: '2.0', id, error: { code, message } };
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
