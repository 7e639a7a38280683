import { createHash } from 'node:crypto';
import { type ChannelId, type CustomerId, type FileId, limits } from 'gb-protocol';
import { GbError, isUuid, uuidFromText, uuidv7 } from 'gb-utils';
import type { Actor, Context } from '../context.ts';
import { fail } from '../fail.ts';
import { canSee } from '../policies/channel.ts';
import { type ExportEntryRow, type ExportRow, objectKey, type Task, type TaskHandling, type Tx } from '../ports/index.ts';
import { taskAttemptsMax } from '../task-attempts.ts';
import { beginExport, partsPerSlice, writeSlice } from './export-slices.ts';
import { zipEndBytes, zipEntriesMax, zipEntryBytesMax, zipOf, zippedBytes } from './export-zip.ts';

export const exportTaskKind = 'export';

export const exportHandling: TaskHandling = { concurrency: 2, attemptsMax: 8, retryMsMin: 2_000, retryMsMax: 600_000 };

/** After so long the rest is put into the queue again: others have their turn in between. */
const turnMsMax = 20_000;
const reservedMsMax = 6 * 3_600_000;
const fileMsMax = limits.exportDaysMax * 86_400_000;

/** One that is not done. `key` of its task follows from its revision: the same rest is put once. */
export function putExport(
  ctx: Context,
  customerId: CustomerId,
  { id, revision }: Pick<ExportRow, 'id' | 'revision'>,
): Promise<void> {
  return ctx.tasks.put({
    kind: exportTaskKind,
    customerId,
    key: `${id}:${revision}`,
    payload: { exportId: id },
    priority: 'low',
  });
}

/**
 * Goes on with an export where its row says. A slice is written as objects first, and then the row says that they are
 * part of it: who dies before that leaves objects that nobody will name, which are deleted with the others in the end. The
 * numbers of objects are made of the row's revision, which only one can have reached: two that work on one export at the
 * same time write different objects, and the row takes those of one.
 */
export async function runExport(
  ctx: Context,
  task: Task,
  signal: AbortSignal,
  { handling = exportHandling, turnMs = turnMsMax }: { readonly handling?: TaskHandling; readonly turnMs?: number } = {},
): Promise<void> {
  const { customerId } = task;
  const { exportId } = task.payload as { exportId?: unknown };
  if (!isUuid(exportId)) throw new GbError('malformed', 'The task names no export');
  const beganAt = performance.now();
  let row = await claim(ctx, customerId, exportId);
  try {
    while (row && (row.status === 'waiting' || row.status === 'running')) {
      row = await step(ctx, customerId, row);
      signal.throwIfAborted();
      if (row?.status === 'running' && performance.now() - beganAt > turnMs) return await putExport(ctx, customerId, row);
    }
  } catch (error) {
    if (signal.aborted || !row) throw error;
    const isFinal = error instanceof GbError && !error.retryable;
    const isLast = task.attempt >= (handling.attemptsMax ?? taskAttemptsMax);
    if (!isFinal && !isLast) throw error;
    await giveUp(ctx, customerId, row, error instanceof GbError ? error.code : 'internal');
    if (!isFinal) throw error;
  }
}

/** From here on it is ours: what anybody else still writes, the row does not take. */
async function claim(ctx: Context, customerId: CustomerId, id: string): Promise<ExportRow | null> {
  return ctx.store.transaction(customerId, async (tx) => {
    const row = await tx.exports.get(id);
    const isOpen = row?.status === 'waiting' || row?.status === 'running';
    if (!row || !isOpen || !(await tx.exports.save({ ...row, status: 'running' }))) return null;
    return { ...row, status: 'running', revision: row.revision + 1 };
  });
}

/** Says that nothing will come of it, by an error code, and lets go of its pieces. */
export async function giveUp(ctx: Context, customerId: CustomerId, row: ExportRow, reason: string): Promise<void> {
  const endsAt = ctx.clock.nowMs() + fileMsMax;
  const failed = { ...row, status: 'failed', reason, endsAt } as const;
  const isSaved = await ctx.store.transaction(customerId, (tx) => tx.exports.save(failed));
  if (isSaved) await deleteParts(ctx, customerId, row);
}

/** The row after one more slice; null when somebody else has it, or it is gone. */
async function step(ctx: Context, customerId: CustomerId, row: ExportRow): Promise<ExportRow | null> {
  const actor = await ctx.store.read(customerId, (tx) => requesterOf(tx, customerId, row));
  const slice =
    row.state.channels === null
      ? await beginExport(ctx, actor, row)
      : row.state.channels.length > 0
        ? await writeSlice(ctx, actor, row)
        : null;
  if (slice === null) return finish(ctx, customerId, row);
  for (const entry of slice.entries)
    if (entry.size > zipEntryBytesMax) throw fail('too_large', 'A channel is larger than a zip file takes.');
  if (slice.state.packed > limits.exportBytesMax || slice.state.entries > zipEntriesMax - 1)
    throw fail('too_large', `An export holds at most ${limits.exportBytesMax} bytes and ${zipEntriesMax} files.`);
  for (const { part, bytes } of slice.pieces) await ctx.objects.put(await partKey(customerId, row.id, part), bytes);
  const next: ExportRow = { ...row, status: 'running', state: slice.state, written: slice.written, total: slice.total };
  const isSaved = await ctx.store.transaction(customerId, async (tx) => {
    if (!(await tx.exports.save(next))) return false;
    await tx.exports.putEntries(row.id, slice.entries);
    return true;
  });
  if (isSaved) return { ...next, revision: row.revision + 1 };
  // Somebody else goes on with it and has written pieces of these numbers, unless it was deleted: then nobody needs them.
  if ((await ctx.store.read(customerId, (tx) => tx.exports.get(row.id))) === null) await deleteParts(ctx, customerId, row);
  return null;
}

/** Whoever asked for it, as long as they may have it: looked at before each slice. */
async function requesterOf(tx: Tx, customerId: CustomerId, row: Pick<ExportRow, 'requestedBy' | 'channelId'>): Promise<Actor> {
  const person = await tx.users.get(row.requestedBy);
  if (!person?.isActive) throw fail('forbidden', 'Whoever asked for it may not sign in any more.');
  const actor: Actor = { customerId, userId: person.id, role: person.role, sessionId: null };
  await requireExport(tx, actor, row.channelId);
  return actor;
}

/** A channel: who is in it and is no guest. The workspace: its owners. */
export async function requireExport(tx: Tx, actor: Actor, channelId: ChannelId | null): Promise<void> {
  if (channelId === null) {
    if (actor.role !== 'owner') throw fail('forbidden', 'Only owners export the workspace.');
    return;
  }
  const access = isUuid(channelId) ? await tx.channels.access(channelId, actor.userId) : null;
  const isShown = access !== null && access.channel.kind !== 'self' && access.channel.kind !== 'instance';
  if (!isShown || !canSee(actor, access)) throw fail('not_found', 'There is no such channel.');
  if (!access.isMember || actor.role === 'guest') throw fail('forbidden', 'Members of a channel export it.');
}

async function finish(ctx: Context, customerId: CustomerId, row: ExportRow): Promise<ExportRow | null> {
  const { clock, store, objects } = ctx;
  const entries = () => entriesOf(ctx, customerId, row.id);
  let size = zipEndBytes;
  for await (const entry of entries()) size += zippedBytes(entry);
  if (size > zipEntryBytesMax) throw fail('too_large', 'The export is larger than a zip file takes.');
  const fileId = uuidv7(clock.nowMs()) as FileId;
  const leavingAt = clock.nowMs() + reservedMsMax;
  await store.transaction(customerId, async (tx) => {
    const most = await tx.quotas.most('storage');
    // What people keep counts; what is theirs already and leaves in a week need not fit beside it.
    const bytesMax = most === null ? Number.MAX_SAFE_INTEGER : most + limits.exportBytesMax;
    await tx.files.reserve({ id: fileId, ownerId: row.requestedBy, botId: null, size, leavingAt }, bytesMax);
  });
  const hash = createHash('sha256');
  async function* hashed() {
    for await (const chunk of zipOf(entries, (part) => pieceOf(ctx, customerId, row.id, part), new Date(row.createdAt))) {
      hash.update(chunk);
      yield chunk;
    }
  }
  await objects.put(objectKey(customerId, fileId), hashed());
  const endsAt = clock.nowMs() + fileMsMax;
  const done: ExportRow = { ...row, status: 'done', fileId, bytes: size, endsAt };
  const isSaved = await store.transaction(customerId, async (tx) => {
    if (!(await tx.exports.save(done))) return false;
    const name = `export-${new Date(row.createdAt).toISOString().slice(0, 10)}.zip`;
    const facts = { name, type: 'application/zip', size, sha256: hash.digest(), width: null, height: null };
    await tx.files.complete(fileId, facts, { until: endsAt });
    return true;
  });
  // Somebody else finished it; the bytes go with the row of the file, which was only reserved.
  if (!isSaved) return null;
  await deleteParts(ctx, customerId, row);
  return { ...done, revision: row.revision + 1 };
}

async function* entriesOf(ctx: Context, customerId: CustomerId, id: string): AsyncGenerator<ExportEntryRow> {
  const limit = 500;
  for (let after = -1; ; ) {
    const page = await ctx.store.read(customerId, (tx) => tx.exports.entries(id, after, limit));
    yield* page;
    if (page.length < limit) return;
    after = page.at(-1)!.number;
  }
}

async function* pieceOf(ctx: Context, customerId: CustomerId, id: string, part: number): AsyncGenerator<Uint8Array> {
  const stream = await ctx.objects.get(await partKey(customerId, id, part));
  if (!stream) throw new GbError('unavailable', 'A piece of the export is not there', { retryable: true });
  for await (const chunk of stream) yield chunk as Uint8Array;
}

async function partKey(customerId: CustomerId, id: string, part: number) {
  return objectKey(customerId, (await uuidFromText(`export:${id}:${part}`)) as FileId);
}

/** All that any attempt may have written. Twice is once. */
export async function deleteParts(ctx: Context, customerId: CustomerId, { id, revision }: ExportRow): Promise<void> {
  for (let part = 0; part < (revision + 1) * partsPerSlice; part++) await ctx.objects.delete(await partKey(customerId, id, part));
}
