import { isUtf8 } from 'node:buffer';
import cookie from '@fastify/cookie';
import swagger from '@fastify/swagger';
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import Fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import { fail } from 'gb-core';
import { errorCodes, limits, protocolVersion } from 'gb-protocol';
import { GbError } from 'gb-utils';
import { errorBody } from '../error-body.ts';
import type { Metrics } from '../metrics.ts';
import type { ApiOptions } from '../options.ts';
import { accountRoutes } from './accounts/routes.ts';
import { addAuth } from './auth.ts';
import { botDataRoutes } from './bots/data-routes.ts';
import { botKeyRoutes } from './bots/key-routes.ts';
import { packageRoutes } from './bots/package-routes.ts';
import { botRoutes } from './bots/routes.ts';
import { botTurnRoutes } from './bots/turn-routes.ts';
import { channelRoutes } from './channels/routes.ts';
import { conversationRoutes } from './conversations/routes.ts';
import { deviceRoutes } from './devices/routes.ts';
import { docsRoutes } from './docs.ts';
import { exportRoutes } from './exports/routes.ts';
import { fileRoutes } from './files/routes.ts';
import { healthRoutes } from './health.ts';
import { invitationRoutes } from './invitations/routes.ts';
import { mailRoutes } from './mail/routes.ts';
import { mcpRoutes } from './mcp/routes.ts';
import { messageRoutes } from './messages/routes.ts';
import { taskRoutes } from './tasks/routes.ts';
import { toolRoutes } from './tools/routes.ts';
import { usageRoutes } from './usage/routes.ts';
import { serveWeb } from './web.ts';
import { outgoingWebhookRoutes } from './webhooks/outgoing-routes.ts';
import { webhookRoutes } from './webhooks/routes.ts';
import { workspaceRoutes } from './workspace/routes.ts';

export type App = FastifyInstance<
  import('node:http').Server,
  import('node:http').IncomingMessage,
  import('node:http').ServerResponse,
  import('fastify').FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** How long the body of a request may take, uploads aside. */
const bodyMsMax = 30_000;

/** The HTTP side: REST under /api, its description, health, metrics and the web client. */
export async function createHttpServer(options: ApiOptions, metrics: Metrics): Promise<App> {
  const { log } = options.ctx;
  const app = Fastify({
    logger: false,
    // Only hops on this machine or network: the first of X-Forwarded-For is whatever the client wrote there.
    trustProxy: options.trustProxy ? ['loopback', 'linklocal', 'uniquelocal'] : false,
    bodyLimit: limits.bodyBytesMax,
    // For the slowest upload; everything else has the time of `bodyMsMax`, below.
    requestTimeout: limits.uploadMsMax,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 200 },
  })
    .withTypeProvider<TypeBoxTypeProvider>()
    .setValidatorCompiler(TypeBoxValidatorCompiler) as App;

  // Decoding would quietly replace bytes that are no UTF-8: what is stored must be what was sent, or nothing.
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (!isUtf8(body as Buffer)) return done(fail('malformed', 'The body is not valid UTF-8.'));
    return parseJson(request, body.toString(), done);
  });

  await app.register(cookie);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'General Bots API',
        version: String(protocolVersion),
        description:
          'Everything the web client does, over REST. Live events come over the WebSocket at /ws; see the protocol page.',
        license: { name: 'Apache-2.0' },
      },
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer' },
          cookie: { type: 'apiKey', in: 'cookie', name: 'gb_session' },
        },
      },
      security: [{ bearer: [] }, { cookie: [] }],
    },
  });

  app.addHook('onRequest', async (_request, reply) => {
    reply.headers({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'permissions-policy': 'camera=(self), microphone=(self), display-capture=(self), geolocation=()',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
  });
  if (options.serves?.api === false)
    app.addHook('onRequest', async (request) => {
      if (!/^\/(health\/|metrics(\?|$))/.test(request.url))
        throw fail('unavailable', 'This process does not serve the API. Ask one that has the role api.');
    });
  // Slow senders hold a connection, not a worker; still, nobody needs this long for 128 kB.
  app.addHook('onRequest', async (request) => {
    const { raw } = request;
    const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
    if (request.routeOptions.config.isUpload || (encoding === undefined && (length === undefined || length === '0'))) return;
    // The answer may take longer, as a download on a slow line does.
    const timer = setTimeout(() => raw.complete || raw.destroy(), bodyMsMax);
    raw.once('end', () => clearTimeout(timer)).once('close', () => clearTimeout(timer));
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    metrics.requests.observe({ route, method: request.method, status: String(reply.statusCode) }, reply.elapsedTime / 1000);
  });

  app.setErrorHandler((error: FastifyError, request, reply) => {
    const body = errorBody(translate(error), log.child({ route: request.routeOptions.url ?? 'none' }));
    metrics.errors.inc({ code: body.code });
    if (body.retryAfterMs !== undefined) reply.header('retry-after', Math.ceil(body.retryAfterMs / 1000));
    return reply.code(errorCodes[body.code].status).send(body);
  });

  addAuth(app, options);
  healthRoutes(app, options, metrics);
  await app.register(
    async (api) => {
      api.addHook('onSend', async (_request, reply) => {
        if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
      });
      const typed = api as unknown as App;
      accountRoutes(typed, options);
      deviceRoutes(typed, options);
      invitationRoutes(typed, options);
      workspaceRoutes(typed, options);
      usageRoutes(typed, options);
      channelRoutes(typed, options);
      messageRoutes(typed, options);
      botRoutes(typed, options);
      botKeyRoutes(typed, options);
      botTurnRoutes(typed, options);
      botDataRoutes(typed, options);
      toolRoutes(typed, options);
      mcpRoutes(typed, options);
      outgoingWebhookRoutes(typed, options);
      taskRoutes(typed, options);
      exportRoutes(typed, options);
      await packageRoutes(typed, options);
      await webhookRoutes(typed, options);
      await mailRoutes(typed, options);
      await conversationRoutes(typed, options);
      await fileRoutes(typed, options);
      docsRoutes(typed);
      api.setNotFoundHandler(() => {
        throw fail('not_found', 'There is nothing at this address.');
      });
    },
    { prefix: '/api' },
  );
  await serveWeb(app, options);
  return app;
}

/** Fastify's own failures, in our words. */
function translate(error: FastifyError): unknown {
  if (error instanceof GbError) return error;
  if (error.validation) {
    const first = error.validation[0];
    const where = `${error.validationContext ?? 'request'}${first?.instancePath ?? ''}`;
    return fail('malformed', `${where} ${first?.message ?? 'is not valid'}.`);
  }
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return fail('too_large', `A request holds at most ${limits.bodyBytesMax} bytes.`);
  if (error.statusCode === 403 || error.statusCode === 404) return fail('not_found', 'There is nothing at this address.');
  if (typeof error.statusCode === 'number' && error.statusCode >= 400 && error.statusCode < 500) {
    const isBody = error.code?.startsWith('FST_ERR_CTP') || error instanceof SyntaxError;
    return fail('malformed', isBody ? 'The body is not valid JSON.' : 'The request is not valid.');
  }
  return error;
}
