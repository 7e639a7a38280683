import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CompiledProgram } from 'gb-core';
import { describe, expect, test } from 'vitest';
import { random } from '../compiler/testing/random.ts';
import { limits, turnInput } from '../testing/play.ts';
import { crc32c } from './crc32c.ts';
import { createTurnEngine, prepareProgram } from './index.ts';

async function prepared(text: string): Promise<CompiledProgram> {
  return (await prepareProgram([{ name: 'start.bas', text }])).program!;
}

const dialog = `SUB ask(q)
  TALK q
  HEAR answer
  PUSH log, {q: q, a: answer}
END SUB
log = []
big = {}
FOR i = 1 TO 20
  big["k" + i] = i
NEXT
DIM scores(10)
FOR i = 1 TO 3
  scores(i) = i * 10
  ask("question " + i)
NEXT
TALK JSON(log) + " " + big.K7 + " " + JOIN(scores) + " ção 🎉"
`;

async function waiting() {
  const program = await prepared(dialog);
  const engine = createTurnEngine();
  const loaded = engine.load(program);
  const first = engine.runTurn(loaded, turnInput());
  return { program, engine, loaded, snapshot: first.snapshot! };
}

test('crc32c agrees with the published check value', () => {
  expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
});

test('a conversation goes on in another process, with nothing but the program and the bytes, answer after answer', async () => {
  const { program, snapshot } = await waiting();
  const folder = mkdtempSync(join(tmpdir(), 'gb-vm-'));
  writeFileSync(join(folder, 'program.json'), JSON.stringify({ ...program, wasm: Buffer.from(program.wasm).toString('base64') }));
  let bytes: Uint8Array | null = snapshot;
  let said = '';
  for (const answer of ['red', 'green', 'blue']) {
    writeFileSync(join(folder, 'turn.json'), JSON.stringify({ snapshot: Buffer.from(bytes!).toString('base64'), answer }));
    const result = JSON.parse(
      execFileSync(process.execPath, [join(import.meta.dirname, '../testing/one-turn.ts'), folder], { encoding: 'utf8' }),
    );
    bytes = result.snapshot && Buffer.from(result.snapshot, 'base64');
    said = result.replies.at(-1);
    expect(result.pid).not.toBe(process.pid);
  }
  expect(bytes).toBeNull();
  expect(said).toBe(
    '[{"q":"question 1","a":"red"},{"q":"question 2","a":"green"},{"q":"question 3","a":"blue"}] 7 0,10,20,30,0,0,0,0,0,0,0 ção 🎉',
  );
  rmSync(folder, { recursive: true });
});

test('the image of a small dialog is small, and does not grow with the work done', async () => {
  const engine = createTurnEngine();
  const loaded = engine.load(
    await prepared('TALK "name?"\nHEAR name\nFOR i = 1 TO 5000\nx = "litter " + i\nNEXT\nHEAR city\nTALK name + city'),
  );
  const first = engine.runTurn(loaded, turnInput()).snapshot!;
  const second = engine.runTurn(loaded, turnInput({ snapshot: first, answer: 'Ana' })).snapshot!;
  expect(first.length).toBeLessThan(250);
  expect(second.length).toBeLessThan(350);
});

test('the same turn twice gives the same bytes', async () => {
  const { engine, loaded, snapshot } = await waiting();
  const run = () => engine.runTurn(loaded, turnInput({ snapshot, answer: 'x' }));
  expect(run()).toEqual(run());
});

describe('a snapshot that is not ours to continue', () => {
  test('one flipped bit anywhere is noticed', async () => {
    const { engine, loaded, snapshot } = await waiting();
    for (let index = 0; index < snapshot.length; index++) {
      const damaged = snapshot.slice();
      damaged[index]! ^= 1 << (index % 8);
      const output = engine.runTurn(loaded, turnInput({ snapshot: damaged, answer: 'x' }));
      expect(output).toMatchObject({ status: 'failed', snapshot: null, error: { code: 'snapshot_invalid' } });
    }
    expect(engine.runTurn(loaded, turnInput({ snapshot, answer: 'x' })).status).toBe('waiting');
  });
  test('cut short, made longer, empty, or noise', async () => {
    const { engine, loaded, snapshot } = await waiting();
    const next = random(9);
    const noise = Uint8Array.from({ length: 500 }, () => next() * 256);
    for (const bytes of [
      snapshot.slice(0, -1),
      snapshot.slice(0, 20),
      new Uint8Array(0),
      Uint8Array.from([...snapshot, 0]),
      noise,
    ]) {
      expect(engine.runTurn(loaded, turnInput({ snapshot: bytes, answer: 'x' })).error?.code).toBe('snapshot_invalid');
    }
  });
  test('of another program', async () => {
    const { engine, snapshot } = await waiting();
    const other = engine.load(await prepared('HEAR x\nTALK x'));
    expect(engine.runTurn(other, turnInput({ snapshot, answer: 'x', locale: 'pt-BR' })).error).toMatchObject({
      code: 'snapshot_invalid',
      message: expect.stringContaining('não pode continuar'),
    });
  });
  test('sealed again after being tampered with: still no crash', async () => {
    const { engine, loaded, snapshot } = await waiting();
    const next = random(4);
    for (let round = 0; round < 2000; round++) {
      const forged = snapshot.slice();
      for (let changes = 0; changes < 3; changes++) forged[40 + Math.floor(next() * (forged.length - 44))] = next() * 256;
      new DataView(forged.buffer).setUint32(forged.length - 4, crc32c(forged, forged.length - 4), true);
      const output = engine.runTurn(loaded, turnInput({ snapshot: forged, answer: 'x', limits: { ...limits, fuelMax: 10_000 } }));
      expect(['waiting', 'finished', 'failed']).toContain(output.status);
    }
    expect(engine.runTurn(loaded, turnInput({ snapshot, answer: 'x' })).status).toBe('waiting');
  });
});

describe('the wall between tenants', () => {
  const secret = 'SECRET-7f3a';
  const wide = 'ŚËĆŔĖŢ-🎉-';
  const spiller = (next: () => number): string => {
    const count = 1 + Math.floor(next() * 40);
    return `l = []\no = {}\nFOR i = 1 TO ${count}\nPUSH l, "${secret}" + i\no["${secret}" + i] = "${wide}" + i\nNEXT\nt = REPEAT("${secret}", ${Math.floor(next() * 3000)})\nSUB deep(n, s)\nIF n > 0 THEN\ndeep(n - 1, s + "${secret}")\nELSE\n${next() < 0.3 ? 'TALK 1 / 0' : next() < 0.5 ? 'DO\nLOOP' : 'HEAR x'}\nEND IF\nEND SUB\ndeep(${Math.floor(next() * 20)}, "${secret}")\n`;
  };
  const finds = (memory: WebAssembly.Memory, text: string): boolean => {
    const bytes = Buffer.from(memory.buffer);
    return bytes.includes(text, 0, 'latin1') || bytes.includes(Buffer.from(text, 'utf16le'));
  };

  test('no byte of the former turn is in memory when the next one runs, whatever way it ended', async () => {
    const next = random(11);
    const engine = createTurnEngine({ sliceFuel: 500 });
    const quiet = engine.load(await prepared('x = "mine"\nHEAR y\nTALK x'));
    for (let round = 0; round < 60; round++) {
      const noisy = engine.load(await prepared(spiller(next)));
      const turn = engine.begin(noisy, turnInput({ limits: { ...limits, fuelMax: 20_000 } }));
      engine.step(turn);
      if (next() < 0.7) while (!turn.output) engine.step(turn);
      expect(finds(engine.memory, 'SECRET')).toBe(true);
      engine.runTurn(quiet, turnInput());
      expect(finds(engine.memory, 'SECRET')).toBe(false);
      expect(finds(engine.memory, 'ŚËĆ')).toBe(false);
    }
  });

  test('after a small turn, everything beyond it is zero', async () => {
    const engine = createTurnEngine();
    engine.runTurn(
      engine.load(await prepared(`t = REPEAT("${secret}", 50000)\nDIM a(90000)\na(90000) = 1\nHEAR x`)),
      turnInput(),
    );
    const output = engine.runTurn(engine.load(await prepared('HEAR x')), turnInput());
    const bytes = new Uint8Array(engine.memory.buffer);
    const used = bytes.findLastIndex((byte) => byte !== 0);
    expect(used).toBeLessThan(0x10100 + 200);
    expect(output.snapshot!.length).toBeLessThan(150);
  });
});
