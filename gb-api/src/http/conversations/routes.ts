import {
  contactActor,
  fail,
  findFile,
  openContact,
  postAsContact,
  readContactMessages,
  requireContact,
  uploadFile,
} from 'gb-core';
import {
  AttachmentOnlySchema,
  ChannelParams,
  ContactConversationSchema,
  ContactFileParams,
  ContactMessagePageSchema,
  ContactMessagesQuerystring,
  ContactPostedSchema,
  ErrorSchema,
  FileQuerystring,
  NewContactBody,
  PostContactMessageBody,
  UploadHeaders,
} from 'gb-protocol/schemas';
import type { ApiOptions } from '../../options.ts';
import { requireKey } from '../auth.ts';
import { closing } from '../closing.ts';
import { sendFile } from '../files/send-file.ts';
import { uploadBody } from '../files/upload-body.ts';
import type { App } from '../server.ts';
import { ChannelWaits } from './channel-waits.ts';

const tags = ['Conversations'];
const errors = { '4xx': ErrorSchema, '5xx': ErrorSchema };
const config = { keys: 'only' } as const;
/** Uploads of one key at a time: each holds a connection for as long as it takes. */
const uploadsPerKeyMax = 16;

/** Conversations of a bot with people elsewhere, for connectors. */
export async function conversationRoutes(app: App, options: ApiOptions): Promise<void> {
  const { ctx, rates } = options;
  const waits = new ChannelWaits(ctx.bus);
  const uploading = new Map<string, number>();
  const path = '/conversations/:channelId';

  app.post(
    '/conversations',
    {
      config,
      schema: {
        tags,
        summary: 'The conversation of a contact with the bot; a new one starts its program',
        body: NewContactBody,
        response: { 200: ContactConversationSchema, ...errors },
      },
    },
    async (request) => openContact(ctx, requireKey(request), request.body.contact),
  );
  app.get(
    `${path}/messages`,
    {
      config,
      schema: {
        tags,
        summary: 'Messages after a cursor, oldest first; waits for one when there is none and waitMs is given',
        params: ChannelParams,
        querystring: ContactMessagesQuerystring,
        response: { 200: ContactMessagePageSchema, ...errors },
      },
    },
    async (request, reply) => {
      const holder = requireKey(request);
      const { channelId } = request.params;
      const { waitMs = 0, ...query } = request.query;
      await requireContact(ctx, holder, channelId);
      const place = { customerId: holder.customerId, channelId, keyId: holder.keyId };
      const wait = waits.listen(place, waitMs, closing(reply));
      try {
        const page = await readContactMessages(ctx, holder, channelId, query);
        if (page.messages.length > 0 || waitMs === 0) return page;
        await wait.over;
        return await readContactMessages(ctx, holder, channelId, query);
      } finally {
        wait.end();
      }
    },
  );
  app.post(
    `${path}/messages`,
    {
      config,
      schema: {
        tags,
        summary: 'What the contact wrote; the same clientId again gives the first result',
        params: ChannelParams,
        body: PostContactMessageBody,
        response: { 200: ContactPostedSchema, ...errors },
      },
    },
    async (request) => {
      const holder = requireKey(request);
      const { channelId } = request.params;
      await rates.message(holder.customerId, channelId, channelId);
      return postAsContact(ctx, holder, channelId, request.body);
    },
  );
  app.get(
    `${path}/files/:fileId`,
    {
      exposeHeadRoute: false,
      config,
      schema: { tags, summary: 'A file of the conversation', params: ContactFileParams, querystring: FileQuerystring },
    },
    async (request, reply) => {
      const holder = requireKey(request);
      const contact = await requireContact(ctx, holder, request.params.channelId);
      const file = await findFile(ctx, contactActor(holder, contact), request.params.fileId);
      const { customerId } = holder;
      return sendFile(request, reply, { ctx, customerId, file, isDownload: request.query.download === true });
    },
  );
  await app.register(async (scope) => {
    // Whatever the type says, the body is bytes: a JSON file is not a request.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _body, done) => done(null));
    (scope as unknown as App).post(
      `${path}/files`,
      {
        config: { ...config, isUpload: true },
        schema: {
          tags,
          summary: 'Upload a file of the contact: the body is its bytes. A message then names it in attachmentIds',
          params: ChannelParams,
          headers: UploadHeaders,
          response: { 200: AttachmentOnlySchema, ...errors },
        },
      },
      async (request, reply) => {
        const holder = requireKey(request);
        const { 'content-length': length, 'content-type': type, 'x-file-name': name } = request.headers;
        const under = uploading.get(holder.keyId) ?? 0;
        try {
          const contact = await requireContact(ctx, holder, request.params.channelId);
          if (under >= uploadsPerKeyMax) throw fail('rate_limited', 'Too many uploads at a time.', { retryAfterMs: 1_000 });
          uploading.set(holder.keyId, (uploading.get(holder.keyId) ?? 0) + 1);
          try {
            await rates.upload(holder);
            const size = length === undefined ? undefined : Number(length);
            const upload = { name: readName(name), type, size, body: uploadBody(request.raw) };
            return { attachment: await uploadFile(ctx, contactActor(holder, contact), upload) };
          } finally {
            const left = (uploading.get(holder.keyId) ?? 1) - 1;
            if (left > 0) uploading.set(holder.keyId, left);
            else uploading.delete(holder.keyId);
          }
        } catch (error) {
          // The rest of the body is of no use to anybody: the answer goes out, and the connection ends.
          if (!request.raw.complete) {
            reply.header('connection', 'close');
            reply.raw.once('finish', () => setTimeout(() => request.raw.destroy(), 1_000).unref());
          }
          throw error;
        }
      },
    );
  });
}

/** Percent-encoded, because headers hold no more than ASCII. */
function readName(header: string): string {
  try {
    return decodeURIComponent(header);
  } catch (cause) {
    throw fail('malformed', 'x-file-name is not percent-encoded UTF-8.', { cause });
  }
}
