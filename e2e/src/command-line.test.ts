import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnServer } from 'gb-cli/testing';
import { expect, test } from 'vitest';
import { worldOn } from './world.ts';

const main = join(import.meta.dirname, '../../gb-cli/src/main.ts');

/** Runs `gb` to its end. */
function gb(args: string[], env: Record<string, string> = {}): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...args], {
      env: { PATH: process.env['PATH'] ?? '', ...env },
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (data) => (out += data));
    child.stderr.on('data', (data) => (err += data));
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

test('a second start on the same data says so in one line and ends', { timeout: 120_000 }, async () => {
  const server = await spawnServer();
  try {
    const second = await gb(['serve'], { GB_DATA_DIR: server.dataDir, PORT: '0', GB_LOG_LEVEL: 'silent' });
    expect(second.code).toBe(1);
    expect(second.err.trim().split('\n')).toHaveLength(1);
    expect(second.err).toContain(String(server.pid));
    const busy = await gb(['serve'], {
      GB_DATA_DIR: `${server.dataDir}-other`,
      PORT: new URL(server.url).port,
      GB_LOG_LEVEL: 'silent',
    });
    expect(busy.code).toBe(1);
    expect(busy.err.trim().split('\n')).toHaveLength(1);
    expect(busy.err).toMatch(/in use/);
  } finally {
    rmSync(`${server.dataDir}-other`, { recursive: true, force: true });
    await server.dispose();
  }
});

test('a first start makes all there is, a stop is clean, and a second start finds it', { timeout: 120_000 }, async () => {
  const server = await spawnServer({ dataDir: mkdtempSync(join(tmpdir(), 'gb-first-')) });
  const ana = await worldOn(server).signUp();
  expect(await server.stop()).toBe(0);
  const again = await server.restart();
  try {
    expect((await ana.rest.snapshot()).me.name).toBe('Ana Prado');
    for (const path of ['/health/live', '/health/ready']) expect((await fetch(again.url + path)).status).toBe(200);
    const metrics = await (await fetch(`${again.url}/metrics`)).text();
    expect(metrics).toMatch(/gb_connections 0/);
    const page = await fetch(`${again.url}/c/anything`);
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    expect(await page.text()).toContain('<div id="root"');
    expect(await (await fetch(`${again.url}/api/docs`)).text()).toContain('/api/channels');
  } finally {
    await again.dispose();
  }
});

test('wrong settings and unknown commands end with one clear line', { timeout: 120_000 }, async () => {
  const port = await gb(['serve'], { PORT: 'eighty' });
  expect([port.code, port.err.trim()]).toEqual([1, 'gb: PORT must be a whole number from 0 to 65535, not "eighty".']);
  const unknown = await gb(['fly']);
  expect(unknown.code).toBe(2);
  expect(unknown.err).toContain('There is no command "fly"'.replace('T', 't'));
  expect((await gb(['help'])).out).toContain('gb serve');
});
