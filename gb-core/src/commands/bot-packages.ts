import { createHash } from 'node:crypto';
import {
  type BotId,
  type CustomerId,
  type FileId,
  type JsonValue,
  type Locale,
  limits,
  type PackagePublished,
  type UserId,
} from 'gb-protocol';
import { isSettings, storeVersion } from '../bots/publish.ts';
import { themeOfPackage } from '../bots/theme-files.ts';
import { type Actor, type Context, commit } from '../context.ts';
import { fail, notFound, ProgramInvalid } from '../fail.ts';
import { keepFile } from '../files/keep-file.ts';
import { OperationFailed } from '../operation-failed.ts';
import { requireFullMember } from '../policies/role.ts';
import type { BotPackageFiles, DriveFolder, FileRow, PackageFile, ProgramDiagnostic, TableRow, Tx } from '../ports/index.ts';
import { TableRefused } from '../ports/tables.ts';
import { buildAlone, checkFiles, requireManaged, updatedEntry } from './bots.ts';

/** What the package says is all there is in these folders; the drive also holds what programs wrote. */
const ofPackage: readonly DriveFolder[] = ['kb', 'data', 'theme'];
const folders: readonly DriveFolder[] = [...ofPackage, 'drive'];
/** Stored before the package is published; what is not published goes away after this. */
const unpublishedMsMax = 3_600_000;

interface DataSheet {
  readonly path: string;
  readonly name: string;
  readonly digest: string;
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
}

interface Stored {
  readonly file: PackageFile;
  readonly id: FileId;
}

/**
 * Makes a package - scripts, settings, knowledge, data, drive and theme - what people talk to, as one piece: with a single
 * error in any of it nothing changes, and everything wrong is told with `program_invalid`. The bytes of files are stored
 * before and become the bot's in the transaction that publishes; documents are read in afterwards, in the background.
 */
export function publishPackage(ctx: Context, actor: Actor, botId: BotId, zip: Uint8Array): Promise<PackagePublished> {
  return publishFiles(ctx, actor, botId, (locale) => ctx.compiler.openPackage(zip, locale));
}

/** The same for a package that is not zipped. It is opened when the actor turned out to be allowed to publish it. */
export async function publishFiles(
  ctx: Context,
  actor: Actor,
  botId: BotId,
  open: (locale: Locale) => Promise<BotPackageFiles>,
): Promise<PackagePublished> {
  requireFullMember(actor);
  const { customerId } = actor;
  const { locale, botUserId, before } = await ctx.store.read(customerId, async (tx) => {
    const bot = await requireManaged(tx, botId);
    const known = await Promise.all(folders.map((folder) => tx.files.list(botId, folder, { limit: limits.filesPerBotMax + 1 })));
    const person = await tx.users.get(actor.userId);
    return { locale: person?.locale ?? ('en' as const), botUserId: bot.userId, before: known.flat() };
  });
  const pack = await open(locale);
  requireSound(pack.problems);
  const files = [...pack.scripts.filter(({ name }) => !isSettings(name))];
  if (pack.configText !== null) files.push({ name: 'config.csv', text: pack.configText });
  checkFiles(files);
  const built = await buildAlone(ctx, actor, { files, themeFiles: themeOfPackage(pack.files), locale });
  const sheets = await readData(ctx, customerId, pack, locale);
  const known = new Map(before.map((row) => [`${row.folder}/${row.path}`, row]));
  const changed = pack.files.filter((file) => !isSame(file, known.get(`${file.folder}/${file.path}`)));
  const stored: Stored[] = [];
  try {
    for (const file of changed) stored.push({ file, id: await store(ctx, { customerId, botId, botUserId }, file) });
    const result = await commit(ctx, customerId, async (tx) => {
      await requireManaged(tx, botId);
      for (const { id, file } of stored) await place(tx, botId, id, file);
      const removed = await removeMissing(tx, botId, pack);
      if ((await tx.files.countPlaced(botId)) > limits.filesPerBotMax)
        throw fail('quota_exceeded', `A bot has at most ${limits.filesPerBotMax} files.`);
      const imported = await importSheets(tx, botId, sheets, locale);
      await tx.bots.update(botId, { files });
      const version = await storeVersion(ctx, tx, { botId, files, publishedBy: actor.userId, locale }, built);
      const facts = { version, files: stored.length, removed };
      await tx.audit.write({ actorId: actor.userId, action: 'bot.package_published', target: botId, facts });
      const published: PackagePublished = {
        version,
        scripts: files.filter(({ name }) => !isSettings(name)).length,
        filesChanged: stored.length,
        filesRemoved: removed,
        sheets: imported,
        warnings: [...pack.problems, ...built.warnings] as unknown as readonly JsonValue[],
      };
      return { result: published, entries: [await updatedEntry(tx, actor, botId)] };
    });
    ctx.knowledge.refresh(customerId, botId);
    return result;
  } catch (error) {
    await letGo(ctx, customerId, stored);
    throw error;
  }
}

function requireSound(problems: readonly ProgramDiagnostic[]): void {
  if (problems.some(({ severity }) => severity === 'error')) throw new ProgramInvalid(problems);
}

/** The rows of data files: sheets, by the names of their files. The first sheet of a workbook has the name of the file. */
async function readData(
  ctx: Context,
  customerId: CustomerId,
  { files }: BotPackageFiles,
  locale: 'en' | 'pt-BR',
): Promise<readonly DataSheet[]> {
  const found: DataSheet[] = [];
  const problems: ProgramDiagnostic[] = [];
  for (const { folder, path, bytes } of files) {
    if (folder !== 'data' || !/\.(csv|tsv|xlsx)$/i.test(path)) continue;
    if (!ctx.sheets) throw fail('unavailable', 'This server reads no data files.');
    try {
      const sheets = await ctx.sheets.read({ name: path, bytes }, { customerId });
      const digest = sha256(bytes).toString('hex');
      for (const [i, { name, columns, rows }] of sheets.entries())
        found.push({ path, name: i === 0 ? path : `${path}!${name}`, digest, columns, rows });
    } catch (error) {
      if (!(error instanceof OperationFailed)) throw error;
      problems.push(refused(path, 'data_unreadable', locale === 'pt-BR' ? error.said.pt : error.said.en));
    }
  }
  if (problems.length > 0) throw new ProgramInvalid(problems);
  return found;
}

async function importSheets(
  tx: Tx,
  botId: BotId,
  sheets: readonly DataSheet[],
  locale: 'en' | 'pt-BR',
): Promise<PackagePublished['sheets']> {
  const imported: { name: string; rows: number }[] = [];
  for (const { path, name, digest, columns, rows } of sheets) {
    try {
      const { rowCount } = await tx.sheets.importSheet(botId, { name, digest, columns, rows });
      imported.push({ name, rows: rowCount });
    } catch (error) {
      if (!(error instanceof TableRefused)) throw error;
      throw new ProgramInvalid([refused(path, 'data_refused', locale === 'pt-BR' ? error.said.pt : error.said.en)]);
    }
  }
  return imported;
}

function refused(file: string, code: string, message: string): ProgramDiagnostic {
  return { severity: 'error', code, file: `data/${file}`, line: 1, column: 1, endLine: 1, endColumn: 1, message };
}

/** A file that is there already is not stored again: most of a package stays as it is when somebody saves a script. */
function isSame({ bytes }: PackageFile, known: FileRow | undefined): boolean {
  return known?.size === bytes.length && Buffer.from(known.sha256).equals(sha256(bytes));
}

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

async function store(
  ctx: Context,
  { customerId, botId, botUserId }: { customerId: CustomerId; botId: BotId; botUserId: UserId },
  { path, bytes }: PackageFile,
): Promise<FileId> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const stay = { forMs: unpublishedMsMax };
  const kept = { customerId, ownerId: botUserId, botId, name, type: undefined, body: bytes, size: bytes.length, stay };
  return (await keepFile(ctx, kept)).id;
}

async function place(tx: Tx, botId: BotId, id: FileId, { folder, path }: PackageFile): Promise<void> {
  // Gone when storing all of it took longer than an hour.
  if (!(await tx.files.move(id, { botId, folder, path }))) throw notFound('file');
}

async function removeMissing(tx: Tx, botId: BotId, pack: BotPackageFiles): Promise<number> {
  let removed = 0;
  for (const folder of ofPackage) {
    const kept = new Set(pack.files.filter((file) => file.folder === folder).map(({ path }) => path.toLowerCase()));
    const there = await tx.files.list(botId, folder, { limit: limits.filesPerBotMax + 1 });
    for (const { id, path } of there) if (!kept.has(path!.toLowerCase()) && (await tx.files.unplace(id))) removed += 1;
  }
  return removed;
}

/** Should this fail, the files go away by themselves. */
async function letGo(ctx: Context, customerId: CustomerId, stored: readonly Stored[]): Promise<void> {
  if (stored.length === 0) return;
  await ctx.store
    .transaction(customerId, async (tx) => {
      for (const { id } of stored) await tx.files.release(id);
    })
    .catch((cause: unknown) => ctx.log.warn({ err: cause, customerId }, 'Files of a refused package were not let go'));
}

/** A file of a package that is to be packed. */
export type PackedEntry = { readonly path: string } & ({ readonly text: string } | { readonly file: FileRow });

/** What a zip file of the bot holds: its draft, and its files as they are. Fails with `too_large` when that is more than a package may be. */
export async function listPackage(
  ctx: Context,
  actor: Actor,
  botId: BotId,
): Promise<{ readonly handle: string; readonly entries: readonly PackedEntry[] }> {
  requireFullMember(actor);
  return ctx.store.read(actor.customerId, async (tx) => {
    const { handle } = await requireManaged(tx, botId);
    const entries: PackedEntry[] = (await tx.bots.files(botId)).map(({ name, text }) => ({
      path: `${handle}.gbai/${handle}.${isSettings(name) ? 'gbot' : 'gbdialog'}/${name}`,
      text,
    }));
    let bytes = 0;
    for (const folder of folders) {
      for (const file of await tx.files.list(botId, folder, { limit: limits.packageFilesMax + 1 })) {
        bytes += file.size;
        entries.push({ path: `${handle}.gbai/${handle}.gb${folder}/${file.path}`, file });
      }
    }
    if (entries.length > limits.packageFilesMax || bytes > limits.packageBytesMax)
      throw fail('too_large', `A package holds at most ${limits.packageFilesMax} files and ${limits.packageBytesMax} bytes.`);
    return { handle, entries };
  });
}
