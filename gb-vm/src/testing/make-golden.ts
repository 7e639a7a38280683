import { writeFileSync } from 'node:fs';
import { compile } from '../compiler/index.ts';
import { abiVersion } from '../compiler/layout.ts';
import { createTurnEngine, programHash } from '../runtime/index.ts';
import { turnInput } from './play.ts';

/**
 * Writes `golden/abi-N.json`: a program, a conversation that waits, and what it says next. Run it once for a new ABI
 * version, when that version is released; never to make a failing test pass.
 */
const source = `' One of everything that a snapshot can hold.
SUB ask(question)
  TALK question
  HEAR answer AS "yes", "no"
  PUSH log, {question: question, answer: answer}
END SUB
log = []
index = {}
FOR i = 1 TO 12
  index["key" + i] = i
NEXT
DIM scores(4)
wide = "ção 🎉"
flag = TRUE
number = 1.5
random = RND
READ word$
ON ERROR GOTO wrong
x = log[99]
GOSUB both
TALK "\${JSON(log)} \${index.KEY7} \${JOIN(scores)} \${wide} \${flag} \${number} \${random} \${RND} \${word$} \${mended}"
END
wrong:
  mended = ERL
RESUME NEXT
both:
FOR i = 1 TO 2
  scores(i) = i * 10
  ask("question " + i)
NEXT
READ word$
RETURN
DATA one, two
`;

const { program, diagnostics } = compile([{ name: 'start.bas', text: source }]);
if (!program) throw new Error(JSON.stringify(diagnostics));
const hash = await programHash(program.wasm, program.debugMap);
const engine = createTurnEngine();
const loaded = engine.load({ ...program, hash });
const first = engine.runTurn(loaded, turnInput());
const second = engine.runTurn(loaded, turnInput({ snapshot: first.snapshot, answer: 'yes' }));
const third = engine.runTurn(loaded, turnInput({ snapshot: second.snapshot, answer: 'no' }));
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const golden = {
  source,
  program: { hash, wasm: base64(program.wasm), debugMap: program.debugMap },
  snapshot: base64(second.snapshot!),
  answer: 'no',
  replies: third.replies.map(({ text }) => text),
};
writeFileSync(new URL(`golden/abi-${abiVersion}.json`, import.meta.url), `${JSON.stringify(golden, null, 2)}\n`);
process.stdout.write(`${golden.replies.join('\n')}\n`);
