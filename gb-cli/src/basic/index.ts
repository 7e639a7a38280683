import { exit, UsageError } from './command-line.ts';
import { report, tell } from './terminal.ts';

const help = `gb basic: run and check BASIC programs

  gb basic run FILE      run a program; a folder or .gbai package runs its start.bas
      --profile NAME     bot (our dialect, the default), minimal (ECMA-55) or classic (Microsoft style)
      --answers FILE     read the answers of INPUT and HEAR from a file instead of standard input
      --seconds N        computing time it may use, 10 if not given; waiting for answers does not count
      --memory-mb N      memory it may use, 256 if not given
      --locale NAME      en or pt-BR, for messages
  gb basic check PATH... compile scripts, and those in folders, and tell what is wrong
      --profile NAME, --locale NAME  as above
      --json             diagnostics as one JSON array on standard output
  gb basic lsp           a language server for editors, on standard input and output
      --profile NAME     as above; --locale NAME, else the language of the editor
  gb basic dap           a debug adapter for editors, on standard input and output
      --profile NAME, --locale NAME  as for lsp

Only the program writes to standard output; diagnostics go to standard error.
Exit codes: 0 finished, 1 run-time error, 2 does not compile or wrong use, 3 a limit was met.
`;

/** `gb basic ...`; gives the exit code. */
export async function basic(args: readonly string[]): Promise<number> {
  return dispatch('gb basic', help, args, {
    run: async () => (await import('./run.ts')).run,
    check: async () => (await import('./check.ts')).check,
    lsp: async () => (await import('./lsp.ts')).lsp,
    dap: async () => (await import('./dap.ts')).dap,
  });
}

export type Subcommand = (args: readonly string[]) => Promise<number>;

/** Finds the command of a group and runs it; without one, or with `--help`, tells what there is. */
export async function dispatch(
  group: string,
  groupHelp: string,
  args: readonly string[],
  commands: Readonly<Record<string, () => Promise<Subcommand>>>,
): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === 'help' || args.includes('--help') || args.includes('-h')) {
    tell(groupHelp);
    return exit.finished;
  }
  try {
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!command) throw new UsageError(`There is no command "${name}"; \`${group} help\` lists them.`);
    return await (await command())(rest);
  } catch (error) {
    // A file that is not there, may not be read or is a folder: the system's own sentence names it.
    if (!(error instanceof UsageError) && !isSystemError(error)) throw error;
    report(`gb: ${error.message}\n`);
    return exit.refused;
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}
