import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findChromium } from './chromium.ts';

let dir: string;
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'gb-chromium-'));
  vi.stubEnv('PATH', `${path.join(dir, 'none')}:${dir}`);
  vi.stubEnv('CHROMIUM_PATH', undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  fs.rmSync(dir, { recursive: true });
});

/** What stands in for a browser is a program that answers `--version`, because that is all that is asked. */
function program(name: string, body: string): string {
  const file = path.join(dir, name);
  fs.writeFileSync(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return file;
}

test('a browser on the PATH is found, and one that does not start is passed over', () => {
  program('chromium', 'exit 1');
  const good = program('google-chrome', 'echo Google Chrome 156.0.1');
  expect(findChromium(() => {})).toEqual({ path: good });
});

test('CHROMIUM_PATH goes first, and when it does not start, nothing else is taken in its place', () => {
  program('chromium', 'echo Chromium 156.0');
  const wanted = program('mine', 'echo Chromium 157.0');
  vi.stubEnv('CHROMIUM_PATH', wanted);
  expect(findChromium(() => {})).toEqual({ path: wanted });
  vi.stubEnv('CHROMIUM_PATH', path.join(dir, 'gone'));
  expect(findChromium(() => {})).toEqual({ missing: expect.stringContaining('does not start') });
});

test('where nothing can be had, the reason is a sentence', () => {
  expect(findChromium(() => {})).toEqual({ missing: expect.stringMatching(/no Chromium here|install Chromium/) });
});
