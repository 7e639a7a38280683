import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { type Place, type Service, Unavailable } from './service.ts';

/**
 * Brings services up one after the other and gives back the environment that finds them. One that cannot be had is said
 * in a sentence and the others go on; `missing` names them, so that who needs all can stop.
 */
export async function bringUp(
  wanted: readonly Service[],
  scratch: string,
  say: (text: string) => void,
): Promise<{ readonly env: Readonly<Record<string, string>>; readonly missing: readonly string[] }> {
  const env: Record<string, string> = {};
  const missing: string[] = [];
  await forEach(wanted, scratch, say, missing, async (service, place) => {
    await service.install(place);
    await service.start(place);
    try {
      await service.ready(place);
    } catch (error) {
      await service.stop(place); // A server that does not answer would stay for ever.
      throw error;
    }
    Object.assign(env, service.env(place));
  });
  return { env, missing };
}

/** Stops services. Gives back those that do not let themselves be stopped. */
export async function takeDown(
  wanted: readonly Service[],
  scratch: string,
  say: (text: string) => void,
): Promise<readonly string[]> {
  const left: string[] = [];
  await forEach(wanted, scratch, say, left, (service, place) => service.stop(place));
  return left;
}

async function forEach(
  services: readonly Service[],
  scratch: string,
  say: (text: string) => void,
  failed: string[],
  work: (service: Service, place: Place) => Promise<void>,
): Promise<void> {
  claim(scratch);
  for (const service of services) {
    const place = { dir: path.join(scratch, service.name), say: (text: string) => say(`${service.name}: ${text}`) };
    mkdirSync(place.dir, { recursive: true });
    chmodSync(place.dir, 0o711);
    try {
      await work(service, place);
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      failed.push(service.name);
      place.say(error.message);
    }
  }
}

/** The directory may lie where everybody can write: one that somebody else made, or a link, is not taken. */
function claim(scratch: string): void {
  mkdirSync(scratch, { recursive: true });
  const { uid } = lstatSync(scratch);
  if (!lstatSync(scratch).isDirectory() || (process.getuid && uid !== process.getuid()))
    throw new Error(`${scratch} belongs to somebody else; name another with --dir.`);
  chmodSync(scratch, 0o711); // Servers run as others and must get through to their own part of it, whatever our umask.
}
