import { type Attachment, type FileId, limits } from 'gb-protocol';
import { isUuid } from 'gb-utils';
import type { Actor, Context } from '../context.ts';
import { notFound } from '../fail.ts';
import { keepFile, toAttachment } from '../files/keep-file.ts';
import { canSee } from '../policies/channel.ts';
import type { FileRow, Tx } from '../ports/index.ts';

export interface Upload {
  readonly name: string;
  readonly type: string | undefined;
  readonly size: number | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

/** Channels looked at for one that shows the file to somebody; public ones come to everybody but guests. */
const channelsAskedMax = 50;

/** Stores a file of this person. It is theirs alone until they send it, and leaves in a day when they do not. */
export async function uploadFile(ctx: Context, actor: Actor, upload: Upload): Promise<Attachment> {
  const { customerId, userId: ownerId } = actor;
  const stay = { forMs: limits.fileUnusedHoursMax * 3_600_000 };
  return toAttachment(await keepFile(ctx, { ...upload, customerId, ownerId, botId: null, stay }));
}

/**
 * A file for whoever may fetch it: who uploaded it, who sees a message with it, and for a bot's own files with a place,
 * who manages bots. To everybody else it does not exist.
 */
export async function findFile(ctx: Context, actor: Actor, fileId: FileId): Promise<FileRow> {
  const { customerId, userId } = actor;
  const found = await ctx.store.read(customerId, async (tx) => {
    const file = isUuid(fileId) ? await tx.files.get(fileId) : null;
    if (!file) return null;
    if (file.ownerId === userId || (await isManaged(tx, actor, file))) return { file, channelIds: null };
    return { file, channelIds: await tx.files.channelsWith(fileId, userId, channelsAskedMax) };
  });
  if (!found) throw notFound('file');
  if (found.channelIds === null) return found.file;
  const channels = await ctx.access.channels(customerId, found.channelIds, userId);
  for (const access of channels.values()) if (canSee(actor, access)) return found.file;
  throw notFound('file');
}

/** Forgets an upload that was not sent. Twice is once; a file that a message shows stays. */
export async function discardUpload(ctx: Context, actor: Actor, fileId: FileId): Promise<void> {
  await ctx.store.transaction(actor.customerId, async (tx) => {
    const file = isUuid(fileId) ? await tx.files.get(fileId) : null;
    if (!file || file.ownerId !== actor.userId) throw notFound('file');
    await tx.files.release(fileId);
  });
}

async function isManaged(tx: Tx, actor: Actor, file: FileRow): Promise<boolean> {
  if (file.botId === null || file.folder === null || actor.role === 'guest' || actor.role === 'bot') return false;
  return (await tx.bots.get(file.botId))?.origin === 'editor';
}
