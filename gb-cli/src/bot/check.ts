import { Findings } from '../basic/check.ts';
import { exit, readArguments, UsageError } from '../basic/command-line.ts';
import { localeOption } from '../basic/locale.ts';
import { compileFiles, withNeighbours } from '../basic/program-files.ts';
import { report } from '../basic/terminal.ts';
import { entriesOf, hiddenScripts, readBots } from './package.ts';

/** `gb bot check`: compiles every program of a package and tells everything that is wrong. Exit code 0 without errors, else 2. */
export async function check(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments(args, { locale: { type: 'string' }, json: { type: 'boolean' } });
  if (positionals.length === 0) throw new UsageError('gb bot check needs a folder.');
  const choices = { profile: 'bot', locale: localeOption(values.locale) } as const;
  const found = new Findings();
  let count = 0;
  let isIncomplete = false;
  for (const bot of positionals.flatMap(readBots)) {
    count += bot.scripts.length;
    for (const { hidden, by } of hiddenScripts(bot))
      report(
        choices.locale === 'pt-BR'
          ? `${hidden.path}: warning: ${by.path} tem o mesmo nome, por isso este nunca é visto.\n`
          : `${hidden.path}: warning: ${by.path} has the same name, so this one is never seen.\n`,
      );
    for (const entry of entriesOf(bot)) {
      const scripts = withNeighbours(entry, bot.scripts);
      found.add(compileFiles({ entry, scripts }, choices).diagnostics, scripts);
    }
    if (bot.scripts.length > 1 && !bot.scripts.some((script) => script.name.toLowerCase() === 'start.bas')) {
      report(
        choices.locale === 'pt-BR'
          ? `${bot.path}: error no_entry: Não há start.bas, por isso ninguém pode falar com este robô.\n`
          : `${bot.path}: error no_entry: There is no start.bas, so nobody can talk to this bot.\n`,
      );
      isIncomplete = true;
    }
  }
  const code = found.conclude(count, values.json === true, choices.locale);
  return isIncomplete ? exit.refused : code;
}
