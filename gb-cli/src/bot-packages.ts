import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { BotPackage, ProgramCompiler } from 'gb-core';
import type { ScriptFile } from 'gb-protocol';
import type { Logger } from 'gb-utils';

/**
 * Reads the `.gbai` folders of a directory: scripts in `*.gbdialog/`, names in `*.gbot/config.csv`. Folders are found by
 * their ending, whatever they are called. A package that does not compile is left out and said so: it must not keep the
 * server from starting.
 */
export async function loadBotPackages(dir: string, compiler: ProgramCompiler, log: Logger): Promise<readonly BotPackage[]> {
  if (!existsSync(dir)) return [];
  const packages: BotPackage[] = [];
  for (const folder of readdirSync(dir).sort()) {
    if (!folder.endsWith('.gbai')) continue;
    const path = join(dir, folder);
    const files = readScripts(path);
    if (files.length === 0) continue;
    const { program, diagnostics } = await compiler.compile(files, 'en');
    if (!program) {
      log.error({ package: folder, diagnostics }, 'A bot package does not compile');
      continue;
    }
    const config = readSettings(path);
    const handle = basename(folder, '.gbai').toLowerCase();
    packages.push({
      handle,
      name: config.get('bot-name') ?? handle,
      description: config.get('bot-description') ?? '',
      files,
      program,
    });
  }
  return packages;
}

function readScripts(packageDir: string): ScriptFile[] {
  const dirs = [
    packageDir,
    ...readdirSync(packageDir)
      .filter((name) => name.endsWith('.gbdialog'))
      .map((name) => join(packageDir, name)),
  ];
  return dirs.flatMap((dir) =>
    readdirSync(dir)
      .filter((name) => name.toLowerCase().endsWith('.bas'))
      .sort()
      .map((name) => ({ name, text: readFileSync(join(dir, name), 'utf8') })),
  );
}

/** Rows of `name,value`; empty rows and rows that start with # say nothing. */
export function readSettings(packageDir: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const folder of readdirSync(packageDir).filter((name) => name.endsWith('.gbot'))) {
    const file = join(packageDir, folder, 'config.csv');
    if (!existsSync(file)) continue;
    for (const line of readFileSync(file, 'utf8')
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/)) {
      const at = line.indexOf(',');
      if (at <= 0 || line.startsWith('#')) continue;
      settings.set(
        line.slice(0, at).trim().toLowerCase(),
        line
          .slice(at + 1)
          .trim()
          .replace(/^"(.*)"$/s, '$1')
          .replaceAll('""', '"'),
      );
    }
  }
  return settings;
}
