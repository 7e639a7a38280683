import { type Export, type ExportLink, limits, type NewExport } from 'gb-protocol';
import { isUuid, uuidv7 } from 'gb-utils';
import type { Actor, Context } from '../context.ts';
import { fail, notFound } from '../fail.ts';
import { createShareLink } from '../files/share-link.ts';
import { deleteParts, putExport, requireExport } from '../jobs/export-job.ts';
import type { ExportRow, FileRow, Tx } from '../ports/index.ts';

const linkMsMax = 24 * 3_600_000;
const shownMax = 100;

/**
 * Asks for a file with what was said in a channel, or in the workspace as far as its owner may read it. It is made when
 * there is time; this returns when that is sure.
 */
export async function createExport(ctx: Context, actor: Actor, input: NewExport): Promise<Export> {
  const nowMs = ctx.clock.nowMs();
  const channelId = input.channelId ?? null;
  const row = await ctx.store.transaction(actor.customerId, async (tx) => {
    await requireExport(tx, actor, channelId);
    const open = await tx.exports.openCounts(actor.userId);
    if (open.own >= limits.exportsPerPersonMax || open.all >= limits.exportsOpenMax)
      throw fail('rate_limited', 'Another export is being made. Wait until it is done.', { retryAfterMs: 30_000 });
    const person = await tx.users.get(actor.userId);
    const made: ExportRow = {
      id: uuidv7(nowMs),
      channelId,
      requestedBy: actor.userId,
      status: 'waiting',
      state: { locale: person?.locale ?? 'en', channels: null, afterSeq: 0, page: 0, onPage: 0, parts: 0, packed: 0, entries: 0 },
      written: 0,
      total: 0,
      revision: 0,
      fileId: null,
      bytes: null,
      reason: null,
      createdAt: nowMs,
      changedAt: nowMs,
      endsAt: null,
    };
    await tx.exports.insert(made);
    const target = channelId ?? actor.customerId;
    await tx.audit.write({ actorId: actor.userId, action: 'export.asked', target, facts: { exportId: made.id } });
    return made;
  });
  await putExport(ctx, actor.customerId, row);
  return present(row);
}

/** What this person asked for, the newest first. */
export async function listExports(ctx: Context, actor: Actor): Promise<readonly Export[]> {
  const rows = await ctx.store.read(actor.customerId, (tx) => tx.exports.list(actor.userId, shownMax));
  return rows.map(present);
}

/** The file, for whoever asked for it and might ask for it now. */
export async function findExportFile(ctx: Context, actor: Actor, id: string): Promise<FileRow> {
  return ctx.store.read(actor.customerId, async (tx) => {
    const row = await requireOwn(tx, actor, id);
    await requireExport(tx, actor, row.channelId);
    const file = row.fileId === null ? null : await tx.files.get(row.fileId);
    if (!file) throw notFound('file');
    return file;
  });
}

/** A link for a program that cannot sign in, or another person: whoever has it has the file, for a day. */
export async function createExportLink(ctx: Context, actor: Actor, id: string): Promise<ExportLink> {
  const file = await findExportFile(ctx, actor, id);
  const until = ctx.clock.nowMs() + linkMsMax;
  const { path, untilMs } = await createShareLink(ctx, { customerId: actor.customerId, fileId: file.id, untilMs: until });
  await ctx.store.transaction(actor.customerId, (tx) =>
    tx.audit.write({ actorId: actor.userId, action: 'export.linked', target: id, facts: { until: untilMs } }),
  );
  return { path, until: untilMs };
}

/** Lets go of the file, or stops what is being made. */
export async function deleteExport(ctx: Context, actor: Actor, id: string): Promise<void> {
  const row = await ctx.store.transaction(actor.customerId, async (tx) => {
    const found = await requireOwn(tx, actor, id);
    await tx.exports.delete(id);
    if (found.fileId !== null) await tx.files.release(found.fileId);
    return found;
  });
  // What is being written at this moment finds no row to put it in, and cleans up after itself.
  await deleteParts(ctx, actor.customerId, row);
}

async function requireOwn(tx: Tx, actor: Actor, id: string): Promise<ExportRow> {
  const row = isUuid(id) ? await tx.exports.get(id) : null;
  if (row?.requestedBy !== actor.userId) throw notFound('export');
  return row;
}

function present(row: ExportRow): Export {
  const { id, channelId, requestedBy, status, written, total, bytes, reason, createdAt, endsAt } = row;
  return { id, channelId, requestedBy, status, written, total, bytes, reason, createdAt, endsAt };
}
