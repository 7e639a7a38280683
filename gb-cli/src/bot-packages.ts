import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type BotPackage, buildVersion, type ProgramCompiler, ProgramInvalid } from 'gb-core';
import { type Logger, systemClock } from 'gb-utils';
import { namesOf } from './bot/package.ts';
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
    const files = configText === null ? scripts : [...scripts, { name: 'config.csv', text: configText }];
    try {
      if (problems.some(({ severity }) => severity === 'error')) throw new ProgramInvalid(problems);
      const built = await buildVersion({ compiler, clock: systemClock }, files, 'en');
      const { handle, name, description } = namesOf(path, settings);
      packages.push({ handle, name, description, files, built });
    } catch (error) {
      if (!(error instanceof ProgramInvalid)) throw error;
      log.error({ package: folder, diagnostics: error.diagnostics }, 'A bot package does not compile');
    }
  }
  return packages;
}
