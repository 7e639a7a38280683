import { type BotId, type CustomerId, entryKey, type Locale, type ScriptFile, type UserId } from 'gb-protocol';
import { type Context, commit } from '../context.ts';
import { notFound, ProgramInvalid } from '../fail.ts';
import type {
  BotManifest,
  CompiledProgram,
  ManifestTrigger,
  ProgramDiagnostic,
  PublishedAbout,
  ThemeFile,
  TriggerRow,
  Tx,
} from '../ports/index.ts';
import { TableRefused } from '../ports/tables.ts';
import { publishedLine } from './log-lines.ts';
import { declareSchedules } from './schedules.ts';

/** Where clocks are when a bot does not say: `time-zone` in config.csv. */
const defaultTimeZone = 'UTC';

export interface NewVersion {
  readonly botId: BotId;
  /** Scripts, and config.csv when there is one. */
  readonly files: readonly ScriptFile[];
  /** null for a bot that comes with the program. */
  readonly publishedBy: UserId | null;
  readonly locale: Locale;
}

export interface BuiltVersion {
  readonly start: CompiledProgram;
  readonly others: readonly CompiledProgram[];
  readonly about: PublishedAbout;
  readonly warnings: readonly ProgramDiagnostic[];
}

/** Compiles all of a bot, or fails with `program_invalid` and everything that is wrong. Touches nothing. */
export async function buildVersion(
  ctx: Pick<Context, 'compiler' | 'clock'>,
  files: readonly ScriptFile[],
  locale: Locale,
  themeFiles: readonly ThemeFile[] = [],
): Promise<BuiltVersion> {
  const scripts = files.filter(({ name }) => !isSettings(name));
  const config = files.find(({ name }) => isSettings(name));
  const read = ctx.compiler.settings(config?.text ?? '', locale);
  const nowMs = ctx.clock.nowMs();
  const timeZone = read.settings['time-zone'] ?? defaultTimeZone;
  const options = { locale, nowMs, timeZone, themeFiles };
  const { manifest, programs, diagnostics } = await ctx.compiler.publish(scripts, read.settings, options);
  const all = [...read.diagnostics, ...diagnostics];
  const start = programs.find(({ hash }) => hash === manifest?.entries[manifest.start]);
  if (!manifest || !start || all.some(({ severity }) => severity === 'error')) throw new ProgramInvalid(all);
  const others = programs.filter((program) => program !== start);
  return { start, others, about: { manifest, settings: { ...read.settings, 'time-zone': timeZone } }, warnings: all };
}

/**
 * Makes a version of a bot what people talk to, with everything it declares: programs, tables, schedules, triggers. All of
 * it or nothing: while anything is wrong the version before goes on. Conversations waiting in an older version finish there.
 */
export async function publishVersion(ctx: Context, customerId: CustomerId, version: NewVersion): Promise<number> {
  const built = await buildVersion(ctx, version.files, version.locale);
  return commit(ctx, customerId, async (tx) => {
    const number = await storeVersion(ctx, tx, version, built);
    const bot = await tx.bots.get(version.botId);
    if (!bot) throw notFound('bot');
    const { logChannelId } = await tx.instance.get();
    const actorId = version.publishedBy ?? bot.userId;
    return { result: number, entries: [{ channelId: logChannelId, actorId, body: { kind: 'bot.updated', bot } as const }] };
  });
}

/** Within a transaction of the caller. */
export async function storeVersion(ctx: Context, tx: Tx, version: NewVersion, built: BuiltVersion): Promise<number> {
  const { botId, files, publishedBy } = version;
  const { start, others, about } = built;
  const number = await tx.bots.addVersion(botId, { program: start, others, files, publishedBy, about });
  if (!(await tx.bots.update(botId, { publishedVersion: number }))) throw notFound('bot');
  await declare(ctx, tx, botId, about, version.locale);
  const by = publishedBy === null ? null : await tx.users.get(publishedBy);
  await tx.botLog.write(botId, publishedLine('published', number, by));
  return number;
}

/** What a version says about itself takes effect; also when people go back to an earlier one. */
export async function declare(ctx: Context, tx: Tx, botId: BotId, { manifest, settings }: PublishedAbout, locale: Locale) {
  try {
    await tx.tables.declare(botId, manifest.tables);
  } catch (error) {
    if (!(error instanceof TableRefused)) throw error;
    throw new ProgramInvalid([tableDiagnostic(manifest, locale === 'pt-BR' ? error.said.pt : error.said.en)]);
  }
  const nowMs = ctx.clock.nowMs();
  await declareSchedules(tx, ctx.calendar, botId, manifest, { nowMs, timeZone: settings['time-zone'] ?? defaultTimeZone });
  await tx.triggers.replace(botId, triggersOf(manifest));
}

/** The refusal of the database names the table, not the line: it stands at the script that has it. */
function tableDiagnostic(manifest: BotManifest, message: string) {
  const file = manifest.start;
  return { severity: 'error', code: 'table_refused', file, line: 1, column: 1, endLine: 1, endColumn: 1, message } as const;
}

function triggersOf({ triggers, webhooks }: BotManifest): Omit<TriggerRow, 'botId'>[] {
  return [
    ...webhooks.map(({ name, script }) => ({ kind: 'webhook', name, script, details: {} })),
    ...triggers.map((trigger) => ({
      kind: trigger.kind,
      name: triggerName(trigger),
      script: entryKey(trigger),
      details: detailsOf(trigger),
    })),
  ];
}

function triggerName(trigger: ManifestTrigger): string {
  switch (trigger.kind) {
    case 'insert':
    case 'update':
    case 'delete':
      return trigger.table;
    case 'email':
      return trigger.address ?? '*';
    case 'change':
      return trigger.folder;
    case 'form':
      return trigger.form ?? '*';
    case 'event':
      return trigger.event;
    default:
      return '*';
  }
}

function detailsOf(trigger: ManifestTrigger): TriggerRow['details'] {
  if (trigger.kind === 'email') return { from: trigger.from, subject: trigger.subject };
  if (trigger.kind === 'change') return { events: trigger.events };
  return {};
}

export function isSettings(name: string): boolean {
  return name.toLowerCase() === 'config.csv';
}
