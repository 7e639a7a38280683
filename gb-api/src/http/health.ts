import type { Metrics } from '../metrics.ts';
import type { ApiOptions } from '../options.ts';
import type { App } from './server.ts';

/** For whoever watches over the process: is it alive, should it get traffic, how is it doing. */
export function healthRoutes(app: App, options: ApiOptions, metrics: Metrics): void {
  app.get('/health/live', { schema: { hide: true } }, async () => ({ status: 'ok' }));
  app.get('/health/ready', { schema: { hide: true } }, async (_request, reply) => {
    try {
      await options.isReady();
      return { status: 'ok' };
    } catch (error) {
      options.ctx.log.warn({ err: error }, 'Not ready');
      return reply.code(503).send({ status: 'unavailable' });
    }
  });
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
    reply.header('content-type', metrics.registry.contentType);
    return metrics.registry.metrics();
  });
}
