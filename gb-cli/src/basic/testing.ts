import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { runEnvironment } from '../testing/environment.ts';

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface GbOptions {
  readonly cwd?: string;
  /** All of standard input; closed at once without it. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** The real command in a process of its own. */
export function gb(args: readonly string[], options: GbOptions = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawnGb(args, options);
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
    // A program that ends before it has read everything closes the pipe; that is its right.
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
  });
}

export function spawnGb(args: readonly string[], options: GbOptions = {}) {
  const main = join(import.meta.dirname, '..', 'main.ts');
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...args], {
    cwd: options.cwd,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      LANG: 'en_US.UTF-8',
      ...runEnvironment(),
      ...options.env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** A folder with these files, for one test. */
export function folderOf(files: Readonly<Record<string, string | Uint8Array>>): { readonly path: string; dispose(): void } {
  const path = mkdtempSync(join(tmpdir(), 'gb-basic-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), content);
  }
  return { path, dispose: () => rmSync(path, { recursive: true, force: true }) };
}

/** The path of a folder with these files, which goes when the test that asked for it has ended. */
export function inFolder(files: Readonly<Record<string, string | Uint8Array>>): string {
  const { path, dispose } = folderOf(files);
  onTestFinished(dispose);
  return path;
}
