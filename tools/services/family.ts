import { readdirSync, readFileSync } from 'node:fs';

// A server is more than the process that was started: a shell and what it runs, a database's workers in sessions of their
// own, a helper that goes on when its master is gone. All of them have the home directory we gave the first one, and most
// descend from it or are of its group; whoever shows one of these marks belongs to the server.

/** A process by its id and by the moment it began, in ticks since the machine started: ids are given again to others. */
export interface Process {
  readonly pid: number;
  readonly startedAt: string;
}

/** Who works for the server with this home, the first of them included while it lives. Only Linux tells. */
export function familyOf(leader: Process | undefined, home: string): readonly Process[] {
  const all = processes();
  const first = all.find(({ pid }) => pid === leader?.pid);
  // Somebody else who got the id has a group of the same number.
  const id = first === undefined || first.startedAt === leader?.startedAt ? leader?.pid : undefined;
  const family = new Map(
    all
      .filter(({ pid, group, session }) => pid === id || group === id || session === id || hasHome(pid, home))
      .map((one) => [one.pid, one]),
  );
  for (let before = -1; before < family.size; ) {
    before = family.size;
    for (const one of all) if (family.has(one.parent)) family.set(one.pid, one);
  }
  family.delete(process.pid);
  return [...family.values()].map(({ pid, startedAt }) => ({ pid, startedAt }));
}

/** When it began; nothing for a process that is gone or only waits to be collected. */
export function beganAt(pid: number): string | undefined {
  return statOf(pid)?.startedAt;
}

export function isAlive({ pid, startedAt }: Process): boolean {
  return beganAt(pid) === startedAt;
}

/** Sends it unless it is gone, or is somebody else by now. */
export function signalTo(one: Process, signal: NodeJS.Signals): void {
  if (isAlive(one)) send(one.pid, signal);
}

/** To everybody of the group that it leads. */
export function signalGroup({ pid }: Process, signal: NodeJS.Signals): void {
  send(-pid, signal);
}

function send(to: number, signal: NodeJS.Signals): void {
  try {
    process.kill(to, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

interface Stat extends Process {
  readonly parent: number;
  readonly group: number;
  readonly session: number;
}

function processes(): readonly Stat[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => statOf(Number(name)) ?? []);
}

/** The fields of proc(5). The second is a name in parentheses that may have parentheses in it. */
function statOf(pid: number): Stat | undefined {
  const stat = readOf(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z') return undefined;
  const [parent, group, session] = fields.slice(1, 4).map(Number);
  return { pid, parent: parent!, group: group!, session: session!, startedAt: fields[19]! };
}

function hasHome(pid: number, home: string): boolean {
  return readOf(`/proc/${pid}/environ`)?.split('\0').includes(`HOME=${home}`) ?? false;
}

/** Nothing when the process ended while we looked, or is not ours to look at. */
function readOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
