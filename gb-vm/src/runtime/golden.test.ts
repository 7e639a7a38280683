import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { turnInput } from '../testing/play.ts';
import { createTurnEngine, programHash } from './index.ts';

/**
 * Programs and snapshots as earlier versions wrote them. They lie in people's databases: whatever changes in the compiler
 * or the runtime, these bytes must go on, or the ABI version must go up and the old runtime stay beside the new one.
 */
const folder = join(import.meta.dirname, '../testing/golden');
const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));

test.each(readdirSync(folder))('a conversation saved as %s goes on', async (name) => {
  const { program, snapshot, answer, replies } = JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const compiled = { hash: program.hash, wasm: bytes(program.wasm), debugMap: program.debugMap };
  expect(await programHash(compiled.wasm, compiled.debugMap)).toBe(program.hash);
  const engine = createTurnEngine();
  const output = engine.runTurn(engine.load(compiled), turnInput({ snapshot: bytes(snapshot), answer }));
  expect(output.replies.map((reply) => reply.text)).toEqual(replies);
  expect(output.status).toBe('finished');
});
