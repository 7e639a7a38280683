import type { Card, Form, ScriptFile, UserId } from 'gb-protocol';
import type { BotPackageFiles, PublishOptions, PublishOutcome } from './bot-manifest.ts';
import type { FileValue } from './host-operations.ts';

/**
 * Runs one turn of a BASIC program: restore the snapshot, resume at the HEAR, run until the next HEAR or the end,
 * take the next snapshot. A turn is a pure function of its input: the clock and the random seed come in with it, so
 * the same input gives the same output, and a turn that died with its process can simply be run again.
 * `runTurn` never throws for what a program did (that is `status: 'failed'`); it throws only when the runtime is closed.
 */
export interface BotRuntime {
  runTurn(input: TurnInput): Promise<TurnOutput>;
  close(): Promise<void>;
}

/** What the compiler makes and the database keeps, immutable, found by `hash`. */
export interface CompiledProgram {
  /** sha-256, hex, of the bytes and the runtime ABI they were made for. */
  readonly hash: string;
  readonly wasm: Uint8Array;
  /** JSON text: statements to places in the source, frames, constants; opaque to everybody but the VM and its tools. */
  readonly debugMap: string;
}

export interface TurnLimits {
  /** Loop iterations and calls one turn may spend. */
  readonly fuelMax: number;
  /** Of the processor where the runtime can tell: what a busy machine takes away is not held against the program. */
  readonly wallMsMax: number;
  readonly memoryBytesMax: number;
  readonly snapshotBytesMax: number;
  readonly messagesMax: number;
  /** What is left of this minute's messages, when that is less; saying more is `messages_exhausted`. */
  readonly messagesLeft?: number;
}

export interface TurnInput {
  /** The tenant: programs of two customers never share anything that outlives a turn. */
  readonly customerId: string;
  readonly program: { readonly hash: string; load(): Promise<CompiledProgram> };
  /** null starts the program from its first statement. */
  readonly snapshot: Uint8Array | null;
  /** What the person said, for the HEAR the snapshot waits at; null at a start. */
  readonly answer: string | null;
  /** What came with the answer, for HEAR AS FILE and its like. */
  readonly files?: readonly FileValue[];
  /**
   * Whoever runs the turn also does what programs ask of the host, like FIND: the turn then ends `waiting` with a
   * `request`, and the next one goes on with its `result`. Without it such a keyword is an error in the program.
   */
  readonly takesRequests?: boolean;
  /** Something was said before in this very turn, which a menu can go with: then it comes as a reply without text. */
  readonly hasSpoken?: boolean;
  /** What became of the request the snapshot waits for. */
  readonly result?: OperationResult | null;
  /** Nobody answered the HEAR the snapshot waits at within its time: `hear_timed_out`, which TRY can take. */
  readonly isTimedOut?: boolean;
  /** The clock of this turn, in milliseconds since 1970; every NOW of the turn sees it. */
  readonly nowMs: number;
  /** Seed of RND, used at a start only: afterwards the generator lives in the snapshot. */
  readonly seed: number;
  readonly locale: 'en' | 'pt-BR';
  /** Read-only variables the program finds set: `username`, `channel`, `message`, ... in lower case. */
  readonly variables: Readonly<Record<string, PlainValue>>;
  readonly limits: TurnLimits;
  /** How TALK shows a list of rows. */
  readonly tables?: TableStyle;
}

export interface TableStyle {
  readonly form?: 'table' | 'list' | 'csv' | 'json';
  readonly rowsMax?: number;
  readonly columnsMax?: number;
}

export interface BotReply {
  /** Markdown. */
  readonly text: string;
  /** Quick answers offered as buttons with this message. */
  readonly suggestions?: readonly string[];
  /** Files that go with it, by id. */
  readonly files?: readonly string[];
  readonly card?: Card;
  readonly form?: Form;
  /** Whose password the program waits for after it. */
  readonly asksSecret?: UserId;
}

/** Plain data, as it travels between a program and its host. */
export type PlainValue = string | number | boolean | null | readonly PlainValue[] | { readonly [name: string]: PlainValue };

/** A keyword of the host with its values by name, as the table of the language has them. */
export interface OperationRequest {
  readonly name: string;
  readonly args: Readonly<Record<string, PlainValue>>;
}

/**
 * `unavailable` and `error` are errors in the program, at its line, which it may handle. An error is `operation_failed`
 * unless it has a code of its own.
 */
export type OperationResult =
  | { readonly value: PlainValue }
  | { readonly error: string; readonly code?: OperationErrorCode }
  | { readonly unavailable: true };

/** `setting_missing`: what it needs is not configured here; the sentence names the setting. */
export type OperationErrorCode = 'operation_failed' | 'setting_missing' | 'not_allowed' | 'limit_reached';

export interface ProgramError {
  /** Stable, like `fuel_exhausted`, `division_by_zero`, `out_of_memory`, `subscript_out_of_range`. */
  readonly code: string;
  /** One sentence in the turn's locale. */
  readonly message: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface TurnOutput {
  readonly status: 'waiting' | 'finished' | 'failed';
  /** Present exactly when `status` is `waiting`. */
  readonly snapshot: Uint8Array | null;
  readonly replies: readonly BotReply[];
  /** Present when the snapshot waits for the host, not for the person. */
  readonly request?: OperationRequest;
  /** It waits at HEAR AS PASSWORD. */
  readonly asksSecret?: true;
  /** What the entry script gave back with RETURN, when it did. */
  readonly returned?: PlainValue;
  readonly error: ProgramError | null;
  readonly fuelUsed: number;
}

/** Turns script files into a program, or says what is wrong with them. Pure, bounded by the size of the files. */
export interface ProgramCompiler {
  compile(files: readonly { readonly name: string; readonly text: string }[], locale: 'en' | 'pt-BR'): Promise<CompileOutcome>;
  /** The rows of a config.csv: names in lower case with dashes, as `welcome-message`. */
  settings(
    text: string,
    locale: 'en' | 'pt-BR',
  ): { readonly settings: Readonly<Record<string, string>>; readonly diagnostics: readonly ProgramDiagnostic[] };
  /** Compiles every script that something can begin with, and gathers what the scripts say about themselves. */
  publish(
    files: readonly ScriptFile[],
    settings: Readonly<Record<string, string>>,
    options: PublishOptions,
  ): Promise<PublishOutcome>;
  /** Reads a package that came as a zip file. Its faults are `problems`; `too_large` when it takes too long to unpack. */
  openPackage(zip: Uint8Array, locale: 'en' | 'pt-BR'): Promise<BotPackageFiles>;
}

export interface CompileOutcome {
  readonly program: CompiledProgram | null;
  readonly diagnostics: readonly ProgramDiagnostic[];
}

export interface ProgramDiagnostic {
  readonly severity: 'error' | 'warning';
  readonly code: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly message: string;
  readonly hint?: string | undefined;
}
