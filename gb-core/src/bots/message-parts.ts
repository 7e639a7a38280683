import type { Attachment, FileId, MessageParts } from 'gb-protocol';
import { limits } from 'gb-protocol';
import { isUuid } from 'gb-utils';
import type { BotReply, FileRow, FileValue, Tx } from '../ports/index.ts';

/** What a bot's message carries besides text. Files that are not there, or not of this customer, are left out. */
export async function partsOf(tx: Tx, { files = [], card, form }: BotReply): Promise<MessageParts | null> {
  const ids = [...new Set(files)].filter((id): id is FileId => isUuid(id)).slice(0, limits.attachmentsPerMessageMax);
  const rows = ids.length === 0 ? [] : await tx.files.many(ids);
  if (rows.length === 0 && !card && !form) return null;
  return {
    ...(rows.length > 0 ? { attachments: rows.map(toAttachment) } : {}),
    ...(card ? { card } : {}),
    ...(form ? { form } : {}),
  };
}

export function toAttachment({ id, name, type, size, width, height }: FileRow): Attachment {
  return { id, name, type, size, ...(width !== null && height !== null ? { width, height } : {}) };
}

/** As programs see it. */
export function toFileValue({ id, name, type, size, width, height }: Attachment): FileValue {
  return { file: id, name, type, size, ...(width !== undefined && height !== undefined ? { width, height } : {}) };
}
