import { buildManifest } from 'gb-vm/package';
import { Findings } from '../basic/check.ts';
import { exit, readArguments, UsageError } from '../basic/command-line.ts';
import { localeOption } from '../basic/locale.ts';
import { report } from '../basic/terminal.ts';
import { hiddenScripts, readBots, timeZoneOf } from './package.ts';

/** `gb bot check`: compiles every program of a package and tells everything that is wrong. Exit code 0 without errors, else 2. */
export async function check(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments(args, { locale: { type: 'string' }, json: { type: 'boolean' } });
  if (positionals.length === 0) throw new UsageError('gb bot check needs a folder.');
  const locale = localeOption(values.locale);
  const found = new Findings();
  let count = 0;
  let isIncomplete = false;
  for (const bot of positionals.flatMap(readBots)) {
    count += bot.scripts.length;
    const twins = hiddenScripts(bot);
    for (const { hidden, by } of twins)
      report(
        locale === 'pt-BR'
          ? `${hidden.path}: error two_scripts: ${by.path} tem o mesmo nome, e ninguém saberia qual dos dois é o certo.\n`
          : `${hidden.path}: error two_scripts: ${by.path} has the same name, so nobody could tell which one is meant.\n`,
      );
    isIncomplete ||= twins.length > 0;
    const hidden = new Set(twins.map((one) => one.hidden));
    const scripts = bot.scripts.filter((script) => !hidden.has(script));
    const { diagnostics } = await buildManifest(scripts, bot.settings, {
      locale,
      nowMs: Date.now(),
      timeZone: timeZoneOf(bot.settings),
    });
    found.add(
      diagnostics.filter(({ code, file }) => code !== 'no_entry' || file !== ''),
      scripts,
    );
    if (diagnostics.some(({ code, file }) => code === 'no_entry' && file === '')) {
      report(
        locale === 'pt-BR'
          ? `${bot.path}: error no_entry: Não há start.bas, por isso ninguém pode falar com este robô.\n`
          : `${bot.path}: error no_entry: There is no start.bas, so nobody can talk to this bot.\n`,
      );
      isIncomplete = true;
    }
  }
  const code = found.conclude(count, values.json === true, locale);
  return isIncomplete ? exit.refused : code;
}
