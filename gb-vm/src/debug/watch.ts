import { compile } from '../compiler/index.ts';
import { createTurnEngine, type LoadedProgram, type TurnEngine } from '../runtime/engine.ts';
import type { JsonValue } from '../runtime/functions/json.ts';

/** What an expression came to, or what is wrong with it, in the language asked for. */
export type Computed = { readonly value: JsonValue } | { readonly problem: string };

/**
 * Expressions of a person at a debugger, computed by the language itself: each is compiled as a program of its own that is
 * given the variables it names, and so has every function and none of the effects; what asks something of the host is
 * refused. Compiled ones are kept, because a condition is computed at every pass.
 */
export class Watches {
  readonly #engine: TurnEngine = createTurnEngine();
  readonly #locale: 'en' | 'pt-BR';
  readonly #known = new Map<string, LoadedProgram | string>();
  #count = 0;

  constructor(locale: 'en' | 'pt-BR') {
    this.#locale = locale;
  }

  /** `read` copies a variable, or throws a `TooLarge`. */
  compute(text: string, names: Iterable<string>, read: (name: string) => JsonValue): Computed {
    const used = [...new Set(names)].filter((name) => isUsed(text, name));
    const program = this.#program(text, used);
    if (typeof program === 'string') return { problem: program };
    let value: JsonValue | undefined;
    let problem: string | null = null;
    const output = this.#engine.runTurn(program, {
      customerId: 'debugger',
      snapshot: null,
      answer: null,
      nowMs: Date.now(),
      seed: 1,
      locale: this.#locale,
      variables: {},
      limits,
      operations: (name, args) => {
        if (name === 'RECALL') {
          try {
            return { value: read(String(args['key'])) };
          } catch (error) {
            if (!(error instanceof TooLarge)) throw error;
            problem = error.message;
            return { value: null };
          }
        }
        if (name !== 'SET BOT MEMORY' || args['key'] !== resultKey) return null;
        value = args['value'] ?? null;
        return { value: null };
      },
    });
    if (problem !== null) return { problem };
    if (output.error) return { problem: output.error.message.replace(/ \([^()]*\)$/, '') };
    return value === undefined ? { problem: this.#noValue() } : { value };
  }

  #program(text: string, used: readonly string[]): LoadedProgram | string {
    const key = `${used.join(' ')}\n${text}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size >= keptMax) this.#known.clear();
    const made = this.#compiled(text, used);
    this.#known.set(key, made);
    return made;
  }

  #compiled(text: string, used: readonly string[]): LoadedProgram | string {
    if (text.length > charactersMax || /[\r\n]/.test(text)) return this.#noValue();
    const lines = [...used.map((name) => `${name} = RECALL "${name}"`), `SET BOT MEMORY "${resultKey}", (${text})`];
    const { program, diagnostics } = compile([{ name: 'watch.bas', text: lines.join('\n') }], { locale: this.#locale });
    const error = diagnostics.find(({ severity }) => severity === 'error');
    if (!program) return error?.message ?? this.#noValue();
    const hash = (++this.#count).toString(16).padStart(64, '0');
    return this.#engine.load({ ...program, hash });
  }

  #noValue(): string {
    return this.#locale === 'pt-BR' ? 'Isso não é uma expressão com um valor.' : 'This is no expression that has a value.';
  }
}

/** A variable with too much inside to be copied into an expression. */
export class TooLarge extends Error {}

const resultKey = '=';
const charactersMax = 2000;
const keptMax = 200;
/** An expression is computed while the program stands still and a person waits. */
const limits = {
  fuelMax: 2_000_000,
  wallMsMax: 500,
  memoryBytesMax: 64 * 1024 * 1024,
  snapshotBytesMax: 1024,
  messagesMax: 0,
};

/** Roughly: one name too many only costs a copy. */
function isUsed(text: string, name: string): boolean {
  let from = 0;
  const [upper, wanted] = [text.toUpperCase(), name.toUpperCase()];
  if (!/^[\p{L}_][\p{L}\p{N}_]*[$%]?$/u.test(name)) return false;
  for (let at = upper.indexOf(wanted, from); at >= 0; at = upper.indexOf(wanted, from)) {
    const [before, after] = [upper[at - 1] ?? ' ', upper[at + wanted.length] ?? ' '];
    if (!/[\p{L}\p{N}_]/u.test(before) && !/[\p{L}\p{N}_$%]/u.test(after)) return true;
    from = at + 1;
  }
  return false;
}
