import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { OutsideCall } from 'gb-core';
import { sleep } from 'gb-utils';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { createConnections } from './connections.ts';

let server: Server;
const scratch = mkdtempSync(path.join(tmpdir(), 'gb-pgpass-'));
afterEach(() => {
  server?.close();
  vi.unstubAllEnvs();
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A database of a tenant that asks for the password in plain words, and keeps all it is sent. */
async function curious(heard: string[]): Promise<number> {
  const message = (type: string, ...bytes: readonly number[]) =>
    Buffer.from([type.charCodeAt(0), 0, 0, 0, 4 + bytes.length, ...bytes]);
  server = createServer((socket: Socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.write(message('R', 0, 0, 0, 3)));
    socket.on('data', (data) => {
      heard.push(data.toString('latin1'));
      if (data[0] === 'p'.charCodeAt(0)) socket.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as { port: number }).port;
}

/** A database that lets everybody in and answers each statement with rows of nothing, as many as 30 MB hold. */
async function lavish(sent: { bytes: number }): Promise<number> {
  const letters = (text: string, ...rest: readonly number[][]) => Buffer.from([text.charCodeAt(0), ...rest.flat()]);
  const ready = letters('Z', [0, 0, 0, 5, 'I'.charCodeAt(0)]);
  const row = letters('D', [0, 0, 0, 6, 0, 0]);
  const many = Buffer.concat(Array.from({ length: 150_000 }, () => row));
  let statements = 0;
  server = createServer((socket: Socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.write(Buffer.concat([letters('R', [0, 0, 0, 8, 0, 0, 0, 0]), ready])));
    socket.on('data', (data) => {
      if (data[0] !== 'Q'.charCodeAt(0) && data[0] !== 'P'.charCodeAt(0)) return;
      if (statements++ > 0) for (let n = 0; n < 30; n++) socket.write(many, (error) => (sent.bytes += error ? 0 : many.length));
      socket.write(Buffer.concat([letters('C', [0, 0, 0, 5, 0]), ready]));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as { port: number }).port;
}

test.each(['read', 'change'] as const)('millions of rows that nobody asked for are not all taken in: %s', async (how) => {
  const sent = { bytes: 0 };
  const settings = { 'erp-url': `postgres://shop:secret@127.0.0.1:${await lavish(sent)}/shop`, 'erp-tls': 'off' };
  const call = { customerId: 'c', key: 'k', settings, signal: AbortSignal.timeout(20_000) } as unknown as OutsideCall;
  let taken = 0;
  const work = createConnections({ allow: ['127.0.0.1'] })<unknown>(call, 'erp', (session) =>
    how === 'read' ? session.read('select 1', [], () => void (taken += 1)) : session.change('select 1', []),
  );
  await expect(work).rejects.toMatchObject({ fault: 'too_much' });
  expect(taken).toBeLessThan(1_000);
  expect(sent.bytes).toBeLessThan(20_000_000);
});

/** Says what it is given to whoever logs in, a byte at a time or all at once, and nothing more. */
async function babbling(words: Buffer, isSlow: boolean): Promise<number> {
  server = createServer((socket: Socket) => {
    socket.on('error', () => {});
    socket.setNoDelay(true);
    socket.once('data', async () => {
      const step = isSlow ? 1 : words.length;
      for (let at = 0; at < words.length && !socket.destroyed; at += step) {
        socket.write(words.subarray(at, at + step));
        await sleep(1);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as { port: number }).port;
}

// The driver would look for the end of such an error for ever, in the thread that serves everybody.
test.each([
  ['an error without its end', 'E\0\0\0\x08SabX'],
  ['an error with an end too few', 'E\0\0\0\x08Sab\0'],
  ['a notice of nothing', 'N\0\0\0\x04'],
  ['a length that is none', 'Z\0\0\0\x01I'],
  ['a length beyond all bounds', 'D\xff\xff\xff\xff'],
  ['columns that are not there', 'T\0\0\0\x06\x7f\xff'],
])('%s ends the connection, and nothing else', async (_, words) => {
  for (const isSlow of [false, true]) {
    const port = await babbling(Buffer.from(words, 'latin1'), isSlow);
    const settings = { 'erp-url': `postgres://shop:secret@127.0.0.1:${port}/shop`, 'erp-tls': 'off' };
    const call = { customerId: 'c', key: 'k', settings, signal: AbortSignal.timeout(8_000) } as unknown as OutsideCall;
    const work = createConnections({ allow: ['127.0.0.1'] })(call, 'erp', async () => 'open');
    await expect(work).rejects.toMatchObject({ fault: expect.stringMatching(/unreachable|lost|other|too_much/) });
    server.close();
  }
});

test('what the operator keeps in the environment for databases of their own goes to nobody else', async () => {
  const file = path.join(scratch, 'pgpass');
  writeFileSync(file, '*:*:*:*:file-password\n', { mode: 0o600 });
  vi.stubEnv('PGPASSFILE', file);
  vi.stubEnv('PGOPTIONS', '-c operators.option=1');
  vi.stubEnv('PGUSER', 'operator');
  for (const password of ['environment-password', '']) {
    vi.stubEnv('PGPASSWORD', password);
    const heard: string[] = [];
    const settings = { 'erp-url': `postgres://shop@127.0.0.1:${await curious(heard)}/shop`, 'erp-tls': 'off' };
    const call = { customerId: 'c', key: 'k', settings, signal: AbortSignal.timeout(5_000) } as unknown as OutsideCall;
    await expect(createConnections({ allow: ['127.0.0.1'] })(call, 'erp', async () => 'open')).rejects.toThrow();
    server.close();
    expect(heard.join('')).toContain('shop');
    expect(heard.join('')).not.toMatch(/-password|operator/);
  }
});
