import { execFileSync } from 'node:child_process';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GbError } from 'gb-utils';

/**
 * One server a data directory. The lock is a file that names its holder by pid and by when that process started, so a
 * pid that the system gave to somebody else meanwhile does not lock us out for ever.
 */
export function lockDataDir(dataDir: string): { release(): void } {
  const file = join(dataDir, 'server.lock');
  const mine = `${process.pid}\n${processStart(process.pid) ?? ''}\n`;
  for (let attempt = 0; attempt < 10; attempt++) {
    // Written aside and linked into place: nobody ever reads half a lock.
    const draft = `${file}.${process.pid}.${attempt}`;
    writeFileSync(draft, mine, { mode: 0o644 });
    try {
      linkSync(draft, file);
      return {
        release() {
          if (readIfThere(file) === mine) rmSync(file, { force: true });
        },
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(draft, { force: true });
    }
    const theirs = readIfThere(file);
    if (theirs === null) continue;
    const [pid, start] = theirs.split('\n');
    if (isHeldBy(Number(pid), start ?? '')) {
      throw new GbError('unavailable', `The data directory ${dataDir} is in use by process ${pid}.`);
    }
    removeStale(file, theirs);
  }
  throw new GbError('unavailable', `The data directory ${dataDir} could not be locked: another server keeps taking it.`);
}

/** Two that find the same stale lock: the slower one must not remove the lock the faster one has just made. */
function removeStale(file: string, seen: string): void {
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (readIfThere(aside) !== seen) linkSync(aside, file);
  rmSync(aside, { force: true });
}

function isHeldBy(pid: number, start: string): boolean {
  if (!isAlive(pid)) return false;
  const now = processStart(pid);
  return start === '' || now === null || now === start;
}

export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Something that differs between two processes that had the same pid. */
function processStart(pid: number): string | null {
  try {
    // The command's name may hold spaces and brackets; field 22 is counted from behind it.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    // No /proc: macOS.
  }
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || null;
  } catch {
    return null; // Cannot tell: then the pid alone decides.
  }
}

/** The command line of a process, to tell a PostgreSQL from whoever has its old pid; null when it cannot be had. */
export function commandLine(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    // No /proc, or no such process.
  }
  try {
    return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).trim() || null;
  } catch {
    return null;
  }
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
