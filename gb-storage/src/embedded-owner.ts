import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from './data-dir-lock.ts';
import type { ConnectionConfig } from './embedded-postgres.ts';

/** How a command reaches the embedded database of a server that runs, as the owner of its tables; null when none does. */
export function ownerOfRunning(dataDir: string): ConnectionConfig | null {
  // PostgreSQL writes down its pid, directory, start, port and socket directory, a line each.
  const [pid, , , port, host] = readIfThere(join(dataDir, 'postgres', 'postmaster.pid'))?.split('\n') ?? [];
  const secrets = readIfThere(join(dataDir, 'postgres-secrets.json'));
  if (!host || secrets === null || !isAlive(Number(pid))) return null;
  const { owner } = JSON.parse(secrets) as { owner: string };
  return { host, port: Number(port), database: 'general_bots', user: 'gb_owner', password: owner };
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
