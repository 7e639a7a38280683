import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTurnEngine } from '../runtime/engine.ts';
import { turnInput } from './play.ts';

/** Runs one turn in a process of its own: the program and the snapshot come from files, the result goes to standard output. */
const folder = process.argv[2]!;
const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const program = read('program.json');
const { snapshot, answer } = read('turn.json');
const engine = createTurnEngine();
const loaded = engine.load({ ...program, wasm: new Uint8Array(Buffer.from(program.wasm, 'base64')) });
const output = engine.runTurn(loaded, turnInput({ snapshot: new Uint8Array(Buffer.from(snapshot, 'base64')), answer }));
process.stdout.write(
  JSON.stringify({
    pid: process.pid,
    status: output.status,
    replies: output.replies.map((reply) => reply.text),
    snapshot: output.snapshot && Buffer.from(output.snapshot).toString('base64'),
  }),
);
