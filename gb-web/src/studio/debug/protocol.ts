import type { BotTurn, JsonObject, JsonValue, Locale, PreviewReply, ScriptFile, VariableChange } from 'gb-protocol';
import type { Breakpoint, Frame, Mode, PlacedBreakpoint, Shown } from 'gb-vm/debug';

/** What the page and the debugger beside it say to each other. */

/** A program as the server keeps it. */
export interface RanProgram {
  readonly hash: string;
  readonly debugMap: string;
  /** Base64. */
  readonly wasm: string;
  readonly files: readonly ScriptFile[];
  /** The script it begins with. */
  readonly entry: string;
}

export type Source =
  /** The draft, from its first statement. */
  | {
      readonly kind: 'draft';
      readonly files: readonly ScriptFile[];
      readonly entry: string;
      readonly settings: Readonly<Record<string, string>>;
      readonly variables: JsonObject;
    }
  /** A real conversation where it waits. What is tried with it happens to a copy. */
  | {
      readonly kind: 'waiting';
      readonly program: RanProgram;
      readonly snapshot: string;
      readonly variables: JsonObject;
      /** What was said last, and what was offered with it. */
      readonly replies: readonly PreviewReply[];
    }
  /** A turn that is over, with everything that went into it. */
  | { readonly kind: 'past'; readonly program: RanProgram; readonly snapshot: string | null; readonly turn: BotTurn };

/** Stands for a list or an object of the program, until it runs on. */
export type Handle = number;

export interface Value extends Omit<Shown, 'inside'> {
  readonly inside: Handle | null;
}

export interface Variable extends Value {
  readonly name: string;
}

export type Outcome = Value | { readonly problem: string };

export type Line = { readonly from: 'me'; readonly text: string } | { readonly from: 'bot'; readonly reply: PreviewReply };

export interface Position {
  readonly file: string;
  readonly line: number;
}

/**
 * `waiting`: for an answer. `asking`: the program wants something of the world, which a debugger does not do.
 * `broken`: it could not begin.
 */
export type Phase = 'starting' | 'running' | 'stopped' | 'waiting' | 'asking' | 'ended' | 'broken';

export interface State {
  readonly phase: Phase;
  readonly reason: 'entry' | 'step' | 'breakpoint' | 'pause' | 'error' | null;
  /** Of an error, or why it could not begin. */
  readonly message: string | null;
  /** The running one first. While nothing stands still there are none. */
  readonly frames: readonly Frame[];
  readonly lines: readonly Line[];
  readonly suggestions: readonly string[];
  readonly request: { readonly name: string; readonly args: JsonObject } | null;
}

export type Command =
  | { readonly kind: 'start'; readonly source: Source; readonly locale: Locale; readonly stopsAtEntry: boolean }
  | { readonly kind: 'answer'; readonly text: string; readonly form?: JsonObject }
  | { readonly kind: 'result'; readonly value: JsonValue }
  | { readonly kind: 'run'; readonly mode: Mode }
  | { readonly kind: 'pause' };

export type Question =
  | { readonly kind: 'breakpoints'; readonly file: string; readonly lines: readonly Breakpoint[] }
  /** `frame` -1: the main program's, which all procedures see. */
  | { readonly kind: 'variables'; readonly frame: number }
  | { readonly kind: 'inside'; readonly handle: Handle; readonly from: number; readonly count: number }
  | { readonly kind: 'evaluate'; readonly frame: number; readonly text: string }
  | { readonly kind: 'set'; readonly frame: number; readonly target: string; readonly text: string }
  | {
      readonly kind: 'setInside';
      readonly handle: Handle;
      readonly name: string;
      readonly frame: number;
      readonly text: string;
    };

export interface Answers {
  readonly breakpoints: readonly PlacedBreakpoint[];
  readonly variables: readonly Variable[];
  readonly inside: readonly Variable[];
  readonly evaluate: Outcome;
  readonly set: Outcome;
  readonly setInside: Outcome;
}

export type ToWorker =
  | { readonly type: 'command'; readonly command: Command }
  | { readonly type: 'question'; readonly id: number; readonly question: Question };

export type FromWorker =
  | { readonly type: 'state'; readonly state: State }
  /** What was changed in a real conversation where it stands: up to now in the copy only. */
  | { readonly type: 'changes'; readonly changes: readonly VariableChange[] }
  | { readonly type: 'answer'; readonly id: number; readonly answer: Answers[keyof Answers] };

/** Before anything was heard of the program. */
export const startingState: State = {
  phase: 'starting',
  reason: null,
  message: null,
  frames: [],
  lines: [],
  suggestions: [],
  request: null,
};
