import { readFileSync, writeFileSync } from 'node:fs';
import type { OperationResult } from 'gb-core';
import { compile } from '../compiler/index.ts';
import { abiVersion } from '../compiler/layout.ts';
import { createTurnEngine, programHash } from '../runtime/index.ts';
import { turnInput } from './play.ts';

/**
 * `node gb-vm/src/testing/make-golden.ts` writes `golden/VERSION.json`: conversations as this release leaves them in
 * people's databases, and what they say next. It is the last step before a release loses its "(unreleased)" in the
 * changelog, and the file is kept for ever: it is never written again, least of all to make a failing test pass.
 * (`npx biome check --write` on it, as on every file.)
 */
interface Golden {
  readonly name: string;
  readonly source: string;
  /** What was answered before the snapshot was taken. */
  readonly answers: readonly string[];
  /** How the turn goes on that the test runs. */
  readonly next: { readonly answer?: string; readonly result?: OperationResult; readonly isTimedOut?: boolean };
}

const goldens: readonly Golden[] = [
  {
    name: 'one of everything that a snapshot can hold, at a HEAR in a SUB',
    source: `SUB ask(question)
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
`,
    answers: ['yes'],
    next: { answer: 'no' },
  },
  {
    name: 'what the host was asked for, inside a loop and a TRY',
    source: `pages = []
FOR EACH page IN ["a", "ção 🎉"]
  TRY
    answer = GET "https://example.com/" + page
    PUSH pages, answer.title
  CATCH problem
    PUSH pages, problem.message
  END TRY
  TALK JOIN(pages, ", ")
  HEAR more
NEXT
`,
    answers: [],
    next: { result: { value: { title: 'Página 1', rows: [1, null, { ok: true }] } } },
  },
  {
    name: 'what the host was asked for, and could not do',
    source: `TRY
  x = GET "https://example.com/"
CATCH problem
  TALK "caught: \${problem.message}"
END TRY
WAIT 60
`,
    answers: [],
    next: { result: { error: 'nobody is at home', code: 'operation_failed' } },
  },
  {
    name: 'a question that nobody answers in time',
    source: `count = 0
TRY
  HEAR name AS NAME
CATCH problem
  count = count + 1
  TALK "nobody, \${count}"
END TRY
TALK "bye"
`,
    answers: [],
    next: { isTimedOut: true },
  },
  {
    name: 'an answer that does not fit is asked for again, from the same place',
    source: `TALK "How many?"
HEAR many AS INTEGER
TALK many * 2
`,
    answers: ['many'],
    next: { answer: '21' },
  },
];

const folder = new URL('golden/', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const cases = [];
for (const { name, source, answers, next } of goldens) {
  const { program, diagnostics } = compile([{ name: 'start.bas', text: source }]);
  if (!program) throw new Error(JSON.stringify(diagnostics));
  const hash = await programHash(program.wasm, program.debugMap);
  const engine = createTurnEngine();
  const loaded = engine.load({ ...program, hash });
  let output = engine.runTurn(loaded, turnInput({ takesRequests: true }));
  for (const answer of answers)
    output = engine.runTurn(loaded, turnInput({ takesRequests: true, snapshot: output.snapshot, answer }));
  const { snapshot } = output;
  if (!snapshot) throw new Error(`${name}: ${output.error?.message}`);
  const after = engine.runTurn(loaded, turnInput({ takesRequests: true, snapshot, ...next }));
  cases.push({
    name,
    source,
    program: { hash, wasm: base64(program.wasm), debugMap: program.debugMap },
    snapshot: base64(snapshot),
    next,
    status: after.status,
    replies: after.replies.map(({ text }) => text),
    request: after.request ?? null,
  });
  process.stdout.write(`${name}: ${JSON.stringify(cases.at(-1)?.replies)} ${after.status}\n`);
}
writeFileSync(new URL(`${version}.json`, folder), `${JSON.stringify({ version, abi: abiVersion, cases }, null, 2)}\n`, {
  flag: 'wx',
});
