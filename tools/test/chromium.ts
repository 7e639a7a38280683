import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];
const places = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];
/** Fonts too: without them every emoji in a story is an empty box. */
const packages = ['chromium', 'fonts-noto-color-emoji', 'fonts-liberation'];
const installMsMax = 6 * 60_000;

/**
 * The browser of the stories: CHROMIUM_PATH, else one on the PATH, else Debian's own, installed now where that is allowed.
 * The answer has been started once, so a wrapper that only tells how to get the real thing does not count.
 */
export function findChromium(say: (text: string) => void): { readonly path: string } | { readonly missing: string } {
  const wanted = process.env['CHROMIUM_PATH'];
  if (wanted) return runs(wanted) ? { path: wanted } : { missing: `CHROMIUM_PATH is ${wanted}, and that does not start` };
  const found = candidates().find(runs);
  if (found !== undefined) return { path: found };

  const reason =
    process.platform !== 'linux'
      ? 'install Chromium or Google Chrome'
      : process.getuid?.() !== 0
        ? 'no Chromium here, and only root may install it: apt-get install chromium'
        : undefined;
  if (reason !== undefined) return { missing: reason };
  if (onPath('apt-get') === undefined) return { missing: 'no Chromium here, and no apt-get to install it with' };
  say(`Installing ${packages.join(', ')} for the end-to-end stories; at most ${installMsMax / 60_000} minutes.`);
  const problem = installByApt();
  const installed = candidates().find(runs);
  return installed === undefined
    ? { missing: `Chromium could not be installed: ${problem ?? 'apt-get said it did, and it does not start'}` }
    : { path: installed };
}

function candidates(): readonly string[] {
  return [...names.flatMap((name) => onPath(name) ?? []), ...places.filter((place) => fs.existsSync(place))];
}

function onPath(name: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .map((dir) => path.join(dir, name))
    .find(isExecutable);
}

/** A directory of the PATH may be missing or closed to us: then nothing in it can be run. */
function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

function runs(file: string): boolean {
  const result = spawnSync(file, ['--version'], { timeout: 20_000, stdio: ['ignore', 'pipe', 'ignore'], encoding: 'utf8' });
  return result.status === 0 && /\d+\.\d+/.test(result.stdout);
}

function installByApt(): string | undefined {
  const deadline = Date.now() + installMsMax;
  // A lock held by the machine's own updates is waited for; a question is answered with the default.
  const options = ['-y', '-qq', '-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::Retries=2'];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '--no-install-recommends', ...packages]]) {
    const result = spawnSync('apt-get', [...options, ...args], {
      env,
      timeout: Math.max(1_000, deadline - Date.now()),
      stdio: ['ignore', 'pipe', 'pipe'],
      encoding: 'utf8',
    });
    if (result.error) return result.error.message;
    if (result.status !== 0) return `apt-get ${args[0]}: ${lastLineOf(result.stderr)}`;
  }
  return undefined;
}

function lastLineOf(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
