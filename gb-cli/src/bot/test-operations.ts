import type { OperationRequest, OperationResult } from 'gb-core';
import type { Locale } from 'gb-vm/compiler';
import { compile } from 'gb-vm/compiler';
import { Watches } from 'gb-vm/debug';
import { createTurnEngine, type JsonValue, type TurnEngine } from 'gb-vm/in-process';
import { type FakedOperation, fits } from './transcript.ts';

/** A line of a test that cannot be understood. */
export class OperationLineError extends Error {
  readonly line: number;
  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

interface Fake {
  readonly line: number;
  readonly text: string;
  readonly name: string;
  /** null for any. */
  readonly args: Readonly<Record<string, JsonValue>> | null;
  readonly result: OperationResult;
}

const shownCharactersMax = 300;

/**
 * What the bot is to ask of its host, line by line, and what it is given. The lines are written as a script writes them
 * and read by the compiler itself, so that arguments have their names, whatever form a keyword was written in. Each
 * counts once, in any order.
 */
export class FakedOperations {
  readonly #engine: TurnEngine = createTurnEngine();
  readonly #watches: Watches;
  readonly #locale: Locale;
  #pending: Fake[] = [];
  #others: OperationRequest[] = [];
  #count = 0;

  constructor(locale: Locale) {
    this.#locale = locale;
    this.#watches = new Watches(locale);
  }

  /** Of one step, in place of those of the last. */
  expect(lines: readonly FakedOperation[]): void {
    this.#pending = lines.map((line) => this.#read(line));
    this.#others = [];
  }

  /** What the test says this request gets; null when it says nothing. */
  answer(request: OperationRequest): OperationResult | null {
    const index = this.#pending.findIndex(
      ({ name, args }) => name === request.name && (args === null || isLike(args, request.args)),
    );
    if (index >= 0) return this.#pending.splice(index, 1)[0]!.result;
    this.#others.push(request);
    return null;
  }

  /** The first that was not asked for. */
  get missing(): { readonly line: number; readonly text: string } | null {
    return this.#pending[0] ?? null;
  }

  /** What was asked for and not expected, for whoever has to write the test. */
  others(): string {
    return this.#others.map(({ name, args }) => `    asked: ${name} ${cut(JSON.stringify(args))}\n`).join('');
  }

  #read({ line, asked, given }: FakedOperation): Fake {
    const [, any] = /^(\p{Lu}[\p{Lu} ]*\p{Lu})\s+\*$/u.exec(asked) ?? [];
    const result = this.#result(given, line);
    if (any !== undefined) return { line, text: asked, name: any, args: null, result };
    const { name, args } = this.#request(asked, line);
    return { line, text: asked, name, args, result };
  }

  /** Compiled as a value, else as a statement, and run until it asks. */
  #request(asked: string, line: number): OperationRequest {
    let problem = '';
    for (const text of [`x = ${asked}`, asked]) {
      const { program, diagnostics } = compile([{ name: 'test.bas', text }], { locale: this.#locale });
      problem = diagnostics.find(({ severity }) => severity === 'error')?.message ?? '';
      if (!program) continue;
      const hash = (++this.#count).toString(16).padStart(64, '0');
      const { request } = this.#engine.runTurn(this.#engine.load({ ...program, hash }), {
        customerId: 'test',
        snapshot: null,
        answer: null,
        takesRequests: true,
        nowMs: 0,
        seed: 1,
        locale: this.#locale,
        variables: {},
        limits,
      });
      if (request) return request;
    }
    throw new OperationLineError(line, `"${asked}" asks nothing of the host. ${problem}`.trim());
  }

  #result(given: string, line: number): OperationResult {
    if (given === '') return { value: null };
    const [, code, message] =
      /^!\s*(?:(operation_failed|setting_missing|not_allowed|limit_reached)\b:?\s*)?(.*)$/s.exec(given) ?? [];
    if (message !== undefined)
      return { error: message === '' ? 'it failed' : message, ...(code ? { code: code as 'operation_failed' } : {}) };
    try {
      return { value: JSON.parse(given) as JsonValue };
    } catch {
      const computed = this.#watches.compute(given, [], () => null);
      if ('problem' in computed) throw new OperationLineError(line, `What it gives is no value: ${computed.problem}`);
      return computed;
    }
  }
}

const limits = {
  fuelMax: 1_000_000,
  wallMsMax: 1000,
  memoryBytesMax: 16 * 1024 * 1024,
  snapshotBytesMax: 4 * 1024 * 1024,
  messagesMax: 10,
};

/** Texts may have `*` for any text; everything else must be the same. */
function isLike(expected: JsonValue, actual: JsonValue | undefined): boolean {
  if (typeof expected === 'string' && typeof actual === 'string')
    return fits({ line: 0, kind: 'text', text: expected, isPlain: false }, actual);
  if (expected === null || actual === null || typeof expected !== 'object' || typeof actual !== 'object')
    return expected === (actual ?? null);
  if (Array.isArray(expected) || Array.isArray(actual))
    return (
      Array.isArray(expected) &&
      Array.isArray(actual) &&
      expected.length === actual.length &&
      expected.every((one: JsonValue, index) => isLike(one, actual[index]))
    );
  const [left, right] = [expected as Readonly<Record<string, JsonValue>>, actual as Readonly<Record<string, JsonValue>>];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((key) => isLike(left[key] ?? null, right[key]));
}

const cut = (text: string): string => (text.length > shownCharactersMax ? `${text.slice(0, shownCharactersMax - 1)}…` : text);
