import { spawnSync } from 'node:child_process';
import { chownSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { GbError } from 'gb-utils';

/** How PostgreSQL's programs are started. It refuses to run as root, so root starts them as nobody. */
export interface PostgresUser {
  /** The program and arguments to run instead of `program` and `args`. */
  command(program: string, args: readonly string[]): { file: string; args: string[] };
  /** Where the command does not change the user itself. */
  readonly uid?: number;
  readonly gid?: number;
  /** Hands a file or directory of ours to the user PostgreSQL runs as. */
  own(path: string): void;
}

const nobody = 65_534;
const becomeNobody = ['--reuid', String(nobody), '--regid', String(nobody), '--clear-groups'];
/**
 * One capability: to pass closed directories, for reading. The secure bit is for access(2), by which PostgreSQL looks for
 * its own programs: without it, that call ignores the capabilities of a user that is not root.
 */
const lookAnywhere = [
  ...['--securebits', '+no_setuid_fixup'],
  ...['--inh-caps', '+dac_read_search', '--ambient-caps', '+dac_read_search'],
];
/** Linux: if our process is killed, PostgreSQL gets the signal to shut down in order. Elsewhere the next start does it. */
const dieWithUs = ['--pdeathsig', 'INT'];

/** `paths` must be reachable by PostgreSQL; only their parents' rights are looked at. */
export function choosePostgresUser(
  paths: readonly string[],
  isRoot: boolean = process.getuid?.() === 0,
  isAvailable: (options: readonly string[]) => boolean = canSetPriv,
): PostgresUser {
  const through = (options: readonly string[]) => (file: string, args: readonly string[]) => ({
    file: 'setpriv',
    args: [...options, '--', file, ...args],
  });
  const plain = (file: string, args: readonly string[]) => ({ file, args: [...args] });
  if (!isRoot) return { command: isAvailable(dieWithUs) ? through(dieWithUs) : plain, own: () => {} };

  const own = (path: string) => chownSync(path, nobody, nobody);
  const closed = paths.map(closedParent).find((path) => path !== null);
  if (closed === undefined) {
    const options = [...becomeNobody, ...dieWithUs];
    return isAvailable(options) ? { command: through(options), own } : { command: plain, uid: nobody, gid: nobody, own };
  }
  // A clone below /root, say.
  const options = [...becomeNobody, ...lookAnywhere, ...dieWithUs];
  if (!isAvailable(options)) {
    throw new GbError(
      'unavailable',
      `PostgreSQL does not run as root, and user ${nobody} (nobody) may not enter ${closed}. ` +
        'Start the server as an ordinary user, or open that directory with chmod o+x.',
    );
  }
  return { command: through(options), own };
}

function canSetPriv(options: readonly string[]): boolean {
  return process.platform === 'linux' && spawnSync('setpriv', [...options, '--', 'true'], { stdio: 'ignore' }).status === 0;
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
