import { profiles } from 'gb-vm/compiler';
import { exit, oneOf, readArguments, UsageError } from './command-line.ts';
import { DebugAdapter } from './dap/adapter.ts';

/**
 * `gb basic dap`: a debug adapter on standard input and output, for any editor that knows the Debug Adapter Protocol; see
 * docs/basic/editors.md. It ends when the editor says so, or is gone.
 */
export async function dap(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments(args, { profile: { type: 'string' }, locale: { type: 'string' } });
  if (positionals.length > 0) throw new UsageError('gb basic dap takes no files: the editor names the program to launch.');
  const profile = oneOf('profile', values.profile, profiles, 'bot');
  const locale = values.locale === undefined ? null : oneOf('locale', values.locale, ['en', 'pt-BR'] as const, 'en');
  const adapter = new DebugAdapter({ profile, locale });
  adapter.start(process.stdin, process.stdout);
  await adapter.ended;
  // A program that still computes would keep the process; nobody is left to see it.
  adapter.abandon();
  process.stdin.destroy();
  return exit.finished;
}
