import { randomInt } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { type Place, Unavailable } from './service.ts';

/** Below what systems give to clients (Linux from 32,768): nobody gets one by chance while its server is away. */
const [portMin, portMax] = [16_000, 32_000];
const triesMax = 200;
/** A server that was killed may hold its port for a moment. */
const keptMsMax = 3000;

/**
 * A port for every name, free on this machine's own address. A place keeps its ports, so that a server that comes back is
 * where its clients look for it; one that somebody else has taken meanwhile is replaced.
 */
export async function portsOf(place: Place, names: readonly string[]): Promise<Readonly<Record<string, number>>> {
  const kept = readKept(place);
  const ports: Record<string, number> = {};
  for (const name of names) {
    const before = kept[name];
    ports[name] = before !== undefined && (await isFreeWithin(before, keptMsMax)) ? before : await freePort(Object.values(ports));
  }
  writeFileSync(fileOf(place), JSON.stringify(ports));
  return ports;
}

function readKept(place: Place): Readonly<Record<string, number>> {
  try {
    return JSON.parse(readFileSync(fileOf(place), 'utf8')) as Record<string, number>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

/** Free now; another process could take it before the server does, who then says so in its log. */
async function freePort(taken: readonly number[]): Promise<number> {
  for (let tries = 0; tries < triesMax; tries++) {
    const port = randomInt(portMin, portMax);
    if (!taken.includes(port) && (await isFree(port))) return port;
  }
  throw new Unavailable(`none of ${triesMax} ports between ${portMin} and ${portMax} is free`);
}

async function isFreeWithin(port: number, msMax: number): Promise<boolean> {
  for (const until = Date.now() + msMax; ; ) {
    if (await isFree(port)) return true;
    if (Date.now() > until) return false;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' || error.code === 'EACCES' ? resolve(false) : reject(error),
    );
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

const fileOf = (place: Place): string => path.join(place.dir, 'ports.json');
