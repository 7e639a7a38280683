import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { turnInput } from '../testing/play.ts';
import { createTurnEngine, programHash } from './index.ts';

/**
 * Programs and snapshots as released versions wrote them. They lie in people's databases: whatever changes in the compiler
 * or the runtime, these bytes must go on, or the ABI version must go up and the old runtime stay beside the new one.
 */
const folder = join(import.meta.dirname, '../testing/golden');
const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
const saved = readdirSync(folder).flatMap((file) => {
  const { cases } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  return cases.map((one: { name: string }) => ({ ...one, file }));
});

test.each(saved)('as $file left it: $name', async ({ program, snapshot, next, status, replies, request }) => {
  const compiled = { hash: program.hash, wasm: bytes(program.wasm), debugMap: program.debugMap };
  expect(await programHash(compiled.wasm, compiled.debugMap)).toBe(program.hash);
  const engine = createTurnEngine();
  const input = turnInput({ takesRequests: true, snapshot: bytes(snapshot), ...next });
  const output = engine.runTurn(engine.load(compiled), input);
  expect(output.replies.map((reply) => reply.text)).toEqual(replies);
  expect(output.status).toBe(status);
  expect(output.request ?? null).toEqual(request);
});

test('every release has left its conversations here', () => {
  const root = join(import.meta.dirname, '../../..');
  const headings = readFileSync(join(root, 'CHANGELOG.md'), 'utf8').matchAll(/^## (\d\S*)(.*)$/gm);
  const released = [...headings].filter(([, , rest]) => !rest!.includes('unreleased')).map(([, version]) => `${version}.json`);
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(released));
});
