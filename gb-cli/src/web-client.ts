import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { GbError } from 'gb-utils';

/** What the web client is built from. */
const sources = [
  'gb-web/src',
  'gb-web/public',
  'gb-web/index.html',
  'gb-web/vite.config.ts',
  'gb-client/src',
  'gb-protocol/src',
  'gb-utils/src',
  'gb-vm/src/compiler',
  'gb-vm/src/debug',
  'gb-vm/src/runtime',
  'package-lock.json',
];

/** The built web client's folder; builds it first when its sources are newer than what is there. */
export async function ensureWebClient(rootDir: string, onBuild: () => void): Promise<string> {
  const dist = join(rootDir, 'gb-web/dist');
  const stampFile = join(dist, '.stamp');
  const stamp = fingerprint(rootDir);
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return dist;
  onBuild();
  const child = spawn(process.execPath, [join(rootDir, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn'], {
    cwd: join(rootDir, 'gb-web'),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (data) => (output += data));
  child.stderr.on('data', (data) => (output += data));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (code !== 0) throw new GbError('internal', `The web client could not be built:\n${output.trim()}`);
  writeFileSync(stampFile, stamp);
  return dist;
}

/** Names, sizes and times of all sources: cheap to take at every start, and different after any edit or checkout. */
function fingerprint(rootDir: string): string {
  const hash = createHash('sha256');
  const visit = (path: string): void => {
    const facts = statSync(path, { throwIfNoEntry: false });
    if (!facts) return;
    if (facts.isDirectory()) for (const name of readdirSync(path).sort()) visit(join(path, name));
    else hash.update(`${relative(rootDir, path)} ${facts.size} ${facts.mtimeMs}\n`);
  };
  for (const source of sources) visit(join(rootDir, source));
  return hash.digest('hex');
}
