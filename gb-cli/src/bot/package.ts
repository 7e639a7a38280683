import { readdirSync, readFileSync } from 'node:fs';
import { basename, extname, join, relative, resolve } from 'node:path';
import { entryScripts, readPackage } from 'gb-vm/package';
import { UsageError } from '../basic/command-line.ts';
import { findFiles, isFolder, readScript, type ScriptOnDisk, scriptEnding } from '../basic/source-files.ts';

/** A bot as a folder: scripts anywhere inside, names and settings in `*.gbot/config.csv`. */
export interface BotFolder {
  readonly path: string;
  readonly handle: string;
  readonly name: string;
  readonly description: string;
  readonly scripts: readonly ScriptOnDisk[];
  readonly settings: Readonly<Record<string, string>>;
}

/** The folder itself, or the `.gbai` folders in it. */
export function readBots(path: string): BotFolder[] {
  if (!isFolder(path)) throw new UsageError(`${path} is a file; a bot is a folder.`);
  const inside = botsIn(path);
  return (inside.length > 0 ? inside : [path]).map(readBot);
}

/** The paths of the `.gbai` folders in a folder that is none itself. */
export function botsIn(path: string): string[] {
  if (isPackage(path)) return [];
  const inside = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory() && isPackage(entry.name));
  return inside.map((entry) => join(path, entry.name)).sort();
}

export function readBot(path: string): BotFolder {
  if (!isFolder(path)) throw new UsageError(`${path} is a file; a bot is a folder.`);
  const scripts = findFiles(path, scriptEnding).map(readScript);
  if (scripts.length === 0) throw new UsageError(`There is no .bas file in ${path}.`);
  return { path, scripts, ...namesOf(path, settingsOf(path)) };
}

/** What a bot is called: by its folder, and by its settings. */
export function namesOf(path: string, settings: Readonly<Record<string, string>>): Omit<BotFolder, 'path' | 'scripts'> {
  const handle = basename(resolve(path), extname(path)).toLowerCase();
  return { handle, name: settings['bot-name'] || handle, description: settings['bot-description'] ?? '', settings };
}

/** What the config.csv of a package says. Looks into the folders that hold it, not into whatever else lies there. */
export function settingsOf(path: string): Readonly<Record<string, string>> {
  const files = configFiles(path).map((file) => ({ path: relative(path, file), bytes: readFileSync(file) }));
  return readPackage(files, 'en').settings;
}

function configFiles(folder: string): string[] {
  const inside = readdirSync(folder, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && /\.(?:gbot|gbai)$/i.test(entry.name),
  );
  return [
    ...findFiles(folder, 'config.csv', { isDeep: false }).filter((file) => basename(file).toLowerCase() === 'config.csv'),
    ...inside.flatMap((entry) => configFiles(join(folder, entry.name))),
  ];
}

function isPackage(path: string): boolean {
  return extname(path).toLowerCase() === '.gbai';
}

/** Scripts are known by their names alone, wherever in the package they lie: the second of two is never seen. */
export function hiddenScripts(bot: BotFolder): { readonly hidden: ScriptOnDisk; readonly by: ScriptOnDisk }[] {
  const first = new Map<string, ScriptOnDisk>();
  return bot.scripts.flatMap((script) => {
    const by = first.get(script.name.toLowerCase());
    if (by) return [{ hidden: script, by }];
    first.set(script.name.toLowerCase(), script);
    return [];
  });
}

/** Where programs begin: each of these scripts is compiled as one. */
export function entriesOf(bot: BotFolder): ScriptOnDisk[] {
  const hidden = new Set(hiddenScripts(bot).map((one) => one.hidden));
  const scripts = bot.scripts.filter((script) => !hidden.has(script));
  const names = new Set(entryScripts(scripts, bot.settings));
  return scripts.filter(({ name }) => names.has(name));
}

/** Where the bot's clocks are: its setting, else that of the server, which is UTC. */
export function timeZoneOf(settings: Readonly<Record<string, string>>): string {
  return settings['time-zone'] ?? 'UTC';
}
