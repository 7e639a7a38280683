import type { FastifyReply } from 'fastify';

/** Aborts when whoever asked is gone before the answer: nobody waits for it any more. */
export function closing(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return gone.signal;
}
