import { spawn } from 'node:child_process';
import { chmodSync, chownSync, closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { beganAt, familyOf, isAlive, type Process, signalGroup, signalTo } from './family.ts';
import { portsOf } from './ports.ts';
import { runCommand } from './run-command.ts';
import { type Place, Unavailable } from './service.ts';

/** A server that outlives the command that started it. What is known about it lies in `server.json`. */
export interface Running extends Process {
  readonly port: number;
  /** The further ones it asked for, by their names. */
  readonly ports: Readonly<Record<string, number>>;
}

export interface ServerOptions {
  readonly program: string;
  /** Arguments for a port of our own and a directory that only the server's user can read. */
  readonly args: (port: number, dataDir: string, ports: Readonly<Record<string, number>>) => readonly string[];
  /** Besides the PATH, and a home that is the data directory. */
  readonly env?: (port: number, dataDir: string, ports: Readonly<Record<string, number>>) => Readonly<Record<string, string>>;
  /** Names of the ports that it needs besides the one that others know it by. */
  readonly ports?: readonly string[];
}

/** A machine that is busy with other tests takes a multiple of what a start needs; a server that ended is seen at once. */
const readyMsMax = 120_000;
const stopMsMax = 10_000;
const killMsMax = 10_000;

/** The server of this place, when it still runs. */
export function running(place: Place): Running | undefined {
  const known = lastKnown(place);
  return known !== undefined && isAlive(known) ? known : undefined;
}

function lastKnown(place: Place): Running | undefined {
  try {
    return JSON.parse(readFileSync(stateFile(place), 'utf8')) as Running;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Starts it on a free port of this machine's own address, without a terminal, and writes down what it is. One that was
 * stopped or killed comes back on its port and with its data.
 */
export async function startServer(place: Place, options: ServerOptions): Promise<void> {
  if (running(place)) return;
  await killServer(place); // What one that fell over has left would be in the way.
  const { main, ...ports } = await portsOf(place, ['main', ...(options.ports ?? [])]);
  const port = main!;
  const user = await unprivileged();
  const dataDir = dataDirOf(place);
  mkdirSync(dataDir, { recursive: true });
  chmodSync(dataDir, 0o700);
  if (user) chownSync(dataDir, user.uid, user.gid);
  const log = openSync(path.join(place.dir, 'server.log'), 'a');
  const child = spawn(options.program, options.args(port, dataDir, ports), {
    ...user,
    cwd: dataDir,
    env: { PATH: process.env['PATH'], HOME: dataDir, TMPDIR: dataDir, LANG: 'C.UTF-8', ...options.env?.(port, dataDir, ports) },
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
  writeFileSync(stateFile(place), JSON.stringify({ port, ports, pid: child.pid!, startedAt } satisfies Running));
}

/** Asks until it answers, its process is gone, or two minutes are over. */
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
export async function exchange(port: number, question: string, answer: string): Promise<boolean> {
  const got = await ask(port, Buffer.from(question, 'latin1'), answer.length);
  return got?.toString('latin1').startsWith(answer) ?? false;
}

/** The first bytes of what it says to that, at least so many of them; nothing when they do not come. */
export function ask(port: number, question: Buffer, bytesMin: number): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 1000 }, () => socket.write(question));
    let got = Buffer.alloc(0);
    const end = (answer: Buffer | null): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.on('data', (data) => {
      got = Buffer.concat([got, data]);
      if (got.length >= bytesMin) end(got);
    });
    for (const event of ['error', 'close', 'timeout']) socket.on(event, () => end(null));
  });
}

/**
 * Asks it to go, by the signal it takes for that, and after a while no longer asks. What it leaves running goes with it; its
 * data and its ports stay.
 */
export async function stopServer(place: Place, request: NodeJS.Signals = 'SIGTERM', msMax = stopMsMax): Promise<void> {
  const server = running(place);
  if (server) {
    const family = familyOf(server, dataDirOf(place));
    signalGroup(server, request); // One that still makes its files is a shell and what that runs.
    await within(msMax, () => !isAlive(server));
    await endAll(place, family);
  }
  await killServer(place);
}

/** Ends it as the loss of a machine would, in the middle of whatever it does. Its data and its ports stay. */
export async function killServer(place: Place): Promise<void> {
  await endAll(place, []);
  rmSync(stateFile(place), { force: true });
}

/** Everybody who works for it now. */
export function pidsOf(place: Place): readonly number[] {
  return familyOf(lastKnown(place), dataDirOf(place)).map(({ pid }) => pid);
}

/** Holds everybody of it still, or lets them go on: it has its connections and does not answer. */
export function holdServer(place: Place, isHeld: boolean): void {
  for (const one of familyOf(lastKnown(place), dataDirOf(place))) signalTo(one, isHeld ? 'SIGSTOP' : 'SIGCONT');
}

/** For the end of our own process, which cannot wait. */
export function killServerAtOnce(place: Place): void {
  for (const one of familyOf(lastKnown(place), dataDirOf(place))) signalTo(one, 'SIGKILL');
}

/** Kills whoever is of the server now or was before, and returns when all of them are gone. */
async function endAll(place: Place, before: readonly Process[]): Promise<void> {
  const left = (): readonly Process[] => [...familyOf(lastKnown(place), dataDirOf(place)), ...before.filter(isAlive)];
  const isGone = (): boolean => {
    const family = left();
    for (const one of family) signalTo(one, 'SIGKILL');
    return family.length === 0;
  };
  if (!(await within(killMsMax, isGone))) throw new Unavailable(`process ${left()[0]?.pid} does not end`);
}

/** Whether it became true in time. */
async function within(msMax: number, isTrue: () => boolean): Promise<boolean> {
  for (const until = Date.now() + msMax; !isTrue(); await pause(20)) if (Date.now() > until) return false;
  return true;
}

/** Root gives a server to `nobody`: some refuse to run as root, and none needs it. */
async function unprivileged(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const id = async (flag: string) => Number((await runCommand('id', [flag, 'nobody'], { msMax: 5000 })).trim());
  return { uid: await id('-u'), gid: await id('-g') };
}

/** Its last words; the lines below them, set in, only say where they were spoken. */
function lastLog(place: Place): string {
  const lines = readFileSync(path.join(place.dir, 'server.log'), 'utf8').trimEnd().split('\n');
  return lines.findLast((line) => /^\S/.test(line)) ?? '';
}

const dataDirOf = (place: Place): string => path.join(place.dir, 'data');
const stateFile = (place: Place): string => path.join(place.dir, 'server.json');
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
