import type { PlainValue } from 'gb-core';
import { expect, test } from 'vitest';
import { random } from '../compiler/testing/random.ts';
import { limits, turnInput } from '../testing/play.ts';
import { randomProgram } from '../testing/random-program.ts';
import { createTurnEngine, type LoadedProgram, prepareProgram, type Turn, type TurnEngine } from './index.ts';

/**
 * What is a tenant's own, in every shape that memory has for it: narrow and wide text, a number's eight bytes. No two
 * tenants share a piece of it, and it is short enough that programs cutting their texts cut it rarely.
 */
class Tenant {
  readonly customerId: string;
  readonly narrow: string;
  readonly wide: string;
  readonly number: number;
  readonly program: LoadedProgram;
  readonly #needles: readonly Buffer[];
  snapshot: Uint8Array | null = null;
  turn: Turn | null = null;

  private constructor(marks: { narrow: string; wide: string; number: number }, program: LoadedProgram) {
    this.customerId = marks.narrow;
    this.narrow = marks.narrow;
    this.wide = marks.wide;
    this.number = marks.number;
    this.program = program;
    const bits = Buffer.alloc(8);
    bits.writeDoubleLE(marks.number);
    this.#needles = [
      Buffer.from(marks.narrow, 'latin1'),
      Buffer.from(marks.narrow, 'utf16le'),
      Buffer.from(marks.wide, 'utf16le'),
      bits,
    ];
  }

  static async make(engine: TurnEngine, letter: string, next: () => number): Promise<Tenant> {
    const pick = () => Math.floor(next() * 10);
    const marks = {
      narrow: `${letter}§${pick()}~`,
      wide: `${letter}Ŵ${pick()}Ğ`,
      number: (letter.charCodeAt(0) * 1e6 + Math.floor(next() * 1e6)) / 3,
    };
    const { source } = randomProgram(next);
    // The random program with the tenant's marks as its texts and numbers, around things that hold many more of them.
    const marked = source
      .replaceAll('"x"', `"${marks.narrow}"`)
      .replaceAll('"ção 🎉"', `"${marks.wide}"`)
      .replaceAll('= 1.5', `= ${marks.number}`)
      .replace('n2 = 2', `n2 = ${marks.number}`);
    const text = `held = {}
DIM grid(${20 + Math.floor(next() * 400)})
FOR z = 1 TO ${1 + Math.floor(next() * 60)}
  held["${marks.narrow}" + z] = ["${marks.wide}" + z, ${marks.number}, message]
  grid(z MOD 20) = ${marks.number}
NEXT
grown = ""
FOR z = 1 TO ${Math.floor(next() * 300)}
  grown = grown + "${marks.narrow}"
NEXT
IF LEN(message) = 0 THEN farewell()
${marked}
SUB farewell()
${Array.from({ length: Math.floor(next() * 60) }, (_, n) => `  TALK "${marks.narrow} ${n}, at the end of what the program brings along"`).join('\n')}
END SUB`;
    const { program, diagnostics } = await prepareProgram([{ name: 'start.bas', text }]);
    if (!program) throw new Error(`${JSON.stringify(diagnostics)}\n${text}`);
    return new Tenant(marks, engine.load(program));
  }

  begin(engine: TurnEngine, next: () => number): Turn {
    const variables: Record<string, PlainValue> = { message: this.wide, username: [this.narrow, this.number] };
    // Some turns die of each limit, in the middle of whatever they do.
    const fuelMax = next() < 0.3 ? 50 + Math.floor(next() * 3_000) : 100_000;
    const memoryBytesMax = next() < 0.2 ? 120_000 + Math.floor(next() * 60_000) : limits.memoryBytesMax;
    const answer = this.snapshot === null ? null : next() < 0.5 ? this.narrow : `${this.wide} ${this.number}`;
    this.turn = engine.begin(
      this.program,
      turnInput({
        customerId: this.customerId,
        snapshot: this.snapshot,
        answer,
        variables,
        limits: { ...limits, fuelMax, memoryBytesMax },
      }),
    );
    return this.turn;
  }

  /** Where in these bytes something of this tenant is; -1 for nowhere. */
  tracedIn(bytes: Uint8Array): number {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return Math.max(...this.#needles.map((needle) => buffer.indexOf(needle)));
  }
}

test('of two tenants whose turns take turns, each slice finds nothing of the other in all of the memory', {
  timeout: 24 * 3_600_000,
}, async () => {
  const end = performance.now() + Number(process.env['GB_FUZZ_MS'] ?? 5_000);
  let [slices, own, waited] = [0, 0, 0];
  for (let seed = 1; performance.now() < end || seed < 6; seed++) {
    const next = random(seed);
    const engine = createTurnEngine({ sliceFuel: 20 + Math.floor(next() * 400) });
    const pair = [await Tenant.make(engine, 'A', next), await Tenant.make(engine, 'B', next)];
    for (let step = 0; step < 120; step++) {
      const index = next() < 0.5 ? 0 : 1;
      const [mine, other] = [pair[index]!, pair[1 - index]!];
      const turn = mine.turn ?? mine.begin(engine, next);
      engine.step(turn);
      slices += 1;
      const label = `seed ${seed}, step ${step}`;
      const memory = new Uint8Array(engine.memory.buffer);
      expect(other.tracedIn(memory), label).toBe(-1);
      if (mine.tracedIn(memory) >= 0) own += 1;
      if (!turn.output) continue;
      const { snapshot, replies, returned, error } = turn.output;
      if (snapshot) {
        waited += 1;
        expect(other.tracedIn(snapshot), label).toBe(-1);
      }
      const said = Buffer.from(JSON.stringify({ replies, returned, error }), 'utf16le');
      expect(other.tracedIn(said), label).toBe(-1);
      mine.snapshot = snapshot;
      mine.turn = null;
    }
  }
  // The search would find what is there: nearly every slice holds the marks of whose it is.
  expect(own / slices).toBeGreaterThan(0.9);
  expect(waited).toBeGreaterThan(10);
});
