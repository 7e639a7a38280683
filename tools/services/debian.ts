import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { runCommand } from './run-command.ts';
import { type Place, Unavailable } from './service.ts';

const installMsMax = 6 * 60_000;

/** The first of these programs on the PATH. */
export function onPath(programs: readonly string[]): string | undefined {
  const dirs = (process.env['PATH'] ?? '').split(path.delimiter).filter((dir) => dir !== '');
  return programs.flatMap((program) => dirs.map((dir) => path.join(dir, program))).find(isExecutable);
}

/** Installs Debian packages where we are root; otherwise says who can. */
export async function installPackages(packages: readonly string[], place: Place): Promise<void> {
  const names = packages.join(' ');
  if (process.platform !== 'linux' || onPath(['apt-get']) === undefined)
    throw new Unavailable(`it is not installed, and there is no apt-get to install ${names} with`);
  if (process.getuid?.() !== 0) throw new Unavailable(`it is not installed, and only root may do that: apt-get install ${names}`);
  place.say(`installing ${names}`);
  // A lock held by the machine's own updates is waited for; a question is answered with the default. In single-user mode
  // (runlevel 1) a server's package does not start it: we want one of our own, elsewhere.
  const options = ['-y', '-qq', '-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::Retries=2'];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const apt = (args: readonly string[]) => runCommand('apt-get', [...options, ...args], { env, msMax: installMsMax });
  if (await isDone(apt(['install', '--no-install-recommends', ...packages]))) return;
  // Package lists are often missing in a container, or old.
  await apt(['update']);
  await apt(['install', '--no-install-recommends', ...packages]);
}

async function isDone(command: Promise<unknown>): Promise<boolean> {
  try {
    await command;
    return true;
  } catch (error) {
    if (error instanceof Unavailable) return false;
    throw error;
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false; // Not there or not ours to run: either way the next one is tried.
  }
}
