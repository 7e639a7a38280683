import { discardUpload, fail, findFile, openShareLink, uploadFile } from 'gb-core';
import {
  AttachmentOnlySchema,
  DoneSchema,
  ErrorSchema,
  FileParams,
  FileQuerystring,
  SharedParams,
  UploadHeaders,
} from 'gb-protocol/schemas';
import type { ApiOptions } from '../../options.ts';
import { requireActor } from '../auth.ts';
import type { App } from '../server.ts';
import { sendFile } from './send-file.ts';
import { uploadBody } from './upload-body.ts';

const tags = ['Files'];
const errors = { '4xx': ErrorSchema, '5xx': ErrorSchema };
const done = { ok: true } as const;
/** Uploads of one person at a time: each holds a connection for as long as it takes. */
const uploadsPerPersonMax = 8;

export async function fileRoutes(app: App, options: ApiOptions): Promise<void> {
  const { ctx, rates } = options;
  const uploading = new Map<string, number>();

  await app.register(async (scope) => {
    // Whatever the type says, the body is bytes: a JSON file is not a request.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _body, done) => done(null));
    (scope as unknown as App).post(
      '/files',
      {
        config: { isUpload: true },
        schema: {
          tags,
          summary: 'Upload a file: the body is its bytes. A message then names it in attachmentIds',
          headers: UploadHeaders,
          response: { 200: AttachmentOnlySchema, ...errors },
        },
      },
      async (request, reply) => {
        const actor = requireActor(request);
        const size = request.headers['content-length'] === undefined ? undefined : Number(request.headers['content-length']);
        const person = `${actor.customerId}:${actor.userId}`;
        const under = uploading.get(person) ?? 0;
        try {
          if (under >= uploadsPerPersonMax) throw fail('rate_limited', 'Too many uploads at a time.', { retryAfterMs: 1_000 });
          uploading.set(person, under + 1);
          try {
            await rates.upload(actor);
            const name = readName(request.headers['x-file-name']);
            const upload = { name, type: request.headers['content-type'], size, body: uploadBody(request.raw) };
            return { attachment: await uploadFile(ctx, actor, upload) };
          } finally {
            const left = (uploading.get(person) ?? 1) - 1;
            if (left > 0) uploading.set(person, left);
            else uploading.delete(person);
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

  app.get(
    '/files/:fileId',
    {
      exposeHeadRoute: false,
      schema: {
        tags,
        summary: 'A file, for who uploaded it or sees a message with it',
        params: FileParams,
        querystring: FileQuerystring,
      },
    },
    async (request, reply) => {
      const actor = requireActor(request);
      const file = await findFile(ctx, actor, request.params.fileId);
      return sendFile(request, reply, { ctx, customerId: actor.customerId, file, isDownload: request.query.download === true });
    },
  );
  app.delete(
    '/files/:fileId',
    {
      schema: {
        tags,
        summary: 'Forget an upload that was not sent',
        params: FileParams,
        response: { 200: DoneSchema, ...errors },
      },
    },
    async (request) => {
      await discardUpload(ctx, requireActor(request), request.params.fileId);
      return done;
    },
  );
  app.get(
    '/shared/:token',
    {
      exposeHeadRoute: false,
      config: { isPublic: true },
      schema: {
        tags,
        summary: 'A file for whoever has the link',
        security: [],
        params: SharedParams,
        querystring: FileQuerystring,
      },
    },
    async (request, reply) => {
      await rates.stranger(request.ip);
      const { customerId, file } = await openShareLink(ctx, request.params.token);
      return sendFile(request, reply, { ctx, customerId, file, isDownload: request.query.download === true });
    },
  );
}

/** How long a client has to read the answer before its connection goes. */
const lastWordsMs = 1_000;

/** Percent-encoded, because headers hold no more than ASCII. */
function readName(header: string): string {
  try {
    return decodeURIComponent(header);
  } catch (cause) {
    throw fail('malformed', 'x-file-name is not percent-encoded UTF-8.', { cause });
  }
}
