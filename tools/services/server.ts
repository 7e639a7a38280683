import { spawn } from 'node:child_process';
import { chmodSync, chownSync, closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { runCommand } from './run-command.ts';
import { type Place, Unavailable } from './service.ts';

/**
 * A server that outlives the command that started it. What is known about it lies in `server.json`: the port, and the
 * process by id and by the moment it began, because ids are given again to others.
 */
export interface Running {
  readonly port: number;
  readonly pid: number;
  readonly startedAt: string;
}

export interface ServerOptions {
  readonly program: string;
  /** Arguments for a port of our own and a directory that only the server's user can read. */
  readonly args: (port: number, dataDir: string) => readonly string[];
}

const readyMsMax = 30_000;
const stopMsMax = 10_000;

/** The server of this place, when it still runs. */
export function running(place: Place): Running | undefined {
  let known: Running;
  try {
    known = JSON.parse(readFileSync(stateFile(place), 'utf8')) as Running;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return beganAt(known.pid) === known.startedAt ? known : undefined;
}

/** Starts it on a free port of this machine's own address, without a terminal, and writes down what it is. */
export async function startServer(place: Place, options: ServerOptions): Promise<void> {
  if (running(place)) return;
  const port = await freePort();
  const user = await unprivileged();
  const dataDir = path.join(place.dir, 'data');
  mkdirSync(dataDir, { recursive: true });
  chmodSync(dataDir, 0o700);
  if (user) chownSync(dataDir, user.uid, user.gid);
  const log = openSync(path.join(place.dir, 'server.log'), 'w');
  const child = spawn(options.program, options.args(port, dataDir), {
    ...user,
    cwd: dataDir,
    env: { PATH: process.env['PATH'], HOME: dataDir, LANG: 'C.UTF-8' },
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) =>
      reject(new Unavailable(`${options.program} does not start: ${error.message}`, { cause: error })),
    );
  });
  child.unref();
  const startedAt = beganAt(child.pid!);
  if (startedAt === undefined) throw new Unavailable(`it ended at once: ${lastLog(place)}`);
  writeFileSync(stateFile(place), JSON.stringify({ port, pid: child.pid!, startedAt } satisfies Running));
}

/** Asks until it answers, its process is gone, or half a minute is over. */
export async function waitUntil(place: Place, answers: (port: number) => Promise<boolean>): Promise<void> {
  const until = Date.now() + readyMsMax;
  for (;;) {
    const server = running(place);
    if (!server) throw new Unavailable(`it ended before it answered: ${lastLog(place)}`);
    if (await answers(server.port)) return;
    if (Date.now() > until) throw new Unavailable(`it does not answer within ${readyMsMax / 1000} s: ${lastLog(place)}`);
    await pause(50);
  }
}

/** Whether sending this gets an answer that begins with that. */
export function exchange(port: number, question: string, answer: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 1000 }, () => socket.write(question));
    let got = '';
    const end = (isFine: boolean): void => {
      socket.destroy();
      resolve(isFine);
    };
    socket.on('data', (data) => {
      got += data;
      if (got.length >= answer.length) end(got.startsWith(answer));
    });
    for (const event of ['error', 'close', 'timeout']) socket.on(event, () => end(false));
  });
}

/** Asks it to go, by the signal it takes for that, and after a while no longer asks. */
export async function stopServer(place: Place, request: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  const server = running(place);
  if (server) {
    for (const signal of [request, 'SIGKILL'] as const) {
      signalTo(server.pid, signal);
      const until = Date.now() + stopMsMax;
      while (running(place) && Date.now() < until) await pause(20);
      if (!running(place)) break;
    }
    if (running(place)) throw new Unavailable(`process ${server.pid} does not end`);
  }
  rmSync(stateFile(place), { force: true });
}

/** To its group: one that still makes its files is a shell and what that runs. */
function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** In ticks since the machine started (proc(5)); nothing for a process that is gone or only waits to be collected. */
function beganAt(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}

/** Root gives a server to `nobody`: some refuse to run as root, and none needs it. */
async function unprivileged(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const id = async (flag: string) => Number((await runCommand('id', [flag, 'nobody'], { msMax: 5000 })).trim());
  return { uid: await id('-u'), gid: await id('-g') };
}

/** Free now; another process could take it before the server does, who then says so in its log. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

function lastLog(place: Place): string {
  return readFileSync(path.join(place.dir, 'server.log'), 'utf8').trim().split('\n').at(-1) ?? '';
}

const stateFile = (place: Place): string => path.join(place.dir, 'server.json');
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
