import type { TurnOutput } from 'gb-core';
import { expect, test } from 'vitest';
import { compile } from '../../compiler/index.ts';
import { random } from '../../compiler/testing/random.ts';
import { createTurnEngine, programHash } from '../../runtime/index.ts';
import { turnInput } from '../play.ts';

/** A listing that jumps wherever it likes, into loops, out of subroutines and out of handlers; it ends by counting lines. */
function spaghetti(next: () => number): string {
  const count = 8 + Math.floor(next() * 20);
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(next() * choices.length)]!;
  const line = (): string => String(10 * (1 + Math.floor(next() * count)));
  const value = (): string => pick(['A', 'B', 'C', 'I', 'J', 'A(I)', 'LEN(A$)', '0', '1', '2', '-1', '7', 'FNA(A)', 'ERR']);
  const name = (): string => pick(['A', 'B', 'C', 'A(1)', 'A(I)']);
  const statement = (): string => {
    const makers: readonly (() => string)[] = [
      () => `${name()}=${value()}+${value()}`,
      () => `${name()}=${value()}/${value()}`,
      () => `${name()}=SQR(${value()})`,
      () => `A$=A$+"${pick(['x', 'é'])}"`,
      () => `A$=MID$(A$,${value()})`,
      () => `PRINT ${value()};${value()};A$`,
      () => `INPUT ${name()}`,
      () => `IF ${value()}>${value()} THEN ${line()}`,
      () => `GOTO ${line()}`,
      () => `GOSUB ${line()}`,
      () => `GOSUB ${line()}`,
      () => 'RETURN',
      () => `ON ${value()} GOTO ${line()},${line()}`,
      () => `ON ${value()} GOSUB ${line()},${line()}`,
      () => `FOR ${pick(['I', 'J'])}=1 TO ${pick(['2', '3', 'A'])}`,
      () => pick(['NEXT I', 'NEXT J', 'NEXT']),
      () => `READ ${name()}`,
      () => 'RESTORE',
      () => `ON ERROR GOTO ${pick([line(), line(), '0'])}`,
      () => `ON ERROR GOTO ${line()}`,
      () => pick(['RESUME', 'RESUME NEXT', `RESUME ${line()}`]),
      () => `SWAP ${name()},${name()}`,
      () => `ERROR ${pick(['5', '7', '99'])}`,
    ];
    return pick(makers)();
  };
  const lines = ['1 DIM A(3):DEF FNA(X)=X*2+A', '2 DATA 1,2,x,4'];
  for (let at = 1; at <= count; at++) lines.push(`${at * 10} N=N+1:IF N>120 THEN 9000 ELSE ${statement()}:${statement()}`);
  lines.push('9000 PRINT A;B;C;I;J;A$;N', '9010 END');
  return lines.join('\n');
}

/** The same conversation twice at once, slice by slice, so that each slice goes through an image and wiped memory. */
function converse(text: string, build: 'normal' | 'resumable' | 'step', sliceFuel: number): Promise<string[]> | null {
  const { program } = compile([{ name: 'start.bas', text }], { build, profile: 'classic' });
  if (!program) return null;
  return programHash(program.wasm, program.debugMap).then((hash) => {
    const engine = createTurnEngine({ sliceFuel });
    const loaded = engine.load({ ...program, hash });
    const said: string[] = [];
    let input = turnInput();
    for (let round = 0; round < 12; round++) {
      const turns = [engine.begin(loaded, input), engine.begin(loaded, input)];
      while (turns.some((turn) => !turn.output)) for (const turn of turns) engine.step(turn);
      const [first, second] = turns.map((turn) => turn.output) as [TurnOutput, TurnOutput];
      expect(second).toEqual(first);
      said.push(...first.replies.map((reply) => reply.text));
      if (first.error) said.push(`! ${first.error.code} ${first.error.line}:${first.error.column}`);
      if (first.status !== 'waiting') break;
      input = { ...input, snapshot: first.snapshot, answer: String(round % 3) };
    }
    return said;
  });
}

test('listings that jump about say the same however they are stopped', { timeout: 24 * 3_600_000 }, async () => {
  const end = performance.now() + Number(process.env['GB_FUZZ_MS'] ?? 4000);
  let count = 0;
  for (let seed = 1; performance.now() < end || count < 20; seed++) {
    const text = spaghetti(random(seed));
    const plain = await converse(text, 'normal', 1_000_000);
    if (!plain) continue;
    count++;
    const label = `seed ${seed}\n${text}`;
    expect(
      plain.some((line) => line.includes('internal')),
      label,
    ).toBe(false);
    expect(await converse(text, 'normal', 3), label).toEqual(plain);
    expect(await converse(text, 'step', 1), label).toEqual(plain);
  }
});
