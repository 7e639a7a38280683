import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BotPackage, ProgramCompiler } from 'gb-core';
import type { Logger } from 'gb-utils';
import { namesOf, timeZoneOf } from './bot/package.ts';
import { readPackageFolder } from './bot/package-folder.ts';

/**
 * Reads the `.gbai` folders of a directory: the bots that come with the program. A package with an error is left out and
 * said so: it must not keep the server from starting.
 */
export async function loadBotPackages(dir: string, compiler: ProgramCompiler, log: Logger): Promise<readonly BotPackage[]> {
  if (!existsSync(dir)) return [];
  const packages: BotPackage[] = [];
  for (const folder of readdirSync(dir).sort()) {
    if (!folder.endsWith('.gbai')) continue;
    const path = join(dir, folder);
    const { scripts, settings, configText, problems } = readPackageFolder(path, 'en');
    if (scripts.length === 0) continue;
    const options = { locale: 'en', nowMs: Date.now(), timeZone: timeZoneOf(settings) } as const;
    const { manifest, programs, diagnostics } = await compiler.publish(scripts, settings, options);
    const program = programs.find(({ hash }) => hash === manifest?.entries[manifest.start]);
    if (!program || problems.some(({ severity }) => severity === 'error')) {
      log.error({ package: folder, diagnostics: [...problems, ...diagnostics] }, 'A bot package does not compile');
      continue;
    }
    const { handle, name, description } = namesOf(path, settings);
    const files = configText === null ? scripts : [...scripts, { name: 'config.csv', text: configText }];
    packages.push({ handle, name, description, files, program });
  }
  return packages;
}
