import { profiles } from 'gb-vm/compiler';
import { createConnection } from 'vscode-languageserver/node';
import { exit, oneOf, readArguments, UsageError } from './command-line.ts';
import { startLanguageServer } from './lsp/server.ts';

/**
 * `gb basic lsp`: a language server on standard input and output, for any editor that knows the Language Server
 * Protocol; see docs/basic/editors.md. It ends when the editor says so, or is gone.
 */
export async function lsp(args: readonly string[]): Promise<number> {
  // `--stdio` is what editors add by habit; there is no other way to talk to this server.
  const { values, positionals } = readArguments(args, {
    profile: { type: 'string' },
    locale: { type: 'string' },
    stdio: { type: 'boolean' },
  });
  if (positionals.length > 0) throw new UsageError('gb basic lsp takes no files: the editor names them.');
  const profile = oneOf('profile', values.profile, profiles, 'bot');
  const locale = values.locale === undefined ? null : oneOf('locale', values.locale, ['en', 'pt-BR'] as const, 'en');
  const connection = createConnection(process.stdin, process.stdout);
  const ended = new Promise<number>((resolve) => connection.onExit(() => resolve(exit.finished)));
  startLanguageServer(connection, { profile, locale });
  return ended;
}
