import { readdirSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { UsageError } from '../basic/command-line.ts';
import { findFiles, isFolder, readScript, type ScriptOnDisk, scriptEnding } from '../basic/source-files.ts';
import { readSettings } from '../bot-packages.ts';

/** A bot as a folder: scripts anywhere inside, names and settings in `*.gbot/config.csv`. */
export interface BotFolder {
  readonly path: string;
  readonly handle: string;
  readonly name: string;
  readonly description: string;
  readonly scripts: readonly ScriptOnDisk[];
}

/** The folder itself, or the `.gbai` folders in it. */
export function readBots(path: string): BotFolder[] {
  if (!isFolder(path)) throw new UsageError(`${path} is a file; a bot is a folder.`);
  const inside = isPackage(path)
    ? []
    : readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory() && isPackage(entry.name));
  const paths = inside.length > 0 ? inside.map((entry) => join(path, entry.name)).sort() : [path];
  return paths.map(readBot);
}

export function readBot(path: string): BotFolder {
  if (!isFolder(path)) throw new UsageError(`${path} is a file; a bot is a folder.`);
  const scripts = findFiles(path, scriptEnding).map(readScript);
  if (scripts.length === 0) throw new UsageError(`There is no .bas file in ${path}.`);
  const settings = readSettings(path);
  const handle = basename(path, extname(path)).toLowerCase();
  return {
    path,
    handle,
    name: settings.get('bot-name') ?? handle,
    description: settings.get('bot-description') ?? '',
    scripts,
  };
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

/** Where conversations begin, and every script that no other one includes: each is a program of its own. */
export function entriesOf(bot: BotFolder): ScriptOnDisk[] {
  const included = new Set(bot.scripts.flatMap(({ text }) => includesOf(text)));
  const isStart = (script: ScriptOnDisk) => script.name.toLowerCase() === 'start.bas';
  const loose = bot.scripts.filter(
    (script) => !isStart(script) && !included.has(script.name.toLowerCase().replace(/\.bas$/, '')),
  );
  return [...bot.scripts.filter(isStart).slice(0, 1), ...loose];
}

function includesOf(text: string): string[] {
  return [...text.matchAll(/^[ \t]*INCLUDE[ \t]+["“']?([^"”'\r\n]+)/gim)].map(([, name]) =>
    name!
      .trim()
      .toLowerCase()
      .replace(/\.bas$/, ''),
  );
}
