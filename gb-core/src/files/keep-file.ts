import { createHash } from 'node:crypto';
import { type Attachment, type BotId, type CustomerId, type FileId, limits, type UserId } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';
import type { Context } from '../context.ts';
import { fail } from '../fail.ts';
import { type FilePlace, type FileRow, objectKey, type Tx } from '../ports/index.ts';
import { cleanFileName } from './file-names.ts';
import { headBytesMax, lookAt } from './file-type.ts';

export interface NewFile {
  readonly customerId: CustomerId;
  readonly ownerId: UserId;
  readonly botId: BotId | null;
  readonly name: string;
  /** What somebody says it is; the bytes decide. */
  readonly type: string | undefined;
  readonly body: AsyncIterable<Uint8Array> | Uint8Array;
  /** The number of bytes where it is known before; room for the largest file is taken where it is not. */
  readonly size: number | undefined;
  /** How long it stays without being used, or its place in a bot's drive. */
  readonly stay: { readonly forMs: number } | { readonly place: FilePlace };
  /** Done in the transaction that puts the file in its place. */
  readonly onPlaced?: (tx: Tx, file: FileRow) => Promise<unknown>;
}

/** Reserved room is let go after this long: nobody uploads for longer. */
const reservedMsMax = 2 * limits.uploadMsMax;

/**
 * Stores a file: room is reserved, the bytes go to the object store as they come, then the row says what they are. A
 * crash anywhere leaves a row that the sweep takes away together with whatever bytes there are. Returning means that both
 * are durable. Fails with `too_large`, `quota_exceeded`, or what the source of the bytes fails with.
 */
export async function keepFile(ctx: Context, file: NewFile): Promise<FileRow> {
  const { customerId, ownerId, botId, stay } = file;
  const size = file.body instanceof Uint8Array ? file.body.byteLength : file.size;
  if (size !== undefined && size > limits.fileBytesMax) throw tooLarge();
  const nowMs = ctx.clock.nowMs();
  const id = uuidv7(nowMs) as FileId;
  const key = objectKey(customerId, id);
  const room = { id, ownerId, botId, size: size ?? limits.fileBytesMax, leavingAt: nowMs + reservedMsMax };
  const reserving = ctx.store.transaction(customerId, async (tx) =>
    tx.files.reserve(room, (await tx.quotas.most('storage')) ?? Number.MAX_SAFE_INTEGER),
  );
  await ctx.quotas.watch(customerId, reserving);
  ctx.quotas.look(customerId);
  try {
    const reading = read(file.body);
    await ctx.objects.put(key, reading.bytes);
    const name = cleanFileName(file.name);
    const facts = { name, ...(await lookAt(reading.head(), name, file.type)), size: reading.size(), sha256: reading.sha256() };
    return await ctx.store.transaction(customerId, async (tx) => {
      const kept = await tx.files.complete(id, facts, 'place' in stay ? stay : { until: ctx.clock.nowMs() + stay.forMs });
      await file.onPlaced?.(tx, kept);
      return kept;
    });
  } catch (error) {
    // The room is free again soon rather than in a while; should this fail too, the reservation still ends.
    await ctx.store
      .transaction(customerId, (tx) => tx.files.release(id))
      .catch((cause: unknown) => ctx.log.warn({ err: cause, customerId, fileId: id }, 'Reserved room was not let go'));
    throw error;
  }
}

export function toAttachment(file: FileRow): Attachment {
  const { id, name, type, size, width, height } = file;
  return { id, name, type, size, ...(width === null || height === null ? {} : { width, height }) };
}

/** The bytes on their way through, with what is told of them at the end. */
function read(body: AsyncIterable<Uint8Array> | Uint8Array) {
  const hash = createHash('sha256');
  const head: Uint8Array[] = [];
  let size = 0;
  let headSize = 0;
  async function* bytes(): AsyncGenerator<Uint8Array> {
    for await (const chunk of body instanceof Uint8Array ? [body] : body) {
      size += chunk.byteLength;
      if (size > limits.fileBytesMax) throw tooLarge();
      hash.update(chunk);
      if (headSize < headBytesMax) {
        const part = chunk.slice(0, headBytesMax - headSize);
        head.push(part);
        headSize += part.byteLength;
      }
      yield chunk;
    }
  }
  return { bytes: bytes(), size: () => size, head: () => Buffer.concat(head), sha256: (): Uint8Array => hash.digest() };
}

function tooLarge() {
  return fail('too_large', `A file holds at most ${limits.fileBytesMax} bytes.`);
}
