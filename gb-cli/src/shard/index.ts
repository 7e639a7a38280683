import { exit, UsageError } from '../basic/command-line.ts';
import { localeOption } from '../basic/locale.ts';
import { report, tell } from '../basic/terminal.ts';
import type { Config } from '../config.ts';
import { openSession, refusalOf, type Session } from './session.ts';
import { wordsOf } from './words.ts';

/** Gives the exit code. */
export type ShardCommand = (session: Session, args: readonly string[]) => Promise<number>;

const commands: Readonly<Record<string, () => Promise<ShardCommand>>> = {
  list: async () => (await import('./list.ts')).list,
  add: async () => (await import('./add.ts')).add,
  move: async () => (await import('./move.ts')).move,
  rebalance: async () => (await import('./rebalance.ts')).rebalance,
  drain: async () => (await import('./drain.ts')).drain,
  split: async () => (await import('./split.ts')).split,
};

/** `gb shard ...`; gives the exit code. */
export async function shard(args: readonly string[], config: Config): Promise<number> {
  const { locale, rest } = readLocale(args);
  const words = wordsOf[locale];
  const [name, ...own] = rest;
  if (name === undefined || name === 'help' || rest.includes('--help') || rest.includes('-h')) {
    tell(words.help);
    return exit.finished;
  }
  try {
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!command) throw new UsageError(words.noCommand(name));
    return await (await command())(openSession(config, locale), own);
  } catch (error) {
    const refusal = refusalOf(error, locale);
    if (refusal === null && !(error instanceof UsageError)) throw error;
    report(`gb: ${refusal ?? (error as Error).message}\n`);
    return refusal === null ? exit.refused : exit.failed;
  }
}

/** It may stand anywhere, and every command has it. */
function readLocale(args: readonly string[]): { locale: 'en' | 'pt-BR'; rest: readonly string[] } {
  const at = args.findIndex((arg) => arg === '--locale' || arg.startsWith('--locale='));
  if (at < 0) return { locale: localeOption(undefined), rest: args };
  const isJoined = args[at]!.includes('=');
  const text = isJoined ? args[at]!.slice('--locale='.length) : args[at + 1];
  return { locale: localeOption(text ?? ''), rest: args.toSpliced(at, isJoined ? 1 : 2) };
}
