import { registerShard } from 'gb-storage';
import { exit, readArguments, UsageError } from '../basic/command-line.ts';
import { createLogger } from '../logger.ts';
import type { Session } from './session.ts';

export async function add({ words, owners, say }: Session, args: readonly string[]): Promise<number> {
  const { positionals } = readArguments(args, {});
  // The address is not quoted: there is a password in it.
  const [, name, connectionString] = /^([a-z0-9][a-z0-9-]{0,39})=(postgres(?:ql)?:\/\/.+)$/.exec(positionals[0] ?? '') ?? [];
  if (name === undefined || connectionString === undefined || positionals.length > 1) throw new UsageError(words.wrongAdd);
  const result = await registerShard(owners, { name, owner: { connectionString }, log: createLogger('warn') });
  say(result === 'added' ? words.added(name) : words.known(name));
  return exit.finished;
}
