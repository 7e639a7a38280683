import type { FastifyRequest } from 'fastify';
import { expectMail, fail, type MailEnvelope, receiveMail } from 'gb-core';
import { limits } from 'gb-protocol';
import { ErrorSchema, MailParams, MailQuerystring, MailTakenSchema } from 'gb-protocol/schemas';
import type { ApiOptions } from '../../options.ts';
import { uploadBody } from '../files/upload-body.ts';
import type { App } from '../server.ts';

const tags = ['Webhooks'];
const errors = { '4xx': ErrorSchema, '5xx': ErrorSchema };
/** Mails that are read here at a time, and of one customer: each is in memory as a whole. */
const openMailsMax = 4;
const openMailsOfCustomerMax = 2;
/** Of them, and apart from the others, those whose sender showed nothing yet that a stranger could not. */
const unprovedMailsMax = 1;
/** Who sends more slowly than this is no mail server, and keeps others waiting. */
const mailMsMax = 60_000;
const recipientsMax = 100;

/** Mail for scripts with ON EMAIL, as a mail server hands it on. */
export async function mailRoutes(app: App, { ctx, rates }: ApiOptions): Promise<void> {
  const open: OpenMail[] = [];

  await app.register(async (scope) => {
    // Nothing of it is read before it is known to be for somebody.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _body, done) => done(null));
    (scope as unknown as App).post(
      '/mail/:customerId/:botId',
      {
        config: { isPublic: true, isForeign: true, isUpload: true },
        schema: {
          tags,
          summary: 'Start the scripts of ON EMAIL: the body is one mail, message/rfc822. Asks for the webhook-secret',
          security: [],
          params: MailParams,
          querystring: MailQuerystring,
          response: { 200: MailTakenSchema, ...errors },
        },
      },
      async (request, reply) => {
        const { customerId, botId } = request.params;
        try {
          await rates.stranger(request.ip);
          const { key } = request.query;
          const proof = { headers: request.headers, query: key === undefined ? {} : { key } };
          const isProved = await expectMail(ctx, request.params, proof);
          await rates.mail({ customerId, botId, isProved });
          if (!/^message\/rfc822\s*(;|$)/i.test(request.headers['content-type'] ?? ''))
            throw fail('malformed', 'The body has to be a mail, with the content type message/rfc822.');
          const mail = { customerId, isProved };
          if (!hasRoom(open, mail)) throw fail('overloaded', 'Other mails are being read.', { retryAfterMs: 2_000 });
          open.push(mail);
          try {
            const rawBody = await collected(request);
            return await receiveMail(ctx, request.params, envelopeOf(request), { ...proof, rawBody });
          } finally {
            open.splice(open.indexOf(mail), 1);
          }
        } catch (error) {
          // The rest of the body is of no use to anybody: the answer goes out, and the connection ends.
          if (!request.raw.complete) {
            reply.header('connection', 'close');
            reply.raw.once('finish', () => setTimeout(() => request.raw.destroy(), lastWordsMs).unref());
          }
          throw error;
        }
      },
    );
  });
}

interface OpenMail {
  readonly customerId: string;
  readonly isProved: boolean;
}

function hasRoom(open: readonly OpenMail[], { customerId, isProved }: OpenMail): boolean {
  const alike = open.filter((one) => one.isProved === isProved);
  if (!isProved) return alike.length < unprovedMailsMax;
  const own = alike.filter((one) => one.customerId === customerId);
  return alike.length < openMailsMax && own.length < openMailsOfCustomerMax;
}

/** How long a client has to read the answer before its connection goes. */
const lastWordsMs = 1_000;

async function collected({ raw, headers }: FastifyRequest): Promise<Uint8Array> {
  const tooLarge = () => fail('too_large', `A mail has at most ${limits.mailBytesMax} bytes.`);
  if (Number(headers['content-length'] ?? 0) > limits.mailBytesMax) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  const late = fail('malformed', `A mail has to be sent within ${mailMsMax / 1000} seconds.`);
  const timer = setTimeout(() => raw.destroy(late), mailMsMax);
  try {
    for await (const chunk of uploadBody(raw)) {
      size += chunk.length;
      if (size > limits.mailBytesMax) throw tooLarge();
      chunks.push(chunk);
    }
  } finally {
    clearTimeout(timer);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/** In the address, or in headers for those that cannot write there: `X-Envelope-To`, `X-Envelope-From`. */
function envelopeOf(request: FastifyRequest<{ Querystring: { to?: string | string[]; from?: string } }>): MailEnvelope {
  const { to = [], from } = request.query;
  const { 'x-envelope-to': alsoTo = [], 'x-envelope-from': alsoFrom } = request.headers;
  const named = [to, alsoTo].flat().flatMap((one) => one.split(','));
  const sender = from ?? (alsoFrom === undefined ? undefined : [alsoFrom].flat().join(','));
  return {
    to: named.map(plainAddress).filter(isAddress).slice(0, recipientsMax),
    from: sender === undefined ? null : plainAddress(sender),
  };
}

/** What envelopes hold, and nothing that would end up elsewhere. */
const isAddress = (text: string): boolean => text.length <= limits.emailMax && /^[^\s<>"\p{C}]+@[^\s<>"@\p{C}]+$/u.test(text);

const plainAddress = (text: string): string =>
  text
    .trim()
    .replace(/^<(.*)>$/, '$1')
    .trim();
