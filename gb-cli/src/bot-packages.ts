import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type BotExample, type BotPackage, buildVersion, type ProgramCompiler, ProgramInvalid } from 'gb-core';
import { type Logger, systemClock } from 'gb-utils';
import { namesOf } from './bot/package.ts';
import { type PackageFolder, readPackageFolder } from './bot/package-folder.ts';

/** The bots that come with the program: those every workspace has, and examples to begin with. */
export interface LoadedPackages {
  readonly packages: readonly BotPackage[];
  readonly examples: readonly BotExample[];
}

/**
 * Reads the `.gbai` folders of a directory. Those that say `installed,true` in config.csv are compiled here, the others when
 * somebody makes a copy. A package with an error is left out and said so: it must not keep the server from starting.
 */
export async function loadBotPackages(dir: string, compiler: ProgramCompiler, log: Logger): Promise<LoadedPackages> {
  const packages: BotPackage[] = [];
  const examples: BotExample[] = [];
  for (const folder of existsSync(dir) ? readdirSync(dir).sort() : []) {
    if (!folder.endsWith('.gbai')) continue;
    const path = join(dir, folder);
    try {
      const pack = readPackageFolder(path, 'en');
      if (pack.scripts.length === 0) continue;
      if (pack.problems.some(({ severity }) => severity === 'error')) throw new ProgramInvalid(pack.problems);
      if (pack.settings['installed'] === 'true') packages.push(await toInstall(pack, compiler));
      else examples.push(toCopy(pack));
    } catch (error) {
      if (!(error instanceof ProgramInvalid)) throw error;
      log.error({ package: folder, diagnostics: error.diagnostics }, 'A bot package does not compile');
    }
  }
  return { packages, examples };
}

async function toInstall(pack: PackageFolder, compiler: ProgramCompiler): Promise<BotPackage> {
  const { scripts, settings, configText, path } = pack;
  const files = configText === null ? scripts : [...scripts, { name: 'config.csv', text: configText }];
  const { handle, name, description } = namesOf(path, settings);
  return { handle, name, description, files, built: await buildVersion({ compiler, clock: systemClock }, files, 'en') };
}

function toCopy(pack: PackageFolder): BotExample {
  const { path, scripts, settings, configText, files, problems } = pack;
  const { handle, name, description } = namesOf(path, settings);
  return {
    id: handle,
    name,
    description: { en: description, 'pt-BR': settings['bot-description-pt'] ?? description },
    pack: { scripts, settings, configText, files, problems },
  };
}
