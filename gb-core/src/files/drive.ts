import { type BotId, type CustomerId, type FileId, limits, type UserId } from 'gb-protocol';
import { GbError, isUuid } from 'gb-utils';
import { type FileChange, startChangeRuns } from '../bots/change-runs.ts';
import type { Context } from '../context.ts';
import { OperationFailed } from '../operation-failed.ts';
import {
  type Drive,
  type DriveFolder,
  type FilePlace,
  type FileRow,
  type FileValue,
  objectKey,
  type Tx,
} from '../ports/index.ts';
import type { BytesHeld } from './bytes-in-flight.ts';
import { readDrivePath } from './file-names.ts';
import { keepFile } from './keep-file.ts';
import { isForBots } from './message-parts.ts';

export interface DriveOwner {
  readonly customerId: CustomerId;
  readonly botId: BotId;
  readonly botUserId: UserId;
  /** How often scripts have started each other up to whoever uses the drive. */
  readonly depth?: number;
  /** What is read is counted here, and let go with all the rest of a piece of work. */
  readonly held?: BytesHeld;
}

/** Where a name without a folder is looked for, in this order. */
const lookedThrough: readonly DriveFolder[] = ['drive', 'data', 'theme'];
const listedMax = 1_000;
const unusedMsMax = limits.botFileUnusedDaysMax * 86_400_000;

/**
 * The files of one bot. `drive/`, `data/`, `kb/` and `theme/` name a folder of its package; a name without one is looked
 * for in the drive, then in the data, then in the theme, and written to the drive. A file a program was given is
 * one that a bot made, or that people showed where this bot is.
 */
export function createDrive(ctx: Context, owner: DriveOwner): Drive {
  const { customerId, botId, botUserId, depth = 0, held } = owner;

  async function find(text: string): Promise<FileRow | null> {
    const { folder, path } = requirePath(text);
    return ctx.store.read(customerId, async (tx) => {
      for (const one of folder === null ? lookedThrough : [folder]) {
        const found = await tx.files.byPath({ botId, folder: one, path });
        if (found) return found;
      }
      return null;
    });
  }

  /** In one piece, of its size from the beginning: gathering chunks would hold it twice. */
  async function load(row: FileRow) {
    await held?.take(row.size);
    const stream = await ctx.objects.get(objectKey(customerId, row.id));
    if (!stream) throw missing(row);
    const bytes = new Uint8Array(row.size);
    let size = 0;
    for await (const chunk of stream) {
      const part = chunk as Uint8Array;
      if (size + part.byteLength > row.size) throw missing(row);
      bytes.set(part, size);
      size += part.byteLength;
    }
    if (size < row.size) throw missing(row);
    return { value: toFileValue(row), bytes };
  }

  /** Who waits for changes of the folder hears of it, in the transaction of the change. */
  async function tell(tx: Tx, place: FilePlace, event: FileChange['event'], row: FileRow): Promise<void> {
    const nowMs = ctx.clock.nowMs();
    const change = { customerId, botId, folder: place.folder, path: place.path, event, file: toFileValue(row), nowMs, depth };
    if (await startChangeRuns(tx, change)) ctx.bus.signal({ type: 'due', customerId, atMs: nowMs });
  }

  async function keep(
    name: string,
    bytes: Uint8Array,
    type: string | undefined,
    place: FilePlace | null,
    event: FileChange['event'] = 'created',
  ): Promise<FileValue> {
    const stay = place ? { place } : { forMs: unusedMsMax };
    const onPlaced = (tx: Tx, row: FileRow) => (place ? tell(tx, place, event, row) : Promise.resolve());
    try {
      return toFileValue(
        await keepFile(ctx, {
          customerId,
          ownerId: botUserId,
          botId,
          name,
          type,
          body: bytes,
          size: bytes.byteLength,
          stay,
          onPlaced,
        }),
      );
    } catch (error) {
      throw refusal(error);
    }
  }

  async function write(text: string, bytes: Uint8Array, type?: string): Promise<FileValue> {
    const place = placeOf(text);
    const isThere = await ctx.store.read(customerId, async (tx) => {
      const former = await tx.files.byPath(place);
      if (!former && (await tx.files.countPlaced(botId)) >= limits.filesPerBotMax)
        throw new OperationFailed(
          {
            en: `the drive holds at most ${limits.filesPerBotMax} files`,
            pt: `o drive guarda no máximo ${limits.filesPerBotMax} arquivos`,
          },
          'limit_reached',
        );
      return former !== null;
    });
    return keep(nameOf(place.path), bytes, type, place, isThere ? 'changed' : 'created');
  }

  function placeOf(text: string): FilePlace {
    const { folder, path } = requirePath(text);
    return { botId, folder: folder ?? 'drive', path };
  }

  async function there(text: string): Promise<FileRow> {
    const found = await find(text);
    if (!found) throw new OperationFailed({ en: `there is no file ${quote(text)}`, pt: `não há um arquivo ${quote(text)}` });
    return found;
  }

  return {
    async read(place) {
      if (typeof place === 'string') {
        const found = await find(place);
        return found && load(found);
      }
      const id = place.file;
      if (!isUuid(id)) return null;
      const found = await ctx.store.read(customerId, async (tx) => {
        const file = await tx.files.get(id as FileId);
        return file && (await isForBots(tx, file, botUserId)) ? file : null;
      });
      return found && load(found);
    },

    write,
    make: (name, bytes, type) => keep(name, bytes, type, null),

    async list(text) {
      const { folder, path } = requirePath(text, true);
      const rows = await ctx.store.read(customerId, (tx) =>
        tx.files.list(botId, folder ?? 'drive', { prefix: path === '' ? '' : `${path}/`, limit: listedMax }),
      );
      return rows.map((row) => ({
        path: row.folder === 'drive' ? row.path! : `${row.folder}/${row.path}`,
        value: toFileValue(row),
        changedAt: row.createdAt,
      }));
    },

    async copy(from, to) {
      const { bytes, value } = await load(await there(from));
      return write(to, bytes, value.type);
    },

    async move(from, to) {
      const place = placeOf(to);
      const former = await there(from);
      const moved = await ctx.store.transaction(customerId, async (tx) => {
        const row = await tx.files.move(former.id, place);
        if (row && former.folder !== null)
          await tell(tx, { botId, folder: former.folder, path: former.path! }, 'deleted', former);
        if (row) await tell(tx, place, 'created', row);
        return row;
      });
      if (!moved) throw new OperationFailed({ en: `there is no file ${quote(from)}`, pt: `não há um arquivo ${quote(from)}` });
      return toFileValue(moved);
    },

    async delete(text) {
      const found = await find(text);
      if (!found) return false;
      return ctx.store.transaction(customerId, async (tx) => {
        const isGone = await tx.files.unplace(found.id);
        if (isGone && found.folder !== null) await tell(tx, { botId, folder: found.folder, path: found.path! }, 'deleted', found);
        return isGone;
      });
    },
  };
}

function missing({ id }: FileRow): GbError {
  return new GbError('unavailable', `The bytes of the file ${id} are not there`, { retryable: true });
}

export function toFileValue({ id, name, type, size, width, height }: FileRow): FileValue {
  return { file: id, name, type, size, ...(width === null || height === null ? {} : { width, height }) };
}

function requirePath(text: string, mayBeFolder = false) {
  const place = readDrivePath(text);
  if (!place || (place.path === '' && !mayBeFolder))
    throw new OperationFailed({ en: `${quote(text)} is not a path`, pt: `${quote(text)} não é um caminho` });
  return place;
}

/** What a program can do something about is an error of its own; everything else stays a failure of ours, to be tried again. */
function refusal(error: unknown): unknown {
  if (!(error instanceof GbError)) return error;
  if (error.code === 'quota_exceeded')
    return new OperationFailed(
      { en: 'there is no room left for files', pt: 'não há mais espaço para arquivos' },
      'limit_reached',
    );
  if (error.code === 'too_large') {
    const megabytes = Math.floor(limits.fileBytesMax / 1_048_576);
    return new OperationFailed(
      { en: `a file holds at most ${megabytes} MB`, pt: `um arquivo tem no máximo ${megabytes} MB` },
      'limit_reached',
    );
  }
  return error;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

const quote = (text: string): string => `"${text.slice(0, 30).toWellFormed()}"`;
