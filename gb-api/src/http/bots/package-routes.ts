import { Readable } from 'node:stream';
import { Zip, ZipDeflate, ZipPassThrough } from 'fflate';
import { type Context, fail, listPackage, objectKey, type PackedEntry, publishPackage } from 'gb-core';
import { type CustomerId, limits } from 'gb-protocol';
import { BotParams, ErrorSchema, PackagePublishedSchema } from 'gb-protocol/schemas';
import type { ApiOptions } from '../../options.ts';
import { requireActor } from '../auth.ts';
import { uploadBody } from '../files/upload-body.ts';
import type { App } from '../server.ts';

const tags = ['Bots'];
const errors = { '4xx': ErrorSchema, '5xx': ErrorSchema };
/** Packages being read here at a time: each is in memory as a whole, with all that is in it. */
const openPackagesMax = 2;
/** What zip files can say at the earliest; the same files always give the same bytes. */
const zipTime = new Date(1980, 0, 1);
/** Formats that are packed already. */
const packedAlready = /\.(png|jpe?g|gif|webp|avif|mp[34]|m4a|webm|ogg|pdf|docx|xlsx|pptx|zip|gz)$/i;

/** A whole bot as a zip file, in and out. */
export async function packageRoutes(app: App, { ctx }: ApiOptions): Promise<void> {
  const open = new Set<CustomerId>();
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _body, done) => done(null));
    (scope as unknown as App).put(
      '/bots/:botId/package',
      {
        config: { isUpload: true },
        schema: {
          tags,
          summary: 'Publish a package: the body is a zip file of a .gbai folder. All of it or nothing',
          params: BotParams,
          response: { 200: PackagePublishedSchema, ...errors },
        },
      },
      async (request, reply) => {
        const actor = requireActor(request);
        try {
          if (open.has(actor.customerId) || open.size >= openPackagesMax)
            throw fail('overloaded', 'Another package is being published.', { retryAfterMs: 2_000 });
          open.add(actor.customerId);
          try {
            const zip = await collected(uploadBody(request.raw), Number(request.headers['content-length'] ?? 0));
            return await publishPackage(ctx, actor, request.params.botId, zip);
          } finally {
            open.delete(actor.customerId);
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
  app.get(
    '/bots/:botId/package',
    { exposeHeadRoute: false, schema: { tags, summary: 'The draft and the files of the bot as a zip file', params: BotParams } },
    async (request, reply) => {
      const actor = requireActor(request);
      const { handle, entries } = await listPackage(ctx, actor, request.params.botId);
      reply.header('content-type', 'application/zip');
      reply.header('content-disposition', `attachment; filename="${handle}.zip"`);
      return reply.send(Readable.from(zipped(ctx, actor.customerId, entries)));
    },
  );
}

async function collected(body: AsyncIterable<Uint8Array>, announced: number): Promise<Uint8Array> {
  const tooLarge = () => fail('too_large', `A package holds at most ${limits.packageZipBytesMax} bytes.`);
  if (announced > limits.packageZipBytesMax) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limits.packageZipBytesMax) throw tooLarge();
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/** Packs one file after the other, no more of them in memory than a piece. A file that cannot be read breaks the answer off. */
async function* zipped(ctx: Context, customerId: CustomerId, entries: readonly PackedEntry[]): AsyncGenerator<Uint8Array> {
  let ready: Uint8Array[] = [];
  let failure: Error | null = null;
  const zip = new Zip((error, chunk) => {
    if (error) failure = error;
    else ready.push(chunk);
  });
  const taken = () => {
    if (failure) throw failure;
    const chunks = ready;
    ready = [];
    return chunks;
  };
  for (const entry of entries) {
    const file = packedAlready.test(entry.path) ? new ZipPassThrough(entry.path) : new ZipDeflate(entry.path, { level: 6 });
    file.mtime = zipTime;
    zip.add(file);
    if ('text' in entry) file.push(new TextEncoder().encode(entry.text), true);
    else {
      const stream = await ctx.objects.get(objectKey(customerId, entry.file.id));
      if (!stream) throw fail('unavailable', 'A file of the package cannot be read right now.');
      for await (const chunk of stream) {
        file.push(new Uint8Array(chunk as Uint8Array), false);
        yield* taken();
      }
      file.push(new Uint8Array(), true);
    }
    yield* taken();
  }
  zip.end();
  yield* taken();
}
