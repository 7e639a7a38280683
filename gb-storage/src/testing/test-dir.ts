import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A temporary directory that PostgreSQL may enter also when the tests run as root and it does not. */
export function makeTestDir(): string {
  const directory = mkdtempSync(join(tmpdir(), 'gb-test-'));
  chmodSync(directory, 0o711);
  return directory;
}
