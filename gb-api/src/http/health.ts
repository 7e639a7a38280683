import { BlockList } from 'node:net';
import { fail } from 'gb-core';
import type { Metrics } from '../metrics.ts';
import type { ApiOptions } from '../options.ts';
import type { App } from './server.ts';

const near = new BlockList();
for (const [network, bits] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
] as const)
  near.addSubnet(network, bits, 'ipv4');
for (const [network, bits] of [
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  near.addSubnet(network, bits, 'ipv6');

/** Loopback, private and link-local addresses (RFC 6890). */
function isNear(address: string): boolean {
  const plain = address.replace(/^::ffff:/, '');
  return near.check(plain, plain.includes(':') ? 'ipv6' : 'ipv4');
}

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
  // Numbers about everybody: for this machine and its private network, not for who comes through the front door.
  app.get('/metrics', { schema: { hide: true } }, async (request, reply) => {
    const isForwarded = request.headers['x-forwarded-for'] !== undefined || request.headers['forwarded'] !== undefined;
    if (isForwarded || !isNear(request.socket.remoteAddress ?? '')) throw fail('not_found', 'There is nothing at this address.');
    reply.header('content-type', metrics.registry.contentType);
    return metrics.registry.metrics();
  });
}
