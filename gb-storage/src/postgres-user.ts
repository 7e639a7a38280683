import { spawnSync } from 'node:child_process';
import { chownSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { GbError } from 'gb-utils';

/** How PostgreSQL's programs are started. It refuses to run as root, so root starts them as nobody. */
export interface PostgresUser {
  /** The program and arguments to run instead of `program` and `args`. */
  command(program: string, args: readonly string[]): { file: string; args: string[] };
  readonly uid?: number;
  readonly gid?: number;
  /** Hands a file or directory of ours to the user PostgreSQL runs as. */
  own(path: string): void;
}

const nobody = 65_534;
/**
 * One capability: to pass closed directories, for reading. The secure bit is for access(2), by which PostgreSQL looks for
 * its own programs: without it, that call ignores the capabilities of a user that is not root.
 */
const lookAnywhere = [
  ...['--securebits', '+no_setuid_fixup'],
  ...['--inh-caps', '+dac_read_search', '--ambient-caps', '+dac_read_search'],
];
const becomeNobody = ['--reuid', String(nobody), '--regid', String(nobody), '--clear-groups'];

/** `paths` must be reachable by PostgreSQL; only their parents' rights are looked at. */
export function choosePostgresUser(paths: readonly string[], isRoot: boolean = process.getuid?.() === 0): PostgresUser {
  if (!isRoot) return { command: (file, args) => ({ file, args: [...args] }), own: () => {} };
  const own = (path: string) => chownSync(path, nobody, nobody);
  const closed = paths.map(closedParent).find((path) => path !== null);
  if (closed === undefined) return { command: (file, args) => ({ file, args: [...args] }), uid: nobody, gid: nobody, own };
  // A clone below /root, say.
  const command = (file: string, args: readonly string[]) => ({
    file: 'setpriv',
    args: [...becomeNobody, ...lookAnywhere, file, ...args],
  });
  const trial = command(process.execPath, ['--version']);
  if (spawnSync(trial.file, trial.args, { stdio: 'ignore' }).status !== 0) {
    throw new GbError(
      'unavailable',
      `PostgreSQL does not run as root, and user ${nobody} (nobody) may not enter ${closed}. ` +
        'Start the server as an ordinary user, or open that directory with chmod o+x.',
    );
  }
  return { command, own };
}

/** The first directory above `path` that nobody may not enter. */
function closedParent(path: string): string | null {
  const parents: string[] = [];
  for (let parent = realpathSync(dirname(path)); ; parent = dirname(parent)) {
    parents.unshift(parent);
    if (parent === dirname(parent)) break;
  }
  return (
    parents.find((parent) => {
      const { mode, uid, gid } = statSync(parent);
      const bit = uid === nobody ? 0o100 : gid === nobody ? 0o010 : 0o001;
      return (mode & bit) === 0;
    }) ?? null
  );
}
