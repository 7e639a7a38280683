// A lock between processes, held by a file.
//
// The holder touches the file every second. A waiter takes it over when the holder's process is gone from this machine,
// or when the file has stood still for a while by the waiter's own watch: no clock is compared with another machine's,
// and a laptop that slept finds both sides equally delayed.
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const touchMs = 1_000;
const lookMs = 200;
const standstillMsMax = 20_000;

/** Waits for the lock and returns the function that gives it back. `onWait` is called once if there is somebody to wait for. */
export async function holdLock(file, onWait = () => {}) {
  const mine = `${process.pid} ${os.hostname()} ${randomUUID()}\n`;
  let seen = '';
  let seenAt = performance.now();
  let isWaiting = false;
  while (!tryCreate(file, mine)) {
    const look = describe(file);
    if (look === undefined) continue;
    if (look.fingerprint !== seen) {
      seen = look.fingerprint;
      seenAt = performance.now();
    }
    if (isGone(look.owner) || performance.now() - seenAt > standstillMsMax) {
      takeAway(file, look.owner);
      continue;
    }
    if (!isWaiting) onWait();
    isWaiting = true;
    await sleep(lookMs);
  }

  const timer = setInterval(() => touch(file), touchMs);
  const release = () => {
    clearInterval(timer);
    process.off('exit', release);
    if (describe(file)?.owner === mine) fs.rmSync(file, { force: true });
  };
  process.on('exit', release);
  return release;
}

/** Creating by hard link makes the file appear with its content, so nobody reads a lock without an owner. */
function tryCreate(file, content) {
  const temporary = `${file}.${process.pid}.${randomUUID()}`;
  fs.writeFileSync(temporary, content);
  try {
    fs.linkSync(temporary, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    fs.rmSync(temporary, { force: true });
  }
}

function describe(file) {
  try {
    const owner = fs.readFileSync(file, 'utf8');
    return { owner, fingerprint: `${owner}${fs.statSync(file).mtimeMs}` };
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function isGone(owner) {
  const [pid, host] = owner.split(' ');
  if (host !== os.hostname() || !Number(pid)) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

/** Removes the lock of `owner` and of nobody else: another waiter may have been quicker and hold it by now. */
function takeAway(file, owner) {
  const aside = `${file}.${process.pid}.${randomUUID()}`;
  try {
    fs.renameSync(file, aside);
    if (fs.readFileSync(aside, 'utf8') !== owner) fs.linkSync(aside, file);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  } finally {
    fs.rmSync(aside, { force: true });
  }
}

function touch(file) {
  const now = new Date();
  try {
    fs.utimesSync(file, now, now);
  } catch {
    // Taken away from us, or the disk is gone: the work goes on, and the release looks before it removes.
  }
}
