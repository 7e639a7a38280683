import { createHash, randomUUID } from 'node:crypto';
import { chmodSync, existsSync, linkSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { assert, GbError, type Logger } from 'gb-utils';

/** The longest socket path the operating systems take (macOS has 104 with the final zero). */
const pathBytesMax = 103;
/** Younger sockets are left alone: who made one may not have begun to listen. */
const staleMsMin = 60_000;
const probeMsMax = 1_000;
const hostFile = 'host-id';

/** A directory whose processes reach each other by the sockets in it. */
export interface SocketPlace {
  readonly dir: string;
  /** The same for all processes that use this directory on this machine: a copy or a mount elsewhere is another host. */
  readonly hostId: string;
}

/**
 * Places for the sockets that belong to a data directory, the best one first: in it, and, where its path is too long for a
 * socket or its disk has none, among the temporary directories, under a name that is the same for all who use this data
 * directory.
 */
export function socketPlaces(dataDir: string): readonly string[] {
  const wanted = resolve(dataDir, 'links');
  const isShort = Buffer.byteLength(join(wanted, socketName(randomUUID()))) <= pathBytesMax;
  const user = process.getuid?.() ?? 0;
  const name = `gb-links-${user}-${createHash('sha256').update(wanted).digest('hex').slice(0, 16)}`;
  return [...(isShort ? [wanted] : []), join(tmpdir(), name)];
}

/** Makes the directory. Only our own user may enter it, which is what keeps others of the machine from talking to us. */
export function openSocketPlace(dir: string): SocketPlace {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const facts = lstatSync(dir);
  // Somebody may have been there first, where everybody may make directories.
  if (!facts.isDirectory() || (process.getuid && facts.uid !== process.getuid()))
    throw new GbError('unavailable', `The directory for links between processes, ${dir}, belongs to somebody else.`);
  chmodSync(dir, 0o700);
  return { dir, hostId: hostIdOf(dir) };
}

/** Where a node listens: a name that no other process has. */
export function socketPath(place: SocketPlace, node: string): string {
  const path = join(place.dir, socketName(node));
  assert(Buffer.byteLength(path) <= pathBytesMax, 'the path of a socket fits');
  return path;
}

/** The last digits are the random ones. */
function socketName(node: string): string {
  return `${node.replaceAll('-', '').slice(-12)}.sock`;
}

/** Takes away the sockets of processes that were killed. */
export async function removeStaleSockets(place: SocketPlace, log: Logger): Promise<void> {
  for (const name of readdirSync(place.dir)) {
    if (!name.endsWith('.sock')) continue;
    const path = join(place.dir, name);
    const facts = lstatSync(path, { throwIfNoEntry: false });
    if (!facts?.isSocket() || Date.now() - facts.mtimeMs < staleMsMin || (await isListening(path))) continue;
    rmSync(path, { force: true });
    log.debug({ path }, 'The socket of a process that is gone was removed');
  }
}

function isListening(path: string): Promise<boolean> {
  return new Promise((answer) => {
    const socket = connect({ path, timeout: probeMsMax });
    const end = (is: boolean) => {
      socket.destroy();
      answer(is);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(true)); // Busy, and there.
    socket.once('error', () => end(false));
  });
}

function hostIdOf(dir: string): string {
  const file = join(dir, hostFile);
  if (!existsSync(file)) {
    // Written aside and linked into place: the first one wins, and nobody reads half of it.
    const draft = `${file}.${randomUUID()}`;
    writeFileSync(draft, randomUUID(), { mode: 0o600 });
    try {
      linkSync(draft, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(draft, { force: true });
    }
  }
  return createHash('sha256')
    .update(`${readFileSync(file, 'utf8')} ${machine()}`)
    .digest('hex')
    .slice(0, 32);
}

/** Containers of one machine share it, and reach each other's sockets if they share the directory. */
function machine(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return hostname(); // No /proc: macOS.
  }
}
