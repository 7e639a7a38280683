import type { Rest } from 'gb-client';
import type { Bot, PackagePublished } from 'gb-protocol';
import type { Locale } from 'gb-vm/compiler';
import { buildManifest, type PackageEntry, zipPackage } from 'gb-vm/package';
import { exit, readArguments, UsageError } from '../basic/command-line.ts';
import { localeOption } from '../basic/locale.ts';
import { counted, diagnosticText } from '../basic/report.ts';
import { isFolder } from '../basic/source-files.ts';
import { report, tell } from '../basic/terminal.ts';
import { botsIn, namesOf, timeZoneOf } from './package.ts';
import { type PackageFolder, readPackageFolder } from './package-folder.ts';
import { asking, botNamed } from './server.ts';

export interface PublishChoices {
  readonly path: string;
  /** The bot's handle on the server. */
  readonly handle: string;
  readonly locale: Locale;
}

/**
 * `gb bot publish`: makes the bot on the server if it has none of this handle, sends the package as its draft and
 * publishes it. What has an error is not sent.
 */
export async function publish(args: readonly string[]): Promise<number> {
  const choices = publishChoices('publish', args);
  const folder = await readSound(choices);
  if (!folder) return exit.refused;
  return asking((rest, url) => publishFolder(rest, url, folder, choices));
}

/** The arguments of `publish` and `watch`. */
export function publishChoices(command: string, args: readonly string[]): PublishChoices {
  const { values, positionals } = readArguments(args, { handle: { type: 'string' }, locale: { type: 'string' } });
  const [path, ...others] = positionals;
  if (path === undefined || others.length > 0) throw new UsageError(`gb bot ${command} needs one folder.`);
  if (!isFolder(path)) throw new UsageError(`${path} is a file; a bot is a folder.`);
  const [one, another] = botsIn(path);
  if (one !== undefined && another !== undefined)
    throw new UsageError(`${path} holds several bots; name one of them, like gb bot ${command} ${one}`);
  const handle = (values.handle ?? namesOf(path, {}).handle).toLowerCase().replace(/^@/, '');
  return { path, handle, locale: localeOption(values.locale) };
}

/** The package, after everything that is wrong with it was told; null when that keeps it from being published. */
export async function readSound({ path, locale }: PublishChoices): Promise<PackageFolder | null> {
  const folder = readPackageFolder(path, locale);
  const { scripts, settings, problems } = folder;
  const { diagnostics } = await buildManifest(scripts, settings, { locale, nowMs: Date.now(), timeZone: timeZoneOf(settings) });
  const all = [...problems, ...(scripts.length > 0 ? diagnostics : [])];
  for (const diagnostic of all) {
    const source = scripts.find(({ name }) => name === diagnostic.file)?.text;
    report(diagnosticText(diagnostic, folder.pathOf(diagnostic.file), source));
  }
  if (!all.some(({ severity }) => severity === 'error')) return folder;
  report('Nothing was published.\n');
  return null;
}

/** Sends a package and tells which version it became. Doing it again after any doubt only makes another version. */
export async function publishFolder(rest: Rest, url: string, folder: PackageFolder, { handle }: PublishChoices): Promise<number> {
  const { bot, published } = await sendPackage(rest, folder, handle);
  const { version, filesChanged, filesRemoved, sheets } = published;
  const parts = [
    counted(folder.scripts.length, 'script'),
    ...(filesChanged > 0 ? [`${counted(filesChanged, 'file')} sent`] : []),
    ...(filesRemoved > 0 ? [`${counted(filesRemoved, 'file')} taken away`] : []),
    ...(sheets.length > 0 ? [counted(sheets.length, 'sheet')] : []),
  ];
  tell(`@${bot.handle} version ${version} is what people talk to at ${url} (${parts.join(', ')}).\n`);
  return exit.finished;
}

async function sendPackage(
  rest: Rest,
  folder: PackageFolder,
  handle: string,
): Promise<{ bot: Bot; published: PackagePublished }> {
  const { name, description } = namesOf(folder.path, folder.settings);
  const known = await botNamed(rest, handle);
  // Nobody can talk to it before the package is published, which is all of it or nothing.
  const bot = known ?? (await rest.createBot({ name, handle, description, files: folder.scripts }));
  const published = await rest.publishPackage(bot.id, zipPackage(entriesOf(folder)));
  if (known && (known.name !== name || known.description !== description)) await rest.updateBot(bot.id, { name, description });
  return { bot, published };
}

/** What the package is, without what else lies in its folder. */
function entriesOf({ scripts, configText, files }: PackageFolder): readonly PackageEntry[] {
  return [
    ...scripts.map(({ name, text }) => ({ path: `bot.gbdialog/${name}`, text })),
    ...(configText === null ? [] : [{ path: 'bot.gbot/config.csv', text: configText }]),
    ...files.map(({ folder, path, bytes }) => ({ path: `bot.gb${folder}/${path}`, bytes })),
  ];
}
